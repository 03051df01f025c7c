"""The quantile that is found is the smallest that suffices, with few tries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.limits import limits_of
from solver.search import SUREST, Search
from tests.support.questions import NOW, the_catalog
from tests.support.questions import question as asked_for

ASKED = 0.9


class Staged(Search):
    """A search in which it is given from which quantile on plans hold often enough."""

    def __init__(self, question, needed, shown):
        (job,) = question.jobs
        made = candidates(job, question, the_catalog(), shipped_constants(), NOW.date())
        super().__init__(question, (made,), limits_of(question, NOW))
        self._needed, self._shown, self.tried_at = needed, shown, []

    def _suffices(self, quantile):
        self.tried_at.append(quantile)
        self._chances[quantile] = self._shown(quantile)
        return quantile >= self._needed


@pytest.fixture(scope="module")
def question():
    return asked_for(limits={"confidence": ASKED})


@settings(max_examples=60, deadline=None)
@given(needed=st.floats(ASKED, 0.99), lie=st.floats(-0.2, 0.09))
def test_that_no_smaller_quantile_tried_suffices(question, needed, lie):
    search = Staged(question, needed, lambda quantile: min(max(quantile + lie, 0.0), 1.0))

    found = search.quantile()

    safe = 1.0 - (1.0 - ASKED) / 6.0
    parts = [ASKED] + [ASKED + (safe - ASKED) * k / 16 for k in range(1, 17)]
    if needed <= safe:
        assert found == pytest.approx(min(part for part in parts if part >= needed), abs=1e-12)
    else:
        assert safe < found <= SUREST
        assert found >= needed
    assert all(quantile < needed for quantile in search.tried_at if quantile < found)


def test_that_chances_that_move_as_expected_need_three_tries(question):
    search = Staged(question, 0.9231, lambda quantile: quantile - 0.021)

    search.quantile()

    assert len(search.tried_at) <= 3
