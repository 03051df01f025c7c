"""The best plan by trying every combination: what the program must agree with."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from solver.question import Aim

TIE = 1e-6
"""Plans whose first aim differs by less are ties, as `docs/model.md` states."""


@dataclass(frozen=True)
class Found:
    """What trying everything gave."""

    plan: tuple[int, ...]
    first: float
    second: float


def scale_of(values):
    """The median of what is positive and known, 1 where nothing is."""
    known = [v for v in values if np.isfinite(v) and v > 0]
    return float(np.median(known)) if known else 1.0


class Oracle:
    """All plans of a small program, each a tuple of columns, tried one by one."""

    def __init__(self, program):
        self.program = program
        self.hours_scale = scale_of(np.concatenate([c.hours for c in program.jobs]))
        self.usd_scale = scale_of(np.concatenate([c.usd for c in program.jobs]))
        self.plans = [
            plan
            for plan in product(*(range(len(columns)) for columns in program.jobs))
            if self._in_stock(plan)
        ]

    def of(self, plan, name):
        """One quantity of every job in a plan."""
        return [float(getattr(c, name)[i]) for c, i in zip(self.program.jobs, plan, strict=True)]

    def reaches(self, limit, plan):
        """What counts against a limit."""
        name = {
            "deadline": "hours",
            "budget": "usd",
            "min_accuracy": "accuracy",
            "co2": "co2_kg",
            "max_gpus": "gpus",
            "max_deployed": "deployed_gb",
            "max_latency": "latency_ms",
        }[limit.name]
        values = self.of(plan, name)
        if limit.job is not None:
            return values[limit.job]
        return max(values) if limit.name == "deadline" else sum(values)

    def keeps(self, limit, plan):
        """Whether a plan keeps a limit; what is not known keeps nothing."""
        value = self.reaches(limit, plan)
        return value >= limit.bound if limit.name == "min_accuracy" else value <= limit.bound

    def inside(self, limits):
        """Plans that keep all the limits."""
        return [p for p in self.plans if all(self.keeps(limit, p) for limit in limits)]

    def least(self, limit):
        """The smallest value of a limit at which some plan keeps it and all others; or None."""
        others = [other for other in self.program.limits if other != limit]
        values = [self.reaches(limit, plan) for plan in self.inside(others)]
        values = [value for value in values if not np.isnan(value)]
        if not values:
            return None
        return max(values) if limit.name == "min_accuracy" else min(values)

    def shares(self, plan):
        """How far each job comes from chance to its ceiling, 0 where that is not predicted."""
        return [
            0.0 if np.isnan(a) else (a - c.chance) / (c.ceiling - c.chance)
            for a, c in zip(self.of(plan, "accuracy"), self.program.jobs, strict=True)
        ]

    def first(self, aim, plan):
        """The first aim, smaller is better."""
        if aim is Aim.CHEAPEST:
            return sum(self.of(plan, "usd")) / self.usd_scale
        if aim is Aim.FASTEST:
            return max(self.of(plan, "hours")) / self.hours_scale
        rated = [
            share
            for share, c in zip(self.shares(plan), self.program.jobs, strict=True)
            if np.isfinite(c.accuracy).any()
        ]
        return -min(rated, default=1.0)

    def second(self, plan):
        """The second aim, smaller is better."""
        usd, hours = sum(self.of(plan, "usd")), sum(self.of(plan, "hours"))
        return usd / self.usd_scale + hours / self.hours_scale - sum(self.shares(plan))

    def best(self, aim, limits):
        """The best plan by an aim and then the second aim; None where nothing keeps the limits."""
        if aim is Aim.BALANCED:
            return self._balanced(limits)
        plans = self.inside(limits)
        if aim is Aim.MOST_ACCURATE:
            plans = [plan for plan in plans if self.rated(plan)] or plans
        return _first_then_second(plans, lambda p: self.first(aim, p), self.second)

    def rated(self, plan):
        """Whether every job's accuracy is known, where its candidates have one at all."""
        return all(
            np.isfinite(c.accuracy[i]) or np.isnan(c.accuracy).all()
            for c, i in zip(self.program.jobs, plan, strict=True)
        )

    def corners(self, limits):
        """The best plans of the three pure aims; None where one of them does not exist."""
        aims = (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE)
        found = [self.best(aim, limits) for aim in aims]
        return None if None in found else [corner.plan for corner in found]

    def ambiguous(self, limits):
        """Whether a corner of the balanced aim has plans that tie but differ in their figures."""
        for aim in (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE):
            best = self.best(aim, limits)
            ties = [
                tuple(np.round(self.terms(plan), 9))
                for plan in self.inside(limits)
                if best is not None
                and self.first(aim, plan) <= best.first + 3 * TIE * max(1.0, abs(best.first))
                and self.second(plan) <= best.second + 3 * TIE
            ]
            if len(set(ties)) > 1:
                return True
        return False

    def terms(self, plan):
        """Hours, dollars and lack of accuracy as the balanced aim weighs them."""
        hours, usd = sum(self.of(plan, "hours")), sum(self.of(plan, "usd"))
        if len(self.program.jobs) == 1:
            hours, usd = np.log(max(hours, 1e-4)), np.log(max(usd, 0.01))
        return np.array([hours, usd, -sum(self.shares(plan))])

    def _balanced(self, limits):
        corners = self.corners(limits)
        if corners is None:
            return None
        ends = np.array([self.terms(plan) for plan in corners])
        ideal = ends.min(axis=0)
        hours, usd = (
            (self.hours_scale, self.usd_scale) if len(self.program.jobs) > 1 else (1.0, 1.0)
        )
        reach = np.maximum(ends.max(axis=0) - ideal, (1e-3 * hours, 1e-3 * usd, 1e-4))
        return _first_then_second(
            self.inside(limits),
            lambda p: float(((self.terms(p) - ideal) / reach).max()),
            lambda p: float((self.terms(p) / reach).sum()),
        )

    def _in_stock(self, plan):
        pools = [int(c.pool[i]) for c, i in zip(self.program.jobs, plan, strict=True)]
        taken = self.of(plan, "instances")
        return all(
            sum(n for n, own in zip(taken, pools, strict=True) if own == k) <= pool.most
            for k, pool in enumerate(self.program.resources)
        )


def _first_then_second(plans, first, second):
    if not plans:
        return None
    best = min(first(plan) for plan in plans)
    ties = [plan for plan in plans if first(plan) <= best + TIE * max(1.0, abs(best))]
    plan = min(ties, key=second)
    return Found(plan, best, second(plan))
