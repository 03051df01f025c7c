"""Fewer columns for HiGHS, the same optimum."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.mip import formulation, narrow
from solver.mip.highs import Ending, _solved, _solved_narrowly
from solver.mip.matrix import Matrix
from solver.mip.solve import TIE, Chooser
from solver.program import Limit, Program
from solver.question import Aim
from tests.support.programs import columns_of, programs

quickly = settings(max_examples=60, deadline=None)


def arrays_of(program, aim=None):
    """The arrays of a program that minimises dollars, or breaks ties of an aim."""
    m = formulation.base(program)
    for build in formulation.CONSTRAINTS.values():
        build(m, program)
    if aim is Aim.FASTEST:
        latest = formulation.makespan(m, program)
        m.kept = formulation.Constraint(expr=latest <= 2.0)
    if aim is Aim.MOST_ACCURATE:
        worst = formulation.worst_accuracy(m, program)
        m.kept = formulation.Constraint(expr=worst <= -0.3)
    formulation.minimise(m, formulation.second_aim(m, program))
    return Matrix().read(m)


AIMS = st.sampled_from((Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE))


@quickly
@given(program=programs(), aim=AIMS)
def test_that_the_optimum_by_fewer_columns_is_that_of_all(program, aim):
    linear = arrays_of(program, aim)

    found, whole = _solved_narrowly(linear, None), _solved(linear, None)

    if found is None:  # it gave up, and all columns are taken
        return
    assert found.ending is whole.ending
    if whole.objective is not None:
        assert found.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
        assert found.bound <= found.objective + 1e-9


@quickly
@given(program=programs(), aim=AIMS)
def test_that_no_column_that_a_row_excludes_is_in_any_solution(program, aim):
    linear = arrays_of(program, aim)
    gone = np.flatnonzero((narrow.within_rows(linear).upper == 0.0) & (linear.upper > 0.0))

    for i in gone.tolist():
        lower = linear.lower.copy()
        lower[i] = 1.0
        forced = _solved(replace(linear, lower=lower), None)
        assert forced.ending is Ending.INFEASIBLE


def test_that_a_column_that_alone_misses_a_row_goes():
    job = columns_of(hours=[1.0, 5.0], usd=[9.0, 4.0])
    linear = arrays_of(Program((job, job), (Limit("deadline", None, 2.0),), ()))

    assert narrow.within_rows(linear).upper.tolist() == [1.0, 0.0, 1.0, 0.0]


def test_that_a_column_goes_which_the_cheapest_others_leave_no_room_for():
    cheap, mixed = columns_of(usd=[8.0, 9.0]), columns_of(usd=[1.0, 3.0])
    linear = arrays_of(Program((cheap, mixed), (Limit("budget", None, 10.0),), ()))

    assert narrow.within_rows(linear).upper.tolist() == [1.0, 1.0, 1.0, 0.0]


def large(jobs=12, each=120):
    rng = np.random.default_rng(3)

    def some():
        return np.round(rng.uniform(1, 50, each), 2).tolist()

    columns = tuple(columns_of(hours=some(), usd=some()) for _ in range(jobs))
    return Program(columns, (Limit("budget", None, 8.0 * jobs),), ())


def test_that_only_large_programs_whose_aim_weighs_their_columns_are_narrowed():
    program = large()

    assert narrow.is_worthwhile(arrays_of(program))
    assert not narrow.is_worthwhile(arrays_of(large(jobs=2)))


@pytest.mark.parametrize("aim", [Aim.CHEAPEST, Aim.FASTEST])
def test_that_a_large_program_has_the_plan_of_all_its_columns(monkeypatch, aim):
    found = Chooser(large()).best(aim)

    monkeypatch.setattr(narrow, "is_worthwhile", lambda _: False)
    whole = Chooser(large()).best(aim)

    assert found.ending is whole.ending is Ending.OPTIMAL
    assert found.objective == pytest.approx(whole.objective, rel=TIE)
    assert found.chosen == whole.chosen
