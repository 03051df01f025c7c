"""Changes of a limit: values that can be typed and still admit their plan, and their words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.outcome.moves import STEPS, difference, rounded_out
from solver.outcome.why import why_impossible
from solver.program import Limit
from tests.support.questions import asked


@given(name=st.sampled_from(sorted(STEPS)), value=st.floats(0, 1e6))
def test_that_a_rounded_limit_admits_what_it_was_rounded_for(name, value):
    limit = Limit(name, None, 1.0)

    rounded = rounded_out(limit, value)

    assert rounded <= value if limit.is_minimum else rounded >= value
    assert abs(rounded - value) <= STEPS[name] * 1.001


@given(thousandths=st.integers(0, 1000))
def test_that_a_typed_accuracy_stays_as_it_is(thousandths):
    value = thousandths / 1000

    assert rounded_out(Limit("min_accuracy", 0, 0.5), value) == value


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((2.0, 10.0, 0.9), (1.0, 14.0, 0.9), "1 h sooner, $4 more"),
        ((2.0, 10.0, 0.9), (2.0, 10.0, 0.908), "+0.8 points"),
        ((2.0, 10.0, 0.9), (3.0, 4.0, None), "1 h later, $6 saved"),
        ((2.0, 10.0, None), (2.0, 10.0, None), ""),
        ((2.0, 0.0, None), (2.0, 0.001, None), "< $0.01 more"),
    ],
)
def test_that_two_plans_differ_in_words_only_where_it_counts(before, after, told):
    assert difference(before, after) == told


@pytest.mark.parametrize(
    ("name", "moves"), [("worth-more", "worth"), ("out-of-reach", "relaxations")]
)
def test_that_a_move_leads_from_the_limit_to_the_value_it_says(name, moves):
    limits = asked(name).question.limits
    before = {"budget": limits.budget_usd, "deadline": limits.deadline_hours}

    told = [move for move in getattr(asked(name), moves) if move.value is not None]

    assert told
    for move in told:
        assert move.value - move.change == pytest.approx(before[move.limit])


def test_that_nothing_that_helps_is_said_too():
    assert why_impossible("It cannot be.", (), ()).startswith("It cannot be. No single change")
