"""The answers of every kind, made from a decision."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from solver.candidates import columns_at
from solver.export.words import listed
from solver.mip.highs import Ending
from solver.outcome.alternatives import alternative, alternatives, cheapest_first, ties
from solver.outcome.beside import offers_beside
from solver.outcome.counted import bought_machines, counts_of, left_out, tally_counts
from solver.outcome.explain import binding_limits, limits_kept, worth
from solver.outcome.facts import facts_of
from solver.outcome.mixes import mixed
from solver.outcome.moves import LIMIT_NOUNS, owner
from solver.outcome.pilots import pilot_advice
from solver.outcome.planned import planned_jobs
from solver.outcome.relax import conflict, conflict_words, lifted, limit_relaxations
from solver.outcome.seal import sealed
from solver.outcome.totals import longest, total_usd
from solver.outcome.verify import disagreement
from solver.outcome.why import warning, why_impossible, why_solved, wishes
from solver.patience import in_time, is_over
from solver.plan import (
    Answer,
    Coefficients,
    Failed,
    Impossible,
    Region,
    Solved,
    SolverReport,
    Stopped,
    Unknown,
)
from solver.plan_values import BEST_TRIED, NONE_TRIED
from solver.program import NOT_DONE
from solver.question import Aim
from solver.region import missed, region

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from solver.candidates import Candidates
    from solver.decide import Decision
    from solver.outcome.asked import Asked
    from solver.plan import Alternative, Move, PlannedJob
    from solver.program import Limit
    from solver.question import Question

AnyAnswer = TypeVar("AnyAnswer", Solved, Impossible, Unknown, Stopped, Failed)

RESTRICTION = "the question does not allow"
"""How reasons begin that the question itself states."""

PROVEN = 1e-5
"""Gap up to which a plan counts as proven the best. [ratio]"""

UNKNOWN_CONFLICT = "No plan keeps every limit."
"""What is said of a conflict that the time limit left unknown."""

NEAREST = 3
"""Plans nearest to an impossible question that are shown. [1]"""


def solved(asked: Asked, decision: Decision) -> Answer:
    """A proven plan, recomputed from its candidates before it is shown."""
    slots = planned_jobs(asked.question, decision, decision.chosen)
    jobs = _done(slots)
    wrong = disagreement(decision, slots)
    if wrong:
        return failed(asked, decision.jobs, wrong)
    aim = asked.question.aim
    binding = binding_limits(decision, aim)
    kept = limits_kept(decision, binding)
    moves = worth(decision, aim, binding)
    others = alternatives(decision, asked.question, asked.top)
    equal = ties(decision)
    used = [job.key for job in jobs] + [key for other in others for key in other.keys]
    bought = bought_machines(decision)
    return _sealed(
        Solved,
        asked,
        decision.jobs,
        [*used, *equal] + [key for move in moves for key in move.keys],
        counts=counts_of(decision),
        region=_region(decision),
        jobs=jobs,
        total_usd=total_usd(jobs, sum(some.usd for some in bought)),
        total_hours=longest(jobs),
        limits=kept,
        joint_chance=decision.joint_chance,
        margin_quantile=decision.reduced.quantile,
        why=" ".join(
            filter(
                None,
                (
                    why_solved(
                        jobs,
                        kept,
                        counts_of(decision),
                        aim,
                        is_proven=_solver(decision).status != BEST_TRIED,
                    ),
                    wishes(asked.question),
                    _of_grid(decision),
                    warning(asked.question),
                    _unfinished(),
                ),
            )
        ),
        worth=moves,
        alternatives=others,
        ties=equal,
        left_out=left_out(asked, slots),
        bought=bought,
        solver=_solver(decision),
    )


def impossible(
    asked: Asked, decision: Decision, decide_again: Callable[[Question], Decision | None]
) -> Answer:
    """No plan keeps every limit: which conflict, and the smallest changes that would help."""
    nothing: tuple[Limit, ...] = ()
    held = in_time(lambda: conflict(decision), nothing)
    moves = limit_relaxations(asked.question, decision, held, decide_again)
    switched, loosening = lifted(asked.question, held, decide_again, decision)
    mix = in_time(lambda: mixed(asked.question, decision, decide_again), None)
    words = in_time(lambda: conflict_words(decision, held, loosening), UNKNOWN_CONFLICT)
    # What nobody had the time to look for is not said to be missing.
    is_told = bool(moves or switched or mix) or not is_over()
    said = why_impossible(words, moves, switched, mix) if is_told else words
    nearest = _nearest(decision, held)
    used = [key for move in moves for key in move.keys] + list(mix.keys if mix else ())
    return _sealed(
        Impossible,
        asked,
        decision.jobs,
        used + [key for plan in nearest for key in plan.keys],
        counts=counts_of(decision),
        region=_region(decision),
        margin_quantile=decision.reduced.quantile,
        conflict=tuple(limit.name for limit in held),
        conflict_switches=loosening,
        why=" ".join(filter(None, (said, _of_grid(decision), _unfinished()))),
        relaxations=(*moves, *switched),
        mix=mix,
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
    switched, _ = lifted(asked.question, (), decide_again)
    return _sealed(
        Impossible,
        asked,
        jobs,
        [key for move in switched for key in move.keys],
        counts=tally_counts(jobs, feasible=0, reduced=0),
        region=None,
        margin_quantile=asked.question.limits.confidence,
        conflict=(),
        why=f"Nothing that the question allows can run {names}. {because}{_helps(switched)}",
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


def _helps(switched: Sequence[Move]) -> str:
    """Which restrictions would help if they were lifted; empty where none would."""
    if not switched:
        return ""
    return f" What would help: {listed([move.text for move in switched[:3]], 'or')}."


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
        jobs,
        [key for plan in ranking for key in plan.keys],
        counts=tally_counts(jobs, feasible=feasible, reduced=0),
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
    slots = planned_jobs(asked.question, decision, decision.chosen)
    jobs = _done(slots)
    wrong = disagreement(decision, slots) if slots else ""
    if wrong:
        return failed(asked, decision.jobs, wrong)
    return _sealed(
        Stopped,
        asked,
        decision.jobs,
        [job.key for job in jobs],
        counts=counts_of(decision),
        region=_region(decision),
        why="The time limit was reached before the plan was proven the best."
        if jobs
        else "The time limit was reached before any plan was found.",
        jobs=jobs,
        left_out=left_out(asked, slots),
        bought=bought_machines(decision) if slots else (),
        limits=limits_kept(decision, {}) if slots else (),
        joint_chance=decision.joint_chance,
        margin_quantile=decision.reduced.quantile,
        solver=_solver(decision),
    )


def failed(asked: Asked, jobs: tuple[Candidates, ...], why: str) -> Answer:
    """Something that should not happen; the question is kept."""
    counts = tally_counts(jobs, feasible=0, reduced=0)
    return _sealed(Failed, asked, jobs, (), counts=counts, region=None, why=why)


def unpredicted(asked: Asked, jobs: tuple[Candidates, ...]) -> bool:
    """True where a limit or the aim needs an accuracy that no candidate has."""
    return any(_is_unpredicted(asked, job) for job in jobs)


def _sealed(
    kind: type[AnyAnswer],
    asked: Asked,
    candidates: tuple[Candidates, ...],
    keys: Sequence[str],
    /,
    **fields: Any,  # noqa: ANN401 - fields of the kind, validated by it
) -> AnyAnswer:
    """An answer of a kind with the head that all share, and its seal."""
    made = kind(
        question=asked.question,
        asked_at=asked.moment.isoformat(timespec="seconds"),
        provenance=asked.provenance,
        facts=facts_of(
            asked.question, asked.catalog, asked.constants, keys, offers_beside(candidates, keys)
        ),
        **fields,
    )
    return sealed(made)


def _is_unpredicted(asked: Asked, job: Candidates) -> bool:
    """Of a chain the aim compares what comes out at its end, not a model that is trained on."""
    trained_on = {other.starts_from for other in asked.question.jobs}
    compared = asked.question.aim is Aim.MOST_ACCURATE and job.job.name not in trained_on
    needed = job.job.min_accuracy is not None or compared
    return needed and bool(np.isnan(job.accuracy.median).all())


def _done(slots: Sequence[PlannedJob | None]) -> tuple[PlannedJob, ...]:
    return tuple(job for job in slots if job is not None)


def _region(decision: Decision) -> Region | None:
    if len(decision.jobs) > 1:
        return None
    chosen = next((c for c in decision.chosen if c != NOT_DONE), None)
    return region(decision.only_columns, decision.limits, decision.reduced.kept[0], chosen)


def _nearest(decision: Decision, held: tuple[Limit, ...]) -> tuple[Alternative, ...]:
    """Plans that miss one limit least; where several are missed at once, plans without limits.

    Args:
        decision: one without a plan.
        held: an irreducible conflict: who keeps all of it misses nothing. Empty: all limits.
    """
    made: list[Alternative] = []
    for limit in held or decision.limits:
        if len(made) == NEAREST:
            break
        found = in_time(partial(decision.seeker.least, limit), None)
        if found is not None and found.chosen:
            why = f"misses only {LIMIT_NOUNS[limit.name]}{owner(decision, limit)}"
            made.append(alternative(decision, decision.positions(found), why))
    for aim, why in ((Aim.CHEAPEST, "cheapest"), (Aim.FASTEST, "fastest")) if not made else ():
        found = in_time(partial(decision.seeker.best, aim, ()), None)
        if found is not None and found.chosen:
            positions = decision.positions(found)
            made.append(alternative(decision, positions, f"{why}, whatever the limits are"))
    return tuple(made)


def _unfinished() -> str:
    return "The time limit ended the explanation." if is_over() else ""


def _of_grid(decision: Decision) -> str:
    """What is not proven where jobs wait for each other; empty where everything is."""
    status, gap = _solver(decision).status, decision.selection.gap
    if status == NONE_TRIED:
        return (
            "Beside each other the jobs would keep every limit; with what they share, none of the "
            "moments and orders that were tried lets them."
        )
    if status == BEST_TRIED and gap is not None:
        return (
            f"Of the plans that were tried none is better; others could be by "
            f"{100 * gap:.1f} % at most."
        )
    return ""


def _solver(decision: Decision) -> SolverReport:
    selection = decision.selection
    proven = selection.gap is None or selection.gap <= PROVEN or not selection.chosen
    on_grid = selection.ending is Ending.OPTIMAL and not proven
    status = BEST_TRIED if on_grid else selection.ending.value
    if selection.ending is Ending.INFEASIBLE and selection.bound is not None:
        status = NONE_TRIED
    return SolverReport(
        status=status,
        objective=selection.objective,
        bound=selection.bound,
        gap=selection.gap,
        seconds=decision.seconds,
        columns=sum(len(kept) for kept in decision.reduced.kept),
        rows=decision.chooser.rows,
        solves=decision.chooser.solves,
        coefficients=None if decision.ranges is None else Coefficients(**decision.ranges._asdict()),
    )
