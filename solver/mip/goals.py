"""What a search makes small, and how far a plan misses limits, from plain lists of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.program import (
    FAMILY_OF_LIMIT,
    Program,
    has_accuracy,
    natural_size,
    normalised_accuracy,
    quantity,
    regrets,
    second_aim_of,
)
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from solver.estimate.configurations import FloatArray
    from solver.program import Limit

    Misses = Callable[[Sequence[int], float], float]

NEVER = 1e3
"""What the worth of a job that is left out weighs, in natural size, where doing it comes before the
aim. [1]"""

SUMS = ("budget", "co2")
"""Limits on what jobs take together."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is made small, and what weighs more: jobs that are left out."""

    value: Callable[[Sequence[int], Sequence[float], float], float]
    """Of the candidate of each job, when each ends [h], and what is bought whole [USD]."""
    lost: Callable[[Sequence[int]], float]
    """The weighted worth of what is left out; 0 where the value counts it."""


def aim_goal(program: Program, aim: Aim) -> Goal:
    """Dollars, last end or accuracy in natural size, as `Chooser` compares them; not balanced."""
    if aim is Aim.CHEAPEST:
        usd = natural_size(program, "budget")
        costs = _lists(
            [
                columns.usd / usd + lost
                for columns, lost in zip(program.jobs, _lost(program, usd), strict=True)
            ]
        )
        return Goal(lambda chosen, _, bought: total_of(costs, chosen) + bought / usd, _nothing)
    if aim is Aim.FASTEST:
        hours = natural_size(program, "deadline")
        return Goal(lambda _, ends, __: max(ends) / hours, _weighty(program))
    lacking = _lists([_lack(program, j) for j in range(len(program.jobs))])
    return Goal(
        lambda chosen, _, __: max(row[c] for row, c in zip(lacking, chosen, strict=True)),
        _weighty(program),
    )


def ties_of(program: Program) -> list[list[float]]:
    """What breaks ties, by job and candidate: dollars and hours in natural size, less accuracy."""
    scale = {str(name): natural_size(program, name) for name in FAMILY_OF_LIMIT}
    return _lists([second_aim_of(columns, scale) for columns in program.jobs])


def balanced_goal(program: Program, ideal: Mapping[str, float], reach: Mapping[str, float]) -> Goal:
    """The largest regret, as `formulation.chebyshev` states it."""
    terms = {
        name: _lists([column / reach[name] for column in columns])
        for name, columns in regrets(program).items()
    }
    base = {name: value / reach[name] for name, value in ideal.items()}

    def value(chosen: Sequence[int], ends: Sequence[float], bought_usd: float) -> float:
        del ends
        more = {"usd": bought_usd / reach["usd"]}
        return max(
            total_of(rows, chosen) + more.get(name, 0.0) - base[name]
            for name, rows in terms.items()
        )

    return Goal(value, _weighty(program))


def limit_goal(program: Program, limit: Limit) -> Goal:
    """What counts against a limit, in natural size; not for the number of GPUs."""
    size = natural_size(program, limit.name)
    if limit.name == "deadline":
        job = limit.job
        if job is None:
            return Goal(lambda _, ends, __: max(ends) / size, _nothing)
        return Goal(lambda _, ends, __: ends[job] / size, _nothing)
    sign = -1.0 if limit.is_minimum else 1.0
    concerned = program.concerned(limit)
    rows = _lists(
        [
            np.nan_to_num(sign * quantity(columns, limit.name) / size) * (j in concerned)
            for j, columns in enumerate(program.jobs)
        ]
    )
    paid = 1.0 / size if limit.name == "budget" else 0.0
    return Goal(lambda chosen, _, bought: total_of(rows, chosen) + paid * bought, _nothing)


def misses_of(program: Program, active: tuple[Limit, ...]) -> Misses:
    """How far candidates miss what they must keep together, relative to the limits, added up.

    A stage that trains on what no other makes, or waits for what is left out, counts 1.
    """
    sums = [
        (limit, _lists([np.nan_to_num(quantity(c, limit.name)) for c in program.jobs]))
        for limit in active
        if limit.name in SUMS
    ]
    jobs, chain = program.jobs, program.chain
    out = [columns.left_out.tolist() for columns in jobs]
    waits = [(i, j) for j, before in enumerate(chain.earlier) for i in before]

    def missed(chosen: Sequence[int], bought_usd: float) -> float:
        total = 0.0
        for limit, rows in sums:
            value = total_of(rows, chosen) + (bought_usd if limit.name == "budget" else 0.0)
            if value > limit.bound:
                total += (value - limit.bound) / (limit.bound or 1.0)
        for i, j in chain.feeds:
            taken = jobs[j].takes[chosen[j]]
            total += bool(taken >= 0 and (out[i][chosen[i]] or jobs[i].gives[chosen[i]] != taken))
        for i, j in waits:
            total += bool(out[i][chosen[i]] and not out[j][chosen[j]])
        return total

    return missed


def _nothing(chosen: Sequence[int]) -> float:
    """Where the value itself weighs jobs that are left out."""
    del chosen
    return 0.0


def _weighty(program: Program) -> Callable[[Sequence[int]], float]:
    """What comes before the value: as little worth is left out as limits allow."""
    if all(worth is None for worth in program.worth_usd):
        return _nothing
    rows = _lists(_lost(program, natural_size(program, "budget") / NEVER))
    return lambda chosen: total_of(rows, chosen)


def _lack(program: Program, job: int) -> FloatArray:
    """How far each candidate stays below the ceiling; nothing counts where none is predicted."""
    columns = program.jobs[job]
    if not has_accuracy(program, job):
        return np.full(len(columns), -1.0)
    return -(normalised_accuracy(columns) + columns.left_out)


def _lost(program: Program, unit: float) -> list[FloatArray]:
    worth = program.worth_usd or (None,) * len(program.jobs)
    return [
        np.where(columns.left_out, (value or 0.0) / unit, 0.0)
        for value, columns in zip(worth, program.jobs, strict=True)
    ]


def _lists(rows: Sequence[FloatArray]) -> list[list[float]]:
    return [row.tolist() for row in rows]


def total_of(rows: Sequence[Sequence[float]], chosen: Sequence[int]) -> float:
    """The sum over jobs of what each one's candidate has in its row."""
    return sum(row[c] for row, c in zip(rows, chosen, strict=True))
