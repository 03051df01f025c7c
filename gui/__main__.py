"""The command `trilemma`: the window without arguments, else the command line.

Headless commands never import Qt: the window is imported only when it is asked for.
"""

from __future__ import annotations

import sys

DOCUMENT = ".trilemma"

PROFILE_OPTION = "--profile-dir"


def main() -> int:
    """Open the window, or run a headless command; returns the exit code."""
    arguments = sys.argv[1:]
    if _asks_for_window(arguments):
        # 98 ms of Qt and 430 ms of pyqtgraph that no headless command should pay.
        from gui.application import run  # noqa: PLC0415

        return run(arguments)
    from solver.cli.main import main as command_line  # noqa: PLC0415 - not needed by the window

    return command_line(arguments)


def _asks_for_window(arguments: list[str]) -> bool:
    """True without arguments, or with only a project file and options of the window."""
    words = list(arguments)
    if words and words[0] == PROFILE_OPTION:
        del words[:2]
    elif words and words[0].startswith(f"{PROFILE_OPTION}="):
        del words[0]
    return not words or (len(words) == 1 and words[0].endswith(DOCUMENT))


if __name__ == "__main__":
    sys.exit(main())
