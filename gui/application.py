"""Opening the window and closing it: one way in, one way out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui.session import Session
from gui.theme import Choice, dress, load_fonts, look_of
from gui.window import Window
from solver.document import read_document
from solver.examples import example
from solver.question_file import read_question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.question import Question

FIRST_EXAMPLE = "1-tickets.toml"

NO_DISPLAY = """\
There is no display to open the window on. On a headless machine run
  trilemma plan QUESTION.toml
On Debian or Ubuntu a window needs these packages:
  sudo apt-get install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 \\
    libxkbcommon-x11-0 libgl1 libegl1 libfontconfig1 libdbus-1-3
"""


def run(arguments: Sequence[str]) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    if not has_display():
        sys.stderr.write(NO_DISPLAY)
        return 1
    application = make_application()
    names = [word for word in arguments if not word.startswith("-")]
    window = open_window(read_document(Path(names[0])).question if names else None)
    window.show()
    code = application.exec()
    window.session.close()
    return code


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
    # Every move counts: the region is redrawn in a few milliseconds.
    pg.setConfigOptions(mouseRateLimit=-1, antialias=True, useOpenGL=False)
    return application


def open_window(question: Question | None = None) -> Window:
    """A window that is ready to be shown.

    Args:
        question: to begin with; None: the first example.
    """
    application = make_application()
    look = look_of(Choice.SYSTEM)
    dress(application, look)
    session = Session(question or read_question(example(FIRST_EXAMPLE)))
    window = Window(session, look)
    # After the first paint: starting a process before it would delay it.
    window.shown_first.connect(lambda: QTimer.singleShot(0, session, session.start))
    return window
