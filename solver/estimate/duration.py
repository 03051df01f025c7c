"""From work and throughput to hours, and what the hours are at a given confidence."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray

EVALUATION_RATIO = 0.05
"""Evaluation and saving of checkpoints beside training; assumed, no source. [ratio]"""

SPOT_LOG_SD = 0.4
"""Spread of the hours that interruptions add, read off the range of unbroken spells in the traces
of wu2024 (mean spells from 0.7 to 10.5 h). [1]"""

SPOT_SPELL_HOURS = 4.3
"""Mean unbroken spell of one spot machine: median of nine zones, wu2024. [h]"""

SPOT_GANG_SPELL_HOURS = 1.9
"""Mean unbroken spell of a gang of machines that must run together, wu2024. [h]"""

SPOT_UP_RATIO = 0.68
"""Share of the time one spot machine can be had: median of nine zones, wu2024. [ratio]"""

SPOT_GANG_UP_RATIO = 0.45
"""The same for a gang. [ratio]"""

CHECKPOINT_HOURS = 1.0 / 60.0
"""Writing a checkpoint; assumed. [h]"""

RESTART_HOURS = 0.1
"""Getting a machine back, loading and compiling; assumed. [h]"""


@dataclass(frozen=True, slots=True)
class Duration:
    """Hours of each candidate as a distribution, one array entry each.

    hours(q) = startup + work · (1 + reruns(q)) · exp(z(q) · sd): the factor is log-normal with its
    own spread on each side; reruns are reserved for runs that end at chance.
    """

    startup_hours: FloatArray
    """Provisioning, download, compilation. [h]"""
    work_hours: FloatArray
    """Median of everything after the start: training, evaluation, interruptions. [h]"""
    slow_log_sd: FloatArray
    """Spread of the factor above 1. [1]"""
    fast_log_sd: FloatArray
    """Spread of the factor below 1. [1]"""
    failure_ratio: FloatArray
    """Chance that a run ends at chance level and is repeated. [0..1]"""

    def take(self, index: IntArray | BoolArray) -> Self:
        """The entries at `index`, in that order."""
        return type(self)(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def at(self, quantile: float, extra_log_sd: FloatArray | float = 0.0) -> FloatArray:
        """Hours that are not exceeded with probability `quantile`. [h]

        Args:
            quantile: in (0, 1).
            extra_log_sd: an independent spread of the same factor, e.g. of a price. [1]
        """
        z = NormalDist().inv_cdf(quantile)
        sd = np.hypot(self.slow_log_sd if z >= 0 else self.fast_log_sd, extra_log_sd)
        repeats = 1.0 + reruns(self.failure_ratio, quantile)
        hours: FloatArray = self.startup_hours + self.work_hours * repeats * np.exp(z * sd)
        return hours


def reruns(failure_ratio: FloatArray, quantile: float) -> FloatArray:
    """Reruns to reserve so that all of them fail with probability at most 1 - quantile. [1]

    The smallest whole r >= 0 with f^(r+1) <= 1 - quantile; none at the median or below, where a
    failed run is the exception.
    """
    if quantile <= 0.5:  # noqa: PLR2004 - the median
        return np.zeros_like(failure_ratio)
    f = np.clip(failure_ratio, 1e-12, 0.999)
    needed = np.ceil(math.log(1.0 - quantile) / np.log(f) - 1e-9) - 1.0
    return np.maximum(needed, 0.0)


def work_hours(
    tokens: FloatArray, tokens_per_s: FloatArray, trials: float, is_spot: BoolArray, gang: BoolArray
) -> FloatArray:
    """Median hours of work after the start-up. [h]

    Args:
        tokens: computed tokens of one trial. [token], shape (n,).
        tokens_per_s: all accelerators together. [token/s], shape (n,).
        trials: how often the run is repeated for hyper-parameters. [1]
        is_spot: machines may be taken away, shape (n,).
        gang: several machines must run together, shape (n,).
    """
    training = tokens / tokens_per_s / 3600.0 * trials * (1.0 + EVALUATION_RATIO)
    return training * np.where(is_spot, spot_stretch(gang)[0], 1.0)


def spot_stretch(gang: BoolArray) -> tuple[FloatArray, FloatArray]:
    """How much longer a run takes on spot machines, and how much more of it is paid. [ratio]

    A checkpoint every δ = √(2KU) hours, a restart R and half an interval lost at each break:
    progress while up is 1 / (1 + K/δ + (δ/2 + R)/U); machines are up a share a of the time.
    Source: young1974 (interval), wu2024 (spells U and share a).
    """
    spell = np.where(gang, SPOT_GANG_SPELL_HOURS, SPOT_SPELL_HOURS)
    up = np.where(gang, SPOT_GANG_UP_RATIO, SPOT_UP_RATIO)
    interval = np.sqrt(2.0 * CHECKPOINT_HOURS * spell)
    paid = 1.0 + CHECKPOINT_HOURS / interval + (interval / 2.0 + RESTART_HOURS) / spell
    return paid / up, paid
