"""Exact reduction: leave out candidates that another one beats whatever the limits are.

c removes c' when c is no worse in every quantity that a limit, aim or tie-break uses, takes no more
of a scarce pool, and is better in one of them or comes first by key. Values of limits play no part,
so one reduced set serves drags, relaxations and sweeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solver.estimate.configurations import FloatArray, IntArray
    from solver.plan import LimitName
    from solver.program import JobColumns

BINS = 96
"""Classes of hours for the first sieve: more find more, at more cost. [1]"""


FEW_GROUPS = 64
"""Groups up to which the second sieve's table is small. [1]"""

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
    classes = [columns.pool]
    if "max_deployed" in used:
        classes.append(_ranks(columns.deployed_gb))
    if "max_gpus" in used:
        classes.append(_ranks(columns.gpus))
    if np.any(columns.pool >= 0):
        classes.append(np.where(columns.pool >= 0, columns.instances, 0.0).astype(np.int64))
    accuracy = np.nan_to_num(columns.accuracy, nan=-1.0)
    rows = [columns.hours, columns.usd, -accuracy]
    if "co2" in used:
        rows.append(np.nan_to_num(columns.co2_kg, nan=np.inf))
        kept = np.arange(len(columns))
    else:
        kept = _sieved(columns.hours, columns.usd, _joint([*classes, columns.level]))
        same = _joint([column[kept] for column in classes])
        kept = kept[_sieved_twice(columns.hours[kept], columns.usd[kept], -accuracy[kept], same)]
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
    quantities = np.ascontiguousarray(quantities)
    remaining = np.lexsort((order, *quantities[::-1]))
    points = quantities[:, remaining]
    height = _height(points)
    kept: list[int] = []
    while len(remaining):
        lowest = int(np.argmin(height))
        kept.append(int(remaining[lowest]))
        left = np.zeros(len(remaining), dtype=bool)
        for row in points:
            left |= row < row[lowest]
        remaining, points, height = remaining[left], points[:, left], height[left]
    return np.sort(np.array(kept, dtype=np.int64))


def _height(points: FloatArray) -> FloatArray:
    """A value that no dominated entry has below its dominator: the sum of scaled quantities.

    Entries are in lexicographic order, so of equal heights the first one is not dominated.
    """
    scale = np.maximum(np.abs(np.where(np.isfinite(points), points, 0.0)).max(axis=1), 1e-300)
    total: FloatArray = (points / scale[:, None]).sum(axis=0)
    return total


def _sieved(hours: FloatArray, usd: FloatArray, group: IntArray) -> IntArray:
    """A cheap first sieve within groups that are equal in everything but hours and dollars.

    Hours fall into classes; an entry goes where its group holds a cheaper one in a faster class.
    """
    if len(hours) == 0:
        return np.zeros(0, dtype=np.int64)
    cell = group * BINS + _bins(np.log(np.maximum(hours, 1e-9)))
    cheapest = np.full((int(group.max()) + 1) * BINS, np.inf)
    np.minimum.at(cheapest, cell, usd)
    faster = np.minimum.accumulate(cheapest.reshape(-1, BINS), axis=1)
    return np.flatnonzero(_before(faster, 1).ravel()[cell] > usd)


def _sieved_twice(
    hours: FloatArray, usd: FloatArray, inaccuracy: FloatArray, group: IntArray
) -> IntArray:
    """A second sieve: an entry goes where a cheaper one is faster and more accurate by class."""
    if len(hours) == 0 or int(group.max()) >= FEW_GROUPS:
        return np.arange(len(hours))
    place = _bins(inaccuracy) * BINS + _bins(np.log(np.maximum(hours, 1e-9)))
    cell = group * BINS * BINS + place
    cheapest = np.full((int(group.max()) + 1) * BINS * BINS, np.inf)
    np.minimum.at(cheapest, cell, usd)
    better = cheapest.reshape(-1, BINS, BINS)
    better = np.minimum.accumulate(np.minimum.accumulate(better, axis=1), axis=2)
    return np.flatnonzero(_before(_before(better, 1), 2).ravel()[cell] > usd)


def _bins(values: FloatArray) -> IntArray:
    """Classes of equal width, ascending with the value: 0 to BINS - 1."""
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (BINS / max(high - low, 1e-12))
    return np.minimum(scaled.astype(np.int64), BINS - 1)


def _before(table: FloatArray, axis: int) -> FloatArray:
    """The table moved by one class along an axis: what lies in lower classes only."""
    moved = np.roll(table, 1, axis=axis)
    moved[(slice(None),) * axis + (0,)] = np.inf
    return moved


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
