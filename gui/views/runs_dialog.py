"""Own runs: choose logs, see what they change before and after, keep or forget them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.own_runs import LogsChosen
from gui.reading import UnreadableError, count_of, whole_of
from gui.views.pieces import cleared, column, label, scrolled, table_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.problems import Problem
    from gui.own_runs import RunsShown

FIRST_SIZE = (760, 620)
STEP_PIXELS = 110
LEAST_TEXT_PIXELS = 460
LOGS = "Logs (*.csv *.json);;All files (*)"
HELP = (
    "Choose what your training software wrote: a CSV file of measured runs, or, for the plan on "
    "screen, Hugging Face's trainer_state.json and CSV exports of Weights & Biases or TensorBoard. "
    "The estimates are corrected by what was measured, for this and every later plan."
)

FIELDS = (
    (
        "&Tokens of one step",
        "tokens-per-step",
        "Tokens of one step, padding included",
        "Padding included; where the run computed other than planned",
    ),
    (
        "&GPUs of the run",
        "gpus-of-run",
        "GPUs of the run",
        "Of one trial; where the plan was measured on fewer, with the same micro-batches",
    ),
)
"""What may be said of logs: heading, name, name for those who do not see it, explanation."""


class RunsDialog(QDialog):
    """Shows `RunsShown` and tells what shall be read, kept or forgotten."""

    logs_chosen = Signal(object)
    """`LogsChosen`."""
    keep_wished = Signal()
    forget_wished = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Runs of your own")
        self.resize(*FIRST_SIZE)
        whole = column(self, 10)
        whole.setContentsMargins(16, 14, 16, 14)
        help_text = label(HELP, "", wraps=True)
        whole.addWidget(help_text)
        self._measure = label("", "quiet", wraps=True)
        self._measure.setObjectName("what-to-measure")
        self._measure.hide()
        whole.addWidget(self._measure)
        self._tokens, self._gpus = self._add_choice(whole)
        self._fault = label("", "error", wraps=True)
        self._fault.hide()
        whole.addWidget(self._fault)
        self._words = label("", "strong", wraps=True)
        whole.addWidget(self._words)
        for part in (help_text, self._measure, self._fault, self._words):
            # Wrapped at a width of nothing, the text would make the dialog higher than the screen.
            part.setMinimumWidth(LEAST_TEXT_PIXELS)
        content = QWidget()
        self._content = column(content, 10)
        whole.addWidget(scrolled(content), 1)
        self._keep, self._forget = QPushButton("&Keep them"), QPushButton("&Forget all")
        self._keep.setProperty("role", "primary")
        self._keep.setObjectName("keep-runs")
        self._forget.setObjectName("forget-runs")
        self._keep.clicked.connect(self.keep_wished)
        self._forget.clicked.connect(self.forget_wished)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(self._forget)
        buttons.addStretch(1)
        buttons.addWidget(self._keep)
        buttons.addWidget(close)
        whole.addLayout(buttons)
        self._keep.setEnabled(False)
        self._forget.setEnabled(False)

    def _add_choice(self, whole: QVBoxLayout) -> tuple[QLineEdit, QLineEdit]:
        """The line in which logs are chosen: what a step computed, and on how many GPUs."""
        line = QHBoxLayout()
        choose = QPushButton("&Choose logs …")
        choose.setObjectName("choose-logs")
        choose.clicked.connect(self._on_choose)
        line.addWidget(choose)
        fields = []
        for title, name, long_name, tip in FIELDS:
            field, heading = QLineEdit(), label(title)
            field.setPlaceholderText("as planned")
            field.setFixedWidth(STEP_PIXELS)
            field.setObjectName(name)
            field.setAccessibleName(long_name)
            field.setToolTip(tip)
            heading.setBuddy(field)
            line.addWidget(heading)
            line.addWidget(field)
            fields.append(field)
        line.addStretch(1)
        whole.addLayout(line)
        tokens, gpus = fields
        return tokens, gpus

    def show_measure(self, words: str) -> None:
        """Say what to measure of the plan on screen; nothing without words."""
        self._measure.setText(words)
        self._measure.setVisible(bool(words))

    def allow_forgetting(self) -> None:
        """What is kept cannot be read: let the user be rid of it."""
        self._forget.setEnabled(True)

    def show_runs(self, shown: RunsShown, *, can_keep: bool) -> None:
        """Show what is kept, or what would be."""
        self.show_problems(())
        self._words.setText(shown.words)
        cleared(self._content)
        for table in (shown.changes, shown.runs):
            if table.rows:
                self._content.addWidget(label(table.title, "over"))
                self._content.addWidget(table_grid(table))
        if shown.left_out:
            self._content.addWidget(label("Left out", "over"))
            for problem in shown.left_out:
                self._content.addWidget(label(str(problem), "quiet", wraps=True))
        self._content.addStretch(1)
        self._keep.setEnabled(can_keep)
        self._forget.setEnabled(bool(shown.count) and not can_keep)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say why logs cannot be used."""
        self._fault.setText("\n".join(str(problem) for problem in problems))
        self._fault.setVisible(bool(problems))

    def _on_choose(self) -> None:
        try:
            tokens = count_of(self._tokens.text())
        except UnreadableError as error:
            self._refuse(f"Tokens of one step: {error}")
            return
        try:
            gpus = whole_of(self._gpus.text())
        except UnreadableError as error:
            self._refuse(f"GPUs of the run: {error}")
            return
        names, _ = QFileDialog.getOpenFileNames(self, "Choose logs", "", LOGS)
        if names:
            self.logs_chosen.emit(LogsChosen(tuple(map(Path, names)), tokens, gpus))

    def _refuse(self, words: str) -> None:
        self._fault.setText(words)
        self._fault.show()
