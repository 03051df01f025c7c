"""When each job of a plan runs and on what, as bars and sums for the timeline; no Qt."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from catalog.units import HOURS_PER_DAY
from solver.export.sections import Table
from solver.export.words import (
    accuracy_text,
    count_text,
    hours_text,
    listed,
    machine_text,
    places_text,
    plural,
    usd_text,
)
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from solver.plan import Answer, MachineUsed, PlannedJob
    from solver.question import Question, Quota

STEPS_HOURS = (
    *(n / 60 for n in (1, 2, 5, 10, 15, 30)),
    *(1.0, 2.0, 3.0, 6.0, 12.0),
    *(HOURS_PER_DAY * n for n in (1, 2, 7, 14, 28, 91, 182, 364)),
)
"""Distances of two marks on the axis. [h]"""

SAME_HOURS = 1e-6
"""Times nearer than this are one. [h]"""

PART = re.compile(r"\.\d+of\d+$")
"""Behind a pool's name: how many GPUs of a machine are used."""

ROOM = 1.04
"""The axis reaches beyond the last end by this factor. [1]"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One job on the timeline."""

    name: str
    place: str
    """What it runs on, as the legend names it."""
    colour: int
    """Number of the place."""
    start_hours: float
    end_hours: float
    gpus: int
    text: str
    """Inside the bar."""
    hover: str
    follows: tuple[str, ...]
    """Jobs that it follows by the question, or at whose end it begins."""
    busy: tuple[tuple[float, float], ...]
    """When its machines serve someone else. [h]"""


@dataclass(frozen=True, slots=True)
class Schedule:
    """All jobs of a plan over time."""

    bars: tuple[Bar, ...]
    """In the order of the question's jobs."""
    places: tuple[str, ...]
    """By number: the user's own first."""
    end_hours: float
    """Right end of the axis. [h]"""
    deadline_hours: float | None
    in_use: tuple[tuple[float, int], ...]
    """From each time on so many GPUs are in use. [h], [1]"""
    most_gpus: int | None
    """What may be in use at once. [1]"""
    machines: Table
    left_out: tuple[str, ...]
    """Optional jobs that are not done, in sentences."""

    def at(self, name: str) -> int | None:
        """Position of a job's bar."""
        names = [bar.name for bar in self.bars]
        return names.index(name) if name in names else None

    def marks(self, room: float) -> tuple[tuple[float, str], ...]:
        """Hours and words of the marks on the axis.

        Args:
            room: closest distance of two marks, as a share of the axis.
        """
        least = self.end_hours * room
        step = next((step for step in STEPS_HOURS if step >= least), STEPS_HOURS[-1])
        while step < least:
            step *= 2
        count = math.floor(self.end_hours / step + 1e-9)
        return tuple((n * step, _mark(n * step, step)) for n in range(count + 1))


def _mark(hours: float, step: float) -> str:
    """A mark in one unit all along the axis."""
    if hours == 0:
        return "0"
    return hours_text(hours) if step < HOURS_PER_DAY else f"{hours / HOURS_PER_DAY:.0f} d"


def schedule_of(answer: Answer) -> Schedule | None:
    """The timeline of an answer; None where there is no plan."""
    if not isinstance(answer, Solved | Stopped) or not answer.jobs:
        return None
    question = answer.question
    order = {job.name: at for at, job in enumerate(question.jobs)}
    jobs = sorted(answer.jobs, key=lambda job: order.get(job.name, len(order)))
    places = _places(jobs)
    ends = {job.name: _end(job) for job in jobs}
    bars = tuple(_bar(job, places, question, ends) for job in jobs)
    moment = datetime.fromisoformat(answer.asked_at)
    asked = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    deadline = question.limits.hours_until_deadline(asked)
    last = max(bar.end_hours for bar in bars)
    shown = last if deadline is None or deadline > 3 * last else max(last, deadline)
    return Schedule(
        bars,
        places,
        max(shown * ROOM, 1e-3),
        deadline if deadline is not None and deadline <= shown * ROOM else None,
        in_use(bars),
        question.limits.max_gpus,
        _machines(answer, bars),
        tuple(
            f"{left.name} is left out, worth {usd_text(left.value_usd)}: {left.why}"
            for left in answer.left_out
        ),
    )


