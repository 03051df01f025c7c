"""The table of pilots: small runs already measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gui.reading import UnreadableError, ratio_of, whole_of
from gui.views.form_fields import exact_ratio
from gui.views.pieces import column, label
from solver.export.words import count_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.question import Pilot

HEADERS = ("Examples", "Score", "Model")
ROW_PIXELS = 28
MOST_ROWS_SEEN = 6


def _stated(value: object) -> object:
    if value is None:
        raise UnreadableError("Type a value, or remove the pilot")
    return value


COLUMNS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("examples", lambda text: _stated(whole_of(text))),
    ("score", lambda text: _stated(ratio_of(text))),
    ("model", lambda text: text.strip() or None),
)
"""Field of each column, and how its text is read."""


class PilotTable(QWidget):
    """Shows pilots and tells the whole new list after each edit."""

    pilots_wished = Signal(object)
    """A tuple of the pilots' fields."""

    def __init__(self) -> None:
        super().__init__()
        self._pilots: tuple[Pilot, ...] = ()
        self._table = QTableWidget(0, len(HEADERS))
        self._table.setHorizontalHeaderLabels(HEADERS)
        self._table.verticalHeader().hide()
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._table.setAccessibleName("Pilots")
        self._table.cellChanged.connect(self._on_changed)
        self._error = label("", "error", wraps=True)
        self._error.hide()
        add, remove = QPushButton("Add"), QPushButton("Remove")
        add.clicked.connect(self._on_add)
        remove.clicked.connect(self._on_remove)
        buttons = QHBoxLayout()
        for button in (add, remove):
            buttons.addWidget(button)
        layout = column(self, 6)
        layout.addWidget(
            label("Small runs already measured say how hard the task is.", "quiet", wraps=True)
        )
        layout.addWidget(self._table)
        layout.addWidget(self._error)
        layout.addLayout(buttons)
        self.show_pilots(())

    def show_pilots(self, pilots: tuple[Pilot, ...]) -> None:
        """Show these pilots."""
        self._pilots = pilots
        self._error.hide()
        self._table.blockSignals(True)  # noqa: FBT003 - Qt's call
        self._table.setRowCount(len(pilots))
        for row, pilot in enumerate(pilots):
            cells = (count_text(pilot.examples), exact_ratio(pilot.score), pilot.model or "")
            for at, text in enumerate(cells):
                self._table.setItem(row, at, QTableWidgetItem(text))
            self._table.setRowHeight(row, ROW_PIXELS)
        self._table.blockSignals(False)  # noqa: FBT003 - Qt's call
        self._table.setFixedHeight(ROW_PIXELS * (min(len(pilots), MOST_ROWS_SEEN) + 1) + 6)
        self._table.setVisible(bool(pilots))

    def _on_changed(self, row: int, at: int) -> None:
        item = self._table.item(row, at)
        if item is None:
            return
        fields = [pilot.model_dump() for pilot in self._pilots]
        name, read = COLUMNS[at]
        try:
            fields[row][name] = read(item.text())
        except UnreadableError as error:
            self._error.setText(str(error))
            self._error.show()
            return
        self.pilots_wished.emit(tuple(fields))

    def _on_add(self) -> None:
        fields = [pilot.model_dump() for pilot in self._pilots]
        new = {"examples": 500, "score": 0.5}
        if self._pilots:
            new = {**fields[-1], "examples": self._pilots[-1].examples * 2}
        self.pilots_wished.emit((*fields, new))

    def _on_remove(self) -> None:
        row = self._table.currentRow()
        fields = [pilot.model_dump() for pilot in self._pilots]
        if fields:
            del fields[row if row >= 0 else -1]
            self.pilots_wished.emit(tuple(fields))
