"""A run that has begun on spot machines: what is left of its window, here and elsewhere."""

import numpy as np
import pytest

from solver.estimate.duration import Duration
from solver.estimate.fallback import Fallback
from solver.space.begun import Begun

WORK, STRETCH, SWITCH, WINDOW = 18.0, 1.8, 0.3, 5.0
ITS_OWN, ANOTHER_RENT, ANOTHER_MODEL, PLAIN = range(4)
"""Candidates: the run where it is, the same elsewhere, another model, one without a window."""


def left(done, pace=1.0):
    """Hours that are left of each candidate."""
    many = np.ones(4)
    after = Fallback(
        np.array([WINDOW, WINDOW, WINDOW, np.inf]), STRETCH * many, SWITCH * many, 0.4 * many
    )
    whole = Duration(0.2 * many, WORK * many, 0.45 * many, 0.45 * many, 0.0 * many, after)
    where = np.array([[0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    return Begun((0, 0, 0), 7, done, pace).gone_on(whole, where, np.array([7, 8, 7, 9]))


@pytest.mark.parametrize("pace", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("done", [0.0, 0.3, 1.0])
def test_that_windows_elsewhere_keep_their_share_of_the_work(done, pace):
    of = left(done, pace)

    share = of.fallback.window_hours[[ANOTHER_RENT, ANOTHER_MODEL]] / WINDOW
    assert share == pytest.approx(of.work_hours[[ANOTHER_RENT, ANOTHER_MODEL]] / WORK)
    assert np.isinf(of.fallback.window_hours[PLAIN])


def test_that_the_window_of_the_run_itself_goes_by():
    assert left(0.2).fallback.window_hours[ITS_OWN] == pytest.approx(WINDOW - 0.2 * WORK)


def test_that_a_run_whose_window_is_over_changes_machines_no_more():
    of = left(0.6)

    assert of.at(0.5)[ITS_OWN] == pytest.approx(0.4 * WORK / STRETCH)


def test_that_a_run_that_has_ended_never_comes_to_the_end_of_its_window():
    assert left(1.0).overrun_chance()[ITS_OWN] == 0.0
