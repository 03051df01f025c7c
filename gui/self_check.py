"""`trilemma --self-check FOLDER`: the window uses itself once and says whether all of it works.

For whoever has installed the program, and for the build: ask, wait for the plan, export, save, open
again, quit. Every step is said as it happens, so that others can take the time.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer

from gui.changes import BUDGET, of_field
from solver.document import read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gui.window import Window

LOOK_EVERY_MS = 20
PATIENCE_MS = 120_000
"""How long one step may take before the check gives up. [ms]"""

BUDGET_USD = 17.0
"""A budget that the first example does not have. [USD]"""

NAME = "check – проверка 検査"
"""Of the files: with a space and letters of several scripts."""

Step = tuple[str, "Callable[[], bool]"]
"""What is said once something has become true."""


class SelfCheck(QObject):
    """Goes through the steps, one after the other; then closes the window."""

    def __init__(self, window: Window, folder: Path) -> None:
        super().__init__(window)
        self.exit_code = 1
        """0 once every step is done."""
        self._window = window
        self._folder = folder
        self._painted = False
        self._waited_ms = 0
        self._steps = self._all_steps()
        self._step = next(self._steps)
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self._on_look)
        self._timer.start()
        window.splitter.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Notice the first paint."""
        if event.type() is QEvent.Type.Paint and not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._on_look)
        return super().eventFilter(watched, event)

    def _all_steps(self) -> Iterator[Step]:
        """Do something, then hand out what to wait for."""
        window, store = self._window, self._window.session.store
        yield "painted", lambda: self._painted
        yield "worker ready", lambda: bool(window.session.catalog_sha256)
        yield "answered", lambda: store.shown.is_current
        store.wish(of_field("budget moved", BUDGET, BUDGET_USD))
        yield "answered after an edit", lambda: store.shown.is_current
        self._folder.mkdir(parents=True, exist_ok=True)
        for form in ("json", "pdf", "png"):
            path = self._folder / f"{NAME}.{form}"
            window.files.export(form, path)
            yield f"exported {form}", lambda path=path: path.exists()  # type: ignore[misc]
        project = self._folder / f"{NAME}.trilemma"
        window.files.save(project)
        yield "saved", project.exists
        question, answer = store.question, store.shown.answer
        store.wish(of_field("budget moved", BUDGET, BUDGET_USD + 1))
        window.files.open(project)
        yield "opened again", lambda: store.question == question and store.shown.answer == answer
        stored = read_document(project)
        yield "equal to the file", lambda: (stored.question, stored.answer) == (question, answer)
        self.exit_code = 0
        store.history.setClean()
        window.close()
        yield "closed", lambda: not window.isVisible()

    def _on_look(self) -> None:
        name, is_done = self._step
        if not is_done():
            self._waited_ms += LOOK_EVERY_MS
            if self._waited_ms > PATIENCE_MS:
                self._end(f"not {name}")
            return
        self._waited_ms = 0
        _say(name)
        try:
            self._step = next(self._steps)
        except StopIteration:
            self._end("all is well")

    def _end(self, words: str) -> None:
        _say(words)
        self._timer.stop()
        self._window.session.store.history.setClean()
        self._window.close()


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
