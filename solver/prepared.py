"""Columns of candidates at one quantile, and which of them can matter; both are kept.

The first time, all candidates are reduced. At other quantiles only those of the core are looked at,
and the columns of all are made when something asks for them.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np

from solver.candidates import columns_at
from solver.core import LEAST, MOST, core
from solver.patience import heed
from solver.program import JobColumns, natural_sizes, settling
from solver.reduce import reduced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from solver.candidates import Candidates
    from solver.estimate.configurations import IntArray
    from solver.plan import LimitName

REMEMBERED = 16
"""Quantiles of questions that stay in memory: a window asks again with other limits. [1]"""

MOST_REMEMBERED = 9_000_000
"""Candidates whose columns stay, but for those of the last two quantiles: some 900 MB. [1]"""

WHOLE_REMEMBERED = 3
"""Quantiles at which the columns of all candidates stay. [1]"""


class ColumnsOfAll(Sequence[JobColumns]):
    """By job, the columns of all candidates at a quantile, made when first asked for."""

    def __init__(self, jobs: tuple[Candidates, ...], quantile: float) -> None:
        self._jobs, self._quantile = jobs, quantile
        self._whole: dict[int, JobColumns] = {}
        self._single: dict[tuple[int, int], JobColumns] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    @overload
    def __getitem__(self, job: int) -> JobColumns: ...
    @overload
    def __getitem__(self, job: slice) -> tuple[JobColumns, ...]: ...
    def __getitem__(self, job: int | slice) -> JobColumns | tuple[JobColumns, ...]:
        """All candidates of a job."""
        if isinstance(job, slice):
            return tuple(self[j] for j in range(*job.indices(len(self))))
        if not -len(self) <= job < len(self):
            raise IndexError(job)
        j = job % len(self)
        if j not in self._whole:
            heed.get()()
            self._whole[j] = columns_at(self._jobs[j], self._quantile)
        return self._whole[j]

    def some(self, job: int, index: IntArray) -> JobColumns:
        """Some candidates of a job, in that order."""
        if job in self._whole:
            return self._whole[job].take(index)
        return columns_at(self._jobs[job], self._quantile, index)

    def passing(self, job: int) -> JobColumns:
        """All candidates of a job, not kept in memory if they were not."""
        if job in self._whole:
            return self._whole[job]
        return columns_at(self._jobs[job], self._quantile)

    def single(self, job: int, position: int) -> JobColumns:
        """One candidate of a job."""
        key = job, position
        if key not in self._single:
            self._single[key] = self.some(job, np.array([position]))
        return self._single[key]

    def settling(self, job: int) -> JobColumns:
        """Some candidates of a job that have the natural sizes of all."""
        if job in self._whole:
            return self._whole[job]
        return self.some(job, np.arange(len(self._jobs[job]))[settling(len(self._jobs[job]))])

    @property
    def made(self) -> int:
        """Candidates whose columns are in memory. [1]"""
        return sum(map(len, self._whole.values()))

    def forget(self) -> None:
        """Let go of what can be made again."""
        self._whole.clear()


class Prepared:
    """Candidates at one quantile, and which of them can matter."""

    def __init__(
        self, jobs: tuple[Candidates, ...], columns: ColumnsOfAll, kept: tuple[IntArray, ...]
    ) -> None:
        self.jobs = jobs
        self.columns = columns
        self.kept = kept

    @cached_property
    def taken(self) -> tuple[JobColumns, ...]:
        """By job, the columns of those that can matter."""
        return tuple(self.columns.some(j, kept) for j, kept in enumerate(self.kept))

    @cached_property
    def sizes(self) -> Mapping[LimitName, float]:
        """Natural size of each quantity."""
        return natural_sizes(tuple(self.columns.settling(j) for j in range(len(self.jobs))))


@dataclass(slots=True)
class _Known:
    """What is known of a job's candidates whatever the quantile is."""

    row: weakref.ref[IntArray]
    """By which the candidates are told: those of an edited job share it with those before."""
    likely: IntArray
    """What reduction left at the first quantile."""
    core: IntArray | None = None


_recent: dict[tuple[object, ...], Prepared] = {}
_known: dict[tuple[int, frozenset[LimitName]], _Known] = {}


def prepared(
    jobs: tuple[Candidates, ...], quantile: float, limited: Iterable[LimitName]
) -> Prepared:
    """Columns and reduction at a quantile; the values of limits play no part, so both are kept."""
    names = frozenset(limited)
    # Candidates of an edited job share their arrays with those before the edit.
    key = (*(id(job.row) for job in jobs), quantile, names)
    found = _recent.pop(key, None)
    if found is None:
        found = _prepared(jobs, quantile, names)
    _recent[key] = found  # the jobs stay alive with it, so that the ids stay theirs
    _forget()
    return found


def _prepared(
    jobs: tuple[Candidates, ...], quantile: float, names: frozenset[LimitName]
) -> Prepared:
    columns = ColumnsOfAll(jobs, quantile)
    cores = [_core_of(job, quantile, names) for job in jobs]
    looked_at = [
        columns[j] if positions is None else columns.some(j, positions)
        for j, positions in enumerate(cores)
    ]
    kept = []
    for job, some, fit, positions in zip(
        jobs, looked_at, with_a_maker(looked_at), cores, strict=True
    ):
        heed.get()()
        left = fit[reduced(some if len(fit) == len(some) else some.take(fit), names)]
        if positions is None:
            _known[id(job.row), names] = _Known(weakref.ref(job.row), left)
        kept.append(left if positions is None else positions[left])
    return Prepared(jobs, columns, tuple(kept))


def _core_of(job: Candidates, quantile: float, names: frozenset[LimitName]) -> IntArray | None:
    """The core of a job's candidates; None at their first quantile, or where it does not hold."""
    known = _known.get((id(job.row), names))
    if known is None or known.row() is not job.row or not LEAST <= quantile <= MOST:
        return None
    if known.core is None:
        heed.get()()
        known.core = core(job, names, known.likely)
    return known.core


def with_a_maker(columns: Sequence[JobColumns]) -> list[IntArray]:
    """By job, the candidates that train on no other job's model, or on one that some job makes.

    What an earlier stage cannot make no later one can take, whatever the limits are. Where that
    leaves a job nothing, all its candidates stay: the program finds that nothing matches.
    """
    made = np.unique(np.concatenate([job.gives for job in columns]))
    return [_fitting(job, made) for job in columns]


def _fitting(job: JobColumns, made: IntArray) -> IntArray:
    if not (job.takes >= 0).any():
        return np.arange(len(job))
    fit = np.flatnonzero((job.takes < 0) | np.isin(job.takes, made, kind="table"))
    return fit if len(fit) else np.arange(len(job))


def _forget() -> None:
    """Let go of what was not asked for lately."""
    while len(_recent) > REMEMBERED:
        _recent.pop(next(iter(_recent)))
    whole = [one.columns for one in _recent.values() if one.columns.made]
    many = sum(columns.made for columns in whole)
    while len(whole) > WHOLE_REMEMBERED or (many > MOST_REMEMBERED and len(whole) > 2):  # noqa: PLR2004
        many -= whole[0].made
        whole.pop(0).forget()
    for key in [key for key, known in _known.items() if known.row() is None]:
        del _known[key]
