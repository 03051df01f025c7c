"""Memory and throughput as the user's own runs correct them: what plans are made of."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from solver.calibration.calibration import NEUTRAL
from solver.calibration.settings import setting_codes
from solver.estimate.memory import memory
from solver.estimate.throughput import throughput

if TYPE_CHECKING:
    from solver.calibration.calibration import Calibration, Correction
    from solver.estimate.configurations import Configurations, FloatArray
    from solver.estimate.constants import MemoryConstants, ThroughputConstants
    from solver.estimate.memory import Memory
    from solver.estimate.throughput import Throughput

NOT_BYTES = ("upper_factor", "lower_factor", "evidence")
"""Fields of `Memory` that are no amounts."""


def calibrated_throughput(
    c: Configurations,
    constants: ThroughputConstants | None = None,
    calibration: Calibration = NEUTRAL,
) -> Throughput:
    """Tokens each second, corrected: every part of a step changes alike, and the spread narrows."""
    made = throughput(c, constants)
    if not calibration.throughput.groups:
        return made
    factor, spread = _factors(c, calibration.throughput)
    return replace(
        made,
        tokens_per_s=made.tokens_per_s * factor,
        slow_log_sd=made.slow_log_sd * spread,
        fast_log_sd=made.fast_log_sd * spread,
        parts={name: part / factor for name, part in made.parts.items()},
    )


def calibrated_memory(
    c: Configurations,
    constants: MemoryConstants | None = None,
    calibration: Calibration = NEUTRAL,
) -> Memory:
    """Peak memory, corrected: every part changes alike, so that they still sum to the total."""
    made = memory(c, constants)
    if not calibration.memory.groups:
        return made
    factor, spread = _factors(c, calibration.memory)
    amounts = {
        field.name: getattr(made, field.name) * factor
        for field in fields(made)
        if field.name not in NOT_BYTES
    }
    return replace(
        made,
        **amounts,
        upper_factor=made.upper_factor**spread,
        lower_factor=made.lower_factor**spread,
    )


def _factors(c: Configurations, correction: Correction) -> tuple[FloatArray, FloatArray]:
    log_factor, spread = correction.factors(setting_codes(c))
    return np.exp(log_factor), spread
