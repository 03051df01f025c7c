"""Fit the constants of throughput to measured runs, judged on whole sources left out.

    python -m benchmarks.fit_throughput --data FOLDER [--write]

FOLDER holds `measurements.csv`. Log-normal priors keep constants near published or physical
values: there are some twenty independent sources, not thousands of rows. `--write` stores the
constants with their errors in `solver/estimate/fitted/throughput.json`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from benchmarks.fit_rows import Rows, ratios_off, read_rows, weighted_quantiles, weights
from solver.estimate.configurations import Generation, Stack
from solver.estimate.constants import ThroughputConstants, throughput_constants
from solver.estimate.evidence import GROUPS, EvidenceCode, groups
from solver.estimate.shape import sizes
from solver.estimate.throughput import REGIMES, regimes, step_parts, total
from solver.measured.inputs import Inputs, speed_configurations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solver.estimate.configurations import Configurations, FloatArray, IntArray
    from solver.estimate.shape import Sizes
    from solver.measured.runs import Run

TARGET = Path("solver/estimate/fitted/throughput.json")

PRIORS: dict[str, tuple[float, float]] = {
    "matmul_of_measured": (0.92, 0.15),
    "measured_of_peak": (0.75, 0.15),
    "measured_of_peak_old": (0.72, 0.15),
    "fp32_of_peak": (0.85, 0.12),
    "tf32_of_peak": (0.60, 0.20),
    "fp8_gain": (1.5, 0.12),
    "fp4_gain": (2.0, 0.20),
    "gaudi_factor": (0.75, 0.20),
    "trainium_factor": (0.80, 0.20),
    "tpu_factor": (1.2, 0.15),
    "token_loss": (1.5, 0.50),
    "width_loss": (1.5, 0.40),
    "peft_passes": (2.05, 0.06),
    "recompute_passes": (1.0, 0.05),
    "expert_loss": (1.25, 0.20),
    "expert_exponent": (0.25, 0.40),
    "attention_flash": (0.55, 0.30),
    "attention_flash_fused": (0.75, 0.25),
    "attention_flash_recent": (0.40, 0.25),
    "attention_plain": (0.90, 0.20),
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
    "dora_bytes": (6.0, 0.50),
    "launch_seconds": (0.8e-3, 0.50),
    "launch_hf": (2.0, 0.40),
    "launch_peft": (1.3, 0.20),
    "launch_fused": (0.40, 0.40),
    "launch_compiled": (0.10, 0.50),
    "launch_tensor_parallel_seconds": (0.15e-3, 0.50),
    "tensor_parallel_rate": (0.70, 0.25),
    "tensor_parallel_latency_seconds": (30e-6, 0.60),
    "tensor_parallel_exposed": (0.50, 0.40),
    "network_rate": (0.74, 0.25),
    "reduce_hidden": (0.50, 0.40),
    "reduce_hidden_fused": (0.90, 0.30),
    "gather_hidden": (0.80, 0.30),
    "gather_hidden_plain": (0.50, 0.40),
    "gather_latency_seconds": (0.1e-3, 0.70),
    "bubble_plain": (1.0, 0.10),
    "bubble_interleaved": (0.40, 0.40),
    "all_to_all": (4.0, 0.50),
    "straggling": (0.012, 0.60),
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
    print_errors(rows, left_out)
    made = constants(rows, left_out)
    print_coverage(rows, left_out)
    if arguments.write:
        text = json.dumps(made.model_dump(mode="json"), indent=1)
        TARGET.write_text(text + "\n", encoding="utf-8")


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


def stack_keys(c: Configurations) -> IntArray:
    """Software family and its age, as one number."""
    made: IntArray = 2 * c.stack + c.flash
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

        logs = least_squares(residuals, logs, loss="soft_l1", max_nfev=EVALUATIONS).x
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


def spreads(rows: Rows, misses: FloatArray) -> dict[str, dict[str, float]]:
    """Half-widths that hold 80 % of left-out rows, by regime, drawn towards those of all rows."""
    weight = weights(rows.sources)
    regime = regimes(rows.configurations, sizes(rows.configurations))
    quantiles = {"all": weighted_quantiles(misses, weight, (0.1, 0.9))}
    for code, name in enumerate(REGIMES):
        inside = regime == code
        count = len(np.unique(rows.sources[inside]))
        if count:
            own = weighted_quantiles(misses[inside], weight[inside], (0.1, 0.9))
            share = count / (count + 1.0)
            quantiles[name] = share * own + (1.0 - share) * quantiles["all"]
    return {
        name: {
            # predicted above measured: the run took longer than predicted
            "slow_log_sd": max(float(high), 0.05) / 1.2816,
            "fast_log_sd": max(-float(low), 0.05) / 1.2816,
        }
        for name, (low, high) in quantiles.items()
    }


def evidence(rows: Rows) -> dict[str, int]:
    """What was measured: two sources and twenty rows, or anything at all."""
    c = rows.configurations
    group = groups(c, sizes(c))
    made: dict[str, int] = {}
    for generation in Generation:
        for code, name in enumerate(GROUPS):
            inside = (c.generation == generation) & (group == code)
            count = len(np.unique(rows.sources[inside]))
            if count:
                plenty = count >= 2 and inside.sum() >= 20
                code_name = EvidenceCode.MEASURED if plenty else EvidenceCode.INTERPOLATED
                made[f"{generation.name} {name}"] = int(code_name)
    return made


def constants(rows: Rows, misses: FloatArray) -> ThroughputConstants:
    """The constants of all rows that a fit may see, with the errors of sources left out."""
    made = fit(rows.take(rows.fit))
    off = ratios_off(np.exp(misses), np.ones(len(misses)))
    errors = [
        {
            "source": source,
            "rows": int((inside := rows.sources == source).sum()),
            "median_error": _rounded(float(np.median(off[inside]))),
            "mean_error": _rounded(float(off[inside].mean())),
            "p90_error": _rounded(float(np.quantile(off[inside], 0.9))),
        }
        for source in np.unique(rows.sources).tolist()
    ]
    values: dict[str, Any] = {
        "origin": {
            "fitted_on": datetime.now(UTC).date().isoformat(),
            "command": "python -m benchmarks.fit_throughput --data FOLDER --write",
            "rows": int(rows.fit.sum()),
            "rows_left_out": "headline runs (hd-*); rows whose source casts doubt on them",
            "by_left_out_source": errors,
        },
        **{n: _rounded(math.exp(v)) for n, v in zip(NAMES, made.logs.tolist(), strict=True)},
        "stack_factors": {
            f"{Stack(key // 2).name}{' flash' if key % 2 else ''}": _rounded(math.exp(offset))
            for key, offset in made.stacks.items()
        },
        "spreads": {
            name: {side: _rounded(value) for side, value in both.items()}
            for name, both in spreads(rows, misses).items()
        },
        "evidence": evidence(rows),
        "unseen_widening": UNSEEN_WIDENING,
    }
    return ThroughputConstants.model_validate(values)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def print_errors(rows: Rows, misses: FloatArray) -> None:
    """Errors of rows whose source was left out, by source and by kind of run."""
    c = rows.configurations
    regime = regimes(c, sizes(c))
    kinds: dict[str, Any] = {
        "all": np.ones(len(misses), dtype=bool),
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
        **{f"stack {s.name}": c.stack == s for s in Stack},
        **{f"regime {name}": regime == code for code, name in enumerate(REGIMES)},
    }
    constant = np.log(0.40 * c.peak_flop_per_s / (6.0 * c.active_parameters))
    alone = constant - np.log(rows.measured)
    print(f"{'left out':28}{'rows':>6}{'median':>8}{'mean':>8}{'p90':>8}{'bias':>8}")
    _print_line("constant utilisation 0.40", alone)
    for name, inside in kinds.items():
        if inside.any():
            _print_line(name, misses[inside])


def _print_line(name: str, misses: FloatArray) -> None:
    off = np.abs(np.expm1(misses))
    print(
        f"{name:28}{len(off):6}{np.median(off):8.3f}{off.mean():8.3f}"
        f"{np.quantile(off, 0.9):8.3f}{np.median(misses):+8.3f}"
    )


def print_coverage(rows: Rows, misses: FloatArray) -> None:
    """Share of rows inside intervals that were made without their source."""
    regime = regimes(rows.configurations, sizes(rows.configurations))
    inside = np.zeros(len(misses), dtype=bool)
    for source in np.unique(rows.sources):
        own = rows.sources == source
        others = spreads(rows.take(~own), misses[~own])
        for code, name in enumerate(REGIMES):
            both = others.get(name, others["all"])
            chosen = own & (regime == code)
            low, high = -1.2816 * both["fast_log_sd"], 1.2816 * both["slow_log_sd"]
            inside[chosen] = (misses[chosen] >= low) & (misses[chosen] <= high)
    print(f"\ncoverage of 80 % intervals: all {inside.mean():.3f}")
    for code, name in enumerate(REGIMES):
        chosen = regime == code
        if chosen.any():
            print(f"  {name:14}{chosen.sum():6}{inside[chosen].mean():8.3f}")


if __name__ == "__main__":
    main()
