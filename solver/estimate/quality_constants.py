"""The fitted numbers behind every accuracy prediction, as `fitted/quality.json` holds them.

They are made by `python -m benchmarks.quality fit --data FOLDER` from published results; the file
states the date, the rows used and the error by left-out model. Scores are ratios (0..1) throughout.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

FITTED = Path(__file__).parent / "fitted" / "quality.json"


class Constant(BaseModel):
    """A part of the fitted numbers: immutable, exact keys, finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Item(Constant):
    """A task and split on which encoders are compared: z = offset + slope · quality."""

    task: str
    split: str
    metric: str
    floor: float
    """Score of a model that knows nothing. [ratio]"""
    ceiling: float
    offset: float
    slope: float
    noise: float
    """Spread of published scores around the line, in z. [1]"""
    models: int
    large: bool
    """10,000 training examples or more: models differ less there, and less noisily."""


class EncoderConstants(Constant):
    """Latent quality of fine-tuned encoders and encoder-decoders."""

    items: tuple[Item, ...]
    weights: tuple[float, ...]
    """Expected quality = weights · (1, log10 parameters - 8, generation 1, generation 2,
    distilled)."""
    variance: float
    """Variance of quality around that expectation."""
    inflation: float
    """Factor on standard deviations that makes left-out intervals hold what they claim."""
    repeat_sd: float
    """Spread between publications of one model on one task and split, in z. [1]"""
    features: dict[str, tuple[float, ...]]
    """Features of the models that the fit has seen, by catalogue name."""
    elsewhere: dict[str, dict[str, float]]
    """Scores of models that the catalogue has none of: [ratio] by "task split", by model."""
    carry_large: float = 1.0
    """Factor on the doubt with which a score is carried to another model on a task of 10,000
    examples or more: makes left-out intervals hold what they claim. Smaller tasks need none."""


class Cell(Constant):
    """Score of a method minus full fine-tuning, for a kind of task. [ratio]"""

    method: str
    kind: str
    """Key of `catalog.schema.Task.kind`; empty: all kinds together."""
    delta: float
    sd: float
    pairs: int
    models: int


class RankLaw(Constant):
    """What low rank costs in a kind of task: normal belief about (a, b, c) of `quality_rank`."""

    kind: str
    mean: tuple[float, float, float]
    covariance: tuple[tuple[float, float, float], ...]
    between: float
    """Spread between models. [ratio]"""
    residual: float
    """Spread between runs, the evaluation's sampling included. [ratio]"""
    pairs: int
    models: int


class FormatCell(Constant):
    """Score in a number format minus the score in 16 bits. [ratio]"""

    format: str
    hard: bool
    """True for generative and knowledge tasks, False for choices among few."""
    delta: float
    sd: float
    pairs: int
    models: int


class Prior(Constant):
    """Gaussian over (logit of the limit, start, log10 of the half-way size, log exponent)."""

    mean: tuple[float, float, float, float]
    covariance: tuple[tuple[float, float, float, float], ...]


class Discrepancy(Constant):
    """How far real curves leave the fitted one, by number of pilots."""

    pilots: int
    damping: float
    """Share of the gain beyond the largest pilot that is believed."""
    trust: float
    """Share of the best pilot's distance from the fitted curve by which the curve is moved."""
    base: float
    """[ratio] at even odds."""
    per_doubling: float
    """Added for each doubling beyond the largest pilot. [ratio]"""
    shrink: float
    """Factor on the posterior's own spread."""


class CurveConstants(Constant):
    """What is known of data curves before any pilot is measured."""

    examples: Prior
    discrepancies: tuple[Discrepancy, ...]
    repeat_worth: float
    """R*: passes over the same data are worth at most so many fresh ones. [1]"""
    max_epochs: float
    """Passes beyond this add nothing. [1]"""
    head_base: float = 0.0
    """Joins `Discrepancy.base` where a new head saw few examples. [ratio] at even odds"""


class Benchmark(Constant):
    """A benchmark of pre-trained decoders: a plane on the log-odds scale."""

    task: str
    floor: float
    ceiling: float
    level: float
    """At 6.3 billion parameters and 10^12 tokens, in z."""
    per_decade_parameters: float
    per_decade_tokens: float
    inflation_cold: float
    """Factor on the spread where nothing but size is known."""
    inflation_line: float
    """The same where scores of its line are known, none of its generation."""
    inflation_siblings: float
    """The same where scores of its generation are known."""
    inflation_alone: float
    """The same where its own scores are known, none of others of its generation."""
    inflation_own: float
    """The same where both are known."""


