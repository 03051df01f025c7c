"""Own runs in the window: read beside the plan, shown before they are kept, used by the plan."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from solver.calibration.profile import profile_path, read_profile

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


def slow_log(path, answer, factor):
    """What TensorBoard exports of a run that took longer than planned."""
    job = answer.jobs[0]
    planned = job.layout.batch_sequences * job.layout.sequence / job.tokens_per_s.median
    rows = [f"{1.7e9 + i * planned * factor},{i},0.5" for i in range(60)]
    path.write_text("\n".join(["Wall time,Step,Value", *rows]), encoding="utf-8")
    return path


def press(dialog, name, qtbot):
    qtbot.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_that_runs_are_shown_kept_used_and_forgotten(open_window, qtbot, tmp_path, monkeypatch):
    hand = open_window()
    before = hand.answered()
    log = slow_log(tmp_path / "loss.csv", before, 2.0)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(log)], ""))
    dialog, profile = hand.window.tools.show_runs(), profile_path(tmp_path / "profile")
    keep = dialog.findChild(QPushButton, "keep-runs")

    press(dialog, "choose-logs", qtbot)
    qtbot.waitUntil(keep.isEnabled, timeout=20_000)
    was_kept = profile.exists()
    press(dialog, "keep-runs", qtbot)
    qtbot.waitUntil(lambda: hand.store.shown.answer is not before, timeout=30_000)
    corrected = hand.answered()
    runs = read_profile(profile).runs
    press(dialog, "forget-runs", qtbot)
    qtbot.waitUntil(lambda: not profile.exists(), timeout=20_000)

    assert not was_kept
    assert len(runs) == 1
    assert corrected.facts != before.facts


def test_that_a_log_that_cannot_be_used_says_why_and_changes_nothing(
    open_window, qtbot, tmp_path, monkeypatch
):
    hand = open_window()
    hand.answered()
    log = tmp_path / "notes.csv"
    log.write_text("bread,butter\n1,2\n", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(log)], ""))
    dialog = hand.window.tools.show_runs()

    press(dialog, "choose-logs", qtbot)
    qtbot.waitUntil(lambda: not dialog._fault.isHidden(), timeout=20_000)

    assert "notes.csv" in dialog._fault.text()
    assert not dialog.findChild(QPushButton, "keep-runs").isEnabled()
