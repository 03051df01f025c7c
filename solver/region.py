"""The feasible region of one job in plain NumPy: who keeps which limit, frontier, other plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from solver.plan import Region
from solver.program import normalised_accuracy, quantity, second_aim_of
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.program import JobColumns, Limit

SHOWN = 1_600
"""Points of a region that charts show; more are one blot. [1]"""

State = Literal["feasible", "near-miss", "excluded"]
STATES: tuple[State, ...] = ("feasible", "near-miss", "excluded")


def missed(columns: JobColumns, limits: tuple[Limit, ...]) -> IntArray:
    """How many limits each candidate misses; what is not known cannot keep a limit. [1]"""
    many = np.zeros(len(columns), dtype=np.int64)
    for limit in limits:
        value = quantity(columns, limit.name)
        many += ~(value >= limit.bound if limit.is_minimum else value <= limit.bound)
    return many


def aim_of(columns: JobColumns, aim: Aim, scale: Mapping[str, float]) -> FloatArray:
    """What each aim minimises for one job; the balanced one by its second stage. [1]"""
    if aim is Aim.CHEAPEST:
        return columns.usd
    if aim is Aim.FASTEST:
        return columns.hours
    if aim is Aim.MOST_ACCURATE:
        return np.where(np.isnan(columns.accuracy), np.inf, -normalised_accuracy(columns))
    return second_aim_of(columns, scale)


def best(columns: JobColumns, among: BoolArray, aim: Aim, scale: Mapping[str, float]) -> int | None:
    """The best of some candidates by an aim, then the second aim, then the key; None if none."""
    positions = np.flatnonzero(among)
    if len(positions) == 0:
        return None
    some = columns.take(positions)
    order = np.lexsort((positions, second_aim_of(some, scale), aim_of(some, aim, scale)))
    return int(positions[order[0]])


def frontier(columns: JobColumns, among: BoolArray) -> IntArray:
    """Candidates that no other beats in both hours and dollars, by hours."""
    positions = np.flatnonzero(among)
    order = positions[np.lexsort((columns.usd[positions], columns.hours[positions]))]
    cheapest = np.minimum.accumulate(columns.usd[order])
    first = np.r_[True, cheapest[1:] < cheapest[:-1]] if len(order) else np.zeros(0, dtype=bool)
    return np.asarray(order[first])


def region(
    columns: JobColumns, limits: tuple[Limit, ...], kept: IntArray, chosen: int | None
) -> Region:
    """A thinned cloud of candidates with their states.

    Args:
        columns: all candidates of the job.
        limits: what must be kept.
        kept: candidates that can matter: always shown.
        chosen: the plan, always shown; None where there is none.
    """
    many = np.minimum(missed(columns, limits), 2)
    edge = frontier(columns, many == 0)
    always = np.union1d(kept, edge)
    if chosen is not None:
        always = np.union1d(always, [chosen])
    shown = np.union1d(always, _sample(many, max(SHOWN - len(always), SHOWN // 4)))
    at = {int(position): i for i, position in enumerate(shown.tolist())}
    return Region(
        hours=tuple(columns.hours[shown].tolist()),
        usd=tuple(columns.usd[shown].tolist()),
        accuracy=tuple(None if np.isnan(a) else float(a) for a in columns.accuracy[shown].tolist()),
        state=tuple(STATES[m] for m in many[shown].tolist()),
        frontier=tuple(at[int(position)] for position in edge.tolist()),
    )


def _sample(many: IntArray, wanted: int) -> IntArray:
    """Candidates of every state, evenly spread over the order of keys, without chance."""
    share = max(wanted // 3, 1)
    picked = []
    for state in range(3):
        members = np.flatnonzero(many == state)
        taken = min(share, len(members))
        picked.append(members[np.linspace(0, len(members) - 1, taken).astype(np.int64)])
    return np.concatenate(picked)
