"""A question is refused where it contradicts itself, and never changes once asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from solver.limits import limits_of
from solver.question import Limits, Question
from tests.support.random_questions import questions

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
JOB = {"family": "chat", "tokens": 1e6}


def ask(jobs=(JOB,), **told):
    return Question.model_validate({"jobs": list(jobs), **told})


def fault(**told):
    with pytest.raises(ValidationError) as caught:
        ask(**told)
    return str(caught.value)


@settings(max_examples=60, deadline=None)
@given(question=questions)
def test_that_a_question_survives_json(question):
    assert Question.model_validate_json(question.model_dump_json()) == question


@settings(max_examples=60, deadline=None)
@given(question=questions)
def test_that_a_question_written_without_defaults_is_the_same(question):
    short = question.model_dump(mode="json", exclude_defaults=True)

    assert Question.model_validate(short) == question


@settings(max_examples=60, deadline=None)
@given(question=questions)
def test_that_every_limit_set_becomes_one_bound(question):
    bounds = limits_of(question, NOON)

    limits = question.limits
    whole = [limits.budget_usd, limits.co2_kg, limits.max_gpus]
    whole.append(limits.deadline_hours if limits.deadline is None else limits.deadline)
    own = [
        value
        for job in question.jobs
        for value in (
            job.deadline_hours,
            job.min_accuracy,
            job.max_deployed_gb,
            job.max_latency_ms,
        )
    ]
    assert len(bounds) == sum(value is not None for value in [*whole, *own])
    assert len({(b.name, b.job) for b in bounds}) == len(bounds)


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"jobs": [{"family": "chat"}]}, "state the work once"),
        ({"jobs": [{**JOB, "examples": 5, "tokens_per_example": 9}]}, "state the work once"),
        ({"jobs": [{**JOB, "epochs": []}]}, "epochs is empty"),
        ({"jobs": [{"tokens": 1e6}]}, "name a task"),
        ({"jobs": [JOB, JOB]}, "share the name job"),
        ({"jobs": []}, "at least 1 item"),
        ({"limits": {"rent": False}}, "nothing could train"),
        ({"limits": {"deadline": "2026-12-24T18:00:00"}}, "needs a time zone"),
        ({"limits": {"deadline": "2026-12-24T18:00:00Z", "deadline_hours": 5}}, "once"),
        ({"jobs": [{**JOB, "models": {"min_parameters": 2, "max_parameters": 1}}]}, "exceeds"),
    ],
)
def test_that_a_contradiction_is_refused_in_words(told, word):
    assert word in fault(**told)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
@pytest.mark.parametrize("name", ["budget_usd", "deadline_hours", "co2_kg", "confidence"])
def test_that_no_limit_is_negative_or_no_number(name, value):
    assert name in fault(limits={name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("confidence", 0.99), ("confidence", 0.4), ("deadline_hours", 1e6), ("max_gpus", 0)],
)
def test_that_absurd_limits_are_refused(name, value):
    assert name in fault(limits={name: value})


def test_that_a_date_and_hours_are_the_same_deadline():
    date = Limits(deadline=NOON + timedelta(hours=30))

    assert date.hours_until_deadline(NOON) == Limits(deadline_hours=30).hours_until_deadline(NOON)


def test_that_a_start_counts_instead_of_the_time_of_asking():
    limits = Limits(deadline="2026-12-24T18:00:00+01:00", start="2026-12-24T12:00:00Z")

    assert limits.hours_until_deadline(NOON) == 5.0


def test_that_an_asked_question_cannot_be_edited():
    question = ask()

    with pytest.raises(ValidationError):
        question.limits.budget_usd = 5.0


def test_that_a_replaced_field_is_checked_again():
    question = ask()

    assert question.replace(aim="fastest").aim == "fastest"
    with pytest.raises(ValidationError):
        question.replace(jobs=())
    with pytest.raises(ValidationError):
        question.limits.replace(budget_usd=-5)
