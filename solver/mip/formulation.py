"""The mixed-integer program: one function for each family of constraints and each aim.

Symbols are listed in `docs/model.md`. x[j,c] is 1 where job j uses candidate c. A limit's row is
divided by its bound, so that the solver's tolerance is relative to it; aims are divided by a
natural size of their quantity, so that coefficients stay near 1 whatever the currency.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core import (
    Binary,
    ConcreteModel,
    Constraint,
    ConstraintList,
    NonNegativeReals,
    Objective,
    Param,
    Reals,
    Set,
    Var,
)
from pyomo.core.expr.numeric_expr import LinearExpression

from solver.mip.loose_rows import NO_LIMIT, add_open_times, busy_until, enough_hours, open_in_time
from solver.mip.timetable_rows import add_times, begin_once, ended, in_order, used_at_once
from solver.program import (
    FAMILY_OF_LIMIT,
    Family,
    Limit,
    Program,
    has_accuracy,
    natural_size,
    normalised_accuracy,
    quantity,
    regrets,
    second_aim_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver.estimate.configurations import FloatArray

Model = Any  # Pyomo is untyped: its objects stay in this room
Expression = Any


NEXT_TO_NOTHING = 1e-9
"""Coefficients below this are lost in the solver's tolerances, and it warns of each. [1]"""


def base(program: Program) -> Model:
    """The variables: x[j,c] in {0, 1} for every candidate c of every job j."""
    m = ConcreteModel()
    pairs = [(j, c) for j, columns in enumerate(program.jobs) for c in range(len(columns))]
    m.candidates = Set(initialize=pairs, dimen=2)
    m.x = Var(m.candidates, domain=Binary)
    m.scale = {name: natural_size(program, name) for name in FAMILY_OF_LIMIT}
    m.unit = {
        i: limit.bound if limit.bound > 0 else m.scale[limit.name]
        for i, limit in enumerate(program.limits)
    }
    m.bound = Param(
        range(len(program.limits)),
        mutable=True,
        initialize={i: limit.bound / m.unit[i] for i, limit in enumerate(program.limits)},
    )
    add_times(m, program)
    add_open_times(m, program)
    return m


def pick_one(m: Model, program: Program) -> None:
    """Each job uses exactly one candidate: Σ_c x[j,c] = 1 for every job j."""
    m.pick_one = Constraint(
        range(len(program.jobs)),
        rule=lambda m, j: total(m, j, np.ones(len(program.jobs[j]))) == 1,
    )


def stages_match(m: Model, program: Program) -> None:
    """A stage trains on the model that the one before it makes, for each model s.

    Σ_{c takes s} x[j,c] ≤ Σ_{c gives s} x[i,c] for every stage j that job i feeds.
    """
    rows = [
        (i, j, s)
        for i, j in program.chain.feeds
        for s in np.unique(program.jobs[j].takes).tolist()
        if s >= 0
    ]

    def rule(m: Model, i: int, j: int, s: int) -> Expression:
        taken = [m.x[j, c] for c in np.flatnonzero(program.jobs[j].takes == s).tolist()]
        given = [m.x[i, c] for c in np.flatnonzero(program.jobs[i].gives == s).tolist()]
        ones = [1.0] * len(taken) + [-1.0] * len(given)
        return LinearExpression(linear_coefs=ones, linear_vars=taken + given) <= 0

    m.stages_match = Constraint(rows, rule=rule)


def left_out_together(m: Model, program: Program) -> None:
    """A job that waits for one that is left out is left out too: out[i] ≤ out[j]."""
    rows = [
        (i, j)
        for j, before in enumerate(program.chain.earlier)
        for i in before
        if left_out(m, program, i) is not None
    ]

    def rule(m: Model, i: int, j: int) -> Expression:
        later = left_out(m, program, j)
        if later is None:
            return left_out(m, program, i) <= 0
        return left_out(m, program, i) - later <= 0

    m.left_out_together = Constraint(rows, rule=rule)


def before_deadline(m: Model, program: Program) -> None:
    """Every job that limit l binds ends in time: start[j] + Σ_c hours[j,c] x[j,c] ≤ deadline[l]."""
    rows = [(i, j) for i, limit in _limits(program, "deadline") for j in program.concerned(limit)]

    def rule(m: Model, i: int, j: int) -> Expression:
        if not program.is_timed:
            return total(m, j, program.jobs[j].hours / m.unit[i]) <= m.bound[i]
        variables = [m.x[j, c] for c in range(len(program.jobs[j]))]
        coefficients = (program.jobs[j].hours / m.unit[i]).tolist()
        per_hour = m.scale["deadline"] / m.unit[i]
        return (
            LinearExpression(
                linear_coefs=[*coefficients, per_hour], linear_vars=[*variables, m.start[j]]
            )
            <= m.bound[i]
        )

    m.before_deadline = Constraint(rows, rule=rule)


def accurate_enough(m: Model, program: Program) -> None:
    """Every job with a minimum reaches it: Σ_c accuracy[j,c] x[j,c] ≥ minimum[l]."""
    m.accurate_enough = _by_job(program, "min_accuracy")


