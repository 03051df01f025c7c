"""Time and memory of estimating many configurations at once, in a process of its own.

    python -m benchmarks.estimate_pace
    python -m benchmarks.estimate_pace --once

Models, methods, formats, machines and layouts of the catalogue are joined at random with a fixed
seed. Beside the seconds stands their ratio to a pass of exponentials over as many numbers, since
seconds alone tell of the machine; beside the peak of the process, what the configurations take.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import fields
from datetime import date

import numpy as np

from catalog.load import load_catalog
from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.estimate.configurations import Checkpointing, Configurations, Sharding
from solver.estimate.memory import memory
from solver.estimate.throughput import throughput
from solver.question import Question
from solver.space.layouts import software_of

COUNT = 600_000
"""Configurations of the full run. [1]"""

SMALL = 20_000
"""Configurations of the run that only shows that it still works. [1]"""

ROUNDS = 3
"""Measured repeats; the median counts. [1]"""

SEED = 20261125

MOST_SECONDS, MOST_BYTES = 1.5, 1.5e9
"""What is promised for `COUNT` on two idle cores."""


def main(argv: list[str] | None = None) -> int:
    """Measure in a fresh process and print one line a quantity."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help="few configurations, one round")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.inside:
        print(json.dumps(measured(SMALL if arguments.once else COUNT, arguments.once)))
        return 0
    command = [sys.executable, "-m", "benchmarks.estimate_pace", "--inside"]
    command += ["--once"] if arguments.once else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seen = json.loads(done.stdout)
    for name, value in seen.items():
        print(f"{name:<44} {value:>12,.2f}")
    if seen["peak of the process [MB]"] * 1e6 > MOST_BYTES:
        print(f"More than {MOST_BYTES / 1e9:.1f} GB.")
        return 1
    return 0


def measured(count: int, once: bool) -> dict[str, float]:  # noqa: FBT001 - a flag of the command
    """Seconds, ratios and megabytes of memory and throughput of so many configurations."""
    c = some_configurations(count)
    own = sum(getattr(c, field.name).nbytes for field in fields(Configurations)) / 1e6
    before = peak_mb()
    rounds = 1 if once else ROUNDS
    walls, users, bases = [], [], []
    for _ in range(rounds):
        bases.append(baseline(count))
        started, used = time.perf_counter(), time.process_time()
        memory(c)
        throughput(c)
        walls.append(time.perf_counter() - started)
        users.append(time.process_time() - used)
    return {
        "configurations": float(count),
        "wall time [s]": float(np.median(walls)),
        "processor time [s]": float(np.median(users)),
        "processor time over the baseline": float(np.median(users) / np.median(bases)),
        "their columns [MB]": own,
        "peak before [MB]": before,
        "peak of the process [MB]": peak_mb(),
    }


def baseline(count: int) -> float:
    """Processor time of exponentials over an array of the same length. [s]"""
    values = np.linspace(0.0, 1.0, count)
    started = time.process_time()
    for _ in range(10):
        np.exp(values)
    return (time.process_time() - started) / 10.0


def peak_mb() -> float:
    """Largest resident set of this process so far. [MB]"""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def some_configurations(count: int) -> Configurations:
    """Joined at random from everything that a chat job may choose among."""
    job = {"family": "chat", "examples": 1000, "tokens_per_example": 512}
    question = Question.model_validate({"jobs": [job]})
    made = candidates(
        question.jobs[0], question, load_catalog(), shipped_constants(), date(2026, 11, 25)
    )
    bench, random = made.bench, np.random.default_rng(SEED)
    base = bench.configurations(
        *(random.integers(0, len(x), count) for x in (bench.models, bench.variants, bench.slots)),
        bench.phases[0],
    )
    tensor = np.minimum(2.0 ** random.integers(0, 4, count), base.gpus)
    return base.replace(
        tensor_parallel=tensor,
        sharding=random.choice([int(s) for s in Sharding], count),
        checkpointing=random.choice([int(c) for c in Checkpointing], count),
        micro_batch=2.0 ** random.integers(0, 6, count),
        accumulation=2.0 ** random.integers(0, 5, count),
        stack=software_of(base, tensor.astype(np.int64)),
    )


if __name__ == "__main__":
    sys.exit(main())
