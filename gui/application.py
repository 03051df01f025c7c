"""Opening the window and closing it: one way in, one way out."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QTimer
from PySide6.QtWidgets import QApplication

from gui.faults import watch_faults
from gui.files import Files
from gui.late_modules import LateModules
from gui.menus import Menus
from gui.session import Session
from gui.settings import profile_of, read_settings
from gui.theme import dress, load_fonts, look_of
from gui.window import Window
from solver.examples import example
from solver.question_file import read_question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.settings import Profile, Settings
    from gui.theme import Choice
    from solver.question import Question

PROFILE_OPTION = "--profile-dir"

AFTER_PAINT_MS = 10

FIRST_EXAMPLE = "1-tickets.toml"

NO_DISPLAY = """\
There is no display to open the window on. On a headless machine run
  trilemma plan QUESTION.toml
On Debian or Ubuntu a window needs these packages:
  sudo apt-get install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 \\
    libxkbcommon-x11-0 libgl1 libegl1 libfontconfig1 libdbus-1-3
"""


def run(arguments: Sequence[str]) -> int:
    """Open the window and stay until it is closed; returns the exit code.

    Args:
        arguments: perhaps a file to open, perhaps `--profile-dir FOLDER`.
    """
    try:
        path, folder = parsed(arguments)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not has_display():
        sys.stderr.write(NO_DISPLAY)
        return 1
    application = make_application()
    # Python handles Ctrl-C only between its own lines; Qt's loop gives it none.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window = open_window(path=path, profile=profile_of(folder))
    watch_faults(window)
    window.show()
    code = application.exec()
    window.session.close()
    return code


def parsed(arguments: Sequence[str]) -> tuple[Path | None, Path | None]:
    """The file to open and the folder of the profile.

    Raises:
        ValueError: an argument is not known.
    """
    path, folder, waiting = None, None, list(arguments)
    while waiting:
        word = waiting.pop(0)
        option, _, value = word.partition("=")
        if option == PROFILE_OPTION:
            if not value and not waiting:
                raise ValueError(f"{PROFILE_OPTION} needs a folder")
            folder = Path(value or waiting.pop(0))
        elif word.startswith("-") or path is not None:
            raise ValueError(f"{word} is not known; see trilemma --help")
        else:
            path = Path(word)
    return path, folder


def has_display() -> bool:
    """True where a window can be seen, or Qt was told to do without."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def make_application() -> QApplication:
    """The one application, with our style and fonts."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("trilemma")
    application.setApplicationDisplayName("Trilemma")
    application.setStyle("Fusion")
    load_fonts(application)
    return application


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
    session = Session(question or read_question(example(FIRST_EXAMPLE)))
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
