"""Fine-tuning loss against examples from a few pilots, as a convex, falling curve.

L(n) = E + c(1 + n/n0)^-beta. In raw examples it is convex and never rises, whatever its parameters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_curve import SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import LossConstants

DRAWS = 5000

FREEDOM = 4.0
"""Degrees of freedom of a measurement's Student-t."""


def loss_curve(parameters: FloatArray, examples: FloatArray) -> FloatArray:
    """Loss. [nat]

    Args:
        parameters: (ln E, ln c, log10 n0, log beta), shape (draws, 4).
        examples: [1], shape (sizes,).

    Returns:
        Shape (draws, sizes).
    """
    falling = (1.0 + examples / 10.0 ** parameters[:, 2:3]) ** -np.exp(parameters[:, 3:4])
    return np.asarray(np.exp(parameters[:, 0:1]) + np.exp(parameters[:, 1:2]) * falling)


@dataclass(frozen=True, slots=True)
class LossForecast:
    """Loss at one size."""

    mean: float
    """[nat]"""
    log_sd: float
    """Standard deviation of its logarithm. [1]"""


def loss_forecast(
    examples: Sequence[float], losses: Sequence[float], wanted: float, constants: LossConstants
) -> LossForecast:
    """Loss at another size than those measured.

    Args:
        examples: sizes measured, ascending. [1]
        losses: losses there. [nat]
        wanted: size asked for. [1]
        constants: what curves look like.
    """
    generator = np.random.default_rng(SEED)
    factor = np.linalg.cholesky(np.array(constants.covariance))
    drawn = np.array(constants.mean) + generator.standard_normal((DRAWS, 4)) @ factor.T
    drawn[:, :2] += math.log(losses[0])
    sizes, measured = np.asarray(examples, float), np.asarray(losses, float)
    miss = (np.log(loss_curve(drawn, sizes)) - np.log(measured)) / constants.noise
    log_weights = -0.5 * (FREEDOM + 1.0) * np.log1p(miss**2 / FREEDOM).sum(axis=1)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    there = np.log(loss_curve(drawn, np.array([wanted])))[:, 0]
    mean = float(weights @ there)
    own = constants.shrink**2 * float(weights @ (there - mean) ** 2)
    doublings = max(math.log2(wanted / float(sizes.max())), 0.0)
    apart = constants.run_noise**2 + (constants.per_doubling * doublings**1.5) ** 2
    return LossForecast(math.exp(mean), math.sqrt(own + apart))
