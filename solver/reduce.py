"""Exact reduction: leave out candidates that another one beats whatever the limits are.

c removes c' when c is no worse in every quantity that a limit, aim or tie-break uses, takes no more
of a scarce pool, and is better in one of them or comes first by key. Values of limits play no part,
so one reduced set serves drags, relaxations and sweeps.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.plan import LimitName
    from solver.program import JobColumns

MOST_BINS, FEWEST_BINS = 96, 6
"""Classes into which a sieve cuts a quantity: more find more, at more cost. [1]"""

MOST_CELLS, CELLS_FOR_EACH = 1_500_000, 8
"""Size of a sieve's table, in all and for each entry: a larger one costs more than it saves. [1]"""

BLOCK = 256
"""Entries that are compared with each other at once: what they make stays in the cache. [1]"""

MOST_GROUPS = 200_000
"""Groups up to which a table of all of them is cheaper than sorting. [1]"""


def reduced(columns: JobColumns, limited: Iterable[LimitName]) -> IntArray:
    """Positions of the candidates that can be part of a best plan, ascending.

    Args:
        columns: a job's candidates, ordered by key.
        limited: names of the quantities that some limit of the question bounds. Hours, dollars and
            accuracy always count, for every aim and tie-break uses them.
    """
    used = set(limited)
    classes = [columns.pool, columns.takes, columns.gives]
    classes += [_ranks(row) for row in columns.quota_gpus]
    if "max_gpus" in used:
        classes.append(_ranks(columns.gpus))
    if np.any(columns.pool >= 0):
        classes.append(_ranks(np.where(columns.pool >= 0, columns.instances, 0.0)))
    inaccuracy = -np.nan_to_num(columns.accuracy, nan=-1.0)
    others = [columns.hours]
    if "co2" in used:
        others.append(np.nan_to_num(columns.co2_kg, nan=np.inf))
    # Many candidates share a size and a latency: the sieve looks among those that do.
    finished = [
        np.nan_to_num(column, nan=np.inf)
        for name, column in (
            ("max_deployed", columns.deployed_gb),
            ("max_latency", columns.latency_ms),
        )
        if name in used
    ]
    alike = [*classes, *map(_ranks, finished)]
    kept = _sieved(columns.usd, others, _joint([*alike, columns.level]))
    rest = [row[kept] for row in (inaccuracy, *others)]
    kept = kept[_sieved(columns.usd[kept], rest, _joint([column[kept] for column in alike]))]
    rows = [columns.usd, inaccuracy, *others]
    if finished:
        # Smaller breaks no tie of an aim: what is equal but for it goes by key.
        rows = [_ordered(rows), inaccuracy, *others, *finished]
    group = _joint([column[kept] for column in classes])
    quantities = np.array([row[kept] for row in rows])
    survivors = [
        members[undominated(quantities[:, members], members)]
        for members in (np.flatnonzero(group == g) for g in np.unique(group).tolist())
    ]
    return np.sort(kept[np.concatenate(survivors)]) if survivors else kept


def undominated(quantities: FloatArray, order: IntArray) -> IntArray:
    """Positions that no other entry dominates, in ascending order.

    Args:
        quantities: one row for each quantity, smaller is better, no NaN; shape (d, n).
        order: rank of each entry's key: of equal entries the smallest stays; shape (n,).
    """
    sequence = np.lexsort((order, *quantities[::-1]))
    points = np.ascontiguousarray(quantities[:, sequence])
    # In this sequence nobody is dominated by one that comes later, and the first row only ascends.
    kept = np.zeros(0, dtype=np.int64)
    for start in range(0, len(sequence), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(sequence)))
        block = block[~_dominates(points[1:, kept], points[1:, block]).any(axis=0)]
        inside = _dominates(points[1:, block], points[1:, block])
        kept = np.concatenate([kept, block[~np.triu(inside, 1).any(axis=0)]])
    return np.sort(sequence[kept])


def _dominates(these: FloatArray, those: FloatArray) -> BoolArray:
    """Whether each of these is nowhere above each of those, shape (these, those)."""
    made = np.ones((these.shape[1], those.shape[1]), dtype=bool)
    for one, other in zip(these, those, strict=True):
        made &= one[:, None] <= other
    return made


def _sieved(usd: FloatArray, others: list[FloatArray], group: IntArray) -> IntArray:
    """A cheap sieve: an entry goes where its group holds a cheaper one that is better by class.

    Args:
        usd: one quantity, smaller is better, shape (n,).
        others: the others, smaller is better; each is cut into classes, shape (n,).
        group: entries of different groups are not compared, shape (n,).
    """
    if len(usd) == 0:
        return np.zeros(0, dtype=np.int64)
    groups = int(group.max()) + 1
    cells = min(MOST_CELLS, CELLS_FOR_EACH * len(usd))
    bins = min(MOST_BINS, int((cells / groups) ** (1.0 / len(others))))
    if bins < FEWEST_BINS:
        return np.arange(len(usd))
    cell = group.copy()
    for row in others:
        cell = cell * bins + _classes(row, bins)
    cheapest = np.full(groups * bins ** len(others), np.inf)
    np.minimum.at(cheapest, cell, usd)
    table = cheapest.reshape(-1, *[bins] * len(others))
    for axis in range(1, len(others) + 1):
        table = _before(np.minimum.accumulate(table, axis=axis), axis)
    return np.flatnonzero(table.ravel()[cell] > usd)


def _classes(values: FloatArray, bins: int) -> IntArray:
    """Classes that ascend with the value, 0 to bins - 1; logarithmic where all are positive."""
    known = np.isfinite(values)
    every = bool(known.all())
    finite = values if every else values[known]
    if len(finite) == 0:
        return np.zeros(len(values), dtype=np.int64)
    low, high = float(finite.min()), float(finite.max())
    place = np.array(values, copy=True)
    if low > 0.0:
        np.log(place, out=place)
        low, high = math.log(low), math.log(high)
    place -= low
    place *= (bins - 1) / max(high - low, 1e-12)
    if not every:
        place[~known] = bins - 1
    np.clip(place, 0.0, bins - 1.0, out=place)
    return place.astype(np.int64)


def _before(table: FloatArray, axis: int) -> FloatArray:
    """The table moved by one class along an axis: what lies in lower classes only."""
    moved = np.roll(table, 1, axis=axis)
    moved[(slice(None),) * axis + (0,)] = np.inf
    return moved


def _ordered(rows: list[FloatArray]) -> FloatArray:
    """Places in the order of the first row, then the second …; equal entries keep their order."""
    places = np.empty(len(rows[0]))
    places[np.lexsort(rows[::-1])] = np.arange(len(places))
    return places


def _ranks(values: NDArray[Any]) -> IntArray:
    """Equal values get equal small numbers."""
    _, inverse = np.unique(values, return_inverse=True)
    return inverse.reshape(-1)


def _joint(classes: list[IntArray]) -> IntArray:
    """One number for each combination of classes, small where there are few combinations."""
    joint = np.zeros(len(classes[0]), dtype=np.int64)
    sizes = 1
    for column in classes:
        shifted = column - column.min(initial=0)
        sizes *= int(shifted.max(initial=0)) + 1
        joint = joint * (int(shifted.max(initial=0)) + 1) + shifted
    return joint if sizes <= MOST_GROUPS else _ranks(joint)
