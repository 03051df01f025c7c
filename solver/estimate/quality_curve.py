"""Score against training examples: a concave, non-decreasing curve with a prior and a posterior.

S(n) = S0 + (Sinf - S0)(1 - (1 + n/n0)^-beta) in raw examples n. For every parameter value the curve
is concave and does not fall, so the mean of any mixture of such curves is too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import CurveConstants, Discrepancy, Prior

LOWEST = np.array([-4.0, -0.4, -2.0, -3.0])
HIGHEST = np.array([5.0, 0.95, 6.0, 1.6])
"""Parameters beyond these describe no curve that anybody published."""

DRAWS = 4000
SEED = 20261125
"""One seed for all draws: the same question gives the same answer."""

FREEDOM = 5.0
"""Degrees of freedom of the observations' Student-t: one bad pilot does not rule the curve."""


def curve(parameters: FloatArray, examples: FloatArray) -> FloatArray:
    """Share of the way from chance to the highest score.

    Args:
        parameters: (logit of the limit, start, log10 n0, log beta), shape (draws, 4).
        examples: effective training examples n. [1], shape (sizes,), n >= 0.

    Returns:
        Shape (draws, sizes), concave and non-decreasing in `examples`.
    """
    limit = 1.0 / (1.0 + np.exp(-parameters[:, 0:1]))
    start = np.minimum(parameters[:, 1:2], limit)
    missing = (1.0 + examples / 10.0 ** parameters[:, 2:3]) ** -np.exp(parameters[:, 3:4])
    return np.asarray(start + (limit - start) * (1.0 - missing))


def effective_examples(
    examples: FloatArray | float, epochs: FloatArray | float, constants: CurveConstants
) -> FloatArray:
    """Fresh examples that repeated passes are worth.

    Args:
        examples: distinct examples. [1]
        epochs: passes over them, > 0. [1]
        constants: R* and the number of passes beyond which nothing is gained.

    Returns:
        n(1 + R*(1 - exp(-(e - 1)/R*))), concave and non-decreasing in the epochs. [1]

    Source:
        muennighoff2023, equation 5, with R* refitted to fine-tuning (biderman2024).
    """
    passes = np.minimum(np.asarray(epochs, float), constants.max_epochs)
    worth = constants.repeat_worth
    repeated = 1.0 + worth * (1.0 - np.exp(-(np.maximum(passes, 1.0) - 1.0) / worth))
    # part of a pass sees part of the examples
    return np.asarray(examples * np.where(passes < 1.0, passes, repeated))


@dataclass(frozen=True, slots=True)
class Observation:
    """A measured or assumed point of a curve."""

    examples: float
    """Effective examples. [1]"""
    score: float
    """[ratio]"""
    sd: float
    """[ratio]"""


def prior_draws(prior: Prior, draws: int = DRAWS) -> FloatArray:
    """Curves that are plausible before anything is measured. Shape (draws, 4)."""
    generator = np.random.default_rng(SEED)
    factor = np.linalg.cholesky(np.array(prior.covariance))
    made = np.array(prior.mean) + generator.standard_normal((draws, 4)) @ factor.T
    return np.clip(made, LOWEST, HIGHEST)


@dataclass(frozen=True, slots=True)
class Posterior:
    """Weighted curves after observations."""

    parameters: FloatArray
    """Shape (draws, 4)."""
    weights: FloatArray
    """Shape (draws,), sum 1."""
    chance: float
    largest: float
    """Largest observed size. [1]"""
    discrepancy: Discrepancy
    best: float
    """Highest observed score. [ratio]"""

    def mean(self, examples: FloatArray) -> FloatArray:
        """Expected score, concave and non-decreasing in examples. [ratio], shape (sizes,).

        Gain beyond the largest observation is damped: the slope can only drop there. The whole
        curve is moved towards the best observation, which near by foretells more than the shape.
        """
        plain = self.weights @ self._scores(examples)
        at_largest = float((self.weights @ self._scores(np.array([self.largest])))[0])
        damped = at_largest + self.discrepancy.damping * (plain - at_largest)
        moved = self.discrepancy.trust * (self.best - at_largest)
        return np.asarray(np.where(examples > self.largest, damped, plain) + moved)

    def sd(self, examples: FloatArray) -> FloatArray:
        """Standard deviation of an outcome, calibrated. [ratio], shape (sizes,)."""
        scores = self._scores(examples)
        mean = self.weights @ scores
        own = self.discrepancy.shrink * np.sqrt(self.weights @ (scores - mean) ** 2)
        held = np.clip(mean, 0.03, 0.97)
        even = 2.0 * np.sqrt(held * (1.0 - held))
        doublings = np.maximum(np.log2(np.maximum(examples, 1e-9) / self.largest), 0.0)
        apart = even * np.hypot(self.discrepancy.base, self.discrepancy.per_doubling * doublings)
        return np.asarray(np.hypot(own, apart))

    def _scores(self, examples: FloatArray) -> FloatArray:
        return self.chance + (1.0 - self.chance) * curve(self.parameters, examples)


