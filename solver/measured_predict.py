"""Predictions for measured runs, in the measure that each row states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.measured_words import MemoryMeasure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import FloatArray
    from solver.estimate.memory import Memory
    from solver.measured_inputs import Inputs


def memory_as_measured(peak: Memory, rows: Sequence[Inputs]) -> FloatArray:
    """The peak as each row measured it: allocated, reserved or seen by the device. [byte]"""
    measure = np.array([int(row.memory_measure) for row in rows])
    made: FloatArray = np.select(
        [measure == MemoryMeasure.ALLOCATED, measure == MemoryMeasure.RESERVED],
        [peak.allocated, peak.reserved],
        peak.total,
    )
    return made
