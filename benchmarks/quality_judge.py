"""Left-out errors of every part of accuracy prediction, with the solver's own functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import quality_fit as fit
from benchmarks import quality_tables as tables
from benchmarks.quality_report import Z80, Z90, Miss, normal_miss
from solver.estimate.quality_constants import quality_constants
from solver.estimate.quality_deltas import Recipe, format_sd, method_delta
from solver.estimate.quality_encoders import features_of, on_item, quality
from solver.estimate.quality_scale import from_logit, to_logit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Judge = Callable[["Path"], "Iterator[Miss]"]
"""Yields the left-out errors of one part from the folder of tables."""

TAIL = 1.9
"""Half-width of 90 % intervals of differences in standard deviations: their tails are heavy."""

GROUPS = {
    **dict.fromkeys(("MNLI", "SST-2", "QNLI", "QQP", "MRPC", "RTE"), "accuracy tasks"),
    "CoLA": "CoLA (MCC)",
    "STS-B": "STS-B",
    **dict.fromkeys(("SQuAD1.1", "SQuAD2.0"), "SQuAD F1"),
    **dict.fromkeys(tables.RECYCLED_TASKS, "27 other classifications"),
}


def encoders(folder: Path) -> Iterator[Miss]:
    """Leave one model out: cold, given its MNLI score, given all its other tasks."""
    table = tables.encoder_table(folder)
    for row, name in enumerate(table.models):
        constants = fit.fit_encoders(table, left_out=name)
        features = features_of(name, float(table.parameters[row]))
        z = {
            place: float(to_logit(table.scores[row, place], item.floor, item.ceiling))
            for place, item in enumerate(constants.items)
            if not np.isnan(table.scores[row, place])
        }
        for place in z:
            item = constants.items[place]
            others = {p: v for p, v in z.items() if constants.items[p].task != item.task}
            mnli = {p: v for p, v in others.items() if constants.items[p].task == "MNLI"}
            for label, known in (("cold", {}), ("given MNLI", mnli), ("given all others", others)):
                if label != "cold" and len(known) < (1 if label == "given MNLI" else 2):
                    continue
                belief = on_item(quality(features, known, constants), item, constants)
                sd = belief.variance**0.5
                ends = [
                    100 * float(from_logit(belief.mean + k * sd, item.floor, item.ceiling))
                    for k in (0.0, -Z80, Z80, -Z90, Z90)
                ]
                yield Miss(
                    f"encoder, {GROUPS[item.task]}, new model, {label}",
                    100 * float(table.scores[row, place]),
                    *ends,
                )


def methods(folder: Path) -> Iterator[Miss]:
    """Leave one model out: a method's score given full fine-tuning under the same recipe."""
    pairs = tables.method_pairs(folder)
    shipped = quality_constants()
    for name in sorted({pair.model for pair in pairs}):
        constants = shipped.model_copy(
            update={
                "methods": fit.fit_methods(pairs, left_out=name),
                "ranks": fit.fit_ranks(pairs, left_out=name),
            }
        )
        for pair in pairs:
            if pair.model != name or any(word in pair.notes for word in fit.OTHER_VARIANTS):
                continue
            recipe = Recipe(
                rank=None if math.isnan(pair.rank) else pair.rank,
                epochs=1.0 if math.isnan(pair.epochs) else pair.epochs,
                examples=None if math.isnan(pair.examples) else pair.examples,
                pretraining="continued" in pair.notes,
            )
            delta = method_delta(pair.method, pair.kind, constants, recipe)
            yield normal_miss(
                f"{pair.method}, {pair.kind}, new model",
                100 * pair.difference,
                100 * delta.mean,
                100 * delta.sd,
                TAIL,
            )


def formats(folder: Path) -> Iterator[Miss]:
    """Leave one model out: a number format's score given 16 bits."""
    differences = tables.format_differences(folder)
    models = sorted({model for group in differences.values() for model, _ in group})
    for name in models:
        cells = fit.fit_formats(differences, left_out=name)
        for (format_name, hard), group in differences.items():
            cell = next((c for c in cells if (c.format, c.hard) == (format_name, hard)), None)
            for model, value in group:
                if model == name and cell is not None and cell.pairs >= 4:
                    yield normal_miss(
                        f"{format_name}, {'hard' if hard else 'choices'}, new model",
                        100 * value,
                        100 * cell.delta,
                        100 * format_sd(cell),
                        TAIL,
                    )
