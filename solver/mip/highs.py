"""HiGHS on the arrays of a Pyomo model: one status table, no status read twice.

Pyomo's own interface to HiGHS takes 15 ms around a solve of 2 ms and carries the basis of one solve
into the next. Here HiGHS gets the whole program anew, so that what it finds depends on nothing
before it.
"""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from highspy import HighsModelStatus as Status
from highspy import HighsSolution, HighsStatus, HighsVarType, MatrixFormat, ObjSense, cb

# `highspy.Highs` prints a banner on C's standard output as it is made; its base class does not.
from highspy._core import _Highs as Highs

from solver.mip import narrow
from solver.mip.matrix import Matrix
from solver.patience import heed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from solver.estimate.configurations import FloatArray
    from solver.mip.matrix import Linear

RELATIVE_GAP = 1e-6
"""HiGHS stops at 1e-4 by default, which is a dollar in ten thousand. [ratio]"""


FEASIBILITY_TOLERANCE = 1e-9
"""HiGHS lets rows miss by 1e-6 by default; rows are divided by their bounds. [ratio]"""

OPTIONS = {
    "output_flag": False,
    "mip_rel_gap": RELATIVE_GAP,
    "mip_abs_gap": 0.0,
    "primal_feasibility_tolerance": FEASIBILITY_TOLERANCE,
    "mip_feasibility_tolerance": FEASIBILITY_TOLERANCE,
}

LOOKS = (
    cb.HighsCallbackType.kCallbackMipInterrupt,
    cb.HighsCallbackType.kCallbackSimplexInterrupt,
)
"""When HiGHS asks whether it shall go on."""

MOST_TRIES, WIDER = 4, 4.0
"""How often fewer columns are tried, and by what factor their room grows where they admit no
solution. [1]"""

FEASIBLE = 2
"""HiGHS' number for a solution that keeps everything (kSolutionStatusFeasible)."""


class Ending(StrEnum):
    """Why the solver stopped; what it holds is a separate thing."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    TIME_LIMIT = "time limit"
    INTERRUPTED = "interrupted"
    ERROR = "error"


ENDINGS = {
    Status.kNotset: Ending.INTERRUPTED,
    Status.kLoadError: Ending.ERROR,
    Status.kModelError: Ending.ERROR,
    Status.kPresolveError: Ending.ERROR,
    Status.kSolveError: Ending.ERROR,
    Status.kPostsolveError: Ending.ERROR,
    Status.kModelEmpty: Ending.ERROR,
    Status.kOptimal: Ending.OPTIMAL,
    Status.kInfeasible: Ending.INFEASIBLE,
    Status.kUnboundedOrInfeasible: Ending.INFEASIBLE,
    Status.kUnbounded: Ending.ERROR,
    Status.kObjectiveBound: Ending.ERROR,
    Status.kObjectiveTarget: Ending.ERROR,
    Status.kTimeLimit: Ending.TIME_LIMIT,
    Status.kIterationLimit: Ending.TIME_LIMIT,
    Status.kSolutionLimit: Ending.TIME_LIMIT,
    Status.kMemoryLimit: Ending.ERROR,
    Status.kInterrupt: Ending.INTERRUPTED,
    Status.kHighsInterrupt: Ending.INTERRUPTED,  # type: ignore[attr-defined]  # not in its stubs
    Status.kUnknown: Ending.INTERRUPTED,
}
"""Every status of HiGHS. Aims are bounded below (sums of finite columns): what is unbounded or
infeasible is infeasible."""


@dataclass(frozen=True, slots=True)
class Run:
    """One solve: why it ended and what it found."""

    ending: Ending
    objective: float | None
    bound: float | None
    chosen: dict[int, int]
    """Candidate of each job; empty where no solution is held."""
    at: Mapping[int, int]
    """Column of each variable by the identity of Pyomo's object."""
    values: FloatArray
    """Of every column; empty where no solution is held."""

    def value(self, variable: Any) -> float:  # noqa: ANN401 - untyped Pyomo
        """What the solution gives a variable of the model."""
        return float(self.values[self.at[id(variable)]])


class Solver:
    """HiGHS for one Pyomo model that is solved again and again."""

    def __init__(self) -> None:
        self._matrix = Matrix()
        self.solves = 0
        self.last: Linear | None = None
        """What was solved last."""

    def solve(self, model: Any, time_limit_s: float | None) -> Run:  # noqa: ANN401 - untyped Pyomo
        """Solve a Pyomo model to the relative gap, or until the time limit. [s]"""
        heed.get()()
        self.solves += 1
        self.last = linear = self._matrix.read(model)
        until = None if time_limit_s is None else time.monotonic() + time_limit_s
        narrowed = _solved_narrowly(linear, until) if narrow.is_worthwhile(linear) else None
        found = narrowed or _solved(linear, until)
        at = linear.columns.at
        if found.objective is None:
            return Run(found.ending, None, found.bound, {}, at, found.values)
        chosen = _chosen(model, linear, found.values)
        return Run(found.ending, found.objective, found.bound, chosen, at, found.values)


@dataclass(frozen=True, slots=True)
class _Found:
    """What HiGHS made of some arrays."""

    ending: Ending
    objective: float | None
    bound: float | None
    values: FloatArray
    """Of every column; empty where no solution is held."""
    reduced_costs: FloatArray
    """The same, where nothing is whole."""


