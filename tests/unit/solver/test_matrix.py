"""A Pyomo model as the arrays that HiGHS gets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyomo.contrib.solver.solvers.highs import Highs
from pyomo.core import (
    Binary,
    ConcreteModel,
    Constraint,
    NonNegativeReals,
    Objective,
    Param,
    Var,
    maximize,
)

from solver.mip import formulation
from solver.mip.highs import Ending, Solver
from solver.mip.matrix import Matrix
from tests.support.programs import programs


def small_model():
    m = ConcreteModel()
    m.x = Var([(0, 0), (0, 1)], domain=Binary)
    m.end = Var(domain=NonNegativeReals)
    m.most = Param(mutable=True, initialize=5.0)
    m.one = Constraint(expr=m.x[0, 0] + m.x[0, 1] == 1)
    m.late = Constraint(expr=3 * m.x[0, 0] + 4 * m.x[0, 1] + 1 - m.end <= 0)
    m.cap = Constraint(expr=m.end <= m.most)
    m.aim = Objective(expr=m.end + 2)
    return m


def rows_of(linear):
    parts = zip(linear.start[:-1], linear.start[1:], strict=True)
    return [
        dict(zip(linear.index[a:b].tolist(), linear.value[a:b].tolist(), strict=True))
        for a, b in parts
    ]


def test_that_constants_go_to_the_bounds_of_their_row():
    linear = Matrix().read(small_model())

    assert rows_of(linear) == [{0: 1, 1: 1}, {0: 3, 1: 4, 2: -1}, {2: 1}]
    assert linear.row_lower.tolist() == [1, -np.inf, -np.inf]
    assert linear.row_upper.tolist() == [1, -1, 5]
    assert (linear.cost.tolist(), linear.offset) == ([0, 0, 1], 2)
    assert linear.is_integer.tolist() == [True, True, False]
    assert linear.upper.tolist() == [1, 1, np.inf]


def test_that_a_changed_model_is_read_as_it_is_now():
    m, matrix = small_model(), Matrix()
    matrix.read(m)
    m.most = 4.5
    m.x[0, 0].setub(0)
    m.one.deactivate()
    m.more = Var()
    m.del_component("aim")
    m.aim = Objective(expr=m.more)

    linear = matrix.read(m)

    assert rows_of(linear) == [{0: 3, 1: 4, 2: -1}, {2: 1}]
    assert linear.row_upper.tolist() == [-1, 4.5]
    assert linear.upper.tolist() == [0, 1, np.inf, np.inf]
    assert linear.cost.tolist() == [0, 0, 0, 1]


def test_that_bounds_may_be_parameters_and_variables_may_be_fixed():
    m = small_model()
    m.end.setub(m.most)
    m.x[0, 1].fix(0)

    linear = Matrix().read(m)

    assert linear.upper.tolist() == [1, 0, 5]
    assert linear.lower.tolist() == [0, 0, 0]


def test_that_what_was_deleted_is_gone():
    m, matrix = small_model(), Matrix()
    m.cut = Constraint(expr=m.x[0, 0] <= 0)
    matrix.read(m)
    m.del_component("cut")
    m.cut = Constraint(expr=m.x[0, 1] <= 0)

    assert rows_of(matrix.read(m))[-1] == {1: 1}


def test_that_a_variable_named_twice_is_one_coefficient():
    m = small_model()
    m.twice = Constraint(expr=m.end + m.x[0, 0] + m.end <= 9)

    assert rows_of(Matrix().read(m))[-1] == {0: 1, 2: 2}


def test_that_a_product_of_variables_is_refused():
    m = small_model()
    m.bent = Constraint(expr=m.x[0, 0] * m.end <= 1)

    with pytest.raises(ValueError, match="not linear"):
        Matrix().read(m)


def test_that_an_aim_to_maximise_is_refused():
    m = small_model()
    m.del_component("aim")
    m.aim = Objective(expr=m.end, sense=maximize)

    with pytest.raises(ValueError, match="one aim to minimise"):
        Matrix().read(m)


def test_that_a_solution_tells_every_variable():
    m = small_model()

    run = Solver().solve(m, None)

    assert (run.value(m.x[0, 0]), run.value(m.end)) == (1, 4)
    assert run.objective == 6


def test_that_nothing_is_printed(capfd):
    Solver().solve(small_model(), None)

    assert capfd.readouterr() == ("", "")


@settings(max_examples=25, deadline=None)
@given(program=programs(), terms=st.sampled_from((formulation.cost, formulation.second_aim)))
def test_that_pyomos_own_way_to_highs_finds_the_same(program, terms):
    m = formulation.base(program)
    for build in formulation.CONSTRAINTS.values():
        build(m, program)
    formulation.minimise(m, terms(m, program))

    ours = Solver().solve(m, None)
    theirs = Highs().solve(
        m,
        load_solutions=False,
        raise_exception_on_nonoptimal_result=False,
        solver_options={"primal_feasibility_tolerance": 1e-9, "mip_feasibility_tolerance": 1e-9},
    )

    assert (ours.ending is Ending.OPTIMAL) == (theirs.incumbent_objective is not None)
    if ours.ending is Ending.OPTIMAL:
        assert ours.objective == pytest.approx(theirs.incumbent_objective, abs=1e-6)
