"""Energy and CO2 of a run, where the power of the part is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.units import GRAMS_PER_KILOGRAM, WATTS_PER_KILOWATT

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray

NODE_WATTS_PER_TDP_WATT = 10_200.0 / (8 * 700.0)
"""Rated power of a whole machine for each watt of its accelerators: an 8-GPU H100 node is rated
10.2 kW (latif2024); carried over to other parts as an assumption. [W/W]"""

TRAINING_LOAD_RATIO = 0.76
"""Share of the rated node power drawn in heavy training: newkirk2025, H100 only. [ratio]"""


def energy_kwh(
    gpus: FloatArray, tdp_watts: FloatArray, hours: FloatArray, pue: FloatArray
) -> FloatArray:
    """Energy drawn from the grid. [kWh]

    Args:
        gpus: accelerators in use. [1], shape (n,).
        tdp_watts: board power of one, NaN where not published. [W], shape (n,).
        hours: time in use. [h], shape (n,).
        pue: power usage effectiveness of the building, at least 1. [ratio], shape (n,).

    Source:
        latif2024 (node rating), newkirk2025 (load); evidence from H100 nodes only.
    """
    kilowatts = gpus * tdp_watts * NODE_WATTS_PER_TDP_WATT / WATTS_PER_KILOWATT
    return kilowatts * TRAINING_LOAD_RATIO * hours * pue


def co2_kg(energy: FloatArray, grams_per_kwh: FloatArray) -> FloatArray:
    """Location-based emissions. [kg]

    Args:
        energy: [kWh], shape (n,).
        grams_per_kwh: intensity of the grid, NaN where the place is not known, shape (n,).
    """
    return energy * grams_per_kwh / GRAMS_PER_KILOGRAM
