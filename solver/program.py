"""What the program chooses among, as plain numbers: no formula of physics, no Pyomo.

A job's columns are its candidates at the enforced quantile. Limits are values; they play no part in
the columns, so that one program serves every drag of a limit, every relaxation and every aim.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.plan import LimitName

SETTLING = 50_000
"""Candidates whose median is near enough to that of all for a unit. [1]"""

LOWEST_USD = 0.01
"""A cent: below it the logarithm of a price says nothing. [USD]"""

LOWEST_HOURS = 1e-4
"""A third of a second. [h]"""


@dataclass(frozen=True, slots=True)
class JobColumns:
    """One job's candidates, one array entry each, at the enforced quantile."""

    hours: FloatArray
    usd: FloatArray
    accuracy: FloatArray
    """NaN where it is not predicted. [0..1]"""
    level: IntArray
    """Equal levels have equal accuracy. [1]"""
    co2_kg: FloatArray
    """NaN where it is not known. [kg]"""
    gpus: FloatArray
    deployed_gb: FloatArray
    pool: IntArray
    """Position of the owned pool that is used, -1 for rented machines."""
    instances: FloatArray
    """Machines taken from that pool. [1]"""
    chance: float = 0.0
    """Accuracy of guessing. [0..1]"""
    ceiling: float = 1.0
    """Accuracy nobody exceeds. [0..1]"""

    def __len__(self) -> int:
        return len(self.hours)

    def take(self, index: IntArray | BoolArray) -> JobColumns:
        """The columns at `index`, in that order."""
        return self._each(lambda name: getattr(self, name)[index])

    def put(self, where: slice, part: JobColumns) -> None:
        """Write the columns of some candidates into their place; only while they are being made."""
        for f in fields(self):
            if f.name not in _SCALARS:
                getattr(self, f.name)[where] = getattr(part, f.name)

    def _each(self, column: Callable[[str], Any]) -> JobColumns:
        arrays = {f.name: column(f.name) for f in fields(self) if f.name not in _SCALARS}
        return replace(self, **arrays)


_SCALARS = ("chance", "ceiling")

_WHOLE_NUMBERS = ("level", "pool")


