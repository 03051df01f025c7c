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


def serving_usd(
    bench: Workbench, all_rents: Rents, assumptions: Assumptions, stored_bytes: FloatArray
) -> FloatArray:
    """Dollars of the job's whole serving volume, shape (models, variants); 0 without one.

    Each model is served in its format on the allowed machine that holds it and answers a token for
    least. A prompted model reads its examples with every request, so its volume is that much
    larger.

    Args:
        bench: models, variants and machines of the job.
        all_rents: what may be rented or is owned.
        assumptions: share of the peak that serving reaches, and examples in a prompt.
        stored_bytes: weights of each finished model in each variant's format. [byte], shape
            (models, variants)
    """
    models, variants = len(bench.models), len(bench.variants)
    serving = bench.job.serving
    if serving is None or len(all_rents) == 0:
        return np.zeros((models, variants))
    tokens = serving.tokens_per_month * serving.months
    prompted = np.array([not variant.method.trains for variant in bench.variants])
    volume = tokens * np.where(prompted, 1.0 + assumptions.prompt_examples, 1.0)
    priced = np.zeros((models, variants))
    for places in _by_format(bench):
        flop_per_usd = _flop_per_usd(bench, all_rents, assumptions, stored_bytes[:, places[0]])
        priced[:, places] = _usd_per_token(bench, flop_per_usd)[:, None]
    return np.asarray(priced * volume[None, :])


def serving_offers(
    bench: Workbench, all_rents: Rents, assumptions: Assumptions, stored_bytes: FloatArray
) -> tuple[tuple[str, ...], ...]:
    """By model, the offers on which it is served in one format or another.

    None where no machine holds it or nothing is served. Arguments as of `serving_usd`.
    """
    found: list[list[str]] = [[] for _ in bench.models]
    if bench.job.serving is None or len(all_rents) == 0:
        return tuple(map(tuple, found))
    for places in _by_format(bench):
        flop_per_usd = _flop_per_usd(bench, all_rents, assumptions, stored_bytes[:, places[0]])
        for model, rent in enumerate(flop_per_usd.argmax(axis=1).tolist()):
            if flop_per_usd[model, rent] > 0:
                found[model].append(all_rents.rents[rent].machine.offer.key)
    return tuple(tuple(dict.fromkeys(keys)) for keys in found)


def _by_format(bench: Workbench) -> list[list[int]]:
    """Places of the variants of each deployment format."""
    found: dict[str, list[int]] = {}
    for place, variant in enumerate(bench.variants):
        found.setdefault(variant.deployed, []).append(place)
    return list(found.values())


def _usd_per_token(bench: Workbench, flop_per_usd: FloatArray) -> FloatArray:
    """Least price of a token by model, infinite where no machine holds the model. [USD/token]

    Two operations for each active weight and token.
    """
    best = flop_per_usd.max(axis=1)
    flop = 2.0 * bench.tables.models["active_parameters"]
    made = np.full(len(best), np.inf)
    np.divide(flop, best, out=made, where=best > 0)
    return made


def _flop_per_usd(
    bench: Workbench, all_rents: Rents, assumptions: Assumptions, stored_bytes: FloatArray
) -> FloatArray:
    """Operations for a dollar, shape (models, rents), 0 where a machine does not hold the model.

    At a share of the dense 16-bit peak, on one machine: narrower weights need less memory, but
    requests in batches are answered no faster, for the operations stay in 16 bits. [FLOP/USD]
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
    holds = (stored_bytes[:, None] <= room) & alone & np.isfinite(flop_per_usd)
    return np.where(holds, flop_per_usd, 0.0)
