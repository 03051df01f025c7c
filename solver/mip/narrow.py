"""Columns that can be part of a best solution: fewer for HiGHS, none that matters left out.

For programs in which every whole column is one answer to a choice. A column goes where a row cannot
hold with it, whatever the other choices are, or where the relaxation proves that every solution
with it is worse than one that is at hand (reduced costs: Dantzig, Fulkerson & Johnson 1954).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.mip.matrix import Linear

WORTHWHILE = 1_000
"""Columns below which HiGHS alone is as fast. [1]"""

TRIED_EACH = 5
"""Columns of each choice that are tried first, on average. [1]"""

CERTAIN = 1e-8
"""By how much a row must be missed, beside its tolerance of 1e-9, for a column to go. [1]"""


def is_worthwhile(linear: Linear) -> bool:
    """Whether narrowing a program saves time: it has many columns, which the aim weighs."""
    whole = linear.is_integer
    if np.count_nonzero(whole) < WORTHWHILE or not linear.cost[whole].any():
        return False
    return bool((_Rows(linear).choice[whole] >= 0).all())


def within_rows(linear: Linear) -> Linear:
    """The program without columns that some row excludes, whatever the other choices are."""
    rows = _Rows(linear)
    out = rows.excluded()
    return replace(linear, upper=np.where(out, 0.0, linear.upper)) if out.any() else linear


def relaxed(linear: Linear) -> Linear:
    """The program whose columns need not be whole."""
    return replace(linear, is_integer=np.zeros(len(linear.cost), dtype=bool))


def without_dearer(linear: Linear, reduced_costs: FloatArray, room: float) -> Linear:
    """The program without whole columns that cost more than some room above the relaxation."""
    dear = linear.is_integer & (reduced_costs > room)
    return replace(linear, upper=np.where(dear, 0.0, linear.upper))


def room_to_try(linear: Linear, reduced_costs: FloatArray) -> float:
    """Room above the relaxation that leaves a few columns of each choice."""
    free = np.sort(reduced_costs[linear.is_integer & (linear.upper > 0.0)])
    wanted = TRIED_EACH * (1 + int(_Rows(linear).choice.max(initial=-1)))
    return float(free[min(wanted, len(free)) - 1]) if len(free) else 0.0


@dataclass(frozen=True)
class _Rows:
    """Rows of a program, and which of its columns are choices."""

    linear: Linear

    @cached_property
    def row(self) -> IntArray:
        """Of each coefficient."""
        return np.repeat(np.arange(len(self.linear.row_lower)), np.diff(self.linear.start))

    @cached_property
    def choice(self) -> IntArray:
        """By column, the number of the choice that it is an answer to; -1 for none.

        A choice is a row that says that whole columns sum to one.
        """
        linear = self.linear
        sums = (linear.row_lower == 1.0) & (linear.row_upper == 1.0)
        many = len(linear.row_lower)
        plain = (linear.value == 1.0) & linear.is_integer[linear.index]
        sums &= np.bincount(self.row, ~plain, many) == 0
        number = np.cumsum(sums) - 1
        made = np.full(len(linear.cost), -1, dtype=np.int64)
        of_choice = sums[self.row]
        made[linear.index[of_choice]] = number[self.row[of_choice]]
        return made

    def excluded(self) -> BoolArray:
        """Columns with which some row cannot hold."""
        linear, choices = self.linear, 1 + int(self.choice.max(initial=-1))
        lower, upper = self._bounds()
        group = self.choice[linear.index]
        chosen = (group >= 0) & (linear.upper[linear.index] > 0.0)
        cell = (self.row * choices + group)[chosen]
        value = linear.value[chosen]
        least, most = self._ends(cell, value, choices)
        rest = linear.index[group < 0], linear.value[group < 0], self.row[group < 0]
        at = (
            np.where(rest[1] > 0, lower[rest[0]], upper[rest[0]]),
            np.where(rest[1] > 0, upper[rest[0]], lower[rest[0]]),
        )
        rows = len(linear.row_lower)
        low = least.sum(axis=1) + np.bincount(rest[2], rest[1] * at[0], rows)
        high = most.sum(axis=1) + np.bincount(rest[2], rest[1] * at[1], rows)
        room = (
            CERTAIN * np.maximum(1.0, np.abs(linear.row_upper)),
            CERTAIN * np.maximum(1.0, np.abs(linear.row_lower)),
        )
        # What the other choices take at least, and at most.
        others = low[:, None] - least, high[:, None] - most
        most_own = (linear.row_upper + room[0])[:, None] - others[0]
        least_own = (linear.row_lower - room[1])[:, None] - others[1]
        out = np.zeros(len(linear.cost), dtype=bool)
        beyond = (value > most_own.ravel()[cell]) | (value < least_own.ravel()[cell])
        out[linear.index[chosen][beyond]] = True
        self._absent(out, cell, (most_own < 0.0) | (least_own > 0.0))
        return out

    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        """Bounds of the columns, those that a row of one column states included."""
        linear = self.linear
        lower, upper = linear.lower.copy(), linear.upper.copy()
        for r in np.flatnonzero(np.diff(linear.start) == 1).tolist():
            i, value = int(linear.index[linear.start[r]]), float(linear.value[linear.start[r]])
            ends = sorted((linear.row_lower[r] / value, linear.row_upper[r] / value))
            lower[i], upper[i] = max(lower[i], ends[0]), min(upper[i], ends[1])
        return lower, upper

    def _ends(
        self, cell: IntArray, value: FloatArray, choices: int
    ) -> tuple[FloatArray, FloatArray]:
        """What each choice adds to each row at least and at most, shape (rows, choices)."""
        linear = self.linear
        shape = len(linear.row_lower), choices
        free = (self.choice >= 0) & (linear.upper > 0.0)
        sizes = np.bincount(self.choice[free], minlength=choices)
        whole = np.bincount(cell, minlength=shape[0] * choices).reshape(shape) == sizes
        whole &= sizes > 0
        least = np.where(whole, np.inf, 0.0).ravel()
        most = np.where(whole, -np.inf, 0.0).ravel()
        np.minimum.at(least, cell, value)
        np.maximum.at(most, cell, value)
        return least.reshape(shape), most.reshape(shape)

    def _absent(self, out: BoolArray, cell: IntArray, without: BoolArray) -> None:
        """Mark columns that a row needs another answer than, in which they do not occur."""
        present = np.zeros(without.size, dtype=bool)
        present[cell] = True
        for r, c in zip(*np.nonzero(without & present.reshape(without.shape)), strict=True):
            here = self.linear.index[self.linear.start[r] : self.linear.start[r + 1]]
            missing = self.choice == c
            missing[here] = False
            out |= missing
