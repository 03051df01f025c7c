"""A file of a launch, and what a target is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catalog.problems import Problem
    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped


@dataclass(frozen=True, slots=True)
class LaunchFile:
    """A file to be written."""

    path: str
    """Below the folder of the launch, with slashes."""
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """A program that launches or trains."""

    name: str
    """As `trilemma launch --to` takes it."""
    title: str
    """As people call it."""
    start: str
    """The command that starts the files, run in their folder."""
    against: Callable[[Settings], Iterable[Problem]]
    """What it cannot express of a run."""
    files: Callable[[Solved | Stopped, Settings], tuple[LaunchFile, ...]]
    chain: Callable[[tuple[Settings, ...]], str]
    """The text of `run.sh`, which starts several jobs in the order of the plan."""


def program(name: str) -> str:
    """The text of a training program that goes with launch files."""
    folder = files("solver.export.launch").joinpath("programs")
    return folder.joinpath(f"{name}.py.txt").read_text(encoding="utf-8")
