"""The questions that come with the program."""

from __future__ import annotations

from pathlib import Path

INSTALLED = Path(__file__).parent / "examples_data"
"""Where an installed program keeps them."""

IN_SOURCE = Path(__file__).parents[1] / "examples"
"""Where they lie in the source."""


def folder() -> Path:
    """The folder of the examples."""
    return IN_SOURCE if IN_SOURCE.is_dir() else INSTALLED


def example(name: str) -> Path:
    """The file of one example."""
    return folder() / name
