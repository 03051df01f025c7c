"""`trilemma diff`: how one answer differs from another, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solver.cli.commands import Command, add_command
from solver.cli.outputs import answer_in
from solver.cli.terminal import say
from solver.diff import differences
from solver.export.tables import printable

if TYPE_CHECKING:
    import argparse

COMMAND = Command(
    "diff",
    "say how two answers differ",
    "Say in words how the second answer differs from the first: what was asked, the plan, its "
    "figures, its limits, and the facts it stands on.",
    """\
examples:
  trilemma diff monday.json tuesday.json
  trilemma diff monday.json tuesday.json --exit-code   1 where they differ
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("before", type=Path, help="answer file")
    made.add_argument("after", type=Path, help="answer file")
    made.add_argument("--exit-code", action="store_true", help="exit with 1 where they differ")


def run(arguments: argparse.Namespace) -> int:
    """Read both, compare, say it."""
    found = differences(answer_in(arguments.before), answer_in(arguments.after))
    if not found:
        say("The answers are equal in all that they decide and promise.")
        return 0
    for position, group in enumerate(found):
        say(("\n" if position else "") + printable(group.title))
        for sentence in group.sentences:
            say(f"  {printable(sentence)}")
    return 1 if arguments.exit_code else 0
