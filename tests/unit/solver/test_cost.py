"""What hours cost: grain, minimum, price and their chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.estimate.assumptions import ASSUMPTIONS
from solver.estimate.cost import Billing, price_log_sd
from solver.estimate.duration import Duration
from solver.simulate import Uncertain, simulated


def one(value):
    return np.array([value], dtype=float)


def billing(rate=2.0, paid=1.0, grain=1.0, minimum=0.0, fixed=0.0, sd=0.0):
    return Billing(one(rate), one(paid), one(grain), one(minimum), one(fixed), one(sd))


def duration(startup=0.0, work=2.0, sd=0.3, failure=0.0):
    return Duration(one(startup), one(work), one(sd), one(sd), one(failure))


@pytest.mark.parametrize(
    ("hours", "grain", "minimum", "billed"),
    [
        (0.2, 1.0, 0.0, 1.0),
        (1.0, 1.0, 0.0, 1.0),
        (1.01, 1.0, 0.0, 2.0),
        (0.9, 0.25, 0.0, 1.0),
        (0.1, 1 / 60, 1.0, 1.0),
        (1.5, 1 / 60, 1.0, 1.5),
        (0.1 + 0.1 + 0.1, 0.1, 0.0, 0.3),
    ],
)
def test_that_hours_are_billed_by_the_grain_and_the_minimum(hours, grain, minimum, billed):
    assert billing(grain=grain, minimum=minimum).billed(one(hours))[0] == pytest.approx(billed)


@given(hours=st.floats(1e-3, 1e4), grain=st.sampled_from((1 / 3600, 1 / 60, 0.25, 1.0)))
def test_that_a_bill_covers_the_hours_and_less_than_a_grain_more(hours, grain):
    billed = billing(grain=grain).billed(one(hours))[0]

    assert hours * (1 - 1e-6) <= billed <= hours + grain * (1 + 1e-6)


def test_that_waiting_for_spot_machines_is_free_and_startup_is_not():
    bill = billing(paid=0.5, grain=1 / 3600, fixed=3.0)

    assert bill.usd_at(duration(startup=1.0), 0.5)[0] == pytest.approx(2.0 * (1.0 + 1.0) + 3.0)


@given(low=st.floats(0.5, 0.99), high=st.floats(0.5, 0.99), sd=st.floats(0.0, 0.5))
def test_that_dollars_never_fall_with_the_quantile(low, high, sd):
    bill, d = billing(sd=sd), duration(startup=0.3, failure=0.05)

    few, many = bill.usd_at(d, min(low, high))[0], bill.usd_at(d, max(low, high))[0]

    assert many >= few * (1 - 1e-12)


@pytest.mark.parametrize("q", [0.6, 0.8, 0.9, 0.95])
@pytest.mark.parametrize(
    ("startup", "work", "grain", "failure", "sd"),
    [
        (0.1, 5.0, 1 / 3600, 0.0, 0.15),
        (0.2, 0.3, 1.0, 0.0, 0.15),
        (0.2, 0.3, 1.0, 0.0, 0.4),
        (0.2, 3.0, 1.0, 0.07, 0.2),
        (2.0, 0.5, 1 / 3600, 0.0, 0.2),
    ],
)
def test_that_dollars_at_a_quantile_hold_nearly_as_often(q, startup, work, grain, failure, sd):
    d, bill = duration(startup, work, failure=failure), billing(grain=grain, sd=sd)
    outcomes = simulated([Uncertain(d, bill, 0.0, 0.9, 0.0, 1.0)], ASSUMPTIONS)

    share = (outcomes.usd[0] <= bill.usd_at(d, q)[0] + 1e-9).mean()

    assert share >= q - 0.06


def test_that_a_price_grows_less_certain_with_its_age():
    age = np.array([0.0, 100.0, 1000.0])
    rented, owned = np.zeros(3, dtype=bool), np.ones(3, dtype=bool)

    on_demand = price_log_sd(age, rented, rented, ASSUMPTIONS)
    spot = price_log_sd(age, owned, rented, ASSUMPTIONS)

    assert on_demand[0] == pytest.approx(ASSUMPTIONS.fresh_price_log_sd)
    assert (np.diff(on_demand) > 0).all()
    assert (spot > on_demand).all()
    assert price_log_sd(age, rented, owned, ASSUMPTIONS).tolist() == [0.0, 0.0, 0.0]
