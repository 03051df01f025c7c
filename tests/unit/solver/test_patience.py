"""Long work that ends when its time is over, or when somebody else wants it to end."""

import pytest

from solver import answer as module
from solver.patience import OutOfTimeError, heed, in_time, is_over, patient
from tests.support.questions import answered, question, several_jobs


class NewerError(Exception):
    """A newer question waits."""


def work():
    heed.get()()
    return "done"


def test_that_work_without_a_limit_is_never_over():
    with patient(None):
        assert (in_time(work, "not done"), is_over()) == ("done", False)


def test_that_work_is_over_with_its_time_and_not_after_it():
    with patient(0.0):
        inside = in_time(work, "not done"), is_over()

    assert inside == ("not done", True)
    assert (work(), is_over()) == ("done", False)


def test_that_who_waits_is_heard_inside_a_limit():
    def newer():
        raise NewerError

    token = heed.set(newer)
    try:
        with patient(60.0), pytest.raises(NewerError):
            in_time(work, "not done")
    finally:
        heed.reset(token)


def test_that_time_that_is_over_is_told_where_nobody_waits_for_it():
    with patient(0.0), pytest.raises(OutOfTimeError):
        work()


@pytest.mark.parametrize("aim", ["cheapest", "fastest", "balanced"])
def test_that_a_plan_without_time_to_explain_it_is_the_same_plan(monkeypatch, aim):
    asked = several_jobs().replace(aim=aim)
    whole = answered(asked)
    monkeypatch.setattr(module, "patient", lambda _: patient(0.0))

    bare = answered(asked)

    assert [job.key for job in bare.jobs] == [job.key for job in whole.jobs]
    assert bare.total_usd == whole.total_usd
    assert (bare.worth, bare.alternatives) == ((), ())
    assert "time limit ended the explanation" in bare.why


def test_that_an_impossible_question_without_time_to_explain_it_says_so(monkeypatch):
    monkeypatch.setattr(module, "patient", lambda _: patient(0.0))

    found = answered(question(limits={"budget_usd": 0.01, "deadline_hours": 0.4}))

    assert (found.outcome, found.relaxations, found.nearest) == ("impossible", (), ())
    assert found.why == "No plan keeps every limit. The time limit ended the explanation."
