"""Fit the constants of memory to measured runs, judged on whole sources left out.

    python -m benchmarks.fit_memory --data FOLDER [--write]

FOLDER holds `measurements.csv`. Most of the memory follows from counting tensors; the priors are
those counts, and the data move them little. `--write` stores the constants with their errors in
`solver/estimate/fitted/memory.json`.
"""

from __future__ import annotations

import argparse
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from benchmarks import fit_judge
from benchmarks.fit_judge import (
    Judged,
    coverage,
    evidence,
    origin,
    print_coverage,
    print_errors,
    rounded,
    write,
)
from benchmarks.fit_rows import Rows, read_rows, weights
from catalog.units import BYTES_PER_GB
from solver.estimate.configurations import Stack
from solver.estimate.constants import MemoryConstants, memory_constants
from solver.estimate.memory import MEMORY_REGIMES, memory, memory_regimes
from solver.estimate.shape import sizes
from solver.measured.predict import DEVICE_LOG_SD, memory_as_measured
from solver.measured.words import MemoryMeasure

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, FloatArray
    from solver.measured.inputs import Inputs
    from solver.measured.runs import Run

TARGET = Path("solver/estimate/fitted/memory.json")

PRIORS: dict[str, tuple[float, float]] = {
    "layer_factor": (1.05, 0.10),
    "selective_factor": (0.30, 0.20),
    "working_factor": (2.0, 0.50),
    "score_bytes": (6.0, 0.40),
    "logit_bytes": (10.0, 0.20),
    "logit_bytes_converted": (12.0, 0.20),
    "logit_bytes_chunked": (3.3, 0.30),
    "nf4_bytes": (0.5625, 0.03),
    "int8_bytes": (1.03, 0.03),
    "quantised_embedding_bytes": (2.0, 0.20),
    "quantised_input_bytes": (3.0, 0.30),
    "megatron_gradient_bytes": (4.0, 0.20),
    "megatron_gradient_bytes_fp16": (2.0, 0.20),
    "megatron_optimizer_bytes": (12.0, 0.05),
    "optimizer_8bit_bytes": (2.1, 0.10),
    "step_copies": (1.0, 0.20),
    "bucket_bytes": (1.5e9, 0.50),
    "gathered_blocks": (2.0, 0.40),
    "fragmentation": (1.06, 0.03),
    "context_bytes": (0.8e9, 0.40),
    "collective_bytes": (0.3e9, 0.60),
}
"""Median and log standard deviation of each constant before the data.

Logits: 16-bit outputs, an fp32 copy and its log-softmax are 2 + 4 + 4; in the backward pass of a
loss in fp32, the log-softmax and two gradients are 12. Inputs of quantised maps: kept once in 16
bits or, by other versions of the kernels, twice.
"""

NAMES = tuple(PRIORS)
PRIOR_MEAN = np.log([PRIORS[name][0] for name in NAMES])
PRIOR_SD = np.array([PRIORS[name][1] for name in NAMES])

PRIOR_WEIGHT = 3.0
"""How strongly the priors hold, beside rows whose residuals are divided by 0.3."""

RESIDUAL_SCALE = 0.3

LEAST_HALF_WIDTH = 0.03
"""No interval is narrower. [1]"""

LEAST_ABOVE = 0.08
"""No upper end is nearer: the few sources of whole tuning that name the allocator's peak are
predicted better than what trains few weights, which says little of other software. [1]"""

ROWS_ALIKE = 0.15
"""Exponent of a source's number of rows in their weight where intervals are made: small, for half
the sources have one to eight rows of a regime, which say little of its tenth part. [1]"""

COMMAND = "python -m benchmarks.fit_memory --data FOLDER --write"

UNSEEN_WIDENING = 1.5
"""Assumed: nothing was measured there."""

DEVICE_SOURCES = ("bs", "bv", "ie", "la", "ds")
"""Sources that do not state the peak of the allocator of a known configuration."""


