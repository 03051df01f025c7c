"""Plans that differ from a given one in something of at least one job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyomo.core import Constraint
from pyomo.core.expr.numeric_expr import LinearExpression

from solver.mip.solve import Chooser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import BoolArray
    from solver.mip.selection import Selection
    from solver.program import Program
    from solver.question import Aim


class Differing(Chooser):
    """A chooser that can leave out plans like a given one."""

    def __init__(self, program: Program, time_limit_s: float | None = None) -> None:
        super().__init__(program, time_limit_s)
        self._loose = None  # its plans need not differ

    def unlike(self, same: Sequence[BoolArray], aim: Aim) -> Selection:
        """The best plan in which at least one job differs: Σ_j Σ_{c same} x[j,c] ≤ |J| − 1.

        Args:
            same: by job, the columns that share with the given plan what shall differ.
            aim: what is best.
        """
        m = self._model
        alike = [
            m.x[j, c] for j, columns in enumerate(same) for c in np.flatnonzero(columns).tolist()
        ]
        m.differs = Constraint(
            expr=LinearExpression(linear_coefs=[1.0] * len(alike), linear_vars=alike)
            <= len(same) - 1
        )
        found = self.best(aim)
        m.del_component("differs")
        return found
