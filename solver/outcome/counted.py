"""What an answer counts: candidates at each step, optional jobs left out, machines bought whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.plan import Bought, Counts, LeftOut
from solver.question import Aim
from solver.region import missed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.candidates import Candidates
    from solver.decide import Decision
    from solver.outcome.asked import Asked
    from solver.plan import PlannedJob


def counts_of(decision: Decision) -> Counts:
    """Candidates of a decided question at each step."""
    feasible = 0
    single = len(decision.jobs) == 1
    for j in range(len(decision.jobs)):
        columns = decision.only_columns if single else decision.reduced.columns.passing(j)
        own = tuple(limit for limit in decision.limits if limit.job in (None, j))
        feasible += int((missed(columns, own) == 0).sum())
    reduced = sum(len(kept) for kept in decision.reduced.kept)
    return tally_counts(decision.jobs, feasible=feasible, reduced=reduced)


def tally_counts(jobs: tuple[Candidates, ...], *, feasible: int, reduced: int) -> Counts:
    """Candidates of all jobs, with how many keep every limit of their own and how many matter."""
    excluded: dict[str, int] = {}
    for job in jobs:
        for reason, number in job.tally.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + number
    return Counts(
        combinations=sum(job.tally.combinations for job in jobs),
        candidates=sum(len(job) for job in jobs),
        feasible=feasible,
        reduced=reduced,
        excluded=excluded,
    )


def left_out(asked: Asked, slots: Sequence[PlannedJob | None]) -> tuple[LeftOut, ...]:
    """The optional jobs that the plan does without, and why as far as a limit says it."""
    cheapest = asked.question.aim is Aim.CHEAPEST
    why = "within the limits it costs more than it is worth, or does not fit at all"
    return tuple(
        LeftOut(
            name=job.name,
            value_usd=job.value_usd or 0.0,
            why=why if cheapest else "it does not fit within the limits for what it is worth",
        )
        for job, slot in zip(asked.question.jobs, slots, strict=False)
        if slot is None
    )


def bought_machines(decision: Decision) -> tuple[Bought, ...]:
    """Machines that are paid for whole."""
    bought = decision.timing_of(decision.chosen).bought
    return tuple(
        Bought(name=resource.name, machines=number, usd=number * resource.usd_each)
        for resource, number in zip(decision.reduced.program.resources, bought, strict=True)
        if number
    )
