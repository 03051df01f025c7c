"""Small parts that all views are made of: cards, folds, labels, tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from solver.export.sections import Table

MARGIN = 16
"""Inside a card. [px]"""

GAP = 8
"""Between parts. [px]"""

NARROW, WIDEST = 16, 40
"""Columns of more letters wrap; more letters than the second do not make one wider. [1]"""

BREAKABLE = re.compile("[:/]")
"""After these a key may go on in the next line."""

MOST_ROWS = 40
"""Rows of a table that are shown. [1]"""


def label(text: str = "", role: str = "", *, wraps: bool = False) -> QLabel:
    """A text in one of the style sheet's roles; never read as markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if wraps:
        made.setWordWrap(True)
        # A wrapping label otherwise asks for its widest line and pushes its card apart.
        made.setMinimumWidth(1)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return made


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Change a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def column(parent: QWidget | None = None, gap: int = GAP) -> QVBoxLayout:
    """A vertical layout without margins."""
    made = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(gap)
    return made


def card() -> tuple[QFrame, QVBoxLayout]:
    """A rounded ground for what belongs together, and its layout."""
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
    layout.setSpacing(GAP)
    return frame, layout


def rule() -> QFrame:
    """A fine line between parts."""
    frame = QFrame()
    frame.setProperty("role", "rule")
    return frame


class UprightScroll(QScrollArea):
    """Scrolls upwards and downwards only: what it holds is as wide as what is seen."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hold the content to the width of the view; long words are cut, nothing else is."""
        super().resizeEvent(event)
        content = self.widget()
        if content is not None:
            content.setFixedWidth(self.viewport().width())


def scrolled(content: QWidget) -> QScrollArea:
    """A widget that scrolls upwards and downwards, without a frame."""
    area = UprightScroll()
    area.setProperty("role", "plain")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    content.setProperty("role", "plain")
    area.setWidget(content)
    return area


def cleared(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            cleared(inner)


class Fold(QWidget):
    """A title that opens and closes what is below it."""

    def __init__(self, title: str, *, is_open: bool = False) -> None:
        super().__init__()
        self._title = title
        self._note = ""
        self.button = QPushButton()
        self.button.setProperty("role", "fold")
        self.button.setCheckable(True)
        self.button.setChecked(is_open)
        self.button.toggled.connect(self._on_toggled)
        self._body = QWidget(self)
        self.body = column(self._body)
        self.body.setContentsMargins(0, 0, 0, GAP)
        self._body.setVisible(is_open)
        layout = column(self, 0)
        layout.addWidget(self.button)
        layout.addWidget(self._body)
        self._on_toggled(is_open)

    def set_note(self, note: str) -> None:
        """A word beside the title, readable while it is closed."""
        if note != self._note:
            self._note = note
            self._on_toggled(self.button.isChecked())

    def fill_when_opened(self, fill: Callable[[], None]) -> None:
        """Make what is in it only when it is first opened: the window is seen sooner."""
        if self.button.isChecked():
            fill()
            return

        def once(is_open: bool) -> None:  # noqa: FBT001 - Qt's signal
            if is_open:
                self.button.toggled.disconnect(once)
                fill()

        self.button.toggled.connect(once)

    def _on_toggled(self, is_open: bool) -> None:  # noqa: FBT001 - Qt's signal
        mark = "▾" if is_open else "▸"
        self.button.setText(f"{mark}  {self._title}" + (f"  ·  {self._note}" if self._note else ""))
        self._body.setVisible(is_open)


def table_grid(table: Table) -> QWidget:
    """A table of the report as labels: wide columns wrap, lines after the first are small print."""
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(5)
    start = 0
    if any(table.headers):
        for at, header in enumerate(table.headers):
            grid.addWidget(label(header, "over"), 0, at, _side(table, at))
        start = 1
    wide = [at for at in range(len(table.headers)) if _widest(table, at) > NARROW]
    for at in wide:
        grid.setColumnStretch(at, min(_widest(table, at), WIDEST))
    for row, cells in enumerate(table.rows[:MOST_ROWS], start):
        for at, cell in enumerate(cells):
            first = "quiet" if at == 0 and start == 0 else ""
            made = _cell(cell, first, wraps=at in wide)
            side = Qt.AlignmentFlag.AlignTop if at in wide else _side(table, at)
            grid.addWidget(made, row, at, side)
    if table.note:
        grid.addWidget(label(table.note, "quiet", wraps=True), start + len(table.rows), 0, 1, -1)
    return holder


def _cell(text: str, role: str, *, wraps: bool) -> QWidget:
    """One cell; its first line stands out, keys may break after their marks."""
    line, _, small = text.partition("\n")
    holder = QWidget()
    box = column(holder, 0)
    parts = [label(line, role, wraps=wraps)]
    if small:
        parts.append(label(BREAKABLE.sub("\\g<0>\u200b", small), "quiet", wraps=True))
    for part in parts:
        part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.addWidget(part)
    return holder


def _widest(table: Table, at: int) -> int:
    return max((len(row[at].partition("\n")[0]) for row in table.rows), default=0)


def _side(table: Table, at: int) -> Qt.AlignmentFlag:
    is_right = table.align[at : at + 1] == "r"
    side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignTop
