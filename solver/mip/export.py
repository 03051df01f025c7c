"""What HiGHS is asked to prove, taken from the model with names that a person reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core import Constraint

from solver.mip.held import Wishes, Wishful
from solver.mip.matrix import Matrix
from solver.mip.statement import Column, Row, Statement
from solver.program import FAMILY_OF_LIMIT, Family, quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solver.mip.highs import Run
    from solver.mip.matrix import Linear
    from solver.mip.solve import Selection
    from solver.program import Limit, Program
    from solver.question import Aim

LONGEST_NAME = 200
"""Letters of a name; the LP format ends at 255. [1]"""

OF_LIMITS = frozenset(family.value for family in FAMILY_OF_LIMIT.values())
"""Families whose rows have a limit as first index, and perhaps a job as second."""

OF_JOBS = frozenset({Family.PICK_ONE.value, Family.MAKESPAN.value, Family.WORST_ACCURACY.value})
"""Families whose rows have a job as index."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What jobs and candidates are called."""

    jobs: Sequence[str]
    candidates: Sequence[Sequence[str]]
    """By job, one key for each column of the program."""


class Stating(Wishful):
    """A chooser that keeps what it last asked HiGHS to prove of a first aim."""

    def __init__(self, program: Program, labels: Labels, wishes: Wishes | None = None) -> None:
        super().__init__(program, wishes=wishes)
        self._loose = None  # the whole program is stated, whatever answers sooner
        self._labels = labels
        self._statement: Statement | None = None

    def stated(self, aim: Aim) -> tuple[Statement | None, Selection]:
        """The program of `aim` within all limits, and what HiGHS makes of it.

        Candidates that a limit excludes on its own are left out, as they are for HiGHS, unless
        they are all that some job has; the program is None where nothing is known of what a limit
        bounds.
        """
        self._statement = None
        found = self.best(aim)
        return self._statement, found

    def _activate(
        self, active: tuple[Limit, ...], aim: Aim | None, known: Limit | None = None
    ) -> bool:
        """Rows and columns; all that are known of where limits leave a job nothing to choose."""
        if super()._activate(active, aim, known):
            return True
        left = True
        for j, columns in enumerate(self.program.jobs):
            out = np.zeros(len(columns), dtype=bool)
            for limit in active:
                if j in self.program.concerned(limit):
                    out |= np.isnan(quantity(columns, limit.name))
            for c, never in enumerate(out.tolist()):
                self._model.x[j, c].setub(0 if never else 1)
            left &= not out.all()
        return left

    def _run(self) -> Run:
        # Once the first aim is a row, a solve only breaks ties.
        if not any(map(self._model.component, ("first_aim", "aim_kept"))):
            rows = list(self._model.component_data_objects(Constraint, active=True))
            self._statement = _statement(Matrix().read(self._model), rows, self._labels)
        return super()._run()


def _statement(linear: Linear, rows: Sequence[Any], labels: Labels) -> Statement:
    """The program without columns that are fixed to zero."""
    used = np.zeros(len(linear.cost), dtype=bool)
    used[linear.index] = True
    used |= linear.cost != 0.0
    used &= (linear.lower != 0.0) | (linear.upper != 0.0)
    place = np.cumsum(used) - 1
    names = _Names(labels)
    kept = np.flatnonzero(used).tolist()
    columns = tuple(
        Column(
            names.column(linear.variables[i]),
            float(linear.cost[i]),
            float(linear.lower[i]),
            float(linear.upper[i]),
            whole=bool(linear.is_integer[i]),
        )
        for i in kept
    )

    if linear.offset:
        columns = (*columns, Column("offset", linear.offset, 1.0, 1.0, whole=False))

    def made() -> Iterator[Row]:
        for r, row in enumerate(rows):
            part = slice(linear.start[r], linear.start[r + 1])
            pairs = zip(linear.index[part].tolist(), linear.value[part].tolist(), strict=True)
            terms = tuple((int(place[i]), factor) for i, factor in pairs if used[i])
            low, high = float(linear.row_lower[r]), float(linear.row_upper[r])
            if terms or not low <= 0.0 <= high:
                yield Row(names.row(row), terms, low, high)

    return Statement(columns, tuple(made()))


class _Names:
    """Names for rows and columns: equal models give equal names, and no two of one model agree."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._taken: set[str] = set()

    def column(self, variable: Any) -> str:  # noqa: ANN401 - Pyomo is untyped
        """The candidate's key after its job; other variables by their own name."""
        parent, index = variable.parent_component().local_name, _parts(variable.index())
        if parent != "x":
            return self._unique(parent, *index)
        job, candidate, *rest = index
        return self._unique(
            "x", self._labels.jobs[job], self._labels.candidates[job][candidate], *rest
        )

    def row(self, constraint: Any) -> str:  # noqa: ANN401 - Pyomo is untyped
        """The constraint family, and the job where each has its own."""
        family, index = constraint.parent_component().local_name, _parts(constraint.index())
        if family in OF_LIMITS:
            return self._unique(family, *(self._labels.jobs[j] for j in index[1:]))
        if family in OF_JOBS:
            return self._unique(family, self._labels.jobs[index[0]], *index[1:])
        return self._unique(family, *index)

    def _unique(self, *words: object) -> str:
        """The words as one name of letters that every format knows."""
        plain = re.sub(r"[^A-Za-z0-9_.]+", "_", " ".join(map(str, words)))[:LONGEST_NAME]
        name, number = plain, 1
        while name in self._taken:
            number += 1
            name = f"{plain}_{number}"
        self._taken.add(name)
        return name


def _parts(index: Any) -> tuple[Any, ...]:  # noqa: ANN401 - Pyomo is untyped
    return index if isinstance(index, tuple) else () if index is None else (index,)
