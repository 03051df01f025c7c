"""What a user's own runs say of the estimates: how much faster they were, shrunk towards nothing.

A run differs from its prediction by what is common to the software, to the hardware, to the setting
(both of them together with the method and the number format), to runs of like size and length in
that setting, and by chance. Each part has a variance that was found on sources left out; the best
linear prediction follows.
"""

from __future__ import annotations

import math
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from solver.estimate.configurations import Compute, Generation, Stack, Storage, Tuning, is_one_of

if TYPE_CHECKING:
    from solver.estimate.configurations import Configurations, FloatArray, IntArray

LogSd = Annotated[float, Field(ge=0)]


class Method(IntEnum):
    """What is trained, as far as speed and memory err alike."""

    EVERY_WEIGHT = 0
    FEW_WEIGHTS = 1
    FEW_QUANTISED = 2


class Format(IntEnum):
    """How wide the numbers of the matrix products are."""

    SIXTEEN_BITS = 0
    THIRTY_TWO_BITS = 1
    EIGHT_BITS = 2


SOFTWARE = tuple(f"{stack.name}{recent}" for stack in Stack for recent in ("", " flash"))
"""Software families, older and recent (with flash attention), in the order of their codes."""

HARDWARE = tuple(generation.name for generation in Generation)

SMALLEST_SIZE, SIZES = 20, 24
"""Sizes are told apart by doublings, from a million parameters on. [log2 parameters, 1]"""

SHORTEST_LENGTH, LENGTHS = 4, 16
"""The same of sequences, from 16 tokens on. [log2 tokens, 1]"""

SHAPE = (len(SOFTWARE), len(HARDWARE), len(Method), len(Format), SIZES, LENGTHS)
"""How many codes each part of a setting has."""

CODES = math.prod(SHAPE)

LONE = 0.25
"""A run that no other supports is believed to this log ratio: runs that are further off are as
often odd as telling. With 0.15, 0.35 or 0.5 the mean of the median errors that
`python -m benchmarks.calibration` prints is within half a point (2026-11-25). [1]"""

PRIOR_RUNS = 4.0
"""So many runs the scatter of other users weighs beside the user's own; assumed. [1]"""


class Levels(BaseModel):
    """Log standard deviations of what runs of one user have in common, and of each run."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    software: LogSd
    hardware: LogSd
    setting: LogSd
    likeness: LogSd
    """Of runs of one setting, size and length; fades with the doublings between them."""
    size_doublings: Annotated[float, Field(gt=0)]
    """Over which likeness fades to 1/e. [1]"""
    length_doublings: Annotated[float, Field(gt=0)]
    run: Annotated[float, Field(gt=0)]
    narrows: bool
    """Whether the interval narrows by what was measured; it widens in any case."""

    @property
    def common_variance(self) -> float:
        """Variance of what two like runs of one setting have in common. [1]"""
        return self.software**2 + self.hardware**2 + self.setting**2 + self.likeness**2


SPEED_LEVELS = Levels(
    software=0.057,
    hardware=0.043,
    setting=0.020,
    likeness=0.111,
    size_doublings=1.84,
    length_doublings=2.07,
    run=0.116,
    narrows=True,
)
"""Of log throughput, measured over predicted, on 21 public sources of which the fit had seen none:
`python -m benchmarks.calibration --data FOLDER --levels`, 2026-11-25. [1]"""

MEMORY_LEVELS = Levels(
    software=0.061,
    hardware=0.107,
    setting=0.023,
    likeness=0.071,
    size_doublings=2.18,
    length_doublings=2.01,
    run=0.113,
    narrows=False,
)
"""The same of log peak memory, on 10 sources. Intervals that narrowed as those of throughput do
held 70 % instead of 76 % of runs left out, and the upper end is what must fit. [1]"""


class Setting(BaseModel):
    """Software, hardware, method, number format, size and length that some runs share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    software: str
    hardware: str
    method: str
    format: str
    log2_parameters: int
    log2_sequence: int
    """[log2 tokens]"""

    @property
    def code(self) -> int:
        """The setting as one number, as `setting_codes` gives it."""
        parts = (
            SOFTWARE.index(self.software),
            HARDWARE.index(self.hardware),
            int(Method[self.method]),
            int(Format[self.format]),
            self.log2_parameters - SMALLEST_SIZE,
            self.log2_sequence - SHORTEST_LENGTH,
        )
        return int(np.ravel_multi_index(parts, SHAPE))


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
        found = np.flatnonzero(np.bincount(codes, minlength=CODES))
        place = np.empty(CODES, dtype=np.int64)
        place[found] = np.arange(len(found))
        factor, spread = _factors(self, found)
        return factor[place[codes]], spread[place[codes]]


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