def _solved(linear: Linear, until: float | None, start: FloatArray | None = None) -> _Found:
    """Solve some arrays.

    Args:
        linear: the arrays.
        until: a moment of the monotonic clock; None: as long as it takes. [s]
        start: values of a solution that is at hand.
    """
    highs = loaded(linear)
    if start is not None:
        known = HighsSolution()
        known.col_value = start.tolist()
        highs.setSolution(known)
    if until is not None:
        highs.setOptionValue("time_limit", max(0.0, until - time.monotonic()))
    _run(highs)
    ending, info = ENDINGS[highs.getModelStatus()], highs.getInfo()
    bound = info.mip_dual_bound if info.mip_node_count >= 0 else None
    if info.primal_solution_status != FEASIBLE:
        return _Found(ending, None, _finite(bound), np.empty(0), np.empty(0))
    objective, solution = float(info.objective_function_value), highs.getSolution()
    if bound is None and ending is Ending.OPTIMAL:  # no branching: the value is its own bound
        bound = objective
    costs = np.empty(0) if linear.is_integer.any() else np.array(solution.col_dual)
    return _Found(ending, objective, _finite(bound), np.array(solution.col_value), costs)


def _solved_narrowly(linear: Linear, until: float | None) -> _Found | None:
    """The best solution by columns that the relaxation finds cheap; None: it takes all of them.

    A column that costs more than some room above the relaxation is in no solution that does not:
    what is found without those is the best if it lies within the room, and if it does not, the best
    lies within the room that it needs.
    """
    linear = narrow.within_rows(linear)
    bound = _solved(narrow.relaxed(linear), until)
    if bound.ending is Ending.INFEASIBLE:
        return bound
    if bound.objective is None or bound.ending is not Ending.OPTIMAL:
        return None
    slack = RELATIVE_GAP * max(1.0, abs(bound.objective))
    room = narrow.room_to_try(linear, bound.reduced_costs)
    at_hand = None
    for _ in range(MOST_TRIES):
        few = narrow.without_dearer(linear, bound.reduced_costs, room + slack)
        found = _solved(few, until, at_hand)
        if found.ending is Ending.INFEASIBLE:
            room *= WIDER
            continue
        if found.objective is None or found.ending is not Ending.OPTIMAL:
            return None
        needed = found.objective - bound.objective
        if needed <= room:
            least = min(found.objective, bound.objective + room)
            return replace(found, bound=min(least if found.bound is None else found.bound, least))
        room, at_hand = needed, found.values
    return None


def _chosen(model: Any, linear: Linear, values: FloatArray) -> dict[int, int]:  # noqa: ANN401
    """Candidate of each job: x[j,c] within HiGHS' tolerance of 1."""
    ones = np.flatnonzero((values > 0.5) & linear.is_integer)  # noqa: PLR2004
    variables = [linear.columns.variables[i] for i in ones.tolist()]
    return dict(v.index() for v in variables if v.parent_component() is model.x)


def _run(highs: Highs) -> None:
    """Solve; what `heed` raises and Ctrl-C end the solve first and are raised then."""
    watch = _Watch(heed.get())
    highs.setCallback(watch.look, None)
    for kind in LOOKS:
        highs.startCallback(kind)
    with watch:
        highs.run()
    if watch.raised is not None:
        raise watch.raised


class _Watch:
    """Looks up from a solve now and then (26 times in one of 50 ms).

    An exception must not cross HiGHS, and Python would raise Ctrl-C at the first line that it runs
    there, so while HiGHS runs it is only noted.
    """

    def __init__(self, heeded: Callable[[], None]) -> None:
        self._heeded = heeded
        self._usual: Any = None
        self.raised: BaseException | None = None

    def __enter__(self) -> None:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._usual = signal.signal(signal.SIGINT, self._note_interrupt)

    def __exit__(self, *_: object) -> None:
        if self._usual is not None:
            signal.signal(signal.SIGINT, self._usual)

    def look(self, kind: Any, message: str, out: Any, into: Any, data: Any) -> None:  # noqa: ANN401
        """HiGHS' callback: whether it shall go on."""
        del kind, message, out, data
        if self.raised is None:
            try:
                self._heeded()
            except Exception as error:  # noqa: BLE001 - raised again once HiGHS has ended
                self.raised = error
        into.user_interrupt = self.raised is not None

    def _note_interrupt(self, number: int, frame: object) -> None:
        del number, frame
        self.raised = KeyboardInterrupt()


def loaded(linear: Linear) -> Highs:
    """A HiGHS that holds the program and our tolerances.

    Raises:
        ValueError: HiGHS does not take it.
    """
    highs = Highs()
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    kinds = (HighsVarType.kContinuous, HighsVarType.kInteger)
    status = highs.passModel(
        len(linear.cost),
        len(linear.row_lower),
        len(linear.value),
        int(MatrixFormat.kRowwise),
        int(ObjSense.kMinimize),
        linear.offset,
        linear.cost,
        linear.lower,
        linear.upper,
        linear.row_lower,
        linear.row_upper,
        linear.start,
        linear.index,
        linear.value,
        np.where(linear.is_integer, int(kinds[1]), int(kinds[0])).astype(np.int32),
    )
    if status is HighsStatus.kError:
        raise ValueError("HiGHS does not take the program")
    return highs


def _finite(value: float | None) -> float | None:
    return None if value is None or abs(value) == float("inf") else float(value)
