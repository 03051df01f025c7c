"""What commands share: how they join the grammar, and options that several of them take."""

from __future__ import annotations

import argparse
import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from platformdirs import user_config_path

if TYPE_CHECKING:
    from collections.abc import Callable

HELP_WIDTH = 80
"""Help is read on the narrowest usual terminal; argparse keeps these lines as they are. [1]"""


class Command(NamedTuple):
    """How a command presents itself."""

    name: str
    summary: str
    """A few words for the list of commands."""
    description: str
    examples: str


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Command,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    """Add a command to the grammar; `run` gets its arguments and returns the exit code."""
    made = commands.add_parser(
        command.name,
        help=command.summary,
        description=textwrap.fill(command.description, HELP_WIDTH),
        epilog=command.examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=run)
    return made


def with_overlay(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the user's own catalogue."""
    parser.add_argument(
        "--overlay",
        type=Path,
        metavar="FOLDER",
        help=f"your own catalogue tables, which win over shipped rows (default: {own_folder()}, "
        "if it exists)",
    )


def overlay_of(arguments: argparse.Namespace) -> Path | None:
    """The user's own catalogue: the folder named, else the usual one if it exists."""
    named: Path | None = arguments.overlay
    usual = own_folder()
    return named if named is not None else (usual if usual.is_dir() else None)


def own_folder() -> Path:
    """Where the user's own catalogue lies unless an option names another folder."""
    return user_config_path("trilemma", appauthor=False) / "catalog"


def positive(text: str) -> int:
    """A whole number above zero.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        value = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not above zero")
    return value


def seconds(text: str) -> float:
    """A number of seconds, zero or more. [s]

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value
