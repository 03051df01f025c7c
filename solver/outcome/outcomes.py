"""The answers of every kind, made from a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from solver.candidates import columns_at
from solver.export.words import listed
from solver.outcome.alternatives import alternative, alternatives, cheapest_first, ties
from solver.outcome.explain import binding_limits, limits_kept, worth
from solver.outcome.facts import facts_of
from solver.outcome.moves import LIMIT_NOUNS, owner
from solver.outcome.pilots import pilot_advice
from solver.outcome.planned import planned_job
from solver.outcome.relax import conflict, conflict_words, limit_relaxations, switch_relaxations
from solver.outcome.seal import sealed
from solver.outcome.totals import longest, total_usd
from solver.outcome.verify import disagreement
from solver.outcome.why import warning, why_impossible, why_solved
from solver.plan import (
    Answer,
    Counts,
    Failed,
    Impossible,
    Region,
    Solved,
    SolverReport,
    Stopped,
    Unknown,
)
from solver.question import Aim
from solver.region import missed, region

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from solver.candidates import Candidates
    from solver.decide import Decision
    from solver.outcome.asked import Asked
    from solver.plan import Alternative, PlannedJob
    from solver.program import Limit
    from solver.question import Question

AnyAnswer = TypeVar("AnyAnswer", Solved, Impossible, Unknown, Stopped, Failed)

RESTRICTION = "the question does not allow"
"""How reasons begin that the question itself states."""

NEAREST = 3
"""Plans nearest to an impossible question that are shown. [1]"""


def solved(asked: Asked, decision: Decision) -> Answer:
    """A proven plan, recomputed from its candidates before it is shown."""
    jobs = _planned(decision)
    wrong = disagreement(decision, jobs)
    if wrong:
        return failed(asked, decision.jobs, wrong)
    aim = asked.question.aim
    binding = binding_limits(decision, aim)
    kept = limits_kept(decision, binding)
    moves = worth(decision, aim, binding)
    others = alternatives(decision, aim, asked.top)
    used = [job.key for job in jobs] + [key for other in others for key in other.keys]
    return _sealed(
        Solved,
        asked,
        used + [key for move in moves for key in move.keys],
        counts=_counts(decision),
        region=_region(decision),
        jobs=jobs,
        total_usd=total_usd(jobs),
        total_hours=longest(jobs),
        limits=kept,
        joint_chance=decision.joint_chance,
        margin_quantile=decision.reduced.quantile,
        why=" ".join(
            filter(None, (why_solved(jobs, kept, _counts(decision), aim), warning(asked.question)))
        ),
        worth=moves,
        alternatives=others,
        ties=ties(decision),
        solver=_solver(decision),
    )


def impossible(
    asked: Asked, decision: Decision, decide_again: Callable[[Question], Decision | None]
) -> Answer:
    """No plan keeps every limit: which conflict, and the smallest changes that would help."""
    held = conflict(decision)
    moves = limit_relaxations(asked.question, decision, held, decide_again)
    switched = switch_relaxations(asked.question, decide_again)
    nearest = _nearest(decision)
    used = [key for move in moves for key in move.keys]
    return _sealed(
        Impossible,
        asked,
        used + [key for plan in nearest for key in plan.keys],
        counts=_counts(decision),
        region=_region(decision),
        margin_quantile=decision.reduced.quantile,
        conflict=tuple(limit.name for limit in held),
        why=why_impossible(conflict_words(decision, held), moves, switched),
        relaxations=(*moves, *switched),
        nearest=nearest,
        solver=_solver(decision),
    )


def nothing_possible(
    asked: Asked,
    jobs: tuple[Candidates, ...],
    decide_again: Callable[[Question], Decision | None],
) -> Answer:
    """Some job has no candidate at all: no limit is to blame, the choices are."""
    empty = [job for job in jobs if len(job) == 0]
    reasons: dict[str, int] = {}
    for job in empty:
        for reason, number in job.tally.excluded.items():
            reasons[reason] = reasons.get(reason, 0) + number
    beyond = {r: n for r, n in reasons.items() if n and not r.startswith(RESTRICTION)} or reasons
    most = sorted(beyond, key=lambda reason: -beyond[reason])[:3]
    names = listed([job.job.name for job in empty])
    because = f"Most combinations were left out because {listed(most)}."
    named = [name for job in empty for name in _named_models(asked, job)]
    if named:
        because = f"Of the models it names: {'; '.join(named[:3])}."
    switched = switch_relaxations(asked.question, decide_again)
    return _sealed(
        Impossible,
        asked,
        [key for move in switched for key in move.keys],
        counts=_tally_counts(jobs, feasible=0, reduced=0),
        region=None,
        margin_quantile=asked.question.limits.confidence,
        conflict=(),
        why=f"Nothing that the question allows can run {names}. {because}",
        relaxations=switched,
        nearest=(),
        solver=SolverReport(
            status="not needed",
            objective=None,
            bound=None,
            gap=None,
            seconds=0.0,
            columns=0,
            rows=0,
            solves=0,
        ),
    )


def _named_models(asked: Asked, job: Candidates) -> list[str]:
    """Why each model that the job names is left out, where it is."""
    found = [asked.catalog.model_named(name) for name in job.job.models.names]
    named = {model.name for model in found if model is not None}
    return [f"{left.key}: {left.reason}" for left in job.tally.models if left.key in named]


def unknown(asked: Asked, jobs: tuple[Candidates, ...], limits: tuple[Limit, ...]) -> Answer:
    """A limit is set on an accuracy that nothing published or measured supports."""
    confidence = asked.question.limits.confidence
    columns = tuple(columns_at(job, confidence) for job in jobs)
    lacking = [job for job in jobs if _is_unpredicted(asked, job)]
    others = tuple(limit for limit in limits if limit.name != "min_accuracy")
    ranking = cheapest_first(jobs[0], columns[0], others, asked.top) if len(jobs) == 1 else ()
    because = "; ".join(
        f"{job.job.name}: {job.accuracy.unknown_because or 'no candidate has a prediction'}"
        for job in lacking
    )
    feasible = 0
    for j, some in enumerate(columns):
        own = tuple(limit for limit in others if limit.job in (None, j))
        feasible += int((missed(some, own) == 0).sum())
    return _sealed(
        Unknown,
        asked,
        [key for plan in ranking for key in plan.keys],
        counts=_tally_counts(jobs, feasible=feasible, reduced=0),
        region=None,
        margin_quantile=confidence,
        why=f"No promise can be made about the accuracy. {because}.",
        pilots=tuple(
            pilot_advice(job, some, asked.catalog)
            for job, some in zip(jobs, columns, strict=True)
            if job in lacking
        ),
        ranking=ranking,
    )


def stopped(asked: Asked, decision: Decision) -> Answer:
    """The time ran out: the best plan so far, verified, or none."""
    jobs = _planned(decision)
    wrong = disagreement(decision, jobs) if jobs else ""
    if wrong:
        return failed(asked, decision.jobs, wrong)
    return _sealed(
        Stopped,
        asked,
        [job.key for job in jobs],
        counts=_counts(decision),
        region=_region(decision),
        why="The time limit was reached before the plan was proven the best."
        if jobs
        else "The time limit was reached before any plan was found.",
        jobs=jobs,
        limits=limits_kept(decision, {}) if jobs else (),
        joint_chance=decision.joint_chance,
        margin_quantile=decision.reduced.quantile,
        solver=_solver(decision),
    )


def failed(asked: Asked, jobs: tuple[Candidates, ...], why: str) -> Answer:
    """Something that should not happen; the question is kept."""
    counts = _tally_counts(jobs, feasible=0, reduced=0)
    return _sealed(Failed, asked, (), counts=counts, region=None, why=why)


def unpredicted(asked: Asked, jobs: tuple[Candidates, ...]) -> bool:
    """True where a limit or the aim needs an accuracy that no candidate has."""
    return any(_is_unpredicted(asked, job) for job in jobs)


def _sealed(
    kind: type[AnyAnswer],
    asked: Asked,
    keys: Sequence[str],
    **fields: Any,  # noqa: ANN401 - fields of the kind, validated by it
) -> AnyAnswer:
    """An answer of a kind with the head that all share, and its seal."""
    made = kind(
        question=asked.question,
        asked_at=asked.moment.isoformat(timespec="seconds"),
        provenance=asked.provenance,
        facts=facts_of(asked.question, asked.catalog, asked.constants, keys),
        **fields,
    )
    return sealed(made)


def _is_unpredicted(asked: Asked, job: Candidates) -> bool:
    needed = job.job.min_accuracy is not None or asked.question.aim is Aim.MOST_ACCURATE
    return needed and bool(np.isnan(job.accuracy.median).all())


def _planned(decision: Decision) -> tuple[PlannedJob, ...]:
    quantile = decision.reduced.quantile
    return tuple(
        planned_job(job, position, quantile)
        for job, position in zip(decision.jobs, decision.chosen, strict=False)
    )


def _counts(decision: Decision) -> Counts:
    feasible = 0
    for j, columns in enumerate(decision.reduced.columns):
        own = tuple(limit for limit in decision.limits if limit.job in (None, j))
        feasible += int((missed(columns, own) == 0).sum())
    reduced = sum(len(kept) for kept in decision.reduced.kept)
    return _tally_counts(decision.jobs, feasible=feasible, reduced=reduced)


def _tally_counts(jobs: tuple[Candidates, ...], *, feasible: int, reduced: int) -> Counts:
    excluded: dict[str, int] = {}
    for job in jobs:
        for reason, number in job.tally.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + number
    return Counts(
        combinations=sum(job.tally.combinations for job in jobs),
        candidates=sum(len(job) for job in jobs),
        feasible=feasible,
        reduced=reduced,
        excluded=excluded,
    )


def _region(decision: Decision) -> Region | None:
    if len(decision.jobs) > 1:
        return None
    chosen = decision.chosen[0] if decision.chosen else None
    reduced = decision.reduced
    return region(reduced.columns[0], decision.limits, reduced.kept[0], chosen)


def _nearest(decision: Decision) -> tuple[Alternative, ...]:
    """Plans that miss one limit least; where several are missed at once, plans without limits."""
    made = []
    for limit in decision.limits:
        found = decision.chooser.least(limit)
        if found.chosen:
            why = f"misses only {LIMIT_NOUNS[limit.name]}{owner(decision, limit)}"
            made.append(alternative(decision, decision.positions(found), why))
    for aim, why in ((Aim.CHEAPEST, "cheapest"), (Aim.FASTEST, "fastest")) if not made else ():
        found = decision.chooser.best(aim, ())
        if found.chosen:
            positions = decision.positions(found)
            made.append(alternative(decision, positions, f"{why}, whatever the limits are"))
    return tuple(made[:NEAREST])


def _solver(decision: Decision) -> SolverReport:
    selection = decision.selection
    return SolverReport(
        status=selection.ending.value,
        objective=selection.objective,
        bound=selection.bound,
        gap=selection.gap,
        seconds=decision.seconds,
        columns=sum(len(kept) for kept in decision.reduced.kept),
        rows=decision.chooser.rows,
        solves=decision.chooser.solves,
    )
