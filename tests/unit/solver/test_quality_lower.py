"""The lower curve that a program may count on: concave, rising, never above the quantile."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.constants import shipped_constants
from solver.estimate.quality_lower import concave_lower
from solver.outcome.curves import curve_of
from tests.support.questions import question, the_catalog

ROUNDING = 1e-9
TENTH_OF_A_POINT = 0.001

CONSTANTS = shipped_constants()
TICKETS = question().jobs[0]

values = st.lists(st.floats(0, 1), min_size=2, max_size=30)
pilots = st.lists(st.tuples(st.integers(50, 20_000), st.floats(0.3, 0.99)), min_size=3, max_size=4)


@given(values, st.data())
def test_that_it_is_concave_rising_and_below_whatever_the_quantile(drawn, data):
    told = np.array(drawn)
    at = data.draw(st.integers(0, len(told) - 1))
    sizes = np.cumsum(
        data.draw(st.lists(st.floats(0.1, 100), min_size=len(told), max_size=len(told)))
    )

    lower = concave_lower(sizes, told, at)

    slopes = np.diff(lower) / np.diff(sizes)
    assert (lower <= told + ROUNDING).all()
    assert (slopes >= -ROUNDING).all()
    assert (np.diff(slopes) <= ROUNDING).all()
    assert lower[at] == pytest.approx(told[at:].min())


def test_that_nothing_is_lost_where_the_quantile_is_concave_already():
    sizes = np.geomspace(10, 1e5, 40)
    told = 0.9 - sizes**-0.3

    assert concave_lower(sizes, told, 20) == pytest.approx(told, abs=1e-12)


@given(pilots, st.sampled_from([0.8, 0.9, 0.95]))
@settings(deadline=None, max_examples=20)
def test_that_between_its_sizes_it_exceeds_the_quantile_by_less_than_a_tenth_of_a_point(
    points, confidence
):
    measured = [
        {"examples": n, "score": score, "model": "BERT-base", "evaluated_on": 1000}
        for n, score in points
    ]
    job = TICKETS.replace(pilots=measured)

    curve = curve_of(job, "BERT-base", "full", the_catalog(), CONSTANTS, confidence=confidence)
    if curve.examples:
        fine = curve_of(
            job, "BERT-base", "full", the_catalog(), CONSTANTS, confidence=confidence, places=600
        )

        promised = np.interp(fine.examples, curve.examples, curve.lower)
        assert (promised <= np.array(fine.quantile) + TENTH_OF_A_POINT).all()
