"""The command `trilemma`: the window without arguments, else the command line.

Headless commands never import Qt: the window is imported only when it is asked for. In a bundle
they are run by the program `trilemma-worker`, for the window's own holds no solver.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from gui.options import asks_for_window
from gui.startup import bundled_worker, settle
from solver.locks import settle_locks

if TYPE_CHECKING:
    from pathlib import Path

NO_WINDOW = "--no-window"
"""Option of the demo: only write its files."""

INTERRUPTED = 130


def main() -> int:
    """Open the window, or run a headless command; returns the exit code."""
    arguments = sys.argv[1:]
    try:
        return _run(arguments)
    except KeyboardInterrupt:  # while modules were still being read
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    if asks_for_window(arguments):
        _window(arguments)
    shows = arguments[:1] == ["demo"] and NO_WINDOW not in arguments and _has_display()
    worker = bundled_worker()
    if worker is None:
        settle_locks()
        from solver.cli.main import main as command_line  # noqa: PLC0415 - not needed by the window

        code = command_line(arguments)
    else:
        code = _by_worker(worker, arguments, returns=shows)
    if code == 0 and shows:
        _window([])
    return code


def _by_worker(worker: Path, arguments: list[str], *, returns: bool) -> int:
    """Let the worker's program run a command, in our place where nothing is to be done after it."""
    command = [str(worker), *arguments]
    if not returns and sys.platform != "win32":
        os.execv(worker, command)  # noqa: S606 - our own program, no shell
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own program


def _window(arguments: list[str]) -> NoReturn:
    """Show the window; the process ends with it.

    All is saved, the workers are gone. Python would now take Qt's objects apart in an order of its
    own, while threads of theirs may still live. One of some forty self-checks of the bundle ended
    in a crash inside PySide, most likely there.
    """
    settle()
    # 98 ms of Qt and 430 ms of pyqtgraph that no headless command should pay.
    from gui.application import run  # noqa: PLC0415

    code = run(arguments)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a desktop may start programs without
            with suppress(OSError):
                stream.flush()
    os._exit(code)


def _has_display() -> bool:
    """True where a window can be seen; told without Qt."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
