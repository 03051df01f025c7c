"""Plans side by side: what is better, what is worse, what differs."""

from pathlib import Path

import pytest

from gui.comparing import Pinned, compared
from solver.answer_file import parse_answer

ANSWERS = Path("tests/data/answers")


def answer(name):
    return parse_answer((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def solved():
    return answer("solved")


@pytest.fixture
def slower(solved):
    """The same plan, twice as long and half as dear."""

    def times(spread, factor):
        return spread.model_copy(
            update={name: getattr(spread, name) * factor for name in type(spread).model_fields}
        )

    return solved.model_copy(
        update={
            "total_hours": times(solved.total_hours, 2),
            "total_usd": times(solved.total_usd, 0.5),
        }
    )


def figure(shown, label):
    return next(row for row in shown.figures if row.label == label)


def test_that_a_pinned_plan_is_told_as_worse_or_better_than_the_present_one(solved, slower):
    shown = compared([Pinned(slower)], Pinned(solved))

    assert figure(shown, "Time").cells[1].tone == "bad"
    assert figure(shown, "Cost").cells[1].tone == "good"
    assert figure(shown, "Accuracy").cells[1].tone == ""


def test_that_equal_plans_differ_in_nothing(solved):
    shown = compared([Pinned(solved)], Pinned(solved))

    assert not any(row.differs for row in (*shown.figures, *shown.choices))
    assert shown.said == ()


def test_that_a_looked_at_candidate_promises_no_chance(solved):
    shown = compared([Pinned(solved, solved.jobs[0])], Pinned(solved))

    assert figure(shown, "All limits hold").cells[1].text == "not the plan"


def test_that_an_impossible_question_is_compared_without_figures(solved):
    shown = compared([Pinned(answer("impossible"))], Pinned(solved))

    assert shown.titles[1] == "No plan (impossible)"
    assert figure(shown, "Time").cells[1].text == "—"
