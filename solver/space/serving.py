"""What answering costs afterwards: dollars of a serving volume, by model and method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catalog.units import SECONDS_PER_HOUR
from solver.estimate.configurations import Compute

if TYPE_CHECKING:
    from solver.estimate.assumptions import Assumptions
    from solver.estimate.configurations import FloatArray
    from solver.space.physics import Workbench
    from solver.space.rents import Rents

BYTES_SERVED = 2.0
"""Weights are served in 16 bits. [byte]"""


def serving_usd(bench: Workbench, all_rents: Rents, assumptions: Assumptions) -> FloatArray:
    """Dollars of the job's whole serving volume, shape (models, variants); 0 without one.

    Each model is served on the allowed machine that holds it and answers a token for least. A
    prompted model reads its examples with every request, so its volume is that much larger.

    Args:
        bench: models, variants and machines of the job.
        all_rents: what may be rented or is owned.
        assumptions: share of the peak that serving reaches, and examples in a prompt.
    """
    models, variants = len(bench.models), len(bench.variants)
    serving = bench.job.serving
    if serving is None or len(all_rents) == 0:
        return np.zeros((models, variants))
    tokens = serving.tokens_per_month * serving.months
    prompted = np.array([not variant.method.trains for variant in bench.variants])
    volume = tokens * np.where(prompted, 1.0 + assumptions.prompt_examples, 1.0)
    usd_per_token = _usd_per_token(bench, all_rents, assumptions)
    return np.asarray(usd_per_token[:, None] * volume[None, :])


def serving_offers(bench: Workbench, all_rents: Rents, assumptions: Assumptions) -> tuple[str, ...]:
    """The offer on which each model is served, empty where none holds it or nothing is served."""
    if bench.job.serving is None or len(all_rents) == 0:
        return ("",) * len(bench.models)
    flop_per_usd = _flop_per_usd(bench, all_rents, assumptions)
    best = flop_per_usd.argmax(axis=1)
    return tuple(
        all_rents.rents[rent].machine.offer.key if flop_per_usd[model, rent] > 0 else ""
        for model, rent in enumerate(best.tolist())
    )


def _usd_per_token(bench: Workbench, all_rents: Rents, assumptions: Assumptions) -> FloatArray:
    """Least price of a token by model, infinite where no machine holds the model. [USD/token]

    Two operations for each active weight and token.
    """
    best = _flop_per_usd(bench, all_rents, assumptions).max(axis=1)
    flop = 2.0 * bench.tables.models["active_parameters"]
    made = np.full(len(best), np.inf)
    np.divide(flop, best, out=made, where=best > 0)
    return made


def _flop_per_usd(bench: Workbench, all_rents: Rents, assumptions: Assumptions) -> FloatArray:
    """Operations for a dollar, shape (models, rents), 0 where a machine does not hold the model.

    At a share of the dense 16-bit peak, on one machine. [FLOP/USD]
    """
    slots, slot = bench.tables.slots, all_rents.slot
    peaks = np.fmax(
        bench.tables.peak_flop_per_s[Compute.BF16_MIXED],
        bench.tables.peak_flop_per_s[Compute.FP16_MIXED],
    )
    flop_per_usd = (
        all_rents.gpus * peaks[slot] * assumptions.serving_ratio * SECONDS_PER_HOUR
    ) / np.maximum(all_rents.usd_per_hour, 1e-12)
    alone = np.array([rent.instances == rent.at_once == 1 for rent in all_rents.rents])
    room = all_rents.gpus * slots["memory_bytes"][slot] * assumptions.serving_memory_ratio
    weights = bench.tables.models["parameters"] * BYTES_SERVED
    holds = (weights[:, None] <= room) & alone & np.isfinite(flop_per_usd)
    return np.where(holds, flop_per_usd, 0.0)
