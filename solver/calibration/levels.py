"""How much runs of one user have in common, and over what differences it fades."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from solver.calibration.settings import NAMED, SHAPE

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray, IntArray

Doublings = Annotated[float, Field(gt=0)]

FAR = 1e6
"""Doublings over which nothing fades. [1]"""

Step = Annotated[float, Field(ge=0)]


class Fading(BaseModel):
    """Over what likeness fades to 1/e: doublings of each scale, in the order of `SCALES`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    parameters: Doublings
    sequence: Doublings
    micro_tokens: Doublings
    """Tokens of a micro-step."""
    gpus: Doublings
    split: Doublings
    """Tensor and context parallelism."""
    stages: Doublings
    """Of a pipeline."""
    accumulation: Doublings
    hidden: Doublings = FAR
    """Of the model's width; levels that earlier releases wrote down do not know it."""


class Steps(BaseModel):
    """How far apart two runs are that differ in something named, in units of fading to 1/e."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    hardware: Step
    method: Step
    format: Step
    sharding: Step


class Levels(BaseModel):
    """Log standard deviations of what runs of one user have in common, and of each run."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    likeness: Annotated[float, Field(ge=0)]
    """Of what equal runs of one software have in common. [1]"""
    run: Annotated[float, Field(gt=0)]
    """Of each run alone. [1]"""
    noise_ratio: Annotated[float, Field(gt=0)] = 1.0
    """Scatter that the median counts as chance over `run`, which the interval counts. [ratio]"""
    fading: Fading
    steps: Steps
    narrows: bool
    """Whether the interval narrows by what was measured; it widens in any case."""


SPEED_LEVELS = Levels(
    likeness=0.148,
    run=0.0803,
    noise_ratio=0.4,
    fading=Fading(
        parameters=13.3,
        sequence=11.4,
        micro_tokens=9.53,
        gpus=38.0,
        split=4.45,
        stages=6.72,
        accumulation=28.7,
        hidden=2.58,
    ),
    steps=Steps(hardware=0.467, method=3.27, format=0.346, sharding=1.79),
    narrows=True,
)
"""Of log throughput, measured over predicted, on 21 public sources of which the fit had seen none:
`python -m benchmarks.calibration --data FOLDER --levels`, 2026-11-25. The share of noise is no
fit: with all of the scatter, one run of the same on fewer accelerators leaves 4.5 % of median error
and three like runs 7.3 %, with 0.6 of it 3.8 % and 7.0 %, with 0.4 3.3 % and 6.8 %, with 0.25 3.0 %
and 6.8 %. [1]"""

MEMORY_LEVELS = Levels(
    likeness=0.153,
    run=0.0619,
    noise_ratio=2.0,
    fading=Fading(
        parameters=54.6,
        sequence=10.7,
        micro_tokens=FAR,
        gpus=FAR,
        split=14.0,
        stages=5.89,
        accumulation=FAR,
    ),
    steps=Steps(hardware=1.67, method=0.662, format=0.536, sharding=9.99),
    narrows=False,
)
"""The same of log peak memory, on 10 sources. It must not differ between the micro-batches of one
layout, which the planner compares. Intervals that narrowed as those of throughput do held 68 %
instead of 78 % after one like run, and the upper end is what must fit: for its sake a run is
believed less here. With the scatter alone for chance, intervals held 75 % (6.4 % of error left),
with twice as much 78 % (6.0 %), with three times 80 % (5.9 %), but the error after the one most
similar run rises from 7.2 % to 7.4 % and 8.1 %. [1]"""


def common_variances(one: IntArray, other: IntArray, levels: Levels) -> FloatArray:
    """Covariance of what runs of some settings have in common. [1], shape (one, other).

    Distances add up, so each part of a setting is a factor that a small table holds.
    """
    left, right = (np.unravel_index(codes, SHAPE) for codes in (one, other))
    made = levels.likeness**2 * np.equal.outer(left[0], right[0])
    for position, table in enumerate(_tables(levels), start=1):
        if table is not None:
            made *= table[np.ix_(left[position], right[position])]
    return made


@lru_cache(maxsize=8)
def _tables(levels: Levels) -> tuple[FloatArray | None, ...]:
    """What is left in common by code and code of each part after the software; None: all of it."""
    tables: list[FloatArray | None] = []
    for count, (_, step) in zip(SHAPE[1:], levels.steps, strict=False):
        tables.append(np.exp(-step * (1.0 - np.eye(count))))
    for count, (_, over) in zip(SHAPE[len(NAMED) :], levels.fading, strict=True):
        codes = np.arange(count)
        apart = np.abs(np.subtract.outer(codes, codes))
        tables.append(None if over == FAR else np.exp(-apart / over))
    return tuple(tables)
