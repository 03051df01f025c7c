"""Exact reduction: leave out candidates that another one beats whatever the limits are.

c removes c' when c is no worse in every quantity that a limit, aim or tie-break uses, takes no more
of a scarce pool, and is better in one of them or comes first by key. Values of limits play no part,
so one reduced set serves drags, relaxations and sweeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray, IntArray


def undominated(quantities: FloatArray, order: IntArray) -> IntArray:
    """Positions that no other entry dominates, in ascending order.

    Args:
        quantities: one row for each quantity, smaller is better, no NaN; shape (d, n).
        order: rank of each entry's key: of equal entries the smallest stays; shape (n,).
    """
    quantities = np.ascontiguousarray(quantities)
    first = np.lexsort((order, *quantities[::-1]))
    remaining = first[_staircase(quantities[:, first])]
    points = quantities[:, remaining]
    kept: list[int] = []
    while len(remaining):
        best = int(np.argmin(_sum_of_ranks(points)))
        kept.append(int(remaining[best]))
        beaten = (points >= points[:, best : best + 1]).all(axis=0)
        remaining, points = remaining[~beaten], points[:, ~beaten]
    return np.sort(np.array(kept, dtype=np.int64))


def _sum_of_ranks(points: FloatArray) -> FloatArray:
    """A value that is strictly smaller for whatever dominates: the sum of scaled quantities.

    Entries are in lexicographic order, so of equal sums the first one is not dominated.
    """
    scale = np.maximum(np.abs(points).max(axis=1), 1e-300)
    total: FloatArray = (points / scale[:, None]).sum(axis=0)
    return total


def _staircase(points: FloatArray) -> IntArray:
    """A cheap first sieve: drop what an earlier entry with the same last quantities beats.

    Entries come in lexicographic order. Groups of equal (third, fourth, …) quantities are swept
    once: within a group an entry survives where its second quantity is a new minimum.
    """
    count = points.shape[1]
    if points.shape[0] < 3 or count == 0:  # noqa: PLR2004 - nothing to group by
        group = np.zeros(count, dtype=np.int64)
    else:
        _, group = np.unique(points[2:], axis=1, return_inverse=True)
        group = group.reshape(-1)
    by_group = np.argsort(group, kind="stable")
    second = points[1, by_group] if points.shape[0] > 1 else np.zeros(count)
    starts = np.flatnonzero(np.diff(group[by_group], prepend=-1)).tolist()
    keep = np.zeros(count, dtype=bool)
    for start, end in zip(starts, [*starts[1:], count], strict=True):
        run = second[start:end]
        lowest = np.minimum.accumulate(run)
        keep[by_group[start:end]] = np.r_[True, run[1:] < lowest[:-1]]
    return np.flatnonzero(keep)
