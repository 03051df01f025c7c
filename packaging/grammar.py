"""The grammar of the command line as values, for the manual and the completions of shells."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Takes(Enum):
    """What follows an option, or stands in the place of an argument."""

    NOTHING = "nothing"
    FILE = "file"
    FOLDER = "folder"
    WORD = "word"


FOLDERS = ("FOLDER", "DIR")
FILES = ("OUT", "FILE", "CSV")


@dataclass(frozen=True, slots=True)
class Argument:
    """An option, or a place for a word."""

    names: tuple[str, ...]
    """`--long` and `-s`; empty for a place."""
    shown: str
    """What stands for its value in the help."""
    words: str
    takes: Takes
    choices: tuple[str, ...]
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and those below it."""

    names: tuple[str, ...]
    """("trilemma", "catalog", "list")."""
    summary: str
    description: str
    epilog: str
    arguments: tuple[Argument, ...]
    commands: tuple[Command, ...]

    @property
    def options(self) -> tuple[Argument, ...]:
        """The arguments that have names."""
        return tuple(a for a in self.arguments if a.names)

    @property
    def places(self) -> tuple[Argument, ...]:
        """The arguments that have none."""
        return tuple(a for a in self.arguments if not a.names)


def command_of(
    parser: argparse.ArgumentParser, names: tuple[str, ...], summary: str = "", *, home: str
) -> Command:
    """A parser as a value.

    Args:
        parser: what reads the command.
        names: words that call it.
        summary: what the command above says of it.
        home: the user's folder as the help names it; it becomes a tilde.
    """
    arguments, commands = [], []
    for action in parser._actions:  # noqa: SLF001 - argparse shows its grammar nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - likewise
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
            commands += [
                command_of(parsed, (*names, name), helps.get(name, ""), home=home)
                for name, parsed in action.choices.items()
            ]
        elif action.help is not argparse.SUPPRESS:
            arguments.append(_argument(action, parser, home))
    description, epilog = parser.description or "", parser.epilog or ""
    return Command(names, summary, description, epilog, tuple(arguments), tuple(commands))


def _argument(action: argparse.Action, parser: argparse.ArgumentParser, home: str) -> Argument:
    choices = tuple(str(choice) for choice in action.choices or ())
    shown = action.metavar or ("{" + ",".join(choices) + "}" if choices else action.dest)
    shown = " ".join(shown) if isinstance(shown, tuple) else shown
    return Argument(
        tuple(action.option_strings),
        shown if action.option_strings else shown.lower(),
        _words(action, parser).replace(home, "~"),
        _takes(action, shown),
        choices,
        bool(action.option_strings) or action.nargs in ("?", "*"),
    )


def _words(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    return (action.help or "") % {"prog": parser.prog, "default": action.default}


def _takes(action: argparse.Action, shown: str) -> Takes:
    if action.nargs == 0:
        return Takes.NOTHING
    if shown.upper() in FOLDERS:
        return Takes.FOLDER
    is_file = action.type is Path or shown.upper() in FILES
    return Takes.FILE if is_file else Takes.WORD


def all_commands(command: Command) -> list[Command]:
    """A command and everything below it, in the order of the help."""
    return [command, *(found for below in command.commands for found in all_commands(below))]
