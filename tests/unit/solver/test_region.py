"""Who keeps which limit, the edge of what is possible, and the best inside it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.mip.solve import Chooser
from solver.program import Limit, Program, natural_sizes
from solver.question import Aim
from solver.region import SHOWN, STATES, Ranking, best, frontier, missed, region
from tests.support.oracle import Oracle
from tests.support.programs import columns_of, jobs_columns, limits_for, many_columns

quickly = settings(max_examples=50, deadline=None)


@quickly
@given(columns=many_columns(), data=st.data())
def test_that_misses_are_counted_limit_by_limit(columns, data):
    limits = data.draw(limits_for(1))
    oracle = Oracle(Program((columns,), limits, ()))

    many = missed(columns, limits)

    for i in range(len(columns)):
        assert many[i] == sum(not oracle.keeps(limit, (i,)) for limit in limits)


@quickly
@given(columns=many_columns(), data=st.data())
def test_that_the_edge_is_what_nothing_beats_in_hours_and_dollars(columns, data):
    among = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(columns), max_size=len(columns)))
    )

    edge = frontier(columns, among)

    inside = np.flatnonzero(among)
    points = {(columns.hours[i], columns.usd[i]) for i in inside.tolist()}
    expected = {
        (h, c)
        for h, c in points
        if not any(a <= h and b <= c and (a, b) != (h, c) for a, b in points)
    }
    assert among[edge].all()
    assert [(columns.hours[i], columns.usd[i]) for i in edge.tolist()] == sorted(expected)


@quickly
@given(columns=jobs_columns(most=12), aim=st.sampled_from(list(Aim)[:3]), data=st.data())
def test_that_the_best_inside_is_the_plan_of_the_program(columns, aim, data):
    limits = tuple(limit for limit in data.draw(limits_for(1)) if limit.name != "max_gpus")
    sizes = natural_sizes((columns,))
    program = Program((columns,), limits, (), sizes=sizes)
    oracle = Oracle(program)

    found = best(columns, missed(columns, limits) == 0, aim, sizes)
    plan = Chooser(program).best(aim).chosen

    assert (found is None) == (not plan)
    if plan:
        assert oracle.first(aim, (found,)) == pytest.approx(oracle.first(aim, plan), abs=1e-6)
        assert oracle.second((found,)) == pytest.approx(oracle.second(plan), abs=1e-5)


@quickly
@given(columns=many_columns(), aim=st.sampled_from(list(Aim)), data=st.data())
def test_that_hints_of_what_is_likely_change_no_ranking(columns, aim, data):
    limits = data.draw(limits_for(1))
    inside = missed(columns, limits) == 0
    sizes = natural_sizes((columns,))
    likely = np.array(sorted(data.draw(st.sets(st.integers(0, len(columns) - 1)))), dtype=np.int64)
    every = Ranking(columns, inside, aim, sizes, np.empty(0, dtype=np.int64))
    hinted = Ranking(columns, inside, aim, sizes, likely)

    assert hinted.best() == every.best()
    assert hinted.best(lambda at: at % 2 == 0) == every.best(lambda at: at % 2 == 0)


def cloud(many):
    rng = np.random.default_rng(1)
    return columns_of(
        hours=rng.uniform(1, 100, many).tolist(),
        usd=rng.uniform(1, 100, many).tolist(),
        accuracy=np.where(rng.random(many) < 0.1, np.nan, rng.uniform(0.5, 0.9, many)).tolist(),
    )


LIMITS = (Limit("deadline", None, 50.0), Limit("budget", None, 50.0), Limit("min_accuracy", 0, 0.8))


def test_that_the_edge_of_many_is_that_of_sorting_them_all(monkeypatch):
    columns = cloud(20_000)
    coarse = columns_of(hours=np.round(columns.hours).tolist(), usd=np.round(columns.usd).tolist())
    among = np.arange(20_000) % 3 > 0
    sieved = [frontier(some, among).tolist() for some in (columns, coarse)]

    monkeypatch.setattr("solver.region.FEW", 20_000)

    assert sieved == [frontier(some, among).tolist() for some in (columns, coarse)]


def test_that_misses_are_counted_anew_for_other_quantities():
    columns = cloud(100)
    missed(columns, LIMITS)
    dearer = replace(columns, usd=columns.usd + 100.0)

    assert (missed(dearer, LIMITS) >= 1).all()


def test_that_a_large_region_is_thinned_but_keeps_what_matters():
    columns = cloud(20_000)
    kept = np.arange(0, 20_000, 400)

    shown = region(columns, LIMITS, kept, 123)

    assert len(shown.hours) <= SHOWN + 100
    assert set(shown.state) == set(STATES)
    points = set(zip(shown.hours, shown.usd, strict=True))
    for i in (*kept.tolist(), 123):
        assert (columns.hours[i], columns.usd[i]) in points


def test_that_a_region_tells_near_misses_from_what_is_far():
    columns = columns_of(
        hours=[1.0, 99.0, 99.0, 1.0], usd=[1.0, 1.0, 99.0, 1.0], accuracy=[0.9, 0.9, 0.9, np.nan]
    )

    shown = region(columns, LIMITS, np.arange(4), None)

    assert shown.state == ("feasible", "near-miss", "excluded", "near-miss")
    assert shown.accuracy[3] is None
    assert shown.frontier == (0,)


def test_that_the_edge_of_a_region_is_feasible_and_goes_from_fast_to_cheap():
    shown = region(cloud(3_000), LIMITS, np.arange(10), None)

    assert all(shown.state[i] == "feasible" for i in shown.frontier)
    hours, usd = ([column[i] for i in shown.frontier] for column in (shown.hours, shown.usd))
    assert hours == sorted(hours)
    assert usd == sorted(usd, reverse=True)
