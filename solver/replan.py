"""A plan that is under way: does it still hold, and what is best from here?

What is done, spent and passed leaves a question of its own: less work for what runs, less money
and time, calendars that begin earlier. It is answered like any other; beside it the old plan is
followed to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from catalog.problems import Problem
from solver.answer import answer
from solver.candidates import candidates
from solver.export.words import hours_text, limit_text, listed
from solver.limits import UNCERTAIN, limits_of
from solver.outcome.moves import LIMIT_NOUNS
from solver.plan import LEFT_OUT
from solver.question import Running
from solver.question_file import QuestionError
from solver.search import Search, joint_chance, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from catalog.tables import Catalog
    from solver.candidates import Candidates
    from solver.constants import EstimateConstants
    from solver.decide import Progress as Told
    from solver.plan import Answer, PlannedJob, Solved, Stopped
    from solver.program import Limit
    from solver.question import Busy, Commitment, Job, Limits, OwnedMachines, Question

LEAST_HOURS = 0.01
"""A deadline that is nearer than half a minute has passed. [h]"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one job of a plan is."""

    done: float
    """Share of its work. [0..1]"""
    hours: float | None = None
    """Since it began, start-up included; None: as fast as planned. [h]"""


@dataclass(frozen=True, slots=True)
class AsItIs:
    """The old plan followed to its end."""

    hours: float
    """From now until the last job ends, median. [h]"""
    usd: float
    """Still to be paid, median. [USD]"""
    chance: float
    """That all limits hold together. [0..1]"""
    missed: tuple[str, ...]
    """Limits that it misses at the asked confidence, by name."""


@dataclass(frozen=True, slots=True)
class Replanned:
    """What is left of a plan, the old plan to its end, and the best from here."""

    question: Question
    as_it_is: AsItIs
    best: Answer

    @property
    def holds(self) -> bool:
        """Whether the old plan still keeps every limit as often as asked."""
        return self.as_it_is.chance >= self.question.limits.confidence


def replanned(
    before: Solved | Stopped,
    progress: Mapping[str, Progress],
    elapsed_hours: float,
    spent_usd: float,
    catalog: Catalog,
    constants: EstimateConstants,
    *,
    told: Told | None = None,
) -> Replanned:
    """Follow a plan to its end, and plan anew from where it is.

    Args:
        before: the answer whose plan is under way.
        progress: by name of job; a job that is not named has not begun.
        elapsed_hours: since the start of all work. [h]
        spent_usd: so far, by all jobs. [USD]
        catalog: today's facts.
        constants: fitted and assumed factors.
        told: progress of the planning.

    Raises:
        QuestionError: a job is unknown, a deadline has passed, or a plan's candidate is gone.
    """
    question = remaining(before, progress, elapsed_hours, spent_usd)
    now = datetime.fromisoformat(before.asked_at)
    jobs = tuple(candidates(j, question, catalog, constants, now.date()) for j in question.jobs)
    by_name = {job.name: job for job in before.jobs}
    positions = _positions(question, jobs, by_name)
    best = answer(question, catalog, constants=constants, now=now, progress=told)
    return Replanned(question, _as_it_is(question, jobs, positions, now), best)


def remaining(
    before: Solved | Stopped,
    progress: Mapping[str, Progress],
    elapsed_hours: float,
    spent_usd: float,
) -> Question:
    """What is left of a question: work, money, time.

    Raises:
        QuestionError: a job is not in the plan, or a deadline has passed.
    """
    planned = {job.name: job for job in before.jobs}
    faults = [
        Problem(name, "the plan has no such job", f"Its jobs are {', '.join(planned)}.")
        for name in progress
        if name not in planned
    ]
    asked = before.question
    ended = {name for name, some in progress.items() if some.done >= 1.0}
    faults += _contradictions(asked, progress, elapsed_hours, ended)
    faults += _passed(asked, elapsed_hours, before.asked_at, ended)
    if faults:
        raise QuestionError("The plan cannot be continued", faults)
    jobs = [
        _left(job, planned.get(job.name), progress.get(job.name), elapsed_hours)
        for job in asked.jobs
    ]
    emitted_kg = sum(_emitted_kg(planned[name], some) for name, some in progress.items())
    start = (asked.limits.start or datetime.fromisoformat(before.asked_at)) + timedelta(
        hours=elapsed_hours
    )
    return asked.replace(
        jobs=tuple(jobs),
        limits=_limits_left(asked.limits, start, elapsed_hours, spent_usd, emitted_kg),
        owned=tuple(_pool_left(pool, elapsed_hours) for pool in asked.owned),
        commitments=tuple(
            _paid(block, before).replace(
                busy=_busy_left(block.busy, elapsed_hours),
                from_hours=max(0.0, block.from_hours - elapsed_hours),
                to_hours=block.to_hours - elapsed_hours,
            )
            for block in asked.commitments
            if block.to_hours > elapsed_hours
        ),
    )


