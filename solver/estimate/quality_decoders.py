"""What a decoder scores after full fine-tuning on a task with all its data.

Three ways, the first that applies: its own published fine-tunings on the task; GSM8K from its
few-shot score, measured or predicted; LoRA Land's tasks from the models tuned there.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.estimate.quality_benchmarks import Asked, Scored, position_of, untrained
from solver.estimate.quality_deltas import method_delta
from solver.estimate.quality_encoders import FULL_METHODS, Belief
from solver.estimate.quality_scale import from_logit, slope_at, to_logit
from solver.estimate.quality_tuned import maths_after_tuning, tuned, tuned_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model, Score
    from solver.estimate.quality_constants import QualityConstants
    from solver.estimate.quality_ground import Ground

FEW_SHOT_VARIANCE = 0.05**2
"""Of a measured few-shot score, in z squared."""

REPEAT_SD = 0.02
"""Spread of published fine-tunings of one model on one task between recipes. [ratio], judgement"""

MATHS_TASK = "GSM8K"

MOST_DATA = 0.5
"""Share of a task's examples with which a published score counts as full-data. [ratio]"""

PROMPT_GAIN, PROMPT_VARIANCE = 0.33, 0.45**2
"""Of few-shot scores on GSM8K as the line was fitted (eight worked solutions, github
OFA-Sys/gsm8k-ScRel) over those of an evaluation harness (five), in z: median and spread of seven
models."""

LINE_FAMILIES = ("Llama 1", "Llama 2")
"""Families on which the line from few-shot scores was fitted."""

OTHER_FAMILY_VARIANCE = 0.3**2
"""Added for other families, in z squared: judgement, 7 points at even odds."""


@dataclass(frozen=True, slots=True)
class FullScore:
    """A predicted score and whether it is measured, interpolated or unseen."""

    mean: float
    """[ratio]"""
    sd: float
    """[ratio]"""
    measured: bool
    unseen: bool


def decoder_score(
    model: Model, ground: Ground, rows: Sequence[Score], constants: QualityConstants
) -> FullScore | None:
    """Full fine-tuning of a decoder on the task; None where nothing supports a number.

    Args:
        model: the decoder.
        ground: the task.
        rows: published scores of the model.
        constants: fitted numbers.
    """
    if ground.task is None:
        return None
    task = ground.task
    own = own_score(ground, rows)
    if own is not None:
        return own
    if task.id == MATHS_TASK:
        few_shot, measured = few_shot_maths(model, rows, constants)
        belief = maths_after_tuning(as_on_line(few_shot), constants.maths)
        if model.family not in LINE_FAMILIES:
            belief = Belief(belief.mean, belief.variance + OTHER_FAMILY_VARIANCE)
        return _as_score(belief, unseen=not measured)
    row = tuned_task(task.id, constants.tuned)
    if row is None:
        return None
    # the table is of 4-bit LoRA: what full fine-tuning would add is taken off again by the method
    found = _as_score(tuned(row, float(model.parameters), {}, constants.tuned), unseen=False)
    lora = method_delta("qlora", ground.kind, constants)
    return FullScore(found.mean - lora.mean, found.sd, measured=False, unseen=False)


def as_on_line(few_shot: Belief) -> Belief:
    """A harness's few-shot score on GSM8K as the line to fine-tuning takes it."""
    return Belief(few_shot.mean + PROMPT_GAIN, few_shot.variance + PROMPT_VARIANCE)


def own_score(ground: Ground, rows: Sequence[Score]) -> FullScore | None:
    """Published fine-tunings of the model on the task with most of its data, if there are any."""
    task = ground.task
    if task is None:
        return None
    enough = MOST_DATA * (task.train_examples or 0.0)
    own = [
        row.score
        for row in rows
        if row.task == task.id
        and row.metric == task.metric
        and row.method in FULL_METHODS
        and (row.train_examples is None or row.train_examples >= enough)
    ]
    if not own:
        return None
    return FullScore(statistics.median(own), REPEAT_SD, measured=True, unseen=False)


def few_shot_maths(
    model: Model, rows: Sequence[Score], constants: QualityConstants
) -> tuple[Belief, bool]:
    """Log-odds on GSM8K before fine-tuning, and whether it is measured."""
    stated = [r.score for r in rows if r.task == MATHS_TASK and r.method == "prompting"]
    if stated:
        z = float(to_logit(statistics.median(stated), 0.0, 1.0))
        return Belief(z, FEW_SHOT_VARIANCE), True
    place = position_of(MATHS_TASK, constants.benchmarks) or 0
    own = [
        Scored(model.name, float(model.parameters), model.pretrain_tokens, at, row.score)
        for row in rows
        if row.method == "prompting"
        and (at := position_of(row.task, constants.benchmarks)) is not None
    ]
    asked = Asked(model.name, model.family, float(model.parameters), model.pretrain_tokens)
    found = untrained(asked, place, own, constants.benchmarks)
    line = constants.benchmarks.benchmarks[place]
    score = min(max(float(from_logit(found.mean, line.floor, line.ceiling)), 0.005), 0.995)
    steeper = float(slope_at(score, line.floor, line.ceiling) / slope_at(score, 0.0, 1.0))
    return Belief(float(to_logit(score, 0.0, 1.0)), found.variance * steeper**2), False


def _as_score(belief: Belief, *, unseen: bool) -> FullScore:
    mean = float(from_logit(belief.mean, 0.0, 1.0))
    sd = float(slope_at(mean, 0.0, 1.0)) * belief.variance**0.5
    return FullScore(mean, sd, measured=False, unseen=unseen)
