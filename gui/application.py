"""Opening the window and closing it: one way in, one way out."""

from __future__ import annotations

import os
import signal
import sys
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QByteArray,
    QMessageLogContext,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from catalog.problems import Problem
from gui.faults import watch_faults
from gui.files import Files
from gui.late_modules import LateModules
from gui.menus import Menus
from gui.options import options_of
from gui.self_check import SelfCheck
from gui.session import Session
from gui.settings import profile_of, read_settings
from gui.single_instance import Claim, OpenedFromDesktop
from gui.theme import dress, load_fonts, look_of
from gui.window import Window
from solver.examples import example
from solver.question_file import read_question

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gui.settings import Profile, Settings
    from gui.theme import Choice
    from solver.question import Question

AFTER_PAINT_MS = 10

FIRST_EXAMPLE = "1-tickets.toml"

NO_DISPLAY = """\
There is no display to open the window on. On a headless machine run
  trilemma plan QUESTION.toml
On Debian or Ubuntu a window needs these packages:
  sudo apt-get install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 \\
    libxkbcommon-x11-0 libgl1 libegl1 libfontconfig1 libdbus-1-3
"""


NO_ANSWER = Problem(
    "window",
    "another window of this profile does not answer, and both keep unsaved work in one place",
    "Close the other one, or start with --profile-dir.",
)

ICON = "resources/icon.png"


def run(arguments: Sequence[str]) -> int:
    """Open the window and stay until it is closed; returns the exit code.

    Args:
        arguments: what `gui.options` reads.
    """
    try:
        options = options_of(arguments)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not has_display():
        sys.stderr.write(NO_DISPLAY)
        return 1
    profile = profile_of(options.profile)
    claim = Claim(profile)
    if claim.is_taken and claim.hand_over(options.path):
        sys.stdout.write("Trilemma is open already: its window has taken over.\n")
        return 0
    application = make_application()
    # Python handles Ctrl-C only between its own lines; Qt's loop gives it none.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window = open_window(path=options.path, profile=profile)
    watch_faults(window)
    if claim.is_taken:
        window.show_problems("Trilemma is open already", [NO_ANSWER])
    claim.asked.connect(lambda path: _show(window, path))
    claim.listen()
    from_desktop = OpenedFromDesktop()
    from_desktop.asked.connect(lambda path: _show(window, path))
    if sys.platform == "darwin":  # elsewhere a slot of Python for every event would only cost time
        application.installEventFilter(from_desktop)
    check = SelfCheck(window, options.self_check) if options.self_check else None
    window.show()
    code = application.exec()
    window.session.close()
    claim.release()
    return code if check is None else check.exit_code


def _show(window: Window, path: Path | None) -> None:
    """Bring the window to the front, with a file that a later start was given."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    if path is not None:
        window.menus.open_file(path)


def has_display() -> bool:
    """True where a window can be seen, or Qt was told to do without."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def make_application() -> QApplication:
    """The one application, with our style and fonts."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        application = existing
    else:
        before = qInstallMessageHandler(_on_message)
        application = QApplication(sys.argv[:1])
        qInstallMessageHandler(before)
    application.setApplicationName("trilemma")
    application.setApplicationDisplayName("Trilemma")
    application.setDesktopFileName("trilemma")
    with as_file(files("gui") / ICON) as icon:
        application.setWindowIcon(QIcon(str(icon)))
    application.setStyle("Fusion")
    load_fonts(application)
    return application


def _on_message(kind: QtMsgType, _: QMessageLogContext, text: str | None) -> None:
    """Say what to do where Qt would only abort: the display refuses, or libraries are missing."""
    if kind is QtMsgType.QtFatalMsg:
        sys.stderr.write(NO_DISPLAY)
        sys.stderr.flush()
        os._exit(1)
    sys.stderr.write(f"{text}\n")


def open_window(
    question: Question | None = None, *, path: Path | None = None, profile: Profile
) -> Window:
    """A window that is ready to be shown.

    Args:
        question: to begin with; None: the first example.
        path: file to open instead.
        profile: where settings and unsaved work are kept.
    """
    application = make_application()
    settings, problem = read_settings(profile)
    look = look_of(settings.theme)
    dress(application, look)
    first = question or read_question(example(FIRST_EXAMPLE))
    session = Session(first, settings=profile.config)
    window = Window(session, look)
    window.files = files = Files(session, profile, settings, window)
    window.menus = Menus(window, files)
    window.menus.theme_wished.connect(
        lambda choice: _change_theme(application, window, files, choice)
    )
    _restore(window, settings)
    if problem is not None:
        window.show_problems("Settings", [problem])
    if path is not None:
        files.open(path)
    elif question is None:
        files.recover()
    # After the first paint, the worker first: it warms up while the plot is made.
    window.shown_first.connect(lambda: QTimer.singleShot(0, session, session.start))
    late = LateModules(window)
    late.arrived.connect(window.complete)
    window.shown_first.connect(lambda: QTimer.singleShot(AFTER_PAINT_MS, late, late.start))
    return window


def _change_theme(application: QApplication, window: Window, files: Files, choice: Choice) -> None:
    look = look_of(choice)
    dress(application, look)
    window.set_look(look)
    files.change_settings(files.settings.replace(theme=choice))


def _restore(window: Window, settings: Settings) -> None:
    """Place and widths as they were; what Qt does not understand it ignores."""
    for text, restore in (
        (settings.geometry, window.restoreGeometry),
        (settings.splitter, window.splitter.restoreState),
    ):
        try:
            state = bytes.fromhex(text)
        except ValueError:
            continue
        if state:
            restore(QByteArray(state))
