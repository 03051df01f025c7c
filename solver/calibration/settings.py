"""What is told apart among runs: named parts, and quantities to a doubling; each a number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from solver.estimate.configurations import (
    Compute,
    Generation,
    Sharding,
    Stack,
    Storage,
    Tuning,
    is_one_of,
)

if TYPE_CHECKING:
    from solver.estimate.configurations import Configurations, FloatArray, IntArray


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

NAMED = (
    SOFTWARE,
    HARDWARE,
    tuple(m.name for m in Method),
    tuple(f.name for f in Format),
    tuple(s.name for s in Sharding),
)
"""What settings are told apart by that has names, in the order of `Setting`."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A quantity that settings are told apart by in doublings."""

    least: int
    """Doublings of the smallest value; smaller ones count as it. [log2]"""
    count: int


SCALES = {
    "log2_parameters": Scale(20, 24),
    "log2_sequence": Scale(4, 16),
    "log2_micro_tokens": Scale(4, 20),
    "log2_gpus": Scale(0, 16),
    "log2_split": Scale(0, 8),
    "log2_stages": Scale(0, 8),
    "log2_accumulation": Scale(0, 14),
    "log2_hidden": Scale(5, 12),
}
"""By field of `Setting`."""

SHAPE = (*(len(names) for names in NAMED), *(scale.count for scale in SCALES.values()))
"""How many codes each part of a setting has."""


class Setting(BaseModel):
    """What some runs share: named parts, and quantities to a doubling."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    software: str
    hardware: str
    method: str
    format: str
    sharding: str
    log2_parameters: int
    log2_sequence: int
    """[log2 tokens]"""
    log2_micro_tokens: int
    log2_gpus: int
    log2_split: int
    """Tensor times context parallelism."""
    log2_stages: int
    log2_accumulation: int
    log2_hidden: int = 5
    """Of the model's width; settings that earlier releases wrote down do not tell it."""

    @property
    def code(self) -> int:
        """The setting as one number, as `setting_codes` gives it."""
        names = (self.software, self.hardware, self.method, self.format, self.sharding)
        parts = [known.index(name) for known, name in zip(NAMED, names, strict=True)]
        parts += [getattr(self, field) - scale.least for field, scale in SCALES.items()]
        return int(np.ravel_multi_index(parts, SHAPE))


def setting_codes(c: Configurations) -> IntArray:
    """The setting of each configuration as one number below the product of `SHAPE`."""
    few = ~is_one_of(c.tuning, (Tuning.PRETRAIN, Tuning.FULL, Tuning.DISTILLATION))
    quantised = few & (c.storage != Storage.AS_COMPUTED)
    wide = is_one_of(c.compute, (Compute.FP32, Compute.TF32))
    narrow = is_one_of(c.compute, (Compute.FP8, Compute.FP4))
    named = (
        2 * c.stack + c.flash,
        c.generation,
        few.astype(np.int64) + quantised,
        np.where(wide, int(Format.THIRTY_TWO_BITS), np.where(narrow, int(Format.EIGHT_BITS), 0)),
        c.sharding,
    )
    scaled = (
        c.parameters,
        c.sequence,
        c.micro_batch * c.sequence,
        c.gpus,
        c.tensor_parallel * c.context_parallel,
        c.pipeline_parallel,
        c.accumulation,
        c.hidden,
    )
    doublings = [_doublings(v, scale) for v, scale in zip(scaled, SCALES.values(), strict=True)]
    return np.asarray(np.ravel_multi_index((*named, *doublings), SHAPE), dtype=np.int64)


def _doublings(values: FloatArray, scale: Scale) -> IntArray:
    nearest = np.rint(np.log2(values)).astype(np.int64) - scale.least
    return np.asarray(np.clip(nearest, 0, scale.count - 1))


def setting_of(code: int) -> Setting:
    """The setting of a code."""
    parts = [int(part) for part in np.unravel_index(code, SHAPE)]
    software, hardware, method, number, sharding = (
        known[part] for known, part in zip(NAMED, parts, strict=False)
    )
    scaled = {
        field: part + scale.least
        for (field, scale), part in zip(SCALES.items(), parts[len(NAMED) :], strict=True)
    }
    return Setting(
        software=software,
        hardware=hardware,
        method=method,
        format=number,
        sharding=sharding,
        **scaled,
    )
