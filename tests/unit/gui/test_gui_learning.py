"""Curves and pilot plans as the window shows them."""

from pathlib import Path

import pytest

from gui.changes import changed
from gui.learning import Subject, curve_of, pilots_of, subjects, with_pilot
from solver.answer_file import parse_answer

ANSWERS = Path("tests/data/answers")


def answer(name):
    return parse_answer((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def plan():
    return pilots_of(
        {
            "job": "tickets",
            "need": "unknown",
            "reason": "Nothing is known.",
            "text": "Train it.",
            "model": "BERT-base",
            "method": "full",
            "epochs": 3,
            "evaluated_on": 1000,
            "half_width": None,
            "runs": [
                {"examples": 300, "runs": 1, "hours": 0.2, "usd": 0.03, "half_width": None},
                {"examples": 5000, "runs": 2, "hours": 0.4, "usd": 0.1, "half_width": 0.034},
            ],
            "hours": 0.6,
            "usd": 0.13,
        }
    )


def test_that_a_pilot_plan_says_what_each_size_costs_and_tells(plan):
    assert plan.runs[0].cells == ("300", "1", "12 min", "$0.03", "unknown")
    assert plan.runs[1].cells[-1] == "± 3.4 %"
    assert plan.total == "All of them: 36 min, $0.13."


def test_that_an_entered_score_becomes_the_pilot_that_was_planned(plan):
    question = answer("solved").question

    made = changed(question, with_pilot(question, 0, plan, plan.runs[1], 0.8)).jobs[0].pilots[-1]

    assert (made.examples, made.score, made.model) == (5000, 0.8, "BERT-base")
    assert (made.method, made.epochs, made.evaluated_on) == ("full", 3, 1000)


def test_that_the_plan_comes_first_among_what_can_be_looked_at():
    solved = answer("solved")

    found = subjects(solved, None, 0)

    assert found[0] == Subject(solved.jobs[0].model, solved.jobs[0].method)
    assert len(set(found)) == len(found)
    assert not any(":" in subject.words for subject in found)


def test_that_an_unknown_answer_offers_the_model_to_measure():
    unknown = answer("unknown")

    assert subjects(unknown, None, 0)[0].model == unknown.pilots[0].model


def test_that_a_point_says_what_it_is_and_where_it_was_read():
    curve = curve_of(
        {
            "model": "m",
            "method": "full",
            "examples": [],
            "median": [],
            "low": [],
            "high": [],
            "wanted_examples": None,
            "minimum": None,
            "unknown_because": "it is new",
            "points": [
                {
                    "examples": 3668.0,
                    "score": 0.886,
                    "kind": "published",
                    "half_width": 0.0,
                    "model": "m",
                    "method": "full",
                    "source": "a paper (2020)",
                }
            ],
        }
    )

    assert curve.points[0].words.splitlines() == [
        "published: 88.6 % with 3,668 examples",
        "m · full",
        "a paper (2020)",
    ]
