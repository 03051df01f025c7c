"""`trilemma diff`: how one answer differs from another, in words."""

from __future__ import annotations

import argparse
from pathlib import Path

from catalog.units import PERCENT
from solver.cli.commands import Command, add_command
from solver.cli.outputs import answer_in
from solver.cli.terminal import say
from solver.diff import differences
from solver.export.tables import printable

COMMAND = Command(
    "diff",
    "say how two answers differ",
    "Say in words how the second answer differs from the first: what was asked, the plan, its "
    "figures, its limits, and the facts it stands on.",
    """\
examples:
  trilemma diff monday.json tuesday.json
  trilemma diff monday.json tuesday.json --exit-code   1 where they differ
  trilemma diff approved.json answer.json --within 5 --exit-code
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("before", type=Path, help="answer file")
    made.add_argument("after", type=Path, help="answer file")
    made.add_argument(
        "--within",
        type=percent,
        default=0.0,
        metavar="PERCENT",
        help="figures that moved by less are no difference",
    )
    made.add_argument("--exit-code", action="store_true", help="exit with 1 where they differ")


def percent(text: str) -> float:
    """A share written in percent. [ratio], 0 to 1

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 <= value <= PERCENT:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 100")
    return value / PERCENT


def run(arguments: argparse.Namespace) -> int:
    """Read both, compare, say it."""
    before, after = answer_in(arguments.before), answer_in(arguments.after)
    found = differences(before, after, arguments.within)
    if not found:
        say("The answers are equal in all that they decide and promise.")
        return 0
    for position, group in enumerate(found):
        say(("\n" if position else "") + printable(group.title))
        for sentence in group.sentences:
            say(f"  {printable(sentence)}")
    return 1 if arguments.exit_code else 0