def posterior(
    observations: list[Observation],
    chance: float,
    prior: Prior,
    discrepancy: Discrepancy,
    draws: int = DRAWS,
) -> Posterior:
    """Curves that agree with the observations, by importance sampling from a fitted proposal.

    Args:
        observations: at least one.
        chance: score of guessing. [ratio]
        prior: Gaussian over the four parameters.
        discrepancy: how far real curves leave the fitted one.
        draws: curves to draw.

    Returns:
        Weighted curves; deterministic.

    Source:
        Student-t likelihood with `FREEDOM` degrees of freedom; defensive mixture of 4/5 proposal
        and 1/5 prior (Hesterberg 1995).
    """
    target = _Target(observations, chance, prior)
    generator = np.random.default_rng(SEED)
    parameters = prior_draws(prior, draws)
    log_weights = target.log_likelihood(parameters)
    for temper in (0.3, 1.0):
        parameters, log_weights = target.resample(
            parameters, _normalised(temper * log_weights), generator
        )
    largest = max(o.examples for o in observations)
    return Posterior(
        parameters,
        _normalised(log_weights),
        chance,
        max(largest, 1e-6),
        discrepancy,
        max(o.score for o in observations),
    )


class _Target:
    """The posterior density up to a constant, and draws from a proposal near it."""

    def __init__(self, observations: list[Observation], chance: float, prior: Prior) -> None:
        span = 1.0 - chance
        self._examples = np.array([o.examples for o in observations])
        self._shares = np.array([(o.score - chance) / span for o in observations])
        self._sds = np.array([o.sd / span for o in observations])
        self._mean = np.array(prior.mean)
        self._factor = np.linalg.cholesky(np.array(prior.covariance))

    def log_likelihood(self, parameters: FloatArray) -> FloatArray:
        miss = (curve(parameters, self._examples) - self._shares) / self._sds
        power = -0.5 * (FREEDOM + 1.0)
        return np.asarray(power * np.log1p(miss**2 / FREEDOM).sum(axis=1))

    def resample(
        self, parameters: FloatArray, weights: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """New draws near the weighted ones, with their log weights."""
        draws = len(parameters)
        near = int(0.8 * draws)
        centre = np.asarray(weights @ parameters, np.float64)
        apart = parameters - centre
        spread = 1.6 * (apart.T @ (apart * weights[:, None]) + np.diag([0.02, 4e-4, 0.01, 0.01]))
        factor = np.asarray(np.linalg.cholesky(spread), np.float64)
        heavy = np.sqrt(generator.chisquare(FREEDOM, size=(near, 1)) / FREEDOM)
        made = np.vstack(
            [
                centre + generator.standard_normal((near, 4)) @ factor.T / heavy,
                self._mean + generator.standard_normal((draws - near, 4)) @ self._factor.T,
            ]
        )
        made = np.clip(made, LOWEST, HIGHEST)
        log_prior = _log_normal(made, self._mean, self._factor)
        proposal = np.logaddexp(
            math.log(0.8) + _log_student(made, centre, factor), math.log(0.2) + log_prior
        )
        return made, self.log_likelihood(made) + log_prior - proposal


def _normalised(log_weights: FloatArray) -> FloatArray:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _squares(points: FloatArray, centre: FloatArray, factor: FloatArray) -> FloatArray:
    whitened = np.linalg.solve(factor, (points - centre).T)
    return np.asarray((whitened**2).sum(axis=0))


def _log_normal(points: FloatArray, centre: FloatArray, factor: FloatArray) -> FloatArray:
    size = len(centre)
    scale = size * math.log(2.0 * math.pi) + 2.0 * float(np.log(np.diag(factor)).sum())
    return np.asarray(-0.5 * (_squares(points, centre, factor) + scale))


def _log_student(points: FloatArray, centre: FloatArray, factor: FloatArray) -> FloatArray:
    size = len(centre)
    top = math.lgamma((FREEDOM + size) / 2.0) - math.lgamma(FREEDOM / 2.0)
    scale = 0.5 * size * math.log(FREEDOM * math.pi) + float(np.log(np.diag(factor)).sum())
    tail = 0.5 * (FREEDOM + size) * np.log1p(_squares(points, centre, factor) / FREEDOM)
    return np.asarray(top - scale - tail)
