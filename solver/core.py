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
from enum import IntEnum
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.candidates import CHUNK
from solver.estimate.chunks import THREADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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

SAMPLED, FIRST = 150, 24
"""Candidates by which it is settled which beaters are tried first, and how many those are. [1]"""

MANY = 30_000
"""Candidates from which it is worth trying all beaters. [1]"""

MOST_SAMPLED = 1_000
"""Beaters among which those are looked for. [1]"""

FEW, AT_ONCE = 5_000, 60_000
"""Below so many candidates several beaters are compared at once, so many pairs together. [1]"""

WORTH_COPYING = 0.02
"""Share of beaten candidates from which the others are copied together. [ratio]"""

MOST_EACH = 400
"""Comparisons for each candidate of a piece at most: a core need not be the smallest. [1]"""


class _Row(IntEnum):
    """Rows of a table of candidates: what settles their quantities at every quantile."""

    WORK_HOURS = 0
    """At the median. [h]"""
    ENDS = 1
    """The same with the start. [h]"""
    LOG_SD = 2
    FAILURE = 3
    MEDIAN = 4
    """Accuracy; -1 where it is not predicted. [0..1]"""
    SUREST = 5
    """The same at the highest quantile, not clipped; minus infinity where it is not predicted."""
    WORK_USD = 6
    """Paid for the work at the median. [USD]"""
    LEAST_USD = 7
    """Paid at the median at least, without what is fixed. [USD]"""
    MOST_USD = 8
    """Paid at the median, and for the start and one grain, or what is missing to the minimum, at
    the highest quantile. [USD]"""
    FIXED_USD = 9
    PRICE_LOG_SD = 10
    WORK_KG = 11
    """Emitted; infinite where it is not known. [kg]"""
    KG = 12
    """The same with the start."""
    DEPLOYED_GB = 13
    """0 where no limit bounds it; likewise the latency, infinite where there is none. [GB]"""
    LATENCY_MS = 14
    WINDOWED = 15
    """1 where other machines take over after a window on spot ones, 0 elsewhere."""
    POSITION = 16


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
    used, coupled = frozenset(limited), _coupled(job, frozenset(limited))
    beaters, of_beaters = _table(job, likely, used), coupled[likely]
    order = np.argsort(coupled, kind="stable")
    of_order = coupled[order]
    edges = np.flatnonzero(np.diff(of_order, prepend=-1, append=-1))

    def left(groups: list[tuple[int, int]]) -> IntArray:
        start, parts = groups[0][0], []
        some = _table(job, order[start : groups[-1][1]], used)
        for first, end in groups:
            own = beaters[:, of_beaters == of_order[first]]
            parts.append(_unbeaten(own, some[:, first - start : end - start])[_Row.POSITION])
        positions: IntArray = np.concatenate(parts).astype(np.int64)
        return positions

    pieces = list(_pieces(edges.tolist()))
    if len(pieces) <= 1:
        rows = [left(groups) for groups in pieces]
    else:
        with ThreadPoolExecutor(THREADS) as pool:
            rows = list(pool.map(left, pieces))
    return np.sort(np.concatenate([likely[:0], *rows]))


def _pieces(edges: list[int]) -> Iterator[list[tuple[int, int]]]:
    """Groups of candidates that are looked at together: where each begins and ends.

    Args:
        edges: where groups begin that take the same of what is scarce, and where the last ends; a
            large one is cut.
    """
    piece: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        for first in range(start, end, CHUNK):
            last = min(first + CHUNK, end)
            if piece and last - piece[0][0] > CHUNK:
                yield piece
                piece = []
            piece.append((first, last))
    if piece:
        yield piece


def _telling(beats: BoolArray, beaters: int) -> IntArray:
    """Beaters by how many of a sample each beats that none before it does.

    Args:
        beats: whether each of the first beaters beats each of the sample, shape (some, sample).
        beaters: how many there are. [1]
    """
    hits = beats.copy()
    order: list[int] = []
    for _ in range(min(FIRST, len(hits))):
        order.append(int(hits.sum(axis=1).argmax()))
        hits[:, hits[order[-1]]] = False
    return np.array(list(dict.fromkeys([*order, *range(beaters)])), dtype=np.int64)