class Decoder(Constant):
    """Published scores of a pre-trained decoder, prompted."""

    name: str
    parameters: float
    """[1]"""
    tokens: float | None
    """Pre-training tokens, None where unknown. [token]"""
    scores: tuple[float | None, ...]
    """[ratio] by benchmark, None where none is published."""


class BenchmarkConstants(Constant):
    """Scores of pre-trained decoders by size, tokens and kindred models."""

    benchmarks: tuple[Benchmark, ...]
    line: tuple[tuple[float, ...], ...]
    """Covariance between benchmarks of what all models of a line share, in z squared."""
    generation: tuple[tuple[float, ...], ...]
    """The same of what models of one generation share."""
    near: tuple[tuple[float, ...], ...]
    """The same of what models of much the same size and tokens share."""
    noise: tuple[float, ...]
    """Variance of a score beside the sampling of its questions, by benchmark, in z squared."""
    usual_tokens: float
    """Assumed where pre-training tokens are unknown. [token]"""
    tokens_sd: float
    """Spread of that assumption, in decades."""
    decoders: tuple[Decoder, ...]
    """What is published, condensed to one score a model and benchmark."""


class TunedTask(Constant):
    """A task on which decoders were fine-tuned under one recipe."""

    task: str
    typical: float
    """Median over models, log-odds between 0 and 1."""
    sd: float
    """Half of the interval that holds 80 % of models, over 1.2816, in z."""
    models: int


class TunedConstants(Constant):
    """Decoders after 4-bit LoRA fine-tuning (LoRA Land)."""

    tasks: tuple[TunedTask, ...]
    small_offset: float
    """Models up to 3 billion parameters against the larger ones, in z."""
    model_sd: float
    """Spread of models over tasks, in z."""


class MathsLine(Constant):
    """GSM8K after full fine-tuning against the few-shot score before it, in z."""

    level: float
    slope: float
    sd: float
    models: int


class Retention(Constant):
    """What a distilled student scores beside its teacher, in z."""

    large: bool
    """10,000 training examples or more."""
    delta: float
    sd: float
    """Half of the interval that holds 80 % of students, over 1.2816."""
    pairs: int
    students: int


class LossConstants(Constant):
    """Fine-tuning loss against examples: E + c(1 + n/n0)^-beta, relative to the first pilot."""

    mean: tuple[float, float, float, float]
    """Of (ln E/first, ln c/first, log10 n0, log beta)."""
    covariance: tuple[tuple[float, ...], ...]
    noise: float
    """Of one measurement, as the curve is fitted. [1], relative"""
    run_noise: float
    """Of the run asked for. [1], relative"""
    shrink: float
    """Factor on the curves' own spread."""
    per_doubling: float
    """Doubt added at one doubling beyond the largest pilot; it grows with the power 1.5. [1]"""


class OwnScore(Constant):
    """A score that the user measured on a task, kept between questions."""

    task: str
    """The catalogue's id of the task, the user's own name where it has none."""
    model: str
    method: str
    examples: int
    epochs: int
    score: float
    """[ratio]"""
    evaluated_on: int
    """Examples in the evaluation set. [1]"""
    read_on: date
    source: str
    """Name of the file it was read from."""


class QualityConstants(Constant):
    """All fitted numbers of accuracy prediction."""

    date: str
    command: str
    encoder: EncoderConstants
    methods: tuple[Cell, ...]
    ranks: tuple[RankLaw, ...]
    formats: tuple[FormatCell, ...]
    curve: CurveConstants
    benchmarks: BenchmarkConstants
    tuned: TunedConstants
    maths: MathsLine
    loss: LossConstants
    retentions: tuple[Retention, ...] = ()
    own: tuple[OwnScore, ...] = ()
    """What the user measured; a question about the same task counts it among its pilots."""


@cache
def quality_constants() -> QualityConstants:
    """The shipped constants."""
    return QualityConstants.model_validate_json(FITTED.read_bytes())
