"""Candidates that the worker keeps between questions."""

from datetime import date

import pytest

from catalog.load import load_catalog
from solver.constants import shipped_constants
from solver.serve import estimates as module
from solver.serve.estimates import Estimates
from tests.support.questions import question, several_jobs

TODAY = date(2026, 11, 25)


@pytest.fixture
def estimates():
    return Estimates(load_catalog(), shipped_constants())


def test_that_a_moved_limit_estimates_nothing_anew(estimates):
    before, after = question(), question(limits={"budget_usd": 7, "confidence": 0.7})

    made = estimates.of(before.jobs[0], before, TODAY)

    assert estimates.holds(after.jobs[0], after, TODAY)
    assert estimates.of(after.jobs[0], after, TODAY).row is made.row


def test_that_all_jobs_of_a_question_stay_however_many_candidates_they_have(estimates, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 1)
    asked, other = several_jobs(), question(limits={"spot": True})

    for job in asked.jobs:
        estimates.of(job, asked, TODAY)
    before = [estimates.holds(job, asked, TODAY) for job in asked.jobs]
    estimates.of(other.jobs[0], other, TODAY)
    after = [estimates.holds(job, asked, TODAY) for job in asked.jobs]

    assert before == [True, True, True]
    assert after == [False, False, False]
