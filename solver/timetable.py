"""When jobs run: what they share at the same time, and the earliest times in a given order.

No formula of physics and no Pyomo: the program decides candidates and an order, this module turns
them into times in continuous hours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

Span = tuple[float, float]
"""From and to. [h]"""

ROUNDING = 1e-9
"""Shares of machines that add up to a whole one may miss it by so much [1], and times that meet
each other [h]."""

MOST_NATURAL = 150
"""Moments up to which all are told at which a best plan may begin a job. [1]"""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that jobs use at the same time: machines of a pool, or GPUs under a quota."""

    name: str
    most: float
    """Machines or GPUs in use at any one time."""
    closed: tuple[Span, ...] = ()
    """When it cannot be used, by time; overlapping spans are joined."""
    usd_each: float = 0.0
    """For each unit that is used at any time at all: bought whole. [USD]"""


@dataclass(frozen=True, slots=True)
class Timing:
    """When each job of a plan begins and ends, and what it must wait for."""

    starts: tuple[float, ...]
    """By job. [h]"""
    ends: tuple[float, ...]
    waits: tuple[tuple[int, ...], ...]
    """By job, those that must have ended before it begins."""
    not_before: tuple[float, ...]
    """By job, the end of the last closed time before it; 0 where there is none. [h]"""
    must_end: tuple[float, ...]
    """By job, the beginning of the next closed time; infinite where there is none. [h]"""
    bought: tuple[int, ...]
    """Units of each resource that are paid for whole. [1]"""
    peak_gpus: float
    """GPUs in use at the busiest time. [1]"""

    @property
    def last_end(self) -> float:
        """When the last job ends. [h]"""
        return max(self.ends, default=0.0)


@dataclass(frozen=True, slots=True)
class Task:
    """One job of a plan as the timetable sees it."""

    hours: float
    uses: tuple[float, ...]
    """Units of each resource."""
    gpus: float
    earlier: tuple[int, ...]
    """Jobs that must have ended before it begins."""


def at_once(tasks: Sequence[Task], resources: Sequence[Resource] = ()) -> Timing:
    """Every job begins at 0."""
    none = tuple(() for _ in tasks)
    zero = tuple(0.0 for _ in tasks)
    return Timing(
        zero,
        tuple(task.hours for task in tasks),
        none,
        zero,
        tuple(math.inf for _ in tasks),
        tuple(0 for _ in resources),
        sum(task.gpus for task in tasks if task.hours > 0.0),
    )


def packed(
    tasks: Sequence[Task],
    resources: Sequence[Resource],
    order: Sequence[int],
    most_gpus: float = math.inf,
) -> Timing | None:
    """Each job in turn as early as earlier jobs, resources and calendars allow.

    In the order of the starts of a timetable that fits, no job begins later than there (serial
    schedule generation: Kolisch 1996, European Journal of Operational Research 90).

    Args:
        tasks: by job.
        resources: what they share.
        order: positions of the jobs; earlier ones of a chain come first.
        most_gpus: in use at any one time. [1]

    Returns:
        The times, or None where a job finds no place at all.
    """
    starts = [math.nan] * len(tasks)
    ends = [math.nan] * len(tasks)
    placed: list[int] = []
    for j in order:
        task = tasks[j]
        ready = max((ends[i] for i in task.earlier), default=0.0)
        start = _place(
            task, ready, [(tasks[i], starts[i], ends[i]) for i in placed], resources, most_gpus
        )
        if start is None:
            return None
        starts[j], ends[j] = start, start + task.hours
        placed.append(j)
    return timing_from(tasks, resources, starts, gpus_are_scarce=math.isfinite(most_gpus))


def orders(tasks: Sequence[Task], deadlines: Sequence[float]) -> Iterator[list[int]]:
    """Orders in which jobs often fit: by deadline, longest first, and those most waited for first.

    Each keeps the order of stages.
    """
    tails = [_tail(j, tasks) for j in range(len(tasks))]
    due = [
        min((deadlines[i] for i in _later(j, tasks)), default=math.inf) for j in range(len(tasks))
    ]
    for key in (
        lambda j: (due[j], -tails[j], j),
        lambda j: (-tails[j], due[j], j),
        lambda j: (-tasks[j].hours, j),
    ):
        yield in_stages(tasks, sorted(range(len(tasks)), key=key))


