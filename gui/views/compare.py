"""Pinned plans side by side with the present one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QWidget,
)

from gui.views.pieces import BREAKABLE, card, cleared, column, label, rule

if TYPE_CHECKING:
    from gui.comparing import Cell, Compared, Row

NOTHING = (
    "Nothing is pinned yet. Pin the plan or a candidate that you look at (Ctrl+P), change the "
    "question, and see here what differs."
)
LEAST_CELL_PIXELS = 124


class ComparePage(QFrame):
    """Shows a `Compared` and tells which pinned plan shall go or come back."""

    unpin_wished = Signal(int)
    """Position among the pinned plans."""
    restore_wished = Signal(int)
    """Likewise: its question shall be asked again."""

    def __init__(self) -> None:
        super().__init__()
        self._compared: Compared | None = None
        frame, outer = card()
        column(self, 0).addWidget(frame)
        head = QHBoxLayout()
        head.addWidget(label("Plans side by side", "title"))
        head.addStretch(1)
        self._only = QCheckBox("Only what &differs")
        self._only.setChecked(True)
        self._only.toggled.connect(self._fill)
        head.addWidget(self._only)
        outer.addLayout(head)
        content = QWidget()
        content.setProperty("role", "plain")
        self._content = column(content, 10)
        # Many plans do not fit: then it scrolls sideways too.
        area = QScrollArea()
        area.setProperty("role", "plain")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(content)
        outer.addWidget(area, 1)
        self.setAccessibleName("Plans side by side")

    def show_compared(self, compared: Compared) -> None:
        """Show these plans, the present one first."""
        self._compared = compared
        self._fill()

    def _fill(self) -> None:
        cleared(self._content)
        shown = self._compared
        if shown is None or len(shown.titles) < 2:  # noqa: PLR2004 - nothing to compare
            self._content.addWidget(label(NOTHING, "", wraps=True))
            self._content.addStretch(1)
            return
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 0)
        for at in range(len(shown.titles)):
            grid.setColumnStretch(at + 1, 1)
            grid.setColumnMinimumWidth(at + 1, LEAST_CELL_PIXELS)
        self._heads(grid, shown.titles)
        line = 1
        for row in shown.figures:
            line = self._row(grid, line, row, is_figure=True)
        grid.addWidget(rule(), line, 0, 1, -1)
        line += 1
        choices = [row for row in shown.choices if row.differs or not self._only.isChecked()]
        for row in choices:
            line = self._row(grid, line, row, is_figure=False)
        if not choices:
            same = "Every choice is the same." if self._only.isChecked() else ""
            grid.addWidget(label(same, "quiet"), line, 0, 1, -1)
        self._content.addWidget(holder)
        self._say(shown)
        self._content.addStretch(1)

    def _heads(self, grid: QGridLayout, titles: tuple[str, ...]) -> None:
        for at, title in enumerate(titles):
            holder = QWidget()
            box = column(holder, 2)
            over = "NOW" if at == 0 else f"PINNED {at}"
            box.addWidget(label(over, "over"))
            box.addWidget(label(title, "strong", wraps=True))
            if at:
                buttons = QHBoxLayout()
                buttons.setSpacing(12)
                for words, name, told in (
                    ("Ask again", "restore", self.restore_wished),
                    ("Unpin", "unpin", self.unpin_wished),
                ):
                    button = QPushButton(words)
                    button.setProperty("role", "link")
                    button.setObjectName(f"{name}-{at}")
                    button.setAccessibleName(f"{words}: {title}")
                    button.clicked.connect(lambda _=False, told=told, at=at: told.emit(at - 1))
                    buttons.addWidget(button)
                buttons.addStretch(1)
                box.addLayout(buttons)
            box.addStretch(1)
            grid.addWidget(holder, 0, at + 1)

    def _row(self, grid: QGridLayout, line: int, row: Row, *, is_figure: bool) -> int:
        name = label(row.label, "strong" if is_figure or row.differs else "quiet")
        grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
        for at, cell in enumerate(row.cells):
            grid.addWidget(_cell(cell, is_figure=is_figure), line, at + 1)
        return line + 1

    def _say(self, shown: Compared) -> None:
        if not shown.said:
            return
        self._content.addWidget(rule())
        pinned = len(shown.titles) - 1
        title = f"From pinned {pinned} to now" if pinned > 1 else "From the pinned plan to now"
        self._content.addWidget(label(title, "strong"))
        for group in shown.said:
            self._content.addWidget(label(group.title, "over"))
            for sentence in group.sentences:
                said = label(BREAKABLE.sub("\\g<0>\u200b", sentence), "quiet", wraps=True)
                said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._content.addWidget(said)


def _cell(cell: Cell, *, is_figure: bool) -> QWidget:
    holder = QWidget()
    box = column(holder, 0)
    text = BREAKABLE.sub("\\g<0>\u200b", cell.text)
    value = label(text, "value" if is_figure else "", wraps=True)
    value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.addWidget(value)
    change, _, rest = cell.small.rpartition("\n")
    if change:
        box.addWidget(label(change, cell.tone or "quiet", wraps=True))
    if rest:
        is_change = bool(cell.tone) and not change
        box.addWidget(label(rest, cell.tone if is_change else "quiet", wraps=True))
    box.addStretch(1)
    return holder
