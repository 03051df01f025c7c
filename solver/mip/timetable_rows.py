"""Rows that say when jobs run: stages in order, starts on a grid, what is in use at once.

start[j] is when job j begins. begins[j,g,b] is 1 where job j, with a candidate of group g, begins
at moment b of the grid; a group holds candidates of one job that use the same resources for nearly
the same time. Hours are divided by their natural size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core import Binary, Constraint, NonNegativeIntegers, NonNegativeReals, Set, Var
from pyomo.core.expr.numeric_expr import LinearExpression

from solver.question import Aim
from solver.timetable import ROUNDING, natural_moments, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver.estimate.configurations import FloatArray, IntArray
    from solver.program import Program

Model = Any  # Pyomo is untyped: its objects stay in this room
Expression = Any

CLASS_RATIO = 1.1
"""Candidates of a group differ in their hours by no more: all count as the longest. [1]"""

MOST_BEGINS = 3_000
"""Moments of groups up to which a timetable is solved; HiGHS took minutes for 5,700. [1]"""

MOST_BEGINS_BALANCED = 2_000
"""The same for the balanced aim, which solves five programs with larger gaps. [1]"""

MOST_PLACES = 3_600
"""Durations of a job times moments up to which each duration has a group of its own. [1]"""


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates of one job that look alike to the timetable."""

    members: IntArray
    uses: FloatArray
    """Units of each resource, shape (resources,)."""
    gpus: float
    """0 where the question does not limit them. [1]"""
    hours: float
    """Of the longest. [h]"""
    moments: tuple[int, ...]
    """Places of the grid where it may begin."""


def groups_of(program: Program, job: int) -> tuple[Group, ...]:
    """The groups of a job's candidates that use something scarce."""
    columns, uses = program.jobs[job], program.uses(job)
    gpus = np.where(program.limits_gpus, columns.gpus, 0.0)
    scarce = np.flatnonzero(((uses > 0).any(axis=0) | (gpus > 0)) & ~columns.left_out)
    if len(scarce) == 0:
        return ()
    some = columns.hours[scarce]
    duration = some if _apart(some, program) else _classes(some)
    table = np.column_stack([*(row[scarce] for row in uses), gpus[scarce], duration])
    _, which = np.unique(table, axis=0, return_inverse=True)
    made = []
    for g in range(int(which.max()) + 1):
        members = scarce[which.reshape(-1) == g]
        use, hours = uses[:, members[0]], float(columns.hours[members].max())
        moments = tuple(_moments(program, use, hours))
        made.append(Group(members, use, float(gpus[members[0]]), hours, moments))
    return tuple(made)


def _apart(hours: FloatArray, program: Program) -> bool:
    """Whether every duration of a job is told apart from the others."""
    return len(np.unique(hours)) * len(program.moments) <= MOST_PLACES


def _classes(hours: FloatArray) -> FloatArray:
    classes: FloatArray = np.floor(np.log(np.maximum(hours, 1e-6)) / np.log(CLASS_RATIO))
    return classes


def _moments(program: Program, uses: FloatArray, hours: float) -> Iterable[int]:
    """Moments at which a job of these hours finds everything it uses open until its end."""
    closed = [
        span
        for use, resource in zip(uses, program.resources, strict=True)
        if use > 0
        for span in resource.closed
    ]
    for b, moment in enumerate(program.moments[:-1]):
        end = moment + hours
        if end <= program.moments[-1] and not any(overlaps(moment, end, span) for span in closed):
            yield b


def moments_suffice(program: Program) -> bool:
    """Whether the grid holds every moment at which a best plan may begin a job."""
    natural = natural_moments([columns.hours for columns in program.jobs], program.resources)
    if natural is None:
        return False
    grid, wanted = np.array(program.moments[:-1]), np.array(natural[:-1])
    later = np.minimum(np.searchsorted(grid, wanted - ROUNDING), len(grid) - 1)
    every = bool((np.abs(grid[later] - wanted) <= ROUNDING).all())
    return every and all(_apart(columns.hours, program) for columns in program.jobs)


def begins_of(program: Program) -> int:
    """How many begins of groups the timetable decides between."""
    groups = (group for j in range(len(program.jobs)) for group in groups_of(program, j))
    return sum(len(group.moments) for group in groups)


def is_vast(begins: int, aim: Aim | None = None) -> bool:
    """Whether a timetable of so many begins is too large to be solved."""
    return begins > (MOST_BEGINS_BALANCED if aim is Aim.BALANCED else MOST_BEGINS)


def add_times(m: Model, program: Program) -> None:
    """The variables start[j], begins[j,g,b], bought[r] and busiest."""
    jobs = range(len(program.jobs))
    m.bought = Var(
        [r for r, resource in enumerate(program.resources) if resource.usd_each > 0],
        domain=NonNegativeIntegers,
        bounds=lambda _, r: (0, program.resources[r].most),
    )
    if not program.is_timed:
        return
    m.start = Var(jobs, domain=NonNegativeReals)
    m.groups = [groups_of(program, j) if program.moments else () for j in jobs]
    places = [(j, g, b) for j in jobs for g, group in enumerate(m.groups[j]) for b in group.moments]
    m.places = Set(initialize=places, dimen=3)
    m.begins = Var(m.places, domain=Binary)
    if program.moments:
        m.busiest = Var(domain=NonNegativeReals)


