"""Painted strips: a predicted quantity against its limit, memory by part, the colours' legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from solver.export.words import bytes_text

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from gui.present import Gauge, MemoryShown
    from gui.theme import Look

PART_STEPS = (0.12, 0.3, 0.45, 0.58, 0.7, 0.82, 0.94)
"""Places of the parts of memory on the ramp of colours."""


class Strip(QWidget):
    """A painted line of fixed height that takes the width it gets."""

    def __init__(self, look: Look, height: int) -> None:
        super().__init__()
        self._look = look
        self._height = height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is room."""
        return QSize(120, self._height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """May become narrow."""
        return QSize(40, self._height)


class GaugeStrip(Strip):
    """The 80 % interval and the median of a quantity beside its limit."""

    def __init__(self, look: Look, gauge: Gauge, tone: str) -> None:
        super().__init__(look, 14)
        self._gauge = gauge
        self._tone = tone

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, interval, median and limit."""
        del event
        look, gauge = self._look, self._gauge
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width, middle = self.width() - 2.0, self.height() / 2
        track = QRectF(1, middle - 2, width, 4)
        painter.setBrush(QColor(look.track))
        painter.drawRoundedRect(track, 2, 2)
        colour = QColor({"good": look.good, "warning": look.warning}.get(self._tone, look.bad))
        left, right = 1 + gauge.low * width, 1 + gauge.high * width
        band = QColor(colour)
        band.setAlphaF(0.45)
        painter.setBrush(band)
        painter.drawRoundedRect(QRectF(left, middle - 4, max(right - left, 3), 8), 4, 4)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(1 + gauge.median * width, middle), 4.5, 4.5)
        if gauge.limit is not None:
            x = 1 + gauge.limit * width
            painter.setPen(QPen(QColor(look.ink), 2))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.end()


class MemoryStrip(Strip):
    """Memory of one GPU by part, on the length of what it has."""

    def __init__(self, look: Look, memory: MemoryShown) -> None:
        super().__init__(look, 12)
        self._memory = memory
        said = "\n".join(f"{name}: {bytes_text(size)}" for name, size in memory.parts)
        self.setToolTip(said)
        self.setAccessibleName("Memory per GPU")
        self.setAccessibleDescription(said)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Parts from the left, the rest is free."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.track))
        width = float(self.width())
        painter.drawRoundedRect(QRectF(0, 0, width, self.height()), 3, 3)
        x = 0.0
        for (_, size), colour in zip(self._memory.parts, part_colours(self._look), strict=False):
            length = size / self._memory.capacity * width
            painter.setBrush(colour)
            painter.drawRect(QRectF(x, 0, max(length - 1, 0.5), self.height()))
            x += length
        painter.end()


class RampStrip(Strip):
    """The ramp of colours that stands for accuracy."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, 8)
        self.setFixedWidth(96)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """From the lowest to the highest."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        ramp = self._look.chart.ramp
        for step, colour in enumerate(ramp):
            gradient.setColorAt(step / (len(ramp) - 1), QColor(colour))
        painter.setBrush(gradient)
        painter.drawRoundedRect(QRectF(0, 0, self.width(), self.height()), 3, 3)
        painter.end()


def part_colours(look: Look) -> list[QColor]:
    """Colours of the parts of memory."""
    ramp = look.chart.ramp
    return [QColor(ramp[int(step * (len(ramp) - 1))]) for step in PART_STEPS]
