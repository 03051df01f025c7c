"""Every plan of a question, unreduced, and the best of them by plain selection.

Shares with the solver only the estimates of each candidate; limits, aims and ties are written here
anew, in the simplest way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.candidates import candidates, columns_at
from solver.question import Aim

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from catalog.tables import Catalog
    from solver.candidates import Candidates
    from solver.constants import EstimateConstants
    from solver.program import JobColumns
    from solver.question import Question

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

TIE = 1e-6
"""Plans whose first aim differs by less are ties. [relative, at least absolute]"""

MOST_PLANS = 40_000_000
"""More pairs than this are not tried. [1]"""


@dataclass(frozen=True)
class Bound:
    """A limit of the question as it is written there."""

    name: str
    job: int | None
    value: float


def bounds_of(question: Question, now: datetime) -> list[Bound]:
    """Every limit that the question sets."""
    limits = question.limits
    every = [
        ("deadline", None, limits.hours_until_deadline(now)),
        ("budget", None, limits.budget_usd),
        ("co2", None, limits.co2_kg),
        ("max_gpus", None, limits.max_gpus),
    ]
    for j, job in enumerate(question.jobs):
        every += [
            ("deadline", j, job.deadline_hours),
            ("min_accuracy", j, job.min_accuracy),
            ("max_deployed", j, job.max_deployed_gb),
            ("max_latency", j, job.max_latency_ms),
        ]
    return [Bound(name, job, float(value)) for name, job, value in every if value is not None]


TOGETHER, FIRST_FIRST, SECOND_FIRST = range(3)
"""Ways in which two jobs may run: at once, or one after the other."""


class EveryPlan:
    """All combinations of one or two jobs' candidates, flat.

    Of two jobs that share something, each way in which they may run is a plan of its own.
    """

    def __init__(
        self,
        question: Question,
        catalog: Catalog,
        constants: EstimateConstants,
        now: datetime,
        quantile: float,
    ) -> None:
        self.question = question
        self.jobs: list[Candidates] = [
            candidates(job, question, catalog, constants, now.date(), keep_beaten=True)
            for job in question.jobs
        ]
        self.columns: list[JobColumns] = [columns_at(job, quantile) for job in self.jobs]
        shared = question.owned or question.limits.max_gpus is not None
        ways = 3 if len(self.jobs) == 2 and shared else 1
        self.shape = [*(len(column) for column in self.columns), ways]
        self.many = int(np.prod(self.shape))
        if self.many > MOST_PLANS:
            raise ValueError(f"{self.many:,} plans are too many to try")
        *self.index, self.way = np.unravel_index(np.arange(self.many), self.shape)
        self.bounds = bounds_of(question, now)
        self.hours = self._each("hours")
        self.ends = self._ends()
        self.usd = np.sum(self._each("usd"), axis=0)
        self.shares = [
            np.nan_to_num((a - c.chance) / (c.ceiling - c.chance), nan=0.0)
            for a, c in zip(self._each("accuracy"), self.columns, strict=True)
        ]
        self.in_stock = self._in_stock()

    def _each(self, name: str) -> list[Floats]:
        return [getattr(c, name)[i] for c, i in zip(self.columns, self.index, strict=True)]

    def reached(self, bound: Bound) -> Floats:
        """What counts against a limit in every plan."""
        name = {
            "deadline": "hours",
            "budget": "usd",
            "co2": "co2_kg",
            "max_gpus": "gpus",
            "min_accuracy": "accuracy",
            "max_deployed": "deployed_gb",
            "max_latency": "latency_ms",
        }[bound.name]
        values = self.ends if name == "hours" else self._each(name)
        if bound.job is not None:
            return values[bound.job]
        if name == "hours":
            return np.asarray(np.max(values, axis=0))
        apart = (self.way != TOGETHER) & (name == "gpus")
        return np.where(apart, np.max(values, axis=0), np.sum(values, axis=0))

    def keeps(self, bound: Bound) -> Flags:
        """Which plans keep a limit; what is not known keeps none."""
        value = self.reached(bound)
        if bound.name == "min_accuracy":
            return np.asarray(value >= bound.value)
        return np.asarray(value <= bound.value)

    def inside(self, bounds: list[Bound]) -> Flags:
        """Which plans keep all of some limits, and the stock."""
        return np.logical_and.reduce([self.in_stock, *(self.keeps(b) for b in bounds)])

    def least(self, bound: Bound) -> float | None:
        """The best value of a limit among the plans that keep all the others; None: none."""
        others = self.inside([other for other in self.bounds if other != bound])
        values = self.reached(bound)[others]
        values = values[~np.isnan(values)]
        if len(values) == 0:
            return None
        return float(values.max() if bound.name == "min_accuracy" else values.min())

    def first(self, aim: Aim) -> Floats:
        """What a pure aim makes small, in every plan."""
        if aim is Aim.CHEAPEST:
            return np.asarray(self.usd)
        if aim is Aim.FASTEST:
            return np.asarray(np.max(self.ends, axis=0))
        rated = [
            share
            for share, c in zip(self.shares, self.columns, strict=True)
            if np.isfinite(c.accuracy).any()
        ]
        return np.asarray(-np.min(rated, axis=0)) if rated else np.zeros(self.many)

    def rated(self) -> Flags:
        """Plans in which every job that can be predicted is."""
        made = [
            np.isfinite(a) | np.isnan(c.accuracy).all()
            for a, c in zip(self._each("accuracy"), self.columns, strict=True)
        ]
        return np.logical_and.reduce(made)

    def among(self, aim: Aim, inside: Flags) -> Flags:
        """Plans that an aim compares: those with known accuracies where accuracy is the aim."""
        known = inside & self.rated()
        return known if aim is Aim.MOST_ACCURATE and known.any() else inside

    def second(self, usd_size: float, hours_size: float) -> Floats:
        """The second aim of every plan, for sizes that dollars and hours are divided by."""
        share = np.sum(self.shares, axis=0)
        return np.asarray(self.usd / usd_size + np.sum(self.hours, axis=0) / hours_size - share)

    def corner(self, aim: Aim, inside: Flags, second: Floats) -> int:
        """The best plan by a pure aim and then the second aim."""
        some = np.flatnonzero(self.among(aim, inside))
        return int(some[first_then_second(self.first(aim)[some], second[some])])

    def terms(self) -> Floats:
        """What the balanced aim weighs, shape (3, plans): hours, dollars, lack of accuracy."""
        hours, usd = np.sum(self.hours, axis=0), self.usd
        if len(self.columns) == 1:
            hours, usd = np.log(np.maximum(hours, 1e-4)), np.log(np.maximum(usd, 0.01))
        return np.array([hours, usd, -np.sum(self.shares, axis=0)])

    def regret(self, inside: Flags, second: Floats, usd_size: float, hours_size: float) -> Floats:
        """The largest normalised regret of every plan, beside the three corner plans."""
        terms = self.terms()
        aims = (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE)
        ends = terms[:, [self.corner(aim, inside, second) for aim in aims]]
        ideal = ends.min(axis=1, keepdims=True)
        several = len(self.columns) > 1
        hours, usd = (hours_size, usd_size) if several else (1.0, 1.0)
        least = [[1e-3 * hours], [1e-3 * usd], [1e-4]]
        reach = np.maximum(ends.max(axis=1, keepdims=True) - ideal, least)
        return np.asarray(((terms - ideal) / reach).max(axis=0))

    def _ends(self) -> list[Floats]:
        """When each job ends: at its own hours, or after the other."""
        if len(self.hours) == 1:
            return self.hours
        one, two = self.hours
        return [
            np.where(self.way == SECOND_FIRST, one + two, one),
            np.where(self.way == FIRST_FIRST, one + two, two),
        ]

    def _in_stock(self) -> Flags:
        kept = np.ones(self.many, dtype=bool)
        pools, taken = self._each("pool"), self._each("instances")
        for k, pool in enumerate(self.question.owned):
            used = [np.where(p == k, n, 0.0) for p, n in zip(pools, taken, strict=True)]
            at_once = np.where(self.way == TOGETHER, np.sum(used, axis=0), np.max(used, axis=0))
            kept &= at_once <= pool.machines
        return kept


def first_then_second(first: Floats, second: Floats) -> int:
    """Position of the smallest second value among those whose first value ties for the smallest."""
    least = first.min()
    ties = np.flatnonzero(first <= least + TIE * max(1.0, abs(float(least))))
    return int(ties[np.argmin(second[ties])])
