"""Columns of all candidates at one quantile, and which of them can matter; the last are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.candidates import columns_at
from solver.patience import heed
from solver.program import natural_sizes
from solver.reduce import reduced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from solver.candidates import Candidates
    from solver.estimate.configurations import IntArray
    from solver.plan import LimitName
    from solver.program import JobColumns

REMEMBERED = 3
"""Quantiles whose columns stay in memory: a window asks again and again with other limits. [1]"""

MOST_REMEMBERED = 9_000_000
"""Candidates whose columns stay, but for those of the last two quantiles: some 900 MB. [1]"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Columns of all candidates at one quantile, and which of them can matter."""

    jobs: tuple[Candidates, ...]
    columns: tuple[JobColumns, ...]
    kept: tuple[IntArray, ...]
    sizes: Mapping[LimitName, float]
    """Natural size of each quantity."""


_recent: dict[tuple[object, ...], Prepared] = {}


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
    columns = []
    for job in jobs:
        heed.get()()
        columns.append(columns_at(job, quantile))
    fit = with_a_maker(columns)
    kept = tuple(
        some[reduced(job.take(some), names)] for job, some in zip(columns, fit, strict=True)
    )
    return Prepared(jobs, tuple(columns), kept, natural_sizes(tuple(columns)))


def with_a_maker(columns: Sequence[JobColumns]) -> list[IntArray]:
    """By job, the candidates that train on no other job's model, or on one that some job makes.

    What an earlier stage cannot make no later one can take, whatever the limits are. Where that
    leaves a job nothing, all its candidates stay: the program finds that nothing matches.
    """
    made = np.unique(np.concatenate([job.gives for job in columns]))
    return [_fitting(job, made) for job in columns]


def _fitting(job: JobColumns, made: IntArray) -> IntArray:
    fit = np.flatnonzero((job.takes < 0) | np.isin(job.takes, made, kind="table"))
    return fit if len(fit) else np.arange(len(job))


def _forget() -> None:
    """Let go of what was not asked for lately."""
    many = sum(len(job) for kept in _recent.values() for job in kept.columns)
    while len(_recent) > REMEMBERED or (many > MOST_REMEMBERED and len(_recent) > 2):  # noqa: PLR2004
        oldest = _recent.pop(next(iter(_recent)))
        many -= sum(map(len, oldest.columns))
