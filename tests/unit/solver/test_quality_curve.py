"""The data curve: concave, rising, and true to what was measured."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.estimate.quality_anchor import carried_to
from solver.estimate.quality_constants import quality_constants
from solver.estimate.quality_curve import (
    HIGHEST,
    LOWEST,
    Observation,
    curve,
    effective_examples,
    posterior,
)
from solver.estimate.quality_pilots import discrepancy_for

CONSTANTS = quality_constants().curve
GRID = np.geomspace(1.0, 1e6, 200)
ROUNDING = 1e-9

parameters = st.tuples(
    *[st.floats(float(low), float(high)) for low, high in zip(LOWEST, HIGHEST, strict=True)]
)
pilots = st.lists(st.tuples(st.integers(20, 50_000), st.floats(0.2, 0.99)), min_size=1, max_size=6)


def rises_and_bends_down(values, sizes):
    """Non-decreasing and concave over unequal steps."""
    slopes = np.diff(values) / np.diff(sizes)
    return (slopes >= -ROUNDING).all() and (np.diff(slopes) <= ROUNDING).all()


def fitted(points):
    """The posterior after pilots of 1,000 evaluated examples."""
    seen = [Observation(float(n), score, 0.02) for n, score in points]
    return posterior(seen, 0.1, CONSTANTS.examples, discrepancy_for(len(seen), CONSTANTS), 500)


@given(parameters)
@settings(deadline=None)
def test_that_every_curve_rises_and_is_concave_in_raw_examples(drawn):
    assert rises_and_bends_down(curve(np.array([drawn]), GRID)[0], GRID)


@given(pilots)
@settings(deadline=None, max_examples=25)
def test_that_the_curve_handed_to_plans_rises_and_is_concave_whatever_the_pilots(points):
    assert rises_and_bends_down(fitted(points).mean(GRID), GRID)


@given(st.floats(0.05, 0.99), st.floats(100, 1e6))
@settings(deadline=None, max_examples=25)
def test_that_a_published_score_is_carried_along_a_rising_concave_curve(score, anchor):
    carried = carried_to(np.array([score]), np.array([0.01]), anchor, GRID, 0.05, CONSTANTS)

    assert rises_and_bends_down(carried.median[0], GRID)


def test_that_at_the_published_size_the_published_score_stands():
    sizes = np.array([5_000.0])

    carried = carried_to(np.array([0.9]), np.array([0.01]), 5_000.0, sizes, 0.5, CONSTANTS)

    assert carried.median[0, 0] == pytest.approx(0.9, abs=1e-6)
    assert carried.sd[0, 0] == pytest.approx(0.01, abs=0.002)


def test_that_doubt_grows_with_the_distance_from_the_published_size():
    sizes = np.array([100.0, 1_000.0, 10_000.0])

    carried = carried_to(np.array([0.9]), np.array([0.01]), 10_000.0, sizes, 0.5, CONSTANTS)

    assert carried.sd[0, 0] > carried.sd[0, 1] > carried.sd[0, 2]


def test_that_better_pilots_promise_more():
    worse = fitted([(500, 0.70), (2_000, 0.78), (8_000, 0.83)])
    better = fitted([(500, 0.75), (2_000, 0.83), (8_000, 0.88)])

    assert (better.mean(GRID[100:]) > worse.mean(GRID[100:])).all()


def test_that_the_curve_passes_near_its_pilots():
    points = [(500, 0.70), (2_000, 0.78), (8_000, 0.83)]

    found = fitted(points).mean(np.array([float(n) for n, _ in points]))

    assert found == pytest.approx([score for _, score in points], abs=0.02)


def test_that_the_same_pilots_give_the_same_curve():
    points = [(500, 0.70), (2_000, 0.78)]

    assert (fitted(points).mean(GRID) == fitted(points).mean(GRID)).all()


def test_that_repeated_passes_are_worth_at_most_two_more_and_nothing_after_the_fourth():
    passes = np.array([1.0, 2.0, 3.0, 4.0, 8.0])

    worth = effective_examples(1_000.0, passes, CONSTANTS)

    assert worth[0] == 1_000.0
    assert (np.diff(worth)[:3] > 0).all()
    assert worth[3] == worth[4] < 3_000.0
