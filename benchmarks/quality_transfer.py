"""One model's score on a task from another's: how pilots are carried over, one task left out."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import quality_fit as fit
from benchmarks import quality_tables as tables
from benchmarks.quality_report import Z80, Miss, normal_miss
from solver.estimate.quality_encoders import Belief, features_of, quality
from solver.estimate.quality_pilots import carried_over, slope_of
from solver.estimate.quality_scale import to_logit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from solver.estimate.quality_constants import EncoderConstants

TAIL = 1.9
"""Half-width of 90 % intervals in standard deviations: differences have heavy tails."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A score foretold from another model's exact score on the same task."""

    task: str
    large: bool
    actual: float
    predicted: float
    sd: float
    """Before calibration. [ratio]"""


def carried(table: tables.EncoderTable, constants: EncoderConstants) -> list[Carried]:
    """Every ordered pair of models on every task, by the lines of other tasks of its size.

    The score that is given is exact; a pilot's own doubt comes on top.
    """
    found = []
    for column, (task, _) in enumerate(table.items):
        large = task in tables.LARGE_TASKS
        alike = [i for i in constants.items if i.task != task and i.large == large]
        slope = slope_of(alike, tables.LIMITS[task][0], 1.0)
        rows = [int(row) for row in np.flatnonzero(np.isfinite(table.scores[:, column]))]
        beliefs = {row: _without(table, row, task, constants) for row in rows}
        for given, asked in itertools.permutations(rows, 2):
            told = float(table.scores[given, column])
            apart, doubt = carried_over(told, beliefs[given], [beliefs[asked]], np.zeros(1), slope)
            actual = float(table.scores[asked, column])
            found.append(Carried(task, large, actual, told + float(apart[0]), float(doubt[0])))
    return found


def carry(found: Sequence[Carried], left_out: str = "") -> float:
    """Factor on the doubt on large tasks with which 80 % intervals hold 80 % of the pairs. [1]

    On smaller tasks they do without one.
    """
    misses = [
        abs(pair.actual - pair.predicted) / pair.sd
        for pair in found
        if pair.large and pair.task != left_out
    ]
    return float(np.quantile(misses, 0.8)) / Z80


def transfers(folder: Path) -> Iterator[Miss]:
    """Leave one task out of lines, of qualities and of the factor on the doubt."""
    table = tables.encoder_table(folder)
    found = carried(table, fit.fit_encoders(table))
    first = {pair.task: pair for pair in found}
    factors = {pair.task: carry(found, pair.task) if pair.large else 1.0 for pair in first.values()}
    for pair in found:
        size = "10,000 examples or more" if pair.large else "fewer examples"
        yield normal_miss(
            f"encoder, new task, {size}, another model's score known",
            100 * pair.actual,
            100 * pair.predicted,
            100 * pair.sd * factors[pair.task],
            TAIL,
        )


def _without(
    table: tables.EncoderTable, row: int, task: str, constants: EncoderConstants
) -> Belief:
    """A model's quality from all tasks but one."""
    known = {
        place: float(to_logit(table.scores[row, place], item.floor, item.ceiling))
        for place, item in enumerate(constants.items)
        if item.task != task and not np.isnan(table.scores[row, place])
    }
    features = features_of(table.models[row], float(table.parameters[row]))
    return quality(features, known, constants)
