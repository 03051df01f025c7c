"""Limits that are missed together: the smallest mix, firm limits last to move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyomo.core import ConstraintList, NonNegativeReals, Var

from solver.mip import formulation
from solver.mip.highs import Ending
from solver.mip.selection import Selection
from solver.mip.solve import TIE, Chooser
from solver.program import FAMILY_OF_LIMIT, Limit, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.program import Program


class Mixing(Chooser):
    """A chooser in which every limit may be missed."""

    def __init__(self, program: Program, time_limit_s: float | None = None) -> None:
        super().__init__(program, time_limit_s)
        m = self._model
        m.miss = Var(range(len(program.limits)), domain=NonNegativeReals)
        m.missed = ConstraintList()
        for name, family in FAMILY_OF_LIMIT.items():
            for index, row in m.component(family.value).items():
                i = index[0] if isinstance(index, tuple) else index
                limit = program.limits[i]
                if limit.name != name:
                    continue
                room = m.miss[i] * self._scale(limit) / m.unit[i]
                if limit.is_minimum:
                    m.missed.add(row.body + room >= m.bound[i])
                else:
                    m.missed.add(row.body - room <= m.bound[i])

    def least_mix(self, tiers: Sequence[Sequence[Limit]]) -> Selection:
        """The plan whose misses are the smallest together.

        A miss counts relative to the limit itself, that of an accuracy relative to the way from
        chance to the ceiling: minimise max_l miss[l] tier by tier, each kept in the next ones, and
        at last Σ_l miss[l].

        Args:
            tiers: the limits, those that should move last in the first tier.
        """
        if not self._activate((), None) or not self._only_known():
            return Selection((), Ending.INFEASIBLE, None, None)
        m = self._model
        m.tiers = ConstraintList()
        m.worst_miss = Var(range(len(tiers)), domain=NonNegativeReals)
        found = None
        for t, tier in enumerate(tiers):
            for limit in tier:
                m.tiers.add(m.miss[self.program.limits.index(limit)] <= m.worst_miss[t])
            formulation.minimise(m, m.worst_miss[t])
            found = self._run()
            if found.objective is None:
                return self._selection(found, found)
            m.worst_miss[t].setub(found.objective + TIE * max(1.0, found.objective))
        formulation.minimise(m, sum(m.miss[i] for i in range(len(self.program.limits))))
        last = self._run()
        return self._selection(last, last if last.chosen else found or last)

    def _scale(self, limit: Limit) -> float:
        """What a miss of 1 means, in the limit's unit."""
        if limit.is_minimum:
            columns = [self.program.jobs[j] for j in self.program.concerned(limit)]
            return min(c.ceiling - c.chance for c in columns)
        return limit.bound if limit.bound > 0 else float(self._model.scale[limit.name])

    def _only_known(self) -> bool:
        """Leave out candidates of which a limited quantity is not known: no change admits them."""
        left = True
        for j, columns in enumerate(self.program.jobs):
            out = np.zeros(len(columns), dtype=bool)
            for limit in self.program.limits:
                if j in self.program.concerned(limit):
                    out |= np.isnan(quantity(columns, limit.name))
            for c in np.flatnonzero(out).tolist():
                self._model.x[j, c].setub(0)
            left &= not bool(out.all())
        return left
