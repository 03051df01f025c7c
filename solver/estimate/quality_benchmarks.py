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
        siblings: scores of other models of its family on any benchmark; where there are none, the
            fitted mean of the family stands in.
        constants: fitted numbers.
    """
    effects = _Effects(constants)
    for score in (*own, *siblings):
        effects.observe(score)
    if not siblings:
        family = constants.families.get(family_key(asked.family))
        for place, (mean, count) in enumerate(family or ()):
            if count > 0:
                effects.observe_family(mean, count, place, asked.parameters)
    found = effects.predict(benchmark, asked)
    row = constants.benchmarks[benchmark]
    tokens = asked.tokens or constants.usual_tokens
    inflation = row.inflation_cold
    if siblings or family_key(asked.family) in constants.families:
        inflation = row.inflation_siblings
    if own:
        inflation = row.inflation_own
    size_alone = _Effects(constants).predict(benchmark, asked).variance
    # the factors are measured on many scores: a few must not make a model less known than none
    most = row.inflation_cold**2 * size_alone
    variance = min(inflation**2 * found.variance, most)
    return Belief(plane(row, asked.parameters, tokens) + found.mean, variance)


def _residual(score: Scored, constants: BenchmarkConstants) -> float:
    row = constants.benchmarks[score.benchmark]
    z = float(to_logit(score.score, row.floor, row.ceiling))
    return z - plane(row, score.parameters, score.tokens or constants.usual_tokens)


FAMILY_DECADES = 3.0
"""Size ratio, in decades, over which models of one family grow unlike: least error of cells left
out of their family's table. [1]"""


class _Effects:
    """Family and model effects with what was observed of them."""

    def __init__(self, constants: BenchmarkConstants) -> None:
        self._constants = constants
        slopes = np.array([b.per_decade_tokens for b in constants.benchmarks])
        self._tokens = constants.tokens_sd**2 * np.outer(slopes, slopes)
        self._names: list[str] = []
        self._places: list[int] = []
        self._sizes: list[float] = []
        self._unknown: list[bool] = []
        self._shares: list[float] = []
        self._values: list[float] = []

    def observe(self, score: Scored) -> None:
        """A score of one model."""
        self._add(score.model, score.benchmark, score.parameters, 1.0, unknown=score.tokens is None)
        self._values.append(_residual(score, self._constants))

    def observe_family(self, mean: float, count: float, place: int, parameters: float) -> None:
        """The mean residual of a family's other models, taken to be of the asked model's size."""
        self._add("", place, parameters, count**-0.5, unknown=False)
        self._values.append(mean)

    def predict(self, place: int, asked: Asked) -> Belief:
        """The residual of a model on a benchmark."""
        seen = len(self._values)
        self._add(asked.model, place, asked.parameters, 1.0, unknown=asked.tokens is None)
        every = self._covariance()
        variance = float(every[seen, seen])
        if seen == 0:
            return Belief(0.0, variance)
        noise = self._constants.noise
        cross = every[seen, :seen]
        gain = np.asarray(
            np.linalg.solve(every[:seen, :seen] + noise * np.eye(seen), cross), np.float64
        )
        left = max(variance - float(gain @ cross), noise)
        return Belief(float(gain @ np.array(self._values)), left)

    def _add(
        self, name: str, place: int, parameters: float, share: float, *, unknown: bool
    ) -> None:
        self._names.append(name)
        self._places.append(place)
        self._sizes.append(math.log10(parameters))
        self._unknown.append(unknown)
        self._shares.append(share)

    def _covariance(self) -> FloatArray:
        """Between all that was added. Shape (added, added)."""
        at = np.ix_(self._places, self._places)
        size, share = np.array(self._sizes), np.array(self._shares)
        apart = np.abs(size[:, None] - size[None, :])
        names = np.array(self._names)
        same = names[:, None] == names[None, :]
        unknown = np.logical_and.outer(self._unknown, self._unknown)
        own = np.array(self._constants.within)[at] * np.outer(share, share)
        own = own + self._tokens[at] * unknown
        shared = np.array(self._constants.between)[at] * np.exp(-apart / FAMILY_DECADES)
        return np.asarray(shared + own * same)
