"""`--json`: what a command found, for a program, to a file or to standard output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.cli.terminal import complain, say_bytes
from solver.files import write_atomically

if TYPE_CHECKING:
    import argparse

TO_STDOUT = "-"
"""Stands for standard output in place of a file."""


def with_json(parser: argparse.ArgumentParser) -> None:
    """Add the option that asks for JSON instead of text."""
    parser.add_argument("--json", metavar="OUT", help="write JSON instead; - for standard output")


def write_json(value: Any, out: str) -> None:  # noqa: ANN401 - any JSON value
    """Write a value as JSON; nothing else goes to standard output.

    Args:
        value: what `json` can write.
        out: a file, or `TO_STDOUT`.

    Raises:
        FileError: the file cannot be written.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if out == TO_STDOUT:
        say_bytes(text.encode())
        return
    write_atomically(Path(out), text)
    complain(f"Written: {out}")
