"""Hours and dollars of several jobs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.plan import Spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.plan import PlannedJob

ENDS = ("median", "at_confidence", "low80", "high80")


def total_usd(jobs: Sequence[PlannedJob], bought_usd: float = 0.0) -> Spread:
    """Dollars of all jobs; ends of intervals add up, which errs on the wide side. [USD]"""
    return Spread(
        **{name: sum((getattr(job.usd, name) for job in jobs), bought_usd) for name in ENDS}
    )


def longest(jobs: Sequence[PlannedJob]) -> Spread:
    """Hours until the last job ends; ends of intervals add up along what waits. [h]

    Before the last job of a chain nothing may begin that waits for it, so that each end is when
    all jobs end if every one takes its median, its fastest or its slowest hours.
    """
    return Spread(**{name: _last_end(jobs, name) for name in ENDS})


def _last_end(jobs: Sequence[PlannedJob], name: str) -> float:
    ends: dict[str, float] = {}
    for job in sorted(jobs, key=lambda job: (job.start_hours, job.end_hours)):
        waited = (ends[other] for other in job.waits_for if other in ends)
        begin = max(waited, default=0.0)
        # A calendar holds whatever the hours are: what it delays begins no sooner.
        begin = max(begin, job.not_before_hours)
        ends[job.name] = begin + getattr(job.hours, name)
    return max(ends.values(), default=0.0)
