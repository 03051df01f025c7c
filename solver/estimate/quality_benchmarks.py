"""What a pre-trained decoder scores on a benchmark before any fine-tuning.

On the log-odds scale of each benchmark a score is a plane in log10 parameters and log10 tokens, an
effect of the model's family and one of the model, correlated between benchmarks. Scores of the
model itself and of its siblings are observations of those effects; the prediction is the normal
conditional on them (observational scaling, ruan2024).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_encoders import Belief
from solver.estimate.quality_scale import to_logit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import Benchmark, BenchmarkConstants


@dataclass(frozen=True, slots=True)
class Scored:
    """A published or stated score of a model without fine-tuning."""

    model: str
    parameters: float
    """[1]"""
    tokens: float | None
    """Pre-training tokens, None where unknown. [token]"""
    benchmark: int
    """Position in `BenchmarkConstants.benchmarks`."""
    score: float
    """[ratio]"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A model whose score is wanted."""

    model: str
    family: str
    parameters: float
    tokens: float | None


def position_of(task: str, constants: BenchmarkConstants) -> int | None:
    """Position of a benchmark by name, None where none is fitted."""
    names = [benchmark.task for benchmark in constants.benchmarks]
    return names.index(task) if task in names else None


def family_key(name: str) -> str:
    """One spelling of a family: "Llama 2" and "Llama-2" are the same, "Llama 1" is "Llama"."""
    key = re.sub(r"[^a-z0-9.]", "", name.lower())
    return {"llama1": "llama"}.get(key, key)


def plane(benchmark: Benchmark, parameters: float, tokens: float) -> float:
    """Expected log-odds by size alone."""
    return (
        benchmark.level
        + benchmark.per_decade_parameters * (math.log10(parameters) - 9.8)
        + benchmark.per_decade_tokens * (math.log10(tokens) - 12.0)
    )


def untrained(
    asked: Asked,
    benchmark: int,
    own: Sequence[Scored],
    siblings: Sequence[Scored],
    constants: BenchmarkConstants,
) -> Belief:
    """Log-odds of a model on a benchmark; the variance is calibrated.

    Args:
        asked: the model.
        benchmark: position of the benchmark.
        own: scores of the same model on other benchmarks.
        siblings: scores of other models of its family; where there are none, the fitted mean of
            the family stands in.
        constants: fitted numbers.
    """
    effects = _Effects(constants)
    for score in own:
        effects.observe(_residual(score, constants), score.benchmark, asked.model, score.tokens)
    for score in siblings:
        effects.observe(_residual(score, constants), score.benchmark, score.model, score.tokens)
    if not siblings:
        family = constants.families.get(family_key(asked.family))
        for place, (mean, count) in enumerate(family or ()):
            if count > 0:
                effects.observe_family(mean, count, place)
    found = effects.predict(benchmark, asked.model, asked.tokens)
    row = constants.benchmarks[benchmark]
    tokens = asked.tokens or constants.usual_tokens
    inflation = row.inflation_cold
    if siblings or family_key(asked.family) in constants.families:
        inflation = row.inflation_siblings
    if own:
        inflation = row.inflation_own
    size_alone = _Effects(constants).predict(benchmark, asked.model, asked.tokens).variance
    # the factors are measured on many scores: a few must not make a model less known than none
    most = row.inflation_cold**2 * size_alone
    variance = min(inflation**2 * found.variance, most)
    return Belief(plane(row, asked.parameters, tokens) + found.mean, variance)


def _residual(score: Scored, constants: BenchmarkConstants) -> float:
    row = constants.benchmarks[score.benchmark]
    z = float(to_logit(score.score, row.floor, row.ceiling))
    return z - plane(row, score.parameters, score.tokens or constants.usual_tokens)


@dataclass(frozen=True, slots=True)
class _Key:
    """What a residual belongs to."""

    model: str
    """Empty for the mean of a family's models."""
    place: int
    unknown_tokens: bool
    share: float
    """Weight of the models' own effects: 1/sqrt(models) in a mean."""


class _Effects:
    """Family and model effects with what was observed of them."""

    def __init__(self, constants: BenchmarkConstants) -> None:
        self._between = np.array(constants.between)
        self._within = np.array(constants.within)
        slopes = np.array([b.per_decade_tokens for b in constants.benchmarks])
        self._tokens = constants.tokens_sd**2 * np.outer(slopes, slopes)
        self._noise = constants.noise
        self._keys: list[_Key] = []
        self._values: list[float] = []

    def observe(self, value: float, place: int, model: str, tokens: float | None) -> None:
        """A residual of one model."""
        self._keys.append(_Key(model, place, tokens is None, 1.0))
        self._values.append(value)

    def observe_family(self, mean: float, count: float, place: int) -> None:
        """The mean residual of a family's other models."""
        self._keys.append(_Key("", place, unknown_tokens=False, share=count**-0.5))
        self._values.append(mean)

    def predict(self, place: int, model: str, tokens: float | None) -> Belief:
        """The residual of a model on a benchmark."""
        key = _Key(model, place, tokens is None, 1.0)
        variance = self._covariance(key, key)
        if not self._keys:
            return Belief(0.0, variance)
        joint = np.array([[self._covariance(a, b) for b in self._keys] for a in self._keys])
        joint += self._noise * np.eye(len(self._keys))
        cross = np.array([self._covariance(key, other) for other in self._keys])
        gain: FloatArray = np.linalg.solve(joint, cross)
        left = max(variance - float(gain @ cross), self._noise)
        return Belief(float(gain @ np.array(self._values)), left)

    def _covariance(self, a: _Key, b: _Key) -> float:
        shared = float(self._between[a.place, b.place])
        if a.model == b.model:
            shared += float(self._within[a.place, b.place]) * a.share * b.share
            if a.unknown_tokens and b.unknown_tokens:
                shared += float(self._tokens[a.place, b.place])
        return shared
