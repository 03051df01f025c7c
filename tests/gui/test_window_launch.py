"""Launch files in the window: chosen, read, copied, saved; refusals say why."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QListWidget, QPlainTextEdit, QPushButton, QTabBar

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


@pytest.fixture
def opened(open_window, qtbot):
    """The window with its launch files, opened by the keyboard."""
    hand = open_window()
    hand.answered()
    qtbot.keyClick(hand.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    dialog = hand.window.tools.show_launch()
    targets = dialog.findChild(QListWidget, "targets")
    qtbot.waitUntil(lambda: targets.count() > 0, timeout=20_000)
    return hand, dialog, targets


def row_of(targets, word):
    return next(row for row in range(targets.count()) if word in targets.item(row).text())


def press(dialog, name, qtbot):
    qtbot.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_that_a_chosen_target_shows_its_file_with_the_promise_of_the_plan(opened, qtbot):
    hand, dialog, targets = opened

    place = targets.visualItemRect(targets.item(row_of(targets, "Slurm"))).center()
    qtbot.mouseClick(targets.viewport(), Qt.MouseButton.LeftButton, pos=place)
    tabs = dialog.findChild(QTabBar, "files")
    script = next(at for at in range(tabs.count()) if tabs.tabText(at).endswith("sbatch"))
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(script).center())
    text = dialog.findChild(QPlainTextEdit, "file-text").toPlainText()

    assert "#SBATCH" in text
    assert hand.store.shown.answer.jobs[0].key in text


def test_that_the_file_that_is_read_is_the_one_that_is_copied(opened, qtbot):
    _, dialog, _ = opened

    press(dialog, "copy-file", qtbot)

    shown = dialog.findChild(QPlainTextEdit, "file-text").toPlainText()
    assert QGuiApplication.clipboard().text() == shown


def test_that_files_are_saved_and_replaced_only_when_told(opened, qtbot, tmp_path, monkeypatch):
    _, dialog, _ = opened
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "run"))

    press(dialog, "save-files", qtbot)
    made = sorted((tmp_path / "run").rglob("*.*"))
    made[0].write_text("mine")
    press(dialog, "save-files", qtbot)
    kept = made[0].read_text()
    press(dialog, "replace-files", qtbot)

    assert made
    assert kept == "mine"
    assert made[0].read_text() != "mine"


def test_that_a_target_that_cannot_launch_the_plan_says_why(opened):
    _, dialog, targets = opened

    row = row_of(targets, "not possible")
    targets.setCurrentRow(row)

    reasons = [w.text() for w in dialog.findChildren(object) if w.property("role") == "strong"]
    assert not dialog.findChild(QPushButton, "save-files").isEnabled()
    assert any("job tickets" in reason for reason in reasons)


def test_that_the_files_follow_the_plan(opened, qtbot):
    hand, dialog, targets = opened
    targets.setCurrentRow(row_of(targets, "Slurm"))
    text = dialog.findChild(QPlainTextEdit, "file-text")
    before = text.toPlainText()

    hand.type("jobs.0.sequence", "64")
    answer = hand.answered()
    qtbot.waitUntil(lambda: text.toPlainText() != before, timeout=20_000)

    assert answer.jobs[0].key in text.toPlainText()
