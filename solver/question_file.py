"""Reading a question from TOML or JSON, and reporting all its faults at once."""

from __future__ import annotations

import json
import tomllib
import typing
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from catalog.problems import Problem, ProblemsError, did_you_mean
from solver.question import QUESTION_VERSION, Question

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

MAX_BYTES = 4_000_000
"""A question is a page of text; a larger file is something else. [byte]"""


class QuestionError(ProblemsError):
    """A question cannot be used; carries every fault found in it."""

    data: object = None
    """What was parsed, where only its form has faults."""


def read_question(path: Path) -> Question:
    """The question in a TOML or JSON file.

    Raises:
        QuestionError: the file cannot be read, is not TOML or JSON, or the question has faults.
    """
    return parse_question(_text(path), path.name)


def parse_question(text: str, name: str) -> Question:
    """The question in `text`; `name` ends in .json, else TOML is assumed.

    Raises:
        QuestionError: the text is not TOML or JSON, or the question has faults.
    """
    return question_from(_parsed(text, name), name)


def question_from(data: object, name: str) -> Question:
    """The question that parsed data holds.

    Raises:
        QuestionError: the question has faults, all of which it names.
    """
    try:
        return Question.model_validate(migrated_question(data))
    except ValidationError as error:
        problems = [_problem(detail, name) for detail in own_faults(error)]
        refused = QuestionError(f"{name} cannot be used as a question", problems)
        refused.data = data
        raise refused from error


def own_faults(error: ValidationError) -> list[ErrorDetails]:
    """What is wrong, without what only follows from it."""
    details = error.errors(include_url=False)
    return [detail for detail in details if not _follows(detail, details)]


def migrated_question(data: object) -> object:
    """Data of an older version in the form of today's; anything else as it is.

    Version 1 had no chains, calendars, quotas or optional jobs; all it could say means the same.
    """
    if isinstance(data, dict) and data.get("version") == 1:
        return {**data, "version": QUESTION_VERSION}
    return data


def _follows(detail: ErrorDetails, others: list[ErrorDetails]) -> bool:
    """True for "too few entries" where entries are there but have faults of their own."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in others
    )


def _text(path: Path) -> str:
    title = f"{path.name} cannot be read"
    try:
        raw = path.read_bytes()
    except OSError as error:
        problem = Problem(
            path.name, error.strerror or str(error), "Give the path of a readable file."
        )
        raise QuestionError(title, [problem]) from error
    if len(raw) > MAX_BYTES:
        problem = Problem(path.name, f"it has {len(raw):,} bytes", "A question has a page of text.")
        raise QuestionError(title, [problem])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(path.name, f"byte {error.start} is not UTF-8", "Save the file as UTF-8.")
        raise QuestionError(title, [problem]) from error


def _parsed(text: str, name: str) -> object:
    try:
        return json.loads(text) if name.lower().endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers of too many digits are ValueErrors
        problem = Problem(name, f"not valid: {error}", "Mend the line that is named.")
        raise QuestionError(f"{name} cannot be read", [problem]) from error


def _problem(detail: ErrorDetails, name: str) -> Problem:
    location = detail["loc"]
    where = f"{name}: {_dotted(location)}" if location else name
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = _fields_at(location[:-1])
        return Problem(where, "this key is not known", did_you_mean(str(location[-1]), known))
    if kind == "missing":
        return Problem(where, "this key is missing", "Add it.")
    if kind in REMEDIES:
        return Problem(where, f"{_shown(detail['input'])} is not allowed here", REMEDIES[kind])
    message = detail["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return Problem(where, message, "Change it there.")
    return Problem(where, f"{_shown(detail['input'])} is not allowed here", f"{message}.")


REMEDIES = {
    "tuple_type": 'Write a list, e.g. ["full"].',
    "model_type": "Write a table of keys and values.",
    "dict_type": "Write a table of keys and values.",
}
"""The way out where the words of the library would not help."""


def _shown(value: object) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - one line of a terminal


def _dotted(location: tuple[int | str, ...]) -> str:
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")


def _fields_at(location: tuple[int | str, ...]) -> list[str]:
    kind: Any = Question  # a type of any shape: walked down by its annotations
    for part in location:
        kind = _inner(kind)
        if isinstance(part, str) and isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[part].annotation
    kind = _inner(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return list(kind.model_fields)
    return []


def _inner(kind: Any) -> Any:  # noqa: ANN401 - annotations have no common type
    """The entry type inside Optional, tuple and Annotated."""
    while not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        inner = [a for a in typing.get_args(kind) if a not in (type(None), Ellipsis)]
        if not inner:
            return kind
        kind = inner[0]
    return kind