def _later(job: int, tasks: Sequence[Task]) -> Iterator[int]:
    """A job and all that wait for it."""
    yield job
    for j, task in enumerate(tasks):
        if job in task.earlier:
            yield from _later(j, tasks)


def _tail(job: int, tasks: Sequence[Task]) -> float:
    """Hours from the begin of a job to the end of the longest chain that waits for it. [h]"""
    after = [_tail(j, tasks) for j, task in enumerate(tasks) if job in task.earlier]
    return tasks[job].hours + max(after, default=0.0)


def in_stages(tasks: Sequence[Task], wanted: Sequence[int] | None = None) -> list[int]:
    """The wanted order, else that of the question, with each job after those it waits for."""
    made: list[int] = []

    def add(job: int) -> None:
        if job not in made:
            for i in tasks[job].earlier:
                add(i)
            made.append(job)

    for job in range(len(tasks)) if wanted is None else wanted:
        add(job)
    return made


def _place(
    task: Task,
    ready: float,
    placed: list[tuple[Task, float, float]],
    resources: Sequence[Resource],
    most_gpus: float,
) -> float | None:
    moments = {ready}
    moments.update(end for _, _, end in placed if end > ready)
    for r, resource in enumerate(resources):
        if task.uses[r] > 0:
            moments.update(to for _, to in resource.closed if to > ready)
    for moment in sorted(moments):
        if _fits(task, moment, placed, resources, most_gpus):
            return moment
    return None


def _fits(
    task: Task,
    start: float,
    placed: list[tuple[Task, float, float]],
    resources: Sequence[Resource],
    most_gpus: float,
) -> bool:
    end = start + task.hours
    beside = [(other, a, b) for other, a, b in placed if a < end and b > start]
    for r, resource in enumerate(resources):
        if task.uses[r] <= 0:
            continue
        if any(overlaps(start, end, span) for span in resource.closed):
            return False
        peak = _peak([(other.uses[r], a, b) for other, a, b in beside], start)
        if peak + task.uses[r] > resource.most + ROUNDING:
            return False
    return _peak([(other.gpus, a, b) for other, a, b in beside], start) + task.gpus <= most_gpus


def overlaps(start: float, end: float, span: Span) -> bool:
    """Whether a job runs in a span of time; touching it is no overlap."""
    return span[0] < end - ROUNDING and span[1] > start + ROUNDING


def _peak(uses: list[tuple[float, float, float]], start: float) -> float:
    """The most that is used at any one time from `start` on by (use, from, to)."""
    moments = {start, *(a for _, a, _ in uses if a > start)}
    return max(sum(use for use, a, b in uses if a <= moment < b) for moment in moments)


def timing_from(
    tasks: Sequence[Task],
    resources: Sequence[Resource],
    starts: Sequence[float],
    *,
    gpus_are_scarce: bool,
) -> Timing:
    """What follows from the starts of a timetable that fits.

    Args:
        tasks: by job.
        resources: what they share.
        starts: by job. [h]
        gpus_are_scarce: the number in use at once is limited.
    """
    ends = [start + task.hours for start, task in zip(starts, tasks, strict=True)]
    not_before, must_end = [], []
    for j, task in enumerate(tasks):
        spans = [s for r, s in enumerate(resources) if task.uses[r] > 0]
        closed = [span for resource in spans for span in resource.closed]
        not_before.append(max((b for _, b in closed if b <= starts[j] + ROUNDING), default=0.0))
        must_end.append(min((a for a, _ in closed if a >= ends[j] - ROUNDING), default=math.inf))
    waits = [
        tuple(_waits(j, tasks, starts, ends, gpus_are_scarce=gpus_are_scarce))
        for j in range(len(tasks))
    ]
    return Timing(
        tuple(starts),
        tuple(ends),
        tuple(waits),
        tuple(not_before),
        tuple(must_end),
        tuple(_bought(r, resource, tasks, starts, ends) for r, resource in enumerate(resources)),
        peak_of([task.gpus for task in tasks], starts, ends),
    )


