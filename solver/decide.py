"""The decision: candidates at one quantile, the reduced program, the best plan and its chance.

Each uncertain limit is enforced at one quantile q. With m of them and an asked confidence p, q lies
between p and 1 - (1 - p) / 2m (two causes each, by the union bound, and a little above where that
falls short); the smallest q whose plan holds all limits together with probability p in simulation
is used.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.candidates import columns_at
from solver.limits import uncertain_limits
from solver.mip.highs import Ending
from solver.mip.solve import Chooser, Selection
from solver.program import Program, excluded, natural_sizes
from solver.reduce import reduced
from solver.simulate import simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from solver.candidates import Candidates
    from solver.estimate.configurations import IntArray
    from solver.plan import LimitName
    from solver.program import JobColumns, Limit
    from solver.question import Question
    from solver.simulate import Draws

    Progress = Callable[[str, float], None]

BISECTIONS = 4
"""Halvings of the interval of quantiles: what is left is a fraction of a point. [1]"""

SUREST = 0.9995
"""The highest quantile that is tried: beyond it spreads are not known. [1]"""


@dataclass(frozen=True, slots=True)
class Reduced:
    """A program over the candidates that can matter, at one quantile."""

    quantile: float
    columns: tuple[JobColumns, ...]
    """By job, all candidates."""
    kept: tuple[IntArray, ...]
    """By job, the candidates that are columns of the program."""
    program: Program


@dataclass(frozen=True, slots=True)
class Decision:
    """The best plan at the quantile that was found, or that there is none."""

    jobs: tuple[Candidates, ...]
    limits: tuple[Limit, ...]
    reduced: Reduced
    chooser: Chooser
    selection: Selection
    chosen: tuple[int, ...]
    """Position of each job's candidate; empty where no plan keeps every limit."""
    outcomes: Draws | None
    """Simulated outcomes of the plan."""
    joint_chance: float | None
    seconds: float
    """Time of the decision, estimates not counted. [s]"""

    def positions(self, selection: Selection) -> tuple[int, ...]:
        """Candidates that a selection of this program's columns stands for."""
        kept = self.reduced.kept
        return tuple(int(kept[j][c]) for j, c in enumerate(selection.chosen))


def decide(
    question: Question,
    jobs: tuple[Candidates, ...],
    limits: tuple[Limit, ...],
    progress: Progress,
    time_limit_s: float | None = None,
) -> Decision:
    """Find the quantile, the best plan at it and the chance that it keeps every limit.

    Args:
        question: aim, confidence and stock.
        jobs: candidates of each job.
        limits: what must be kept.
        progress: told what is being done and how far it is, from 0 to 1.
        time_limit_s: for choosing and proving together. [s]
    """
    started = time.monotonic()

    def left() -> float | None:
        if time_limit_s is None:
            return None
        return max(0.0, time_limit_s - (time.monotonic() - started))

    progress("choosing", 0.5)
    search = Search(question, jobs, limits, left)
    quantile = search.quantile()
    progress("proving", 0.7)
    program = search.reduced_program(quantile)
    chooser = Chooser(program.program, left())
    selection = chooser.best(question.aim)
    chooser.unhurried()
    chosen = tuple(int(program.kept[j][c]) for j, c in enumerate(selection.chosen))
    outcomes = outcomes_of(jobs, chosen) if chosen else None
    chance = joint_chance(outcomes, limits) if outcomes else None
    proven = selection.ending is Ending.OPTIMAL
    if proven and chance is not None and chance < question.limits.confidence:
        # Not even the surest quantile gives a plan that holds as often as asked.
        selection, chosen = Selection((), Ending.INFEASIBLE, None, None), ()
        outcomes = chance = None
    seconds = time.monotonic() - started
    return Decision(jobs, limits, program, chooser, selection, chosen, outcomes, chance, seconds)


def outcomes_of(jobs: tuple[Candidates, ...], chosen: tuple[int, ...]) -> Draws:
    """Simulated outcomes of the plan that uses candidate `chosen[j]` for job j."""
    uncertain = [job.uncertain(position) for job, position in zip(jobs, chosen, strict=True)]
    return simulated(uncertain, jobs[0].bench.constants.assumptions)


def joint_chance(outcomes: Draws, limits: tuple[Limit, ...]) -> float:
    """Share of the outcomes in which all uncertain limits hold. [0..1]"""
    kept = [outcomes.keeps(limit) for limit in uncertain_limits(limits)]
    return float(np.logical_and.reduce(kept).mean()) if kept else 1.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """Columns of all candidates at one quantile, and which of them can matter."""

    jobs: tuple[Candidates, ...]
    columns: tuple[JobColumns, ...]
    kept: tuple[IntArray, ...]


