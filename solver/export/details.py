"""What follows the page that decides, for each kind of outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from solver.export.detail_grounds import (
    assumption_section,
    evidence_table,
    fact_table,
    price_table,
    reproduction,
    search_table,
    solver_table,
)
from solver.export.detail_memory import energy_table, memory_bars, memory_table
from solver.export.detail_risk import (
    chance_bars,
    comparison,
    failure_table,
    margin_table,
    margin_words,
    simulation_table,
)
from solver.export.detail_sums import cost_bars, cost_table, time_table, timeline
from solver.export.plan_sections import (
    ALTERNATIVES_ON_PAGE,
    MOVES_ON_PAGE,
    alternative_table,
    excluded_table,
    job_table,
    move_table,
)
from solver.plan import Failed, Impossible, Solved, Stopped, Unknown

if TYPE_CHECKING:
    from solver.export.sections import Part, Rows
    from solver.plan import Alternative, Answer, Move

MaybeRows = tuple[tuple["Part | None", ...], ...]
"""None: there is nothing to say."""


def details(answer: Answer) -> Rows:
    """Everything that an answer knows beyond the page that decides.

    Each entry stands over the whole width, or two side by side; none is empty.
    """
    rows = (*_of_outcome(answer), *_grounds(answer))
    kept = (tuple(part for part in row if part is not None) for row in rows)
    return tuple(row for row in kept if row)


def _of_outcome(answer: Answer) -> MaybeRows:
    match answer:
        case Solved():
            compared = comparison(answer) if answer.alternatives else None
            more = _cut_moves("What more would buy, all of it", answer.worth)
            return (*_plan(answer), (compared,), more)
        case Stopped():
            return _plan(answer) if answer.jobs else ()
        case Impossible():
            others = _cut_others("The nearest plans, all of them", answer.nearest)
            return (_cut_moves("All changes that help", answer.relaxations), others)
        case Unknown():
            return (_cut_others("Cheapest first, all of them", answer.ranking),)
        case Failed():
            return ()
        case _ as never:
            assert_never(never)


def _plan(answer: Solved | Stopped) -> MaybeRows:
    alone = len(answer.jobs) == 1
    costs = any(job.usd.median > 0 for job in answer.jobs)
    return (
        (
            None
            if alone
            else replace(job_table(answer.jobs, answer.facts, whole_names=True), title="Every job"),
        ),
        (cost_bars(answer) if costs else None,),
        (timeline(answer),),
        (cost_table(answer) if costs else None, time_table(answer)),
        (memory_bars(answer),),
        (memory_table(answer.jobs[0]), margin_words(answer)) if alone else (margin_words(answer),),
        (chance_bars(answer),),
        (simulation_table(answer.simulation) if answer.simulation else None,),
        (margin_table(answer) if answer.limits else None,),
        (failure_table(answer),),
        (energy_table(answer),),
    )


def _grounds(answer: Answer) -> MaybeRows:
    if isinstance(answer, Failed):
        # The page that decides holds all there is.
        return ()
    planned = isinstance(answer, Solved | Stopped)
    excluded = excluded_table(answer.counts)
    return (
        (evidence_table(answer),),
        (assumption_section(answer),),
        (price_table(answer),),
        (fact_table(answer),),
        (
            search_table(answer),
            None if isinstance(answer, Unknown) else solver_table(answer.solver),
        ),
        (excluded if planned and excluded.rows else None,),
        (reproduction(answer),),
    )


def _cut_moves(title: str, moves: tuple[Move, ...]) -> tuple[Part | None, ...]:
    """The whole table where the page that decides has no room for it."""
    return (move_table(title, moves) if len(moves) > MOVES_ON_PAGE else None,)


def _cut_others(title: str, others: tuple[Alternative, ...]) -> tuple[Part | None, ...]:
    cut = len(others) > ALTERNATIVES_ON_PAGE
    return (alternative_table(title, others, whole_width=True) if cut else None,)
