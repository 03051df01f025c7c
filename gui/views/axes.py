"""Axes of the region: ticks that people think in, on data that are logarithms already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont

from solver.export.axes import LogAxis, time_ticks, usd_ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gui.theme import Look
    from solver.export.axes import Tick

    Ticks = Callable[[LogAxis, float], tuple[Tick, ...]]

ROOM_ACROSS, ROOM_UPWARDS = 58.0, 34.0
"""Closest distance of two marks. [px]"""

TEXT_PIXELS = 12


class HumanAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis over log10 values that marks familiar ones."""

    def __init__(self, orientation: str, ticks: Ticks) -> None:
        super().__init__(orientation)
        self._ticks = ticks
        self._room = ROOM_ACROSS if orientation == "bottom" else ROOM_UPWARDS
        self._words: dict[float, str] = {}
        self._lane: float | None = None
        self.enableAutoSIPrefix(False)  # noqa: FBT003 - pyqtgraph's call
        font = QFont()
        font.setPixelSize(TEXT_PIXELS)
        self.setStyle(tickFont=font, tickLength=0, tickTextOffset=8)

    def set_lane(self, lane: float | None) -> None:
        """Where candidates that cost nothing lie: marked as $0."""
        self._lane = lane
        self.picture = None
        self.update()

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self.setPen(pg.mkPen(QColor(look.edge)))
        self.setTextPen(pg.mkPen(QColor(look.quiet)))
        self.labelStyle = {"color": look.quiet, "font-size": f"{TEXT_PIXELS}px"}
        self.setLabel(self.labelText)

    def tickValues(  # noqa: N802 - pyqtgraph's name
        self,
        minVal: float,  # noqa: N803 - pyqtgraph's name
        maxVal: float,  # noqa: N803 - pyqtgraph's name
        size: float,
    ) -> list[tuple[float, list[float]]]:
        """The marks, as pyqtgraph wants them: one level."""
        low, high = 10.0**minVal, 10.0**maxVal
        if not (np.isfinite(low) and np.isfinite(high) and size > 0 and high > low > 0):
            return []
        marks = self._ticks(LogAxis(low, high, 0.0, float(size)), self._room)
        made = {float(np.log10(mark.value)): mark.words for mark in marks}
        if self._lane is not None and minVal <= self._lane <= maxVal:
            gap = (maxVal - minVal) * self._room / size
            made = {at: words for at, words in made.items() if at > self._lane + gap}
            made[self._lane] = "$0"
        self._words = made
        return [(1.0, list(made))]

    def tickStrings(  # noqa: N802 - pyqtgraph's name
        self, values: Sequence[float], scale: float, spacing: float
    ) -> list[str]:
        """The words of the marks."""
        del scale, spacing
        return [self._words.get(float(value), "") for value in values]


def time_axis() -> HumanAxis:
    """Across: time to finish."""
    return HumanAxis("bottom", time_ticks)


def usd_axis() -> HumanAxis:
    """Upwards: cost."""
    return HumanAxis("left", usd_ticks)