def in_use(bars: Iterable[Bar]) -> tuple[tuple[float, int], ...]:
    """GPUs in use from each time on at which their number changes."""
    changes: dict[float, int] = {}
    for bar in bars:
        changes[bar.start_hours] = changes.get(bar.start_hours, 0) + bar.gpus
        changes[bar.end_hours] = changes.get(bar.end_hours, 0) - bar.gpus
    steps, count = [], 0
    for hours in sorted(changes):
        count += changes[hours]
        steps.append((hours, count))
    return tuple(steps)


def _end(job: PlannedJob) -> float:
    """When a job has ended; answers of the first version know no starts. [h]"""
    return job.end_hours or job.start_hours + job.hours.at_confidence


def _meets(job: PlannedJob, end_hours: float) -> bool:
    """Whether a job begins just when another has ended."""
    return abs(job.start_hours - end_hours) <= SAME_HOURS


def _bar(
    job: PlannedJob, places: Sequence[str], question: Question, ends: Mapping[str, float]
) -> Bar:
    place, end = _place(job), _end(job)
    asked = next((asked for asked in question.jobs if asked.name == job.name), None)
    earlier = () if asked is None else asked.earlier
    accuracy = None if job.accuracy is None else job.accuracy.median
    waits = f"\nwaits for {listed(list(job.waits_for))}" if job.waits_for else ""
    pool = next((pool for pool in question.pools if pool.sku == place), None)
    return Bar(
        job.name,
        place,
        places.index(place),
        job.start_hours,
        end,
        job.total_gpus,
        f"{job.total_gpus} × {job.offer.accelerator_name}",
        f"{job.name}: {job.model}, {job.method}\n"
        f"{machine_text(job.offer, job.total_instances)}, {places_text(job)}\n"
        f"from {hours_text(job.start_hours)} to {hours_text(end)}, as slow as it is counted\n"
        f"{usd_text(job.usd.median)}, accuracy {accuracy_text(accuracy)}{waits}",
        tuple(name for name in job.waits_for if name in earlier or _meets(job, ends[name])),
        () if pool is None else tuple((busy.from_hours, busy.to_hours) for busy in pool.busy),
    )


def _place(job: PlannedJob) -> str:
    """The pool, or provider and machine: what a colour stands for."""
    if job.offer.pricing == "owned":
        return PART.sub("", job.offer.sku)
    return f"{job.offer.provider} {job.offer.sku} ({job.offer.pricing})"


def _places(jobs: Sequence[PlannedJob]) -> tuple[str, ...]:
    """Every place once, the user's own first."""
    ranked = {(job.offer.pricing != "owned", _place(job)) for job in jobs}
    return tuple(place for _, place in sorted(ranked))


def _machines(answer: Solved | Stopped, bars: Sequence[Bar]) -> Table:
    """How many GPUs are in use at most, of each kind that is limited, and how many there are."""
    question = answer.question
    cap = question.limits.max_gpus
    rows = [("All GPUs", _peak(bars), "" if cap is None else count_text(cap))]
    offers = {job.name: job.offer for job in answer.jobs}
    for quota in question.limits.quotas:
        counted = [bar for bar in bars if _counts(offers[bar.name], quota)]
        rows.append((_quota_words(quota), _peak(counted), count_text(quota.gpus)))
    for pool in question.pools:
        used = [bar for bar in bars if bar.place == pool.sku]
        every = pool.gpus_per_machine * pool.machines
        rows.append((pool.name, _peak(used), count_text(every)))
    rows += [
        (
            f"{bought.name}, bought for {usd_text(bought.usd)}",
            "",
            plural(bought.machines, "machine"),
        )
        for bought in answer.bought
    ]
    return Table("GPUs at once", ("", "Used", "There are"), tuple(rows), "lrr")


def _peak(bars: Sequence[Bar]) -> str:
    return count_text(max((count for _, count in in_use(bars)), default=0))


def _counts(offer: MachineUsed, quota: Quota) -> bool:
    """Whether a rented machine counts against a quota."""
    return (
        offer.pricing != "owned"
        and quota.provider in (None, offer.provider)
        and quota.accelerator in (None, offer.accelerator, offer.accelerator_name)
        and quota.spot in (None, offer.pricing == "spot")
    )


def _quota_words(quota: Quota) -> str:
    pricing = {None: "", True: "spot", False: "on-demand"}[quota.spot]
    said = [word for word in (quota.accelerator, quota.provider, pricing) if word]
    return f"quota of {', '.join(said) if said else 'all that is rented'}"
