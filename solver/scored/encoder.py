"""A case on a task with encoder lines: by the model's quality, on the split it was likely told of.

A case does not state its split. Development and test lines differ by up to four points, so both
are answered and joined, unless every published score of the model is of one split.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_encoders import (
    Belief,
    features_of,
    known_scores,
    quality,
    scores_elsewhere,
)
from solver.estimate.quality_full import UNLIKE_ENCODERS, on_task
from solver.estimate.quality_scale import from_logit, slope_at, to_logit
from solver.scored.case import UNTRAINED
from solver.scored.delta import listed_delta, recipe_of
from solver.scored.forecast import Forecast, on_scale
from solver.scored.task import is_own, task_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Score
    from catalog.tables import Catalog
    from solver.estimate.quality_constants import EncoderConstants, Item, QualityConstants
    from solver.scored.case import Case, Known
    from solver.scored.forecast import Evidence
    from solver.scored.task import Subject


def from_encoders(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> Forecast | None:
    """Full fine-tuning with all data; None where the task has no line in the case's metric."""
    lines = constants.encoder
    items = [item for item in lines.items if item.task == subject.task]
    if not items or (case.metric and case.metric not in {items[0].metric, "spearman", "pearson"}):
        return None
    rows = [score for score in catalog.scores if score.model == subject.model]
    items = _likely(items, rows)
    found = [_on(item, case, subject, rows, catalog, constants) for item in items]
    known = max(count for _, count, _ in found)
    measured = any(here for _, _, here in found)
    evidence: Evidence = "measured" if measured else "interpolated" if known else "unseen"
    reason = f"{known} known scores of the model" if known else "size and generation alone"
    belief = _joined([(item, b) for item, (b, _, _) in zip(items, found, strict=True)])
    return on_scale(belief, items[0].floor, items[0].ceiling, evidence, reason)


def _likely(items: list[Item], rows: Sequence[Score]) -> list[Item]:
    """The items of the splits on which the model is published; all where that says nothing."""
    splits = {row.split for row in rows if row.task != items[0].task and row.split}
    kept = [item for item in items if item.split in splits]
    return kept or items


def _on(
    item: Item,
    case: Case,
    subject: Subject,
    rows: Sequence[Score],
    catalog: Catalog,
    constants: QualityConstants,
) -> tuple[Belief, int, bool]:
    """Belief on one item, the number of scores behind it, and whether one is of this task."""
    lines = constants.encoder
    known = {**scores_elsewhere(subject.model, lines), **known_scores(rows, lines)}
    for entry in case.known:
        if is_own(entry, case, subject, catalog):
            known.update(_stated(entry, item.split, catalog, constants))
    features = lines.features.get(subject.model) or features_of(
        subject.model, subject.parameters or 1e8
    )
    spread = 1.0 if subject.encoder else UNLIKE_ENCODERS
    elsewhere = {p: z for p, z in known.items() if lines.items[p].task != item.task}
    here = {p: z for p, z in known.items() if lines.items[p].task == item.task}
    place = _place(item, lines)
    belief = quality(features, elsewhere, lines, spread=spread)
    return on_task(belief, here, place, item, lines), len(known), bool(here)


def _stated(
    entry: Known, split: str, catalog: Catalog, constants: QualityConstants
) -> dict[int, float]:
    """A known score of the case's own model as z on its line, of the same split if there is one."""
    task = task_named(entry.task, catalog)
    lines = constants.encoder
    items = [item for item in lines.items if task is not None and item.task == task.id]
    if not items or task is None or entry.method == UNTRAINED:
        return {}
    if entry.metric and entry.metric != items[0].metric:
        return {}
    item = next((item for item in items if item.split == split), items[0])
    recipe = recipe_of(entry.rank, entry.epochs, entry.examples, entry.task)
    score = entry.score - listed_delta(entry.method, task.kind, constants, recipe).mean
    return {_place(item, lines): float(to_logit(score, item.floor, item.ceiling))}


def _joined(beliefs: Sequence[tuple[Item, Belief]]) -> Belief:
    """An even mixture over splits: mean of the scores, their own doubt and their distance."""
    means, variances = [], []
    for item, belief in beliefs:
        score = float(from_logit(belief.mean, item.floor, item.ceiling))
        means.append(score)
        slope = float(slope_at(score, item.floor, item.ceiling))
        variances.append(slope**2 * belief.variance)
    if len(beliefs) == 1:
        return beliefs[0][1]
    item = beliefs[0][0]
    mean = float(np.mean(means))
    variance = float(np.mean(variances) + np.var(means))
    slope = float(slope_at(mean, item.floor, item.ceiling))
    return Belief(float(to_logit(mean, item.floor, item.ceiling)), variance / slope**2)


def _place(item: Item, lines: EncoderConstants) -> int:
    return lines.items.index(item)
