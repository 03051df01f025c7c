"""One line for every prediction: which published rows and pilots it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.estimate.quality_full import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model
    from solver.estimate.configurations import IntArray
    from solver.estimate.quality_ground import Ground
    from solver.estimate.quality_pilots import Group
    from solver.variants import Variant

Basis = tuple[tuple[str, ...], ...]
"""By model and variant."""

WORDS = (
    "{rows} published scores of the model, {task} among them",
    "{rows} published scores of the model on other tasks",
    "the model's size and generation alone: no published score",
    "not predicted: nothing published on this model or method",
)
"""By code of evidence."""


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
