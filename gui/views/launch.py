"""Launch files of the plan: choose a target, read the files, copy or save them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QWidget,
)

from gui.views.pieces import cleared, column, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.problems import Problem
    from gui.theme import Look
    from solver.export.launch.preview import Preview

FIRST_SIZE = (940, 620)
LIST_PIXELS = 270
MONOSPACE_POINTS = 9
LEAST_TEXT_PIXELS = 360
REFUSED = " — not possible"


class Comments(QSyntaxHighlighter):
    """Paints comment lines quietly: the promise stands out from the settings."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._format = QTextCharFormat()
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._format.setForeground(QColor(look.good))
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Colour one line; what follows a # at once is an order to a shell or to Slurm."""
        if text.lstrip().startswith("# "):
            self.setFormat(0, len(text), self._format)


class LaunchDialog(QDialog):
    """Shows `Preview`s and tells which files shall be saved."""

    save_wished = Signal(object, bool)
    """A `Preview`, and whether files that exist are replaced."""
    told = Signal(str)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Launch files")
        self.resize(*FIRST_SIZE)
        self._previews: tuple[Preview, ...] = ()
        self._targets = QListWidget()
        self._targets.setObjectName("targets")
        self._targets.setAccessibleName("Targets")
        self._targets.setFixedWidth(LIST_PIXELS)
        self._targets.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._targets.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._targets.currentRowChanged.connect(self._show_target)
        self._title = label("Reading the plan …", "title", wraps=True)
        self._start = label("", "quiet", wraps=True)
        self._start.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._tabs = QTabBar()
        self._tabs.setObjectName("files")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setUsesScrollButtons(True)
        self._tabs.currentChanged.connect(self._show_file)
        self._text = QPlainTextEdit()
        self._text.setObjectName("file-text")
        self._text.setAccessibleName("File")
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSize(MONOSPACE_POINTS)
        self._text.setFont(font)
        self._comments = Comments(self._text.document(), look)
        reasons = QWidget()
        self._reasons = column(reasons, 10)
        self._reason_page = reasons
        self._note = label("", "warning", wraps=True)
        self._note.hide()
        for part in (self._title, self._start, self._note):
            # Wrapped at a width of nothing, the text would make the dialog higher than the screen.
            part.setMinimumWidth(LEAST_TEXT_PIXELS)
        self._copy, self._save = QPushButton("&Copy this file"), QPushButton("&Save to a folder …")
        self._replace, close = QPushButton("&Replace them"), QPushButton("Close")
        self._copy.setObjectName("copy-file")
        self._save.setObjectName("save-files")
        self._replace.setObjectName("replace-files")
        self._save.setProperty("role", "primary")
        self._replace.hide()
        self._copy.clicked.connect(self._on_copy)
        self._save.clicked.connect(lambda: self._on_save(replaces=False))
        self._replace.clicked.connect(lambda: self._on_save(replaces=True))
        close.clicked.connect(self.close)
        self._lay_out(close)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._comments.set_look(look)

    def show_waiting(self) -> None:
        """Nothing is known yet."""
        self._targets.clear()
        self._previews = ()
        self._show_nothing("Reading the plan …")

    def show_previews(self, previews: Sequence[Preview]) -> None:
        """Show what each target would get, the first that can be had chosen."""
        chosen = self._chosen
        before = None if chosen is None else chosen.target
        self._previews = tuple(previews)
        self._targets.blockSignals(True)  # noqa: FBT003 - Qt's call
        self._targets.clear()
        for preview in self._previews:
            item = QListWidgetItem(preview.title + ("" if preview.files else REFUSED))
            item.setToolTip(preview.title)
            if not preview.files:
                item.setForeground(self.palette().placeholderText())
            self._targets.addItem(item)
        self._targets.blockSignals(False)  # noqa: FBT003 - Qt's call
        names = [preview.target for preview in self._previews]
        able = [row for row, preview in enumerate(self._previews) if preview.files]
        row = names.index(before) if before in names else (able or [0])[0]
        self._targets.setCurrentRow(row)
        self._show_target(row)

    def show_problems(self, problems: Sequence[Problem], *, may_replace: bool = False) -> None:
        """Say why nothing was saved."""
        self._note.setText("\n".join(str(problem) for problem in problems))
        self._note.show()
        self._replace.setVisible(may_replace)

    def show_saved(self, words: str) -> None:
        """Say what was saved."""
        self._note.setText(words)
        self._note.show()
        self._replace.hide()

    @property
    def _chosen(self) -> Preview | None:
        row = self._targets.currentRow()
        return self._previews[row] if 0 <= row < len(self._previews) else None

    def _lay_out(self, close: QPushButton) -> None:
        whole = column(self, 10)
        whole.setContentsMargins(14, 14, 14, 14)
        both = QHBoxLayout()
        both.setSpacing(14)
        both.addWidget(self._targets)
        right = column(None, 6)
        for part in (self._title, self._start, self._tabs):
            right.addWidget(part)
        right.addWidget(self._text, 1)
        right.addWidget(self._reason_page, 1)
        both.addLayout(right, 1)
        whole.addLayout(both, 1)
        whole.addWidget(self._note)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self._replace, self._copy, self._save, close):
            buttons.addWidget(button)
        whole.addLayout(buttons)
        self._reason_page.hide()

    def _show_nothing(self, title: str) -> None:
        self._title.setText(title)
        for part in (self._start, self._tabs, self._text, self._reason_page, self._note):
            part.setVisible(False)
        for button in (self._copy, self._save):
            button.setEnabled(False)
        self._replace.hide()

    def _show_target(self, row: int) -> None:
        preview = self._previews[row] if 0 <= row < len(self._previews) else None
        if preview is None:
            self._show_nothing("There is no plan to launch.")
            return
        can = bool(preview.files)
        self._title.setText(preview.title if can else f"{preview.title} cannot launch this plan")
        self._start.setText(f"Start in the folder of the files: {preview.start}")
        self._start.setVisible(can)
        self._tabs.setVisible(can)
        self._text.setVisible(can)
        self._reason_page.setVisible(not can)
        self._note.hide()
        self._replace.hide()
        for button in (self._copy, self._save):
            button.setEnabled(can)
        cleared(self._reasons)
        for problem in preview.problems:
            self._reasons.addWidget(label(f"{problem.where}: {problem.what}", "strong", wraps=True))
            self._reasons.addWidget(label(problem.remedy, "quiet", wraps=True))
        self._reasons.addStretch(1)
        self._show_tabs(preview)

    def _show_tabs(self, preview: Preview) -> None:
        self._tabs.blockSignals(True)  # noqa: FBT003 - Qt's call
        while self._tabs.count():
            self._tabs.removeTab(0)
        for file in preview.files:
            self._tabs.addTab(file.path)
        named = [at for at, file in enumerate(preview.files) if file.path in preview.start]
        self._tabs.setCurrentIndex((named or [0])[-1])
        self._tabs.blockSignals(False)  # noqa: FBT003 - Qt's call
        self._show_file(self._tabs.currentIndex())

    def _show_file(self, at: int) -> None:
        preview = self._chosen
        if preview is not None and 0 <= at < len(preview.files):
            self._text.setPlainText(preview.files[at].text)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
        self.told.emit(f"Copied {self._tabs.tabText(self._tabs.currentIndex())}")

    def _on_save(self, *, replaces: bool) -> None:
        if self._chosen is not None:
            self.save_wished.emit(self._chosen, replaces)
