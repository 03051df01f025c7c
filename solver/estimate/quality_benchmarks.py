"""What a pre-trained decoder scores on a benchmark before any fine-tuning.

On the log-odds scale of each benchmark a score is a plane in log10 parameters and log10 tokens, and
a departure from it that kindred models share: those of one line (all Qwen, all Llama), more so of
one generation (Qwen2.5), most so of the same size and tokens. Departures are correlated between
benchmarks. Published scores of the line and stated scores of the model are observations of them;
the prediction is the normal conditional on all (a Gaussian process over the plane of observational
scaling, ruan2024).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_encoders import Belief
from solver.estimate.quality_scale import to_logit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    doubt: float = 0.0
    """Variance beside that of a usual measurement, in z squared."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A model whose score is wanted."""

    model: str
    family: str
    """Consulted where the model's own name tells no line that is published."""
    parameters: float
    tokens: float | None


EVALUATED = {
    "MMLU": 14_042,
    "ARC-c": 1_172,
    "HellaSwag": 10_042,
    "WinoGrande": 1_267,
    "GSM8K": 1_319,
    "HumanEval": 164,
}
"""Questions of each benchmark's usual evaluation set: near chance all models differ by sampling."""

NEAR_CHANCE_SD = 0.004
"""Spread of models that guess, which lean on one letter or another. [ratio]"""

LEAST_SHARE = 0.005
"""Shares of right answers are held so far from none and all when their sampling is told. [ratio]"""

LEAST_SLOPE = 0.02
"""Observations nearer than this share of the range to its ends count no less. [ratio]"""

FAR_DECADES, NEAR_DECADES = 3.0, 0.5
"""Decades of size and tokens over which models of one line grow unlike: in what all of them share,
and in what only models of much the same size and tokens do. [1]"""

SAME_DECADES = 0.02
"""Models of one generation count as the same within so many decades of size. [1]"""

NEAREST = 240
"""So many published scores of a line are weighed at most, those nearest in size and tokens. [1]"""

REPEATED = 0.002
"""A published score this near to a stated one of the same model is the same number. [ratio]"""

LINES = {
    "metallama": "llama",
    "openlmc": "openlm",
    "openlmrpjd": "openlm",
    "openlmrworiginald": "openlm",
    "deepseekcoderv": "deepseekcoder",
    "starcoderbase": "starcoder",
    "stablelmbasealpha": "stablelm",
    "tinyllamav": "tinyllama",
}
"""Lines whose names begin in more than one way."""

SIZE = re.compile(r"(?<![a-z\d.])\d+(?:[._]\d+)?(?:x\d+(?:\.\d+)?)?\s?[bm](?![a-z])|=")
"""The size in a model's name, with which the name of its generation ends."""


def position_of(task: str, constants: BenchmarkConstants) -> int | None:
    """Position of a benchmark by name, None where none is fitted."""
    names = [benchmark.task for benchmark in constants.benchmarks]
    return names.index(task) if task in names else None


@cache
def line_of(name: str) -> str:
    """The line of a model by the letters before its first digit: "Qwen/Qwen2.5-7B" is "qwen"."""
    start = re.match(r"[^\d(=]*", _last_part(name))
    key = re.sub(r"[^a-z]", "", start.group(0) if start else "")
    return LINES.get(key, key)


@cache
def generation_name(name: str) -> str:
    """The generation by what stands before the size: "Qwen/Qwen2.5-7B" is "qwen2.5"."""
    return re.sub(r"[^a-z0-9.]", "", SIZE.split(_last_part(name))[0]).removeprefix("meta")


def _last_part(name: str) -> str:
    return name.rsplit("/", maxsplit=1)[-1].lower()


def sampling_sd(score: float, row: Benchmark) -> float:
    """Spread of a score by the questions of the evaluation set. [ratio]"""
    held = min(max(score, LEAST_SHARE), 1.0 - LEAST_SHARE)
    return float((held * (1.0 - held) / EVALUATED[row.task] + NEAR_CHANCE_SD**2) ** 0.5)


def plane(benchmark: Benchmark, parameters: float, tokens: float) -> float:
    """Expected log-odds by size alone."""
    return (
        benchmark.level
        + benchmark.per_decade_parameters * (math.log10(parameters) - 9.8)
        + benchmark.per_decade_tokens * (math.log10(tokens) - 12.0)
    )


def published_kin(asked: Asked, constants: BenchmarkConstants) -> list[Scored]:
    """Published scores of the model's line, the model itself included, nearest first."""
    lines = {line_of(decoder.name) for decoder in constants.decoders}
    line = line_of(asked.model)
    if line not in lines:
        line = line_of(asked.family)
    tokens = asked.tokens or constants.usual_tokens

    def apart(scored: Scored) -> float:
        return abs(math.log10(scored.parameters / asked.parameters)) + abs(
            math.log10((scored.tokens or constants.usual_tokens) / tokens)
        )

    found = [
        Scored(decoder.name, decoder.parameters, decoder.tokens, place, score)
        for decoder in constants.decoders
        if line_of(decoder.name) == line
        for place, score in enumerate(decoder.scores)
        if score is not None
    ]
    return sorted(found, key=apart)[:NEAREST]


