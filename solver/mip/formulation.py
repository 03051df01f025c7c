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

from solver.program import (
    FAMILY_OF_LIMIT,
    Family,
    Limit,
    Program,
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
    return m


def pick_one(m: Model, program: Program) -> None:
    """Each job uses exactly one candidate: Σ_c x[j,c] = 1 for every job j."""
    m.pick_one = Constraint(
        range(len(program.jobs)),
        rule=lambda m, j: total(m, j, np.ones(len(program.jobs[j]))) == 1,
    )


def before_deadline(m: Model, program: Program) -> None:
    """Every job that limit l binds ends in time: Σ_c hours[j,c] x[j,c] ≤ deadline[l]."""
    m.before_deadline = _by_job(program, "deadline")


def accurate_enough(m: Model, program: Program) -> None:
    """Every job with a minimum reaches it: Σ_c accuracy[j,c] x[j,c] ≥ minimum[l]."""
    m.accurate_enough = _by_job(program, "min_accuracy")


def within_deployed_size(m: Model, program: Program) -> None:
    """The chosen model fits where it will run: Σ_c deployed_gb[j,c] x[j,c] ≤ size[l]."""
    m.within_deployed_size = _by_job(program, "max_deployed")


def within_budget(m: Model, program: Program) -> None:
    """All jobs together cost no more: Σ_j Σ_c usd[j,c] x[j,c] ≤ budget[l]."""
    m.within_budget = _over_jobs(program, "budget")


def within_co2(m: Model, program: Program) -> None:
    """All jobs together emit no more: Σ_j Σ_c co2_kg[j,c] x[j,c] ≤ cap[l]."""
    m.within_co2 = _over_jobs(program, "co2")


def within_gpus(m: Model, program: Program) -> None:
    """Jobs may run at the same time: Σ_j Σ_c gpus[j,c] x[j,c] ≤ gpus[l]."""
    m.within_gpus = _over_jobs(program, "max_gpus")


def within_stock(m: Model, program: Program) -> None:
    """Owned machines are used once: Σ_j Σ_{c uses pool k} instances[j,c] x[j,c] ≤ stock[k]."""
    used = [k for k in range(len(program.stock)) if any((c.pool == k).any() for c in program.jobs)]
    m.within_stock = Constraint(
        used,
        rule=lambda m, k: (
            sum(
                total(m, j, np.where(columns.pool == k, columns.instances, 0.0))
                for j, columns in enumerate(program.jobs)
            )
            <= program.stock[k]
        ),
    )


def makespan(m: Model, program: Program) -> Expression:
    """The end of the last job: T ≥ Σ_c hours[j,c] x[j,c] for every j; the aim is min T."""
    m.last_end = Var(domain=NonNegativeReals)
    m.makespan = Constraint(
        range(len(program.jobs)),
        rule=lambda m, j: (
            total(m, j, program.jobs[j].hours / m.scale["deadline"]) - m.last_end <= 0
        ),
    )
    return m.last_end


def worst_accuracy(m: Model, program: Program) -> Expression:
    """The job furthest below its ceiling: A ≤ Σ_c a'[j,c] x[j,c]; the aim is min −A.

    a' = (accuracy − chance) / (ceiling − chance), so that tasks of different difficulty compare. A
    job of which no accuracy is predicted has no part in it.
    """
    m.worst = Var(domain=Reals, bounds=(None, 1.0))
    m.worst_accuracy = Constraint(
        [j for j, columns in enumerate(program.jobs) if np.isfinite(columns.accuracy).any()],
        rule=lambda m, j: total(m, j, normalised_accuracy(program.jobs[j])) - m.worst >= 0,
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
        m.chebyshev.add(value - m.regret <= ideal[name] / reach[name])
    return m.regret


def cost(m: Model, program: Program) -> Expression:
    """All dollars in natural size: Σ_j Σ_c usd[j,c] x[j,c]."""
    return sum(
        total(m, j, columns.usd / m.scale["budget"]) for j, columns in enumerate(program.jobs)
    )


def second_aim(m: Model, program: Program) -> Expression:
    """What breaks ties of the first aim: dollars and hours in natural size, less accuracy."""
    return sum(
        total(m, j, second_aim_of(columns, m.scale)) for j, columns in enumerate(program.jobs)
    )


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
    Family.BEFORE_DEADLINE: before_deadline,
    Family.WITHIN_BUDGET: within_budget,
    Family.ACCURATE_ENOUGH: accurate_enough,
    Family.WITHIN_CO2: within_co2,
    Family.WITHIN_GPUS: within_gpus,
    Family.WITHIN_DEPLOYED_SIZE: within_deployed_size,
    Family.WITHIN_STOCK: within_stock,
}
"""Families that every program has; the aims' own (makespan, worst accuracy, Chebyshev) join."""
