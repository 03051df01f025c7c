"""The limits of a question as bounds on quantities of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.program import Limit

if TYPE_CHECKING:
    from datetime import datetime

    from solver.plan import LimitName, UnitName
    from solver.question import Question

UNCERTAIN: tuple[LimitName, ...] = ("deadline", "budget", "min_accuracy", "co2")
"""Limits on predicted quantities: they are enforced at a quantile, not on the median."""

UNITS: dict[LimitName, UnitName] = {
    "deadline": "h",
    "budget": "usd",
    "min_accuracy": "ratio",
    "co2": "kg",
    "max_gpus": "gpus",
    "max_deployed": "gb",
    "max_latency": "ms",
}
"""Unit of each limit's quantity, as answers name it."""


def limits_of(question: Question, now: datetime) -> tuple[Limit, ...]:
    """Every limit that the question sets, all jobs' first.

    Args:
        question: what is asked.
        now: the time from which a deadline given as a date is counted where no start is stated.
    """
    limits = question.limits
    whole: dict[LimitName, float | None] = {
        "deadline": limits.hours_until_deadline(now),
        "budget": limits.budget_usd,
        "co2": limits.co2_kg,
        "max_gpus": None if limits.max_gpus is None else float(limits.max_gpus),
    }
    made = [Limit(name, None, bound) for name, bound in whole.items() if bound is not None]
    for position, job in enumerate(question.jobs):
        own: dict[LimitName, float | None] = {
            "deadline": job.deadline_hours,
            "min_accuracy": job.min_accuracy,
            "max_deployed": job.max_deployed_gb,
            "max_latency": job.max_latency_ms,
        }
        made.extend(
            Limit(name, position, bound) for name, bound in own.items() if bound is not None
        )
    return tuple(made)


def uncertain_limits(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """Those enforced at a quantile."""
    return tuple(limit for limit in limits if limit.name in UNCERTAIN)
