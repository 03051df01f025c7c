"""Which run is faster: rank correlations within sources, and how high they could be.

No estimate orders runs better than running them again would. Runs of one source that are alike in
everything the formulas see tell how much a repetition differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.fit_judge import PLENTY_ROWS
from solver.measured.validate import rank_correlation

if TYPE_CHECKING:
    from benchmarks.fit_rows import Rows
    from solver.estimate.configurations import Configurations, FloatArray

SCALES = (
    "parameters",
    "active_parameters",
    "layers",
    "hidden",
    "heads",
    "kv_heads",
    "head_dim",
    "ffn_hidden",
    "vocabulary",
    "trainable_parameters",
    "peak_flop_per_s",
    "memory_bytes",
    "bandwidth_bytes_per_s",
    "link_bytes_per_s",
    "node_network_bytes_per_s",
    "gpus_per_node",
    "gpus",
    "tensor_parallel",
    "pipeline_parallel",
    "context_parallel",
    "micro_batch",
    "accumulation",
    "sequence",
    "experts",
)
"""Columns of configurations that are compared by their logarithms."""

CODES = ("tuning", "compute", "storage", "generation", "sharding", "checkpointing", "stack")
FLAGS = ("gated", "encoder", "encoder_decoder", "flash", "offload", "consumer")

ADDED = ("expert_parallel", "virtual_stages", "rebuilds", "release")
"""Further columns, compared as they are."""

ALIKE = 0.05
"""Dimensions, or their logs, that differ by less make two runs alike. [1]"""

PLENTY_PAIRS = 5
"""Pairs of runs alike that tell the noise of a source. [1]"""

NORMAL_MEDIAN = 0.6745
"""Median of the absolute value of a standard normal variable. [1]"""

DRAWS = 200
"""Repetitions that the ceiling is averaged over. [1]"""


def print_ranks(rows: Rows, misses: FloatArray) -> None:
    """Rank correlation of utilisation within each source of twenty rows, beside its ceiling."""
    c = rows.configurations
    measured = np.log(rows.measured * c.active_parameters / c.peak_flop_per_s)
    print(f"\n{'rank within source':28}{'rows':>6}{'rank':>8}{'ceiling':>9}{'noise':>8}{'sd':>8}")
    for source in np.unique(rows.sources):
        own = rows.sources == source
        if own.sum() >= PLENTY_ROWS:
            rank = rank_correlation((measured + misses)[own], measured[own])
            noise = repetitions(c.take(own), measured[own])
            told = f"{'-':>9}{'-':>8}"
            if noise is not None:
                ceiling = rank_ceiling(measured[own], noise)
                told = f"{ceiling:9.2f}{usual_log_sd(noise):8.3f}"
            print(f"{source:28}{own.sum():6}{rank:8.2f}{told}{measured[own].std():8.2f}")


def repetitions(c: Configurations, logs: FloatArray) -> FloatArray | None:
    """Deviations of runs that are alike in all that the formulas see; None where too few are. [1]

    Args:
        c: configurations of one source, any number n.
        logs: log of what was measured, shape (n,).

    Returns:
        For each pair of such runs their difference over the root of two, shape (pairs,).
    """
    logarithms = [np.log1p(getattr(c, name)) for name in SCALES]
    scales = np.column_stack([*logarithms, *(getattr(c, name) for name in ADDED)])
    codes = np.column_stack([getattr(c, name) for name in (*CODES, *FLAGS)])
    first, second = np.triu_indices(len(logs), 1)
    near = np.abs(scales[first] - scales[second]).max(axis=1) < ALIKE
    pairs = near & (codes[first] == codes[second]).all(axis=1)
    if pairs.sum() < PLENTY_PAIRS:
        return None
    made: FloatArray = (logs[first[pairs]] - logs[second[pairs]]) / np.sqrt(2.0)
    return made


def usual_log_sd(deviations: FloatArray) -> float:
    """Spread that the median deviation tells, whatever the outliers. [1]"""
    return float(np.median(np.abs(deviations)) / NORMAL_MEDIAN)


def rank_ceiling(logs: FloatArray, deviations: FloatArray) -> float:
    """Rank correlation of measured runs with their own values free of noise, on average.

    The values free of noise are taken as the measured ones, drawn to their mean by the share of
    their variance that usual noise explains; noise is drawn from the deviations.

    Args:
        logs: log of what was measured, shape (n,).
        deviations: of repetitions. [1], any shape (m,).
    """
    share = max(1.0 - usual_log_sd(deviations) ** 2 / max(float(logs.var()), 1e-12), 0.0)
    true = logs.mean() + np.sqrt(share) * (logs - logs.mean())
    draw = np.random.default_rng(0)
    both = np.concatenate([deviations, -deviations])
    made = [rank_correlation(true, true + draw.choice(both, len(logs))) for _ in range(DRAWS)]
    return float(np.mean(made))
