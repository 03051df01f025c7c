"""One line for every prediction: which published rows and pilots it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.schema import Architecture, MethodKind
from solver.estimate.quality_full import NONE
from solver.estimate.quality_pretraining import pretraining_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model
    from solver.estimate.configurations import IntArray
    from solver.estimate.quality_ground import Ground
    from solver.estimate.quality_pilots import Group
    from solver.question import Job
    from solver.space.variants import Variant

Basis = tuple[tuple[str, ...], ...]
"""By model and variant."""

WORDS = (
    "{rows} published scores of the model, {task} among them",
    "{rows} published scores of the model, on other tasks or with more data",
    "the model's size and generation alone: no published score",
    "not predicted: nothing published on this model or method",
)
"""By code of evidence."""


PROMPTED_WORDS = (
    "published scores of the model on the task without training",
    "the model's size, tokens, other benchmarks and family (ruan2024)",
    "the model's size, tokens and family alone (ruan2024)",
)
"""The same for a model that is only prompted."""


def published_basis(ground: Ground, rows: Sequence[int], evidence: IntArray) -> Basis:
    """Lines for predictions from publications.

    Args:
        ground: the task.
        rows: published rows behind each model.
        evidence: codes, shape (models, variants).
    """
    task = ground.task.id if ground.task else ""
    return tuple(
        tuple(WORDS[int(code)].format(rows=rows[place], task=task) for code in codes)
        for place, codes in enumerate(evidence)
    )


def pretraining_basis(
    job: Job, models: Sequence[Model], variants: Sequence[Variant], epochs: Sequence[int]
) -> Basis:
    """Lines for pre-training: the loss that is expected where a law covers it.

    Args:
        job: tokens, or the phases of a recipe.
        models: first axis.
        variants: second axis.
        epochs: passes that may be chosen; the line states the most.
    """
    tokens = job.tokens or float(sum(p.steps * p.batch_sequences * p.sequence for p in job.phases))

    def line(model: Model, variant: Variant) -> str:
        scratch = variant.method.kind is MethodKind.FROM_SCRATCH
        dense = model.architecture is Architecture.DECODER and not model.is_moe
        if not (scratch and dense and tokens > 0):
            return "no loss law covers this: its quality is unknown"
        loss = pretraining_loss(float(model.parameters), tokens, float(max(epochs)))
        return (
            f"a loss of about {loss:.2f} nats a token is expected (besiroglu2024), no accuracy "
            "follows from it"
        )

    return tuple(tuple(line(model, variant) for variant in variants) for model in models)


def pilot_basis(
    models: Sequence[Model],
    variants: Sequence[Variant],
    groups: Sequence[Group],
    rows: Sequence[int],
    evidence: IntArray,
) -> Basis:
    """Lines for predictions from pilots.

    Args:
        models: first axis.
        variants: second axis.
        groups: pilots, the leading group first.
        rows: published rows behind each model.
        evidence: codes, shape (models, variants).
    """
    lead = groups[0]
    count = len(lead.pilots)
    who = lead.model or "an unnamed model"
    measured = f"{count} pilot{'s' * (count > 1)} of {who} ({lead.method})"

    def line(row: int, column: int) -> str:
        if evidence[row, column] == NONE:
            return WORDS[NONE]
        if models[row].name == lead.model and variants[column].method.id == lead.method:
            return measured
        return f"{measured}, carried over by {rows[row]} published scores of the model"

    return tuple(
        tuple(line(row, column) for column in range(len(variants))) for row in range(len(models))
    )
