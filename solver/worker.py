"""The command `trilemma-worker`: the command line, and the server behind the window; never Qt."""

from __future__ import annotations

import sys

from solver.locks import settle_locks

INTERRUPTED = 130


def main() -> int:
    """Serve the window, or run a headless command; returns the exit code."""
    try:
        return _run(sys.argv[1:])
    except KeyboardInterrupt:  # while modules were still being read
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    settle_locks()
    if arguments[:1] == ["serve"]:
        from solver.serve.server import serve  # noqa: PLC0415 - commands have no use for it

        return serve(arguments[1:])
    from solver.cli.main import main as command_line  # noqa: PLC0415 - the server has no use for it

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
