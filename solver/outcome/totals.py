"""Hours and dollars of several jobs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.plan import Spread

if TYPE_CHECKING:
    from solver.plan import PlannedJob

ENDS = ("median", "at_confidence", "low80", "high80")


def total_usd(jobs: tuple[PlannedJob, ...]) -> Spread:
    """Dollars of all jobs; ends of intervals add up, which errs on the wide side. [USD]"""
    return Spread(**{name: sum(getattr(job.usd, name) for job in jobs) for name in ENDS})


def longest(jobs: tuple[PlannedJob, ...]) -> Spread:
    """Hours until the last job ends; jobs run side by side. [h]"""
    return Spread(**{name: max(getattr(job.hours, name) for job in jobs) for name in ENDS})
