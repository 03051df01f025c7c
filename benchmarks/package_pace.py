"""How fast the installed program starts: first paint of the window, readiness of the worker.

    python -m benchmarks.package_pace --bundle build/trilemma
    python -m benchmarks.package_pace                          (the same from source)

With an empty environment and a new profile each time, offscreen. Limits are those of
`docs/performance.md`. Processor seconds stand beside those of the clock: they tell the same on a
busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from solver.serve.frames import Frames

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 7

PIECE = 1 << 16
"""Bytes read at a time. [byte]"""


def main(argv: list[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, help="folder with the two programs")
    parser.add_argument("--once", action="store_true", help="one run each")
    asked = parser.parse_args(argv)
    runs = 1 if asked.once else RUNS
    programs = {
        name: (
            [sys.executable, "-m", module] if asked.bundle is None else [str(asked.bundle / name)]
        )
        for name, module in (("trilemma", "gui"), ("trilemma-worker", "solver.worker"))
    }
    found = {
        "first_paint": pace(runs, [*programs["trilemma"], "--self-check", "made"], is_painted),
        "worker_ready": pace(runs, [*programs["trilemma-worker"], "serve"], is_ready),
        "version": pace(runs, [*programs["trilemma-worker"], "--version"], has_ended),
    }
    print(json.dumps(found, indent=1))
    return 0


def pace(
    runs: int, command: list[str], is_there: Callable[[subprocess.Popen[bytes]], bool]
) -> dict[str, float]:
    """Median seconds from the start of a program until something is there, by clock and processor.

    Raises:
        RuntimeError: the program ended without it.
    """
    took = []
    for _ in range(runs + 1):  # the first run reads the files into memory
        with tempfile.TemporaryDirectory() as home:
            begun = time.perf_counter()
            process = subprocess.Popen(
                [*command],
                cwd=home,
                env=environment(home),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            if not is_there(process):
                raise RuntimeError(f"{command} ended without it")
            clock = time.perf_counter() - begun
            os.kill(process.pid, signal.SIGKILL)  # not `process.kill`, which may wait for it first
            _, _, used = os.wait4(process.pid, 0)
            process.returncode = 0  # it is gone, and `wait4` knew first
            process.communicate()
            took.append((clock, used.ru_utime + used.ru_stime))
    return {
        "clock_s": round(median(clock for clock, _ in took[1:]), 3),
        "cpu_s": round(median(cpu for _, cpu in took[1:]), 3),
        "cold_s": round(took[0][0], 3),
    }


def environment(home: str) -> dict[str, str]:
    """What a program sees: a home, and where this project lies if it runs from source."""
    root = str(Path(__file__).parents[1])
    return {"HOME": home, "QT_QPA_PLATFORM": "offscreen", "PATH": "/bin", "PYTHONPATH": root}


def is_painted(process: subprocess.Popen[bytes]) -> bool:
    """The window's self-check says that it was painted."""
    return process.stdout is not None and process.stdout.readline() == b"painted\n"


def is_ready(process: subprocess.Popen[bytes]) -> bool:
    """The worker has greeted."""
    frames = Frames()
    while process.stdout is not None and (piece := os.read(process.stdout.fileno(), PIECE)):
        for message in frames.feed(piece):
            return message.kind == "ready"
    return False


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """The program has printed everything."""
    return process.stdout is not None and process.stdout.read() != b""


if __name__ == "__main__":
    sys.exit(main())
