"""What low rank costs in maths and code, where it costs most: by rank, passes and data.

Against full fine-tuning a low-rank adapter falls short by

    delta = a + (b · log2(256/r)/4 + c) · g(epochs) · h(examples)

with r the rank, g = 1/sqrt(epochs) for maths (more passes close the gap), 1 for code, 1.5 for
continued pre-training, and h rising from 0 at 10,000 examples to 1 at 100,000: an adapter falls
short only where the data exceed what it can hold (biderman2024, tables S1 to S12).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_delta import Delta

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import RankLaw

FULL_RANK = 256.0
"""Rank at which adapters came closest to full fine-tuning. [1]"""

FALLS_SHORT_FROM, FALLS_SHORT_WHOLLY = 1e4, 1e5
"""Examples between which the shortfall appears. [1]"""

PRETRAINING_FACTOR = 1.5
"""Continued pre-training moves the weights further than any adapter of these ranks. [1]"""

MODELS_BEHIND = 4
"""Models on which the laws are fitted."""


def shortfall(
    kind: str, rank: float | None, epochs: float, examples: float | None, *, pretraining: bool
) -> FloatArray:
    """The factors of (a, b, c). Shape (3,).

    Args:
        kind: math or code.
        rank: None: as high as needed. [1]
        epochs: passes. [1]
        examples: training examples, None: many. [1]
        pretraining: True for continued pre-training.
    """
    missing = max(0.0, math.log2(FULL_RANK / rank)) / 4.0 if rank else 0.0
    wear = epochs**-0.5 if kind == "math" else 1.0
    if pretraining:
        wear = PRETRAINING_FACTOR
    if examples is not None and not pretraining:
        span = math.log(FALLS_SHORT_WHOLLY / FALLS_SHORT_FROM)
        wear *= min(max(math.log(max(examples, 1.0) / FALLS_SHORT_FROM) / span, 0.0), 1.0)
    return np.array([1.0, missing * wear, wear])


def rank_delta(law: RankLaw, factors: FloatArray) -> Delta:
    """Score of a low-rank method minus full fine-tuning, for a model not measured. [ratio]"""
    mean = float(factors @ np.array(law.mean))
    variance = float(factors @ np.array(law.covariance) @ factors)
    return Delta(mean, math.sqrt(variance + law.between**2 + law.residual**2), MODELS_BEHIND)
