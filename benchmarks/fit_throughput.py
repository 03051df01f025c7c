"""Fit the constants of throughput to measured runs, judged on whole sources left out.

    python -m benchmarks.fit_throughput --data FOLDER [--write]

FOLDER holds `measurements.csv`. Log-normal priors keep constants near published or physical
values: there are some twenty independent sources, not thousands of rows. `--write` stores the
constants with their errors in `solver/estimate/fitted/throughput.json`.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from benchmarks import fit_judge
from benchmarks.fit_judge import (
    Judged,
    evidence,
    origin,
    print_coverage,
    print_errors,
    print_line,
    rounded,
    write,
)
from benchmarks.fit_ranks import print_ranks
from benchmarks.fit_rows import Rows, read_rows, weights
from solver.estimate.configurations import Generation, Stack
from solver.estimate.constants import ThroughputConstants, throughput_constants
from solver.estimate.shape import sizes
from solver.estimate.throughput import REGIMES, STACKS, regimes, stack_keys, step_parts, total
from solver.measured.inputs import Inputs, speed_configurations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solver.estimate.configurations import BoolArray, Configurations, FloatArray, IntArray
    from solver.estimate.shape import Sizes
    from solver.measured.runs import Run

TARGET = Path("solver/estimate/fitted/throughput.json")

PRIORS: dict[str, tuple[float, float]] = {
    "matmul_of_measured": (0.92, 0.15),
    "measured_of_peak": (0.75, 0.15),
    "measured_of_peak_old": (0.72, 0.15),
    "measured_of_peak_consumer": (0.95, 0.10),
    "fp32_of_peak": (0.85, 0.12),
    "tf32_of_peak": (0.60, 0.20),
    "fp8_gain": (1.8, 0.12),
    "fp4_gain": (2.3, 0.20),
    "cast_bytes": (10.0, 0.40),
    "gaudi_factor": (0.90, 0.20),
    "gaudi3_factor": (0.65, 0.25),
    "trainium_factor": (0.68, 0.20),
    "tpu_factor": (1.2, 0.15),
    "token_loss": (1.5, 0.50),
    "width_loss": (1.5, 0.40),
    "peft_passes": (2.05, 0.06),
    "recompute_passes": (1.0, 0.05),
    "expert_loss": (1.40, 0.20),
    "expert_bytes": (35.0, 0.50),
    "attention_flash": (0.55, 0.30),
    "attention_flash_fused": (0.75, 0.25),
    "attention_flash_recent": (0.40, 0.25),
    "attention_plain": (0.90, 0.20),
    "attention_unaligned": (0.12, 0.50),
    "score_bytes": (10.0, 0.50),
    "elementwise_bytes": (60.0, 0.50),
    "replicated_tensor_parallel": (0.30, 0.30),
    "replicated_sequence_parallel": (0.03, 0.50),
    "elementwise_fused": (0.60, 0.30),
    "elementwise_fused_old": (0.75, 0.20),
    "elementwise_amp": (1.3, 0.40),
    "logit_bytes": (60.0, 0.50),
    "logit_fused": (0.60, 0.30),
    "dequantise_bytes": (8.0, 0.70),
    "dequantise_bytes_gptq": (24.0, 0.30),
    "dora_bytes": (6.0, 0.50),
    "launch_seconds": (0.8e-3, 0.50),
    "launch_hf": (2.0, 0.40),
    "launch_peft": (1.3, 0.20),
    "launch_rebuilt": (1.45, 0.20),
    "launch_fused": (0.40, 0.40),
    "launch_compiled": (0.10, 0.50),
    "launch_tensor_parallel_seconds": (0.15e-3, 0.50),
    "tensor_parallel_rate": (0.90, 0.15),
    "tensor_parallel_latency_seconds": (50e-6, 0.40),
    "tensor_parallel_exposed": (0.50, 0.40),
    "network_rate": (0.74, 0.25),
    "reduce_hidden": (0.50, 0.40),
    "reduce_hidden_fused": (0.90, 0.30),
    "gather_hidden": (0.80, 0.30),
    "gather_hidden_plain": (0.50, 0.40),
    "gather_latency_seconds": (0.1e-3, 0.70),
    "bubble_plain": (1.0, 0.10),
    "bubble_interleaved": (0.40, 0.40),
    "all_to_all": (1.3, 0.50),
    "expert_wait_seconds": (1.2e-3, 0.50),
    "all_to_all_hidden": (0.50, 0.40),
    "straggling": (0.012, 0.60),
    "yearly_gain": (0.15, 0.50),
    "optimizer_bytes": (30.0, 0.30),
    "step_seconds": (8e-3, 0.60),
    "offload_bytes_per_s": (8e9, 0.40),
}
"""Median and log standard deviation of each constant before the data."""

NAMES = tuple(PRIORS)
PRIOR_MEAN = np.log([PRIORS[name][0] for name in NAMES])
PRIOR_SD = np.array([PRIORS[name][1] for name in NAMES])

PRIOR_WEIGHT = 5.0
"""How strongly the priors hold, beside rows whose residuals are divided by 0.3."""

RESIDUAL_SCALE = 0.3

STACK_SD, SOURCE_SD, ROW_SD = 0.25, 0.20, 0.18
"""Assumed log spreads between stacks, between sources of a stack, and between rows."""

OFFSET_SHARE = 0.7
"""Share of a source's own offset that is taken out before the constants follow its rows."""

