"""Energy and CO2 of a run, where the power of the part is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.units import WATTS_PER_KILOWATT

if TYPE_CHECKING:
    from solver.estimate.assumptions import Assumptions
    from solver.estimate.configurations import FloatArray


def power_kw(
    gpus: FloatArray, tdp_watts: FloatArray, pue: FloatArray, assumptions: Assumptions
) -> FloatArray:
    """Power drawn from the grid while training. [kW]

    Args:
        gpus: accelerators in use. [1], shape (n,).
        tdp_watts: board power of one, NaN where not published. [W], shape (n,).
        pue: power usage effectiveness of the building, at least 1. [ratio], shape (n,).
        assumptions: node power and load.

    Source:
        latif2024 (node rating), newkirk2025 (load); evidence from H100 nodes only.
    """
    rated = gpus * tdp_watts * assumptions.node_watts_per_tdp_watt / WATTS_PER_KILOWATT
    return rated * assumptions.training_load_ratio * pue
