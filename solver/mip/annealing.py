"""Good plans of jobs that wait for each other where a timetable is too large to be solved.

A plan is a candidate for each job and an order in which jobs find their places. Small random
changes are kept where they are better, and worse ones ever less often (simulated annealing:
Kirkpatrick, Gelatt & Vecchi 1983, Science 220). The seed and the number of steps are fixed, so that
equal programs give equal plans. Nothing is proven here: the program without waiting is the bound.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from solver.mip.goals import misses_of, ties_of, total_of
from solver.mip.highs import Ending
from solver.mip.plan_times import paid_for
from solver.mip.quick_times import QuickTimes
from solver.mip.selection import Selection, lost_usd_of
from solver.patience import heed
from solver.program import purchases_usd, tasks_of
from solver.timetable import in_stages, orders, packed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import BoolArray
    from solver.mip.goals import Goal
    from solver.program import Limit, Program
    from solver.timetable import Timing

SEED = 20_261_125
STEPS_FOR_EACH, MOST_STEPS = 1_000, 20_000
"""Changes that are tried for each job, and in all. [1]"""

WARMEST, COLDEST = 0.03, 3e-4
"""Worse plans are accepted by so much of the proven value at first and at last. [ratio]"""

MISSED = 30.0
"""What missing a limit by its own size weighs against the goal. [1]"""

PROVEN = 5e-6
"""Distance to the bound that is none. [ratio]"""

LEAST_WARMTH = 1e-3
"""Of the value by which worse plans are measured. [1]"""

AFTER_FOR_EACH = 100
"""Changes for each job that are still tried, to break ties, once a value is proven. [1]"""

LOOK_EVERY = 64
"""Steps after which somebody may want it to end. [1]"""


@dataclass(slots=True)
class _State:
    chosen: list[int]
    order: list[int]
    most: list[float]
    """Units of each resource that may be used at once, of commitments those that are bought."""


class Annealing:
    """Looks for plans of one program within some of its limits.

    Args:
        program: jobs, what they share and in which order they follow.
        active: limits that count.
        out: by job, candidates that cannot take part.
    """

    def __init__(
        self, program: Program, active: tuple[Limit, ...], out: Sequence[BoolArray]
    ) -> None:
        self._program = program
        self._active = active
        self._allowed = [np.flatnonzero(~never) for never in out]
        self._rank = [
            allowed[np.argsort(columns.hours[allowed], kind="stable")].tolist()
            for allowed, columns in zip(self._allowed, program.jobs, strict=True)
        ]
        self._times = QuickTimes(program, active)
        self._misses = misses_of(program, active)
        self._ties = ties_of(program)
        self._bought = [r for r, some in enumerate(program.resources) if some.usd_each > 0]
        self._random = Random(SEED)  # noqa: S311 - not for secrets

    def best(
        self,
        goal: Goal,
        begin: tuple[int, ...],
        enough: float,
        stop_at: float | None = None,
    ) -> tuple[tuple[int, ...], Timing] | None:
        """The best plan that was met, or None where none keeps every limit.

        Args:
            goal: what is made small.
            begin: candidates of a plan that need not fit.
            enough: a value of the goal with which the search ends.
            stop_at: when it must end, on the clock of `time.monotonic`. [s]
        """
        if any(len(allowed) == 0 for allowed in self._allowed):
            return None
        state = self._first(begin)
        steps = last = min(STEPS_FOR_EACH * len(begin), MOST_STEPS)
        warmth = max(abs(enough) if math.isfinite(enough) else 1.0, LEAST_WARMTH)
        best, least, now = None, (math.inf, math.inf), math.inf
        for step in range(steps):
            if step >= last:
                break
            if step % LOOK_EVERY == 0:
                heed.get()()
                if stop_at is not None and time.monotonic() >= stop_at:
                    break
            other = self._changed(state) if step else state
            missed, value = self._rated(other, goal)
            then = MISSED * missed + value
            warm = warmth * WARMEST * (COLDEST / WARMEST) ** (step / steps)
            if then > now and self._random.random() >= math.exp((now - then) / warm):
                continue
            state, now = other, then
            rank = value, total_of(self._ties, other.chosen)
            if missed == 0.0 and rank < least:
                best, least = other, rank
                if value <= enough:  # what is left is to break ties
                    last = min(last, step + AFTER_FOR_EACH * len(begin))
        return self._told(best)

    def _first(self, begin: tuple[int, ...]) -> _State:
        """The given candidates, where they are allowed, in an order in which jobs often fit."""
        chosen = [
            c if c in set(allowed.tolist()) else int(allowed[0])
            for c, allowed in zip(begin, self._allowed, strict=True)
        ]
        tasks = tasks_of(self._program, tuple(chosen))
        order = next(iter(orders(tasks, self._times.deadlines)))
        return _State(chosen, order, [resource.most for resource in self._program.resources])

    def _rated(self, state: _State, goal: Goal) -> tuple[float, float]:
        """How far limits are missed, relative to themselves, and the value of the goal."""
        ends = self._times.ends(state.chosen, state.order, state.most)
        if ends is None:
            return math.inf, math.inf
        bought = sum(self._program.resources[r].usd_each * state.most[r] for r in self._bought)
        late = self._times.late(ends)
        value = goal.value(state.chosen, ends, bought) + goal.lost(state.chosen)
        return late + self._misses(state.chosen, bought), value

    def _changed(self, state: _State) -> _State:
        """A neighbour: another candidate of one job or two, another order, or fewer bought."""
        draw = self._random.random()
        if self._bought and draw < 0.1:  # noqa: PLR2004 - a tenth
            return self._bought_otherwise(state)
        if draw < 0.65:  # noqa: PLR2004 - candidates weigh more than the order
            chosen = list(state.chosen)
            for _ in range(1 if draw < 0.45 else 2):  # noqa: PLR2004
                self._choose(chosen, self._random.randrange(len(chosen)))
            return replace(state, chosen=chosen)
        order = list(state.order)
        job = order.pop(self._random.randrange(len(order)))
        order.insert(self._random.randrange(len(order) + 1), job)
        return replace(state, order=in_stages(self._times.stages, order))

    def _choose(self, chosen: list[int], job: int) -> None:
        """Another candidate for a job, as often one of nearly the same hours as any."""
        rank = self._rank[job]
        if self._random.random() < 0.5 and chosen[job] in rank:  # noqa: PLR2004 - half
            place = rank.index(chosen[job]) + self._random.choice((-2, -1, 1, 2))
            chosen[job] = rank[min(max(place, 0), len(rank) - 1)]
        else:
            chosen[job] = self._random.choice(rank)
        self._match(chosen, job)

    def _match(self, chosen: list[int], job: int) -> None:
        """The other stages follow where a job now makes, or trains on, another model."""
        jobs = self._program.jobs
        for i, j in self._program.chain.feeds:
            if job not in (i, j):
                continue
            made, taken = jobs[i].gives[chosen[i]], jobs[j].takes[chosen[j]]
            if taken < 0 or made == taken:
                continue
            other, column, model = (
                (j, jobs[j].takes, made) if job == i else (i, jobs[i].gives, taken)
            )
            fit = [c for c in self._rank[other] if column[c] == model]
            if fit:
                chosen[other] = self._random.choice(fit)

    def _bought_otherwise(self, state: _State) -> _State:
        r, most = self._random.choice(self._bought), list(state.most)
        most[r] = min(
            max(most[r] + self._random.choice((-1.0, 1.0)), 0.0), self._program.resources[r].most
        )
        return replace(state, most=most)

    def _told(self, state: _State | None) -> tuple[tuple[int, ...], Timing] | None:
        if state is None:
            return None
        chosen = tuple(state.chosen)
        tasks = tasks_of(self._program, chosen)
        units = [int(most) for most in state.most]
        timing = packed(
            tasks, paid_for(self._program.resources, units), state.order, self._times.most_gpus
        )
        return None if timing is None else (chosen, timing)


def annealed(
    program: Program,
    goal: Goal,
    active: tuple[Limit, ...],
    out: Sequence[BoolArray],
    bound: Selection,
    stop_at: float | None,
) -> Selection:
    """The best plan by a goal that a search meets, beside what no plan can beat.

    Args:
        program: jobs, what they share and in which order they follow.
        goal: what is made small.
        active: limits that count.
        out: by job, candidates that cannot take part.
        bound: the best without waiting; the search begins with its candidates.
        stop_at: when it must end, on the clock of `time.monotonic`. [s]

    Returns:
        The plan, with the value of `bound` as its bound; without a plan it is not proven that there
        is none.
    """
    begin = bound.chosen or (0,) * len(program.jobs)
    lost = 0.0 if bound.objective is None else goal.lost(bound.chosen)
    least = -math.inf if bound.objective is None else bound.objective
    enough = least + lost + PROVEN * max(1.0, abs(least))
    found = Annealing(program, active, out).best(goal, begin, enough, stop_at)
    is_over = stop_at is not None and time.monotonic() >= stop_at
    ending = Ending.TIME_LIMIT if is_over else Ending.OPTIMAL
    if found is None:
        ending = Ending.TIME_LIMIT if is_over else Ending.INFEASIBLE
        return Selection((), ending, None, bound.objective)
    chosen, timing = found
    bought = purchases_usd(program.resources, timing.bought)
    value = goal.value(chosen, timing.ends, bought)
    lost_usd = lost_usd_of(program, chosen)
    return Selection(chosen, ending, value, bound.objective, timing, lost_usd)
