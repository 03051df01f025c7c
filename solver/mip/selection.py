"""A choice with its proof, and how far the quantities of corner plans reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.program import natural_size, purchases_usd, regrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.mip.highs import Ending
    from solver.program import Program
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