def _unbeaten(beaters: FloatArray, some: FloatArray) -> FloatArray:
    """The table of those that no beater beats, as far as looking for them is worth the time."""
    if beaters.shape[1] > FIRST and some.shape[1] > FEW:
        sample = some[:, :: max(1, some.shape[1] // SAMPLED)]
        beaters = beaters[:, _telling(_beats(beaters[:, :MOST_SAMPLED], sample), beaters.shape[1])]
        if some.shape[1] < MANY:  # the others would take longer than what they leave out
            beaters = beaters[:, :FIRST]
    alive = np.ones(some.shape[1], dtype=bool)
    at, spare = 0, MOST_EACH * some.shape[1]
    while at < beaters.shape[1] and some.shape[1] and spare > 0:
        many = AT_ONCE // some.shape[1] if some.shape[1] < FEW else 1
        if many == 1:
            alive[_beaten(beaters[:, at : at + 1], some)] = False
        else:
            alive &= ~_beats(beaters[:, at : at + many], some).any(axis=0)
        at, spare = at + many, spare - many * some.shape[1]
        if np.count_nonzero(alive) < len(alive) * (1.0 - WORTH_COPYING):
            some = some[:, alive]
            alive = np.ones(some.shape[1], dtype=bool)
    return some[:, alive]


def _beaten(beater: FloatArray, some: FloatArray) -> IntArray:
    """Which of many candidates one beats: most are told apart by a few quantities."""
    near = np.flatnonzero(
        (beater[_Row.WORK_HOURS] <= some[_Row.WORK_HOURS])
        & (beater[_Row.MEDIAN] >= some[_Row.MEDIAN])
        & (beater[_Row.MOST_USD] <= some[_Row.LEAST_USD])
        & (beater[_Row.DEPLOYED_GB] <= some[_Row.DEPLOYED_GB])
        & (beater[_Row.LATENCY_MS] <= some[_Row.LATENCY_MS])
    )
    rest = some[:, near]
    beats = (beater[_Row.SUREST] >= rest[_Row.SUREST]) & (
        beater[_Row.FAILURE] <= rest[_Row.FAILURE]
    )
    beaten: IntArray = near[beats & _beats_with_spread(beater, rest)]
    return beaten


def _beats(beaters: FloatArray, some: FloatArray) -> BoolArray:
    """Whether each beater beats each candidate at every quantile, shape (beaters, candidates)."""
    one, rest = beaters[:, :, None], some[:, None, :]
    beats = _beats_without_spread(one, rest)
    wider = (one[_Row.LOG_SD] > rest[_Row.LOG_SD]) | (rest[_Row.WINDOWED] > 0.0)
    wider |= one[_Row.PRICE_LOG_SD] > rest[_Row.PRICE_LOG_SD]
    first, second = np.nonzero(beats & wider)
    beats[first, second] = _beats_with_spread(beaters[:, first], some[:, second])
    return beats


def _beats_without_spread(one: FloatArray, rest: FloatArray) -> BoolArray:
    """Whether one beats the other if its spreads are no larger; if they are, it must all the same.

    Dollars: u is rate · paid work, v is rate · what is paid besides. That E is at least 1 and at
    most its value at the highest quantile, and that E · F of the other is no less than its E, makes

        v E + u E F <= v' E' + u' E' F'   follow from   u <= u' and v E_most + u <= v' + u'
    """
    beats: BoolArray = (
        (one[_Row.WORK_HOURS] <= rest[_Row.WORK_HOURS])
        & (one[_Row.MEDIAN] >= rest[_Row.MEDIAN])
        & (one[_Row.SUREST] >= rest[_Row.SUREST])
        & (one[_Row.FAILURE] <= rest[_Row.FAILURE])
        & (one[_Row.ENDS] <= rest[_Row.ENDS])
        & (one[_Row.WORK_USD] <= rest[_Row.WORK_USD])
        & (one[_Row.MOST_USD] <= rest[_Row.LEAST_USD])
        & (one[_Row.MOST_USD] + one[_Row.FIXED_USD] <= rest[_Row.LEAST_USD] + rest[_Row.FIXED_USD])
        & (one[_Row.WORK_KG] <= rest[_Row.WORK_KG])
        & (one[_Row.KG] <= rest[_Row.KG])
        & (one[_Row.DEPLOYED_GB] <= rest[_Row.DEPLOYED_GB])
        & (one[_Row.LATENCY_MS] <= rest[_Row.LATENCY_MS])
        & ((one[_Row.ENDS] < rest[_Row.ENDS]) | (one[_Row.POSITION] < rest[_Row.POSITION]))
    )
    return beats


def _beats_with_spread(one: FloatArray, rest: FloatArray) -> BoolArray:
    """The same where spreads may be larger: what grows with them is raised by what that can add."""
    wider = np.exp(FARTHEST * np.maximum(one[_Row.LOG_SD] - rest[_Row.LOG_SD], 0.0))
    dearer = np.exp(AWAY * np.maximum(one[_Row.PRICE_LOG_SD] - rest[_Row.PRICE_LOG_SD], 0.0))
    work_hours, work_kg = one[_Row.WORK_HOURS] * wider, one[_Row.WORK_KG] * wider
    ends = one[_Row.ENDS] - one[_Row.WORK_HOURS] + work_hours
    work_usd = one[_Row.WORK_USD] * wider * dearer
    most_usd = (one[_Row.MOST_USD] - one[_Row.WORK_USD]) * dearer + work_usd
    # What is not known is infinite in both.
    start_kg = one[_Row.KG] - np.where(np.isfinite(one[_Row.KG]), one[_Row.WORK_KG], 0.0)
    beats: BoolArray = (
        (work_hours <= rest[_Row.WORK_HOURS])
        & (ends <= rest[_Row.ENDS])
        & (work_usd <= rest[_Row.WORK_USD])
        & (most_usd <= rest[_Row.LEAST_USD])
        & (most_usd + one[_Row.FIXED_USD] <= rest[_Row.LEAST_USD] + rest[_Row.FIXED_USD])
        & (work_kg <= rest[_Row.WORK_KG])
        & (start_kg + work_kg <= rest[_Row.KG])
        & ((ends < rest[_Row.ENDS]) | (one[_Row.POSITION] < rest[_Row.POSITION]))
        & ((rest[_Row.WINDOWED] == 0.0) | (one[_Row.LOG_SD] == rest[_Row.LOG_SD]))
    )
    return beats


def _table(job: Candidates, index: IntArray, used: frozenset[LimitName]) -> FloatArray:
    """The table of some candidates, shape (rows, n)."""
    row, rent = job.row[index], job.rent[index]
    model, variant = job.physics.model[row], job.physics.variant[row]
    duration, billing = job.duration(index), job.billing(index)
    where = model, variant, job.epoch[index]
    median, sd = job.accuracy.median[where], job.accuracy.sd[where]
    known = np.isfinite(median)
    start, work, rate = duration.startup_hours, duration.work_hours, billing.usd_per_hour
    paid = work * billing.paid_ratio
    most_start = np.maximum(start + billing.grain_hours, billing.minimum_hours - paid)
    t, p = duration.slow_log_sd, billing.price_log_sd
    kg = np.zeros(len(index))
    if "co2" in used:
        kg = np.nan_to_num(job.rents.kw[rent] * job.rents.kg_co2_per_kwh[rent], nan=np.inf)
    made = np.empty((len(_Row), len(index)))
    made[_Row.WORK_HOURS] = work
    made[_Row.ENDS] = start + work
    made[_Row.LOG_SD] = t
    made[_Row.FAILURE] = duration.failure_ratio
    made[_Row.MEDIAN] = np.where(known, median, -1.0)
    made[_Row.SUREST] = np.where(known, median - AWAY * sd, -np.inf)
    made[_Row.WORK_USD] = rate * paid
    made[_Row.LEAST_USD] = rate * (start - GRAIN_SLACK * billing.grain_hours + paid)
    made[_Row.MOST_USD] = rate * (most_start * np.exp(AWAY * (np.hypot(t, p) - t)) + paid)
    made[_Row.FIXED_USD] = billing.fixed_usd
    made[_Row.PRICE_LOG_SD] = p
    made[_Row.WORK_KG] = _emitted(kg, paid)
    made[_Row.KG] = _emitted(kg, start + paid)
    made[_Row.DEPLOYED_GB] = job.deployed_gb[model, variant] if "max_deployed" in used else 0.0
    made[_Row.LATENCY_MS] = 0.0
    if "max_latency" in used:
        made[_Row.LATENCY_MS] = np.nan_to_num(job.latency_ms[model, variant], nan=np.inf)
    made[_Row.WINDOWED] = np.isfinite(job.rents.window_ratio[rent])
    made[_Row.POSITION] = index
    return made


def _emitted(kg_per_hour: FloatArray, hours: FloatArray) -> FloatArray:
    """What is emitted in some hours; infinite where the rate is not known, in no time too. [kg]"""
    known = np.isfinite(kg_per_hour)
    return np.where(known, np.where(known, kg_per_hour, 0.0) * hours, np.inf)


def _coupled(job: Candidates, used: frozenset[LimitName]) -> IntArray:
    """By candidate, equal numbers where the same is taken of what is scarce."""
    rents = job.rents
    of_rent: list[NDArray[Any]] = [
        rents.pool,
        np.where(rents.pool >= 0, rents.instances, 0.0),
        *rents.quota_gpus,
        np.where(np.isfinite(rents.window_ratio), np.arange(len(rents)), -1.0),
    ]
    if "max_gpus" in used:
        of_rent.append(rents.gpus)
    by_rent, by_model = _numbered(of_rent), _numbered([job.takes, job.gives])
    models = int(by_model.max(initial=0)) + 1
    number: IntArray = by_rent[job.rent] * models + by_model[job.physics.model[job.row]]
    return number


def _numbered(columns: list[NDArray[Any]]) -> IntArray:
    """One number for each combination of values."""
    table = np.stack([np.asarray(column, dtype=np.float64) for column in columns])
    _, number = np.unique(table, axis=1, return_inverse=True)
    return number.reshape(-1)
