"""`trilemma schema`: the JSON Schema of questions and answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from solver.answer_file import answer_schema
from solver.cli.commands import Command, add_command
from solver.cli.terminal import say_bytes
from solver.question import question_schema

if TYPE_CHECKING:
    import argparse

COMMAND = Command(
    "schema",
    "print the JSON Schema of questions or answers",
    "Print the JSON Schema (draft 2020-12) of question files or answer files.",
    """\
examples:
  trilemma schema question > question.schema.json
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("of", choices=["question", "answer"], help="which schema")


def run(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    schema = question_schema() if arguments.of == "question" else answer_schema()
    say_bytes(json.dumps(schema, indent=2, ensure_ascii=False).encode() + b"\n")
    return 0
