"""The core: candidates that can be part of a best plan at some quantile, whichever it is.

Reduction at one quantile looks at every candidate. The search for a quantile, smallest changes and
lower confidences ask at many, so candidates that another one beats at all of them are left out
once. With W = work · F(f, t), where F is the reserve for a spread t and failures f, B the bill that
starts with the paid hours, z >= 0 the deviation that belongs to the quantile, p the spread of the
price and E = exp(z · (hypot(t, p) - t)):

    hours = start + W,   dollars = rate · max(E · B, exp(z · p) · B at the median) + fixed,
    accuracy = median - z · sd,   kg = rate of emission · paid hours

F grows with f, t and z; the bill lies between the paid hours and those and one grain, or the
minimum. So c beats c' at every quantile if it does at the median, with the least of what grows
with z, and if what grows does so no faster.

Where other machines take over after a window on spot ones, the window is so many times the work:
all hours after the start but those of the change are in proportion to it. Such candidates are
compared on the same machines and with the same spread only, where less work that fails no more
often is less of everything.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.candidates import CHUNK
from solver.estimate.chunks import THREADS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solver.candidates import Candidates
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.plan import LimitName

LEAST, MOST = 0.5, 0.99999
"""Quantiles between which a core holds."""

AWAY = NormalDist().inv_cdf(MOST)
"""The deviation that belongs to the highest of them. [1]"""

FARTHEST = 8.3
"""No double below 1 is a quantile of a larger deviation; with reruns F looks so far out. [1]"""

GRAIN_SLACK = 1e-9
"""Share of a grain by which a bill may be below the hours. [ratio]"""

SAMPLED, FIRST = 1_000, 24
"""Candidates by which it is settled which beaters are tried first, and how many those are. [1]"""

WORTH_COPYING = 0.02
"""Share of beaten candidates from which the others are copied together. [ratio]"""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What settles hours, dollars, accuracy and emissions at every quantile; shape (n,)."""

    start_hours: FloatArray
    work_hours: FloatArray
    """At the median. [h]"""
    log_sd: FloatArray
    failure_ratio: FloatArray
    median: FloatArray
    """Accuracy; -1 where it is not predicted. [0..1]"""
    surest: FloatArray
    """The same at the highest quantile, not clipped."""
    usd_per_hour: FloatArray
    work_usd: FloatArray
    """Paid for the work at the median. [USD]"""
    least_usd: FloatArray
    """Paid at the median at least, without what is fixed. [USD]"""
    most_start_hours: FloatArray
    """Paid besides the work at most: start and one grain, or what is missing to the minimum. [h]"""
    fixed_usd: FloatArray
    price_log_sd: FloatArray
    start_kg: FloatArray
    """Emitted while starting; infinite where it is not known. [kg]"""
    work_kg: FloatArray
    coupled: IntArray
    """Only candidates with the same number are compared."""
    windowed: BoolArray
    """Whether other machines take over after a window on spot ones."""
    position: IntArray

    def __len__(self) -> int:
        return len(self.position)

    def take(self, index: IntArray | BoolArray | slice) -> _Shape:
        return _Shape(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


def core(job: Candidates, limited: Iterable[LimitName], likely: IntArray) -> IntArray:
    """Positions of candidates that can matter at some quantile from `LEAST` to `MOST`, ascending.

    c removes c' where it is no worse in any quantity at any of these quantiles, takes the same of
    what is scarce, and ends earlier or comes first by key. What reduction leaves of the core at a
    quantile is what it leaves of all.

    Args:
        job: the candidates.
        limited: names of the quantities that some limit bounds.
        likely: candidates by which others are beaten, such as those that reduction left somewhere.
    """
    numbers, counts_co2 = _coupled(job, set(limited)), "co2" in set(limited)

    def shape(index: IntArray) -> _Shape:
        return _shape(job, index, numbers, counts_co2=counts_co2)

    sample = shape(np.arange(0, len(job), max(1, len(job) // SAMPLED)))
    beaters = shape(likely)
    order = _telling([_beaten(beaters, i, sample) for i in range(len(beaters))], len(sample))
    beaters = beaters.take(order)

    def left(start: int) -> _Shape:
        some = shape(np.arange(start, min(start + CHUNK, len(job))))
        return _unbeaten(beaters, range(min(FIRST, len(beaters))), some)

    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(left, range(0, max(len(job), 1), CHUNK)))
    some = parts[0] if len(parts) == 1 else _joined(parts)
    return _unbeaten(beaters, range(FIRST, len(beaters)), some).position


def _telling(beaten: list[IntArray], sampled: int) -> IntArray:
    """Beaters by how many of a sample each beats that none before it does.

    Args:
        beaten: by beater, which of the sample it beats.
        sampled: how many there are. [1]
    """
    hits = np.zeros((len(beaten), sampled), dtype=bool)
    for i, some in enumerate(beaten):
        hits[i, some] = True
    order = []
    for _ in range(min(FIRST, len(beaten))):
        order.append(int(hits.sum(axis=1).argmax()))
        hits[:, hits[order[-1]]] = False
    return np.array(order + sorted(set(range(len(beaten))) - set(order)), dtype=np.int64)


def _unbeaten(beaters: _Shape, tried: range, some: _Shape) -> _Shape:
    """Those of some candidates that none of the beaters tried beats."""
    alive = np.ones(len(some), dtype=bool)
    for i in tried:
        alive[_beaten(beaters, i, some)] = False
        if np.count_nonzero(alive) < len(alive) * (1.0 - WORTH_COPYING):
            some = some.take(alive)
            alive = np.ones(len(some), dtype=bool)
    return some.take(alive)


def _joined(parts: list[_Shape]) -> _Shape:
    columns = {f.name: [getattr(part, f.name) for part in parts] for f in fields(_Shape)}
    return _Shape(**{name: np.concatenate(column) for name, column in columns.items()})


def _beaten(beaters: _Shape, i: int, some: _Shape) -> IntArray:
    """Which of some candidates beater i beats at every quantile."""
    one = beaters.take(slice(i, i + 1))
    near = np.flatnonzero(
        (one.work_hours <= some.work_hours)
        & (one.median >= some.median)
        & (one.coupled == some.coupled)
    )
    rest = some.take(near)
    wider = np.exp(FARTHEST * np.maximum(one.log_sd - rest.log_sd, 0.0))
    ends = one.start_hours + one.work_hours * wider, rest.start_hours + rest.work_hours
    beaten = (
        (one.surest >= rest.surest)
        & (one.failure_ratio <= rest.failure_ratio)
        & (one.work_hours * wider <= rest.work_hours)
        & (ends[0] <= ends[1])
        & (one.work_kg * wider <= rest.work_kg)
        & (one.start_kg + one.work_kg * wider <= rest.start_kg + rest.work_kg)
        & _is_cheaper(one, rest, wider)
        & ((ends[0] < ends[1]) | (one.position < rest.position))
        & (~rest.windowed | (one.log_sd == rest.log_sd))
    )
    found: IntArray = near[beaten]
    return found


def _is_cheaper(one: _Shape, rest: _Shape, wider: FloatArray) -> BoolArray:
    """Whether one never costs more.

    With u = rate · paid work and v = rate · what is paid besides: that E is at least 1 and at most
    its value at the highest quantile, and that E · F of the other is no less than its E, makes

        v E + u E F <= v' E' + u' E' F'   follow from   u <= u' and v E_most + u <= v' + u'

    where t <= t' and p <= p'; where one of them is larger, u and v are raised by what that can add.
    """
    dearer = np.exp(AWAY * np.maximum(one.price_log_sd - rest.price_log_sd, 0.0))
    most = np.exp(AWAY * (np.hypot(one.log_sd, one.price_log_sd) - one.log_sd))
    work = one.work_usd * wider * dearer
    whole = one.usd_per_hour * one.most_start_hours * most * dearer + work
    cheaper: BoolArray = (
        (work <= rest.work_usd)
        & (whole <= rest.least_usd)
        & (whole + one.fixed_usd <= rest.least_usd + rest.fixed_usd)
    )
    return cheaper


def _shape(
    job: Candidates, index: IntArray, numbers: tuple[IntArray, IntArray], *, counts_co2: bool
) -> _Shape:
    row, rent = job.row[index], job.rent[index]
    model, variant = job.physics.model[row], job.physics.variant[row]
    duration, billing = job.duration(index), job.billing(index)
    where = model, variant, job.epoch[index]
    median, sd = job.accuracy.median[where], job.accuracy.sd[where]
    known = np.isfinite(median)
    paid = duration.work_hours * billing.paid_ratio
    least_start = duration.startup_hours - GRAIN_SLACK * billing.grain_hours
    kg = np.zeros(len(index))
    if counts_co2:
        kg = np.nan_to_num(job.rents.kw[rent] * job.rents.kg_co2_per_kwh[rent], nan=np.inf)
    return _Shape(
        start_hours=duration.startup_hours,
        work_hours=duration.work_hours,
        log_sd=duration.slow_log_sd,
        failure_ratio=duration.failure_ratio,
        median=np.where(known, median, -1.0),
        surest=np.where(known, median - AWAY * sd, -np.inf),
        usd_per_hour=billing.usd_per_hour,
        work_usd=billing.usd_per_hour * paid,
        least_usd=billing.usd_per_hour * (least_start + paid),
        most_start_hours=np.maximum(
            duration.startup_hours + billing.grain_hours, billing.minimum_hours - paid
        ),
        fixed_usd=billing.fixed_usd,
        price_log_sd=billing.price_log_sd,
        start_kg=_emitted(kg, duration.startup_hours),
        work_kg=_emitted(kg, paid),
        coupled=numbers[0][rent] * (int(numbers[1].max(initial=0)) + 1)
        + numbers[1][model, variant],
        windowed=np.isfinite(job.rents.window_ratio[rent]),
        position=index,
    )


def _emitted(kg_per_hour: FloatArray, hours: FloatArray) -> FloatArray:
    """What is emitted in some hours; infinite where the rate is not known, in no time too. [kg]"""
    return np.where(np.isfinite(kg_per_hour), kg_per_hour, 1.0) * hours + np.where(
        np.isfinite(kg_per_hour), 0.0, np.inf
    )


def _coupled(job: Candidates, used: set[LimitName]) -> tuple[IntArray, IntArray]:
    """Equal numbers where the same is taken of what is scarce: by rent, by model and variant."""
    rents = job.rents
    of_rent: list[NDArray[Any]] = [
        rents.pool,
        np.where(rents.pool >= 0, rents.instances, 0.0),
        *rents.quota_gpus,
        np.where(np.isfinite(rents.window_ratio), np.arange(len(rents)), -1.0),
    ]
    if "max_gpus" in used:
        of_rent.append(rents.gpus)
    shape = job.deployed_gb.shape
    of_model: list[NDArray[Any]] = [
        np.broadcast_to(job.takes[:, None], shape),
        np.broadcast_to(job.gives[:, None], shape),
    ]
    if "max_deployed" in used:
        of_model.append(job.deployed_gb)
    if "max_latency" in used:
        of_model.append(np.nan_to_num(job.latency_ms, nan=-1.0))
    return _numbered(of_rent), _numbered([column.ravel() for column in of_model]).reshape(shape)


def _numbered(columns: list[NDArray[Any]]) -> IntArray:
    """One number for each combination of values."""
    table = np.stack([np.asarray(column, dtype=np.float64) for column in columns])
    _, number = np.unique(table, axis=1, return_inverse=True)
    return number.reshape(-1)
