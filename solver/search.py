"""The search for the quantile: programs at several of them, each with its best plan and chance.

Each uncertain limit is enforced at one quantile q. With m of them and an asked confidence p, q lies
between p and 1 - (1 - p) / 2m (two causes each, by the union bound, and a little above where that
falls short); the smallest q whose plan holds all limits together with probability p in simulation
is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from solver.limits import uncertain_limits
from solver.mip.held import Wishes, Wishful
from solver.mip.scan import Scan, is_table
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
from solver.timetable import at_once, packed

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.candidates import Candidates
    from solver.estimate.configurations import IntArray
    from solver.mip.selection import Selection
    from solver.prepared import ColumnsOfAll, Prepared
    from solver.program import Limit
    from solver.question import Question
    from solver.simulate import Draws
    from solver.timetable import Timing

HALVINGS = 4
"""Of the interval of quantiles: what is left is a fraction of a point. [1]"""

STEPS, MOST_GUESSES = 2**HALVINGS, 3
"""Parts into which they cut it, and tries that go where chances lead before halving. [1]"""

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


def _between(low: float, high: float, step: int) -> float:
    """The quantile that halving reaches after so many of `STEPS` parts."""
    if step == STEPS:
        return high
    for bit in reversed(range(HALVINGS)):
        middle = (low + high) / 2.0
        low, high = (middle, high) if step >> bit & 1 else (low, middle)
    return low


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
    is_read: bool = False
    """Read off a table, which the program has still to prove."""


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
        self._wishes = Wishes.of(question)
        self._sizes = self._prepared(self._confidence).sizes
        self._last: Tried | None = None
        """Of those tried, the last that holds often enough, or at whose quantile no plan is."""
        self._chances: dict[float, float] = {}
        """By quantile, how often the plans that were tried hold."""
        self._may_read = True
        self.has_read = False
        """Whether any plan was read off a table."""

    def reduced_program(self, quantile: float) -> Reduced:
        """The program at one quantile, reduced without regard to the values of limits."""
        some = self._prepared(quantile)
        program = self._shared.program(some.taken, self._limits, self._sizes)
        return Reduced(quantile, some.columns, some.kept, program)

    def tried(self, quantile: float) -> Tried:
        """The best plan at a quantile, by the program."""
        known = self._last
        if known is None or known.reduced.quantile != quantile:
            return self._try(self.reduced_program(quantile))
        return self._proven(known) if known.is_read else known

    def again(self) -> Tried:
        """The best plan at the smallest quantile that suffices where each comes from the program.

        Of plans that are equal within a tie the program may take another one than a table, and that
        one may hold less often.
        """
        self._may_read = False
        return self.tried(self.quantile())

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
        """The smallest of a few quantiles between two that does not hold too rarely, or `high`.

        The chance of a plan moves with the quantile about as their normal deviations do: the first
        tries go where that leads, the others halve what is left.
        """
        below, above, tries = 0, STEPS, 0
        while above - below > 1 and self._left() != 0.0:
            step = (below + above) // 2
            if tries < MOST_GUESSES:
                wanted = self._wanted(_between(low, high, below))
                step = sum(_between(low, high, s) < wanted for s in range(below + 1, above)) + below
                step = min(max(step + 1, below + 1), above - 1)
            tries += 1
            holds = self._suffices(_between(low, high, step)) is not False
            below, above = (below, step) if holds else (step, above)
        return _between(low, high, above)

    def _wanted(self, quantile: float) -> float:
        """The quantile that would suffice if chances moved with it as normal deviations do.

        Args:
            quantile: one at which the plan holds too rarely.
        """
        away, reached = NormalDist().inv_cdf, self._chances.get(quantile, 0.0)
        if not 0.0 < reached < 1.0:
            return 1.0
        return NormalDist().cdf(away(quantile) + away(self._confidence) - away(reached))

    def _suffices(self, quantile: float) -> bool | None:
        """Whether the best plan at a quantile holds often enough; None: there is no plan."""
        program = self.reduced_program(quantile)
        reads = self._may_read and is_table(program.program)
        made = self._read(program) if reads and not self._wishes.any else self._try(program)
        suffices = None if made.chance is None else made.chance >= self._confidence
        if made.chance is not None:
            self._chances[quantile] = made.chance
        if suffices is not False:
            self._last = made
        return suffices

    def _read(self, program: Reduced) -> Tried:
        """The best plan of a program that is a table."""
        self.has_read = True
        selection = Scan(program.program).best(self._question.aim)
        return replace(self._judged(program, self._chooser(program), selection), is_read=True)

    def _try(self, program: Reduced) -> Tried:
        chooser = self._chooser(program)
        return self._judged(program, chooser, chooser.best(self._question.aim))

    def _proven(self, known: Tried) -> Tried:
        """What was read off a table, by the program."""
        selection = known.chooser.best(self._question.aim)
        if known.reduced.positions(selection.chosen) == known.chosen:
            return replace(known, selection=selection, is_read=False)
        return self._judged(known.reduced, known.chooser, selection)

    def _chooser(self, program: Reduced) -> Wishful:
        return Wishful(program.program, self._left(), self._wishes)

    def _judged(self, program: Reduced, chooser: Wishful, selection: Selection) -> Tried:
        chosen = program.positions(selection.chosen)
        if not chosen:
            return Tried(program, chooser, selection, (), None, None)
        outcomes = outcomes_of(self._jobs, chosen, selection.timing, program.program)
        chance = joint_chance(outcomes, self._limits)
        return Tried(program, chooser, selection, chosen, outcomes, chance)

    def _prepared(self, quantile: float) -> Prepared:
        return prepared(self._jobs, quantile, [limit.name for limit in self._limits])
