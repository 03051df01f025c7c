"""An aim is held near its best while another is improved; ties go to the stated second aim."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.mip.held import Wishes, Wishful
from solver.mip.highs import Ending
from solver.mip.solve import Chooser
from solver.program import Limit, Program
from solver.question import Aim
from tests.support.oracle import TIE, Oracle
from tests.support.programs import columns_of, programs

PURE = (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE)

quickly = settings(max_examples=50, deadline=None)


def held_plans(oracle, wishes):
    """Every plan within the limits whose held aim is near its best, tried one by one."""
    plans = oracle.inside(oracle.program.limits)
    if wishes.hold is Aim.MOST_ACCURATE:
        plans = [plan for plan in plans if oracle.rated(plan)] or plans
    best = min((oracle.first(wishes.hold, plan) for plan in plans), default=None)
    if best is None:
        return []
    most = best + max(wishes.within * abs(best), TIE)
    return [plan for plan in plans if oracle.first(wishes.hold, plan) <= most * (1 + 1e-9) + 1e-9]


@quickly
@given(
    program=programs(),
    aims=st.permutations(PURE),
    within=st.sampled_from((0.0, 0.05, 0.5, 1.0)),
)
def test_that_the_plan_is_the_best_of_those_whose_held_aim_is_near_its_best(program, aims, within):
    aim, hold, _ = aims
    oracle, wishes = Oracle(program), Wishes(hold, within)
    plans = held_plans(oracle, wishes)
    if aim is Aim.MOST_ACCURATE:
        plans = [plan for plan in plans if oracle.rated(plan)] or plans

    found = Wishful(program, wishes=wishes).best(aim)

    if not plans:
        assert found.ending is Ending.INFEASIBLE
        return
    best = min(oracle.first(aim, plan) for plan in plans)
    assert found.ending is Ending.OPTIMAL
    assert oracle.first(aim, found.chosen) == pytest.approx(best, rel=TIE, abs=3 * TIE)


@quickly
@given(program=programs(), aims=st.permutations(PURE))
def test_that_of_equal_plans_the_second_aim_decides(program, aims):
    aim, second, _ = aims
    oracle = Oracle(program)
    best = oracle.best(aim, program.limits)

    found = Wishful(program, wishes=Wishes(second=second)).best(aim)

    if best is None:
        assert found.ending is Ending.INFEASIBLE
        return
    plans = oracle.inside(program.limits)
    if aim is Aim.MOST_ACCURATE:
        plans = [plan for plan in plans if oracle.rated(plan)] or plans
    ties = [p for p in plans if oracle.first(aim, p) <= best.first + TIE * max(1, abs(best.first))]
    least = min(oracle.first(second, plan) for plan in ties)
    assert oracle.first(aim, found.chosen) == pytest.approx(best.first, rel=TIE, abs=3 * TIE)
    assert oracle.first(second, found.chosen) == pytest.approx(least, rel=TIE, abs=5 * TIE)


@quickly
@given(program=programs(), aim=st.sampled_from(Aim))
def test_that_without_wishes_the_choice_is_the_plain_one(program, aim):
    assert Wishful(program).best(aim) == Chooser(program).best(aim)


@quickly
@given(program=programs(most=4), hold=st.sampled_from(PURE))
def test_that_the_balanced_plan_keeps_what_is_held(program, hold):
    oracle, wishes = Oracle(program), Wishes(hold, 0.1)
    plans = held_plans(oracle, wishes)

    found = Wishful(program, wishes=wishes).best(Aim.BALANCED)

    assert bool(found.chosen) == bool(plans)
    if plans:
        most = max(oracle.first(hold, plan) for plan in plans)
        assert oracle.first(hold, found.chosen) <= most + 3 * TIE * max(1.0, abs(most))


THREE = columns_of(hours=[8.0, 4.0, 1.0], usd=[1.0, 1.04, 3.0], accuracy=[0.8, 0.8, 0.9])


def test_that_what_is_held_and_allowed_is_told_for_the_last_plan():
    chooser = Wishful(Program((THREE,), (), ()), wishes=Wishes(Aim.CHEAPEST, 0.05))

    found = chooser.best(Aim.FASTEST)

    assert found.chosen == (1,)
    assert chooser.held is not None
    assert chooser.held.allowed == pytest.approx(1.05 * chooser.held.best)


def test_that_nothing_stays_held_when_limits_are_explained():
    limit = Limit("deadline", None, 9.0)
    program = Program((THREE,), (limit,), ())
    chooser = Wishful(program, wishes=Wishes(Aim.CHEAPEST, 0.0))
    chooser.best(Aim.FASTEST)

    assert chooser.least(limit).chosen == (2,)
    assert chooser.best(Aim.FASTEST).chosen == (0,)


def test_that_nothing_is_held_where_no_plan_keeps_the_limits():
    program = Program((THREE,), (Limit("budget", None, 0.5),), ())
    chooser = Wishful(program, wishes=Wishes(Aim.CHEAPEST, 0.05))

    found = chooser.best(Aim.FASTEST)

    assert (found.ending, found.objective, chooser.held) == (Ending.INFEASIBLE, None, None)
