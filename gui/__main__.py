"""The command `trilemma`: the window without arguments, else the command line.

Headless commands never import Qt: the window is imported only when it is asked for.
"""

from __future__ import annotations

import os
import sys

DOCUMENT = ".trilemma"

NO_WINDOW = "--no-window"
"""Option of the demo: only write its files."""

INTERRUPTED = 130

PROFILE_OPTION = "--profile-dir"


def main() -> int:
    """Open the window, or run a headless command; returns the exit code."""
    arguments = sys.argv[1:]
    try:
        return _run(arguments)
    except KeyboardInterrupt:  # while modules were still being read
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    if _asks_for_window(arguments):
        return _window(arguments)
    from solver.cli.main import main as command_line  # noqa: PLC0415 - not needed by the window

    code = command_line(arguments)
    shows = arguments[:1] == ["demo"] and NO_WINDOW not in arguments
    if code == 0 and shows and _has_display():
        return _window([])
    return code


def _window(arguments: list[str]) -> int:
    # 98 ms of Qt and 430 ms of pyqtgraph that no headless command should pay.
    from gui.application import run  # noqa: PLC0415

    return run(arguments)


def _has_display() -> bool:
    """True where a window can be seen; told without Qt."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


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
