"""How many combinations there were, and what left out those that are no candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.space.physics import Exclusion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver.estimate.configurations import IntArray
    from solver.space.machines import Rejected
    from solver.space.physics import Workbench
    from solver.space.rents import Rents

ELSEWHERE = "the same machines cost less elsewhere, exceed a quota or do not serve the model"
"""Reason of what is left out when prices and serving join the physics."""

EXCLUDED_BECAUSE = {
    Exclusion.METHOD_AND_MODEL: "the method does not suit the model",
    Exclusion.PRECISION_AND_HARDWARE: "the hardware does not run the precision",
    Exclusion.BATCH: "more accelerators than the batch feeds",
    Exclusion.MEMORY: "it does not fit in memory",
}
"""Reasons in words, as counts and `--why-not` print them."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many combinations there were, and why most of them are no candidates."""

    combinations: int
    excluded: Mapping[str, int]
    """Combinations by reason."""
    models: tuple[Rejected, ...]
    methods: tuple[Rejected, ...]
    offers: tuple[Rejected, ...]


def tally_of(
    bench: Workbench,
    all_rents: Rents,
    epochs: int,
    excluded: Mapping[Exclusion, IntArray],
    made: int,
    wrong: tuple[tuple[Rejected, ...], tuple[Rejected, ...], tuple[Rejected, ...]],
) -> Tally:
    """Combinations by reason: each counts once, for the first thing that excludes it."""
    wrong_models, wrong_methods, wrong_offers = wrong
    models, variants = len(bench.models), len(bench.variants)
    all_models, all_variants = models + len(wrong_models), variants + len(wrong_methods)
    usable = len(all_rents)
    everything = usable + len(wrong_offers)
    rents_of_slot = np.bincount(all_rents.slot, minlength=len(all_rents.slots))
    counts = {
        "the question does not allow the model": len(wrong_models) * all_variants * everything,
        "the question does not allow the method": models * len(wrong_methods) * everything,
        "the question does not allow the machine": models * variants * len(wrong_offers),
    }
    for code, by_slot in excluded.items():
        counts[EXCLUDED_BECAUSE[code]] = int((by_slot * rents_of_slot).sum())
    counts[ELSEWHERE] = 0
    total = all_models * all_variants * everything * epochs
    counts = {reason: number * epochs for reason, number in counts.items()}
    counts[ELSEWHERE] = total - made - sum(counts.values())
    return Tally(total, counts, wrong_models, wrong_methods, wrong_offers)
