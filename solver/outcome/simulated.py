"""A plan tried on outcomes that its choice has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.outcome.frequency import simulation_of
from solver.outcome.seal import sealed
from solver.plan import Solved, Stopped
from solver.recomputed import Recomputed

if TYPE_CHECKING:
    from solver.plan import Answer

OWN_SEED = 1
"""Another one than that with which plans are chosen, so that luck of the choice shows."""


def with_simulation(answer: Answer, draws: int, seed: int = OWN_SEED) -> Answer:
    """The answer with how often its plan keeps every limit, where it has a plan.

    Jobs share their factors of time, price and accuracy as they do where plans are chosen.

    Args:
        answer: any.
        draws: outcomes to draw. [1]
        seed: of the generator.
    """
    if not isinstance(answer, Solved | Stopped) or not answer.jobs:
        return answer
    again = Recomputed(answer)
    outcomes = again.drawn(draws, seed)
    if outcomes is None:
        return answer
    names = [job.name for job in answer.question.jobs]
    promised = answer.question.limits.confidence
    found = {"simulation": simulation_of(outcomes, again.limits, names, promised, seed)}
    if isinstance(answer, Solved):
        return sealed(answer.model_copy(update=found))
    return sealed(answer.model_copy(update=found))
