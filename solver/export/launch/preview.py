"""What a target would get of an answer, without raising: for a list to choose from and a look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.problems import Problem
from solver.export.launch.refusals import LaunchError
from solver.export.launch.targets import TARGETS, launch_files, start_of
from solver.files import FileError, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from solver.export.launch.files import LaunchFile
    from solver.plan import Answer


@dataclass(frozen=True, slots=True)
class Preview:
    """The files of a target, or all that speaks against them."""

    target: str
    """Its name, as `trilemma launch --to` takes it."""
    title: str
    """As people call it; empty for an unknown target."""
    start: str
    """The command that starts the files in their folder; empty where there are none."""
    files: tuple[LaunchFile, ...]
    """Empty where the target refuses."""
    problems: tuple[Problem, ...]
    """Why it refuses, each with the way out; empty where there are files."""


def preview(answer: Answer, target: str, jobs: tuple[str, ...] = ()) -> Preview:
    """The launch files of an answer for one target, or its refusal.

    Args:
        answer: of any outcome.
        target: a name of `TARGETS`; an unknown one is refused.
        jobs: names of those to launch; empty: all of them.
    """
    known = TARGETS.get(target)
    title = "" if known is None else known.title
    try:
        files = launch_files(answer, target, jobs)
    except LaunchError as refused:
        return Preview(target, title, "", (), tuple(refused.problems))
    return Preview(target, title, "" if known is None else start_of(known, files), files, ())


def previews(answer: Answer) -> tuple[Preview, ...]:
    """One preview for each target, clusters first."""
    return tuple(preview(answer, name) for name in TARGETS)


def save(files: tuple[LaunchFile, ...], folder: Path, *, replace: bool = False) -> tuple[Path, ...]:
    """Write the files of a preview below a folder; nothing where one of them exists.

    Args:
        files: of a preview.
        folder: made where it is missing.
        replace: files that exist are replaced.

    Raises:
        FileError: a file exists, or the place cannot be written.
    """
    made = {folder / file.path: file.text for file in files}
    there = [] if replace else [path for path in made if path.exists()]
    if there:
        raise FileError(
            "Nothing was written",
            [Problem(str(path), "it exists", "Choose another folder.") for path in there],
        )
    for path, text in made.items():
        write_atomically(path, text)
    return tuple(made)