def main() -> None:
    """Fit, judge, print, and store where asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with measurements.csv")
    parser.add_argument("--write", action="store_true", help=f"store the constants in {TARGET}")
    arguments = parser.parse_args()
    rows = read_rows(arguments.data / "measurements.csv", _peak)
    left_out = leave_sources_out(rows)
    sets = sets_of(rows)
    print_errors(sets, left_out)
    print_coverage(judged(rows.take(rows.fit), left_out[rows.fit]), math.log(1.05))
    clean = sets["  of these fitted"]
    print_clean(judged(rows.take(rows.fit), left_out[rows.fit]), clean[rows.fit])
    made = constants(rows, left_out)
    print({name: getattr(made, name) for name in NAMES})
    if arguments.write:
        write(TARGET, made)


def _peak(run: Run, row: Inputs) -> float | None:
    del row
    peak = run.measured.get("peak_mem_gb")
    return None if peak is None else peak * BYTES_PER_GB


def log_bytes(logs: FloatArray, rows: Rows) -> FloatArray:
    """Log of the peak as each row measured it, for the logs of the constants."""
    base = memory_constants()
    changed = base.model_copy(update=dict(zip(NAMES, np.exp(logs).tolist(), strict=True)))
    made: FloatArray = np.log(memory_as_measured(memory(rows.configurations, changed), rows.inputs))
    return made


def fit(rows: Rows) -> FloatArray:
    """Logs of the constants that explain the rows, between the priors and the data."""
    root = np.sqrt(weights(rows.sources)) / RESIDUAL_SCALE
    measured = np.log(rows.measured)

    def residuals(x: FloatArray) -> FloatArray:
        misses = root * (log_bytes(x, rows) - measured)
        return np.concatenate([misses, PRIOR_WEIGHT * (x - PRIOR_MEAN) / PRIOR_SD])

    made: FloatArray = least_squares(residuals, PRIOR_MEAN, loss="soft_l1", max_nfev=20).x
    return made


def leave_sources_out(rows: Rows) -> FloatArray:
    """Log of predicted over measured for every row, from a fit that has not seen its source."""
    misses = np.zeros(len(rows.measured))
    for source in np.unique(rows.sources):
        inside = rows.sources == source
        logs = fit(rows.take(~inside & rows.fit))
        chosen = rows.take(inside)
        misses[inside] = log_bytes(logs, chosen) - np.log(chosen.measured)
    return misses


def judged(rows: Rows, misses: FloatArray) -> Judged:
    """The rows as intervals are judged: a measured peak above the predicted took more."""
    c = rows.configurations
    device = np.array([row.memory_measure is MemoryMeasure.DEVICE for row in rows.inputs])
    extra = np.array([row.open_log_sd for row in rows.inputs])
    extra = np.hypot(extra, np.where(device, DEVICE_LOG_SD, 0.0))
    regime = memory_regimes(c, sizes(c))
    return Judged(
        -misses,
        extra,
        rows.sources,
        regime,
        MEMORY_REGIMES,
        LEAST_HALF_WIDTH,
        ROWS_ALIKE,
        LEAST_ABOVE,
    )


def spreads(rows: Rows, misses: FloatArray) -> dict[str, dict[str, float]]:
    """Half-widths that hold 80 % of left-out rows that a fit may see, by regime."""
    return fit_judge.spreads(judged(rows.take(rows.fit), misses[rows.fit]))


def constants(rows: Rows, misses: FloatArray) -> MemoryConstants:
    """The constants of all rows that a fit may see, with the errors of sources left out."""
    logs = fit(rows.take(rows.fit))
    today = datetime.now(UTC).date().isoformat()
    names = tuple(stack.name for stack in Stack)
    values: dict[str, Any] = {
        "origin": origin(COMMAND, today, rows, misses),
        **{n: rounded(math.exp(v)) for n, v in zip(NAMES, logs.tolist(), strict=True)},
        "spreads": spreads(rows, misses),
        "evidence": evidence(rows, rows.configurations.stack, names, sizes_alike=True),
        "unseen_widening": UNSEEN_WIDENING,
    }
    return MemoryConstants.model_validate(values)


def print_clean(seen: Judged, clean: BoolArray) -> None:
    """How often a run with a known configuration took over 5 % more than its upper end."""
    inside, upper = coverage(seen)
    above = (seen.excess > upper + math.log(1.05))[clean]
    print(f"{'allocator, known':28}{clean.sum():6}{inside[clean].mean():8.3f}{above.mean():24.3f}")


def sets_of(rows: Rows) -> dict[str, BoolArray]:
    """The sets of rows whose errors are printed."""
    kinds = np.array([run.texts["kind"] for run in rows.runs])
    allocator = ~np.isin(rows.sources, DEVICE_SOURCES)
    tuned = np.isin(kinds, ("lora", "qlora", "full_ft"))
    return {
        "all": np.ones(len(kinds), dtype=bool),
        "fitted rows": rows.fit,
        "allocator, lora/qlora/full": allocator & tuned,
        "  of these fitted": allocator & tuned & rows.fit,
        **{f"source {s}": rows.sources == s for s in np.unique(rows.sources)},
        **{f"  fitted {s}": (rows.sources == s) & rows.fit for s in np.unique(rows.sources)},
        **{f"allocator {kind}": allocator & (kinds == kind) for kind in np.unique(kinds)},
    }


if __name__ == "__main__":
    main()
