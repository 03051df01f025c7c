"""Rows of the program without waiting: calendars are kept, and shared hours suffice in sum.

Who waits for whom is left open there, so its best value is a bound. within[j,c,w] is 1 where job j
runs candidate c in the w-th open time of the machines that c uses. Hours are divided by their
natural size, hours of machines by what there is of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core import Binary, Constraint, Set, Var
from pyomo.core.expr.numeric_expr import LinearExpression

from solver.mip.timetable_rows import ended, last_opening, latest_end
from solver.timetable import ROUNDING, open_times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solver.program import Program

Model = Any  # Pyomo is untyped: its objects stay in this room
Expression = Any

NO_LIMIT = -1
"""Stands in an index for the limit of a row that none belongs to."""


def add_open_times(m: Model, program: Program) -> None:
    """The variables within[j,c,w], of candidates on machines with a calendar."""
    if not program.is_loose:
        return
    m.open = [open_times(resource.closed) for resource in program.resources]
    m.calendared = {
        (j, c): r
        for r, resource in enumerate(program.resources)
        if resource.closed
        for j in range(len(program.jobs))
        for c in np.flatnonzero(program.uses(j)[r] > 0).tolist()
    }
    places = [
        (j, c, w)
        for (j, c), r in m.calendared.items()
        for w, (begin, end) in enumerate(m.open[r])
        if float(program.jobs[j].hours[c]) <= end - begin + ROUNDING
    ]
    m.open_places = Set(initialize=places, dimen=3)
    m.within = Var(m.open_places, domain=Binary)


def open_in_time(m: Model, program: Program) -> None:
    """A job runs from begin to end while its machines are open.

    Σ_w within[j,c,w] = x[j,c], start[j] ≥ Σ opens[w] within[j,c,w], and
    start[j] + Σ_c hours[j,c] x[j,c] ≤ Σ closes[w] within[j,c,w] + latest[j] (1 − Σ within[j,c,w]),
    where the last two sums run over the open times that end and latest[j] is its latest end.
    """
    if not program.is_loose:
        return
    jobs = sorted({j for j, _ in m.calendared})
    of_job: dict[int, list[tuple[int, int, int]]] = {j: [] for j in jobs}
    of_candidate: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for place in m.open_places:
        of_job[place[0]].append(place)
        of_candidate.setdefault(place[:2], []).append(place)
    scale = m.scale["deadline"]

    def rule(m: Model, what: str, j: int, c: int) -> Expression:
        if what == "one":
            here = [m.within[place] for place in of_candidate.get((j, c), ())]
            return _sum([1.0] * len(here) + [-1.0], [*here, m.x[j, c]]) == 0
        spans = [(place, m.open[m.calendared[place[:2]]][place[2]]) for place in of_job[j]]
        if what == "from":
            opened = [(place, begin) for place, (begin, _) in spans if begin > 0]
            coefficients = [*(-begin / scale for _, begin in opened), 1.0]
            return _sum(coefficients, [*_within(m, opened), m.start[j]]) >= 0
        latest = latest_end(program, j, last_opening(program))
        closing = [(place, min(end, latest)) for place, (_, end) in spans if end < math.inf]
        rest = _sum([(latest - end) / scale for _, end in closing], _within(m, closing))
        return ended(m, program, j) + rest <= latest / scale

    index = [("one", j, c) for j, c in m.calendared]
    index += [(what, j, 0) for j in jobs for what in ("from", "to")]
    m.open_in_time = Constraint(index, rule=rule)


def enough_hours(m: Model, program: Program) -> None:
    """The machines of resource r are there for as many hours as jobs use them while it is open.

    Σ_j Σ_c use[r,j,c] hours[j,c] within[j,c,w] ≤ most[r] or bought[r] × length[w] for every open
    time w that ends, and with the length up to the deadline l for those that do not; x in place of
    within where it is always open. A commitment is bought for each job alone, too:
    Σ_c use[r,j,c] x[j,c] ≤ bought[r].
    """
    if not program.is_loose:
        return
    rows = {
        (i, r, w): length
        for r in range(len(program.resources))
        for i, w, length in _lengths(m, program, r)
    }
    alone = [(NO_LIMIT, r, -1 - j) for r in m.bought for j in range(len(program.jobs))]

    def rule(m: Model, i: int, r: int, w: int) -> Expression:
        if w < 0:
            use = program.uses(-1 - w)[r]
            taken = [(m.x[-1 - w, c], float(use[c])) for c in np.flatnonzero(use > 0).tolist()]
            most, each = 0.0, 1.0
        else:
            each = rows[i, r, w]
            most = program.resources[r].most
            taken = _used_hours(m, program, r, w, 1.0 / each)
        if not taken:
            return Constraint.Skip
        if r in m.bought:
            taken.append((m.bought[r], -1.0))
            most = 0.0
        variables, coefficients = zip(*taken, strict=True)
        return _sum(coefficients, variables) <= most

    m.enough_hours = Constraint([*rows, *alone], rule=rule)


def busy_until(m: Model, program: Program, r: int) -> Expression:
    """All that uses a resource takes no longer than until the last end, if it is used all the time.

    Σ_j Σ_c use[r,j,c] hours[j,c] x[j,c] ≤ most[r] T; None where nothing uses it, or it is bought.
    """
    most = program.resources[r].most
    if r in m.bought or most <= 0:
        return None
    taken = _used_hours(m, program, r, None, 1.0 / (most * m.scale["deadline"]))
    if not taken:
        return None
    variables, coefficients = zip(*taken, strict=True)
    return _sum([*coefficients, -1.0], [*variables, m.last_end]) <= 0


def _lengths(m: Model, program: Program, r: int) -> Iterator[tuple[int, int, float]]:
    """Limit, open time and its length [h]: of each that ends, and of the others by deadlines."""
    deadlines = [
        (i, limit.bound)
        for i, limit in enumerate(program.limits)
        if limit.name == "deadline" and limit.job is None
    ]
    for w, (begin, end) in enumerate(m.open[r]):
        if end < math.inf:
            yield NO_LIMIT, w, end - begin
        for i, deadline in deadlines:
            if begin < deadline < end:
                yield i, w, deadline - begin


def _used_hours(
    m: Model, program: Program, r: int, w: int | None, factor: float
) -> list[tuple[Any, float]]:
    """Hours of a resource that each candidate uses in an open time, or in all, times a factor."""
    made = []
    for j, columns in enumerate(program.jobs):
        hours = program.uses(j)[r] * columns.hours * factor
        for c in np.flatnonzero(hours > 0).tolist():
            if w is None or (j, c) not in m.calendared:
                made.append((m.x[j, c], float(hours[c])))
            elif (j, c, w) in m.open_places:
                made.append((m.within[j, c, w], float(hours[c])))
    return made


def _sum(coefficients: Sequence[float], variables: Sequence[Any]) -> Expression:
    return LinearExpression(linear_coefs=coefficients, linear_vars=variables)


def _within(m: Model, places: list[tuple[tuple[int, int, int], float]]) -> list[Any]:
    return [m.within[place] for place, _ in places]
