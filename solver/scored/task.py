"""What the task and model of a case are to the catalogue: names, kind, chance, size, family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.estimate.quality_ground import item_of
from solver.scored.case import parameters_in

if TYPE_CHECKING:
    from catalog.schema import Task
    from catalog.tables import Catalog
    from solver.estimate.quality_constants import Item, QualityConstants
    from solver.scored.case import Case, Known

METRIC_CHANCE = {"mcc": 0.0, "f1": 0.0, "corr": 0.0}
"""Chance where the metric says it and the task is unknown or measured otherwise. [ratio]"""


@dataclass(frozen=True, slots=True)
class Subject:
    """The task and model of a case."""

    task: str
    """The catalogue's id, the case's own spelling where it has none."""
    known_task: Task | None
    item: Item | None
    kind: str
    chance: float
    ceiling: float
    model: str
    family: str
    parameters: float | None
    tokens: float | None
    encoder: bool
    """False for decoders and for models of which nothing says otherwise but a large size."""


LARGEST_ENCODER = 1.6e9
"""Unknown models beyond this size are taken for decoders. [1]"""


def subject_of(case: Case, catalog: Catalog, constants: QualityConstants) -> Subject:
    """Join a case to the catalogue."""
    task = task_named(case.task, catalog)
    model = catalog.model_named(case.model)
    parameters = case.parameters or (float(model.parameters) if model else None)
    parameters = parameters or parameters_in(case.model)
    name = model.name if model else case.model
    is_encoder = (
        name in constants.encoder.features
        if model is None or name in constants.encoder.features
        else model.architecture.value != "decoder"
    )
    if model is None and not is_encoder and parameters is not None:
        is_encoder = parameters <= LARGEST_ENCODER
    chance = task.chance if task else 0.0
    if case.metric in METRIC_CHANCE and task is not None and task.metric != case.metric:
        chance = METRIC_CHANCE[case.metric]
    return Subject(
        task=task.id if task else case.task,
        known_task=task,
        item=item_of(task.id, constants) if task else None,
        kind=task.kind if task else _kind_by_metric(case.metric),
        chance=chance,
        ceiling=task.ceiling if task else 1.0,
        model=name,
        family=model.family if model else "",
        parameters=parameters,
        tokens=case.tokens or (model.pretrain_tokens if model else None),
        encoder=is_encoder,
    )


def task_named(name: str, catalog: Catalog) -> Task | None:
    """The catalogue's task, whatever data it was trained on in brackets, or prefix before it."""
    for spelling in (name, name.split(" (", maxsplit=1)[0], name.rpartition(":")[2]):
        task = catalog.task_named(spelling.strip())
        if task is not None:
            return task
    return None


def _kind_by_metric(metric: str) -> str:
    if metric in {"pass@1", "humaneval"}:
        return "code"
    return "generation" if metric.startswith(("rouge", "bleu")) else "nlu_large"


def is_own(known: Known, case: Case, subject: Subject, catalog: Catalog) -> bool:
    """True for a known score of the case's own model; a score that names no model is."""
    model = catalog.model_named(known.model) if known.model else None
    name = model.name if model else known.model or subject.model
    return name.lower() in {subject.model.lower(), case.model.lower()}
