"""A list of named entries of the question: choose, add, duplicate, remove, rename, move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from gui.views.pieces import column, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

ROW_PIXELS = 26
MOST_ROWS_SEEN = 7
HELP = "F2 renames, Delete removes, Alt+↑ and Alt+↓ move."


class Names(QListWidget):
    """The names; one of them is chosen."""

    remove_wished = Signal()
    move_wished = Signal(int)
    """Places downwards."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that change the list."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Delete:
            self.remove_wished.emit()
        elif step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.move_wished.emit(step)
        else:
            super().keyPressEvent(event)


class EntryList(QWidget):
    """Shows names and tells what shall become of the entries."""

    chosen = Signal(int)
    add_wished = Signal()
    copy_wished = Signal(int)
    remove_wished = Signal(int)
    rename_wished = Signal(int, str)
    move_wished = Signal(int, int)
    """Position, and how many places downwards."""

    def __init__(self, noun: str, *, keeps_one: bool = False) -> None:
        super().__init__()
        self._keeps_one = keeps_one
        self._names = Names()
        self._names.setObjectName(f"{noun}-list")
        self._names.setAccessibleName(f"{noun.capitalize()}s")
        self._names.setToolTip(HELP)
        self._names.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self._names.currentRowChanged.connect(self._on_row)
        self._names.itemChanged.connect(self._on_renamed)
        self._names.remove_wished.connect(self._on_remove)
        self._names.move_wished.connect(
            lambda by: self.move_wished.emit(self._names.currentRow(), by)
        )
        self._error = label("", "error", wraps=True)
        self._error.hide()
        self._changers: list[QPushButton] = []
        buttons = QHBoxLayout()
        buttons.setSpacing(14)
        for words, name, told in (
            (f"Add {noun}", "add", self.add_wished.emit),
            ("Duplicate", "copy", lambda: self.copy_wished.emit(self._names.currentRow())),
            ("Remove", "remove", self._on_remove),
        ):
            button = QPushButton(words)
            button.setProperty("role", "link")
            button.setObjectName(f"{name}-{noun}")
            button.setAccessibleName(f"{words.removesuffix(f' {noun}')} {noun}")
            button.clicked.connect(lambda _=False, told=told: told())
            buttons.addWidget(button)
            self._changers.append(button)
        buttons.addStretch(1)
        layout = column(self, 4)
        layout.addWidget(self._names)
        layout.addWidget(self._error)
        layout.addLayout(buttons)
        self.show_names((), 0)

    def show_names(self, names: Sequence[str], position: int) -> None:
        """Show these names, the one at `position` chosen; a single one needs no list."""
        listed = self._names
        listed.blockSignals(True)  # noqa: FBT003 - Qt's call
        # Items are not exchanged where they can stay: an editor may still be open.
        while listed.count() > len(names):
            listed.takeItem(listed.count() - 1)
        while listed.count() < len(names):
            item = QListWidgetItem()
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            listed.addItem(item)
        for row, name in enumerate(names):
            listed.item(row).setText(name)
            listed.item(row).setToolTip(name)
        listed.setFixedHeight(ROW_PIXELS * min(len(names), MOST_ROWS_SEEN) + 8)
        listed.setCurrentRow(position)
        listed.blockSignals(False)  # noqa: FBT003 - Qt's call
        least = 1 if self._keeps_one else 0
        listed.setVisible(len(names) > least)
        _, copy, remove = self._changers
        copy.setVisible(bool(names))
        remove.setVisible(len(names) > least)
        self.show_error("")

    def show_error(self, text: str) -> None:
        """Say below the list why a wish cannot be."""
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def _on_row(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(row)

    def _on_renamed(self, item: QListWidgetItem) -> None:
        self.rename_wished.emit(self._names.row(item), item.text().strip())

    def _on_remove(self) -> None:
        least = 1 if self._keeps_one else 0
        if self._names.count() > least:
            self.remove_wished.emit(max(self._names.currentRow(), 0))
