"""A choice with its proof, and how far the quantities of corner plans reach."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.program import (
    excluded,
    has_accuracy,
    natural_size,
    purchases_usd,
    quantity,
    regrets,
)
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import BoolArray
    from solver.mip.highs import Ending
    from solver.program import Limit, Program
    from solver.timetable import Timing

GUARD = {"hours": 1e-3, "usd": 1e-3, "accuracy": 1e-4}
"""Least reach of a quantity in the balanced aim: corners that agree must not divide by zero. Totals
of several jobs are not logarithms: there the first two are shares of their natural size."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen candidate of each job and the proof."""

    chosen: tuple[int, ...]
    """Position of a column, one a job; empty where none was found."""
    ending: Ending
    objective: float | None
    """First aim in natural size, smaller is better."""
    bound: float | None
    timing: Timing | None = None
    """When its jobs run; None where none was found."""
    lost_usd: float = 0.0
    """Worth of the optional jobs that it leaves out. [USD]"""

    @property
    def gap(self) -> float | None:
        """Distance between objective and bound, relative to the objective. [ratio]"""
        if self.objective is None or self.bound is None:
            return None
        return max(0.0, self.objective - self.bound) / max(1.0, abs(self.objective))


def ideal_and_reach(
    program: Program, corners: Sequence[Selection]
) -> tuple[dict[str, float], dict[str, float]]:
    """The best value of each quantity of the balanced aim among corner plans, and how far it goes.

    Args:
        program: what was chosen from.
        corners: the best plans of the three pure aims.
    """
    value = {
        name: [
            sum(float(column[c]) for column, c in zip(columns, corner.chosen, strict=True))
            + (_purchases_usd(program, corner) if name == "usd" else 0.0)
            for corner in corners
        ]
        for name, columns in regrets(program).items()
    }
    guard = guards(program)
    ideal = {name: min(values) for name, values in value.items()}
    reach = {name: max(max(values) - min(values), guard[name]) for name, values in value.items()}
    return ideal, reach


def guards(program: Program) -> dict[str, float]:
    """The least reach of each quantity that the balanced aim weighs."""
    if len(program.jobs) == 1:
        return GUARD
    sizes = {"hours": natural_size(program, "deadline"), "usd": natural_size(program, "budget")}
    return {name: least * sizes.get(name, 1.0) for name, least in GUARD.items()}


def _purchases_usd(program: Program, corner: Selection) -> float:
    bought = () if corner.timing is None else corner.timing.bought
    return purchases_usd(program.resources, bought)


def better_of(found: Selection, other: Selection) -> Selection:
    """The plan that leaves out less worth, or then has the smaller value; the first of equals."""

    def rank(some: Selection) -> tuple[float, float]:
        value = math.inf if some.objective is None else some.objective
        return (some.lost_usd, value) if some.chosen else (math.inf, math.inf)

    return other if rank(other) < rank(found) else found


def lost_usd_of(program: Program, chosen: Sequence[int]) -> float:
    """Worth of the optional jobs that a plan leaves out. [USD]"""
    worth = program.worth_usd or (None,) * len(program.jobs)
    return sum(
        usd or 0.0
        for c, columns, usd in zip(chosen, program.jobs, worth, strict=True)
        if columns.left_out[c]
    )


def never(
    program: Program,
    job: int,
    active: tuple[Limit, ...],
    aim: Aim | None,
    known: Limit | None = None,
    *,
    thrifty: bool,
) -> BoolArray:
    """Candidates of a job that cannot take part.

    Args:
        program: what is decided.
        job: its position.
        active: limits that count.
        aim: what is best; None: nothing needs to be predicted for it.
        known: a limit whose quantity must be known.
        thrifty: no job is done for more than it is worth.
    """
    columns = program.jobs[job]
    out = excluded(program, job, active)
    if aim is Aim.MOST_ACCURATE:
        out |= np.isnan(columns.accuracy) & has_accuracy(program, job)
    if known is not None and job in program.concerned(known):
        out |= np.isnan(quantity(columns, known.name))
    worth = program.worth_usd[job] if program.worth_usd else None
    if thrifty and worth is not None:
        out |= columns.usd > worth
    return out
