"""The decision: candidates at one quantile, the reduced program, the best plan and its chance.

Each uncertain limit is enforced at one quantile q. With m of them and an asked confidence p, q lies
between p and 1 - (1 - p) / 2m (two causes each, by the union bound, and a little above where that
falls short); the smallest q whose plan holds all limits together with probability p in simulation
is used.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from solver.limits import uncertain_limits
from solver.mip.held import Wishes, Wishful
from solver.mip.highs import Ending
from solver.mip.scan import Scan, is_table
from solver.mip.selection import Selection
from solver.mip.solve import Chooser
from solver.prepared import prepared
from solver.program import (
    NOT_DONE,
    Program,
    depth,
    or_left_out,
    purchases_usd,
    quantity,
    tasks_of,
)
from solver.shared import shared_by
from solver.simulate import SEED, simulated
from solver.timetable import at_once, earliest_starts, packed

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.candidates import Candidates
    from solver.estimate.configurations import IntArray
    from solver.mip.held import Held
    from solver.mip.statement import Ranges
    from solver.prepared import ColumnsOfAll, Prepared
    from solver.program import JobColumns, Limit
    from solver.question import Question
    from solver.simulate import Draws
    from solver.timetable import Timing

    Progress = Callable[[str, float], None]

BISECTIONS = 4
"""Halvings of the interval of quantiles: what is left is a fraction of a point. [1]"""

SUREST = 0.9995
"""The highest quantile that is tried: beyond it spreads are not known. [1]"""


@dataclass(frozen=True, slots=True)
class Reduced:
    """A program over the candidates that can matter, at one quantile."""

    quantile: float
    columns: ColumnsOfAll
    """By job, all candidates."""
    kept: tuple[IntArray, ...]
    """By job, the candidates that are columns of the program."""
    program: Program

    def positions(self, chosen: tuple[int, ...]) -> tuple[int, ...]:
        """Candidates that columns of the program stand for; the last of an optional job is none."""
        return tuple(
            int(self.kept[j][c]) if c < len(self.kept[j]) else NOT_DONE
            for j, c in enumerate(chosen)
        )

    def reached(self, limit: Limit, positions: tuple[int, ...], timing: Timing) -> float:
        """What counts against a limit in a plan, in the limit's unit; NaN where it is not known."""
        concerned = range(len(positions)) if limit.job is None else (limit.job,)
        done = [j for j in concerned if positions[j] != NOT_DONE]
        if limit.name == "deadline":
            return max((timing.ends[j] for j in done), default=0.0)
        if limit.name == "max_gpus":
            return timing.peak_gpus
        columns = [self.columns.single(j, positions[j]) for j in done]
        values = [float(quantity(one, limit.name)[0]) for one in columns]
        if limit.is_minimum:
            return min(values, default=1.0)
        bought = purchases_usd(self.program.resources, timing.bought)
        return sum(values) + (bought if limit.name == "budget" else 0.0)

    def timing(self, positions: tuple[int, ...]) -> Timing:
        """Times of a plan that the program has not timed: jobs in the order of the question."""
        program = self.program
        chosen = tuple(
            self.columns.single(j, position)
            if position != NOT_DONE
            else or_left_out(program.jobs[j].take(np.empty(0, dtype=np.int64)))
            for j, position in enumerate(positions)
        )
        tasks = tasks_of(replace(program, jobs=chosen, limits=()), (0,) * len(chosen))
        order = sorted(range(len(tasks)), key=lambda j: depth(program.chain, j))
        timing = packed(tasks, program.resources, order) if program.is_timed else None
        return timing or at_once(tasks, program.resources)


@dataclass(frozen=True, slots=True)
class Decision:
    """The best plan at the quantile that was found, or that there is none."""

    jobs: tuple[Candidates, ...]
    limits: tuple[Limit, ...]
    reduced: Reduced
    chooser: Wishful
    seeker: Chooser | Scan
    """Asked by what explains the decision."""
    selection: Selection
    chosen: tuple[int, ...]
    """Position of each job's candidate; empty where no plan keeps every limit."""
    outcomes: Draws | None
    """Simulated outcomes of the plan."""
    joint_chance: float | None
    seconds: float
    """Time of the decision, estimates not counted. [s]"""
    held: Held | None = None
    """How near its best the held aim was kept."""
    ranges: Ranges | None = None
    """How far the numbers of the program lie apart."""
    timings: dict[tuple[int, ...], Timing] = field(default_factory=dict)
    """Times of the plans that the program found so far."""

    def positions(self, selection: Selection) -> tuple[int, ...]:
        """Candidates that a selection of this program's columns stands for; their times are kept.

        `NOT_DONE` stands for a job that is left out.
        """
        chosen = self.reduced.positions(selection.chosen)
        if selection.timing is not None:
            self.timings[chosen] = selection.timing
        return chosen

    def timing_of(self, positions: tuple[int, ...]) -> Timing:
        """When the jobs of a plan run at the enforced quantile."""
        if positions not in self.timings:
            self.timings[positions] = self.reduced.timing(positions)
        return self.timings[positions]

    def reached(self, limit: Limit, positions: tuple[int, ...]) -> float:
        """What counts against a limit in a plan, in the limit's unit."""
        return self.reduced.reached(limit, positions, self.timing_of(positions))

    def bought_usd(self, positions: tuple[int, ...]) -> float:
        """What a plan pays for machines that are bought whole. [USD]"""
        return purchases_usd(self.reduced.program.resources, self.timing_of(positions).bought)

    @property
    def only_columns(self) -> JobColumns:
        """The candidates of a single job, with the hours until each could end at the earliest."""
        columns = self.reduced.columns[0]
        resources = self.reduced.program.resources
        if not any(resource.closed for resource in resources):
            return columns
        hours = columns.hours.copy()
        for k, resource in enumerate(resources):
            here = columns.pool == k
            hours[here] += earliest_starts(hours[here], resource.closed)
        return replace(columns, hours=hours)


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
    found = search.tried(quantile)
    chooser, selection = found.chooser, found.selection
    held, ranges = chooser.held, chooser.ranges
    chooser.unhurried()
    chosen, outcomes, chance = found.chosen, found.outcomes, found.chance
    proven = selection.ending is Ending.OPTIMAL
    if proven and chance is not None and chance < question.limits.confidence:
        # Not even the surest quantile gives a plan that holds as often as asked.
        selection, chosen = Selection((), Ending.INFEASIBLE, None, None), ()
        outcomes = chance = None
    seconds = time.monotonic() - started
    made = Decision(
        jobs,
        limits,
        found.reduced,
        chooser,
        chooser if chooser.has_wishes else seeker_of(found.reduced.program, chooser),
        selection,
        chosen,
        outcomes,
        chance,
        seconds,
        held,
        ranges,
    )
    if chosen:
        made.positions(selection)
    return made


