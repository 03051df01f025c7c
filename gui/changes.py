"""Wishes of the user as values, and what becomes of a question under them; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from solver.export.words import LIMIT_WORDS
from solver.question import Question

if TYPE_CHECKING:
    from solver.plan import Move
    from solver.plan_values import Change as LimitChange
    from solver.plan_values import Mix

FieldPath = tuple[str | int, ...]
"""Where a value stands in a question: ("jobs", 0, "min_accuracy")."""

DEADLINE: FieldPath = ("limits", "deadline_hours")
DEADLINE_DATE: FieldPath = ("limits", "deadline")
BUDGET: FieldPath = ("limits", "budget_usd")

LIFTED: dict[str, Any] = {
    "rent": True,
    "spot": True,
    "include_marked_prices": True,
    "providers": (),
    "regions": (),
    "accelerators": (),
}
"""Switches of `Limits` that a relaxation may lift, and what they become."""

LIFTED_OF_JOBS = ("methods", "precisions")
"""The same of every job: an empty list allows all."""

LIMIT_FIELDS: dict[str, str] = {
    "budget": "budget_usd",
    "co2": "co2_kg",
    "max_gpus": "max_gpus",
}
JOB_FIELDS: dict[str, str] = {
    "deadline": "deadline_hours",
    "min_accuracy": "min_accuracy",
    "max_deployed": "max_deployed_gb",
    "max_latency": "max_latency_ms",
}


@dataclass(frozen=True, slots=True)
class Change:
    """New values of some fields, wished by the user in one go."""

    words: str
    """What undo calls it."""
    edits: tuple[tuple[FieldPath, Any], ...]
    merges: bool = False
    """True for one of many steps of a gesture: a drag, a word being typed."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A wish that makes no valid question."""

    path: FieldPath
    """The field that was edited."""
    text: str


def changed(question: Question, change: Change) -> Question | Refusal:
    """The question with a change, or why it cannot be."""
    data = question.model_dump()
    for path, value in change.edits:
        holder: Any = data
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value
    try:
        return Question.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        text = first["msg"].removeprefix("Value error, ")
        return Refusal(change.edits[0][0], text[0].upper() + text[1:])


def of_field(words: str, path: FieldPath, value: object, *, merges: bool = False) -> Change:
    """A change of one field."""
    edits: list[tuple[FieldPath, Any]] = [(path, value)]
    if path == DEADLINE:
        # A deadline in hours takes the place of one given as a date.
        edits.append((DEADLINE_DATE, None))
    elif path == DEADLINE_DATE and value is not None:
        edits.append((DEADLINE, None))
    return Change(words, tuple(edits), merges)


def of_mix(question: Question, mix: Mix) -> Change:
    """What several moves of an answer make of the question, at one click."""
    each = [of_move(question, change) for change in mix.changes]
    edits = tuple(edit for change in each for edit in change.edits)
    return Change("limits relaxed together", edits)


def of_move(question: Question, move: Move | LimitChange) -> Change:
    """What a move of an answer makes of the question, at one click."""
    words = f"{LIMIT_WORDS.get(move.limit, move.limit.replace('_', ' '))} relaxed"
    names = [job.name for job in question.jobs]
    jobs = [names.index(move.job)] if move.job in names else list(range(len(names)))
    value: Any = move.value
    if move.limit == "deadline" and move.job is None:
        return of_field(words, DEADLINE, value)
    if move.limit in JOB_FIELDS:
        return Change(words, tuple((("jobs", j, JOB_FIELDS[move.limit]), value) for j in jobs))
    if move.limit in LIFTED_OF_JOBS:
        return Change(words, tuple((("jobs", j, move.limit), ()) for j in jobs))
    if move.limit in LIFTED:
        value = LIFTED[move.limit]
    elif move.limit == "max_gpus" and value is not None:
        value = int(value)
    return of_field(words, ("limits", LIMIT_FIELDS.get(move.limit, move.limit)), value)


def value_at(question: Question, path: FieldPath) -> Any:  # noqa: ANN401 - fields have many types
    """The value of a field; None where the part that it stands in is left out."""
    found: Any = question
    for step in path:
        if found is None:
            return None
        found = found[step] if isinstance(step, int) else getattr(found, step)
    return found
