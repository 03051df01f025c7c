"""The catalogue to look through: search, order, everything known of a row, and use of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTabBar,
    QTableView,
    QWidget,
)

from gui.browsing import TABLES, links
from gui.views.pieces import cleared, column, label, scrolled
from gui.views.row_model import RowModel
from solver.export.words import count_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.browsing import Rows, Use
    from gui.theme import Look

FIRST_SIZE = (1080, 680)
ROW_PIXELS = 26
NAME_PIXELS, WIDEST_PIXELS = 150, 280
NAMES = ("sku", "region", "name", "model", "task")
"""Columns whose values are long further down."""

MOST_MEASURED = 60
"""Lines that the widths of the columns are taken from. [1]"""


class CatalogueDialog(QDialog):
    """Shows one table at a time and tells what is looked at and used."""

    table_wished = Signal(str)
    """The name of a table that is to be shown."""
    facts_wished = Signal(str, str)
    """Table and key of the row that is looked at."""
    change_wished = Signal(object)
    """A `Change`."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Catalogue")
        self.resize(*FIRST_SIZE)
        self._tabs = QTabBar()
        self._tabs.setObjectName("tables")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for _, title in TABLES:
            self._tabs.addTab(title)
        self._tabs.currentChanged.connect(self._on_tab)
        self._search = QLineEdit()
        self._search.setObjectName("search")
        self._search.setPlaceholderText("Search: every word must occur, e.g. h100 spot")
        self._search.setAccessibleName("Search")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._on_search)
        self._count = label("", "quiet")
        self._model = RowModel(look)
        self._model.setParent(self)
        self._view = QTableView()
        self._view.setObjectName("rows")
        self._view.setModel(self._model)
        self._view.setAccessibleName("Rows of the catalogue")
        self._dress_view()
        self._key = label("", "strong", wraps=True)
        self._key.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._uses = column(None, 4)
        self._links = column(None, 2)
        pairs = QWidget()
        self._pairs = QGridLayout(pairs)
        self._pairs.setContentsMargins(0, 0, 0, 0)
        self._pairs.setHorizontalSpacing(12)
        self._pairs.setVerticalSpacing(3)
        self._pairs.setColumnStretch(1, 1)
        self._lay_out(pairs)
        QShortcut(QKeySequence.StandardKey.Find, self, self._search.setFocus)

    @property
    def table(self) -> str:
        """The table that is chosen."""
        return TABLES[self._tabs.currentIndex()][0]

    @property
    def position(self) -> int | None:
        """Position in the table of the row that is looked at."""
        index = self._view.currentIndex()
        return self._model.position(index.row()) if index.isValid() else None

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._model.set_look(look)

    def choose(self, table: str) -> None:
        """Turn to a table."""
        self._tabs.setCurrentIndex([name for name, _ in TABLES].index(table))

    def show_rows(self, rows: Rows) -> None:
        """Show a table, if it is still the one that is chosen."""
        if rows.table != self.table:
            return
        self._model.show_rows(rows)
        self._view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._view.resizeColumnsToContents()
        for at, attribute in enumerate(rows.attributes):
            least = NAME_PIXELS if attribute in NAMES else 0
            width = min(max(self._view.columnWidth(at), least), WIDEST_PIXELS)
            self._view.setColumnWidth(at, width)
        self._show_count()
        if self._model.rowCount():
            self._view.selectRow(0)

    def show_facts(self, key: str, pairs: Sequence[Sequence[str]]) -> None:
        """Show everything known of the row that is looked at."""
        rows, at = self._model.rows, self.position
        if rows is None or at is None or rows.keys[at] != key:
            return
        cleared(self._pairs)
        for line, (name, text) in enumerate(pairs):
            self._pairs.addWidget(label(name, "quiet"), line, 0, Qt.AlignmentFlag.AlignTop)
            value = label(text, "", wraps=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._pairs.addWidget(value, line, 1)
        hub = next((text for name, text in pairs if name == "hub id"), "")
        self._show_links(rows.source_words(at), hub)

    def show_uses(self, uses: Sequence[Use]) -> None:
        """Offer what the row that is looked at can do for the question."""
        cleared(self._uses)
        for number, use in enumerate(uses):
            button = QPushButton(use.words)
            button.setObjectName(f"use-{number}")
            button.setToolTip(use.words)
            button.clicked.connect(lambda _=False, use=use: self.change_wished.emit(use.change))
            self._uses.addWidget(button)

    def _lay_out(self, pairs: QWidget) -> None:
        whole = column(self, 8)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.addWidget(self._tabs)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self._search, 1)
        line.addWidget(self._count)
        whole.addLayout(line)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._view)
        side, inside = QWidget(), QWidget()
        content = column(inside, 10)
        content.setContentsMargins(4, 0, 4, 4)
        content.addWidget(self._key)
        content.addLayout(self._uses)
        content.addLayout(self._links)
        content.addWidget(pairs)
        content.addStretch(1)
        column(side, 0).addWidget(scrolled(inside))
        side.setMinimumWidth(250)
        splitter.addWidget(side)
        splitter.setSizes([FIRST_SIZE[0] - 330, 300])
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        whole.addWidget(splitter, 1)

    def _dress_view(self) -> None:
        view = self._view
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setSortingEnabled(True)
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(ROW_PIXELS)
        header = view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setResizeContentsPrecision(MOST_MEASURED)
        header.setStretchLastSection(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.selectionModel().selectionChanged.connect(self._on_selected)

    def _show_links(self, source: str, hub: str) -> None:
        cleared(self._links)
        self._links.addWidget(label(f"Source: {source}", "quiet", wraps=True))
        named = [*links(source), *([f"https://huggingface.co/{hub}"] if hub else [])]
        for address in named:
            button = QPushButton(address.removeprefix("https://"))
            button.setProperty("role", "link")
            button.setToolTip(f"Open {address} in the browser")
            button.clicked.connect(
                lambda _=False, address=address: QDesktopServices.openUrl(QUrl(address))
            )
            self._links.addWidget(button)

    def _show_count(self) -> None:
        rows = self._model.rows
        if rows is not None:
            found, every = self._model.rowCount(), len(rows.rows)
            words = count_text(every) if found == every else f"{found:,} of {every:,}"
            self._count.setText(f"{words} rows")

    def _on_tab(self) -> None:
        self._model.show_rows(None)
        self._key.setText("")
        for layout in (self._pairs, self._links, self._uses):
            cleared(layout)
        self.table_wished.emit(self.table)

    def _on_search(self, words: str) -> None:
        rows, at = self._model.rows, self.position
        key = rows.keys[at] if rows is not None and at is not None else ""
        self._model.search(words)
        self._show_count()
        line = self._model.line_of(key)
        if self._model.rowCount():
            self._view.selectRow(line or 0)

    def _on_selected(self, selected: QItemSelection, _: QItemSelection) -> None:
        del selected
        rows, at = self._model.rows, self.position
        if rows is None or at is None:
            return
        self._key.setText(rows.keys[at] if rows.table != "scores" else rows.value(at, "model"))
        self.facts_wished.emit(rows.table, rows.keys[at])
