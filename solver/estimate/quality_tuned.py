"""What decoders of 2 to 8 billion parameters score after 4-bit LoRA fine-tuning on a known task.

The typical score of a task over all models measured, on the log-odds scale, with an offset for
small models and one for the model itself where its other fine-tunings are known. What a model
scores before fine-tuning says next to nothing of it (correlation 0.19), except on maths, where the
few-shot score is the best predictor there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.estimate.quality_encoders import Belief
from solver.estimate.quality_scale import to_logit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver.estimate.quality_constants import MathsLine, TunedConstants, TunedTask

SMALL = 3e9
"""Decoders up to this size are small. [1]"""


def tuned_task(task: str, constants: TunedConstants) -> TunedTask | None:
    """The row of a task, None where no model was tuned on it."""
    return next((row for row in constants.tasks if row.task == task), None)


def tuned(
    row: TunedTask, parameters: float, known: Mapping[str, float], constants: TunedConstants
) -> Belief:
    """Log-odds of a decoder fine-tuned on a task with all its data.

    Args:
        row: the task.
        parameters: of the model. [1]
        known: scores of the same model tuned the same way on other tasks. [ratio] by task
        constants: fitted numbers.
    """
    offset = constants.small_offset if parameters <= SMALL else 0.0
    belief = Belief(offset, constants.model_sd**2)
    for task, score in known.items():
        other = tuned_task(task, constants)
        if other is not None and task != row.task:
            z = float(to_logit(score, 0.0, 1.0))
            belief = belief.seen(z - other.typical, other.sd**2)
    return Belief(row.typical + belief.mean, row.sd**2)


def maths_after_tuning(few_shot: Belief, line: MathsLine) -> Belief:
    """Log-odds on GSM8K after full fine-tuning on its training set, from the few-shot score.

    Args:
        few_shot: log-odds (between 0 and 1) of the model before fine-tuning.
        line: fitted on one recipe (github OFA-Sys/gsm8k-ScRel, supervised fine-tuning).
    """
    return Belief(
        line.level + line.slope * few_shot.mean,
        line.slope**2 * few_shot.variance + line.sd**2,
    )
