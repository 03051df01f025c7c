"""Above the region: an outcome that is no plan, with the changes that help, one click each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.views.pieces import cleared, column, label, set_property

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

    from gui.banners import BannerShown


LEAST_TEXT_PIXELS = 340


class Banner(QFrame):
    """Shows a `BannerShown`; hidden where there is nothing to say."""

    move_wished = Signal(object)
    """A `Move`."""
    retry_wished = Signal()
    measure_wished = Signal()
    """What to measure is to be seen."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        self._title = label("", "strong", wraps=True)
        self._text = label("", "", wraps=True)
        self._moves = column(None, 4)
        for part in (self._title, self._text):
            # Wrapped at a width of nothing, the text would push the window off the screen.
            part.setMinimumWidth(LEAST_TEXT_PIXELS)
            layout.addWidget(part)
        layout.addLayout(self._moves)
        self.hide()

    def show_banner(self, shown: BannerShown | None) -> None:
        """Show what is to be said, or nothing."""
        cleared(self._moves)
        self.setVisible(shown is not None)
        if shown is None:
            return
        set_property(self, "banner", shown.tone)
        self._title.setText(shown.title)
        self._text.setText(shown.text)
        self._text.setVisible(bool(shown.text))
        self.setAccessibleName(shown.title)
        self.setAccessibleDescription(shown.text)
        for choice in shown.moves:
            self._moves.addWidget(self._move(choice.title, choice.figures, choice.move))
        for is_offered, words, name, told in (
            (shown.can_measure, "See what to measure", "measure", self.measure_wished),
            (shown.can_retry, "Solve again", "retry", self.retry_wished),
        ):
            if is_offered:
                self._moves.addLayout(self._button(words, name, told))

    def _button(self, words: str, name: str, told: SignalInstance) -> QHBoxLayout:
        button = QPushButton(words)
        button.setObjectName(name)
        button.clicked.connect(told)
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        return row

    def _move(self, title: str, figures: str, move: object) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        button = QPushButton(title)
        button.setObjectName("relax")
        button.clicked.connect(lambda: self.move_wished.emit(move))
        row.addWidget(button)
        row.addWidget(label(f"→ {figures}" if figures else "", "quiet"))
        row.addStretch(1)
        return holder
