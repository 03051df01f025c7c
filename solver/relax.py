"""Why nothing fits: an irreducible conflict, and the smallest change of each limit and switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solver.moves import LIMIT_NOUNS, figures, keys, limit_move, owner
from solver.plan import Move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from solver.decide import Decision
    from solver.program import Limit
    from solver.question import Question

CONFIDENCES = (0.8, 0.7, 0.6, 0.5)
"""Lower confidences that are offered, largest first. [ratio]"""


class Switch(NamedTuple):
    """A restriction of the question that can be lifted with one word."""

    name: str
    text: str
    changed: Question


def conflict(decision: Decision) -> tuple[Limit, ...]:
    """Limits that cannot hold together while any of them left out would help (deletion filter)."""
    held = list(decision.limits)
    if decision.chooser.possible(()) is False:
        return ()
    for limit in decision.limits:
        others = tuple(other for other in held if other != limit)
        if not decision.chooser.possible(others):
            held.remove(limit)
    return tuple(held)


def limit_relaxations(decision: Decision) -> tuple[Move, ...]:
    """For each limit the smallest change of it alone that makes a plan possible, if any does."""
    made = []
    for limit in decision.limits:
        found = decision.chooser.least(limit)
        if found.chosen:
            made.append(limit_move(decision, limit, decision.positions(found), ()))
    return tuple(sorted(made, key=_relative))


def switch_relaxations(
    question: Question, decide_again: Callable[[Question], Decision | None]
) -> tuple[Move, ...]:
    """For each switch whether it alone makes a plan possible, and which.

    Args:
        question: the impossible one.
        decide_again: decides a changed question; None where it is impossible too.
    """
    made = []
    for switch in switches(question):
        decision = decide_again(switch.changed)
        if decision is None:
            continue
        hours, usd, accuracy = figures(decision, decision.chosen)
        made.append(
            Move(
                limit=switch.name,
                job=None,
                value=switch.changed.limits.confidence if switch.name == "confidence" else None,
                change=None,
                text=switch.text,
                keys=keys(decision, decision.chosen),
                hours=hours,
                usd=usd,
                accuracy=accuracy,
            )
        )
        if switch.name == "confidence":
            break
    return tuple(made)


def switches(question: Question) -> Iterator[Switch]:
    """Every restriction that the question makes, lifted one at a time; confidence comes last."""
    limits = question.limits
    if not limits.rent:
        yield Switch("rent", "rent machines besides your own", _limits(question, rent=True))
    if not limits.spot and limits.rent:
        yield Switch("spot", "allow spot machines", _limits(question, spot=True))
    for name in ("providers", "regions", "accelerators"):
        if getattr(limits, name) and limits.rent:
            yield Switch(name, f"allow all {name}", _limits(question, **{name: ()}))
    if not limits.include_marked_prices and limits.rent:
        changed = _limits(question, include_marked_prices=True)
        yield Switch("include_marked_prices", "accept prices that are marked as doubtful", changed)
    for name in ("methods", "precisions"):
        if any(getattr(job, name) for job in question.jobs):
            jobs = tuple(job.replace(**{name: ()}) for job in question.jobs)
            yield Switch(name, f"allow all {name}", question.replace(jobs=jobs))
    for confidence in CONFIDENCES:
        if confidence < limits.confidence:
            changed = _limits(question, confidence=confidence)
            yield Switch("confidence", f"be {confidence:.0%} sure instead", changed)


def conflict_words(decision: Decision, held: tuple[Limit, ...]) -> str:
    """The conflict as a sentence."""
    names = [LIMIT_NOUNS[limit.name] + owner(decision, limit) for limit in held]
    if not names:
        return "No plan keeps every limit as surely as asked."
    if len(names) == 1:
        return f"No candidate keeps {names[0]}, whatever the other limits are."
    sentence = f"{', '.join(names[:-1])} and {names[-1]} cannot hold together."
    return sentence[0].upper() + sentence[1:]


def _limits(question: Question, **changes: object) -> Question:
    return question.replace(limits=question.limits.replace(**changes))


def _relative(move: Move) -> float:
    """Size of a change beside the value it leads to: smaller ones come first."""
    return abs((move.change or 0.0) / (move.value or np.inf))
