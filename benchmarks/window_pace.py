"""How fast the window is: first paint, drag frames, event-loop gaps, memory.

    python -m benchmarks.window_pace
    python -m benchmarks.window_pace --once     (every part once, without judging times)

Offscreen, with the real worker. Limits are those of `docs/performance.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

BARE = """
import time; begun = time.perf_counter(); worked = time.process_time()
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication
application = QApplication([])
plot = pg.PlotWidget(); plot.resize(1360, 820); plot.show(); plot.grab()
print(time.perf_counter() - begun, time.process_time() - worked)
"""

OURS = """
import time; begun = time.perf_counter(); worked = time.process_time()
import sys
from pathlib import Path
from gui.application import make_application, open_window
from gui.settings import profile_of
make_application()
window = open_window(profile=profile_of(Path(sys.argv[1])))
window.show(); window.grab()
print(time.perf_counter() - begun, time.process_time() - worked)
window.session.close()
"""

RUNS = 5
MOVES = 200
EDITS = 1_000
STEPS = 25
"""Moves of one drag. [1]"""
PATIENCE_S = 120.0


def main() -> int:
    """Measure everything and print it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="each part once")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    runs, moves, edits = (1, 5, 5) if options.once else (RUNS, MOVES, EDITS)
    found = {"first_paint": first_paint(runs)}
    with tempfile.TemporaryDirectory() as folder:
        # First, for its memory is the most that the process ever had.
        found["session"] = session(edits, runs, Path(folder))
        for dots in (10_000, 100_000):
            found[f"drag_{dots}"] = drag(dots, moves, Path(folder))
    print(json.dumps(found, indent=1))
    return 0


def first_paint(runs: int) -> dict[str, float]:
    """Seconds from the first import to the first picture, and a bare pyqtgraph window's.

    Processor seconds stand beside those of the clock: they tell the same on a busy machine.
    """
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, code in (("bare", BARE), ("window", OURS)):
            command = [sys.executable, "-c", code, folder]
            took = [
                subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
                for _ in range(runs)
            ]
            found[f"{name}_s"] = median(float(clock) for clock, _ in took)
            found[f"{name}_cpu_s"] = median(float(cpu) for _, cpu in took)
    return {**found, "ratio": found["window_cpu_s"] / found["bare_cpu_s"]}


def drag(dots: int, moves: int, folder: Path) -> dict[str, float]:
    """Milliseconds of one frame while the deadline moves, painting included."""
    # Only the process that shows a window needs Qt.
    from gui.application import make_application, open_window  # noqa: PLC0415
    from gui.changes import DEADLINE, of_field  # noqa: PLC0415
    from gui.settings import profile_of  # noqa: PLC0415

    application = make_application()
    window = open_window(profile=profile_of(folder))
    window.session.runner.submit = lambda *_: None  # type: ignore[method-assign]  # no worker here
    window.session.start = lambda: None  # type: ignore[method-assign]  # nor its start
    window.show()
    window.complete()
    application.processEvents()
    store = window.session.store
    store.show_cloud(made_up(dots))
    application.processEvents()
    frames, worked = [], []
    for step in range(moves):
        hours = 2.0 + 8.0 * (step % 50) / 50
        begun, cpu = time.perf_counter(), time.thread_time()
        store.wish(of_field("deadline moved", DEADLINE, hours, merges=True))
        application.processEvents()
        frames.append((time.perf_counter() - begun) * 1e3)
        worked.append((time.thread_time() - cpu) * 1e3)
    store.history.setClean()
    window.files.close()
    window.session.close()
    window.close()
    window.deleteLater()
    return {
        "median_ms": median(frames),
        "p95_ms": float(np.quantile(frames, 0.95)),
        "median_cpu_ms": median(worked),
        "p95_cpu_ms": float(np.quantile(worked, 0.95)),
    }


class Turn(NamedTuple):
    """How long the event loop was busy in one go; its processor time too, for busy machines."""

    clock_s: float
    cpu_s: float


