"""The decision: candidates at one quantile, the reduced program, the best plan and its chance.

Each uncertain limit is enforced at one quantile q. With m of them and an asked confidence p, q lies
between p and 1 - (1 - p) / m (all hold together by the union bound); the smallest q whose plan
holds all limits together with probability p in simulation is used.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.candidates import columns_at
from solver.limits import uncertain_limits
from solver.mip.solve import Chooser
from solver.program import Program, excluded
from solver.reduce import reduced
from solver.simulate import simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.candidates import Candidates
    from solver.estimate.configurations import IntArray
    from solver.mip.solve import Selection
    from solver.program import JobColumns, Limit
    from solver.question import Question
    from solver.simulate import Draws

    Progress = Callable[[str, float], None]

BISECTIONS = 3
"""Halvings of the interval of quantiles: what is left is below half a point of confidence."""


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
        time_limit_s: for the final program. [s]
    """
    started = time.monotonic()
    progress("choosing", 0.5)
    quantile = _quantile(question, jobs, limits)
    progress("proving", 0.7)
    program = reduced_program(question, jobs, limits, quantile)
    chooser = Chooser(program.program, time_limit_s)
    selection = chooser.best(question.aim)
    chosen = tuple(int(program.kept[j][c]) for j, c in enumerate(selection.chosen))
    outcomes = outcomes_of(jobs, chosen) if chosen else None
    chance = joint_chance(outcomes, limits) if outcomes else None
    seconds = time.monotonic() - started
    return Decision(jobs, limits, program, chooser, selection, chosen, outcomes, chance, seconds)


def reduced_program(
    question: Question,
    jobs: tuple[Candidates, ...],
    limits: tuple[Limit, ...],
    quantile: float,
) -> Reduced:
    """The program at one quantile, reduced without regard to the values of limits."""
    columns = tuple(columns_at(job, quantile) for job in jobs)
    names = [limit.name for limit in limits]
    kept = tuple(reduced(job, names) for job in columns)
    program = _program(question, columns, kept, limits)
    return Reduced(quantile, columns, kept, program)


def outcomes_of(jobs: tuple[Candidates, ...], chosen: tuple[int, ...]) -> Draws:
    """Simulated outcomes of the plan that uses candidate `chosen[j]` for job j."""
    uncertain = [job.uncertain(position) for job, position in zip(jobs, chosen, strict=True)]
    return simulated(uncertain, jobs[0].bench.constants.assumptions)


def joint_chance(outcomes: Draws, limits: tuple[Limit, ...]) -> float:
    """Share of the outcomes in which all uncertain limits hold. [0..1]"""
    kept = [outcomes.keeps(limit) for limit in uncertain_limits(limits)]
    return float(np.logical_and.reduce(kept).mean()) if kept else 1.0


def _quantile(question: Question, jobs: tuple[Candidates, ...], limits: tuple[Limit, ...]) -> float:
    """The smallest quantile whose plan keeps all limits together as often as asked."""
    confidence = question.limits.confidence
    many = len(uncertain_limits(limits))
    if many <= 1:
        return confidence
    safe = 1.0 - (1.0 - confidence) / many
    wanted = _within(jobs, limits, confidence, [np.arange(len(job)) for job in jobs])
    if _chance(question, jobs, limits, confidence, wanted) >= confidence:
        return confidence
    low, high = confidence, safe
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        if _chance(question, jobs, limits, middle, wanted) >= confidence:
            high = middle
        else:
            low = middle
    return high


def _chance(
    question: Question,
    jobs: tuple[Candidates, ...],
    limits: tuple[Limit, ...],
    quantile: float,
    wanted: list[IntArray],
) -> float:
    """Joint chance of the best plan at a quantile; 0 where there is none.

    Only candidates that keep the limits on their own take part: the others cannot be chosen.
    """
    inside = _within(jobs, limits, quantile, wanted)
    if any(len(positions) == 0 for positions in inside):
        return 0.0
    columns = tuple(
        columns_at(job, quantile, index) for job, index in zip(jobs, inside, strict=True)
    )
    kept = tuple(reduced(job, [limit.name for limit in limits]) for job in columns)
    selection = Chooser(_program(question, columns, kept, limits)).best(question.aim)
    if not selection.chosen:
        return 0.0
    chosen = tuple(int(inside[j][kept[j][c]]) for j, c in enumerate(selection.chosen))
    return joint_chance(outcomes_of(jobs, chosen), limits)


def _within(
    jobs: tuple[Candidates, ...],
    limits: tuple[Limit, ...],
    quantile: float,
    wanted: list[IntArray],
) -> list[IntArray]:
    """Of the wanted candidates those that no limit excludes at a quantile, by job."""
    columns = tuple(
        columns_at(job, quantile, index) for job, index in zip(jobs, wanted, strict=True)
    )
    program = Program(columns, limits, ())
    return [index[~excluded(program, j, limits)] for j, index in enumerate(wanted)]


def _program(
    question: Question,
    columns: tuple[JobColumns, ...],
    kept: tuple[IntArray, ...],
    limits: tuple[Limit, ...],
) -> Program:
    taken = tuple(job.take(index) for job, index in zip(columns, kept, strict=True))
    return Program(taken, limits, tuple(float(pool.machines) for pool in question.owned))
