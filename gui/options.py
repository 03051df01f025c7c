"""What the window is told on its command line; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCUMENT = ".trilemma"
PROFILE, SELF_CHECK = "--profile-dir", "--self-check"


@dataclass(frozen=True, slots=True)
class Options:
    """How a window shall begin."""

    path: Path | None = None
    """File to open."""
    profile: Path | None = None
    """Folder for settings and unsaved work; None: the user's own."""
    self_check: Path | None = None
    """Folder for what a self-check writes; None: no self-check."""


def asks_for_window(arguments: Sequence[str]) -> bool:
    """True without arguments, or with only a project file and options of the window."""
    try:
        path = options_of(arguments).path
    except ValueError:
        return bool(arguments) and arguments[0].partition("=")[0] in (PROFILE, SELF_CHECK)
    return path is None or path.suffix == DOCUMENT


def options_of(arguments: Sequence[str]) -> Options:
    """The options in the arguments of a window.

    Args:
        arguments: perhaps a file to open, `--profile-dir FOLDER`, `--self-check FOLDER`.

    Raises:
        ValueError: an argument is not known.
    """
    waiting, folders = list(arguments), dict.fromkeys((PROFILE, SELF_CHECK), "")
    path: Path | None = None
    while waiting:
        word = waiting.pop(0)
        option, _, value = word.partition("=")
        if option in folders:
            if not value and not waiting:
                raise ValueError(f"{option} needs a folder")
            folders[option] = value or waiting.pop(0)
        elif word.startswith("-") or path is not None:
            raise ValueError(f"{word} is not known; see trilemma --help")
        else:
            path = Path(word)
    profile, self_check = (Path(name) if name else None for name in folders.values())
    return Options(path, profile, self_check)