def untrained(
    asked: Asked, benchmark: int, stated: Sequence[Scored], constants: BenchmarkConstants
) -> Belief:
    """Log-odds of a model on a benchmark; the variance is calibrated, sampling apart.

    Args:
        asked: the model.
        benchmark: position of the benchmark.
        stated: scores of the model and of models of its line, beside those that the fit has seen.
        constants: fitted numbers.
    """
    seen = [*stated, *_new(published_kin(asked, constants), stated)]
    found = conditional(asked, benchmark, seen, constants)
    row = constants.benchmarks[benchmark]
    cold = _expected_variance(asked, benchmark, constants)
    inflation = inflation_for(asked, seen, row)
    # the factors are measured on many scores: a few must not make a model less known than none
    variance = min(inflation**2 * found.variance, row.inflation_cold**2 * cold)
    return Belief(found.mean, variance)


def inflation_for(asked: Asked, seen: Sequence[Scored], row: Benchmark) -> float:
    """The factor on the doubt: by whether the model, its generation and its line have scores."""
    own = {place for place, score in enumerate(seen) if is_same(asked, score)}
    name = generation_name(asked.model)
    generation = any(
        place not in own and generation_name(score.model) == name
        for place, score in enumerate(seen)
    )
    if own:
        return row.inflation_own if generation else row.inflation_alone
    if generation:
        return row.inflation_siblings
    return row.inflation_line if seen else row.inflation_cold


def is_same(asked: Asked, score: Scored) -> bool:
    """True for a score of the model itself, under whatever name of its generation and size."""
    if score.model == asked.model:
        return True
    apart = abs(math.log10(score.parameters / asked.parameters))
    same = generation_name(score.model) == generation_name(asked.model)
    return same and apart < SAME_DECADES


def _new(published: Iterable[Scored], stated: Sequence[Scored]) -> list[Scored]:
    """Published scores but for those that are stated as well."""
    return [
        row
        for row in published
        if not any(
            row.benchmark == other.benchmark
            and abs(row.score - other.score) < REPEATED
            and abs(math.log10(row.parameters / other.parameters)) < SAME_DECADES
            for other in stated
        )
    ]


def conditional(
    asked: Asked, benchmark: int, seen: Sequence[Scored], constants: BenchmarkConstants
) -> Belief:
    """The normal of the model's log-odds given scores of its line, as fitted.

    Args:
        asked: the model.
        benchmark: position of the benchmark.
        seen: scores of models of the asked model's line.
        constants: fitted numbers.
    """
    tokens = asked.tokens or constants.usual_tokens
    expected = plane(constants.benchmarks[benchmark], asked.parameters, tokens)
    variance = _expected_variance(asked, benchmark, constants)
    if not seen:
        return Belief(expected, variance)
    target = Scored(asked.model, asked.parameters, asked.tokens, benchmark, 0.0)
    every = kinship([*seen, target], constants)
    noise = np.array([_noise(score, constants) for score in seen])
    residual = np.array([residual_of(score, constants) for score in seen])
    cross = every[-1, :-1]
    gain = np.asarray(np.linalg.solve(every[:-1, :-1] + np.diag(noise), cross), np.float64)
    least = constants.noise[benchmark]
    return Belief(expected + float(gain @ residual), max(variance - float(gain @ cross), least))


def residual_of(score: Scored, constants: BenchmarkConstants) -> float:
    """How far a score lies from the plane, in z."""
    row = constants.benchmarks[score.benchmark]
    z = float(to_logit(score.score, row.floor, row.ceiling))
    return z - plane(row, score.parameters, score.tokens or constants.usual_tokens)


def sampling_variance(score: float, row: Benchmark) -> float:
    """Of a measured score, in z squared."""
    share = (score - row.floor) / (row.ceiling - row.floor)
    held = min(max(share, LEAST_SLOPE), 1.0 - LEAST_SLOPE)
    slope = held * (1.0 - held) * (row.ceiling - row.floor)
    return (sampling_sd(score, row) / slope) ** 2


def _noise(score: Scored, constants: BenchmarkConstants) -> float:
    row = constants.benchmarks[score.benchmark]
    return constants.noise[score.benchmark] + sampling_variance(score.score, row) + score.doubt


def _expected_variance(asked: Asked, benchmark: int, constants: BenchmarkConstants) -> float:
    target = Scored(asked.model, asked.parameters, asked.tokens, benchmark, 0.0)
    return float(kinship([target], constants)[0, 0]) + constants.noise[benchmark]


def kinship(scores: Sequence[Scored], constants: BenchmarkConstants) -> FloatArray:
    """Covariance of the departures of scores of one line. Shape (scores, scores)."""
    place = np.array([score.benchmark for score in scores])
    at = np.ix_(place, place)
    alike = likeness(scores, constants.usual_tokens)
    parts = (constants.line, constants.generation, constants.near)
    made = sum(np.array(part)[at] * share for part, share in zip(parts, alike, strict=True))
    slopes = np.array([constants.benchmarks[p].per_decade_tokens for p in place.tolist()])
    unknown = np.where([score.tokens is None for score in scores], slopes, 0.0)
    names = np.array([score.model for score in scores])
    same = names[:, None] == names[None, :]
    return np.asarray(made + constants.tokens_sd**2 * np.outer(unknown, unknown) * same)


def likeness(scores: Sequence[Scored], usual_tokens: float) -> tuple[FloatArray, ...]:
    """Shares in what a line, a generation and near neighbours have in common, each 0..1."""
    size = np.log10([score.parameters for score in scores])
    amount = np.log10([score.tokens or usual_tokens for score in scores])
    generation = np.array([generation_name(score.model) for score in scores])
    far = np.abs(size[:, None] - size[None, :])
    apart = far + np.abs(amount[:, None] - amount[None, :])
    same = generation[:, None] == generation[None, :]
    return (
        np.exp(-apart / FAR_DECADES),
        same * np.exp(-far / FAR_DECADES),
        np.exp(-apart / NEAR_DECADES),
    )
