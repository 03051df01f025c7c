"""Independent recomputation: a plan's figures from its candidates alone, limit by limit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.decide import Decision
    from solver.plan import PlannedJob
    from solver.program import Limit

RELATIVE = 1e-6
"""Figures that differ by less are equal: sums run in another order. [ratio]"""


def disagreement(decision: Decision, jobs: tuple[PlannedJob, ...]) -> str:
    """What does not hold when the plan is computed again; empty where everything does."""
    for job, columns, position in zip(jobs, decision.reduced.columns, decision.chosen, strict=True):
        pairs = [
            ("hours", job.hours.at_confidence, float(columns.hours[position])),
            ("dollars", job.usd.at_confidence, float(columns.usd[position])),
        ]
        if job.accuracy is not None:
            reached = float(columns.accuracy[position])
            pairs.append(("accuracy", job.accuracy.at_confidence, reached))
        for what, again, before in pairs:
            if not same(again, before):
                return f"{what} of {job.key} come to {again:g} when computed alone, not {before:g}"
        if job.memory.upper > job.memory.capacity * (1.0 + RELATIVE):
            return f"{job.key} does not fit in memory when computed alone"
    for limit in decision.limits:
        value = reached_by(limit, jobs)
        if value is None or not holds(limit, value):
            return f"the plan does not keep {limit.name} when computed alone ({value})"
    return _stock(decision)


def same(a: float, b: float) -> bool:
    """Equal but for rounding."""
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=1e-9)


def reached_by(limit: Limit, jobs: tuple[PlannedJob, ...]) -> float | None:
    """What counts against a limit, from planned jobs; None where it is not known."""
    concerned = jobs if limit.job is None else (jobs[limit.job],)
    if limit.name == "deadline":
        return max(job.hours.at_confidence for job in concerned)
    if limit.name == "budget":
        return sum(job.usd.at_confidence for job in concerned)
    if limit.name == "max_gpus":
        return float(sum(job.gpus for job in concerned))
    if limit.name == "max_deployed":
        return max(job.deployed_gb for job in concerned)
    if limit.name == "min_accuracy":
        known = [job.accuracy.at_confidence for job in concerned if job.accuracy is not None]
        return min(known) if len(known) == len(concerned) else None
    masses = [job.co2_at_confidence_kg for job in concerned]
    known_masses = [mass for mass in masses if mass is not None]
    return sum(known_masses) if len(known_masses) == len(masses) else None


def holds(limit: Limit, value: float) -> bool:
    """Whether a value keeps a limit, rounding allowed for."""
    room = RELATIVE * max(abs(limit.bound), 1e-9)
    return value >= limit.bound - room if limit.is_minimum else value <= limit.bound + room


def _stock(decision: Decision) -> str:
    for pool, machines in enumerate(decision.reduced.program.stock):
        used = sum(
            float(columns.instances[position])
            for columns, position in zip(decision.reduced.columns, decision.chosen, strict=True)
            if columns.pool[position] == pool
        )
        if used > machines:
            return f"the plan uses {used:g} machines of a pool that has {machines:g}"
    return ""