def _waits(
    j: int,
    tasks: Sequence[Task],
    starts: Sequence[float],
    ends: Sequence[float],
    *,
    gpus_are_scarce: bool,
) -> Iterator[int]:
    """Earlier stages, and every job that ends before this one and shares something scarce with it.

    If each job waits for these, then whatever time they take, only jobs run together that do so in
    the timetable: their spans overlap in pairs, so all have a moment in common.
    """
    for i, other in enumerate(tasks):
        if i == j or not ends[i] <= starts[j] or (ends[i] == starts[i]):
            continue
        shares = gpus_are_scarce or any(
            a > 0 and b > 0 for a, b in zip(tasks[j].uses, other.uses, strict=True)
        )
        if i in tasks[j].earlier or shares:
            yield i


def _bought(
    r: int,
    resource: Resource,
    tasks: Sequence[Task],
    starts: Sequence[float],
    ends: Sequence[float],
) -> int:
    if resource.usd_each <= 0:
        return 0
    return math.ceil(peak_of([task.uses[r] for task in tasks], starts, ends) - ROUNDING)


def peak_of(uses: Sequence[float], starts: Sequence[float], ends: Sequence[float]) -> float:
    """The most that is in use at any one time, from each job's use, start and end."""
    moments = sorted(set(starts))
    return max(
        (
            sum(u for u, a, b in zip(uses, starts, ends, strict=True) if a <= moment < b)
            for moment in moments
        ),
        default=0.0,
    )


def finished(timing: Timing, hours: FloatArray) -> tuple[FloatArray, BoolArray]:
    """When each job ends if it takes other hours, and whether closed times are kept.

    Args:
        timing: the order that the plan states.
        hours: of each job, shape (jobs, draws). [h]

    Returns:
        Ends, shape (jobs, draws) [h], and for each draw whether no job runs into a closed time.
    """
    ends = np.zeros_like(hours)
    kept = np.ones(hours.shape[1], dtype=bool)
    for j in sorted(range(len(hours)), key=lambda j: (timing.starts[j], timing.ends[j])):
        start = np.full(hours.shape[1], timing.not_before[j])
        for i in timing.waits[j]:
            start = np.maximum(start, ends[i])
        ends[j] = start + hours[j]
        kept &= ends[j] <= timing.must_end[j]
    return ends, kept


def joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans by time, those that touch made one."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return tuple(made)


def open_times(closed: Sequence[Span]) -> tuple[Span, ...]:
    """The spans between closed times from 0 on, the last perhaps without end."""
    made, begin = [], 0.0
    for start, end in closed:
        made.append((begin, start))
        begin = end
    made.append((begin, math.inf))
    return tuple((a, b) for a, b in made if a < b)


def natural_moments(
    hours: Sequence[FloatArray], resources: Sequence[Resource]
) -> tuple[float, ...] | None:
    """Every moment at which a best plan may begin a job, and last one when all may have ended.

    Among the best plans is one in which no job could begin earlier while the others stay: each
    begins at 0, as a pool opens, or as another job ends, and so at 0 or at an opening and some
    hours of each of some other jobs later.

    Args:
        hours: of each job's candidates. [h]
        resources: what they share.

    Returns:
        The moments, ascending [h]; None where they are too many.
    """
    opening = [end for r in resources for _, end in r.closed if math.isfinite(end)]
    # By the number of jobs that a sum is of; the last holds ends that nothing waits for.
    sums = [np.unique([0.0, *opening])] + [np.empty(0)] * len(hours)
    for some in hours:
        longer = [np.add.outer(before, np.unique(some)).ravel() for before in sums[:-1]]
        sums = [sums[0], *(_apart(np.r_[a, b]) for a, b in zip(sums[1:], longer, strict=True))]
        if max(map(len, sums[:-1])) > MOST_NATURAL:
            return None
    begins = _apart(np.concatenate(sums[:-1]))
    if len(begins) > MOST_NATURAL:
        return None
    return (*begins.tolist(), float(np.concatenate(sums).max()) * (1.0 + ROUNDING) + ROUNDING)


def _apart(moments: FloatArray) -> FloatArray:
    """Moments in order, of those that differ by rounding alone the last one."""
    ordered = np.unique(moments)
    return ordered[np.r_[np.diff(ordered) > ROUNDING, np.ones(min(1, len(ordered)), dtype=bool)]]


def earliest_starts(hours: FloatArray, closed: Sequence[Span]) -> FloatArray:
    """When jobs of these hours can begin at the earliest, each alone, between closed times. [h]"""
    start = np.zeros_like(hours)
    for begin, end in closed:
        start = np.where((start < end) & (start + hours > begin), end, start)
    return start
