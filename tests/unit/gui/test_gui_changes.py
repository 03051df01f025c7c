"""Wishes become questions; moves of an answer become wishes."""

from datetime import UTC, datetime

import pytest

from gui.changes import (
    BUDGET,
    DEADLINE,
    DEADLINE_DATE,
    Change,
    Refusal,
    changed,
    of_field,
    of_mix,
    of_move,
    value_at,
)
from solver.plan import Move
from solver.plan_values import Change as LimitChange
from solver.plan_values import Mix
from solver.question import Job, Limits, Question


@pytest.fixture
def question():
    job = {"family": "classification", "examples": 100, "tokens_per_example": 10}
    return Question(
        jobs=(Job(name="a", **job), Job(name="b", methods=("full",), **job)),
        limits=Limits(budget_usd=20, deadline_hours=6, providers=("aws",)),
    )


def move(limit, value=None, job=None):
    return Move(
        limit=limit,
        job=job,
        value=value,
        change=None,
        text="",
        keys=(),
        hours=1,
        usd=1,
        accuracy=None,
    )


def test_that_a_change_makes_a_new_question_and_keeps_the_old_one(question):
    made = changed(question, of_field("budget", BUDGET, 30))

    assert value_at(made, BUDGET) == 30
    assert value_at(question, BUDGET) == 20


def test_that_a_wish_out_of_range_is_refused_at_its_field(question):
    refused = changed(question, of_field("deadline", DEADLINE, -1))

    assert isinstance(refused, Refusal)
    assert refused.path == DEADLINE
    assert "greater than 0" in refused.text


@pytest.mark.parametrize(
    ("wished", "path", "value"),
    [
        (move("deadline", 9.0), ("limits", "deadline_hours"), 9.0),
        (move("budget", 25.0), ("limits", "budget_usd"), 25.0),
        (move("max_gpus", 16.0), ("limits", "max_gpus"), 16),
        (move("spot"), ("limits", "spot"), True),
        (move("providers"), ("limits", "providers"), ()),
        (move("confidence", 0.8), ("limits", "confidence"), 0.8),
        (move("min_accuracy", 0.7, "b"), ("jobs", 1, "min_accuracy"), 0.7),
        (move("deadline", 3.0, "b"), ("jobs", 1, "deadline_hours"), 3.0),
        (move("methods"), ("jobs", 1, "methods"), ()),
    ],
)
def test_that_each_move_of_an_answer_changes_what_it_names(question, wished, path, value):
    made = changed(question, of_move(question, wished))

    assert value_at(made, path) == value


def test_that_hours_take_the_place_of_a_date(question):
    dated = changed(
        question,
        Change("", ((DEADLINE, None), (("limits", "deadline"), "2030-01-01T00:00:00+00:00"))),
    )

    made = changed(dated, of_field("deadline", DEADLINE, 5))

    assert made.limits.deadline is None
    assert made.limits.deadline_hours == 5


def test_that_a_date_takes_the_place_of_hours(question):
    moment = datetime(2030, 1, 1, tzinfo=UTC)

    made = changed(question, of_field("deadline", DEADLINE_DATE, moment))

    assert made.limits.deadline == moment
    assert made.limits.deadline_hours is None


def test_that_a_mix_changes_all_its_limits_in_one_step(question):
    parts = [("deadline", None, 9.0), ("budget", None, 25.0), ("min_accuracy", "b", 0.7)]
    mix = Mix(
        changes=tuple(
            LimitChange(limit=limit, job=job, value=value, change=1.0, text="")
            for limit, job, value in parts
        ),
        text="all three",
        keys=(),
        hours=1,
        usd=1,
        accuracy=None,
    )

    made = changed(question, of_mix(question, mix))

    assert (made.limits.deadline_hours, made.limits.budget_usd) == (9, 25)
    assert [job.min_accuracy for job in made.jobs] == [None, 0.7]
