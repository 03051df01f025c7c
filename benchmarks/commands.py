"""Whole-process time and memory of every shipped example, beside starting Python with NumPy.

    python -m benchmarks.commands
    python -m benchmarks.commands --once

The first run of a question estimates it and keeps the estimates; the table is of the runs after.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from solver.answer_file import EXIT_CODES
from solver.examples import folder

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 5
"""Counted runs of each command. [1]"""

BASELINE = [sys.executable, "-c", "import numpy"]


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float, int]:
    """Wall time [s], largest resident set [MB] and exit code of one run."""
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - started, usage.ru_maxrss / 1e3, process.returncode


def main(argv: list[str] | None = None) -> int:
    """Run every example; 1 where one did not end as its outcome says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help="one run each, without a baseline")
    once = parser.parse_args(argv).once
    wrong = 0
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        runs = 1 if once else RUNS
        base = statistics.median(timed(BASELINE, environment)[0] for _ in range(runs))
        print(f"{'command':<40} {'first':>7} {'median':>7} {'ratio':>6} {'MB':>5}  exit")
        for path in sorted(folder().glob("*.toml")):
            wrong += _measured(path, runs, base, environment)
    print(f"{'python -c import numpy':<40} {'':>7} {base:>6.2f}s {1:>6.1f}")
    return 1 if wrong else 0


def _measured(path: Path, runs: int, base: float, environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "gui", "plan", str(path)]
    first, memory, code = timed(command, environment)
    times = [timed(command, environment)[0] for _ in range(runs)]
    median = statistics.median(times)
    name = f"trilemma plan {path.name}"
    print(f"{name:<40} {first:>6.2f}s {median:>6.2f}s {median / base:>6.1f} {memory:>5.0f}  {code}")
    return int(code not in EXIT_CODES.values() or code == 1)


if __name__ == "__main__":
    sys.exit(main())
