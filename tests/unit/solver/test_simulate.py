"""Drawn outcomes have the chances that their distributions state."""

import numpy as np
import pytest

from solver.estimate.assumptions import ASSUMPTIONS
from solver.estimate.cost import Billing
from solver.estimate.duration import Duration
from solver.program import Limit
from solver.simulate import Uncertain, simulated

DRAWS = ASSUMPTIONS.simulations
ERROR = 4.0 * 0.5 / np.sqrt(DRAWS)
"""Four standard errors of a share."""


def one(value):
    return np.array([value], dtype=float)


def job(
    work=5.0, sd=0.3, failure=0.0, price_sd=0.1, accuracy=0.8, accuracy_sd=0.02, kg=0.5, paid=1.0
):
    duration = Duration(one(0.2), one(work), one(sd), one(sd / 2), one(failure))
    billing = Billing(one(2.0), one(paid), one(1 / 3600), one(0.0), one(1.0), one(price_sd))
    return Uncertain(duration, billing, kg, accuracy, accuracy_sd, ceiling=0.95)


def drawn(*jobs):
    return simulated(jobs, ASSUMPTIONS)


def test_that_equal_plans_have_equal_outcomes():
    a, b = drawn(job(), job(work=9.0)), drawn(job(), job(work=9.0))

    assert (a.hours == b.hours).all()
    assert (a.usd == b.usd).all()


@pytest.mark.parametrize("q", [0.6, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("failure", [0.0, 0.07, 0.3])
def test_that_a_deadline_at_a_quantile_holds_as_often(q, failure):
    of = job(failure=failure)
    limit = Limit("deadline", None, float(of.duration.at(q)[0]))

    assert drawn(of).keeps(limit).mean() >= q - ERROR


@pytest.mark.parametrize("failure", [0.0, 0.07, 0.3])
def test_that_runs_fail_and_are_repeated_as_often_as_stated(failure):
    of = job(sd=1e-9, failure=failure)

    runs = (drawn(of).hours[0] - 0.2) / 5.0

    assert (runs > 1.5).mean() == pytest.approx(failure, abs=ERROR)
    assert runs.mean() == pytest.approx(1 / (1 - failure), rel=0.02)


def test_that_accuracy_is_normal_around_its_median():
    accuracy = drawn(job()).accuracy[0]

    assert accuracy.mean() == pytest.approx(0.8, abs=0.001)
    assert accuracy.std() == pytest.approx(0.02, rel=0.03)


def test_that_no_accuracy_leaves_the_range_from_nothing_to_the_ceiling():
    high, low = drawn(job(accuracy=0.94)).accuracy[0], drawn(job(accuracy=0.01)).accuracy[0]

    assert high.max() == 0.95
    assert low.min() == 0.0


def test_that_jobs_share_the_stated_part_of_their_luck():
    outcomes = drawn(job(), job())

    log_hours = np.log(outcomes.hours - 0.2)
    ratio = np.corrcoef(outcomes.accuracy)[0, 1]
    assert ratio == pytest.approx(ASSUMPTIONS.common_accuracy_ratio, abs=0.03)
    assert np.corrcoef(log_hours)[0, 1] == pytest.approx(ASSUMPTIONS.common_time_ratio, abs=0.05)


def test_that_all_jobs_have_one_price_level():
    outcomes = drawn(job(sd=1e-9, price_sd=0.2), job(sd=1e-9, price_sd=0.2))

    assert np.allclose(outcomes.usd[0], outcomes.usd[1], rtol=1e-3)


def test_that_waiting_for_spot_machines_costs_and_emits_nothing():
    outcomes = drawn(job(sd=1e-9, price_sd=0.0, paid=0.5))

    assert outcomes.usd[0] == pytest.approx(2.0 * (0.2 + 2.5) + 1.0, rel=1e-3)
    assert outcomes.co2_kg[0] == pytest.approx(0.5 * (0.2 + 2.5), rel=1e-3)


def test_that_limits_of_all_jobs_bound_the_last_end_and_the_sums():
    outcomes = drawn(job(), job(work=9.0))

    assert (outcomes.reached(Limit("deadline", None, 1.0)) == outcomes.hours.max(axis=0)).all()
    assert (outcomes.reached(Limit("budget", None, 1.0)) == outcomes.usd.sum(axis=0)).all()
    assert (outcomes.reached(Limit("co2", None, 1.0)) == outcomes.co2_kg.sum(axis=0)).all()
    assert (outcomes.reached(Limit("deadline", 0, 1.0)) == outcomes.hours[0]).all()


@pytest.mark.parametrize("limit", [Limit("min_accuracy", 0, 0.1), Limit("co2", None, 1e9)])
def test_that_what_is_not_known_keeps_no_limit(limit):
    outcomes = drawn(job(accuracy=np.nan, kg=np.nan))

    assert not outcomes.keeps(limit).any()


def test_that_limits_hold_together_at_least_as_often_as_boole_says():
    of = job(failure=0.07)
    q = 0.95
    limits = (
        Limit("deadline", None, float(of.duration.at(q)[0])),
        Limit("min_accuracy", 0, 0.8 - 1.645 * 0.02),
    )
    outcomes = drawn(of)

    together = np.logical_and.reduce([outcomes.keeps(limit) for limit in limits]).mean()

    assert together >= 1 - 2 * (1 - q) - ERROR
