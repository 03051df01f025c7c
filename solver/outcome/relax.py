"""Why nothing fits: an irreducible conflict, and the smallest change of each limit and switch."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solver.decide import seeker_of
from solver.export.words import chance_text, listed, sentence
from solver.limits import UNCERTAIN, uncertain_limits
from solver.outcome.conflicts import irreducible
from solver.outcome.moves import LIMIT_NOUNS, figures, keys, limit_move, owner, rounded_out, starts
from solver.patience import in_time
from solver.plan import Move
from solver.question import MAX_HOURS
from solver.search import Search, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from solver.decide import Decision
    from solver.program import Limit
    from solver.question import Question

MAX_USD = 1e11
"""Largest budget, CO2 cap or size that a question may state."""

MOST_RELAXED = 8
"""Limits for which a smallest change is sought, those of all jobs first: a portfolio may have
hundreds, and each try decides all its jobs again. [1]"""

ROOM = (0.0, 0.15, 0.4, 0.7)
"""Shares of the doubt that is left by the asked confidence: how much room a change leaves. [1]"""

CAUTION = (0.15, 0.4, 0.7, 1.0)
"""How far quantiles lie between the asked confidence and the one that is always safe. [1]"""

CONFIDENCES = (0.8, 0.7, 0.6, 0.5)
"""Lower confidences that are offered, largest first. [ratio]"""


RESTRICTIONS = {
    "rent": "only your own machines may be used",
    "spot": "spot machines are not allowed",
    "providers": "only some providers are allowed",
    "regions": "only some regions are allowed",
    "accelerators": "only some accelerators are allowed",
    "include_marked_prices": "doubtful prices are not accepted",
    "quotas": "the quotas stand",
    "busy": "your machines are busy at times",
    "methods": "only some methods are allowed",
    "precisions": "only some precisions are allowed",
    "confidence": "they must hold as surely as asked",
}
"""Switches as they are in an impossible question."""


class Switch(NamedTuple):
    """A restriction of the question that can be lifted with one word."""

    name: str
    text: str
    changed: Question


def conflict(decision: Decision) -> tuple[Limit, ...]:
    """Limits that cannot hold together while any of them left out would help.

    All of them where they hold together at the quantile, but not as often as asked.
    """
    possible = decision.seeker.possible
    if not possible(()):
        return ()
    return decision.limits if possible(decision.limits) else irreducible(decision.limits, possible)


def limit_relaxations(
    question: Question,
    decision: Decision,
    held: tuple[Limit, ...],
    decide_again: Callable[[Question], Decision | None],
) -> tuple[Move, ...]:
    """For each limit the smallest change of it alone that makes a plan possible, if any does.

    Args:
        question: the impossible one.
        decision: its decision, without a plan.
        held: an irreducible conflict: a limit outside it cannot help alone. Empty: all limits.
        decide_again: decides a changed question; None where some job has no candidate.
    """
    made = []
    tried = sorted(held or decision.limits, key=lambda limit: limit.job is not None)
    for limit in tried[:MOST_RELAXED]:
        move = in_time(partial(_relaxation, question, decision, limit, decide_again), None)
        if move is not None:
            made.append(move)
    return tuple(sorted(made, key=_relative))


def _relaxation(
    question: Question,
    decision: Decision,
    limit: Limit,
    decide_again: Callable[[Question], Decision | None],
) -> Move | None:
    """The smallest change of one limit alone that makes a plan possible; None where none does."""
    least = decision.seeker.least(limit)
    if not least.chosen:
        return None
    positions = decision.positions(least)
    for value in _values(question, decision, limit, positions):
        if not admitted(limit, value):
            continue
        again = decide_again(moved(question, limit, value))
        if again is not None and again.chosen:
            plan, told = keys(again, again.chosen), figures(again, again.chosen)
            begun = starts(again, again.chosen)
            return limit_move(decision, limit, value, plan, told, begun)
    return None


def admitted(limit: Limit, value: float) -> bool:
    """Whether a question may set a limit to a value."""
    if limit.is_minimum:
        return 0.0 <= value <= 1.0
    return 0.0 < value <= (MAX_HOURS if limit.name == "deadline" else MAX_USD)


def moved(question: Question, limit: Limit, value: float) -> Question:
    """The question with one limit at another value."""
    if limit.job is not None:
        field = {
            "deadline": "deadline_hours",
            "max_deployed": "max_deployed_gb",
            "max_latency": "max_latency_ms",
        }
        changed = question.jobs[limit.job].replace(**{field.get(limit.name, limit.name): value})
        jobs = [changed if j == limit.job else job for j, job in enumerate(question.jobs)]
        return question.replace(jobs=tuple(jobs))
    if limit.name == "deadline":
        return _limits(question, deadline_hours=value, deadline=None)
    if limit.name == "max_gpus":
        return _limits(question, max_gpus=round(value))
    return _limits(question, **{LIMIT_FIELDS[limit.name]: value})


LIMIT_FIELDS = {"budget": "budget_usd", "co2": "co2_kg"}


def _values(
    question: Question, decision: Decision, limit: Limit, positions: tuple[int, ...]
) -> Iterator[float]:
    """Values of a limit to try for the plan that misses it least, the smallest change first.

    The first is the least at which the plan holds all limits together as often as asked, in
    simulation; the others leave more room, for at a higher quantile the plan costs more.
    """
    nominal = decision.reached(limit, positions)
    if limit.name not in UNCERTAIN:
        yield rounded_out(limit, nominal)
        return
    outcomes = outcomes_of(
        decision.jobs, positions, decision.timing_of(positions), decision.reduced.program
    )
    others = [outcomes.keeps(o) for o in uncertain_limits(decision.limits) if o != limit]
    together = np.logical_and.reduce([outcomes.in_calendar, *others])
    drawn = np.sort(outcomes.reached(limit)[np.broadcast_to(together, outcomes.hours.shape[1:])])
    total = outcomes.hours.shape[1]
    needed = math.ceil(question.limits.confidence * total)
    if limit.is_minimum:
        drawn = drawn[::-1]
    for share in ROOM:
        place = needed + round(share * (total - needed)) - 1
        if place < len(drawn):
            value = float(drawn[place])
            worse = min(value, nominal) if limit.is_minimum else max(value, nominal)
            yield rounded_out(limit, worse)
    yield from _safer_values(question, decision, limit)


def _safer_values(question: Question, decision: Decision, limit: Limit) -> Iterator[float]:
    """The least changes at higher quantiles, up to the one at which every plan suffices.

    At 1 - (1 - p) / 2m that follows from the union bound, whatever plan the aim prefers there; but
    there the other limits may already be too narrow, so lower ones are tried first.
    """
    asked = question.limits.confidence
    safe = 1.0 - (1.0 - asked) / (2.0 * len(uncertain_limits(decision.limits)))
    search = Search(question, decision.jobs, decision.limits)
    for share in CAUTION:
        program = search.reduced_program(asked + share * (safe - asked))
        least = seeker_of(program.program).least(limit)
        if least.chosen:
            positions = program.positions(least.chosen)
            timing = least.timing or program.timing(positions)
            yield rounded_out(limit, program.reached(limit, positions, timing))


class Lifted(NamedTuple):
    """What lifting one switch at a time would do."""

    moves: tuple[Move, ...]
    """Switches of which each alone makes a plan possible, and which plan."""
    loosening: tuple[str, ...]
    """Names of switches of which each alone lets the limits in conflict hold together."""


def lifted(
    question: Question,
    held: tuple[Limit, ...],
    decide_again: Callable[[Question], Decision | None],
    decision: Decision | None = None,
) -> Lifted:
    """For each switch whether it alone makes a plan possible, or at least ends the conflict.

    Args:
        question: the impossible one.
        held: the limits in conflict.
        decide_again: decides a changed question; None where some job has no candidate.
        decision: that of the question; None where some job has no candidate.
    """
    moves: dict[str, Move] = {}
    loosening: dict[str, None] = {}
    hopeless = {"confidence"} if decision and not _any_confidence(question, decision, held) else ()
    for switch in switches(question):
        if switch.name in moves or switch.name in hopeless:
            continue
        decision = in_time(partial(decide_again, switch.changed), None)
        if decision is None:
            continue
        if decision.chosen:
            moves[switch.name] = _lifting(switch, decision)
        possible = partial(decision.seeker.possible, held)
        if bool(decision.chosen) or in_time(possible, otherwise=False):
            loosening[switch.name] = None
    return Lifted(tuple(moves.values()), tuple(loosening))


def _any_confidence(question: Question, decision: Decision, held: tuple[Limit, ...]) -> bool:
    """Whether limits in conflict may hold together at a lower confidence; at the lowest, then."""
    if decision.reduced.program.moments:  # each quantile has moments of its own
        return True

    def at_lowest() -> bool:
        search = Search(question, decision.jobs, decision.limits)
        return seeker_of(search.reduced_program(min(CONFIDENCES)).program).possible(held)

    return in_time(at_lowest, otherwise=True)


def _lifting(switch: Switch, decision: Decision) -> Move:
    hours, usd, accuracy = figures(decision, decision.chosen)
    return Move(
        limit=switch.name,
        job=None,
        value=switch.changed.limits.confidence if switch.name == "confidence" else None,
        change=None,
        text=switch.text,
        keys=keys(decision, decision.chosen),
        hours=hours,
        usd=usd,
        accuracy=accuracy,
        starts=starts(decision, decision.chosen),
    )


def switches(question: Question) -> Iterator[Switch]:
    """Every restriction that the question makes, lifted one at a time; confidence comes last."""
    limits = question.limits
    if not limits.rent:
        yield Switch("rent", "rent machines besides your own", _limits(question, rent=True))
    else:
        yield from _of_renting(question)
    if limits.quotas:
        yield Switch("quotas", "lift all quotas", _limits(question, quotas=()))
    if any(pool.busy for pool in question.owned):
        free = tuple(pool.replace(busy=()) for pool in question.owned)
        yield Switch("busy", "free your machines at all times", question.replace(owned=free))
    for name in ("methods", "precisions"):
        if any(getattr(job, name) for job in question.jobs):
            jobs = tuple(job.replace(**{name: ()}) for job in question.jobs)
            yield Switch(name, f"allow all {name}", question.replace(jobs=jobs))
    for confidence in CONFIDENCES:
        if confidence < limits.confidence:
            changed = _limits(question, confidence=confidence)
            yield Switch("confidence", f"be {chance_text(confidence)} sure instead", changed)


def _of_renting(question: Question) -> Iterator[Switch]:
    """Restrictions of what may be rented."""
    limits = question.limits
    if not limits.spot:
        yield Switch("spot", "allow spot machines", _limits(question, spot=True))
    for name in ("providers", "regions", "accelerators"):
        if getattr(limits, name):
            yield Switch(name, f"allow all {name}", _limits(question, **{name: ()}))
    if not limits.include_marked_prices:
        changed = _limits(question, include_marked_prices=True)
        yield Switch("include_marked_prices", "accept prices that are marked as doubtful", changed)


def conflict_words(
    decision: Decision, held: tuple[Limit, ...], loosening: Sequence[str] = ()
) -> str:
    """The conflict as a sentence, with the switches that keep it up."""
    names = [LIMIT_NOUNS[limit.name] + owner(decision, limit) for limit in held]
    if not names and not decision.seeker.possible(()):
        return "Your machines and quotas are too few for all jobs, or one stage has no match."
    if not names:
        return "No plan keeps every limit as surely as asked."
    words = [RESTRICTIONS[name] for name in loosening if name in RESTRICTIONS]
    while_on = f" while {listed(words)}" if words else ""
    if len(names) == 1:
        whatever = while_on or ", whatever the other limits are"
        return f"No candidate keeps {names[0]}{whatever}."
    return sentence(f"{listed(names)} cannot hold together{while_on}.")


def _limits(question: Question, **changes: object) -> Question:
    return question.replace(limits=question.limits.replace(**changes))


def _relative(move: Move) -> float:
    """Size of a change beside the value it leads to: smaller ones come first."""
    return abs((move.change or 0.0) / (move.value or np.inf))
