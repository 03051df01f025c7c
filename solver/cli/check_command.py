"""`trilemma check`: every figure of an answer again, from the facts it embeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from catalog.problems import Problem
from solver.check import broken, outdated, read_answer
from solver.cli.commands import Command, add_command, overlay_of, with_overlay
from solver.cli.terminal import complain, say
from solver.files import FileError, read_text
from solver.plan import ANSWER_FORMAT

if TYPE_CHECKING:
    import argparse

MOST_BYTES = 50_000_000
"""An answer of two hundred jobs has a few; a larger file is something else. [byte]"""

COMMAND = Command(
    "check",
    "recompute an answer from its own facts",
    "Recompute every figure of an answer file from the facts and factors it embeds, without the "
    "solver. Facts that today's catalogue states otherwise are only warnings.",
    """\
examples:
  trilemma check plan.json
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("answer", type=Path, help="answer file, as `plan --json` writes it")
    with_overlay(made)


def run(arguments: argparse.Namespace) -> int:
    """Read, recompute, report."""
    text = read_text(arguments.answer, MOST_BYTES)
    if ANSWER_FORMAT not in text:
        problem = Problem(
            str(arguments.answer), "it is no answer", "Give a file that `plan --json` wrote."
        )
        raise FileError("There is nothing to check", [problem])
    made = read_answer(text)
    problems = made if isinstance(made, tuple) else broken(made)
    if problems or isinstance(made, tuple):
        complain(f"{arguments.answer} does not hold:")
        for problem in problems:
            complain(f"  {problem}")
        return 1
    for problem in outdated(made, load_catalog(overlay_of(arguments))):
        complain(f"warning: {problem}")
    say(f"Every figure of {arguments.answer} follows from its own facts ({made.outcome}).")
    return 0