def seeker_of(program: Program, chooser: Chooser | None = None) -> Chooser | Scan:
    """Who is asked what else a program admits: where it is a table, no solver is needed.

    Args:
        program: of a decision or at another quantile.
        chooser: of that program; None: it is built.
    """
    return Scan(program) if is_table(program) else chooser or Chooser(program)


def outcomes_of(
    jobs: tuple[Candidates, ...],
    chosen: tuple[int, ...],
    timing: Timing | None,
    program: Program,
    *,
    count: int | None = None,
    seed: int = SEED,
) -> Draws:
    """Simulated outcomes of a plan.

    Args:
        jobs: candidates of each job.
        chosen: the candidate of each job, `NOT_DONE` for none.
        timing: when its jobs run; None: all begin at once.
        program: prices of what is bought whole.
        count: outcomes to draw; None: as assumed. [1]
        seed: of the generator.
    """
    uncertain = [
        None if position == NOT_DONE else job.uncertain(position)
        for job, position in zip(jobs, chosen, strict=True)
    ]
    bought = 0.0 if timing is None else purchases_usd(program.resources, timing.bought)
    assumptions = jobs[0].bench.constants.assumptions
    return simulated(uncertain, assumptions, timing, bought, count=count, seed=seed)


def joint_chance(outcomes: Draws, limits: tuple[Limit, ...]) -> float:
    """Share of the outcomes in which all uncertain limits and calendars hold. [0..1]"""
    kept = [outcomes.keeps(limit) for limit in uncertain_limits(limits)]
    return float(np.logical_and.reduce([outcomes.in_calendar, *kept]).mean())


def _unbounded() -> None:
    """No time limit."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The best plan at one quantile and the chance that it keeps every limit."""

    reduced: Reduced
    chooser: Wishful
    selection: Selection
    chosen: tuple[int, ...]
    """Position of each job's candidate; empty where there is no plan."""
    outcomes: Draws | None
    chance: float | None


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
        self._shared = shared_by(question)
        self._sizes = self._prepared(self._confidence).sizes
        self._last: Tried | None = None
        """Of those tried, the last that holds often enough, or at whose quantile no plan is."""

    def reduced_program(self, quantile: float) -> Reduced:
        """The program at one quantile, reduced without regard to the values of limits."""
        some = self._prepared(quantile)
        program = self._shared.program(some.taken, self._limits, self._sizes)
        return Reduced(quantile, some.columns, some.kept, program)

    def tried(self, quantile: float) -> Tried:
        """The best plan at a quantile."""
        if self._last is not None and self._last.reduced.quantile == quantile:
            return self._last
        return self._try(self.reduced_program(quantile))

    def quantile(self) -> float:
        """The smallest quantile whose plan keeps all limits together as often as asked.

        Where none does, one at which no plan keeps every limit.
        """
        asked, many = self._confidence, len(uncertain_limits(self._limits))
        many += any(resource.closed for resource in self._shared.resources)
        if many == 0:
            return asked
        if self._suffices(asked) is not False:
            return asked
        safe = 1.0 - (1.0 - asked) / (2.0 * many)
        found = self._between(asked, safe)
        # Safe by the union bound, nearly: only where nothing below it holds it is worth a look.
        if found == safe and self._left() != 0.0 and self._suffices(safe) is False:
            return self._between(safe, SUREST)
        return found

    def _between(self, low: float, high: float) -> float:
        """The smallest quantile found by halving that does not hold too rarely; `high` if none."""
        for _ in range(BISECTIONS):
            if self._left() == 0.0:
                return high
            middle = (low + high) / 2.0
            low, high = (middle, high) if self._suffices(middle) is False else (low, middle)
        return high

    def _suffices(self, quantile: float) -> bool | None:
        """Whether the best plan at a quantile holds often enough; None: there is no plan."""
        made = self._try(self.reduced_program(quantile))
        suffices = None if made.chance is None else made.chance >= self._confidence
        if suffices is not False:
            self._last = made
        return suffices

    def _try(self, program: Reduced) -> Tried:
        chooser = Wishful(program.program, self._left(), Wishes.of(self._question))
        selection = chooser.best(self._question.aim)
        chosen = program.positions(selection.chosen)
        if not chosen:
            return Tried(program, chooser, selection, (), None, None)
        outcomes = outcomes_of(self._jobs, chosen, selection.timing, program.program)
        chance = joint_chance(outcomes, self._limits)
        return Tried(program, chooser, selection, chosen, outcomes, chance)

    def _prepared(self, quantile: float) -> Prepared:
        return prepared(self._jobs, quantile, [limit.name for limit in self._limits])
