"""Plans that differ from the chosen one in a thing that matters: model, method, machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from solver.mip.differ import Differing
from solver.outcome.verify import holds
from solver.program import NOT_DONE, excluded, loosened, or_left_out
from solver.reduce import reduced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from solver.candidates import Candidates
    from solver.decide import Decision
    from solver.estimate.configurations import BoolArray, IntArray
    from solver.question import Aim

MOST_VARIED = 20
"""Portfolios of more jobs are not varied thing by thing. [1]"""

MOST_SOUGHT = 300_000
"""Of a job with more candidates only those are varied that reduction left: all take seconds. [1]"""

TRAITS = ("model", "method", "provider", "pool")
"""What may differ between plans of several jobs, the most telling first."""


Differs = Callable[["IntArray"], "BoolArray"]
"""Who, of the candidates at some positions, has another one of a trait."""


def unlike(job: Candidates, chosen: int) -> dict[str, Differs]:
    """By trait, who differs in it from the candidate at `chosen`.

    The pool counts only where that one uses machines of the user's own.
    """
    offers = [rent.machine.offer for rent in job.rents.rents]
    methods = _codes([variant.method.id for variant in job.bench.variants])
    accelerators, providers = (
        _codes([offer.accelerator for offer in offers]),
        _codes([offer.provider for offer in offers]),
    )
    codes: dict[str, Callable[[IntArray], IntArray]] = {
        "model": lambda at: job.physics.model[job.row[at]],
        "method": lambda at: methods[job.physics.variant[job.row[at]]],
        "accelerator": lambda at: accelerators[job.rent[at]],
        "provider": lambda at: providers[job.rent[at]],
    }
    if job.rents.pool[job.rent[chosen]] >= 0:
        codes["pool"] = lambda at: job.rents.pool[job.rent[at]]
    return {trait: partial(_differs, code, chosen) for trait, code in codes.items()}


def _differs(code: Callable[[IntArray], IntArray], chosen: int, at: IntArray) -> BoolArray:
    return np.asarray(code(at) != code(np.array([chosen])))


def varied(decision: Decision, aim: Aim) -> Iterator[tuple[tuple[int, ...], str]]:
    """For each trait the best plan in which at least one job has another one.

    Candidates that reduction left out for one that shares the trait come in again. Where jobs
    share machines, plans are sought as if none had to wait, and those that then miss a limit are
    left out.

    Args:
        decision: of several jobs, with a plan.
        aim: what is best.
    """
    if len(decision.jobs) > MOST_VARIED:
        return
    same = [
        {} if position == NOT_DONE else _same(job, position)
        for job, position in zip(decision.jobs, decision.chosen, strict=True)
    ]
    traits = [trait for trait in TRAITS if any(trait in one for one in same)]
    kept = [_with_others(decision, j, one) for j, one in enumerate(same)]
    chooser = _chooser(decision, kept)
    for trait in traits:
        masks = [
            _columns(one.get(trait), index, len(columns))
            for one, index, columns in zip(same, kept, chooser.program.jobs, strict=True)
        ]
        found = chooser.unlike(masks, aim)
        if not found.chosen:
            continue
        positions = tuple(
            int(kept[j][c]) if c < len(kept[j]) else NOT_DONE for j, c in enumerate(found.chosen)
        )
        if all(holds(limit, decision.reached(limit, positions)) for limit in decision.limits):
            yield positions, f"with another {trait} for at least one job"


def _same(job: Candidates, chosen: int) -> dict[str, BoolArray]:
    """By trait, which candidates share it with the one at `chosen`."""
    every = np.arange(len(job))
    return {trait: ~differs(every) for trait, differs in unlike(job, chosen).items()}


def _chooser(decision: Decision, kept: list[IntArray]) -> Differing:
    program, whole = decision.reduced.program, decision.reduced.columns
    taken = [columns.take(index) for columns, index in zip(whole, kept, strict=True)]
    jobs = tuple(
        columns if worth is None else or_left_out(columns)
        for columns, worth in zip(taken, program.worth_usd, strict=True)
    )
    return Differing(
        loosened(replace(program, jobs=jobs)) if program.moments else replace(program, jobs=jobs)
    )


def _with_others(decision: Decision, job: int, same: Mapping[str, BoolArray]) -> IntArray:
    """The reduced candidates, and by trait those that are left among candidates that differ."""
    if len(decision.jobs[job]) > MOST_SOUGHT:
        return decision.reduced.kept[job]
    whole = replace(decision.reduced.program, jobs=tuple(decision.reduced.columns), worth_usd=())
    names = [limit.name for limit in decision.limits]
    inside = ~excluded(whole, job, decision.limits)
    parts = [decision.reduced.kept[job]]
    for trait in TRAITS:
        if trait not in same:
            continue
        other = np.flatnonzero(inside & ~same[trait])
        parts.append(other[reduced(decision.reduced.columns[job].take(other), names)])
    return np.unique(np.concatenate(parts))


def _columns(alike: BoolArray | None, index: IntArray, length: int) -> BoolArray:
    """Which columns share a trait; leaving a job out, or one without it, is no difference."""
    made = np.ones(length, dtype=bool)
    if alike is not None:
        made[: len(index)] = alike[index]
    return made


def _codes(names: list[str]) -> IntArray:
    return np.unique(names, return_inverse=True)[1].reshape(-1)
