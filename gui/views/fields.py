"""Fields of the form: a text with its unit, a limit with a slider; each shows its fault."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QSlider, QWidget

from gui.reading import UnreadableError
from gui.views.pieces import column, label, set_property

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FIELD_PIXELS = 112
UNSHOWN = object()
"""Equal to no value."""

TICKS = 1_000
"""Steps of a slider. [1]"""


@dataclass(frozen=True, slots=True)
class Field:
    """What a field is about."""

    path: tuple[str | int, ...]
    name: str
    """With & before the letter that reaches it."""
    read: Callable[[str], Any]
    """What was typed as a value; raises `UnreadableError`."""
    words: Callable[[Any], str]
    """The value as text; never called with None."""
    hint: str = ""
    """Shown where nothing is typed."""
    note: str = ""

    @property
    def plain_name(self) -> str:
        """The name without its mark."""
        return self.name.replace("&", "")


@dataclass(frozen=True, slots=True)
class FieldWish:
    """A value that was typed or moved."""

    field: Field
    value: Any
    merges: bool
    """True where more steps of the same gesture may follow."""


class TextField(QWidget):
    """A label and what is typed; tells a value once it is finished."""

    wished = Signal(object)
    """A `FieldWish`."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self._shown: Any = UNSHOWN
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(field.hint)
        self.edit.setAccessibleName(field.plain_name)
        self.edit.setAccessibleDescription(field.note)
        self.edit.setObjectName(".".join(map(str, field.path)))
        self.edit.editingFinished.connect(self._on_finished)
        self.edit.textEdited.connect(self._on_edited)
        self.name = label(field.name)
        self.name.setBuddy(self.edit)
        self.error = label("", "error", wraps=True)
        self.error.hide()
        self.note = label(field.note, "quiet", wraps=True)
        self.note.setVisible(bool(field.note))
        self._top = QHBoxLayout()
        self._top.setSpacing(8)
        self._top.addWidget(self.name, 1)
        self._top.addWidget(self.edit, 0)
        self._lines = column(self, 3)
        self._lines.addLayout(self._top)
        self._lines.addWidget(self.error)
        self._lines.addWidget(self.note)
        self.edit.setFixedWidth(FIELD_PIXELS)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)

    def widen(self) -> None:
        """Give the text a line of its own: names are long."""
        self._top.removeWidget(self.edit)
        self.edit.setMinimumWidth(0)
        self.edit.setMaximumWidth(16_777_215)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._lines.insertWidget(1, self.edit)

    def complete_with(self, names: Sequence[str]) -> None:
        """Offer known names while typing."""
        completer = QCompleter(list(names), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.edit.setCompleter(completer)

    def show_value(self, value: Any) -> None:  # noqa: ANN401 - fields have many types
        """Show a value of the question; what is being typed stays."""
        if value == self._shown and not self.edit.isModified() and self.error.isHidden():
            return
        self._shown = value
        text = "" if value is None else self.field.words(value)
        is_typing = self.edit.hasFocus() and self.edit.isModified()
        if self.edit.text() != text and not is_typing:
            self.edit.setText(text)
            self.edit.setCursorPosition(0)
        if not is_typing:
            self.show_error("")

    def show_error(self, text: str) -> None:
        """Say what is wrong, beside the field."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        set_property(self.edit, "wrong", "true" if text else "false")

    def show_note(self, text: str) -> None:
        """Say something quietly below the field."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _on_edited(self) -> None:
        self.show_error("")

    def _on_finished(self) -> None:
        if not self.edit.isModified():
            return
        try:
            value = self.field.read(self.edit.text())
        except UnreadableError as error:
            self.show_error(str(error))
            return
        self.edit.setModified(False)
        self.wished.emit(FieldWish(self.field, value, merges=False))


class Wheel(QObject):
    """Keeps the mouse wheel for scrolling: a slider under it must not change by accident."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Pass wheel events on to what scrolls."""
        del watched
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False


class LimitField(TextField):
    """A limit: typed or moved, with a note of how many candidates keep it."""

    gesture_ended = Signal()

    def __init__(self, field: Field, low: float, high: float, *, is_log: bool) -> None:
        super().__init__(field)
        set_property(self.name, "role", "strong")
        self._low, self._high, self._is_log = low, high, is_log
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, TICKS)
        self.slider.setPageStep(TICKS // 20)
        self.slider.setSingleStep(TICKS // 200)
        self.slider.setAccessibleName(f"{field.plain_name} slider")
        self.slider.setFixedHeight(22)
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.sliderReleased.connect(self.gesture_ended)
        self.slider.installEventFilter(Wheel(self.slider))
        self._lines.insertWidget(1, self.slider)

    def show_value(self, value: Any) -> None:  # noqa: ANN401 - fields have many types
        """Show a limit; none at all leaves the slider grey at its loose end."""
        super().show_value(value)
        set_property(self.slider, "silent", "true" if value is None else "false")
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)  # noqa: FBT003 - Qt's call
            self.slider.setValue(TICKS if value is None else self._tick(float(value)))
            self.slider.blockSignals(False)  # noqa: FBT003 - Qt's call

    def _tick(self, value: float) -> int:
        low, high, at = self._low, self._high, min(max(value, self._low), self._high)
        if self._is_log:
            return round(TICKS * math.log(at / low) / math.log(high / low))
        return round(TICKS * (at - low) / (high - low))

    def _on_slid(self, tick: int) -> None:
        share = tick / TICKS
        if self._is_log:
            value = self._low * (self._high / self._low) ** share
            digits = 1 - math.floor(math.log10(value))
            value = round(value, digits)
        else:
            value = round(self._low + share * (self._high - self._low), 3)
        self.edit.setModified(False)
        self.wished.emit(FieldWish(self.field, value, merges=True))
        if not self.slider.isSliderDown():
            self.gesture_ended.emit()
