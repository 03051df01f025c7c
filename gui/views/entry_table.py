"""A small table of entries of the question that can be edited: pilots, scores, phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gui.reading import UnreadableError
from gui.views.pieces import column, label
from solver.export.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent

    from solver.question import Entry

ROW_PIXELS = 28
MOST_ROWS_SEEN = 6


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the entries: its heading, how it is read and written."""

    name: str
    header: str
    read: Callable[[str], Any]
    """What was typed as a value; raises `UnreadableError`."""
    words: Callable[[Any], str]
    """The value as text; never called with None."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a table holds a row of."""

    noun: str
    columns: tuple[Column, ...]
    note: str
    first: dict[str, Any]
    """Fields of the first entry that is added."""
    next_after: Callable[[dict[str, Any]], dict[str, Any]]
    """Fields of a further entry, from those of the last one."""


@dataclass(frozen=True, slots=True)
class EntriesWish:
    """The whole list as it shall be."""

    words: str
    entries: tuple[dict[str, Any], ...]


class Completing(QStyledItemDelegate):
    """Offers known names in the cells of a column."""

    def __init__(self, names: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._names = list(names)

    def createEditor(  # noqa: N802 - Qt's name
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        """A line to type into, with the names below it."""
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            completer = QCompleter(self._names, editor)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            editor.setCompleter(completer)
        return editor


class Grid(QTableWidget):
    """The cells; Delete takes the row out, Insert adds one."""

    add_wished = Signal()
    remove_wished = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that change the number of rows."""
        if event.key() == Qt.Key.Key_Delete:
            self.remove_wished.emit()
        elif event.key() == Qt.Key.Key_Insert:
            self.add_wished.emit()
        else:
            super().keyPressEvent(event)


class EntryTable(QWidget):
    """Shows entries and tells the whole new list after each edit."""

    entries_wished = Signal(object)
    """An `EntriesWish`."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._kind = kind
        self._entries: tuple[Entry, ...] = ()
        self._table = Grid(0, len(kind.columns))
        self._table.setHorizontalHeaderLabels([c.header for c in kind.columns])
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._table.setAccessibleName(kind.noun.capitalize() + "s")
        self._table.setObjectName(f"{kind.noun}-table")
        self._table.cellChanged.connect(self._on_changed)
        self._table.add_wished.connect(self._on_add)
        self._table.remove_wished.connect(self._on_remove)
        self._error = label("", "error", wraps=True)
        self._error.hide()
        self._remove = QPushButton("Remove")
        self._remove.setObjectName(f"remove-{kind.noun}")
        self._remove.clicked.connect(self._on_remove)
        add = QPushButton("Add")
        add.setObjectName(f"add-{kind.noun}")
        add.clicked.connect(self._on_add)
        buttons = QHBoxLayout()
        for button in (add, self._remove):
            button.setAccessibleName(f"{button.text()} {kind.noun}")
            buttons.addWidget(button)
        layout = column(self, 6)
        layout.addWidget(label(kind.note, "quiet", wraps=True))
        layout.addWidget(self._table)
        layout.addWidget(self._error)
        layout.addLayout(buttons)
        self.show_entries(())

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these entries."""
        self._entries = tuple(entries)
        self.show_error("")
        table = self._table
        table.blockSignals(True)  # noqa: FBT003 - Qt's call
        table.setRowCount(len(entries))
        for row, entry in enumerate(entries):
            for at, shown in enumerate(self._kind.columns):
                value = getattr(entry, shown.name)
                text = "" if value is None else shown.words(value)
                item = table.item(row, at)
                if item is None:
                    item = QTableWidgetItem()
                    table.setItem(row, at, item)
                # A cell is never exchanged: its editor may still be open.
                item.setText(text)
                item.setToolTip(text)
            table.setRowHeight(row, ROW_PIXELS)
        table.blockSignals(False)  # noqa: FBT003 - Qt's call
        table.setFixedHeight(ROW_PIXELS * (min(len(entries), MOST_ROWS_SEEN) + 1) + 6)
        table.setVisible(bool(entries))
        self._remove.setEnabled(bool(entries))

    def show_error(self, text: str) -> None:
        """Say below the table what is wrong."""
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def complete_with(self, name: str, names: Sequence[str]) -> None:
        """Offer known names in the column of a field."""
        for at, shown in enumerate(self._kind.columns):
            if shown.name == name:
                self._table.setItemDelegateForColumn(at, Completing(names, self))

    def _on_changed(self, row: int, at: int) -> None:
        item = self._table.item(row, at)
        if item is None:
            return
        fields = [entry.model_dump() for entry in self._entries]
        shown = self._kind.columns[at]
        try:
            fields[row][shown.name] = shown.read(item.text())
        except UnreadableError as error:
            self.show_error(f"Row {row + 1}, {shown.header.lower()}: {error}")
            return
        words = f"{shown.header.lower()} of {self._kind.noun} {row + 1}"
        self.entries_wished.emit(EntriesWish(words, tuple(fields)))

    def _on_add(self) -> None:
        fields = [entry.model_dump() for entry in self._entries]
        new = self._kind.next_after(fields[-1]) if fields else dict(self._kind.first)
        self.entries_wished.emit(EntriesWish(f"{self._kind.noun} added", (*fields, new)))
        if len(self._entries) > len(fields):
            self._table.setCurrentCell(len(fields), 0)

    def _on_remove(self) -> None:
        row = self._table.currentRow()
        fields = [entry.model_dump() for entry in self._entries]
        if fields:
            del fields[row if 0 <= row < len(fields) else -1]
            self.entries_wished.emit(EntriesWish(f"{self._kind.noun} removed", tuple(fields)))


def stated(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """A reader of cells that may not be empty."""

    def value(text: str) -> object:
        found = read(text)
        if found is None:
            raise UnreadableError("Type a value, or remove the row")
        return found

    return value


def counted(entries: Sequence[Entry], noun: str) -> str:
    """How many there are, for the title of a fold; empty for none."""
    return plural(len(entries), noun) if entries else ""
