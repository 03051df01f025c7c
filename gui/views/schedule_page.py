"""Several jobs: when each runs and on what, what they share, and the plan job by job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from gui.views.pieces import card, cleared, column, label, scrolled, table_grid
from gui.views.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.schedule import Schedule
    from gui.theme import Look
    from solver.export.sections import Table

MOST_PLACES = 8


class SchedulePage(QFrame):
    """Shows a `Schedule` and tables; tells which job was chosen."""

    job_chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._places: tuple[str, ...] = ()
        self._told: tuple[object, ...] = ()
        self._waiting: list[Table] = []
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._fill_next)
        frame, outer = card()
        column(self, 0).addWidget(frame)
        self._title = label("Jobs over time", "title", wraps=True)
        outer.addWidget(self._title)
        self._legend = QLabel()
        self._legend.setProperty("role", "quiet")
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setWordWrap(True)
        self._legend.setMinimumWidth(1)
        content = QWidget()
        body = column(content, 10)
        body.setContentsMargins(0, 0, 6, 0)
        body.addWidget(self._legend)
        self.timeline = Timeline(look)
        self.timeline.job_chosen.connect(self.job_chosen)
        body.addWidget(self.timeline)
        self._tables = column(None, 8)
        body.addLayout(self._tables)
        body.addStretch(1)
        outer.addWidget(scrolled(content), 1)
        self._content = content
        self.setAccessibleName("Jobs over time")

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self.timeline.set_look(look)
        self._show_legend()

    def show_schedule(self, schedule: Schedule, tables: Sequence[Table]) -> None:
        """Show the jobs of a plan, and tables below."""
        self._title.setText("Jobs over time")
        self._content.setVisible(True)
        self._places = schedule.places
        self._show_legend()
        self.timeline.show_schedule(schedule)
        told = (schedule.left_out, schedule.machines, *tables)
        if told == self._told:
            return
        self._told = told
        cleared(self._tables)
        for sentence in schedule.left_out:
            self._tables.addWidget(label(sentence, "warning", wraps=True))
        # One at a time: a table of many jobs takes longer than a frame.
        self._waiting = [schedule.machines, *tables]
        self._next.start()

    def _fill_next(self) -> None:
        if not self._waiting:
            return
        table = self._waiting.pop(0)
        self._tables.addWidget(label(table.title, "strong"))
        self._tables.addWidget(table_grid(table))
        self._next.start()

    def show_words(self, words: str) -> None:
        """Say why there is no timeline."""
        self._title.setText(words)
        self._content.setVisible(False)

    def _show_legend(self) -> None:
        colours = self._look.places
        shown = self._places[:MOST_PLACES]
        parts = [
            f'<span style="color:{colours[at % len(colours)]}">■</span>&nbsp;{_escaped(place)}'
            for at, place in enumerate(shown)
        ]
        rest = len(self._places) - len(shown)
        self._legend.setText("&nbsp; ".join(parts) + (f" and {rest} more" if rest else ""))


def _escaped(text: str) -> str:
    """A name of the user's own is never markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(" ", "&nbsp;")