def within_deployed_size(m: Model, program: Program) -> None:
    """The chosen model fits where it will run: Σ_c deployed_gb[j,c] x[j,c] ≤ size[l]."""
    m.within_deployed_size = _by_job(program, "max_deployed")


def within_latency(m: Model, program: Program) -> None:
    """The chosen model answers in time where it will run: Σ_c latency_ms[j,c] x[j,c] ≤ time[l]."""
    m.within_latency = _by_job(program, "max_latency")


def within_budget(m: Model, program: Program) -> None:
    """All together costs no more: Σ_j Σ_c usd[j,c] x[j,c] + Σ_r usd[r] bought[r] ≤ budget[l]."""

    def rule(m: Model, i: int) -> Expression:
        return money(m, program, m.unit[i]) <= m.bound[i]

    m.within_budget = Constraint([i for i, _ in _limits(program, "budget")], rule=rule)


def within_co2(m: Model, program: Program) -> None:
    """All jobs together emit no more: Σ_j Σ_c co2_kg[j,c] x[j,c] ≤ cap[l]."""
    m.within_co2 = _over_jobs(program, "co2")


def within_gpus(m: Model, program: Program) -> None:
    """GPUs in use at once: busiest ≤ gpus[l]; side by side Σ_j Σ_c gpus[j,c] x[j,c] ≤ gpus[l]."""
    if program.is_loose:
        m.within_gpus = ConstraintList()
        return
    if not program.moments:
        m.within_gpus = _over_jobs(program, "max_gpus")
        return
    m.within_gpus = Constraint(
        [i for i, _ in _limits(program, "max_gpus")],
        rule=lambda m, i: m.busiest / m.unit[i] <= m.bound[i],
    )


def within_stock(m: Model, program: Program) -> None:
    """What jobs share is there: Σ_j Σ_c uses[r,j,c] x[j,c] ≤ most[r], or bought[r].

    With a timetable `used_at_once` says so for every moment instead.
    """
    if program.moments or program.is_loose:
        return
    used = [program.uses(j) for j in range(len(program.jobs))]
    rows = [r for r in range(len(program.resources)) if any((use[r] > 0).any() for use in used)]

    def rule(m: Model, r: int) -> Expression:
        taken = sum(total(m, j, use[r]) for j, use in enumerate(used))
        if program.resources[r].usd_each > 0:
            return taken - m.bought[r] <= 0
        return taken <= program.resources[r].most

    m.within_stock = Constraint(rows, rule=rule)


def makespan(m: Model, program: Program) -> Expression:
    """The end of the last job: T ≥ start[j] + Σ_c hours[j,c] x[j,c]; the aim is min T.

    Without waiting also Σ_j Σ_c use[r,j,c] hours[j,c] x[j,c] ≤ most[r] T, under −1 − r.
    """
    m.last_end = Var(domain=NonNegativeReals)
    resources = range(len(program.resources)) if program.is_loose else ()

    def rule(m: Model, i: int) -> Expression:
        if i >= 0:
            return ended(m, program, i) - m.last_end <= 0
        row = busy_until(m, program, -1 - i)
        return Constraint.Skip if row is None else row

    m.makespan = Constraint([*range(len(program.jobs)), *(-1 - r for r in resources)], rule=rule)
    return m.last_end


def worst_accuracy(m: Model, program: Program) -> Expression:
    """The job furthest below its ceiling: A ≤ Σ_c a'[j,c] x[j,c]; the aim is min −A.

    a' = (accuracy − chance) / (ceiling − chance), so that tasks of different difficulty compare. A
    job of which no accuracy is predicted has no part in it.
    """
    m.worst = Var(domain=Reals, bounds=(None, 1.0))
    m.worst_accuracy = Constraint(
        [j for j in range(len(program.jobs)) if has_accuracy(program, j)],
        rule=lambda m, j: (
            total(m, j, normalised_accuracy(program.jobs[j]) + program.jobs[j].left_out) - m.worst
            >= 0
        ),
    )
    return -m.worst


def chebyshev(
    m: Model,
    program: Program,
    ideal: Mapping[str, float],
    reach: Mapping[str, float],
) -> Expression:
    """The largest normalised regret: t ≥ (f_i − ideal_i) / reach_i; the aim is min t.

    f are the quantities of `regrets`; ideal and reach come from the corner plans within the limits
    (augmented Chebyshev, Steuer & Choo 1983).
    """
    m.regret = Var(domain=Reals)
    terms = regrets(program)
    m.chebyshev = ConstraintList()
    for name, columns in terms.items():
        value = sum(total(m, j, column / reach[name]) for j, column in enumerate(columns))
        value += purchases(m, program, reach[name]) if name == "usd" else 0.0
        m.chebyshev.add(value - m.regret <= ideal[name] / reach[name])
    return m.regret


def cost(m: Model, program: Program) -> Expression:
    """All dollars in natural size: `money` and what is lost with optional jobs."""
    return money(m, program, m.scale["budget"]) + lost(m, program) / m.scale["budget"]


