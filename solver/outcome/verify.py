"""Independent recomputation: a plan's figures from its candidates alone, limit by limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from solver.program import NOT_DONE
from solver.timetable import peak_of

if TYPE_CHECKING:
    from solver.decide import Decision
    from solver.plan import PlannedJob
    from solver.program import Chain, Limit
    from solver.search import Reduced
    from solver.timetable import Resource

RELATIVE = 1e-6
"""Figures that differ by less are equal: sums run in another order. [ratio]"""


Slots = Sequence["PlannedJob | None"]
"""The jobs of a plan in the order of the question; None for one that is left out."""


def disagreement(decision: Decision, slots: Slots) -> str:
    """What does not hold when the plan is computed again; empty where everything does."""
    for j, (job, position) in enumerate(zip(slots, decision.chosen, strict=True)):
        if job is None:
            continue
        before_it = decision.reduced.columns.single(j, position)
        pairs = [
            ("hours", job.hours.at_confidence, float(before_it.hours[0])),
            ("dollars", job.usd.at_confidence, float(before_it.usd[0])),
        ]
        if job.accuracy is not None:
            reached = float(before_it.accuracy[0])
            pairs.append(("accuracy", job.accuracy.at_confidence, reached))
        for what, again, before in pairs:
            if not same(again, before):
                return f"{what} of {job.key} come to {again:g} when computed alone, not {before:g}"
        if job.memory.upper > job.memory.capacity * (1.0 + RELATIVE):
            return f"{job.key} does not fit in memory when computed alone"
    bought_usd = decision.bought_usd(decision.chosen)
    for limit in decision.limits:
        value = reached_by(limit, slots, bought_usd)
        if value is None or not holds(limit, value):
            return f"the plan does not keep {limit.name} when computed alone ({value})"
    timing = decision.timing_of(decision.chosen)
    used = used_of(decision.reduced, decision.chosen)
    return out_of_order(decision.reduced.program.chain, slots) or overbooked(
        decision.reduced.program.resources, used, slots, timing.bought
    )


def same(a: float, b: float) -> bool:
    """Equal but for rounding."""
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=1e-9)


def reached_by(limit: Limit, slots: Slots, bought_usd: float) -> float | None:
    """What counts against a limit, from planned jobs; None where it is not known."""
    concerned = slots if limit.job is None else (slots[limit.job],)
    done = [job for job in concerned if job is not None]
    if limit.name == "deadline":
        return max((job.end_hours for job in done), default=0.0)
    if limit.name == "budget":
        return sum(job.usd.at_confidence for job in done) + bought_usd
    if limit.name == "max_gpus":
        spans = [job.start_hours for job in done], [job.end_hours for job in done]
        return peak_of([float(job.total_gpus) for job in done], *spans)
    if limit.name == "min_accuracy":
        known = [job.accuracy.at_confidence for job in done if job.accuracy is not None]
        return min(known, default=1.0) if len(known) == len(done) else None
    values = [_of_model(job, limit) for job in done]
    known_values = [value for value in values if value is not None]
    if len(known_values) < len(values):
        return None
    return sum(known_values) if limit.name == "co2" else max(known_values, default=0.0)


def _of_model(job: PlannedJob, limit: Limit) -> float | None:
    if limit.name == "co2":
        return job.co2_at_confidence_kg
    return job.latency_ms if limit.name == "max_latency" else job.deployed_gb


def holds(limit: Limit, value: float) -> bool:
    """Whether a value keeps a limit, rounding allowed for."""
    room = RELATIVE * max(abs(limit.bound), 1e-9)
    return value >= limit.bound - room if limit.is_minimum else value <= limit.bound + room


def used_of(reduced: Reduced, chosen: Sequence[int]) -> list[tuple[float, ...]]:
    """Units of each resource that each job of a plan takes; none for one that is left out."""
    nothing = (0.0,) * len(reduced.program.resources)
    made = []
    for j, position in enumerate(chosen):
        one = () if position == NOT_DONE else (reduced.columns.single(j, position),)
        alone = replace(reduced.program, jobs=one)
        made.append(tuple(alone.uses(0)[:, 0].tolist()) if one else nothing)
    return made


def out_of_order(chain: Chain, slots: Slots) -> str:
    """A job that begins before one that it waits for has ended; empty where none does."""
    for job, before in zip(slots, chain.earlier or ((),) * len(slots), strict=True):
        for i in before if job is not None else ():
            other = slots[i]
            if other is None:
                return f"{job.name} waits for a job that is left out" if job else ""
            if job is not None and job.start_hours < other.end_hours - RELATIVE * other.end_hours:
                return f"{job.name} begins before {other.name} has ended"
    for i, j in chain.feeds:
        first, second = slots[i], slots[j]
        if first is not None and second is not None and first.model != second.model:
            return f"{second.name} trains {second.model}, but {first.name} makes {first.model}"
    return ""


def overbooked(
    resources: Sequence[Resource],
    used: Sequence[Sequence[float]],
    slots: Slots,
    bought: Sequence[int],
) -> str:
    """A resource that is used beyond what is there, or while it is closed; empty where none is."""
    starts = [0.0 if job is None else job.start_hours for job in slots]
    ends = [0.0 if job is None else job.end_hours for job in slots]
    for r, resource in enumerate(resources):
        uses = [use[r] for use in used]
        most = float(bought[r]) if resource.usd_each > 0 else resource.most
        peak = peak_of(uses, starts, ends)
        if peak > most * (1.0 + RELATIVE) + RELATIVE:
            return f"{resource.name} is used {peak:g} times at once, but there are {most:g}"
        for use, start, end in zip(uses, starts, ends, strict=True):
            late = RELATIVE * max(end, 1.0)
            if use > 0 and any(a < end - late and b > start + late for a, b in resource.closed):
                return f"{resource.name} is not free from {start:g} h to {end:g} h"
    return ""
