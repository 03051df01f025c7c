"""A program of one job read as a table says what the solver says."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.mip.scan import Scan, is_table
from solver.mip.solve import TIE, Chooser
from solver.program import Program, natural_sizes
from solver.question import Aim
from tests.support.programs import columns_of, programs

quickly = settings(max_examples=40, deadline=None)

AIMS = st.sampled_from(tuple(Aim))


def second_of(program, found):
    return float(Scan(program)._second[found.chosen[0]])


def assert_equally_good(program, found, other):
    assert (found.ending, bool(found.chosen)) == (other.ending, bool(other.chosen))
    if found.chosen:
        assert found.objective == pytest.approx(other.objective, rel=TIE, abs=2 * TIE)
        assert found.timing is not None
        assert found.timing.last_end == program.jobs[0].hours[found.chosen[0]]


@quickly
@given(program=programs(most_jobs=1, most=8), aim=AIMS, data=st.data())
def test_that_the_best_plan_of_a_table_is_that_of_the_program(program, aim, data):
    limits = tuple(limit for limit in program.limits if data.draw(st.booleans()))

    found, other = Scan(program).best(aim, limits), Chooser(program).best(aim, limits)

    assert_equally_good(program, found, other)
    if found.chosen and aim is not Aim.BALANCED:
        assert second_of(program, found) == pytest.approx(second_of(program, other), abs=1e-5)


@quickly
@given(program=programs(most_jobs=1, most=8))
def test_that_the_least_miss_in_a_table_is_that_of_the_program(program):
    scan, chooser = Scan(program), Chooser(program)
    for limit in program.limits:
        assert_equally_good(program, scan.least(limit), chooser.least(limit))


@quickly
@given(program=programs(most_jobs=1, most=8), data=st.data())
def test_that_the_least_miss_that_buys_something_is_that_of_the_program(program, data):
    scan, chooser = Scan(program), Chooser(program)
    aim = data.draw(st.sampled_from((Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE)))
    free = scan.best(aim, ())
    for limit in program.limits if free.chosen else ():
        better = aim, free.objective + data.draw(st.sampled_from((0.0, 0.1, 1.0)))

        assert_equally_good(program, scan.least(limit, better), chooser.least(limit, better))


@quickly
@given(program=programs(most_jobs=1), data=st.data())
def test_that_what_is_possible_in_a_table_is_possible_in_the_program(program, data):
    limits = tuple(limit for limit in program.limits if data.draw(st.booleans()))

    assert Scan(program).possible(limits) == Chooser(program).possible(limits)


def test_that_of_equal_candidates_the_first_by_key_is_taken():
    program = Program((columns_of(hours=[2.0, 1.0, 1.0, 1.0], usd=[1.0] * 4),), (), ())

    assert Scan(program).best(Aim.FASTEST).chosen == (1,)


def test_that_only_one_job_that_must_be_done_and_need_not_wait_is_a_table():
    job = columns_of(hours=[1.0], usd=[1.0])
    one = Program((job,), (), (), sizes=natural_sizes((job,)))

    assert is_table(one)
    assert not is_table(replace(one, jobs=(job, job)))
    assert not is_table(replace(one, worth_usd=(5.0,)))
    assert not is_table(replace(one, moments=(0.0, 4.0)))
