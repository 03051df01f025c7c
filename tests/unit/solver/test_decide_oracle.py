"""The program chooses what trying every combination finds."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver.mip.highs import Ending
from solver.mip.solve import Chooser
from solver.program import Limit, Program, natural_sizes
from solver.question import Aim
from solver.reduce import reduced
from tests.support.oracle import TIE, Oracle
from tests.support.programs import columns_of, programs

PURE = (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE)

quickly = settings(max_examples=50, deadline=None)


def in_other_money(program, factor):
    """The same program with every price and budget in another unit."""
    jobs = tuple(replace(columns, usd=columns.usd * factor) for columns in program.jobs)
    limits = tuple(
        replace(limit, bound=limit.bound * factor) if limit.name == "budget" else limit
        for limit in program.limits
    )
    return replace(program, jobs=jobs, limits=limits)


def reduced_program(program):
    """The program without what reduction leaves out, and where its columns come from."""
    names = [limit.name for limit in program.limits]
    kept = [reduced(columns, names) for columns in program.jobs]
    jobs = tuple(c.take(index) for c, index in zip(program.jobs, kept, strict=True))
    small = Program(jobs, program.limits, program.resources, sizes=natural_sizes(program.jobs))
    return small, kept


@quickly
@given(program=programs(), aim=st.sampled_from(PURE))
def test_that_the_plan_is_the_best_of_every_combination(program, aim):
    oracle = Oracle(program)
    best = oracle.best(aim, program.limits)

    found = Chooser(program).best(aim)

    if best is None:
        assert found.ending is Ending.INFEASIBLE
        assert not found.chosen
        return
    assert found.ending is Ending.OPTIMAL
    assert all(oracle.keeps(limit, found.chosen) for limit in program.limits)
    assert oracle.first(aim, found.chosen) == pytest.approx(best.first, rel=TIE, abs=2 * TIE)
    assert oracle.second(found.chosen) == pytest.approx(best.second, rel=2 * TIE, abs=4 * TIE)


@quickly
@given(program=programs(most=4))
def test_that_the_balanced_plan_is_the_best_of_every_combination(program):
    oracle = Oracle(program)
    assume(not oracle.ambiguous(program.limits))
    best = oracle.best(Aim.BALANCED, program.limits)

    found = Chooser(program).best(Aim.BALANCED)

    if best is None:
        assert found.ending is Ending.INFEASIBLE
        return
    assert found.objective == pytest.approx(best.first, abs=1e-5)
    assert all(oracle.keeps(limit, found.chosen) for limit in program.limits)


@quickly
@given(program=programs(), data=st.data())
def test_that_a_choice_within_some_limits_forgets_the_others(program, data):
    limits = tuple(limit for limit in program.limits if data.draw(st.booleans()))
    aim = data.draw(st.sampled_from(PURE))
    oracle = Oracle(program)
    chooser = Chooser(program)
    chooser.best(data.draw(st.sampled_from(PURE)))

    found = chooser.best(aim, limits)

    best = oracle.best(aim, limits)
    assert bool(found.chosen) == (best is not None)
    if best is not None:
        assert oracle.first(aim, found.chosen) == pytest.approx(best.first, rel=TIE, abs=2 * TIE)


@quickly
@given(program=programs())
def test_that_what_is_possible_is_what_some_combination_keeps(program):
    oracle, chooser = Oracle(program), Chooser(program)
    for left_out in (None, *program.limits):
        limits = tuple(limit for limit in program.limits if limit != left_out)

        assert chooser.possible(limits) == bool(oracle.inside(limits))


@quickly
@given(program=programs())
def test_that_the_least_miss_of_each_limit_is_the_least_of_every_combination(program):
    oracle, chooser = Oracle(program), Chooser(program)
    for limit in program.limits:
        found = chooser.least(limit)

        least = oracle.least(limit)
        assert bool(found.chosen) == (least is not None)
        if least is not None:
            assert oracle.reaches(limit, found.chosen) == pytest.approx(least, rel=1e-4, abs=1e-4)


@quickly
@given(program=programs(), aim=st.sampled_from(PURE))
def test_that_reduction_changes_no_figure_of_the_plan(program, aim):
    oracle = Oracle(program)
    small, kept = reduced_program(program)

    found = Chooser(small).best(aim)
    whole = Chooser(program).best(aim)

    assert found.ending is whole.ending
    if found.chosen:
        back = tuple(int(kept[j][c]) for j, c in enumerate(found.chosen))
        first = oracle.first(aim, whole.chosen)
        second = oracle.second(whole.chosen)
        assert oracle.first(aim, back) == pytest.approx(first, rel=TIE, abs=2 * TIE)
        assert oracle.second(back) == pytest.approx(second, rel=2 * TIE, abs=4 * TIE)


@quickly
@given(program=programs(), aim=st.sampled_from((Aim.BALANCED, Aim.MOST_ACCURATE)))
def test_that_an_unknown_accuracy_makes_no_aim_impossible(program, aim):
    found = Chooser(program).best(aim)

    assert bool(found.chosen) == bool(Oracle(program).inside(program.limits))


@quickly
@given(
    program=programs(),
    aim=st.sampled_from(PURE),
    factor=st.sampled_from((1e-4, 1e4)),
)
def test_that_the_unit_of_money_changes_nothing(program, aim, factor):
    oracle = Oracle(program)

    found = Chooser(in_other_money(program, factor)).best(aim)
    before = Chooser(program).best(aim)

    assert found.ending is before.ending
    if found.chosen:
        assert oracle.first(aim, found.chosen) == pytest.approx(
            oracle.first(aim, before.chosen), rel=TIE, abs=2 * TIE
        )
        assert oracle.second(found.chosen) == pytest.approx(
            oracle.second(before.chosen), rel=2 * TIE, abs=4 * TIE
        )


@quickly
@given(program=programs(most=4), factor=st.sampled_from((1e-4, 1e4)))
def test_that_the_unit_of_money_does_not_unbalance_several_jobs(program, factor):
    assume(len(program.jobs) > 1)
    assume(not Oracle(program).ambiguous(program.limits))
    scaled = in_other_money(program, factor)

    found, before = (Chooser(some).best(Aim.BALANCED) for some in (scaled, program))

    assert found.ending is before.ending
    if found.chosen:
        assert found.objective == pytest.approx(before.objective, abs=1e-5)


def test_that_a_limit_is_not_missed_within_the_tolerance_of_the_solver():
    columns = columns_of(hours=[1.0] * 10, usd=[0.500_02] + [1000.0] * 9)
    program = Program((columns, columns), (Limit("budget", None, 1.0),), ())

    assert Chooser(program).best(Aim.CHEAPEST).ending is Ending.INFEASIBLE


def test_that_a_limit_that_is_met_exactly_is_kept():
    columns = columns_of(hours=[1.0] * 10, usd=[0.1] + [1000.0] * 9)
    program = Program((columns,) * 3, (Limit("budget", None, 0.1 + 0.1 + 0.1),), ())

    assert Chooser(program).best(Aim.CHEAPEST).chosen == (0, 0, 0)


def test_that_an_accuracy_far_below_chance_can_still_be_the_best():
    columns = columns_of(hours=[1.0, 2.0], accuracy=[0.1, 0.05], chance=0.622)

    assert Chooser(Program((columns,), (), ())).best(Aim.MOST_ACCURATE).chosen == (0,)
