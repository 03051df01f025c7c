"""The plan in full: figures against limits, why, other plans, memory, assumptions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.present import CardShown, Choice, FigureShown, spoken
from gui.views.gauges import GaugeStrip, MemoryStrip, part_colours
from gui.views.pieces import (
    Fold,
    card,
    cleared,
    column,
    label,
    rule,
    scrolled,
    set_property,
    table_grid,
)
from solver.export.words import bytes_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.present import MemoryShown
    from gui.theme import Look
    from solver.export.sections import Section, Table

LEGEND_COLUMNS = 2
STALE_OPACITY = 0.5

GREY_AFTER_MS = 150
"""How long a plan of the last question is not yet greyed. [ms]"""


class ChoiceRow(QPushButton):
    """A row that can be clicked: a title, its detail and its figures."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice
        self.setProperty("role", "row")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{choice.title}: {choice.figures}")
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(8, 6, 8, 6)
        self._box.setSpacing(1)
        parts = ((choice.title, ""), (choice.figures, "strong"), (choice.detail, "quiet"))
        for text, role in parts:
            if text:
                part = label(text, role, wraps=True)
                part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
                self._box.addWidget(part)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As high as its wrapped texts."""
        return self._box.totalHeightForWidth(width)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A button would ask for the size of its own, empty text."""
        return self._box.totalSizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """May become as narrow as the card."""
        return QSize(40, self._box.totalMinimumSize().height())


