"""The window as a person uses it: asking, dragging, undoing."""

import math
from datetime import datetime

import pytest
from PySide6.QtCore import Qt

from catalog.load import load_catalog
from gui.bounds import bounds_of
from solver.answer import answer as headless
from solver.plan import Impossible, Solved
from solver.question import Aim

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


def test_that_both_lines_are_dragged_and_undone_in_one_step_each(open_window):
    hand = open_window()
    assert isinstance(hand.answered(), Solved)
    before, plot = hand.store.question, hand.window.region.plot

    hand.drag(plot.deadline_line, math.log10(1.0))
    hand.drag(plot.budget_line, math.log10(2.0))
    dragged = hand.answered()
    limits = hand.store.question.limits
    hand.store.history.undo()
    hand.store.history.undo()

    assert limits.deadline_hours == pytest.approx(1.0, rel=0.05)
    assert limits.budget_usd == pytest.approx(2.0, rel=0.05)
    assert dragged.question.limits == limits
    assert hand.store.question == before
    assert not hand.store.history.canUndo()


def test_that_an_impossible_question_is_mended_by_a_click(open_window, question):
    hand = open_window(question.replace(limits=question.limits.replace(budget_usd=0.01)))
    assert isinstance(hand.answered(), Impossible)
    button = hand.window.region.banner.findChild(object, "relax")

    button.click()
    answer = hand.answered()

    assert isinstance(answer, Solved)
    assert hand.window.region.banner.isHidden()


def test_that_everything_can_be_edited_with_the_keyboard_alone(open_window):
    hand = open_window()
    hand.answered()

    hand.type("limits.deadline_hours", "90 min")
    hand.type("limits.budget_usd", "1.5k")
    hand.type("jobs.0.min_accuracy", "70")
    answer = hand.answered()

    assert answer.question.limits.deadline_hours == 1.5
    assert answer.question.limits.budget_usd == 1500
    assert answer.question.jobs[0].min_accuracy == 0.7


def test_that_arrow_keys_on_the_region_move_the_limits_in_one_step(open_window, qtbot):
    hand = open_window()
    hand.answered()
    plot = hand.window.region.plot
    plot.setFocus()

    for _ in range(3):
        qtbot.keyClick(plot, Qt.Key.Key_Left)
    hours = hand.store.question.limits.deadline_hours
    hand.store.history.undo()

    assert hours == pytest.approx(6 / 1.02**3, rel=1e-3)
    assert hand.store.question.limits.deadline_hours == 6


def test_that_a_value_that_is_none_is_told_beside_the_field(open_window):
    hand = open_window()

    hand.type("limits.budget_usd", "a lot")
    field = hand.window.form._fields["limits", "budget_usd"]

    assert field.error.text() == "Type a sum such as 20 or 1.5k"
    assert not field.error.isHidden()
    assert hand.store.question.limits.budget_usd == 20


def test_that_a_clicked_candidate_is_shown_and_left_again(open_window, qtbot):
    hand = open_window()
    answer = hand.answered()
    plot, cloud = hand.window.region.plot, hand.store.shown.cloud

    key = answer.alternatives[0].keys[0]
    hand.window.card.look_wished.emit(key)
    qtbot.waitUntil(lambda: hand.store.shown.looked_at is not None, timeout=10_000)
    looked_at = hand.store.shown.looked_at
    plot.plan_wished.emit()

    assert looked_at.key == key
    assert key in {cloud.key(i) for i in range(len(cloud))}
    assert hand.store.shown.looked_at is None


@pytest.mark.parametrize("aim", list(Aim))
def test_that_the_preview_is_where_the_plan_comes_to_stand(open_window, question, aim):
    hand = open_window(question.replace(aim=aim))
    answer = hand.answered()
    cloud = hand.store.shown.cloud

    found = cloud.best(bounds_of(hand.store.question), aim)

    job = answer.jobs[0]
    assert cloud.hours[found] == pytest.approx(job.hours.at_confidence, rel=0.02)
    assert cloud.usd[found] == pytest.approx(job.usd.at_confidence, rel=0.02)


def test_that_window_and_command_line_give_the_same_answer(open_window, question):
    shown = open_window().answered()

    now = datetime.fromisoformat(shown.asked_at)
    alone = headless(question, load_catalog(), now=now)

    assert shown.jobs == alone.jobs
    assert shown.limits == alone.limits
    assert shown.alternatives == alone.alternatives
    assert shown.why == alone.why
