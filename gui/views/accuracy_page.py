"""What a model reaches by examples, which pilots would tell more, and a place to enter them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from gui.learning import RUN_HEADERS, Subject
from gui.reading import UnreadableError, ratio_of
from gui.views.pieces import card, cleared, column, label, rule, scrolled, set_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.learning import Curve, PilotsShown, Run
    from gui.theme import Look
    from gui.views.curve_plot import CurvePlot

SCORE_PIXELS = 70
LEAST_PLOT_PIXELS = 200
WORDS_PIXELS, MOST_PIXELS = 72, 16_777_215
LEGEND = "● pilot   ■ own score   ◆ published   band: 80 %"


class AccuracyPage(QFrame):
    """Shows a `Curve` and a pilot plan; tells what else is to be looked at, and scores."""

    subject_wished = Signal(object)
    """A `Subject`."""
    score_entered = Signal(object, float)
    """A `Run` that was measured, and its score."""
    table_wished = Signal()
    """Pilots and own scores are to be edited."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._subjects: tuple[Subject, ...] = ()
        frame, outer = card()
        column(self, 0).addWidget(frame)
        head = QHBoxLayout()
        head.addWidget(label("Accuracy by examples", "title"))
        head.addStretch(1)
        self._choice = QComboBox()
        self._choice.setObjectName("subject")
        self._choice.setAccessibleName("Model and method")
        self._choice.activated.connect(self._on_chosen)
        head.addWidget(self._choice)
        outer.addLayout(head)
        self._legend = label(LEGEND, "quiet")
        outer.addWidget(self._legend)
        self._words = label("", "", wraps=True)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._words)
        self._plot: CurvePlot | None = None
        outer.addWidget(self._pages, 3)
        below = QWidget()
        self._below = column(below, 6)
        outer.addWidget(rule())
        outer.addWidget(scrolled(below), 2)
        self.setAccessibleName("Accuracy by examples")
        self.show_waiting()

    @property
    def subject(self) -> Subject | None:
        """What is chosen."""
        at = self._choice.currentIndex()
        return self._subjects[at] if 0 <= at < len(self._subjects) else None

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        if self._plot is not None:
            self._plot.set_look(look)

    def show_subjects(self, subjects: Sequence[Subject]) -> None:
        """Offer these; the one that was chosen stays where it is among them."""
        before = self.subject
        self._subjects = tuple(subjects)
        self._choice.clear()
        self._choice.addItems([subject.words for subject in self._subjects])
        if before in self._subjects:
            self._choice.setCurrentIndex(self._subjects.index(before))
        self._choice.setVisible(bool(self._subjects))

    def show_waiting(self) -> None:
        """Nothing is known yet."""
        self._say("Looking at what is known …")

    def show_curve(self, curve: Curve) -> None:
        """Show a curve, or why there is none."""
        if not curve.examples and not curve.points:
            because = curve.unknown_because or "nothing known predicts it"
            self._say(f"The accuracy of {curve.subject.words} is not predicted: {because}.")
            return
        if self._plot is None:
            # pyqtgraph, which the region has loaded by now.
            from gui.views.curve_plot import CurvePlot  # noqa: PLC0415

            self._plot = CurvePlot(self._look)
            self._plot.setMinimumHeight(LEAST_PLOT_PIXELS)
            self._pages.addWidget(self._plot)
        self._plot.show_curve(curve)
        self._pages.setMaximumHeight(MOST_PIXELS)
        self._pages.setCurrentWidget(self._plot)
        self._legend.setVisible(True)

    def show_fault(self, text: str) -> None:
        """Say why there is nothing to see."""
        self._say(text)

    def show_pilots(self, plan: PilotsShown | None) -> None:
        """Show which pilots to measure, with a field for each score."""
        cleared(self._below)
        if plan is not None:
            self._below.addWidget(label(plan.title, "strong"))
            self._below.addWidget(label(plan.text, "", wraps=True))
            if plan.runs:
                self._below.addWidget(self._table(plan))
                self._below.addWidget(label(plan.total, "quiet", wraps=True))
        edit = QPushButton("Edit pilots and own scores in the form")
        edit.setProperty("role", "link")
        edit.setObjectName("edit-pilots")
        edit.clicked.connect(self.table_wished)
        self._below.addWidget(edit)
        self._below.addStretch(1)

    def _table(self, plan: PilotsShown) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(11)
        grid.setVerticalSpacing(4)
        for at, header in enumerate((*RUN_HEADERS, "Measured")):
            grid.addWidget(label(header, "over"), 0, at)
        for line, run in enumerate(plan.runs, 1):
            for at, text in enumerate(run.cells):
                grid.addWidget(label(text), line, at)
            grid.addWidget(self._score(run), line, len(run.cells))
        grid.setColumnStretch(len(RUN_HEADERS) + 1, 1)
        return holder

    def _score(self, run: Run) -> QWidget:
        edit = QLineEdit()
        edit.setPlaceholderText("score")
        edit.setFixedWidth(SCORE_PIXELS)
        edit.setObjectName(f"score-{run.examples}")
        edit.setAccessibleName(f"Measured score with {run.examples} examples")
        edit.setToolTip("Type what the pilot reached, e.g. 81.2, and press Return")
        edit.returnPressed.connect(lambda: self._on_score(run, edit))
        edit.textEdited.connect(lambda: set_property(edit, "wrong", "false"))
        return edit

    def _say(self, text: str) -> None:
        self._words.setText(text)
        self._pages.setMaximumHeight(WORDS_PIXELS)
        self._pages.setCurrentWidget(self._words)
        self._legend.setVisible(False)

    def _on_chosen(self) -> None:
        if self.subject is not None:
            self.subject_wished.emit(self.subject)

    def _on_score(self, run: Run, edit: QLineEdit) -> None:
        try:
            score = ratio_of(edit.text())
        except UnreadableError as error:
            set_property(edit, "wrong", "true")
            edit.setToolTip(str(error))
            return
        if score is not None:
            edit.clear()
            self.score_entered.emit(run, score)
