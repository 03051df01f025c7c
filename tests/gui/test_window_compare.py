"""Pinned plans beside the present one."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


def test_that_a_pinned_plan_is_compared_asked_again_and_let_go(open_window, qtbot):
    hand = open_window()
    first = hand.answered()
    card, pages = hand.window.card, hand.window.middle.pages

    qtbot.mouseClick(card.findChild(QPushButton, "pin"), Qt.MouseButton.LeftButton)
    hand.type("jobs.0.epochs", "2")
    second = hand.answered()
    page = pages.show_page("compare")
    titles = page._compared.titles
    said = [line for group in page._compared.said for line in group.sentences]
    qtbot.mouseClick(page.findChild(QPushButton, "restore-1"), Qt.MouseButton.LeftButton)
    again = hand.answered()
    hand.store.history.undo()
    undone = hand.store.question
    qtbot.mouseClick(page.findChildren(QPushButton, "unpin-1")[-1], Qt.MouseButton.LeftButton)

    assert len(titles) == 2
    assert any("epochs" in line for line in said)
    assert again.question == first.question
    assert undone == second.question
    assert hand.store.pins == ()


def test_that_a_candidate_that_is_looked_at_is_pinned_by_the_keyboard(open_window, qtbot):
    hand = open_window()
    answer = hand.answered()
    key = answer.alternatives[0].keys[0]
    hand.window.card.look_wished.emit(key)
    qtbot.waitUntil(lambda: hand.store.shown.looked_at is not None, timeout=20_000)

    qtbot.keyClick(hand.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(hand.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)

    assert [pinned.job.key for pinned in hand.store.pins] == [key]


def test_that_pins_are_saved_with_the_project_and_opened_with_it(open_window, qtbot, tmp_path):
    hand = open_window()
    hand.answered()
    qtbot.keyClick(hand.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    pins = hand.store.pins
    unsaved = hand.store.is_unsaved

    hand.window.files.save(tmp_path / "a.trilemma")
    saved = not hand.store.is_unsaved
    hand.store.unpin(0)
    hand.window.files.open(tmp_path / "a.trilemma")

    assert unsaved
    assert saved
    assert hand.store.pins == pins
    assert len(pins) == 1