def _paid(block: Commitment, before: Solved | Stopped) -> Commitment:
    """A block as it can be used from here: what the plan bought of it is paid for already."""
    bought = sum(some.machines for some in before.bought if some.name == block.name)
    if not bought:  # of a single job it is part of what its candidate costs
        used = [job for job in before.jobs if _is_of(job, block)]
        bought = min(sum(job.total_instances for job in used), block.machines)
    return block.replace(usd_each=0.0, machines=bought) if bought else block


def _is_of(job: PlannedJob, block: Commitment) -> bool:
    """Whether a job runs on a block, or on a part of it."""
    return job.offer.pricing == "owned" and (
        job.offer.sku == block.sku or job.offer.sku.startswith(f"{block.sku}.")
    )


def _emitted_kg(planned: PlannedJob, progress: Progress) -> float:
    """What a job has emitted so far, by its median and its pace; 0 where that is not known."""
    return (planned.co2_kg or 0.0) * progress.done * _pace(planned, progress)


def _contradictions(
    asked: Question, progress: Mapping[str, Progress], elapsed_hours: float, ended: set[str]
) -> Iterator[Problem]:
    """What cannot be true of jobs: one has run for longer than all work, or before its stage."""
    for job in asked.jobs:
        some = progress.get(job.name, Progress(0.0))
        if some.hours is not None and some.hours > elapsed_hours + LEAST_HOURS:
            yield Problem(
                job.name,
                f"it has run for {hours_text(some.hours)}, but only {hours_text(elapsed_hours)} "
                "have passed since all work began",
                "State the hours of the job and of all work from their begin.",
            )
        waiting = [name for name in job.earlier if name not in ended]
        if some.done > 0.0 and waiting:
            yield Problem(
                job.name,
                f"it has begun, but {listed(waiting)}, which it waits for, has not ended",
                f"State that {listed(waiting)} is done, or leave this job out.",
            )


def _passed(asked: Question, elapsed_hours: float, asked_at: str, ended: set[str]) -> list[Problem]:
    limits = limits_of(asked, datetime.fromisoformat(asked_at))
    remedy = "Ask a new question with another deadline."
    if all(job.name in ended for job in asked.jobs):
        remedy = "All its jobs have ended: nothing is left to plan."
    return [
        Problem(
            "limits.deadline" if limit.job is None else asked.jobs[limit.job].name,
            f"{limit_text(limit.name, limit.bound)} have passed: {hours_text(elapsed_hours)}",
            remedy,
        )
        for limit in limits
        if limit.name == "deadline"
        and limit.bound - elapsed_hours < LEAST_HOURS
        and (limit.job is None or asked.jobs[limit.job].name not in ended)
    ]


def _left(
    job: Job, planned: PlannedJob | None, progress: Progress | None, elapsed_hours: float
) -> Job:
    changes: dict[str, object] = {}
    if job.deadline_hours is not None:
        changes["deadline_hours"] = job.deadline_hours - elapsed_hours
    if planned is not None and progress is not None:
        changes["running"] = _running(job, planned, progress)
        if progress.done >= 1.0:
            changes["models"] = job.models.replace(names=(planned.model,))
            changes["deadline_hours"] = None
    return job.replace(**changes) if changes else job