def setting_codes(c: Configurations) -> IntArray:
    """The setting of each configuration as one number below the product of `SHAPE`."""
    few = ~is_one_of(c.tuning, (Tuning.PRETRAIN, Tuning.FULL, Tuning.DISTILLATION))
    quantised = few & (c.storage != Storage.AS_COMPUTED)
    wide = is_one_of(c.compute, (Compute.FP32, Compute.TF32))
    narrow = is_one_of(c.compute, (Compute.FP8, Compute.FP4))
    parts = (
        2 * c.stack + c.flash,
        c.generation,
        few.astype(np.int64) + quantised,
        np.where(wide, int(Format.THIRTY_TWO_BITS), np.where(narrow, int(Format.EIGHT_BITS), 0)),
        _doublings(c.parameters, SMALLEST_SIZE, SIZES),
        _doublings(c.sequence, SHORTEST_LENGTH, LENGTHS),
    )
    return np.asarray(np.ravel_multi_index(parts, SHAPE), dtype=np.int64)


def _doublings(values: FloatArray, least: int, count: int) -> IntArray:
    nearest = np.rint(np.log2(values)).astype(np.int64) - least
    return np.asarray(np.clip(nearest, 0, count - 1))


def setting_of(code: int) -> Setting:
    """The setting of a code."""
    software, hardware, method, number, size, length = (
        int(part) for part in np.unravel_index(code, SHAPE)
    )
    return Setting(
        software=SOFTWARE[software],
        hardware=HARDWARE[hardware],
        method=Method(method).name,
        format=Format(number).name,
        log2_parameters=size + SMALLEST_SIZE,
        log2_sequence=length + SHORTEST_LENGTH,
    )


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
    side = log_ratios * np.sign(log_ratios)[:, None]
    support = (side >= 0.5 * np.abs(log_ratios)[:, None]).sum(axis=1)
    return np.asarray(np.clip(log_ratios, -LONE * support, LONE * support))


def _factors(made: Correction, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
    """Log factor and factor on spreads for some setting codes: the best linear prediction."""
    seen = np.array([group.setting.code for group in made.groups])
    ratios = np.array([group.log_ratio for group in made.groups])
    noise = made.run_log_sd**2 / np.array([group.runs for group in made.groups])
    shared = common_variances(seen, wanted, made.levels)
    weights = np.linalg.solve(common_variances(seen, seen, made.levels) + np.diag(noise), shared)
    before = made.levels.common_variance + made.levels.run**2
    after = made.levels.common_variance - (weights * shared).sum(axis=0) + made.run_log_sd**2
    spread = np.sqrt(after / before)
    return weights.T @ ratios, spread if made.levels.narrows else np.maximum(spread, 1.0)


def common_variances(one: IntArray, other: IntArray, levels: Levels) -> FloatArray:
    """Covariance of what runs of some settings have in common. [1], shape (one, other)."""
    left, right = (np.unravel_index(codes, SHAPE) for codes in (one, other))
    alike = [np.equal.outer(a, b) for a, b in zip(left[:4], right[:4], strict=True)]
    size, length = (np.abs(np.subtract.outer(left[i], right[i])) for i in (4, 5))
    near = np.exp(-size / levels.size_doublings - length / levels.length_doublings)
    setting = np.logical_and.reduce(alike)
    return np.asarray(
        levels.software**2 * alike[0]
        + levels.hardware**2 * alike[1]
        + setting * (levels.setting**2 + levels.likeness**2 * near)
    )
