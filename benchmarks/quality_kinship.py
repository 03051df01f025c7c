"""How much kindred decoders share: covariances between benchmarks, by maximum likelihood.

Scores of one line are normal together, lines independent of each other. A line with many scores
counts by a power below one of their number: its members are no independent sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import FloatArray

POWER = 0.7
"""A line of n scores counts as n to this power."""

PENALTY = 1.0
"""Of each squared entry of a factor of a covariance: keeps unlikely ones small."""

USUAL_NOISE, NOISE_WEIGHT = np.exp(-5.0), 0.125
"""A weak belief about the variance of a score beside its sampling, in z squared."""

STEPS = 80


@dataclass(frozen=True, slots=True)
class Line:
    """Scores of one line, with what fixes their likelihood."""

    places: FloatArray
    """Benchmark of each score."""
    residual: FloatArray
    """Distance from the plane, in z."""
    sampling: FloatArray
    """Variance by the questions of the evaluation set, in z squared."""
    alike: tuple[FloatArray, ...]
    """Shares in each part, shape (scores, scores)."""


@dataclass(frozen=True, slots=True)
class Kinship:
    """Covariances between benchmarks of each part, and the noise of a score."""

    parts: tuple[FloatArray, ...]
    noise: FloatArray


def fit_kinship(lines: Sequence[Line], benchmarks: int, parts: int) -> Kinship:
    """The most likely covariances.

    Args:
        lines: scores, line by line.
        benchmarks: how many there are.
        parts: of kinship, as many as each line states shares for.
    """
    lower = np.tril_indices(benchmarks)
    first = 0.3 * np.eye(benchmarks) + 0.1 * np.tril(np.ones((benchmarks, benchmarks)))
    start = [first[lower] * (1.0 if part == 0 else 0.3) for part in range(parts)]
    begun = np.concatenate([*start, np.full(benchmarks, np.log(USUAL_NOISE))])
    found = minimize(
        _unlikeliness,
        begun,
        args=(lines, benchmarks, parts),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": STEPS},
    )
    factors, noise = _unpacked(found.x, benchmarks, parts)
    return Kinship(tuple(factor @ factor.T for factor in factors), noise)


def _unpacked(x: FloatArray, benchmarks: int, parts: int) -> tuple[list[FloatArray], FloatArray]:
    lower = np.tril_indices(benchmarks)
    each = len(lower[0])
    factors = []
    for part in range(parts):
        factor = np.zeros((benchmarks, benchmarks))
        factor[lower] = x[part * each : (part + 1) * each]
        factors.append(factor)
    return factors, np.exp(x[parts * each :])


def _unlikeliness(
    x: FloatArray, lines: Sequence[Line], benchmarks: int, parts: int
) -> tuple[float, FloatArray]:
    """Negative log-likelihood with penalties, and its gradient."""
    factors, noise = _unpacked(x, benchmarks, parts)
    total = PENALTY * sum(float((factor**2).sum()) for factor in factors)
    gradients = [2.0 * PENALTY * factor for factor in factors]
    away = np.log(noise / USUAL_NOISE)
    total += NOISE_WEIGHT * float((away**2).sum())
    by_noise = 2.0 * NOISE_WEIGHT * away
    for line in lines:
        at = np.ix_(line.places, line.places)
        covariance = np.diag(noise[line.places] + line.sampling)
        for factor, alike in zip(factors, line.alike, strict=True):
            covariance += (factor @ factor.T)[at] * alike
        inverse = np.linalg.inv(covariance)
        weighed = inverse @ line.residual
        share = len(line.residual) ** (POWER - 1.0)
        total += share * 0.5 * float(line.residual @ weighed + np.linalg.slogdet(covariance)[1])
        slope = share * 0.5 * (inverse - np.outer(weighed, weighed))
        is_on = np.eye(benchmarks)[line.places]
        for part, alike in enumerate(line.alike):
            gradients[part] += 2.0 * (is_on.T @ (slope * alike) @ is_on) @ factors[part]
        by_noise += (np.diag(slope) @ is_on) * noise
    lower = np.tril_indices(benchmarks)
    return total, np.concatenate([*(gradient[lower] for gradient in gradients), by_noise])