_recent: dict[tuple[object, ...], Prepared] = {}

REMEMBERED = 3
"""Quantiles whose columns stay in memory: a window asks again and again with other limits. [1]"""


def prepared(
    jobs: tuple[Candidates, ...], quantile: float, limited: Iterable[LimitName]
) -> Prepared:
    """Columns and reduction at a quantile; the values of limits play no part, so both are kept."""
    names = frozenset(limited)
    # Candidates of an edited job share their arrays with those before the edit.
    key = (*(id(job.row) for job in jobs), quantile, names)
    found = _recent.pop(key, None)
    if found is None:
        columns = tuple(columns_at(job, quantile) for job in jobs)
        found = Prepared(jobs, columns, tuple(reduced(job, names) for job in columns))
    _recent[key] = found  # the jobs stay alive with it, so that the ids stay theirs
    while len(_recent) > REMEMBERED:
        _recent.pop(next(iter(_recent)))
    return found


def _unbounded() -> None:
    """No time limit."""


class Search:
    """Programs of one question at several quantiles."""

    def __init__(
        self,
        question: Question,
        jobs: tuple[Candidates, ...],
        limits: tuple[Limit, ...],
        left: Callable[[], float | None] = _unbounded,
    ) -> None:
        self._question, self._jobs, self._limits = question, jobs, limits
        self._left = left
        self._confidence = question.limits.confidence
        self._asked = prepared(jobs, self._confidence, self._names)
        self._sizes = natural_sizes(self._asked.columns)
        # Hours and dollars grow with the quantile: what misses a limit here misses it above.
        self._wanted = [
            np.flatnonzero(~excluded(Program(self._asked.columns, limits, ()), j, limits))
            for j in range(len(jobs))
        ]

    def reduced_program(self, quantile: float) -> Reduced:
        """The program at one quantile, reduced without regard to the values of limits."""
        some = prepared(self._jobs, quantile, self._names)
        return Reduced(quantile, some.columns, some.kept, self._program(some.columns, some.kept))

    def quantile(self) -> float:
        """The smallest quantile whose plan keeps all limits together as often as asked.

        Where none does, one at which no plan keeps every limit.
        """
        asked, many = self._confidence, len(uncertain_limits(self._limits))
        if many == 0:
            return asked
        if self._suffices(asked) is not False:
            return asked
        low, high = asked, 1.0 - (1.0 - asked) / (2.0 * many)
        if self._suffices(high) is False:
            low, high = high, SUREST
        for _ in range(BISECTIONS):
            if self._left() == 0.0:
                return high
            middle = (low + high) / 2.0
            low, high = (middle, high) if self._suffices(middle) is False else (low, middle)
        return high

    def _suffices(self, quantile: float) -> bool | None:
        """Whether the best plan at a quantile holds often enough; None: there is no plan."""
        if any(len(index) == 0 for index in self._wanted):
            return None
        wanted, columns, kept = self._choices(quantile)
        program = self._program(columns, kept)
        selection = Chooser(program, self._left()).best(self._question.aim)
        if not selection.chosen:
            return None
        chosen = tuple(int(wanted[j][kept[j][c]]) for j, c in enumerate(selection.chosen))
        chance = joint_chance(outcomes_of(self._jobs, chosen), self._limits)
        return chance >= self._confidence

    def _choices(
        self, quantile: float
    ) -> tuple[list[IntArray], tuple[JobColumns, ...], tuple[IntArray, ...]]:
        """Positions of candidates, their columns, and which of those can matter, by job."""
        if quantile == self._confidence:
            every = [np.arange(len(job)) for job in self._jobs]
            return every, self._asked.columns, self._asked.kept
        columns = tuple(
            columns_at(job, quantile, self._wanted[j]) for j, job in enumerate(self._jobs)
        )
        kept = tuple(reduced(here, self._names) for here in columns)
        return self._wanted, columns, kept

    @property
    def _names(self) -> list[LimitName]:
        return [limit.name for limit in self._limits]

    def _program(self, columns: tuple[JobColumns, ...], kept: tuple[IntArray, ...]) -> Program:
        taken = tuple(job.take(index) for job, index in zip(columns, kept, strict=True))
        stock = tuple(float(pool.machines) for pool in self._question.owned)
        return Program(taken, self._limits, stock, self._sizes)
