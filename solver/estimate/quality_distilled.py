"""What a student keeps of its teacher: the score of students that nobody has published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_full import MEASURED
from solver.estimate.quality_scale import from_logit, slope_at, to_logit

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import Item, QualityConstants, Retention
    from solver.estimate.quality_full import Full


def retention_on(item: Item, constants: QualityConstants) -> Retention | None:
    """What is kept on tasks of an item's size; None where it is not fitted."""
    return next((row for row in constants.retentions if row.large == item.large), None)


def beside_teacher(
    students: Full, teacher: Full, item: Item, retention: Retention
) -> tuple[FloatArray, FloatArray]:
    """Scores of distilled students, from themselves or from their teacher.

    A student that is published on the task stands for itself. The others score, in z, what their
    teacher does less what students lose: nearer than their own size and generation foretell, and
    the size of the student against its teacher adds nothing (12 students, 88 pairs).

    Args:
        students: scores of full fine-tuning, one entry a student.
        teacher: the same of the teacher, one entry.
        item: the task's line.
        retention: what students keep on tasks of its size.

    Returns:
        Mean and standard deviation. [ratio], shape (students,)
    """
    ends = item.floor, item.ceiling
    z = to_logit(teacher.mean, *ends) + retention.delta
    variance = (teacher.sd / slope_at(teacher.mean, *ends)) ** 2 + retention.sd**2
    mean = from_logit(z, *ends)
    sd = np.sqrt(variance) * slope_at(mean, *ends)
    published = students.evidence == MEASURED
    return np.where(published, students.mean, mean), np.where(published, students.sd, sd)
