"""How fast matrix products run on a part in a number format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.configurations import Compute, Generation

if TYPE_CHECKING:
    from solver.estimate.configurations import Configurations, FloatArray
    from solver.estimate.constants import ThroughputConstants

BANDWIDTH_RATIO = 0.85
"""Achieved over peak memory bandwidth in streaming kernels; assumed, typical of measured copies."""


TWO_CORES_FLOP_PER_S = 150e12
"""Peak below which a TPU chip has two cores, each a replica of its own: v2 and v3 (jouppi2020).
[FLOP/s]"""

MATRIX_WIDTH = 128.0
"""Rows and columns of a TPU's matrix unit (jouppi2020). [1]"""

GAUDI_3_FLOP_PER_S = 1e15
"""Peak that tells the third Gaudi from the second. [FLOP/s]"""


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of one accelerator in training, before losses by shape, shape (n,)."""

    narrow_flop_per_s: FloatArray
    """Matrix products of the layers, in fp8 or fp4 where asked. [FLOP/s]"""
    wide_flop_per_s: FloatArray
    """Everything that stays in 16 bits or wider: attention, the head. [FLOP/s]"""
    bandwidth_bytes_per_s: FloatArray
    balance: FloatArray
    """Matmul rate over bandwidth ρ. [FLOP/byte]"""


def rates(c: Configurations, k: ThroughputConstants) -> Rates:
    """What a part achieves on large matrix products and in streaming memory."""
    of_peak = np.where(
        c.generation <= Generation.TURING, k.measured_of_peak_old, k.measured_of_peak
    )
    # GeForce matrix units that sum in fp32 run at half their rate and are never short of operands
    of_peak = np.where(
        c.consumer & (c.generation > Generation.PASCAL), k.measured_of_peak_consumer, of_peak
    )
    measured = np.where(
        np.isfinite(c.measured_flop_per_s), c.measured_flop_per_s, of_peak * c.peak_flop_per_s
    )
    rate = k.matmul_of_measured * measured
    # Pascal has no matrix units: all products run like those in fp32
    plain = (c.compute == Compute.FP32) | (c.generation == Generation.PASCAL)
    rate = np.where(plain, k.fp32_of_peak * c.peak_flop_per_s, rate)
    rate = np.where(c.compute == Compute.TF32, k.tf32_of_peak * c.peak_flop_per_s, rate)
    by_maker = np.ones(len(c))
    gaudi = c.generation == Generation.GAUDI
    by_maker[gaudi] = k.gaudi_factor
    by_maker[gaudi & (c.peak_flop_per_s > GAUDI_3_FLOP_PER_S)] = k.gaudi3_factor
    by_maker[c.generation == Generation.TRAINIUM] = k.trainium_factor
    by_maker[c.generation == Generation.TPU] = k.tpu_factor
    wide = rate * by_maker
    gain = np.ones(len(c))
    gain[c.compute == Compute.FP8] = k.fp8_gain
    gain[c.compute == Compute.FP4] = k.fp4_gain
    bandwidth = BANDWIDTH_RATIO * c.bandwidth_bytes_per_s
    return Rates(wide * gain, wide, bandwidth, wide / bandwidth)


def cores(c: Configurations) -> FloatArray:
    """Replicas that share one chip, its rate and its bandwidth. [1]"""
    small = c.peak_flop_per_s < TWO_CORES_FLOP_PER_S
    return np.where((c.generation == Generation.TPU) & small, 2.0, 1.0)


def head_fill(c: Configurations) -> FloatArray:
    """Share of a TPU's matrix unit that heads narrower than it fill in attention. [0..1]"""
    fill = np.minimum(c.head_dim / MATRIX_WIDTH, 1.0)
    return np.where(c.generation == Generation.TPU, fill, 1.0)
