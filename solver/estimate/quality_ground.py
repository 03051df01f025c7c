"""What an accuracy prediction stands on, taken from the job, and when it must be refused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.question import Pilot, TaskFamily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Task
    from catalog.tables import Catalog
    from solver.estimate.quality_constants import Item, QualityConstants
    from solver.question import Job

MANY_EXAMPLES = 10_000
"""Classification with at least so many examples behaves like MNLI, with fewer like RTE."""

LARGEST_RATIO = 16.0
"""Examples of the job over those of the largest pilot: nothing is promised beyond. [1]"""

LARGEST_RATIO_SIX = 64.0
"""The same with six pilots or more. [1]"""

MANY_PILOTS = 6

ABOVE_CHANCE = 0.05
"""A pilot that does not exceed chance by so much says nothing of the curve. [ratio]"""

KINDS = {
    TaskFamily.QUESTION_ANSWERING: "qa",
    TaskFamily.GENERATION: "generation",
    TaskFamily.KNOWLEDGE: "knowledge",
    TaskFamily.MATHS: "math",
    TaskFamily.CODE: "code",
    TaskFamily.CHAT: "chat",
}
"""Key of the tables of differences; classification and regression follow the examples."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The task of a job as accuracy prediction sees it."""

    family: TaskFamily
    task: Task | None
    """None for a task that the catalogue does not know."""
    kind: str
    chance: float
    ceiling: float
    examples: float | None
    """Distinct training examples of the job. [1]"""
    item: Item | None
    """The line on which encoders are compared; None where none is fitted."""
    published_examples: float | None
    """Training examples behind the published scores. [1]"""
    teacher: str | None = None
    """Whose outputs a distilled student learns."""


def ground_of(
    job: Job, family: TaskFamily, catalog: Catalog, constants: QualityConstants
) -> Ground:
    """The job's task with chance, ceiling and what is published on it."""
    task = catalog.task_named(job.task) if job.task else None
    examples = _examples(job, task)
    if task is not None:
        return Ground(
            family=family,
            task=task,
            kind=task.kind,
            chance=task.chance,
            ceiling=task.ceiling,
            examples=examples,
            item=item_of(task.id, constants),
            published_examples=task.train_examples,
            teacher=job.teacher,
        )
    return Ground(
        family=family,
        task=None,
        kind=kind_of(family, examples),
        chance=_chance(job, family),
        ceiling=1.0,
        examples=examples,
        item=None,
        published_examples=None,
    )


def item_of(task: str, constants: QualityConstants) -> Item | None:
    """The encoder line of a task: on the development set where one is fitted, else the test set."""
    items = [item for item in constants.encoder.items if item.task == task]
    return min(items, key=lambda item: item.split != "dev", default=None)


def kind_of(family: TaskFamily, examples: float | None) -> str:
    """Key of the tables of differences for a task that the catalogue does not know."""
    small = examples is not None and examples < MANY_EXAMPLES
    return KINDS.get(family, "nlu_small" if small else "nlu_large")


def measured(job: Job, catalog: Catalog, constants: QualityConstants) -> tuple[Pilot, ...]:
    """The job's pilots, then what was kept of its task, then its own scores with all the data."""
    pilots = with_kept(job, catalog, constants).pilots
    if job.examples is None:
        return pilots
    own = tuple(
        Pilot(
            examples=job.examples,
            score=score.score,
            model=score.model,
            method=score.method,
            evaluated_on=score.evaluated_on,
        )
        for score in job.own_scores
    )
    return (*pilots, *own)


def with_kept(job: Job, catalog: Catalog, constants: QualityConstants) -> Job:
    """The job with what the user measured on its task before among its pilots."""
    if job.task is None or not constants.own:
        return job
    name = task_name(job.task, catalog)
    kept = [
        Pilot(
            examples=own.examples,
            score=own.score,
            model=own.model,
            method=own.method,
            epochs=own.epochs,
            evaluated_on=own.evaluated_on,
        )
        for own in constants.own
        if own.task == name
    ]
    return job.replace(pilots=(*job.pilots, *(pilot for pilot in kept if pilot not in job.pilots)))


def task_name(task: str, catalog: Catalog) -> str:
    """What a task is known by: the catalogue's id, or the user's own name in lower case."""
    known = catalog.task_named(task)
    return known.id if known else task.strip().lower()


def pilots_cannot_help(job: Job, family: TaskFamily) -> str:
    """Why no pilot would make the accuracy predictable; empty where some would."""
    because = _never_predicted(family)
    if not because and job.examples is None:
        return "pilots count examples, and the job states none"
    return because


def _never_predicted(family: TaskFamily) -> str:
    if family is TaskFamily.LANGUAGE_MODELLING:
        return "pre-training is judged by its loss: no accuracy follows from it"
    if family is TaskFamily.CHAT:
        return "the quality of a chat model is not predicted by anything published"
    return ""


def refusal(ground: Ground, pilots: Sequence[Pilot]) -> str:
    """Why no accuracy at all can be predicted; empty where some can."""
    because = _never_predicted(ground.family)
    if because:
        return because
    if ground.examples is None:
        return "the number of examples is not stated: accuracy is a function of examples"
    if not pilots:
        return "" if ground.task is not None else _NEW_TASK
    return _against_pilots(ground.examples, ground.chance, pilots, known=ground.task is not None)


_NEW_TASK = (
    "the task is new and no pilot is measured: across unseen tasks predictions miss by 17 points "
    "on average"
)


def near_chance(pilot: Pilot, chance: float) -> bool:
    """True for a pilot that may as well be guessing."""
    noise = math.sqrt(max(chance * (1.0 - chance), 0.01) / pilot.evaluated_on)
    return pilot.score - chance <= max(ABOVE_CHANCE, 2.0 * noise)


def _against_pilots(examples: float, chance: float, pilots: Sequence[Pilot], *, known: bool) -> str:
    if all(near_chance(pilot, chance) for pilot in pilots):
        return (
            "no pilot is clearly above chance: where the curve leaves chance cannot be foreseen; "
            "measure a larger pilot"
        )
    largest = max(pilot.examples for pilot in pilots)
    most = LARGEST_RATIO_SIX if len(pilots) >= MANY_PILOTS else LARGEST_RATIO
    if not known and examples > most * largest:
        return (
            f"{examples:,.0f} examples are more than {most:.0f} times the largest pilot "
            f"({largest:,}): measure a larger pilot"
        )
    return ""


def _chance(job: Job, family: TaskFamily) -> float:
    if family in (TaskFamily.CLASSIFICATION, TaskFamily.PAIR_CLASSIFICATION):
        return 1.0 / (job.classes or 2)
    return 0.0


def _examples(job: Job, task: Task | None) -> float | None:
    if job.examples is not None:
        return float(job.examples)
    if job.tokens is not None and task is not None and task.tokens_per_example:
        return job.tokens / task.tokens_per_example
    return None
