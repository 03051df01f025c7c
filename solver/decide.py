"""The decision: the best plan at the quantile that suffices, its chance, or that there is none."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from solver.mip.highs import Ending
from solver.mip.scan import Scan, is_table
from solver.mip.selection import Selection
from solver.mip.solve import Chooser
from solver.program import purchases_usd
from solver.search import Search
from solver.timetable import earliest_starts

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.candidates import Candidates
    from solver.mip.held import Held, Wishful
    from solver.mip.statement import Ranges
    from solver.program import JobColumns, Limit, Program
    from solver.question import Question
    from solver.search import Reduced
    from solver.simulate import Draws
    from solver.timetable import Timing

    Progress = Callable[[str, float], None]


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
    asked = question.limits.confidence
    if search.has_read and found.chance is not None and found.chance < asked:
        found = search.again()
    chooser, selection = found.chooser, found.selection
    held, ranges = chooser.held, chooser.ranges
    chooser.unhurried()
    chosen, outcomes, chance = found.chosen, found.outcomes, found.chance
    proven = selection.ending is Ending.OPTIMAL
    if proven and chance is not None and chance < asked:
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
