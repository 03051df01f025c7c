"""How often a plan keeps its limits: outcomes drawn with the factors that its jobs share."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
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
    fates = _fates(
        (len(jobs), count), assumptions.common_time_ratio, assumptions.common_accuracy_ratio, seed
    )
    rows = [
        _left_out(count) if job is None else _outcome(job, fates.of(j))
        for j, job in enumerate(jobs)
    ]
    hours, usd, accuracy, co2 = (np.array(column) for column in zip(*rows, strict=True))
    in_calendar = np.ones(count, dtype=bool)
    if timing is not None:
        hours, in_calendar = finished(timing, hours)
    return Draws(hours, usd, accuracy, co2, in_calendar, bought_usd)


@dataclass(frozen=True, slots=True)
class _Fates:
    """What chance decides, standard normal but for luck; shape (jobs, draws) or (draws,)."""

    time: FloatArray
    price: FloatArray
    level: FloatArray
    luck: FloatArray
    """Uniform in [0, 1)."""
    breaks: FloatArray

    def of(self, job: int) -> _Fates:
        """Those of one job."""
        return _Fates(*(getattr(self, f.name)[job] for f in fields(self)))


@lru_cache(maxsize=2)
def _fates(
    shape: tuple[int, int], common_time_ratio: float, common_accuracy_ratio: float, seed: int
) -> _Fates:
    """Drawn once: every plan of so many jobs meets the same fates."""
    rng = np.random.default_rng(seed)
    made = _Fates(
        time=_mixed(rng, shape, common_time_ratio),
        price=np.broadcast_to(rng.standard_normal(shape[1]), shape),
        level=_mixed(rng, shape, common_accuracy_ratio),
        luck=rng.random(shape),
        breaks=rng.standard_normal(shape),
    )
    for f in fields(made):
        getattr(made, f.name).setflags(write=False)
    return made


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
    job: Uncertain, fates: _Fates
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    d, b = job.duration, job.billing
    failure = min(float(d.failure_ratio[0]), 0.99)
    failed = np.zeros_like(fates.luck)
    if failure > 0:
        failed = np.minimum(
            np.floor(np.log(np.maximum(fates.luck, 1e-300)) / np.log(failure)), MOST_RERUNS
        )
    first, rest = _worked(d, 1.0 + failed, fates)
    hours = d.startup_hours[0] + first + rest
    usd = np.exp(fates.price * b.price_log_sd[0]) * b.machines_usd(d.startup_hours, first, rest)
    paid = d.startup_hours[0] + first * b.paid_ratio[0] + rest
    accuracy = np.clip(job.accuracy + job.accuracy_sd * fates.level, 0.0, job.ceiling)
    return hours, usd + b.fixed_usd[0], accuracy, paid * job.kg_co2_per_hour


def _worked(d: Duration, runs: FloatArray, fates: _Fates) -> tuple[FloatArray, FloatArray]:
    """Hours on a job's machines and on those that replace them after a window. [h]"""
    time = fates.time
    sd = np.where(time >= 0, d.slow_log_sd[0], d.fast_log_sd[0])
    if d.fallback is None or not np.isfinite(d.fallback.window_hours[0]):
        return d.work_hours[0] * runs * np.exp(time * sd), np.zeros_like(time)
    of_breaks = float(d.fallback.break_log_sd[0])
    own = np.sqrt(np.maximum(sd**2 - of_breaks**2, 0.0))
    return d.fallback.split(
        d.work_hours, runs * np.exp(time * own), np.exp(fates.breaks * of_breaks)
    )