def in_order(m: Model, program: Program) -> None:
    """A stage begins when those before it end: start[j] ≥ start[i] + Σ_c hours[i,c] x[i,c].

    One that is left out waits for nothing: the latest end of job i times out[j] is taken off.
    """
    pairs = [(i, j) for j, before in enumerate(program.chain.earlier) for i in before]
    last = program.moments[-1] if program.moments else last_opening(program)

    def rule(m: Model, i: int, j: int) -> Expression:
        waiting = ended(m, program, i) - m.start[j]
        out = np.flatnonzero(program.jobs[j].left_out).tolist()
        latest = latest_end(program, i, last) / m.scale["deadline"] if out else 0.0
        return waiting - sum(latest * m.x[j, c] for c in out) <= 0

    m.in_order = Constraint(pairs, rule=rule)


def latest_end(program: Program, job: int, last: float) -> float:
    """When a job ends at the latest if all jobs begin as early as they can. [h]

    Args:
        program: what is decided.
        job: its position.
        last: the last moment at which a job may have to begin that waits for no other. [h]
    """
    hours = float(program.jobs[job].hours.max(initial=0.0))
    before = program.chain.earlier[job] if program.chain.earlier else ()
    return hours + max((latest_end(program, i, last) for i in before), default=last)


def last_opening(program: Program) -> float:
    """When the last machines open that were closed; 0 where none were. [h]"""
    ends = [end for resource in program.resources for _, end in resource.closed]
    return max((end for end in ends if end < math.inf), default=0.0)


def begin_once(m: Model, program: Program) -> None:
    """A candidate that uses something scarce begins at one moment of the grid.

    Σ_b begins[j,g,b] = Σ_{c in g} x[j,c], and start[j] is that moment: between Σ t[b] begins[j,g,b]
    and the same plus T (1 − Σ begins[j,g,b]) with the last moment T.
    """
    if not program.moments:
        return
    scale = m.scale["deadline"]
    last = program.moments[-1] / scale
    groups = [(j, g) for j, made in enumerate(m.groups) for g in range(len(made))]
    jobs = [j for j, made in enumerate(m.groups) if made]
    placed: dict[int, list[tuple[int, int]]] = {j: [] for j in jobs}
    for j, g, b in m.places:
        placed[j].append((g, b))

    def rule(m: Model, what: str, j: int, g: int) -> Expression:
        if what == "one":
            group = m.groups[j][g]
            begun = [m.begins[j, g, b] for b in group.moments]
            taken = [m.x[j, c] for c in group.members.tolist()]
            ones = [1.0] * len(begun) + [-1.0] * len(taken)
            return LinearExpression(linear_coefs=ones, linear_vars=begun + taken) == 0
        variables = [*(m.begins[j, h, b] for h, b in placed[j]), m.start[j]]
        moments = [program.moments[b] / scale for _, b in placed[j]]
        if what == "from":
            coefficients = [*(-t for t in moments), 1.0]
            return LinearExpression(linear_coefs=coefficients, linear_vars=variables) >= 0
        coefficients = [*(last - t for t in moments), 1.0]
        return LinearExpression(linear_coefs=coefficients, linear_vars=variables) <= last

    index = [("one", j, g) for j, g in groups]
    index += [(what, j, 0) for j in jobs for what in ("from", "to")]
    m.begin_once = Constraint(index, rule=rule)


def used_at_once(m: Model, program: Program) -> None:
    """What is in use at any moment b is there: Σ uses[g,r] begins[j,g,a] ≤ most[r] or bought[r].

    The sum runs over all that begins at a ≤ b and has not ended at b; GPUs likewise, up to busiest.
    """
    if not program.moments:
        return
    rows = [(r, b) for r in range(len(program.resources)) for b in range(len(program.moments) - 1)]
    rows += [(-1, b) for b in range(len(program.moments) - 1) if program.limits_gpus]
    running = _running(m, program)

    def rule(m: Model, r: int, b: int) -> Expression:
        begun = [(m.begins[p], _use(m, p, r)) for p in running[b] if _use(m, p, r) > 0]
        if not begun:
            return Constraint.Skip
        most = 0.0
        if r == -1:
            begun.append((m.busiest, -1.0))
        elif program.resources[r].usd_each > 0:
            begun.append((m.bought[r], -1.0))
        else:
            most = program.resources[r].most
        variables, coefficients = zip(*begun, strict=True)
        return LinearExpression(linear_coefs=coefficients, linear_vars=variables) <= most

    m.used_at_once = Constraint(rows, rule=rule)


def _use(m: Model, place: tuple[int, int, int], r: int) -> float:
    group = m.groups[place[0]][place[1]]
    return group.gpus if r == -1 else float(group.uses[r])


def _running(m: Model, program: Program) -> list[list[tuple[int, int, int]]]:
    """For each moment what has begun by then and not ended."""
    moments = np.array(program.moments[:-1])
    made: list[list[tuple[int, int, int]]] = [[] for _ in moments]
    for j, g, b in m.places:
        end = moments[b] + m.groups[j][g].hours
        for later in range(b, int(np.searchsorted(moments, end - 1e-9, side="left"))):
            made[later].append((j, g, b))
        if not made[b] or made[b][-1] != (j, g, b):
            made[b].append((j, g, b))
    return made


def ended(m: Model, program: Program, job: int) -> Expression:
    """When a job ends, in natural size: start[j] + Σ_c hours[j,c] x[j,c]."""
    columns = program.jobs[job]
    coefficients = (columns.hours / m.scale["deadline"]).tolist()
    variables = [m.x[job, c] for c in range(len(columns))]
    if program.is_timed:
        coefficients.append(1.0)
        variables.append(m.start[job])
    return LinearExpression(linear_coefs=coefficients, linear_vars=variables)
