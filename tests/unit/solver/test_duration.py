"""Hours at a quantile are not exceeded more often than that."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.estimate.assumptions import ASSUMPTIONS
from solver.estimate.duration import (
    Duration,
    failure_stretch,
    reruns_needed,
    spot_stretch,
    work_hours,
)

DRAWS = 200_000
QUANTILES = (0.55, 0.7, 0.8, 0.9, 0.95, 0.99)


def duration(startup=0.2, work=5.0, slow=0.3, fast=0.2, failure=0.0):
    """One run; the numbers may be lists for several."""
    return Duration(
        *(np.atleast_1d(np.array(v, float)) for v in (startup, work, slow, fast, failure))
    )


def drawn_hours(d, seed=7):
    """Outcomes as the class states them: two-sided spread, reruns of what ended at chance."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal(DRAWS)
    factor = np.exp(z * np.where(z >= 0, d.slow_log_sd[0], d.fast_log_sd[0]))
    failed = rng.geometric(1.0 - d.failure_ratio[0], DRAWS) - 1
    return d.startup_hours[0] + d.work_hours[0] * (1 + failed) * factor


def binomial_error(q):
    return 4.0 * math.sqrt(q * (1 - q) / DRAWS)


@pytest.mark.parametrize("q", QUANTILES)
@pytest.mark.parametrize("failure", [0.0, 0.01, 0.07, 0.3])
@pytest.mark.parametrize("sd", [0.02, 0.3, 1.0])
def test_that_hours_at_a_quantile_hold_as_often_in_simulation(q, failure, sd):
    d = duration(slow=sd, fast=sd / 2, failure=failure)

    share = (drawn_hours(d) <= d.at(q)[0]).mean()

    assert share >= q - binomial_error(q)


@pytest.mark.parametrize("q", [0.1, 0.25, 0.5, 0.75, 0.95])
def test_that_without_failures_the_quantile_is_exact(q):
    d = duration()

    assert (drawn_hours(d) <= d.at(q)[0]).mean() == pytest.approx(q, abs=binomial_error(q))


@given(
    low=st.floats(0.01, 0.99),
    high=st.floats(0.01, 0.99),
    failure=st.floats(0.0, 0.5),
    sd=st.floats(0.001, 2.0),
)
def test_that_hours_never_fall_with_the_quantile(low, high, failure, sd):
    d = duration(slow=sd, fast=sd / 3, failure=failure)

    few, many = d.at(min(low, high))[0], d.at(max(low, high))[0]

    assert many >= few * (1 - 1e-12)


@given(q=st.floats(0.5, 0.99), more=st.floats(1.0, 5.0))
def test_that_more_work_spread_or_failures_take_no_fewer_hours(q, more):
    base = duration(failure=0.05).at(q)[0]

    assert duration(work=5.0 * more, failure=0.05).at(q)[0] >= base
    assert duration(slow=0.3 * more, failure=0.05).at(q)[0] >= base
    assert duration(failure=0.05 * more).at(q)[0] >= base


def test_that_the_startup_is_certain():
    assert duration(startup=3.0, work=0.0).at(0.99)[0] == 3.0


@pytest.mark.parametrize(
    ("failure", "q", "reruns"), [(0.0, 0.99, 0), (0.07, 0.9, 0), (0.07, 0.95, 1), (0.3, 0.99, 3)]
)
def test_that_enough_reruns_are_reserved(failure, q, reruns):
    assert reruns_needed(failure, q) == reruns
    assert failure ** (reruns + 1) < 1 - q


def test_that_a_share_of_the_work_keeps_its_startup():
    d = duration().scaled(0.1)

    assert d.at(0.5)[0] == pytest.approx(0.2 + 0.5)


@pytest.mark.parametrize("q", [0.3, 0.5, 0.9])
def test_that_each_of_several_is_as_alone(q):
    many = duration(
        work=[1.0, 5.0, 9.0],
        slow=[0.1, 0.3, 0.5],
        fast=[0.2] * 3,
        startup=[0.2] * 3,
        failure=[0.0, 0.07, 0.2],
    )

    alone = [many.take(np.array([i])).at(q)[0] for i in range(3)]

    assert many.at(q).tolist() == pytest.approx(alone)


def test_that_trials_and_evaluation_multiply_the_work():
    tokens, rate = np.array([3.6e6]), np.array([1000.0])

    once = work_hours(tokens, rate, 1, ASSUMPTIONS)

    assert once[0] == pytest.approx(1.0 + ASSUMPTIONS.evaluation_ratio)
    assert work_hours(tokens, rate, 4, ASSUMPTIONS)[0] == pytest.approx(4 * once[0])


def test_that_spot_machines_take_longer_and_are_paid_while_up():
    stretch, paid = spot_stretch(np.array([False, True]), ASSUMPTIONS)

    assert (stretch * paid > 1.0).all()
    assert stretch[1] > stretch[0]
    assert paid.tolist() == [ASSUMPTIONS.spot_up_ratio, ASSUMPTIONS.spot_gang_up_ratio]


def test_that_a_run_of_many_machine_months_loses_the_share_that_is_published():
    stretch, log_sd = failure_stretch(np.array([2048.0]), np.array([54 * 24.0]), ASSUMPTIONS)

    assert stretch[0] == pytest.approx(1.11, abs=1e-3)
    assert log_sd[0] == pytest.approx(ASSUMPTIONS.failure_log_sd, rel=1e-3)


def test_that_a_short_run_on_one_machine_loses_next_to_nothing():
    stretch, log_sd = failure_stretch(np.array([1.0]), np.array([90.0]), ASSUMPTIONS)

    assert 1.0 < stretch[0] < 1.003
    assert log_sd[0] < 0.003


def test_that_more_machines_and_hours_never_lose_less_to_failures():
    machines = np.array([1.0, 8.0, 8.0, 512.0])
    hours = np.array([24.0, 24.0, 240.0, 240.0])

    stretch, _ = failure_stretch(machines, hours, ASSUMPTIONS)

    assert (np.diff(stretch) > 0).all()
