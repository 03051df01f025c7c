"""Own runs in the window: read beside the plan, shown before they are kept, used by the plan."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton

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


def test_that_the_dialog_says_what_to_measure_and_reads_it_for_so_many_gpus(
    open_window, qtbot, tmp_path, monkeypatch
):
    hand = open_window()
    answer = hand.answered()
    gpus = answer.jobs[0].gpus
    log = slow_log(tmp_path / "loss.csv", answer, 1.5)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(log)], ""))
    dialog = hand.window.tools.show_runs()
    told = dialog.findChild(QLabel, "what-to-measure")

    qtbot.waitUntil(lambda: not told.isHidden(), timeout=20_000)
    dialog.findChild(QLineEdit, "gpus-of-run").setText(str(2 * gpus))
    press(dialog, "choose-logs", qtbot)
    keep = dialog.findChild(QPushButton, "keep-runs")
    qtbot.waitUntil(keep.isEnabled, timeout=20_000)
    press(dialog, "keep-runs", qtbot)
    profile = profile_path(tmp_path / "profile")
    qtbot.waitUntil(profile.exists, timeout=20_000)

    assert told.text().startswith("Measure ")
    assert read_profile(profile).runs[0].configuration["gpus"] == 2 * gpus


def test_that_runs_that_cannot_be_read_are_told_by_the_plan_and_can_be_forgotten(
    open_window, qtbot, tmp_path
):
    profile = profile_path(tmp_path / "profile")
    profile.parent.mkdir(exist_ok=True)
    profile.write_text("{", encoding="utf-8")
    hand = open_window()
    answer = hand.answered()
    dialog = hand.window.tools.show_runs()
    forget = dialog.findChild(QPushButton, "forget-runs")

    qtbot.waitUntil(forget.isEnabled, timeout=20_000)
    why = dialog._fault.text()
    press(dialog, "forget-runs", qtbot)
    qtbot.waitUntil(lambda: hand.store.shown.answer is not answer, timeout=30_000)

    assert "calibration.json" in why
    assert any("your own measurements" in note for note in answer.jobs[0].evidence.notes)
    assert not profile.exists()
    assert not any("planned without" in note for note in hand.answered().jobs[0].evidence.notes)
