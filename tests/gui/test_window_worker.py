"""The worker behind the window dies, is stopped, comes back."""

import os
import signal

import pytest

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


def test_that_a_worker_killed_in_a_solve_comes_back_with_the_answer(open_window, qtbot):
    hand = open_window()
    runner = hand.window.session.runner
    qtbot.waitUntil(lambda: runner.process_ids != (), timeout=5_000)

    os.kill(runner.process_ids[0], signal.SIGKILL)
    answer = hand.answered()

    assert answer.outcome == "solved"


def test_that_three_deaths_in_a_row_end_the_respawning_and_retry_mends_it(open_window, qtbot):
    hand = open_window()
    runner, banner = hand.window.session.runner, hand.window.region.banner

    for _ in range(3):
        qtbot.waitUntil(lambda: runner.process_ids != (), timeout=5_000)
        killed = runner.process_ids[0]
        os.kill(killed, signal.SIGKILL)
        qtbot.waitUntil(lambda killed=killed: killed not in runner.process_ids, timeout=5_000)
    gone = runner.process_ids
    was_shown = not banner.isHidden()
    banner.findChild(object, "retry").click()
    hand.answered()

    assert gone == ()
    assert was_shown
    assert banner.isHidden()


def test_that_stop_greys_the_plan_at_once_and_the_next_edit_is_answered(open_window):
    hand = open_window()
    hand.answered()
    hand.type("limits.budget_usd", "21")
    runner = hand.window.session.runner

    runner.stop()
    is_current = hand.store.shown.is_current
    hand.type("limits.budget_usd", "22")
    answer = hand.answered()

    assert not is_current
    assert answer.question.limits.budget_usd == 22


def test_that_only_the_last_of_many_edits_is_answered(open_window):
    hand = open_window()
    hand.answered()
    answers = []
    hand.store.shown_changed.connect(lambda shown: answers.append(shown.answer))

    for usd in range(30, 40):
        hand.type("limits.budget_usd", str(usd))
    answer = hand.answered()

    assert answer.question.limits.budget_usd == 39
    assert {a.question.limits.budget_usd for a in answers} <= {20, 39}


def test_that_an_errand_is_not_lost_with_its_worker(open_window, qtbot):
    hand = open_window()
    hand.answered()
    brought, session = [], hand.window.session

    session.errands.send("rows", {"table": "offers"}, brought.append)
    os.kill(session.runner.process_ids[0], signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(brought), timeout=30_000)

    assert brought[0].fields["table"] == "offers"
    assert session.errands.waiting == 0


def test_that_an_errand_that_cannot_be_done_says_why(open_window, qtbot):
    hand = open_window()
    told, session = [], hand.window.session

    session.errands.send("facts", {"table": "offers"}, told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)

    assert "key" in str(told[0].problems[0])
