"""The answer as a file: its JSON, its schema, and the exit code that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solver.plan import ANSWER, ANSWER_VERSION

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