ROUNDS, EVALUATIONS = 2, 12

ENOUGH = 1e-4
"""Relative change of the sum of squares, or of the constants, at which a fit has ended. [1]"""

LEAST_HALF_WIDTH = 0.05
"""No interval is narrower. [1]"""

COMMAND = "python -m benchmarks.fit_throughput --data FOLDER --write"

UNSEEN_WIDENING = 1.5
"""Assumed: nothing was measured there."""


def main() -> None:
    """Fit, judge, print, and store where asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with measurements.csv")
    parser.add_argument("--write", action="store_true", help=f"store the constants in {TARGET}")
    arguments = parser.parse_args()
    rows = speed_rows(arguments.data / "measurements.csv")
    left_out = leave_sources_out(rows)
    c = rows.configurations
    constant = np.log(0.40 * c.peak_flop_per_s / (6.0 * c.active_parameters))
    print_errors(sets_of(rows), left_out)
    print_line("constant utilisation 0.40", constant - np.log(rows.measured))
    print_coverage(judged(rows, left_out), 0.0)
    print_ranks(rows, left_out)
    made = constants(rows, left_out)
    if arguments.write:
        write(TARGET, made)


def speed_rows(path: Path) -> Rows:
    """Rows with a measured speed and known hardware, in computed tokens a second and part."""
    rows = read_rows(path, _speed)
    counted = np.array([row.counted_ratio for row in rows.inputs])
    made = dataclasses.replace(
        rows,
        configurations=speed_configurations(rows.inputs),
        measured=rows.measured / counted,
    )
    return made.take(np.isfinite(made.configurations.peak_flop_per_s))


def _speed(run: Run, row: Inputs) -> float | None:
    return run.tokens_per_s_per_gpu if row.accelerator is not None else None


def log_speed(logs: FloatArray, c: Configurations, s: Sizes) -> FloatArray:
    """Log of tokens a second and accelerator for the logs of the constants."""
    base = throughput_constants()
    changed = base.model_copy(update=dict(zip(NAMES, np.exp(logs).tolist(), strict=True)))
    step = total(step_parts(c, s, changed))
    tokens = c.accumulation * c.micro_batch * c.sequence * c.data_parallel
    made: FloatArray = np.log(tokens / step / c.gpus)
    return made


@dataclasses.dataclass(frozen=True)
class Fit:
    """Logs of the constants, and log offsets of stacks and of sources."""

    logs: FloatArray
    stacks: dict[int, float]
    sources: dict[str, float]


def fit(rows: Rows) -> Fit:
    """The constants that explain the rows, between the priors and the data.

    Alternates between constants and offsets, so that constants follow the trends within sources
    and not the differences between them.
    """
    c = rows.configurations
    s = sizes(c)
    root = np.sqrt(weights(rows.sources)) / RESIDUAL_SCALE
    measured = np.log(rows.measured)
    offset = np.zeros(len(measured))
    logs = PRIOR_MEAN
    made = Fit(logs, {}, {})
    for _ in range(ROUNDS):

        def residuals(x: FloatArray, offset: FloatArray = offset) -> FloatArray:
            misses = root * (log_speed(x, c, s) + offset - measured)
            return np.concatenate([misses, PRIOR_WEIGHT * (x - PRIOR_MEAN) / PRIOR_SD])

        logs = least_squares(
            residuals, logs, loss="soft_l1", max_nfev=EVALUATIONS, ftol=ENOUGH, xtol=ENOUGH
        ).x
        made = _offsets(logs, measured - log_speed(logs, c, s), stack_keys(c), rows.sources)
        offset = OFFSET_SHARE * np.array(
            [
                made.stacks[key] + made.sources[source]
                for key, source in zip(stack_keys(c).tolist(), rows.sources.tolist(), strict=True)
            ]
        )
    return made


def _offsets(
    logs: FloatArray, misses: FloatArray, stacks: IntArray, sources: NDArray[np.str_]
) -> Fit:
    """Shrunken means: of the sources of a stack, then of each source beside its stack."""
    by_stack: dict[int, float] = {}
    for stack in np.unique(stacks).tolist():
        medians, variances = [], []
        for source in np.unique(sources[stacks == stack]):
            chosen = misses[(stacks == stack) & (sources == source)]
            medians.append(float(np.median(chosen)))
            variances.append(SOURCE_SD**2 + ROW_SD**2 / len(chosen))
        precision = 1.0 / np.array(variances)
        by_stack[stack] = float(
            (np.array(medians) * precision).sum() / (precision.sum() + STACK_SD**-2)
        )
    rest = misses - np.array([by_stack[stack] for stack in stacks.tolist()])
    by_source = {}
    for source in np.unique(sources).tolist():
        chosen = rest[sources == source]
        shrink = len(chosen) / (len(chosen) + (ROW_SD / SOURCE_SD) ** 2)
        by_source[source] = float(np.median(chosen)) * shrink
    return Fit(logs, by_stack, by_source)


def leave_sources_out(rows: Rows) -> FloatArray:
    """Log of predicted over measured for every row, from a fit that has not seen its source."""
    misses = np.zeros(len(rows.measured))
    for source in np.unique(rows.sources):
        inside = rows.sources == source
        made = fit(rows.take(~inside & rows.fit))
        c = rows.configurations.take(inside)
        offset = np.array([made.stacks.get(key, 0.0) for key in stack_keys(c).tolist()])
        predicted = log_speed(made.logs, c, sizes(c)) + offset
        misses[inside] = predicted - np.log(rows.measured[inside])
    return misses


def judged(rows: Rows, misses: FloatArray) -> Judged:
    """The rows as intervals are judged: a run of lower speed than predicted took more time."""
    c = rows.configurations
    extra = np.array([row.open_log_sd for row in rows.inputs])
    return Judged(misses, extra, rows.sources, regimes(c, sizes(c)), REGIMES, LEAST_HALF_WIDTH)


def spreads(rows: Rows, misses: FloatArray) -> dict[str, dict[str, float]]:
    """Half-widths that hold 80 % of left-out rows, by regime."""
    return fit_judge.spreads(judged(rows, misses))


def constants(rows: Rows, misses: FloatArray) -> ThroughputConstants:
    """The constants of all rows that a fit may see, with the errors of sources left out."""
    made = fit(rows.take(rows.fit))
    today = datetime.now(UTC).date().isoformat()
    places = rows.configurations.generation
    names = tuple(generation.name for generation in Generation)
    values: dict[str, Any] = {
        "origin": origin(COMMAND, today, rows, misses),
        **{n: rounded(math.exp(v)) for n, v in zip(NAMES, made.logs.tolist(), strict=True)},
        "stack_factors": {
            STACKS[key]: rounded(math.exp(offset)) for key, offset in made.stacks.items()
        },
        "spreads": spreads(rows, misses),
        "evidence": evidence(rows, places, names, sizes_alike=False),
        "unseen_widening": UNSEEN_WIDENING,
    }
    return ThroughputConstants.model_validate(values)


def sets_of(rows: Rows) -> dict[str, BoolArray]:
    """The sets of rows whose errors are printed."""
    c = rows.configurations
    regime = regimes(c, sizes(c))
    kinds = np.array([run.texts["kind"] for run in rows.runs])
    return {
        "all": np.ones(len(kinds), dtype=bool),
        "all but vt": rows.sources != "vt",
        "fitted rows": rows.fit,
        "A100 Megatron, machines": (
            (c.generation == Generation.AMPERE)
            & (c.gpus > c.gpus_per_node)
            & (c.stack == Stack.MEGATRON)
            & (c.parameters > 3.5e9)
            & (c.parameters < 1.8e11)
        ),
        **{f"source {s}": rows.sources == s for s in np.unique(rows.sources)},
        **{f"generation {g.name}": c.generation == g for g in Generation},
        **{f"kind {kind}": kinds == kind for kind in np.unique(kinds)},
        **{f"stack {s.name}": c.stack == s for s in Stack},
        **{f"regime {name}": regime == code for code, name in enumerate(REGIMES)},
    }


if __name__ == "__main__":
    main()
