"""What a decoder scores when it is only prompted: published, or by size and other benchmarks."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from catalog.schema import Architecture
from solver.estimate.quality_benchmarks import Asked, Scored, position_of, untrained
from solver.estimate.quality_decoders import FullScore
from solver.estimate.quality_encoders import Belief
from solver.estimate.quality_scale import from_logit, slope_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model, Score, Task
    from solver.estimate.quality_constants import Benchmark, BenchmarkConstants

PROMPTING_SD = 0.02
"""Spread of one model's score between evaluation harnesses and prompts. [ratio], judgement"""

HARNESS_SD = 0.012
"""The same of a predicted score, beside what sets of other models leave open. [ratio]"""

NEAR_CHANCE_SD = 0.008
"""Spread of models that guess, which lean on one letter or another. [ratio]"""

LEAST_SHARE = 0.005
"""Shares of right answers are held so far from none and all when their sampling is told. [ratio]"""

FACTS_TASK = "MMLU"
"""A benchmark of what pre-training left behind: fine-tuning on other data hardly moves it."""

FACTS_SD = 0.34
"""Spread of that benchmark after fine-tuning against before, in z: half of the interval that holds
80 % of 51 published runs of 12 decoders, over 1.2816; the median changes by 0.3 points. Some runs
collapsed."""

EVALUATED = {
    "MMLU": 14_042,
    "ARC-c": 1_172,
    "HellaSwag": 10_042,
    "WinoGrande": 1_267,
    "GSM8K": 1_319,
    "HumanEval": 164,
}
"""Questions of each benchmark's usual evaluation set: near chance all models differ by sampling."""


def sampling_sd(score: float, row: Benchmark) -> float:
    """Spread of a score by the questions of the evaluation set. [ratio]"""
    held = min(max(score, LEAST_SHARE), 1.0 - LEAST_SHARE)
    return float((held * (1.0 - held) / EVALUATED[row.task] + NEAR_CHANCE_SD**2) ** 0.5)


def in_any_harness(belief: Belief, row: Benchmark) -> Belief:
    """The belief where nobody says which harness and prompt are used."""
    score = float(from_logit(belief.mean, row.floor, row.ceiling))
    slope = float(slope_at(score, row.floor, row.ceiling))
    return Belief(belief.mean, belief.variance + (HARNESS_SD / max(slope, 0.05)) ** 2)


def prompted_score(
    model: Model, task: Task, rows: Sequence[Score], constants: BenchmarkConstants
) -> FullScore | None:
    """The score of a model that is prompted; None where nothing supports a number.

    Args:
        model: the base model.
        task: what it is asked.
        rows: published scores of the model.
        constants: planes of the benchmarks.
    """
    prompted = [row for row in rows if row.method == "prompting"]
    here = [r.score for r in prompted if (r.task, r.metric) == (task.id, task.metric)]
    if here:
        return FullScore(statistics.median(here), PROMPTING_SD, measured=True, unseen=False)
    place = position_of(task.id, constants)
    if place is None or model.architecture is not Architecture.DECODER:
        return None
    size, tokens = float(model.parameters), model.pretrain_tokens
    own = [
        Scored(model.name, size, tokens, at, row.score)
        for row in prompted
        if (at := position_of(row.task, constants)) is not None
    ]
    line = constants.benchmarks[place]
    found = untrained(Asked(model.name, model.family, size, tokens), place, own, (), constants)
    belief = in_any_harness(found, line)
    mean = float(from_logit(belief.mean, line.floor, line.ceiling))
    spread = float(slope_at(mean, line.floor, line.ceiling)) * belief.variance**0.5
    sd = (spread**2 + sampling_sd(mean, line) ** 2) ** 0.5
    return FullScore(mean, sd, measured=False, unseen=not own)


def facts_score(
    model: Model, task: Task | None, rows: Sequence[Score], constants: BenchmarkConstants
) -> FullScore | None:
    """Knowledge after fine-tuning: what the model knew before; None on other tasks."""
    place = position_of(FACTS_TASK, constants)
    if task is None or task.id != FACTS_TASK or place is None:
        return None
    before = prompted_score(model, task, rows, constants)
    if before is None:
        return None
    line = constants.benchmarks[place]
    moved = FACTS_SD * float(slope_at(before.mean, line.floor, line.ceiling))
    sd = (before.sd**2 + moved**2) ** 0.5
    return FullScore(before.mean, sd, measured=False, unseen=before.unseen)
