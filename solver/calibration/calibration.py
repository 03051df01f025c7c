"""What a user's own runs say of the estimates: how much faster they were, shrunk towards nothing.

A run differs from its prediction by what runs of one software have in common, the more the more
alike they are, and by chance. What two runs have in common fades with the doublings between their
sizes, lengths and layouts, and with other hardware, another method or format. The best linear
prediction from all runs follows; the fading was found on sources left out.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from solver.calibration.levels import MEMORY_LEVELS, SPEED_LEVELS, Levels, common_variances
from solver.calibration.settings import Setting, setting_codes, setting_of

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray, IntArray


LONE = 0.25
"""A run that no other supports is believed to this log ratio: runs that are further off are as
often odd as telling. With 0.15, 0.4 or 0.6 the means of median errors that
`python -m benchmarks.calibration` prints are within three quarters of a point, and single mistakes
count for more (2026-11-25). [1]"""

PRIOR_RUNS = 4.0
"""So many runs the scatter of other users weighs beside the user's own; assumed. [1]"""


class SettingRuns(BaseModel):
    """The runs of one setting: how many, and how they differ from their predictions."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    setting: Setting
    runs: Annotated[int, Field(ge=1)]
    log_ratio: float
    """Mean of log measured over predicted, lone outliers drawn in. [1]"""


class Correction(BaseModel):
    """How one estimate changes by the user's runs; without runs it changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    levels: Levels
    run_log_sd: Annotated[float, Field(gt=0)]
    """Scatter of the user's runs, drawn towards that of others. [1]"""
    groups: tuple[SettingRuns, ...] = ()

    @property
    def runs(self) -> int:
        """Runs of all settings. [1]"""
        return sum(group.runs for group in self.groups)

    def log_factor(self, codes: IntArray) -> FloatArray:
        """Log of the factor on the median for each setting code. [1]"""
        return self.factors(codes)[0]

    def spread_factor(self, codes: IntArray) -> FloatArray:
        """Factor on the interval's half-widths for each setting code. [ratio]"""
        return self.factors(codes)[1]

    def factors(self, codes: IntArray) -> tuple[FloatArray, FloatArray]:
        """Log factor and spread factor for each setting code, shape of `codes`.

        Of many configurations few have a setting of their own: each setting is computed once.
        """
        if not self.groups:
            return np.zeros(codes.shape), np.ones(codes.shape)
        found, place = np.unique(codes, return_inverse=True)
        factor, spread = _factors(self, found)
        return factor[place], spread[place]


class Calibration(BaseModel):
    """The corrections of a user; the neutral one changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    made_on: date | None = None
    """The day of the latest run that was read; None without runs."""
    throughput: Correction = Correction(levels=SPEED_LEVELS, run_log_sd=SPEED_LEVELS.run)
    memory: Correction = Correction(levels=MEMORY_LEVELS, run_log_sd=MEMORY_LEVELS.run)

    @property
    def is_neutral(self) -> bool:
        """True without runs."""
        return not self.throughput.groups and not self.memory.groups


NEUTRAL = Calibration()


def calibration_notes(calibration: Calibration, c: Configurations) -> tuple[str, ...]:
    """What a plan owes to the user's own runs, in words; nothing without runs.

    Args:
        calibration: what the runs say.
        c: the one configuration that is planned.
    """
    code = setting_codes(c)[:1]
    told = [
        f"{what} {np.exp(made.log_factor(code)[0]):.2f} times"
        f" ({made.runs} run{'' if made.runs == 1 else 's'})"
        for what, made in (("throughput", calibration.throughput), ("memory", calibration.memory))
        if made.groups
    ]
    if not told:
        return ()
    return (f"corrected by your own measurements up to {calibration.made_on}: {', '.join(told)}",)


def correction(log_ratios: FloatArray, codes: IntArray, levels: Levels) -> Correction:
    """The correction that some runs support.

    Args:
        log_ratios: log of measured over predicted, shape (runs,). [1]
        codes: their settings, shape (runs,).
        levels: what runs of one user have in common.
    """
    if len(log_ratios) == 0:
        return Correction(levels=levels, run_log_sd=levels.run)
    believed = tempered(log_ratios)
    groups = []
    squares = 0.0
    for code in np.unique(codes).tolist():
        own = believed[codes == code]
        squares += float(((own - own.mean()) ** 2).sum())
        groups.append(
            SettingRuns(setting=setting_of(code), runs=len(own), log_ratio=float(own.mean()))
        )
    freedom = len(believed) - len(groups)
    variance = (PRIOR_RUNS * levels.run**2 + squares) / (PRIOR_RUNS + freedom)
    return Correction(levels=levels, run_log_sd=float(np.sqrt(variance)), groups=tuple(groups))


def tempered(log_ratios: FloatArray) -> FloatArray:
    """Log ratios, each drawn in to `LONE` times the runs that are at least half as far off."""
    support = _supports(log_ratios).sum(axis=1)
    return np.asarray(np.clip(log_ratios, -LONE * support, LONE * support))


def _supports(log_ratios: FloatArray) -> BoolArray:
    """Whether run j lies on the side of run i and at least half as far off, shape (runs, runs)."""
    side = log_ratios * np.sign(log_ratios)[:, None]
    return np.asarray(side >= 0.5 * np.abs(log_ratios)[:, None])


def left_out_predictions(log_ratios: FloatArray, codes: IntArray, levels: Levels) -> FloatArray:
    """The log ratio of each run as the others alone predict it, shape (runs,). [1]

    One inverse of the covariance of all runs holds every prediction from all but one. The scatter
    is that of all runs, and what supports a run is counted without the one that is left out.
    """
    made = correction(log_ratios, codes, levels)
    noise = (levels.noise_ratio * made.run_log_sd) ** 2
    count = len(log_ratios)
    covariance = common_variances(codes, codes, levels) + noise * np.eye(count)
    inverse = np.linalg.inv(covariance)
    weights = -inverse / np.diag(inverse)[:, None]
    np.fill_diagonal(weights, 0.0)
    supports = _supports(log_ratios)
    most = LONE * (supports.sum(axis=1) - supports.T)
    believed = np.clip(log_ratios, -most, most)
    return np.asarray((weights * believed).sum(axis=1))


def _factors(made: Correction, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
    """Log factor and factor on spreads for some setting codes: the best linear prediction."""
    seen, inverse, weights = _learned(made)
    levels = made.levels
    shared = common_variances(seen, wanted, levels)
    known = (shared * (inverse @ shared)).sum(axis=0)
    before = levels.likeness**2 + levels.run**2
    after = levels.likeness**2 - known + made.run_log_sd**2
    spread = np.sqrt(after / before)
    return weights @ shared, spread if levels.narrows else np.maximum(spread, 1.0)


@lru_cache(maxsize=8)
def _learned(made: Correction) -> tuple[IntArray, FloatArray, FloatArray]:
    """Codes of the runs, the inverse of their covariance, and what each adds to a prediction.

    Median and interval count on different scatter (`Levels.noise_ratio`). One plan asks for the
    same correction several hundred times.
    """
    seen = np.array([group.setting.code for group in made.groups])
    ratios = np.array([group.log_ratio for group in made.groups])
    scatter = made.run_log_sd**2 / np.array([group.runs for group in made.groups])
    common = common_variances(seen, seen, made.levels)
    inverse = np.asarray(np.linalg.inv(common + np.diag(scatter)), dtype=np.float64)
    noise = made.levels.noise_ratio**2 * scatter
    return seen, inverse, np.asarray(np.linalg.solve(common + np.diag(noise), ratios))
