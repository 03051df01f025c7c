"""The program of one job that waits for nothing, asked without a solver: it is a table.

The plan itself always comes from the program. What explains it asks the same program a dozen times
with other limits; where it has one job, each of these is the least of a few hundred numbers.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from solver.mip.highs import Ending
from solver.mip.selection import Selection, ideal_and_reach
from solver.mip.solve import TIE
from solver.patience import heed
from solver.program import (
    FAMILY_OF_LIMIT,
    excluded,
    has_accuracy,
    natural_size,
    normalised_accuracy,
    quantity,
    regrets,
    second_aim_of,
    tasks_of,
)
from solver.question import Aim
from solver.timetable import at_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver.estimate.configurations import BoolArray, FloatArray
    from solver.program import Limit, Program

ROUNDED = 1e-9
"""By how much an aim may miss what is asked of it, as HiGHS' rows may. [1]"""

NOTHING = Selection((), Ending.INFEASIBLE, None, None)


def is_table(program: Program) -> bool:
    """Whether a program has one job, which must be done and begins at once."""
    optional = any(worth is not None for worth in program.worth_usd)
    return len(program.jobs) == 1 and not program.is_timed and not optional


class Scan:
    """What `Chooser` answers about a program that is a table; see there."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._columns = program.jobs[0]

    @cached_property
    def _scale(self) -> Mapping[str, float]:
        return {name: natural_size(self._program, name) for name in FAMILY_OF_LIMIT}

    @cached_property
    def _second(self) -> FloatArray:
        return second_aim_of(self._columns, self._scale)

    def best(self, aim: Aim, limits: tuple[Limit, ...] | None = None) -> Selection:
        """The best plan by `aim`, then by the second aim, within the active limits."""
        inside = self._inside(self._program.limits if limits is None else limits)
        known = self._known(aim) & inside
        if aim is Aim.BALANCED:
            return self._balanced(inside)
        return self._least(self._first(aim), known if known.any() else inside)

    def best_value(self, aim: Aim, limits: tuple[Limit, ...]) -> Selection:
        """The same: a table is read at once."""
        return self.best(aim, limits)

    def least(self, limit: Limit, better: tuple[Aim, float] | None = None) -> Selection:
        """The plan that misses `limit` least while it keeps all the others.

        Args:
            limit: the one that may be missed.
            better: an aim and the most that its value may be.
        """
        others = tuple(other for other in self._program.limits if other != limit)
        value = quantity(self._columns, limit.name)
        among = self._inside(others) & ~np.isnan(value)
        if better is not None:
            among &= self._first(better[0]) <= better[1] + ROUNDED
        sign = -1.0 if limit.is_minimum else 1.0
        return self._least(sign * value / self._scale[limit.name], among)

    def possible(self, limits: tuple[Limit, ...]) -> bool:
        """True where some plan keeps all of `limits`."""
        return bool(self._inside(limits).any())

    def _inside(self, limits: tuple[Limit, ...]) -> BoolArray:
        heed.get()()
        return ~excluded(self._program, 0, limits)

    def _known(self, aim: Aim) -> BoolArray:
        """Candidates that can be compared by an aim."""
        if aim is Aim.MOST_ACCURATE and has_accuracy(self._program, 0):
            return np.isfinite(self._columns.accuracy)
        return np.ones(len(self._columns), dtype=bool)

    def _first(self, aim: Aim) -> FloatArray:
        """What an aim minimises, in natural size."""
        if aim is Aim.FASTEST:
            return self._columns.hours / self._scale["deadline"]
        if aim is Aim.CHEAPEST:
            return self._columns.usd / self._scale["budget"]
        if not has_accuracy(self._program, 0):
            return np.full(len(self._columns), -1.0)
        return np.maximum(-normalised_accuracy(self._columns), -1.0)

    def _balanced(self, inside: BoolArray) -> Selection:
        corners = []
        for aim in (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE):
            known = self._known(aim) & inside
            corner = self._least(self._first(aim), known if known.any() else inside)
            if not corner.chosen:
                return corner
            corners.append(corner)
        ideal, reach = ideal_and_reach(self._program, corners)
        terms = {name: column[0] for name, column in regrets(self._program).items()}
        regret = np.max([(terms[name] - ideal[name]) / reach[name] for name in terms], axis=0)
        together = np.sum([terms[name] / reach[name] for name in terms], axis=0)
        return self._least(regret, inside, together)

    def _least(
        self, first: FloatArray, among: BoolArray, second: FloatArray | None = None
    ) -> Selection:
        """The least by `first`, of those that differ by no more than a tie by `second`, then key.

        Args:
            first: what is minimised, shape (n,).
            among: who takes part, shape (n,).
            second: what breaks ties; None: dollars, hours and accuracy together.
        """
        some = np.flatnonzero(among)
        if len(some) == 0:
            return NOTHING
        least = float(first[some].min())
        tied = some[first[some] <= least + TIE * max(1.0, abs(least))]
        other = self._second if second is None else second
        chosen = (int(tied[np.argmin(other[tied])]),)
        timing = at_once(tasks_of(self._program, chosen), self._program.resources)
        return Selection(chosen, Ending.OPTIMAL, least, least, timing)