def empty_columns(length: int, chance: float, ceiling: float) -> JobColumns:
    """Columns whose entries are still to be put."""
    names = [f.name for f in fields(JobColumns) if f.name not in _SCALARS]
    arrays: dict[str, Any] = {
        name: np.empty(length, dtype=np.int64 if name in _WHOLE_NUMBERS else np.float64)
        for name in names
    }
    return JobColumns(**arrays, chance=chance, ceiling=ceiling)


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that the user set."""

    name: LimitName
    job: int | None
    """Position of the job it belongs to; None: all jobs."""
    bound: float

    @property
    def is_minimum(self) -> bool:
        """True where larger values keep the limit."""
        return self.name == "min_accuracy"


@dataclass(frozen=True, slots=True)
class Program:
    """Everything that is decided together."""

    jobs: tuple[JobColumns, ...]
    limits: tuple[Limit, ...]
    stock: tuple[float, ...]
    """Machines in each owned pool. [1]"""
    sizes: Mapping[LimitName, float] = field(default_factory=dict)
    """Natural size of each quantity, taken before reduction so that it changes no tie; where it is
    missing the median over the columns."""

    def concerned(self, limit: Limit) -> tuple[int, ...]:
        """Positions of the jobs that a limit binds."""
        return tuple(range(len(self.jobs))) if limit.job is None else (limit.job,)


class Family(StrEnum):
    """The constraint families; each is one function of `solver/mip/formulation.py`."""

    PICK_ONE = "pick_one"
    BEFORE_DEADLINE = "before_deadline"
    WITHIN_BUDGET = "within_budget"
    ACCURATE_ENOUGH = "accurate_enough"
    WITHIN_CO2 = "within_co2"
    WITHIN_GPUS = "within_gpus"
    WITHIN_DEPLOYED_SIZE = "within_deployed_size"
    WITHIN_STOCK = "within_stock"
    MAKESPAN = "makespan"
    WORST_ACCURACY = "worst_accuracy"
    CHEBYSHEV = "chebyshev"


FAMILY_OF_LIMIT: Mapping[LimitName, Family] = {
    "deadline": Family.BEFORE_DEADLINE,
    "budget": Family.WITHIN_BUDGET,
    "min_accuracy": Family.ACCURATE_ENOUGH,
    "co2": Family.WITHIN_CO2,
    "max_gpus": Family.WITHIN_GPUS,
    "max_deployed": Family.WITHIN_DEPLOYED_SIZE,
}


def quantity(columns: JobColumns, name: LimitName) -> FloatArray:
    """The quantity of each candidate that a limit of this name bounds."""
    return {
        "deadline": columns.hours,
        "budget": columns.usd,
        "min_accuracy": columns.accuracy,
        "co2": columns.co2_kg,
        "max_gpus": columns.gpus,
        "max_deployed": columns.deployed_gb,
    }[name]


def excluded(program: Program, job: int, active: tuple[Limit, ...]) -> BoolArray:
    """Candidates of one job that a limit excludes whatever the other jobs do.

    A sum over jobs exceeds its bound once one job's own share does, since no share is negative; a
    quantity that is not known cannot keep a limit.
    """
    columns = program.jobs[job]
    out = np.zeros(len(columns), dtype=bool)
    for limit in active:
        if job in program.concerned(limit):
            value = quantity(columns, limit.name)
            kept = value >= limit.bound if limit.is_minimum else value <= limit.bound
            out |= ~kept
    for pool, machines in enumerate(program.stock):
        out |= (columns.pool == pool) & (columns.instances > machines)
    return out


def aim_needs_accuracy(aim: Aim) -> bool:
    """True for aims that compare accuracies: candidates without one cannot take part."""
    return aim is Aim.MOST_ACCURATE


def natural_size(program: Program, name: LimitName) -> float:
    """The unit in which the program weighs a quantity."""
    known = program.sizes.get(name)
    return _median(program.jobs, name) if known is None else known


def natural_sizes(jobs: tuple[JobColumns, ...]) -> dict[LimitName, float]:
    """The median of each quantity over all candidates of all jobs, above 0."""
    return {name: _median(jobs, name) for name in FAMILY_OF_LIMIT}


def _evenly(values: FloatArray) -> FloatArray:
    """At most so many values as settle a natural size, evenly spread over the order of keys."""
    return values[:: max(1, len(values) // SETTLING)]


def _median(jobs: tuple[JobColumns, ...], name: LimitName) -> float:
    values = np.concatenate([_evenly(quantity(columns, name)) for columns in jobs])
    values = values[np.isfinite(values) & (values > 0)]
    return float(np.median(values)) if len(values) else 1.0


def regrets(program: Program) -> dict[str, list[FloatArray]]:
    """What the balanced aim weighs, by job: logarithms for one job, linear totals for several."""
    many = len(program.jobs) > 1
    out: dict[str, list[FloatArray]] = {"hours": [], "usd": [], "accuracy": []}
    for columns in program.jobs:
        out["hours"].append(_log(columns.hours, LOWEST_HOURS, linear=many))
        out["usd"].append(_log(columns.usd, LOWEST_USD, linear=many))
        out["accuracy"].append(-normalised_accuracy(columns))
    return out


def normalised_accuracy(columns: JobColumns) -> FloatArray:
    """Share of the way from chance to the ceiling; 0 where accuracy is not predicted."""
    share = (columns.accuracy - columns.chance) / (columns.ceiling - columns.chance)
    return np.nan_to_num(share, nan=0.0)


def second_aim_of(columns: JobColumns, scale: Mapping[str, float]) -> FloatArray:
    """Each candidate's share of the second aim; smaller is better."""
    return (
        columns.usd / scale["budget"]
        + columns.hours / scale["deadline"]
        - normalised_accuracy(columns)
    )


def _log(values: FloatArray, lowest: float, *, linear: bool) -> FloatArray:
    return values if linear else np.log(np.maximum(values, lowest))