class PlanCard(QFrame):
    """Shows a `CardShown` and tells which other plan or change was clicked."""

    look_wished = Signal(str)
    """The key of a candidate."""
    move_wished = Signal(object)
    """A `Move`."""
    plan_wished = Signal()
    """Back from a candidate to the plan."""
    pin_wished = Signal()
    """What is shown shall be kept to be compared."""
    export_wished = Signal(str)
    """pdf, png or json."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._open: set[str] = set()
        self._shown: CardShown | None = None
        self._badge: QLabel | None = None
        frame, outer = card()
        outer.setContentsMargins(0, 4, 0, 12)
        whole = column(self, 0)
        whole.addWidget(frame)
        content = QWidget()
        self._haze = QGraphicsOpacityEffect(content)
        self._haze.setOpacity(STALE_OPACITY)
        self._haze.setEnabled(False)
        content.setGraphicsEffect(self._haze)
        self._patience = QTimer(self, singleShot=True, interval=GREY_AFTER_MS)
        self._patience.timeout.connect(lambda: self._mark(is_current=False))
        self._content = column(content, 8)
        self._content.setContentsMargins(16, 12, 16, 8)
        self._area = scrolled(content)
        outer.addWidget(self._area, 1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(16, 0, 16, 0)
        self._exports: list[QPushButton] = []
        for form, words, role in (
            ("pdf", "Export &PDF", "primary"),
            ("png", "Picture", ""),
            ("json", "JSON", ""),
        ):
            button = QPushButton(words)
            button.setProperty("role", role)
            button.setObjectName(f"export-{form}")
            button.clicked.connect(lambda _=False, form=form: self.export_wished.emit(form))
            buttons.addWidget(button, 2 if role else 1)
            self._exports.append(button)
        outer.addLayout(buttons)
        self.setAccessibleName("Plan")
        self.show_nothing()

    def set_look(self, look: Look) -> None:
        """Take other colours; what is shown must be shown again."""
        self._look = look

    def show_nothing(self) -> None:
        """Before the first answer."""
        cleared(self._content)
        self._shown = self._badge = None
        self._content.addWidget(label("PLAN", "over"))
        self._content.addWidget(label("Looking for the best plan …", "title"))
        self._content.addWidget(
            label("Every candidate of the catalogue is estimated first.", "quiet", wraps=True)
        )
        self._content.addStretch(1)
        for button in self._exports:
            button.setEnabled(False)

    def show_card(self, shown: CardShown, *, is_current: bool) -> None:
        """Show a plan; one that answers an earlier question is greyed and says so."""
        place = self._area.verticalScrollBar().value()
        cleared(self._content)
        add = self._content.addWidget
        self._shown = shown
        add(self._head())
        headline = label(shown.headline, "headline", wraps=True)
        headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        add(headline)
        for figure in shown.figures:
            add(self._figure(figure))
        add(label(shown.why, "", wraps=True))
        if shown.is_a_look:
            back = QPushButton("‹  Back to the plan")
            back.clicked.connect(self.plan_wished)
            add(back)
        if shown.moves:
            add(rule())
            self._choices(shown.moves_title, shown.moves)
        if shown.others:
            add(rule())
            self._choices(shown.others_title, shown.others)
        if shown.memory is not None:
            add(rule())
            self._memory(shown.memory)
        add(rule())
        self._folds(shown)
        self._content.addStretch(1)
        self.setAccessibleDescription(spoken(shown))
        self._area.verticalScrollBar().setValue(place)
        self.set_current(is_current=is_current)
        self._mark(is_current=is_current)

    def set_current(self, *, is_current: bool) -> None:
        """Grey a plan that answers an earlier question, and say so.

        Most answers come before the eye sees a change, and greying paints the whole card anew.
        """
        for button in self._exports:
            button.setEnabled(is_current)
        self._patience.stop()
        if is_current:
            self._mark(is_current=True)
        else:
            self._patience.start()

    def _mark(self, *, is_current: bool) -> None:
        self._haze.setEnabled(not is_current)
        if self._shown is not None and self._badge is not None:
            self._badge.setText(self._shown.badge if is_current else "Of the last question")
            set_property(self._badge, "tone", self._shown.tone if is_current else "warning")

    def _head(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        self._badge = QLabel()
        self._badge.setObjectName("badge")
        row.addWidget(self._badge)
        row.addStretch(1)
        pin = QPushButton("Pin")
        pin.setProperty("role", "link")
        pin.setObjectName("pin")
        pin.setToolTip("Keep it to compare (Ctrl+P)")
        pin.clicked.connect(self.pin_wished)
        row.addWidget(pin)
        return holder

    def _figure(self, figure: FigureShown) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.addWidget(label(figure.label, "strong"), 0, 0)
        grid.addWidget(label(figure.interval, "quiet"), 0, 1)
        grid.addWidget(label(figure.value, "value"), 0, 2, Qt.AlignmentFlag.AlignRight)
        if figure.gauge is not None:
            grid.addWidget(GaugeStrip(self._look, figure.gauge, figure.tone), 1, 0, 1, 3)
        room = label(figure.room, figure.tone, wraps=True)
        grid.addWidget(room, 2, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        return holder

    def _choices(self, title: str, choices: tuple[Choice, ...]) -> None:
        self._content.addWidget(label(title, "strong"))
        box = column(None, 2)
        for choice in choices:
            row = ChoiceRow(choice)
            row.clicked.connect(self._on_choice)
            box.addWidget(row)
        self._content.addLayout(box)

    def _memory(self, memory: MemoryShown) -> None:
        self._content.addWidget(label("Memory of one GPU", "strong"))
        self._content.addWidget(MemoryStrip(self._look, memory))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(1)
        for at, ((name, size), colour) in enumerate(
            zip(memory.parts, part_colours(self._look), strict=False)
        ):
            legend = QLabel(
                f'<span style="color:{colour.name()}">■</span> {name} {bytes_text(size)}'
            )
            legend.setProperty("role", "quiet")
            grid.addWidget(legend, at // LEGEND_COLUMNS, at % LEGEND_COLUMNS)
        self._content.addLayout(grid)
        self._content.addWidget(label(memory.words, "quiet"))

    def _folds(self, shown: CardShown) -> None:
        for table in shown.tables:
            title = "How it runs" if table.title == "The plan" else table.title
            self._fold(title, partial(_fill_with_table, table))
        for section in shown.grounds:
            self._fold(section.title, partial(_fill_with_sentences, section))

    def _fold(self, title: str, fill: Callable[[QVBoxLayout], None]) -> None:
        """A fold whose labels are made when it is opened: most stay closed at every answer."""
        fold = Fold(title, is_open=title in self._open)
        fold.button.toggled.connect(lambda is_open: self._remember(title, is_open=is_open))
        fold.fill_when_opened(lambda: fill(fold.body))
        self._content.addWidget(fold)

    def _remember(self, title: str, *, is_open: bool) -> None:
        (self._open.add if is_open else self._open.discard)(title)

    def _on_choice(self) -> None:
        row = self.sender()
        if not isinstance(row, ChoiceRow):
            return
        if row.choice.move is not None:
            self.move_wished.emit(row.choice.move)
        elif row.choice.key:
            self.look_wished.emit(row.choice.key)


def _fill_with_table(table: Table, body: QVBoxLayout) -> None:
    body.addWidget(table_grid(table))


def _fill_with_sentences(section: Section, body: QVBoxLayout) -> None:
    for sentence in section.sentences:
        said = label(sentence, "quiet", wraps=True)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        body.addWidget(said)
