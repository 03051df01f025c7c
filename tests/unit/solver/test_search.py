"""The quantile that is found is the smallest that suffices, with few tries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.decide import decide
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


def test_that_a_search_over_tables_decides_as_one_over_programs(question, monkeypatch):
    (job,) = question.jobs
    made = candidates(job, question, the_catalog(), shipped_constants(), NOW.date())
    plain = decide(question, (made,), limits_of(question, NOW), lambda *_: None)
    monkeypatch.setattr("solver.search.is_table", lambda _: False)

    by_program = decide(question, (made,), limits_of(question, NOW), lambda *_: None)

    assert plain.chosen == by_program.chosen
    assert plain.joint_chance == by_program.joint_chance >= ASKED
    assert plain.reduced.quantile == by_program.reduced.quantile
    assert plain.selection.objective == pytest.approx(by_program.selection.objective)


@pytest.mark.parametrize("aim", ["cheapest", "fastest", "most-accurate", "balanced"])
def test_that_nothing_is_read_where_each_plan_shall_come_from_the_program(question, aim):
    asked = question.replace(aim=aim)
    made = candidates(asked.jobs[0], asked, the_catalog(), shipped_constants(), NOW.date())
    search = Search(asked, (made,), limits_of(asked, NOW))
    read = search.tried(search.quantile())

    again = search.again()

    assert search.has_read
    assert (read.is_read, again.is_read) == (False, False)
    assert (again.chosen, again.chance) == (read.chosen, read.chance)
