"""Spot machines for a while and lasting ones after it: the promise holds whatever happens."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.estimate.assumptions import ASSUMPTIONS
from solver.estimate.cost import Billing
from solver.estimate.duration import Duration
from solver.estimate.fallback import Fallback
from solver.program import Limit
from solver.simulate import Uncertain, simulated

WORK, STRETCH, SWITCH = 10.0, 1.8, 0.3
OWN_SD, BREAK_SD = 0.2, 0.4
ERROR = 4 * 0.5 / np.sqrt(ASSUMPTIONS.simulations)


def one(value):
    return np.array([float(value)])


def duration(window=1.0, failure=0.0, own_sd=OWN_SD):
    """Ten hours of undisturbed work, with a window of so many times that."""
    both = one(np.hypot(own_sd, BREAK_SD))
    after = Fallback(one(window * WORK), one(STRETCH), one(SWITCH), one(BREAK_SD))
    return Duration(one(0.2), one(WORK * STRETCH), both, both, one(failure), after)


def billing(spot=1.0, lasting=3.0, price_sd=0.0):
    return Billing(
        one(spot), one(0.68), one(1 / 3600), one(0.0), one(0.5), one(price_sd), one(lasting)
    )


def drawn(of, bill=None):
    return simulated([Uncertain(of, bill or billing(), 0.5, 0.8, 0.02, 0.95)], ASSUMPTIONS)


@pytest.mark.parametrize("window", [0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("q", [0.6, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("failure", [0.0, 0.07])
def test_that_hours_and_dollars_at_a_quantile_hold_as_often(window, q, failure):
    of = duration(window, failure)
    hours = Limit("deadline", None, float(of.at(q)[0]))
    usd = Limit("budget", None, float(billing().usd_at(of, q)[0]))

    outcomes = drawn(of)

    assert outcomes.keeps(hours).mean() >= q - ERROR
    assert outcomes.keeps(usd).mean() >= q - ERROR


@pytest.mark.parametrize("window", [0.5, 1.0, 2.0, 3.0])
def test_that_the_hours_promised_are_not_far_from_the_true_ones(window):
    of = duration(window)

    assert of.at(0.9)[0] <= 1.12 * np.quantile(drawn(of).hours[0], 0.9)


@given(
    window=st.floats(0.0, 5.0),
    work_factor=st.floats(0.2, 5.0),
    break_factor=st.floats(0.2, 1e6),
)
def test_that_no_spot_machine_ever_delays_beyond_the_bound(window, work_factor, break_factor):
    after = duration(window).fallback

    first, rest = after.split(one(WORK * STRETCH), one(work_factor), one(break_factor))

    bound = window * WORK + SWITCH + WORK * work_factor
    assert first[0] + rest[0] <= bound * (1 + 1e-12)
    assert first[0] <= window * WORK


def test_that_spot_machines_that_get_on_leave_less_to_do():
    after = duration(1.0).fallback
    factors = np.linspace(0.3, 4.0, 50)

    first, rest = after.split(np.full(50, WORK * STRETCH), np.ones(50), factors)

    assert (np.diff(rest) >= 0).all()
    assert rest[-1] < WORK + SWITCH < rest[-1] + first[-1]


def test_that_a_window_without_end_is_plain_spot():
    endless = duration(np.inf)
    plain = replace(endless, fallback=None)

    for q in (0.1, 0.5, 0.9):
        assert endless.at(q) == plain.at(q)
    assert drawn(endless).hours == pytest.approx(drawn(plain).hours)
    assert endless.overrun_chance() == [0.0]


@pytest.mark.parametrize("failure", [0.0, 0.07, 0.3])
@pytest.mark.parametrize("window", [1.0, 2.0, 3.0])
def test_that_the_chance_of_coming_to_it_is_that_of_the_simulation(window, failure):
    of = duration(window, failure)

    paid = drawn(of, billing(spot=0.0, lasting=1.0))

    assert of.overrun_chance()[0] == pytest.approx((paid.usd > 0.5).mean(), abs=0.03)


def test_that_a_longer_window_is_cheaper_and_later_where_spot_is_cheap():
    hours = [duration(window).at(0.9)[0] for window in (0.5, 1.0, 2.0, 3.0)]
    usd = [billing().usd_at(duration(window), 0.9)[0] for window in (0.5, 1.0, 2.0, 3.0)]

    assert hours == sorted(hours)
    assert usd == sorted(usd, reverse=True)


def test_that_the_low_end_knows_that_spot_may_go_well():
    assert duration(1.0).at(0.1)[0] < duration(1.0).at(0.5)[0] < duration(1.0).at(0.9)[0]
    assert duration(3.0).at(0.1)[0] == replace(duration(3.0), fallback=None).at(0.1)[0]
