"""What HiGHS is asked to prove, taken from the model with names that a person reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core import Constraint

from solver.mip import formulation
from solver.mip.held import Wishes, Wishful
from solver.mip.matrix import Matrix
from solver.mip.statement import Column, Row, Statement
from solver.program import FAMILY_OF_LIMIT, quantity
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solver.mip.highs import Run
    from solver.mip.matrix import Linear
    from solver.mip.selection import Selection
    from solver.program import Limit, Program

LONGEST_NAME = 200
"""Letters of a name; the LP format ends at 255. [1]"""

ROLES = {
    **{family.value: "lj" for family in FAMILY_OF_LIMIT.values()},
    "pick_one": "j",
    "makespan": "j",
    "worst_accuracy": "j",
    "start": "j",
    "begins": "j",
    "in_order": "jj",
    "stages_match": "jj",
    "left_out_together": "jj",
    "begin_once": "-j",
    "within_stock": "r",
    "used_at_once": "r",
    "bought": "r",
}
"""What each index of a row or variable stands for: a job (j), a resource (r), itself (-), or a
limit (l), which the family names already."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What jobs and candidates are called."""

    jobs: Sequence[str]
    candidates: Sequence[Sequence[str]]
    """By job, one key for each column of the program; more do no harm."""


class Stating(Wishful):
    """A chooser that keeps what it last asked HiGHS to prove of a first aim."""

    def __init__(self, program: Program, labels: Labels, wishes: Wishes | None = None) -> None:
        super().__init__(program, wishes=wishes)
        self._loose = None  # the whole program is stated, whatever answers sooner
        self._labels = labels
        self._statement: Statement | None = None
        self._stops = False

    def stated(self, aim: Aim, *, solve: bool) -> tuple[Statement | None, Selection | None]:
        """The program of `aim` within all limits, and what HiGHS makes of it where it is asked.

        Candidates that a limit excludes on its own are left out, as they are for HiGHS, unless
        they are all that some job has; the program is None where nothing is known of what a limit
        bounds.

        Args:
            aim: what is best.
            solve: ask HiGHS. The cheapest and the fastest can be stated without.
        """
        self._statement = None
        self._stops = not solve and aim in (Aim.CHEAPEST, Aim.FASTEST)
        try:
            found = self.best(aim)
        except _StatedError:
            return self._statement, None
        return self._statement, found if solve else None

    def _is_hopeless(self, active: tuple[Limit, ...]) -> bool:
        """Never: what nothing keeps is stated too."""
        del active
        return False

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

    def _then_second(self, first: Any) -> Selection:  # noqa: ANN401 - Pyomo is untyped
        holds = self._wishes.hold is not None and self.held is None
        if self._stops and not holds:
            formulation.minimise(self._model, first)
            self._statement = self._taken()
            raise _StatedError
        return super()._then_second(first)

    def _run(self) -> Run:
        # Once the first aim is a row, a solve only breaks ties.
        if not any(map(self._model.component, ("first_aim", "aim_kept"))):
            self._statement = self._taken()
        return super()._run()

    def _taken(self) -> Statement:
        rows = list(self._model.component_data_objects(Constraint, active=True))
        # Rows of GPUs in use at once stand under -1.
        resources = [*(resource.name for resource in self.program.resources), "gpus"]
        names = _Names(self._labels, resources)
        return _statement(Matrix().read(self._model), rows, names)


class _StatedError(Exception):
    """The program is stated: nothing more is wanted."""


def _statement(linear: Linear, rows: Sequence[Any], names: _Names) -> Statement:
    """The program without columns that are fixed to zero."""
    used = np.zeros(len(linear.cost), dtype=bool)
    used[linear.index] = True
    used |= linear.cost != 0.0
    used &= (linear.lower != 0.0) | (linear.upper != 0.0)
    place = np.cumsum(used) - 1
    kept = np.flatnonzero(used).tolist()
    columns = tuple(
        Column(
            names.of(linear.variables[i]),
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
                yield Row(names.of(row), terms, low, high)

    return Statement(columns, tuple(made()))


class _Names:
    """Names for rows and columns: equal models give equal names, and no two of one model agree."""

    def __init__(self, labels: Labels, resources: Sequence[str]) -> None:
        self._labels = labels
        self._resources = resources
        self._taken: set[str] = set()

    def of(self, part: Any) -> str:  # noqa: ANN401 - Pyomo is untyped
        """A candidate by its job and key, what else there is by its own name and what it is of."""
        name, index = part.parent_component().local_name, _parts(part.index())
        if name == "x":
            job, candidate = index
            return self._unique(
                "x", self._labels.jobs[job], self._labels.candidates[job][candidate]
            )
        roles = ROLES.get(name, "").ljust(len(index), "-")
        words = (
            self._labels.jobs[i] if role == "j" else self._resources[i] if role == "r" else i
            for role, i in zip(roles, index, strict=False)
            if role != "l"
        )
        return self._unique(name, *words)

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
