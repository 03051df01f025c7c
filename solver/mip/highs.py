"""HiGHS through Pyomo's persistent interface: one status table, no status read twice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pyomo.contrib.solver.common.results import TerminationCondition
from pyomo.contrib.solver.solvers.highs import Highs

RELATIVE_GAP = 1e-6
"""HiGHS stops at 1e-4 by default, which is a dollar in ten thousand. [ratio]"""


FEASIBILITY_TOLERANCE = 1e-9
"""HiGHS lets rows miss by 1e-6 by default; rows are divided by their bounds. [ratio]"""


class Ending(StrEnum):
    """Why the solver stopped; what it holds is a separate thing."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    TIME_LIMIT = "time limit"
    INTERRUPTED = "interrupted"
    ERROR = "error"


ENDINGS = {
    TerminationCondition.convergenceCriteriaSatisfied: Ending.OPTIMAL,
    TerminationCondition.maxTimeLimit: Ending.TIME_LIMIT,
    TerminationCondition.iterationLimit: Ending.TIME_LIMIT,
    TerminationCondition.objectiveLimit: Ending.ERROR,
    TerminationCondition.minStepLength: Ending.ERROR,
    TerminationCondition.unbounded: Ending.ERROR,
    TerminationCondition.provenInfeasible: Ending.INFEASIBLE,
    TerminationCondition.locallyInfeasible: Ending.ERROR,
    TerminationCondition.infeasibleOrUnbounded: Ending.INFEASIBLE,
    TerminationCondition.error: Ending.ERROR,
    TerminationCondition.interrupted: Ending.INTERRUPTED,
    TerminationCondition.licensingProblems: Ending.ERROR,
    TerminationCondition.emptyModel: Ending.ERROR,
    TerminationCondition.unknown: Ending.INTERRUPTED,
}
"""Every status of the interface. Aims are bounded below (sums of finite columns), so
infeasible-or-unbounded is infeasible; a cancelled solve comes back as unknown."""


@dataclass(frozen=True, slots=True)
class Run:
    """One solve: why it ended and what it found."""

    ending: Ending
    objective: float | None
    bound: float | None
    chosen: dict[int, int]
    """Candidate of each job; empty where no solution is held."""


class Solver:
    """A HiGHS instance that keeps its model between solves."""

    def __init__(self) -> None:
        self._highs = Highs()
        self.solves = 0

    def solve(self, model: Any, time_limit_s: float | None) -> Run:  # noqa: ANN401 - untyped Pyomo
        """Solve a Pyomo model to the relative gap, or until the time limit. [s]"""
        self.solves += 1
        results = self._highs.solve(
            model,
            load_solutions=False,
            raise_exception_on_nonoptimal_result=False,
            rel_gap=RELATIVE_GAP,
            abs_gap=0.0,
            time_limit=time_limit_s,
            solver_options={
                "primal_feasibility_tolerance": FEASIBILITY_TOLERANCE,
                "mip_feasibility_tolerance": FEASIBILITY_TOLERANCE,
            },
        )
        ending = ENDINGS[results.termination_condition]
        if results.incumbent_objective is None:
            return Run(ending, None, _finite(results.objective_bound), {})
        values = results.solution_loader.get_vars(list(model.x.values()))
        chosen = {
            variable.index()[0]: variable.index()[1]
            for variable, value in values.items()
            if value > 0.5  # noqa: PLR2004 - binary within HiGHS' tolerance
        }
        return Run(
            ending, float(results.incumbent_objective), _finite(results.objective_bound), chosen
        )


def _finite(value: float | None) -> float | None:
    return None if value is None or abs(value) == float("inf") else float(value)
