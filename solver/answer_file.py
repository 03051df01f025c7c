"""The answer as a file: its JSON, its schema, and the exit code that goes with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from solver.outcome.seal import canonical_digest, digest_of
from solver.plan import ANSWER, ANSWER_VERSION
from solver.question_file import migrated_question

if TYPE_CHECKING:
    from solver.plan import Answer

EXIT_CODES = {"solved": 0, "failed": 1, "impossible": 3, "stopped": 4, "unknown": 5}
"""Exit code of a command by outcome; 2 is bad input, 130 an interruption."""


def to_json(answer: Answer) -> str:
    """The answer as its file holds it."""
    return ANSWER.dump_json(answer, indent=1).decode() + "\n"


def answer_schema() -> dict[str, Any]:
    """JSON Schema of answer files."""
    schema = ANSWER.json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:trilemma:answer:{ANSWER_VERSION}",
        "title": "Trilemma answer",
        **schema,
    }


def parse_answer(text: str) -> Answer:
    """The answer in a JSON text of this version or an older one.

    Raises:
        ValueError: the text is not JSON.
        pydantic.ValidationError: it is no answer.
    """
    return answer_from(json.loads(text))


def answer_from(data: object) -> Answer:
    """The answer that parsed JSON holds; one of an older program keeps its seal if it was whole.

    Raises:
        pydantic.ValidationError: it is no answer.
    """
    if not isinstance(data, dict):
        return ANSWER.validate_python(data)
    whole = canonical_digest(data) == data.get("digest")
    made = ANSWER.validate_python(_from_version_1(data) if data.get("version") == 1 else data)
    # Fields that are new since the file was written have their default and belong under the seal.
    return made.model_copy(update={"digest": digest_of(made)}) if whole else made


def _from_version_1(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 knew no starts: all jobs began at once."""
    new = {**data, "version": 2, "question": migrated_question(data.get("question"))}
    if isinstance(data.get("jobs"), list):
        new["jobs"] = [_begun_at_once(job) for job in data["jobs"]]
    return new


def _begun_at_once(job: object) -> object:
    if not isinstance(job, dict) or not isinstance(job.get("hours"), dict):
        return job
    return {**job, "end_hours": job["hours"].get("at_confidence")}
