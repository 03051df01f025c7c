"""How often a plan keeps its limits: outcomes drawn with the factors that its jobs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.timetable import finished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.assumptions import Assumptions
    from solver.estimate.configurations import BoolArray, FloatArray
    from solver.estimate.cost import Billing
    from solver.estimate.duration import Duration
    from solver.program import Limit
    from solver.timetable import Timing

SEED = 20_261_125
"""One seed for every simulation: equal questions give equal answers."""

MOST_RERUNS = 20
"""More failures in a row are no training run. [1]"""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """What is random about one job of a plan; arrays have one entry."""

    duration: Duration
    billing: Billing
    kg_co2_per_hour: float
    """While machines are paid for; NaN where it is not known. [kg/h]"""
    accuracy: float
    """Median; NaN where it is not predicted. [0..1]"""
    accuracy_sd: float
    ceiling: float
    """Accuracy nobody exceeds. [0..1]"""


@dataclass(frozen=True, slots=True)
class Draws:
    """Outcomes of a plan; arrays of shape (jobs, draws)."""

    hours: FloatArray
    """When each job ends, counted from the start of all work. [h]"""
    usd: FloatArray
    accuracy: FloatArray
    co2_kg: FloatArray
    in_calendar: BoolArray
    """Whether no job runs into a time in which its machines are not free, shape (draws,)."""
    bought_usd: float = 0.0
    """Machines that are paid for whole, whatever the jobs take. [USD]"""

    def reached(self, limit: Limit) -> FloatArray:
        """What counts against an uncertain limit in each draw, shape (draws,)."""
        jobs = slice(None) if limit.job is None else slice(limit.job, limit.job + 1)
        if limit.name == "deadline":
            return np.asarray(self.hours[jobs].max(axis=0))
        if limit.name == "budget":
            return np.asarray(self.usd[jobs].sum(axis=0)) + self.bought_usd
        if limit.name == "co2":
            return np.asarray(self.co2_kg[jobs].sum(axis=0))
        return np.asarray(self.accuracy[jobs].min(axis=0))

    def keeps(self, limit: Limit) -> BoolArray:
        """Draws in which an uncertain limit holds, shape (draws,)."""
        value = self.reached(limit)
        kept = value >= limit.bound if limit.is_minimum else value <= limit.bound
        return np.asarray(kept)


def simulated(
    jobs: Sequence[Uncertain | None],
    assumptions: Assumptions,
    timing: Timing | None = None,
    bought_usd: float = 0.0,
    *,
    count: int | None = None,
    seed: int = SEED,
) -> Draws:
    """Draw outcomes of a plan.

    Args:
        jobs: what is random about each job; None for one that is left out.
        assumptions: how many outcomes, and what share of each variance all jobs have in common.
        timing: what each job waits for; None: all begin at once.
        bought_usd: paid for machines that are bought whole. [USD]
        count: outcomes to draw; None: as assumed. [1]
        seed: of the generator.
    """
    count = count or assumptions.simulations
    rng = np.random.default_rng(seed)
    shape = (len(jobs), count)
    time = _mixed(rng, shape, assumptions.common_time_ratio)
    price = np.broadcast_to(rng.standard_normal(count), shape)
    level = _mixed(rng, shape, assumptions.common_accuracy_ratio)
    luck = rng.random(shape)
    rows = [
        _left_out(count) if job is None else _outcome(job, time[j], price[j], level[j], luck[j])
        for j, job in enumerate(jobs)
    ]
    hours, usd, accuracy, co2 = (np.array(column) for column in zip(*rows, strict=True))
    in_calendar = np.ones(count, dtype=bool)
    if timing is not None:
        hours, in_calendar = finished(timing, hours)
    return Draws(hours, usd, accuracy, co2, in_calendar, bought_usd)


def _left_out(count: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """A job that is left out takes and costs nothing, and keeps every minimum."""
    nothing = np.zeros(count)
    return nothing, nothing, np.ones(count), nothing


def _mixed(rng: np.random.Generator, shape: tuple[int, int], common_ratio: float) -> FloatArray:
    """Standard normal draws of which all jobs share a part of the variance."""
    common = rng.standard_normal(shape[1])
    own = rng.standard_normal(shape)
    return np.asarray(np.sqrt(common_ratio) * common + np.sqrt(1.0 - common_ratio) * own)


def _outcome(
    job: Uncertain, time: FloatArray, price: FloatArray, level: FloatArray, luck: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    d, b = job.duration, job.billing
    sd = np.where(time >= 0, d.slow_log_sd[0], d.fast_log_sd[0])
    failure = min(float(d.failure_ratio[0]), 0.99)
    failed = np.zeros_like(luck)
    if failure > 0:
        failed = np.minimum(
            np.floor(np.log(np.maximum(luck, 1e-300)) / np.log(failure)), MOST_RERUNS
        )
    work = d.work_hours[0] * (1.0 + failed) * np.exp(time * sd)
    hours = d.startup_hours[0] + work
    billed = b.billed(hours - work * (1.0 - b.paid_ratio[0]))
    usd = b.usd_per_hour[0] * np.exp(price * b.price_log_sd[0]) * billed + b.fixed_usd[0]
    paid = hours - work * (1.0 - b.paid_ratio[0])
    accuracy = np.clip(job.accuracy + job.accuracy_sd * level, 0.0, job.ceiling)
    return hours, usd, accuracy, paid * job.kg_co2_per_hour
