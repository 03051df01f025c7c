"""Project files (`.trilemma`): a question, perhaps its answer, plans kept beside it, the catalogue.

UTF-8 JSON. A newer version is refused by name; an older one is migrated by one pure function a
version; unknown keys are refused with a suggestion; files are written whole or not at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from catalog.problems import Problem, did_you_mean
from solver.answer_file import answer_from
from solver.files import FileError, read_text, write_atomically
from solver.outcome.seal import digest_of
from solver.plan import ANSWER, PlannedJob
from solver.question_file import question_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from solver.plan import Answer
    from solver.question import Question

FORMAT = "trilemma-project"
VERSION = 3
SUFFIX = ".trilemma"
MOST_BYTES = 64_000_000
KEYS = ("format", "version", "app", "catalog", "question", "answer", "pinned")


def _from_version_1(data: dict[str, Any]) -> dict[str, Any]:
    """The question and the answer inside carry versions of their own and are migrated by them."""
    return {**data, "version": 2}


def _from_version_2(data: dict[str, Any]) -> dict[str, Any]:
    """No plans were kept beside the question."""
    return {**data, "version": 3}


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _from_version_1,
    2: _from_version_2,
}
"""For each older version what makes the next one of it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan that is kept beside the question to be compared."""

    answer: Answer
    job: PlannedJob | None = None
    """A candidate that was looked at; None: the plan itself."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a project file holds."""

    question: Question
    answer: Answer | None = None
    catalog_sha256: str = ""
    """Of the catalogue that the answer was made with; empty where there is none."""
    pinned: tuple[Kept, ...] = ()


def write_document(path: Path, document: Document, app: str) -> None:
    """Write a project file.

    Args:
        path: where.
        document: what it shall hold.
        app: version of the program.

    Raises:
        FileError: the place cannot be written.
    """
    answer = document.answer
    revision = "" if answer is None else answer.provenance.catalog_revision
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "app": app,
        "catalog": {"revision": revision, "sha256": document.catalog_sha256},
        "question": document.question.model_dump(mode="json", exclude_defaults=True),
    }
    if answer is not None:
        data["answer"] = ANSWER.dump_python(answer, mode="json")
    if document.pinned:
        data["pinned"] = [
            {
                "answer": ANSWER.dump_python(kept.answer, mode="json"),
                **({} if kept.job is None else {"job": kept.job.model_dump(mode="json")}),
            }
            for kept in document.pinned
        ]
    write_atomically(path, json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def read_document(path: Path) -> Document:
    """The document in a project file.

    Raises:
        FileError: the file cannot be read, is no project, is newer than this program, or its
            answer was edited.
        QuestionError: its question has faults, all of which it names.
    """
    return parse_document(read_text(path, MOST_BYTES), path.name)


def parse_document(text: str, name: str) -> Document:
    """The document in a text; raises as `read_document` does."""
    data = _migrated(_object(text, name), name)
    unknown = [key for key in data if key not in KEYS]
    if unknown:
        problems = [
            Problem(f"{name}: {key}", "this key is not known", did_you_mean(key, KEYS))
            for key in unknown
        ]
        raise FileError(f"{name} cannot be opened", problems)
    question = question_from(data.get("question"), f"{name}: question")
    pinned = tuple(_kept(one, f"{name}: pinned") for one in _entries(data.get("pinned"), name))
    stored = data.get("answer")
    if stored is None:
        return Document(question, pinned=pinned)
    answer = _answer(stored, name)
    return Document(question, answer, answer.provenance.catalog_sha256, pinned)


def _entries(stored: object, name: str) -> list[Any]:
    if stored is None:
        return []
    if not isinstance(stored, list) or not all(isinstance(one, dict) for one in stored):
        raise _refused(name, "its pinned plans are no list of tables", "Remove the key `pinned`.")
    return stored


def _kept(stored: dict[str, Any], name: str) -> Kept:
    job = stored.get("job")
    try:
        looked_at = None if job is None else PlannedJob.model_validate(job)
    except ValidationError as error:
        raise _refused(name, "a plan in it is damaged", "Remove the key `pinned`.") from error
    return Kept(_answer(stored.get("answer"), name), looked_at)


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:  # numbers of too many digits are ValueErrors
        raise _refused(name, f"it is not valid JSON: {error}", "Open another file.") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _refused(
            name, f"it is no project: its format is not {FORMAT!r}", "Open a .trilemma file."
        )
    return data


def _migrated(data: dict[str, Any], name: str) -> dict[str, Any]:
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _refused(name, f"version {version!r} is no version", "Open another file.")
    if version > VERSION:
        made_by = f" by Trilemma {data['app']}" if data.get("app") else ""
        what = f"it was written{made_by} in version {version}; this program reads up to {VERSION}"
        raise _refused(name, what, "Install a newer Trilemma.")
    while version < VERSION:
        data = MIGRATIONS[version](data)
        version += 1
    return data


def _answer(stored: object, name: str) -> Answer:
    try:
        answer = answer_from(stored)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _refused(name, f"its answer is damaged at {where}: {first['msg']}", _AGAIN) from error
    except ValueError as error:  # half a character, of which no digest can be made
        raise _refused(name, f"its answer is damaged: {error}", _AGAIN) from error
    if digest_of(answer) != answer.digest:
        raise _refused(name, "its answer was edited: the digest does not fit", _AGAIN)
    return answer


_AGAIN = "Remove the key `answer` and solve again."


def _refused(name: str, what: str, remedy: str) -> FileError:
    return FileError(f"{name} cannot be opened", [Problem(name, what, remedy)])
