"""The limits that the window masks by itself; without NumPy, for the first paint needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.question import Question


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits that the window masks by itself."""

    deadline_hours: float | None
    budget_usd: float | None
    min_accuracy: float | None


def bounds_of(question: Question) -> Bounds:
    """The limits of a question of one job that the window masks by itself."""
    job = question.jobs[0]
    whole = question.limits.hours_until_deadline(datetime.now(UTC))
    hours = [h for h in (whole, job.deadline_hours) if h is not None]
    return Bounds(min(hours) if hours else None, question.limits.budget_usd, job.min_accuracy)
