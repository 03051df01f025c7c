"""The smallest change of several limits at once that makes a plan possible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from solver.export.words import listed
from solver.limits import UNCERTAIN
from solver.mip.mixes import Mixing
from solver.outcome.moves import figures, keys, limit_move, rounded_out, starts
from solver.outcome.relax import admitted, moved
from solver.outcome.verify import holds
from solver.plan_values import Change, Mix
from solver.program import loosened
from solver.search import SUREST, Search, joint_chance, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from solver.decide import Decision
    from solver.program import Limit
    from solver.question import Question
    from solver.search import Reduced
    from solver.simulate import Draws

HIGHER = (0.4, 1.0)
"""How far higher quantiles lie from the asked confidence to half the doubt that it leaves. [1]"""

MOST_SOUGHT = 300_000
"""With more candidates no higher quantile is tried: columns of all take seconds. [1]"""

HALVINGS = 10
"""Of the interval of quantiles to which a mix may move its limits. [1]"""

Values = tuple[tuple["Limit", float], ...]
"""Limits and the values that they move to."""


def mixed(
    question: Question, decision: Decision, decide_again: Callable[[Question], Decision | None]
) -> Mix | None:
    """The smallest mix of changed limits, confirmed by deciding again; None where one limit does.

    Args:
        question: the impossible one; its firm limits move last, its soft ones first.
        decision: its decision, without a plan.
        decide_again: decides a changed question; None where some job has no candidate.
    """
    tried: set[Values] = set()
    for reduced in _programs(question, decision):
        values = _values(question, decision, reduced)
        if values in tried or not values or not all(admitted(*pair) for pair in values):
            continue
        tried.add(values)
        again = _decided(question, values, decide_again)
        if again is not None:
            values, again = _pruned(question, values, again, decide_again)
            values, again = _tightened(question, values, again, decide_again)
            return None if len(values) == 1 else _mix(decision, values, again)
    return None


def _decided(
    question: Question, values: Values, decide_again: Callable[[Question], Decision | None]
) -> Decision | None:
    """The decision with some limits moved; None where no plan keeps every limit."""
    changed = question
    for limit, value in values:
        changed = moved(changed, limit, value)
    again = decide_again(changed)
    return again if again is not None and again.chosen else None


def _pruned(
    question: Question,
    values: Values,
    again: Decision,
    decide_again: Callable[[Question], Decision | None],
) -> tuple[Values, Decision]:
    """The mix without what it can do without: firm limits are given back first."""
    for pair in values:
        rest = tuple(other for other in values if other != pair)
        found = _decided(question, rest, decide_again) if rest else None
        if found is not None:
            values, again = rest, found
    return values, again


def _tightened(
    question: Question,
    values: Values,
    again: Decision,
    decide_again: Callable[[Question], Decision | None],
) -> tuple[Values, Decision]:
    """The mix with each limit only where the plan that it brings needs it, where that does."""
    for limit, value in values:
        nearer = rounded_out(limit, _surely_needed(limit, value, again))
        if not min(limit.bound, value) < nearer < max(limit.bound, value):
            continue
        near = tuple((other, nearer if other == limit else to) for other, to in values)
        found = _decided(question, near, decide_again)
        if found is not None:
            values, again = near, found
    return values, again


def _surely_needed(limit: Limit, value: float, again: Decision) -> float:
    """What a plan nearly always keeps of a limit that stands at a value now."""
    if again.outcomes is None or limit.name not in UNCERTAIN:
        return again.reached(replace(limit, bound=value), again.chosen)
    drawn = again.outcomes.reached(limit)
    return float(np.quantile(drawn, 1.0 - SUREST if limit.is_minimum else SUREST))


def tiers(question: Question, limits: tuple[Limit, ...]) -> tuple[tuple[Limit, ...], ...]:
    """Limits by how firmly they are meant, those that move last first."""
    firm, soft = question.limits.firm, question.limits.soft
    return (
        tuple(limit for limit in limits if limit.name in firm),
        tuple(limit for limit in limits if limit.name not in (*firm, *soft)),
        tuple(limit for limit in limits if limit.name in soft),
    )


def _programs(question: Question, decision: Decision) -> Iterator[Reduced]:
    """The program that has no plan, then those at higher quantiles, where plans hold more often.

    Jobs that share machines are first mixed as if they need not wait: most need not.
    """
    if decision.reduced.program.moments:
        yield _loose(decision.reduced)
    yield decision.reduced
    if sum(map(len, decision.jobs)) > MOST_SOUGHT:
        return
    asked = question.limits.confidence
    search = Search(question, decision.jobs, decision.limits)
    for share in HIGHER:
        yield _loose(search.reduced_program(asked + share * (1.0 - asked) / 2.0))


def _loose(reduced: Reduced) -> Reduced:
    return replace(reduced, program=loosened(reduced.program))


def _values(question: Question, decision: Decision, reduced: Reduced) -> Values:
    """Where the limits move that the least mix misses, each to a value that can be typed."""
    found = Mixing(reduced.program).least_mix(tiers(question, decision.limits))
    if not found.chosen:
        return ()
    positions = reduced.positions(found.chosen)
    timing = found.timing or reduced.timing(positions)
    missed = {
        limit: value
        for limit in decision.limits
        if not holds(limit, value := reduced.reached(limit, positions, timing))
    }
    outcomes = outcomes_of(decision.jobs, positions, timing, reduced.program)
    missed = _sure_enough(missed, decision.limits, outcomes, question.limits.confidence)
    order = [limit for tier in tiers(question, decision.limits) for limit in tier]
    return tuple((limit, rounded_out(limit, missed[limit])) for limit in order if limit in missed)


def _sure_enough(
    missed: dict[Limit, float], limits: tuple[Limit, ...], outcomes: Draws, confidence: float
) -> dict[Limit, float]:
    """Missed limits a little further out, until the plan keeps all together as often as asked.

    Each moves to one common quantile of its own outcomes; where even the surest does not do, the
    values stay as they are.
    """
    uncertain = [limit for limit in missed if limit.name in UNCERTAIN]
    drawn = {limit: outcomes.reached(limit) for limit in uncertain}

    def moved_to(quantile: float) -> dict[Limit, float]:
        out = dict(missed)
        for limit, values in drawn.items():
            at = float(np.quantile(values, 1.0 - quantile if limit.is_minimum else quantile))
            out[limit] = min(out[limit], at) if limit.is_minimum else max(out[limit], at)
        return out

    def suffices(quantile: float) -> bool:
        to = moved_to(quantile)
        now = tuple(replace(limit, bound=to.get(limit, limit.bound)) for limit in limits)
        return joint_chance(outcomes, now) >= confidence

    if suffices(confidence) or not suffices(SUREST):
        return moved_to(confidence) if suffices(confidence) else missed
    low, high = confidence, SUREST
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return moved_to(high)


def _mix(decision: Decision, values: Values, again: Decision) -> Mix:
    plan, told = keys(again, again.chosen), figures(again, again.chosen)
    moves = [(limit, limit_move(decision, limit, value, plan, told)) for limit, value in values]
    hours, usd, accuracy = told
    return Mix(
        changes=tuple(
            Change(
                limit=limit.name,
                job=move.job,
                value=value,
                change=value - limit.bound,
                text=move.text,
            )
            for (limit, value), (_, move) in zip(values, moves, strict=True)
        ),
        text=listed([move.text for _, move in moves]),
        keys=plan,
        hours=hours,
        usd=usd,
        accuracy=accuracy,
        starts=starts(again, again.chosen),
    )
