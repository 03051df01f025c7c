"""Opening the window."""

from __future__ import annotations

import sys


def run(arguments: list[str]) -> int:
    """Open the window; returns the exit code."""
    del arguments
    sys.stderr.write("This build has no window yet: run `trilemma plan QUESTION` instead.\n")
    return 1