def money(m: Model, program: Program, unit: float) -> Expression:
    """All dollars in a unit: Σ_j Σ_c usd[j,c] x[j,c] + Σ_r usd[r] bought[r]."""
    jobs = sum(total(m, j, columns.usd / unit) for j, columns in enumerate(program.jobs))
    return jobs + purchases(m, program, unit)


def purchases(m: Model, program: Program, unit: float) -> Expression:
    """What is bought whole: Σ_r usd[r] bought[r], in a unit."""
    return sum(program.resources[r].usd_each / unit * m.bought[r] for r in m.bought)


def lost(m: Model, program: Program) -> Expression:
    """Worth of the optional jobs that are left out: Σ_j worth[j] out[j]. [USD]"""
    return sum(
        worth * left_out(m, program, j)
        for j, worth in enumerate(program.worth_usd)
        if worth is not None
    )


def left_out(m: Model, program: Program, job: int) -> Expression:
    """The variable that is 1 where an optional job is left out; None where it must be done."""
    place = np.flatnonzero(program.jobs[job].left_out)
    return m.x[job, int(place[0])] if len(place) else None


def second_aim(m: Model, program: Program) -> Expression:
    """What breaks ties of the first aim: dollars and hours in natural size, less accuracy."""
    return sum(
        total(m, j, second_aim_of(columns, m.scale)) for j, columns in enumerate(program.jobs)
    )


def switch_rows(m: Model, program: Program, active: tuple[Limit, ...]) -> None:
    """Rows of limits count where the limit is active; those of aims not, until one is asked for."""
    for family in ("makespan", "worst_accuracy"):
        if m.component(family) is not None:
            m.component(family).deactivate()
    for name, family in FAMILY_OF_LIMIT.items():
        for index, row in m.component(family.value).items():
            limit = program.limits[index[0] if isinstance(index, tuple) else index]
            switch = row.activate if limit in active and limit.name == name else row.deactivate
            switch()
    for (i, _, _), row in m.enough_hours.items() if program.is_loose else ():
        counts = i == NO_LIMIT or program.limits[i] in active
        (row.activate if counts else row.deactivate)()


def minimise(m: Model, expression: Expression) -> None:
    """Make `expression` the objective, in place of the one before."""
    if m.component("aim") is not None:
        m.del_component("aim")
    m.aim = Objective(expr=expression)


def total(m: Model, job: int, coefficients: FloatArray) -> Expression:
    """Σ_c coefficient[c] x[job,c] as one linear expression; what is next to nothing is nothing."""
    known = np.nan_to_num(coefficients, nan=0.0)
    known = np.where(np.abs(known) < NEXT_TO_NOTHING, 0.0, known)
    return LinearExpression(
        linear_coefs=known.tolist(),
        linear_vars=[m.x[job, c] for c in range(len(coefficients))],
    )


def _limits(program: Program, name: str) -> list[tuple[int, Limit]]:
    return [(i, limit) for i, limit in enumerate(program.limits) if limit.name == name]


def _by_job(program: Program, name: Any) -> Any:  # noqa: ANN401 - Pyomo is untyped
    rows = {(i, j): limit for i, limit in _limits(program, name) for j in program.concerned(limit)}

    def rule(m: Model, i: int, j: int) -> Expression:
        value = total(m, j, quantity(program.jobs[j], name) / m.unit[i])
        return value >= m.bound[i] if rows[i, j].is_minimum else value <= m.bound[i]

    return Constraint(list(rows), rule=rule)


def _over_jobs(program: Program, name: Any) -> Any:  # noqa: ANN401 - Pyomo is untyped
    def rule(m: Model, i: int) -> Expression:
        limit = program.limits[i]
        value = sum(
            total(m, j, quantity(program.jobs[j], name) / m.unit[i])
            for j in program.concerned(limit)
        )
        return value <= m.bound[i]

    return Constraint([i for i, _ in _limits(program, name)], rule=rule)


CONSTRAINTS = {
    Family.PICK_ONE: pick_one,
    Family.STAGES_MATCH: stages_match,
    Family.LEFT_OUT_TOGETHER: left_out_together,
    Family.IN_ORDER: in_order,
    Family.BEGIN_ONCE: begin_once,
    Family.USED_AT_ONCE: used_at_once,
    Family.OPEN_IN_TIME: open_in_time,
    Family.ENOUGH_HOURS: enough_hours,
    Family.BEFORE_DEADLINE: before_deadline,
    Family.WITHIN_BUDGET: within_budget,
    Family.ACCURATE_ENOUGH: accurate_enough,
    Family.WITHIN_CO2: within_co2,
    Family.WITHIN_GPUS: within_gpus,
    Family.WITHIN_DEPLOYED_SIZE: within_deployed_size,
    Family.WITHIN_LATENCY: within_latency,
    Family.WITHIN_STOCK: within_stock,
}
"""Families that every program has; the aims' own (makespan, worst accuracy, Chebyshev) join."""
