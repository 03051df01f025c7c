"""An aim that is held near its best while another is improved, and a stated second aim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core import Constraint

from solver.mip import formulation
from solver.mip.highs import Ending
from solver.mip.selection import Selection
from solver.mip.solve import TIE, Chooser
from solver.program import excluded
from solver.question import Aim

if TYPE_CHECKING:
    from solver.program import Limit, Program
    from solver.question import Question


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a plan besides its aim."""

    hold: Aim | None = None
    """An aim that may get only a little worse than its best; not the balanced one."""
    within: float = 0.0
    """By how much of its best value. [ratio]"""
    second: Aim | None = None
    """What decides between plans that the aim finds equal; None: dollars, hours and accuracy
    together. With the balanced aim it decides between equal corner plans, from which that aim
    measures, not between equal balanced plans. Not the balanced one."""

    @property
    def any(self) -> bool:
        """True where anything is asked besides the aim."""
        return self.hold is not None or self.second is not None

    @classmethod
    def of(cls, question: Question) -> Wishes:
        """Those of a question."""
        hold = question.hold
        if hold is None:
            return cls(second=question.second_aim)
        return cls(hold.aim, hold.within, question.second_aim)


@dataclass(frozen=True, slots=True)
class Held:
    """How well the held aim can be met, and what was allowed; as `Selection.objective`."""

    best: float
    allowed: float


class Wishful(Chooser):
    """A chooser that keeps wishes while it looks for the best plan.

    Hold: with h(x) the held aim and h* its least value within the active limits, every plan keeps
    h(x) ≤ h* + within · |h*|. Ties: first(x) ≤ first* + 1e-6, then the second aim is minimised,
    then dollars, hours and accuracy together.
    """

    def __init__(
        self, program: Program, time_limit_s: float | None = None, wishes: Wishes | None = None
    ) -> None:
        super().__init__(program, time_limit_s)
        self._wishes = wishes or Wishes()
        if self.has_wishes:
            self._loose = None  # it knows no wishes
        self._unknown_out = False
        self.held: Held | None = None
        """Of the last plan that was looked for; None: nothing was held."""

    @property
    def has_wishes(self) -> bool:
        """True where anything is asked besides the aim."""
        return self._wishes.any

    def best(self, aim: Aim, limits: tuple[Limit, ...] | None = None) -> Selection:
        """The best plan by `aim` and the wishes within the active limits."""
        self.held = None
        if self._is_hopeless(self.program.limits if limits is None else limits):
            return Selection((), Ending.INFEASIBLE, None, None)  # no need to build it
        hold = self._wishes.hold
        if hold is None or hold is aim:
            return super().best(aim, limits)
        corner = super().best(hold, limits)
        if corner.ending is not Ending.OPTIMAL or corner.objective is None:
            return replace(corner, objective=None, bound=None)
        room = max(self._wishes.within * abs(corner.objective), TIE)
        self.held = Held(corner.objective, corner.objective + room)
        self._unknown_out = hold is Aim.MOST_ACCURATE and self._is_rated(corner)
        try:
            return super().best(aim, limits)
        finally:
            self._forget("held")

    def _is_hopeless(self, active: tuple[Limit, ...]) -> bool:
        """Whether limits leave some job nothing to choose, whatever the others do."""
        jobs = range(len(self.program.jobs))
        return any(bool(excluded(self.program, j, active).all()) for j in jobs)

    def least(self, limit: Limit, better: tuple[Aim, float] | None = None) -> Selection:
        """The plan that misses `limit` least; nothing is held, for its best would move too."""
        self.held = None
        return super().least(limit, better)

    def _activate(
        self, active: tuple[Limit, ...], aim: Aim | None, known: Limit | None = None
    ) -> bool:
        left = super()._activate(active, aim, known)
        hold, m = self._wishes.hold, self._model
        self._forget("held")
        if self.held is None or hold is None:
            return left
        m.held = Constraint(expr=self._expression(hold) <= self.held.allowed)
        if self._unknown_out:
            for j, columns in enumerate(self.program.jobs):
                if np.isfinite(columns.accuracy).any():
                    for c in np.flatnonzero(np.isnan(columns.accuracy)).tolist():
                        m.x[j, c].setub(0)
        return left

    def _then_second(self, first: Any) -> Selection:  # noqa: ANN401 - Pyomo is untyped
        second, m = self._wishes.second, self._model
        if second is None or not self._breaks_ties:
            return super()._then_second(first)
        formulation.minimise(m, first)
        run = self._run()
        if run.objective is None or run.ending is not Ending.OPTIMAL:
            return self._selection(run, run)
        m.aim_kept = Constraint(expr=first <= run.objective + TIE * max(1.0, abs(run.objective)))
        found = super()._then_second(self._expression(second))
        self._forget("aim_kept")
        if not found.chosen:
            return self._selection(run, run)
        return replace(found, objective=run.objective, bound=run.bound)

    def _is_rated(self, found: Selection) -> bool:
        """Whether the accuracy of every job that has any is known in a plan."""
        return all(
            np.isfinite(columns.accuracy[c]) or np.isnan(columns.accuracy).all()
            for columns, c in zip(self.program.jobs, found.chosen, strict=True)
        )

    def _forget(self, name: str) -> None:
        if self._model.component(name) is not None:
            self._model.del_component(name)