def _running(job: Job, planned: PlannedJob, progress: Progress) -> Running:
    before = job.running
    pace = _pace(planned, progress) * (1.0 if before is None else before.pace)
    done_before = 0.0 if before is None or before.key != planned.key else before.done
    done = done_before + progress.done * (1.0 - done_before)
    return Running(key=planned.key, done=min(done, 1.0), pace=float(np.clip(pace, 0.02, 50.0)))


def _pace(planned: PlannedJob, progress: Progress) -> float:
    """Hours that the work done took, relative to those planned. [1]"""
    if progress.hours is None or progress.done <= 0:
        return 1.0
    worked = max(progress.hours - planned.time.startup, 0.0)
    return worked / _planned_hours(planned, progress.done)


def _planned_hours(planned: PlannedJob, done: float) -> float:
    """Planned hours for a share of the work, at the median: slower in a window on spot. [h]"""
    time, window = planned.time, planned.spot_window
    whole = time.training + time.evaluation + time.interruptions
    if window is None or done * window.alone_hours <= window.hours:
        return done * (whole if window is None else window.alone_hours)
    after = (whole - window.hours) / (window.alone_hours - window.hours)
    return window.hours + (done * window.alone_hours - window.hours) * after


def _limits_left(
    limits: Limits, start: datetime, elapsed_hours: float, spent_usd: float, emitted_kg: float
) -> Limits:
    changes: dict[str, object] = {}
    if limits.deadline_hours is not None:
        changes["deadline_hours"] = limits.deadline_hours - elapsed_hours
    if limits.deadline is not None:
        changes["start"] = start
    if limits.budget_usd is not None:
        changes["budget_usd"] = max(0.0, limits.budget_usd - spent_usd)
    if limits.co2_kg is not None:
        changes["co2_kg"] = max(0.0, limits.co2_kg - emitted_kg)
    return limits.replace(**changes) if changes else limits


def _pool_left(pool: OwnedMachines, elapsed_hours: float) -> OwnedMachines:
    return pool.replace(busy=_busy_left(pool.busy, elapsed_hours)) if pool.busy else pool


def _busy_left(busy: tuple[Busy, ...], elapsed_hours: float) -> tuple[Busy, ...]:
    return tuple(
        span.replace(
            from_hours=max(0.0, span.from_hours - elapsed_hours),
            to_hours=span.to_hours - elapsed_hours,
        )
        for span in busy
        if span.to_hours > elapsed_hours
    )


def _positions(
    question: Question, jobs: tuple[Candidates, ...], planned: Mapping[str, PlannedJob]
) -> tuple[int, ...]:
    """Where the old plan's candidates are among those of what is left; -1 for a job left out."""
    made, faults = [], []
    for job, some in zip(question.jobs, jobs, strict=True):
        key = planned[job.name].key if job.name in planned else LEFT_OUT
        place = -1 if key == LEFT_OUT else some.find(key)
        if place is None:
            faults.append(
                Problem(job.name, f"{key} can no longer be had", "Plan a new question without it.")
            )
        made.append(-1 if place is None else place)
    if faults:
        raise QuestionError("The plan cannot be continued", faults)
    return tuple(made)


def _as_it_is(
    question: Question, jobs: tuple[Candidates, ...], positions: tuple[int, ...], now: datetime
) -> AsItIs:
    limits = limits_of(question, now)
    program = Search(question, jobs, limits).reduced_program(question.limits.confidence)
    timing = program.timing(positions)
    drawn = outcomes_of(jobs, positions, timing, program.program)
    done = [j for j, position in enumerate(positions) if position >= 0]
    return AsItIs(
        hours=float(np.median(drawn.hours[done].max(axis=0))),
        usd=float(np.median(drawn.usd[done].sum(axis=0))) + drawn.bought_usd,
        chance=joint_chance(drawn, limits),
        missed=tuple(
            _name(question, limit)
            for limit in limits
            if limit.name in UNCERTAIN
            and float(drawn.keeps(limit).mean()) < question.limits.confidence
        ),
    )


def _name(question: Question, limit: Limit) -> str:
    owner = "" if limit.job is None or len(question.jobs) == 1 else question.jobs[limit.job].name
    return LIMIT_NOUNS[limit.name] + (f" of {owner}" if owner else "")
