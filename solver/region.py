"""The feasible region of one job in plain NumPy: who keeps which limit, frontier, other plans."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Literal

import numpy as np

from solver.plan import Region
from solver.program import quantity, second_aim_of
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.program import JobColumns, Limit

    Misses = NDArray[np.uint8]

SHOWN = 1_600
"""Points of a region that charts show; more are one blot. [1]"""

SAMPLED = 50_000
"""Candidates among which points to show are picked, where there are enough of a state. [1]"""

REMEMBERED = 8
"""Limits of which it is remembered who misses them. [1]"""

FEW, CLASSES = 5_000, 2_048
"""Candidates up to which sorting is quick, and classes of hours that spare sorting more. [1]"""

State = Literal["feasible", "near-miss", "excluded"]
STATES: tuple[State, ...] = ("feasible", "near-miss", "excluded")


def missed(columns: JobColumns, limits: tuple[Limit, ...]) -> Misses:
    """How many limits each candidate misses; what is not known cannot keep a limit. [1]

    Counts, region, alternatives and the window's cloud ask for the same, and most edits move one
    limit: what each of the last ones excludes is remembered.
    """
    many = np.zeros(len(columns), dtype=np.uint8)
    for limit in limits:
        many += _last.beyond(limit, quantity(columns, limit.name))
    return many


class _Last:
    """Who misses a limit, while its quantity is in memory anyway."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[weakref.ref[FloatArray], float, Misses]] = {}

    def beyond(self, limit: Limit, value: FloatArray) -> Misses:
        """1 where a quantity misses a limit, else 0."""
        key = limit.name, id(value)
        known = self._known.pop(key, None)
        if known is None or known[0]() is not value or known[1] != limit.bound:
            kept = value >= limit.bound if limit.is_minimum else value <= limit.bound
            known = weakref.ref(value), limit.bound, (~kept).view(np.uint8)
        self._known[key] = known
        while len(self._known) > REMEMBERED:
            self._known.pop(next(iter(self._known)))
        return known[2]


_last = _Last()


def aim_of(columns: JobColumns, aim: Aim, scale: Mapping[str, float]) -> FloatArray:
    """What each aim minimises for one job; the balanced one by its second stage. [1]"""
    if aim is Aim.CHEAPEST:
        return columns.usd
    if aim is Aim.FASTEST:
        return columns.hours
    if aim is Aim.MOST_ACCURATE:
        value = (columns.chance - columns.accuracy) / (columns.ceiling - columns.chance)
        value[np.isnan(value)] = np.inf
        return value
    return second_aim_of(columns, scale)


def best(columns: JobColumns, among: BoolArray, aim: Aim, scale: Mapping[str, float]) -> int | None:
    """The best of some candidates by an aim, then the second aim, then the key; None if none."""
    return Ranking(columns, among, aim, scale, np.empty(0, dtype=np.int64)).best()


class Ranking:
    """Candidates by an aim, then the second aim, then the key: asked again and again for the best.

    Args:
        columns: all candidates of a job.
        among: those that take part.
        aim: what is best.
        scale: natural sizes of dollars and hours.
        likely: positions that hold the best ones, as a reduced program does: no candidate worse
            than one of them is looked at.
    """

    def __init__(
        self,
        columns: JobColumns,
        among: BoolArray,
        aim: Aim,
        scale: Mapping[str, float],
        likely: IntArray,
    ) -> None:
        self._columns, self._among, self._scale = columns, among, scale
        self._value = aim_of(columns, aim, scale)
        self._likely = likely[among[likely]]

    def best(self, admits: Callable[[IntArray], BoolArray] | None = None) -> int | None:
        """The best of those that are admitted, told by their positions; None if none is."""
        return next(self.best_of_each([admits]))

    def best_of_each(
        self, each: Sequence[Callable[[IntArray], BoolArray] | None]
    ) -> Iterator[int | None]:
        """The best of those that are admitted, once for each way to admit some."""
        values = [self._likely_value(admits) for admits in each]
        near = self._no_worse(max((v for v in values if v < np.inf), default=-np.inf))
        for admits, value in zip(each, values, strict=True):
            positions = near if value < np.inf else np.flatnonzero(self._among)
            positions = positions[self._value[positions] <= value]
            yield self._first(positions if admits is None else positions[admits(positions)])

    def _likely_value(self, admits: Callable[[IntArray], BoolArray] | None) -> float:
        """What the best of those that are admitted reaches at least; infinite: not known."""
        likely = self._likely if admits is None else self._likely[admits(self._likely)]
        return float(self._value[likely].min(initial=np.inf))

    def _no_worse(self, value: float) -> IntArray:
        return np.flatnonzero(self._among & (self._value <= value))

    def _first(self, positions: IntArray) -> int | None:
        if len(positions) == 0:
            return None
        value = self._value[positions]
        first = positions[value == value.min()]
        second = second_aim_of(self._columns.take(first), self._scale)
        return int(first[np.argmin(second)])


