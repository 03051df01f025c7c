"""What a decoder scores when it is only prompted: published, or by size and other benchmarks."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from catalog.schema import Architecture
from solver.estimate.quality_benchmarks import Asked, Scored, position_of, sampling_sd, untrained
from solver.estimate.quality_decoders import FullScore
from solver.estimate.quality_scale import from_logit, slope_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model, Score, Task
    from solver.estimate.quality_constants import BenchmarkConstants

PROMPTING_SD = 0.02
"""Spread of one model's score between evaluation harnesses and prompts. [ratio], judgement"""

FACTS_TASK = "MMLU"
"""A benchmark of what pre-training left behind: fine-tuning on other data hardly moves it."""

FACTS_SD = 0.34
"""Spread of that benchmark after fine-tuning against before, in z: half of the interval that holds
80 % of 51 published runs of 12 decoders, over 1.2816; the median changes by 0.3 points. Some runs
collapsed."""


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
    belief = untrained(Asked(model.name, model.family, size, tokens), place, own, constants)
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
