"""A table of the catalogue for Qt's table view: ordered and searched without a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor

from catalog.show import text_of

if TYPE_CHECKING:
    from gui.browsing import Rows
    from gui.theme import Look

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()

PRICES = ("usd_per_hour", "usd_per_accelerator_hour", "marked")
"""Columns in which a doubtful price is coloured."""


class RowModel(QAbstractTableModel):
    """Shows `Rows`; a column of -1 keeps the order of the catalogue."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._rows: Rows | None = None
        self._order: list[int] = []
        self._words = ""
        self._column, self._descends = -1, False

    @property
    def rows(self) -> Rows | None:
        """The whole table; None: nothing is shown."""
        return self._rows

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self.layoutChanged.emit()

    def show_rows(self, rows: Rows | None) -> None:
        """Show another table, in the order of the catalogue."""
        self.beginResetModel()
        self._rows = rows
        self._column, self._descends = -1, False
        self._order = [] if rows is None else rows.ordered(self._words, -1, descends=False)
        self.endResetModel()

    def search(self, words: str) -> None:
        """Show only rows in which every word occurs."""
        self.beginResetModel()
        self._words = words
        self._reorder()
        self.endResetModel()

    def position(self, line: int) -> int:
        """The row of the table that is shown on a line."""
        return self._order[line]

    def line_of(self, key: str) -> int | None:
        """The line on which a row is shown, by its key; None where it is not."""
        if self._rows is None:
            return None
        keys = self._rows.keys
        return next((at for at, row in enumerate(self._order) if keys[row] == key), None)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Lines that are shown."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Columns of the table."""
        if parent.isValid() or self._rows is None:
            return 0
        return len(self._rows.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's variant
        """Headings of the columns, over numbers on their side."""
        rows = self._rows
        if orientation is not Qt.Orientation.Horizontal or rows is None:
            return None
        if not 0 <= section < len(rows.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return rows.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            known = next((row[section] for row in rows.rows if row[section] is not None), None)
            return _side(known)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        """One cell: its text, its side, its colour."""
        if not index.isValid() or self._rows is None:
            return None
        row, column = self._order[index.row()], index.column()
        value = self._rows.rows[row][column]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return text_of(value)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(value)
            case Qt.ItemDataRole.ForegroundRole if self._is_doubtful(row, column):
                return QBrush(QColor(self._look.warning))
            case _:
                return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the lines by a column."""
        self.layoutAboutToBeChanged.emit()
        self._column, self._descends = column, order is Qt.SortOrder.DescendingOrder
        before = self.persistentIndexList()
        rows = [self._order[index.row()] for index in before]
        self._reorder()
        lines = {row: line for line, row in enumerate(self._order)}
        after = [self.index(lines[row], i.column()) for row, i in zip(rows, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _reorder(self) -> None:
        if self._rows is not None:
            self._order = self._rows.ordered(self._words, self._column, descends=self._descends)

    def _is_doubtful(self, row: int, column: int) -> bool:
        rows = self._rows
        if rows is None or rows.attributes[column] not in PRICES:
            return False
        return bool(rows.value(row, "marked"))


def _side(value: object) -> Qt.AlignmentFlag:
    """Numbers stand on the right."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
