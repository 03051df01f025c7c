"""Other plans worth a look: the corners of the triangle, and plans that differ in one thing."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from solver.outcome.moves import difference, figures, keys, starts
from solver.outcome.planned import planned_jobs
from solver.outcome.varied import unlike, varied
from solver.outcome.verify import disagreement
from solver.patience import in_time
from solver.plan import Alternative
from solver.program import NOT_DONE, natural_size
from solver.question import Aim
from solver.region import Ranking, missed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.candidates import Candidates
    from solver.decide import Decision
    from solver.plan import PlannedJob
    from solver.program import JobColumns, Limit
    from solver.question import Question

logger = logging.getLogger(__name__)

TIES_SHOWN = 20
"""More equally good plans than these say nothing new. [1]"""

CORNERS = {
    Aim.FASTEST: "fastest within the limits",
    Aim.MOST_ACCURATE: "most accurate within the limits",
    Aim.CHEAPEST: "cheapest within the limits",
}


def alternatives(decision: Decision, question: Question, top: int) -> tuple[Alternative, ...]:
    """Up to `top` plans that keep every limit and differ in something that matters.

    Each is computed again from its candidates alone, as the plan itself is.
    """
    found: dict[tuple[int, ...], str] = {}
    known: dict[tuple[int, int], PlannedJob] = {}
    plans = _others(decision, question.aim)
    while len(found) < top and (plan := in_time(partial(next, plans, None), None)) is not None:
        positions, why = plan
        if positions == decision.chosen or positions in found:
            continue
        wrong = disagreement(
            replace(decision, chosen=positions),
            planned_jobs(question, decision, positions, known),
        )
        if wrong:
            logger.error("an alternative is left out: %s", wrong)
        else:
            found[positions] = why
    return tuple(alternative(decision, p, why) for p, why in found.items())


def alternative(decision: Decision, positions: tuple[int, ...], why: str) -> Alternative:
    """The plan at `positions`, compared with the chosen one where there is one."""
    hours, usd, accuracy = figures(decision, positions)
    if decision.chosen:
        change = difference(figures(decision, decision.chosen), (hours, usd, accuracy))
        why = f"{why}: {change}" if change else why
    return Alternative(
        keys=keys(decision, positions),
        why=why,
        hours=hours,
        usd=usd,
        accuracy=accuracy,
        starts=starts(decision, positions),
    )


def ties(decision: Decision) -> tuple[str, ...]:
    """Other candidates with the same hours, dollars and accuracy as the plan of one job."""
    if len(decision.jobs) > 1 or decision.chosen[0] == NOT_DONE:
        return ()
    columns, chosen = decision.only_columns, decision.chosen[0]
    same = np.flatnonzero(columns.hours == columns.hours[chosen])
    same = same[columns.usd[same] == columns.usd[chosen]]
    reached, known = columns.accuracy[same], columns.accuracy[chosen]
    same = same[np.isnan(reached) if np.isnan(known) else reached == known]
    others = same[same != chosen].tolist()
    return tuple(decision.jobs[0].key(i) for i in others[:TIES_SHOWN])


def cheapest_first(
    job: Candidates, columns: JobColumns, limits: tuple[Limit, ...], top: int
) -> tuple[Alternative, ...]:
    """The cheapest candidate of each model within some limits, by dollars, then hours and key."""
    inside = np.flatnonzero(missed(columns, limits) == 0)
    model, usd = job.physics.model[job.row[inside]], columns.usd[inside]
    least = np.full(len(job.bench.models), np.inf)
    np.minimum.at(least, model, usd)
    cheapest = inside[usd == least[model]]
    order = cheapest[np.lexsort((cheapest, columns.hours[cheapest], columns.usd[cheapest]))]
    _, first = np.unique(job.physics.model[job.row[order]], return_index=True)
    return tuple(
        Alternative(
            keys=(job.key(i),),
            why=f"cheapest with {job.bench.models[job.physics.model[job.row[i]]].name}",
            hours=float(columns.hours[i]),
            usd=float(columns.usd[i]),
            accuracy=None,
        )
        for i in order[np.sort(first)[:top]].tolist()
    )


def _others(decision: Decision, aim: Aim) -> Iterator[tuple[tuple[int, ...], str]]:
    if len(decision.jobs) > 1 or decision.chosen[0] == NOT_DONE:
        for corner, why in CORNERS.items():
            found = decision.chooser.best(corner) if corner is not aim else None
            if found is not None and found.chosen:
                yield decision.positions(found), why
        yield from varied(decision, aim)
        return
    columns, kept = decision.only_columns, decision.reduced.kept[0]
    scale = {name: natural_size(decision.reduced.program, name) for name in ("budget", "deadline")}
    inside = missed(columns, decision.limits) == 0
    few, every = columns.take(kept), np.arange(len(kept))
    for corner, why in CORNERS.items():
        if corner is aim or (corner is Aim.MOST_ACCURATE and np.isnan(columns.accuracy).all()):
            continue
        # Of all candidates within the limits, the best by a corner's aim is one that can matter.
        found_at = Ranking(few, inside[kept], corner, scale, every).best()
        if found_at is not None:
            yield (int(kept[found_at]),), why
    ranking = Ranking(columns, inside, aim, scale, kept)
    traits = unlike(decision.jobs[0], decision.chosen[0])
    for trait, found_at in zip(traits, ranking.best_of_each(list(traits.values())), strict=True):
        if found_at is not None:
            yield (found_at,), f"with another {trait}"
