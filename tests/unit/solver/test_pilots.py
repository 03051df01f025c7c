"""Pilots that would make an unknown accuracy known."""

import pytest

from tests.support.questions import SMALL, answered, asked, question

UNKNOWN = {"pilots": (), "task": "clauses"}


def advice_for(**job):
    """The pilots advised for tickets that nobody has measured."""
    (advice,) = answered(question(jobs=({**UNKNOWN, **job},))).pilots
    return advice


def test_that_pilots_grow_and_stay_below_the_job():
    advice = advice_for(examples=40_000)

    assert list(advice.examples) == sorted(set(advice.examples))
    assert advice.examples[-1] < 40_000


def test_that_the_advice_names_a_model_that_the_question_allows():
    assert advice_for(models={"names": ["BERT-base"]}).model == "BERT-base"


def test_that_the_words_are_those_of_the_figures():
    advice = advice_for()

    assert advice.model in advice.text
    assert all(f"{examples:,}" in advice.text for examples in advice.examples)


def test_that_the_reason_is_that_of_the_answer():
    made = asked("unmeasured")
    (advice,) = made.pilots

    assert advice.job == made.question.jobs[0].name
    assert advice.reason
    assert advice.reason in made.why


def test_that_pilots_have_a_price_where_examples_are_counted():
    assert 0 < advice_for().usd < SMALL["unmeasured"].limits.budget_usd


def test_that_pilots_of_longer_examples_cost_more():
    short, long = advice_for(), advice_for(tokens_per_example=512)

    assert long.usd > short.usd


@pytest.mark.parametrize("pilots", [[500], [500, 501], [100, 200, 400]])
def test_that_measuring_what_was_advised_makes_the_accuracy_known(pilots):
    little = [{"examples": n, "score": 0.8, "model": "RoBERTa-base"} for n in pilots]
    made = answered(question(jobs=({**UNKNOWN, "pilots": little, "min_accuracy": 0.5},)))
    assert made.outcome == "unknown"

    (advice,) = made.pilots
    scores = [0.78, 0.85, 0.89, 0.91][-len(advice.examples) :]
    measured = [
        {"examples": n, "score": score, "model": advice.model, "evaluated_on": 2000}
        for n, score in zip(advice.examples, scores, strict=True)
    ]

    again = answered(question(jobs=({**UNKNOWN, "pilots": measured, "min_accuracy": 0.5},)))
    assert again.outcome == "solved"
