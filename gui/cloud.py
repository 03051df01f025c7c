"""The cloud of candidates as the window holds it, and what limits make of it; NumPy, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.question import Aim

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gui.bounds import Bounds
    from solver.serve.frames import Message

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

FEASIBLE, NEAR_MISS, EXCLUDED = 0, 1, 2

LOWEST_HOURS, LOWEST_USD = 1e-4, 0.01
"""Those of `solver.program`, whose import takes 85 ms; a test holds them equal. [h], [USD]"""

TIE = 1e-6
"""Values of an aim nearer than this are a tie, as in `solver.mip.solve`. [1]"""

LEAST_REACH = 1e-6
"""Corners that agree must not divide by nothing. [1]"""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many candidates keep limits; `is_exact` where no sample was scaled up."""

    candidates: int
    feasible: int
    deadline: int
    budget: int
    accuracy: int


@dataclass(frozen=True, slots=True)
class Cloud:
    """Candidates of one job at one quantile; read-only arrays with one entry each."""

    name: str
    """By which the worker knows what the window holds."""
    quantile: float
    candidates: int
    """How many there are, those that are not shown included. [1]"""
    models: tuple[str, ...]
    variants: tuple[str, ...]
    rents: tuple[str, ...]
    deployed: tuple[str, ...]
    """Format of each variant's finished model; empty for 16 bits."""
    hours: Floats
    usd: Floats
    accuracy: Floats
    """NaN where it is not predicted. [0..1]"""
    missed_others: NDArray[np.uint8]
    """Limits missed besides deadline, budget and accuracy. [1]"""
    can_be_best: Bools
    weight: Floats
    """Candidates that each stands for. [1]"""
    model: NDArray[np.int32]
    variant: NDArray[np.int32]
    rent: NDArray[np.int32]
    epochs: NDArray[np.int32]
    chance: float = 0.0
    """Accuracy of guessing. [0..1]"""
    ceiling: float = 1.0
    """Accuracy that nobody exceeds. [0..1]"""
    hours_size: float = 1.0
    """In which the solver weighs time where the aim leaves a tie. [h]"""
    usd_size: float = 1.0
    """The same of cost. [USD]"""

    def __len__(self) -> int:
        return len(self.hours)

    def key(self, position: int) -> str:
        """The candidate's name, as every table prints it."""
        variant = self.variant[position]
        parts = (
            self.models[self.model[position]],
            self.variants[variant],
            self.rents[self.rent[position]],
            f"{self.epochs[position]}e",
            self.deployed[variant],
        )
        return ":".join(part for part in parts if part)

    def states(self, bounds: Bounds) -> NDArray[np.int64]:
        """FEASIBLE, NEAR_MISS (one limit missed) or EXCLUDED for each candidate."""
        many = self.missed_others.astype(np.int64)
        for kept in self._kept(bounds):
            many += ~kept
        return np.minimum(many, EXCLUDED)

    def counted(self, bounds: Bounds) -> Counted:
        """Candidates that keep all limits, and each of the three by itself."""
        in_time, affordable, accurate = self._kept(bounds)
        feasible = in_time & affordable & accurate & (self.missed_others == 0)
        total = self.weight.sum(dtype=np.float64)
        scale = self.candidates / total if total else 0.0

        def many(kept: Bools) -> int:
            return round(float(self.weight[kept].sum(dtype=np.float64)) * scale)

        return Counted(
            self.candidates, many(feasible), many(in_time), many(affordable), many(accurate)
        )

    def best(self, bounds: Bounds, aim: Aim) -> int | None:
        """Position of the plan under these limits, as a preview; None where there is none."""
        able = np.flatnonzero(self.can_be_best & (self.missed_others == 0))
        in_time, affordable, accurate = self._kept(bounds, able)
        inside = able[in_time & affordable & accurate]
        if len(inside) == 0:
            return None
        hours = self.hours[inside].astype(np.float64) / self.hours_size
        usd = self.usd[inside].astype(np.float64) / self.usd_size
        share = (self.accuracy[inside] - self.chance) / (self.ceiling - self.chance)
        falls = -np.nan_to_num(share, nan=0.0)
        second = usd + hours + falls
        firsts = {
            Aim.CHEAPEST: usd,
            Aim.FASTEST: hours,
            Aim.MOST_ACCURATE: np.where(np.isnan(share), np.inf, falls),
        }
        if aim in firsts:
            return int(inside[_least(firsts[aim], second)])
        corners = [_least(first, second) for first in firsts.values()]
        terms = np.stack(
            [
                np.log(np.maximum(hours * self.hours_size, LOWEST_HOURS)),
                np.log(np.maximum(usd * self.usd_size, LOWEST_USD)),
                falls,
            ]
        )
        return int(inside[_balanced(terms, corners)])

    def frontier(self, states: NDArray[np.int64]) -> NDArray[np.int64]:
        """Feasible candidates that no other beats in both hours and dollars, by hours."""
        inside = np.flatnonzero(states == FEASIBLE)
        order = inside[np.lexsort((self.usd[inside], self.hours[inside]))]
        if len(order) == 0:
            return order
        cheapest = np.minimum.accumulate(self.usd[order])
        return order[np.r_[True, cheapest[1:] < cheapest[:-1]]]

    def _kept(
        self, bounds: Bounds, among: NDArray[np.int64] | slice = slice(None)
    ) -> tuple[Bools, Bools, Bools]:
        hours, usd, accuracy = self.hours[among], self.usd[among], self.accuracy[among]
        everyone = np.ones(len(hours), dtype=bool)
        deadline, budget, least = bounds.deadline_hours, bounds.budget_usd, bounds.min_accuracy
        return (
            everyone if deadline is None else hours <= np.float32(deadline),
            everyone if budget is None else usd <= np.float32(budget),
            everyone if least is None else accuracy >= np.float32(least),
        )


def _least(first: NDArray[np.float64], second: NDArray[np.float64]) -> int:
    """The best by a first aim; where that leaves a tie, by the second."""
    least = float(first.min())
    tied = np.flatnonzero(first <= least + TIE * max(1.0, abs(least)))
    return int(tied[np.argmin(second[tied])]) if len(tied) else int(np.argmin(second))


def _balanced(terms: NDArray[np.float64], corners: list[int]) -> int:
    """Which regrets least against the corners: the largest regret counts, then their sum.

    Args:
        terms: what is weighed, a row each (`solver.program.regrets`, `docs/model.md`).
        corners: the best by each single aim.
    """
    at_corners = terms[:, corners]
    ideal = at_corners.min(axis=1, keepdims=True)
    reach = np.maximum(at_corners.max(axis=1, keepdims=True) - ideal, LEAST_REACH)
    regret = (terms - ideal) / reach
    return _least(regret.max(axis=0), regret.sum(axis=0))


def cloud_of(message: Message) -> Cloud:
    """The cloud that the worker sent."""
    arrays: dict[str, Any] = dict(message.arrays)
    arrays["can_be_best"] = arrays["can_be_best"].astype(bool)
    fields = message.fields
    return Cloud(
        name=fields["name"],
        quantile=fields["quantile"],
        candidates=fields["candidates"],
        models=tuple(fields["models"]),
        variants=tuple(fields["variants"]),
        rents=tuple(fields["rents"]),
        deployed=tuple(fields["deployed"]),
        chance=fields["chance"],
        ceiling=fields["ceiling"],
        hours_size=fields["hours_size"],
        usd_size=fields["usd_size"],
        **arrays,
    )
