"""Whether pilots are needed, which, what they cost and how much they narrow."""

import pytest

from solver.constants import shipped_constants
from solver.outcome.pilot_plans import pilot_plans
from tests.support.questions import NOW, PILOTS, question, the_catalog

NEW = {"pilots": (), "task": "clauses"}


def planned(aim="cheapest", **job):
    """The pilot plan of a question about tickets."""
    asked = question(aim, jobs=(job,))
    (plan,) = pilot_plans(asked, the_catalog(), shipped_constants(), NOW)
    return plan


def test_that_a_new_task_needs_three_or_four_sizes_and_two_seeds_at_the_largest():
    plan = planned(**NEW)

    assert plan.need == "unknown"
    assert 3 <= len(plan.runs) <= 4
    assert [run.runs for run in plan.runs] == [1] * (len(plan.runs) - 1) + [2]


def test_that_hours_and_dollars_add_up():
    plan = planned(**NEW)

    assert plan.usd == pytest.approx(sum(run.usd for run in plan.runs))
    assert plan.hours == pytest.approx(sum(run.hours for run in plan.runs))
    assert min(run.hours for run in plan.runs) > 0


def test_that_a_pilot_leaves_less_doubt_than_before():
    plan = planned(task="MNLI", family=None, classes=None, pilots=(), min_accuracy=0.83)

    assert plan.need == "unsure"
    widths = [plan.half_width, *(run.half_width for run in plan.runs)]
    assert widths[-1] < 0.6 * widths[0]
    assert widths == sorted(widths, reverse=True)


def test_that_pilots_are_cheap_whatever_the_answers_cost_later():
    serving = {"tokens_per_month": 1e9, "months": 12}

    assert planned(**NEW, serving=serving).usd == planned(**NEW).usd


def test_that_trials_of_the_full_run_are_not_paid_for_in_pilots():
    assert planned(**NEW, trials=8).usd == pytest.approx(planned(**NEW).usd)


@pytest.mark.parametrize("minimum", [0.3, 0.999])
def test_that_no_pilot_is_needed_where_the_outcome_is_clear(minimum):
    plan = planned(min_accuracy=minimum)

    assert plan.need == "none"
    assert plan.runs == ()
    assert plan.reason


def test_that_no_pilot_is_needed_where_no_plan_depends_on_accuracy():
    assert planned(**NEW, min_accuracy=None).need == "none"
    assert planned("most-accurate", **NEW, min_accuracy=None).need == "unknown"


def test_that_a_model_in_doubt_is_measured_once_at_the_size_of_the_others():
    plan = planned(min_accuracy=0.9, models={"names": ["BERT-base", "RoBERTa-base"]})

    assert plan.model == "BERT-base"
    assert [run.examples for run in plan.runs] == [max(pilot["examples"] for pilot in PILOTS)]


def test_that_no_pilot_makes_the_quality_of_a_chat_known():
    plan = planned(family="chat", classes=None, pilots=(), models={"names": ["GPT-2 medium"]})

    assert plan.need == "useless"
    assert "chat" in plan.reason
