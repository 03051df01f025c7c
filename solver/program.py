"""What the program chooses among, as plain numbers: no formula of physics, no Pyomo.

A job's columns are its candidates at the enforced quantile. Limits are values; they play no part in
the columns, so that one program serves every drag of a limit, every relaxation and every aim.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.question import Aim
from solver.timetable import ROUNDING, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.plan import LimitName
    from solver.timetable import Resource

NOT_DONE = -1
"""Stands for the candidate of an optional job that is left out."""

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
    latency_ms: FloatArray
    """0 where no device is named, NaN where the model does not fit on it. [ms]"""
    pool: IntArray
    """Position of the owned pool that is used, -1 for rented machines."""
    instances: FloatArray
    """Machines taken from that pool; a part of one where its cards are shared. [1]"""
    takes: IntArray
    """The model that a stage of a chain trains on, as a number; -1 where no other job makes it."""
    gives: IntArray
    """The model that it makes for a later stage; -1 where none uses it."""
    quota_gpus: FloatArray
    """GPUs that count against each quota, shape (quotas, n). [1]"""
    left_out: BoolArray
    """True for the one candidate of an optional job that stands for not doing it."""
    chance: float = 0.0
    """Accuracy of guessing. [0..1]"""
    ceiling: float = 1.0
    """Accuracy nobody exceeds. [0..1]"""

    def __len__(self) -> int:
        return len(self.hours)

    def take(self, index: IntArray | BoolArray) -> JobColumns:
        """The columns at `index`, in that order."""
        return self._each(lambda name: getattr(self, name)[..., index])

    def put(self, where: slice, part: JobColumns) -> None:
        """Write the columns of some candidates into their place; only while they are being made."""
        for f in fields(self):
            if f.name not in _SCALARS:
                getattr(self, f.name)[..., where] = getattr(part, f.name)

    def _each(self, column: Callable[[str], Any]) -> JobColumns:
        arrays = {f.name: column(f.name) for f in fields(self) if f.name not in _SCALARS}
        return replace(self, **arrays)


_SCALARS = ("chance", "ceiling")

_DTYPES: Mapping[str, type] = {
    "level": np.int64,
    "pool": np.int64,
    "takes": np.int64,
    "gives": np.int64,
    "left_out": np.bool_,
}


def empty_columns(length: int, quotas: int, chance: float, ceiling: float) -> JobColumns:
    """Columns whose entries are still to be put."""
    names = [f.name for f in fields(JobColumns) if f.name not in _SCALARS]
    arrays: dict[str, Any] = {
        name: np.empty(
            (quotas, length) if name == "quota_gpus" else length,
            dtype=_DTYPES.get(name, np.float64),
        )
        for name in names
    }
    return JobColumns(**arrays, chance=chance, ceiling=ceiling)


def or_left_out(columns: JobColumns) -> JobColumns:
    """The columns and one more for not doing the job: no hours, no dollars, every minimum kept."""
    more: dict[str, Any] = dict.fromkeys(("level", "pool", "takes", "gives"), -1)
    more |= {"accuracy": 1.0, "left_out": True}

    def extended(name: str) -> Any:  # noqa: ANN401 - arrays of several types
        column = getattr(columns, name)
        last = np.full((*column.shape[:-1], 1), more.get(name, 0), dtype=column.dtype)
        return np.concatenate([column, last], axis=-1)

    return columns._each(extended)  # noqa: SLF001 - same module


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
class Chain:
    """Which jobs wait for which."""

    earlier: tuple[tuple[int, ...], ...] = ()
    """By job, those that must have ended before it begins."""
    feeds: tuple[tuple[int, int], ...] = ()
    """Pairs of a job and one that trains on the model it makes."""


@dataclass(frozen=True, slots=True)
class Program:
    """Everything that is decided together."""

    jobs: tuple[JobColumns, ...]
    limits: tuple[Limit, ...]
    resources: tuple[Resource, ...]
    """Pools of machines in the order of `JobColumns.pool`, then quotas."""
    chain: Chain = Chain()
    worth_usd: tuple[float | None, ...] = ()
    """By job, what it is worth where it may be left out; None: it must be done. [USD]"""
    moments: tuple[float, ...] = ()
    """When jobs that use a resource may begin; the last is when all must have ended. Empty: all
    jobs begin at once. [h]"""
    is_loose: bool = False
    """Of what jobs share only calendars and hours in sum count: a bound for the whole program."""
    sizes: Mapping[LimitName, float] = field(default_factory=dict)
    """Natural size of each quantity, taken before reduction so that it changes no tie; where it is
    missing the median over the columns."""

    @property
    def pools(self) -> int:
        """How many resources are pools of machines; the others are quotas."""
        return len(self.resources) - len(self.jobs[0].quota_gpus)

    @property
    def is_timed(self) -> bool:
        """False where all jobs begin at once."""
        calendars = self.is_loose and any(resource.closed for resource in self.resources)
        return bool(self.moments) or any(self.chain.earlier) or calendars

    @property
    def limits_gpus(self) -> bool:
        """Whether the number of GPUs in use at once is limited."""
        return any(limit.name == "max_gpus" for limit in self.limits)

    def uses(self, job: int) -> FloatArray:
        """Units of each resource that each candidate takes, shape (resources, n)."""
        columns = self.jobs[job]
        pools = [np.where(columns.pool == k, columns.instances, 0.0) for k in range(self.pools)]
        return np.concatenate([np.reshape(pools, (self.pools, len(columns))), columns.quota_gpus])

    def concerned(self, limit: Limit) -> tuple[int, ...]:
        """Positions of the jobs that a limit binds."""
        return tuple(range(len(self.jobs))) if limit.job is None else (limit.job,)


class Family(StrEnum):
    """The constraint families; each is one function of `solver/mip/formulation.py`."""

    PICK_ONE = "pick_one"
    STAGES_MATCH = "stages_match"
    LEFT_OUT_TOGETHER = "left_out_together"
    IN_ORDER = "in_order"
    BEGIN_ONCE = "begin_once"
    USED_AT_ONCE = "used_at_once"
    OPEN_IN_TIME = "open_in_time"
    ENOUGH_HOURS = "enough_hours"
    BEFORE_DEADLINE = "before_deadline"
    WITHIN_BUDGET = "within_budget"
    ACCURATE_ENOUGH = "accurate_enough"
    WITHIN_CO2 = "within_co2"
    WITHIN_GPUS = "within_gpus"
    WITHIN_DEPLOYED_SIZE = "within_deployed_size"
    WITHIN_LATENCY = "within_latency"
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
    "max_latency": Family.WITHIN_LATENCY,
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
        "max_latency": columns.latency_ms,
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
    most = np.array([resource.most for resource in program.resources])
    return out | (program.uses(job) > most[:, None] + ROUNDING).any(axis=0)


def aim_needs_accuracy(aim: Aim) -> bool:
    """True for aims that compare accuracies: candidates without one cannot take part."""
    return aim is Aim.MOST_ACCURATE


def tasks_of(program: Program, chosen: tuple[int, ...]) -> tuple[Task, ...]:
    """The jobs of a plan as its timetable sees them; one that is left out waits for nothing."""
    earlier = program.chain.earlier or ((),) * len(program.jobs)
    made = []
    for j, (columns, c) in enumerate(zip(program.jobs, chosen, strict=True)):
        uses = tuple(program.uses(j)[:, c].tolist())
        waits = () if columns.left_out[c] else earlier[j]
        made.append(Task(float(columns.hours[c]), uses, float(columns.gpus[c]), waits))
    return tuple(made)


def loosened(program: Program) -> Program:
    """The program without waiting for what jobs share; each candidate alone must fit still."""
    return replace(program, moments=(), is_loose=True)


def deadlines_of(program: Program, active: Iterable[Limit]) -> tuple[float, ...]:
    """The earliest deadline of each job among some limits, infinite where there is none. [h]"""
    made = [math.inf] * len(program.jobs)
    for limit in active:
        for j in program.concerned(limit) if limit.name == "deadline" else ():
            made[j] = min(made[j], limit.bound)
    return tuple(made)


def depth(chain: Chain, job: int) -> int:
    """How many stages come before a job at most. [1]"""
    earlier = chain.earlier[job] if chain.earlier else ()
    return 1 + max(depth(chain, i) for i in earlier) if earlier else 0


def purchases_usd(resources: Sequence[Resource], bought: Sequence[int]) -> float:
    """What a plan pays for machines that are bought whole. [USD]"""
    return sum(r.usd_each * number for r, number in zip(resources, bought, strict=False))


def has_accuracy(program: Program, job: int) -> bool:
    """Whether any candidate of a job has a predicted accuracy."""
    columns = program.jobs[job]
    return bool(np.isfinite(columns.accuracy[~columns.left_out]).any())


def natural_size(program: Program, name: LimitName) -> float:
    """The unit in which the program weighs a quantity."""
    known = program.sizes.get(name)
    return _median(program.jobs, name) if known is None else known


def natural_sizes(jobs: Sequence[JobColumns]) -> dict[LimitName, float]:
    """The median of each quantity over all candidates of all jobs, above 0."""
    return {name: _median(jobs, name) for name in FAMILY_OF_LIMIT}


def settling(length: int) -> slice:
    """So many of some candidates as settle a natural size, evenly spread over the order of keys."""
    return slice(None, None, max(1, length // SETTLING))


def _median(jobs: Sequence[JobColumns], name: LimitName) -> float:
    values = np.concatenate([quantity(columns, name)[settling(len(columns))] for columns in jobs])
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
    return np.where(columns.left_out, 0.0, np.nan_to_num(share, nan=0.0))


def second_aim_of(columns: JobColumns, scale: Mapping[str, float]) -> FloatArray:
    """Each candidate's share of the second aim; smaller is better."""
    return (
        columns.usd / scale["budget"]
        + columns.hours / scale["deadline"]
        - normalised_accuracy(columns)
    )


def _log(values: FloatArray, lowest: float, *, linear: bool) -> FloatArray:
    return values if linear else np.log(np.maximum(values, lowest))
