"""Starting once more, starting where there is no display, and the check of an installation."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent

from gui.self_check import SelfCheck
from gui.settings import Profile
from gui.single_instance import Claim, OpenedFromDesktop

pytestmark = [
    pytest.mark.gui,
    pytest.mark.xdist_group("gui"),
    pytest.mark.usefixtures("qtbot"),
]


@pytest.fixture
def profile(tmp_path):
    return Profile(tmp_path, tmp_path / "données")


@pytest.fixture
def first(profile):
    claim = Claim(profile)
    claim.listen()
    yield claim
    claim.release()


@pytest.mark.parametrize("path", [None, Path("a b.trilemma")])
def test_that_a_second_start_hands_its_file_to_the_first(qtbot, first, profile, path):
    second = Claim(profile)
    assert second.is_taken

    with ThreadPoolExecutor(1) as pool, qtbot.waitSignal(first.asked) as asked:
        heard = pool.submit(second.hand_over, path)

    assert heard.result()
    assert asked.args == [None if path is None else path.absolute()]


def test_that_a_first_window_that_does_not_listen_is_not_waited_for_long(profile, monkeypatch):
    monkeypatch.setattr("gui.single_instance.PATIENCE_S", 0.0)
    first, second = Claim(profile), Claim(profile)

    assert not second.hand_over(None)
    assert list(profile.data.glob("requests/*")) == []
    first.release()


def test_that_the_next_start_is_first_after_the_window_has_closed(profile):
    first = Claim(profile)
    first.release()

    second = Claim(profile)

    assert not second.is_taken
    second.release()


def test_that_a_profile_that_cannot_be_written_still_opens_a_window(tmp_path):
    file = tmp_path / "file"
    file.write_text("")

    claim = Claim(Profile(file, file))
    claim.listen()

    assert not claim.is_taken


def test_that_a_file_given_by_the_desktop_is_asked_for(qtbot, tmp_path):
    taker = OpenedFromDesktop()

    with qtbot.waitSignal(taker.asked) as asked:
        taken = taker.eventFilter(taker, QFileOpenEvent(QUrl.fromLocalFile(str(tmp_path / "π"))))

    assert taken
    assert asked.args == [tmp_path / "π"]
    assert not taker.eventFilter(taker, QEvent(QEvent.Type.User))


def test_that_the_self_check_of_a_sound_window_passes(open_window, qtbot, tmp_path, capsys):
    hand = open_window()

    check = SelfCheck(hand.window, tmp_path / "made")

    qtbot.waitUntil(lambda: not hand.window.isVisible(), timeout=60_000)
    assert check.exit_code == 0, capsys.readouterr().out
    assert {path.suffix for path in (tmp_path / "made").iterdir()} == {
        ".json",
        ".pdf",
        ".png",
        ".trilemma",
    }


def test_that_the_self_check_fails_where_a_step_does_not_come(
    open_window, qtbot, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("gui.self_check.PATIENCE_MS", 0)
    hand = open_window()
    monkeypatch.setattr(hand.window.session, "start", lambda: None)
    hand.window.session.runner.close()
    hand.window.session.catalog_sha256 = ""

    check = SelfCheck(hand.window, tmp_path)

    qtbot.waitUntil(lambda: not hand.window.isVisible())
    assert check.exit_code == 1
    assert "not worker ready" in capsys.readouterr().out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11")
def test_that_a_display_that_refuses_is_told_and_does_not_abort(tmp_path):
    away = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":6543", "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "gui", "--profile-dir", str(tmp_path)]

    done = subprocess.run(
        command, env={**os.environ, **away}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "trilemma plan QUESTION.toml" in done.stderr
