"""The status line: what the worker does, how far it is, stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QStatusBar

from gui.views.pieces import label

if TYPE_CHECKING:
    from gui.runner import Activity

STAGES = {
    "starting": "Starting …",
    "estimating": "Estimating every candidate …",
    "choosing": "Finding the quantile that keeps the confidence …",
    "proving": "Proving the best plan …",
    "explaining": "Explaining what binds …",
    "relaxing": "Looking for the smallest changes …",
}
BAR_PIXELS = 140

SPOKEN_MS = 4_000
"""How long it stays said what was done. [ms]"""


class StatusLine(QStatusBar):
    """Shows an `Activity`; tells that it shall stop."""

    stop_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(14, 0, 14, 4)
        self._words = label("", "quiet")
        self._words.setObjectName("status")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(BAR_PIXELS)
        self._bar.setAccessibleName("Progress")
        self.stop = QPushButton("Stop")
        self.stop.setProperty("role", "link")
        self.stop.setToolTip("Esc")
        self.stop.clicked.connect(self.stop_wished)
        self.note = label("", "quiet")
        self.addWidget(self._words)
        self.addWidget(self._bar)
        self.addWidget(self.stop)
        self.addPermanentWidget(self.note)
        for part in (self._bar, self.stop):
            part.hide()
        self._idle = ""
        self._spoken = QTimer(self, singleShot=True, interval=SPOKEN_MS)
        self._spoken.timeout.connect(lambda: self._words.setText(self._idle))

    def say(self, words: str) -> None:
        """Say for a while what was done."""
        self._words.setText(words)
        self._spoken.start()

    def show_activity(self, activity: Activity, idle: str) -> None:
        """Show what is done; `idle` where nothing is."""
        for part in (self._bar, self.stop):
            part.setVisible(activity.is_busy)
        # A bar paints itself and all that waits to be painted, there and then, when its value
        # changes; this one waits for the next frame.
        self._bar.setUpdatesEnabled(False)
        self._bar.setValue(round(activity.share * 100))
        self._bar.setUpdatesEnabled(True)
        words = idle
        if activity.is_busy:
            words = STAGES.get(activity.stage, activity.stage)
        elif activity.is_stopped:
            words = "Stopped. The plan shown is older than the question."
        self._idle = words
        if activity.is_busy or not self._spoken.isActive():
            self._words.setText(words)
