"""What the jobs of a question share: pools of machines, quotas, the order of stages, moments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.program import Chain, Program, or_left_out
from solver.question import Commitment
from solver.timetable import Resource, joined, natural_moments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver.plan import LimitName
    from solver.program import JobColumns, Limit
    from solver.question import OwnedMachines, Question, Quota

EVEN_MOMENTS, LATE_MOMENTS = 36, 12
"""Moments up to the deadline, and after it for what would need a later one. [1]"""

MOST_ENDS = 8
"""Ends of each job's candidates at which another may begin. [1]"""

LATEST = 20.0
"""A plan that ends later than so many deadlines is no neighbour of what was asked. [1]"""


@dataclass(frozen=True, slots=True)
class Shared:
    """What binds the jobs of a question together, besides limits."""

    resources: tuple[Resource, ...]
    chain: Chain
    worth_usd: tuple[float | None, ...]
    has_moments: bool
    """True where jobs may have to wait for something that they share."""

    @property
    def is_timed(self) -> bool:
        """False where all jobs begin at once."""
        return self.has_moments or any(self.chain.earlier)

    def program(
        self,
        columns: tuple[JobColumns, ...],
        limits: tuple[Limit, ...],
        sizes: Mapping[LimitName, float],
    ) -> Program:
        """The program over some candidates.

        Args:
            columns: by job.
            limits: what must be kept.
            sizes: natural size of each quantity.
        """
        jobs = tuple(
            job if worth is None else or_left_out(job)
            for job, worth in zip(columns, self.worth_usd, strict=True)
        )
        moments = self._moments(columns, limits) if self.has_moments else ()
        return Program(
            jobs, limits, self.resources, self.chain, self.worth_usd, moments, sizes=sizes
        )

    def _moments(
        self, columns: tuple[JobColumns, ...], limits: tuple[Limit, ...]
    ) -> tuple[float, ...]:
        """When jobs may begin: whenever a best plan may begin one, where these are few.

        Else evenly up to the last deadline, rarer after it, as pools open and as a job's best
        candidates end; the last moment leaves room for the cheapest one after the other.
        """
        natural = natural_moments([job.hours for job in columns], self.resources)
        if natural is not None:
            return natural
        closed = [end for r in self.resources for _, end in r.closed if math.isfinite(end)]
        known = [job for job in columns if len(job)]
        serial = sum(float(job.hours[np.argmin(job.usd)]) for job in known)
        fastest = sum(float(job.hours.min()) for job in known)
        deadlines = [limit.bound for limit in limits if limit.name == "deadline"]
        last = max([serial, 2.0 * fastest, *deadlines]) + max(closed, default=0.0)
        asked = max(deadlines, default=last)
        last = max(asked, min(last, LATEST * asked))
        even = np.linspace(0.0, asked, EVEN_MOMENTS + 1)
        late = np.linspace(asked, last, LATE_MOMENTS + 1)[1:]
        opening = [end for end in closed if end < last]
        # Where one job waits for one other, it begins when that ends.
        ends = [hours for job in known for hours in best_hours(job) if hours < last]
        return tuple(np.unique([*even, *late, *opening, *ends]).tolist())


def best_hours(columns: JobColumns) -> list[float]:
    """Hours of a few candidates that no other beats in both dollars and hours, cheapest first."""
    order = np.lexsort((columns.hours, columns.usd))
    fastest = np.minimum.accumulate(columns.hours[order])
    better = np.r_[True, fastest[1:] < fastest[:-1]]
    edge = columns.hours[order[better]]
    some = np.linspace(0, len(edge) - 1, min(len(edge), MOST_ENDS)).astype(int)
    return [float(hours) for hours in edge[some]]


def shared_by(question: Question) -> Shared:
    """What a question's jobs share.

    A commitment of a single job is part of what its candidates cost, since it needs all it uses.
    """
    several = len(question.jobs) > 1
    resources = (
        *(_pool(pool, several=several) for pool in question.pools),
        *(_quota(quota) for quota in question.limits.quotas),
    )
    shares = bool(resources) or question.limits.max_gpus is not None
    return Shared(
        resources,
        chain_of(question),
        tuple(job.value_usd for job in question.jobs),
        any(resource.closed for resource in resources) or (several and shares),
    )


def chain_of(question: Question) -> Chain:
    """Which job waits for which, by position."""
    place = {job.name: j for j, job in enumerate(question.jobs)}
    return Chain(
        tuple(tuple(place[name] for name in job.earlier) for job in question.jobs),
        tuple(
            (place[job.starts_from], j)
            for j, job in enumerate(question.jobs)
            if job.starts_from is not None
        ),
    )


def _pool(pool: OwnedMachines, *, several: bool) -> Resource:
    closed = [(busy.from_hours, busy.to_hours) for busy in pool.busy]
    usd_each = 0.0
    if isinstance(pool, Commitment):
        closed += [(0.0, pool.from_hours)] if pool.from_hours > 0 else []
        closed += [(pool.to_hours, math.inf)]
        usd_each = pool.usd_each if several else 0.0
    return Resource(pool.name, float(pool.machines), joined(closed), usd_each)


def _quota(quota: Quota) -> Resource:
    spot = "" if quota.spot is None else "spot" if quota.spot else "not spot"
    words = [quota.provider, quota.accelerator, spot]
    return Resource(" ".join(word for word in words if word) or "all rented", float(quota.gpus))
