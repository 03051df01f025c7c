"""Every fault of a question in one go: its form, and the names that the catalogue does not know."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from catalog.problems import Problem
from solver.question import Question
from solver.question_check import problems_with
from solver.question_file import (
    QuestionError,
    migrated_question,
    own_faults,
    read_question,
)

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.tables import Catalog

ROUNDS = 4
"""Faults hide behind others; after so many rounds the rest of a question is left alone. [1]"""

NAMED = ("name", "models", "methods", "precisions", "teacher", "formats", "deploy_on", "task")
"""What is kept of a job whose numbers contradict each other."""

WORK = {"tokens": 1e6}
"""A job's work where its own cannot be read."""


def read_known_question(path: Path, catalog: Catalog) -> Question:
    """The question in a TOML or JSON file.

    Raises:
        QuestionError: the file cannot be read or the question has faults. Where its form has some,
            names in the rest of it are held against the catalogue at once.
    """
    try:
        return read_question(path)
    except QuestionError as error:
        names = unknown_names(error.data, catalog)
        told = [Problem(f"{path.name}: {p.where}", p.what, p.remedy) for p in names]
        raise QuestionError(error.title, [*error.problems, *told]) from error


def unknown_names(data: object, catalog: Catalog) -> tuple[Problem, ...]:
    """Names in a question with faults that the catalogue does not know.

    Args:
        data: as parsed from its file; None where that failed.
        catalog: the facts.
    """
    rest = _readable(data)
    if rest is None:
        return ()
    found = problems_with(rest, catalog, datetime.now(UTC))
    return tuple(p for p in found if "is not in the catalogue" in p.what or "is listed" in p.what)


def _readable(data: object) -> Question | None:
    """The question without what cannot be read; None where hardly anything can."""
    rest: Any = copy.deepcopy(migrated_question(data))
    for _ in range(ROUNDS if isinstance(rest, dict) else 0):
        try:
            return Question.model_validate(rest)
        except ValidationError as error:
            for place in {detail["loc"] for detail in own_faults(error)}:
                _leave_out(rest, place)
    return None


def _leave_out(data: dict[str, Any], place: tuple[int | str, ...]) -> None:
    """Take the part at a place out of a question; of a job its names stay."""
    match place:
        case ("jobs", int(position)):
            _only_names(_part(_part(data, "jobs"), position))
        case (*parents, last):
            holder: Any = data
            for part in parents:
                holder = _part(holder, part)
            if isinstance(holder, dict) and last in holder:
                del holder[last]
            else:  # what is missing, or an entry of a list: the whole that it is part of
                _leave_out(data, tuple(parents))


def _only_names(job: object) -> None:
    """A job with its names and other work, which nothing contradicts."""
    if isinstance(job, dict):
        for key in set(job) - set(NAMED):
            del job[key]
        job.update(WORK if "task" in job else WORK | {"family": "chat"})


def _part(holder: Any, key: int | str) -> Any:  # noqa: ANN401 - parsed data of any shape
    try:
        return holder[key]
    except (KeyError, IndexError, TypeError):
        return None