def session(edits: int, runs: int, folder: Path) -> dict[str, float]:
    """Time to a new plan, gaps of the event loop in a solve, memory after many edits."""
    from gui.application import make_application, open_window  # noqa: PLC0415
    from gui.changes import BUDGET, of_field  # noqa: PLC0415
    from gui.settings import profile_of  # noqa: PLC0415

    application = make_application()
    window = open_window(profile=profile_of(folder))
    window.show()
    store = window.session.store

    def turn() -> Turn:
        """One turn of the event loop."""
        begun, worked = time.perf_counter(), time.thread_time()
        application.processEvents()
        return Turn(time.perf_counter() - begun, time.thread_time() - worked)

    def wait() -> tuple[float, list[Turn]]:
        """Seconds until the answer, and the turns of the loop until then and a moment after."""
        begun, turns = time.perf_counter(), []
        while not store.shown.is_current and time.perf_counter() - begun < PATIENCE_S:
            turns.append(turn())
            time.sleep(0.0005)
        took = time.perf_counter() - begun
        turns += rest(0.1)
        return took, turns

    def rest(seconds: float) -> list[Turn]:
        end, turns = time.perf_counter() + seconds, []
        while time.perf_counter() < end:
            turns.append(turn())
            time.sleep(0.0005)
        return turns

    first, first_turns = wait()
    lone, dragged, turns, worked = [], [], [], []
    for usd in (19.0, 18.0, 17.0, 16.0, 15.0)[:runs]:
        rest(1.0)
        before = cpu_s(window.session.runner.process_ids[0])
        store.wish(of_field("budget moved", BUDGET, usd))
        took, some = wait()
        lone.append(took)
        turns += some
        used = cpu_s(window.session.runner.process_ids[0]) - before
        worked.append(used + sum(turn.cpu_s for turn in some))
    for usd in (14.0, 15.0, 16.0, 17.0, 18.0)[:runs]:
        rest(1.0)
        for step in range(STEPS):
            store.wish(of_field("budget moved", BUDGET, usd + step / STEPS, merges=True))
            rest(0.008)
        store.end_gesture()
        took, some = wait()
        dragged.append(took)
        turns += some
    for step in range(edits):
        store.wish(of_field("budget moved", BUDGET, 10.0 + step % 100))
        application.processEvents()
    wait()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    store.history.setClean()
    window.files.close()
    window.session.close()
    window.close()
    return {
        "first_answer_s": first,
        "first_gap_ms": max(t.clock_s for t in first_turns) * 1e3,
        "first_gap_cpu_ms": max(t.cpu_s for t in first_turns) * 1e3,
        "new_plan_ms": median(lone) * 1e3,
        "new_plan_cpu_ms": sum(worked) / len(worked) * 1e3,
        "new_plan_after_drag_ms": median(dragged) * 1e3,
        "gap_ms": max(t.clock_s for t in turns) * 1e3,
        "gap_cpu_ms": max(t.cpu_s for t in turns) * 1e3,
        "most_memory_mb": megabytes,
    }


def cpu_s(process: int) -> float:
    """Processor time that a process has used so far; Linux tells it in hundredths. [s]"""
    after_name = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    user, system = after_name.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def made_up(dots: int) -> object:
    """A cloud of random candidates."""
    from gui.cloud import Cloud  # noqa: PLC0415

    chance = np.random.default_rng(1)
    hours = (10 ** chance.normal(0.5, 0.5, dots)).astype(np.float32)
    zeros = np.zeros(dots, dtype=np.int32)
    return Cloud(
        name="made up",
        quantile=0.9,
        candidates=dots,
        models=("model",),
        variants=("full:bf16",),
        rents=("offer:1x",),
        hours=hours,
        usd=(10 ** chance.normal(1.0, 0.6, dots)).astype(np.float32),
        accuracy=chance.uniform(0.8, 0.95, dots).astype(np.float32),
        missed_others=zeros.astype(np.uint8),
        can_be_best=chance.uniform(size=dots) < 0.01,
        weight=np.ones(dots, dtype=np.float32),
        deployed=("",),
        model=zeros,
        variant=zeros,
        rent=zeros,
        epochs=zeros + 1,
    )


if __name__ == "__main__":
    sys.exit(main())