def frontier(columns: JobColumns, among: BoolArray) -> IntArray:
    """Candidates that no other beats in both hours and dollars, by hours."""
    positions = np.flatnonzero(among)
    if len(positions) > FEW:
        positions = positions[_may_be_edge(columns.hours[positions], columns.usd[positions])]
    order = positions[np.lexsort((columns.usd[positions], columns.hours[positions]))]
    cheapest = np.minimum.accumulate(columns.usd[order])
    first = np.r_[True, cheapest[1:] < cheapest[:-1]] if len(order) else np.zeros(0, dtype=bool)
    return np.asarray(order[first])


def _may_be_edge(hours: FloatArray, usd: FloatArray) -> BoolArray:
    """A sieve before sorting: who is dearer than one of a lower class of hours is no edge."""
    place = np.log(np.maximum(hours, 1e-300))
    place -= place.min()
    place *= (CLASSES - 1) / max(float(place.max()), 1e-12)
    cell = place.astype(np.int64)
    cheapest = np.full(CLASSES, np.inf)
    np.minimum.at(cheapest, cell, usd)
    before = np.r_[np.inf, np.minimum.accumulate(cheapest)[:-1]]
    return np.asarray(usd < before[cell])


def region(
    columns: JobColumns, limits: tuple[Limit, ...], kept: IntArray, chosen: int | None
) -> Region:
    """A thinned cloud of candidates with their states.

    Args:
        columns: all candidates of the job.
        limits: what must be kept.
        kept: candidates that can matter, always shown: what is on the frontier is among them.
        chosen: the plan, always shown; None where there is none.
    """
    ends = np.isfinite(columns.hours)  # some machines close for good before it could end
    many = np.where(ends, np.minimum(missed(columns, limits), 2), 2)
    edge = kept[frontier(columns.take(kept), many[kept] == 0)]
    always = np.union1d(kept, edge)
    if chosen is not None:
        always = np.union1d(always, [chosen])
    shown = np.union1d(always, _sample(many, max(SHOWN - len(always), SHOWN // 4)))
    shown = shown[ends[shown]]
    at = {int(position): i for i, position in enumerate(shown.tolist())}
    return Region(
        hours=tuple(columns.hours[shown].tolist()),
        usd=tuple(columns.usd[shown].tolist()),
        accuracy=tuple(None if np.isnan(a) else float(a) for a in columns.accuracy[shown].tolist()),
        state=tuple(STATES[m] for m in many[shown].tolist()),
        frontier=tuple(at[int(position)] for position in edge.tolist()),
    )


def _sample(many: Misses, wanted: int) -> IntArray:
    """Candidates of every state, evenly spread over the order of keys, without chance."""
    share = max(wanted // 3, 1)
    step = max(1, len(many) // SAMPLED)
    picked = []
    for state in range(3):
        members = np.flatnonzero(many[::step] == state) * step
        if len(members) < share:
            members = np.flatnonzero(many == state)
        taken = min(share, len(members))
        picked.append(members[np.linspace(0, len(members) - 1, taken).astype(np.int64)])
    return np.concatenate(picked)
