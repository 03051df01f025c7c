"""What the worker sends for a question, and what it need not send again."""

import numpy as np
import pytest

from solver.region import frontier
from solver.serve.cloud import Drawn
from solver.serve.desk import Desk
from solver.serve.frames import Message
from tests.support.questions import question


@pytest.fixture
def ask():
    """Asks one desk one question after the other; gives what it says."""
    said = []
    desk = Desk(said.append, lambda: False)

    def asked(changed, holds=""):
        said.clear()
        fields = {"ticket": 1, "question": changed.model_dump(mode="json"), "holds": holds}
        desk.handle(Message("ask", fields))
        return list(said)

    return asked


def of_kind(said, kind):
    return [message for message in said if message.kind == kind]


def moved(**limits):
    return question(limits={"deadline_hours": 6, "budget_usd": 20, **limits})


def test_that_the_picture_of_a_new_question_comes_before_its_plan(ask):
    kinds = [message.kind for message in ask(moved()) if message.kind != "progress"]

    assert kinds[0] == "cloud"
    assert "answer" in kinds


@pytest.mark.parametrize(
    ("limits", "again"),
    [
        ({"budget_usd": 22}, 0),
        ({"deadline_hours": 5}, 0),
        ({"budget_usd": 70}, 1),
        ({"deadline_hours": None}, 1),
        ({"max_gpus": 4}, 1),
    ],
)
def test_that_candidates_are_sent_again_only_where_others_must_be_shown(ask, limits, again):
    holds = of_kind(ask(moved()), "cloud")[-1].fields["name"]

    said = ask(moved(**limits), holds)

    assert len(of_kind(said, "cloud")) == again
    assert len(of_kind(said, "answer")) == 1


def test_that_a_window_that_holds_another_cloud_gets_the_candidates(ask):
    ask(moved())

    assert len(of_kind(ask(moved(), holds="of another worker"), "cloud")) == 1


def test_that_another_minimum_accuracy_draws_other_candidates(ask):
    holds = of_kind(ask(moved()), "cloud")[-1].fields["name"]
    changed = question(jobs=({"min_accuracy": 0.8},))

    assert len(of_kind(ask(changed, holds), "cloud")) == 1


def test_that_one_cloud_holds_the_frontier_of_every_tighter_deadline_and_budget(ask):
    wide = of_kind(ask(moved(budget_usd=20)), "cloud")[-1].arrays
    tight = of_kind(ask(moved(budget_usd=14, deadline_hours=4.5)), "cloud")[-1].arrays

    edge = {(h, u) for h, u in best_of(tight, 4.5, 14.0)}

    assert edge
    assert edge <= set(best_of(wide, 4.5, 14.0))


def best_of(arrays, hours, usd):
    """The frontier of a cloud within a deadline and a budget."""
    inside = (arrays["hours"] <= hours) & (arrays["usd"] <= usd)
    inside &= (arrays["accuracy"] >= 0.86) & (arrays["missed_others"] == 0)
    columns = Columns(arrays["hours"], arrays["usd"])
    at = frontier(columns, inside)
    return list(zip(columns.hours[at].tolist(), columns.usd[at].tolist(), strict=True))


class Columns:
    def __init__(self, hours, usd):
        self.hours, self.usd = hours, usd


def test_that_other_candidates_of_equal_limits_are_another_cloud():
    one, other = np.arange(3), np.arange(3)

    assert Drawn(one, 0.9, ()).serves(Drawn(one, 0.9, ()))
    assert not Drawn(one, 0.9, ()).serves(Drawn(other, 0.9, ()))
    assert not Drawn(one, 0.9, ()).serves(Drawn(one, 0.95, ()))
