"""A limit as a line in the region that can be taken hold of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont

if TYPE_CHECKING:
    from gui.theme import Look

GRIP = 7.0
"""How far beside the line the mouse may be. [px]"""


class LimitLine(pg.InfiniteLine):  # type: ignore[misc]  # pyqtgraph has no types
    """Deadline (upright) or budget (level), with its words at the end."""

    def __init__(self, *, is_upright: bool) -> None:
        super().__init__(
            angle=90 if is_upright else 0,
            movable=True,
            label=" ",
            labelOpts={
                "position": 0.035 if is_upright else 0.985,
                "movable": False,
                "rotateAxis": None,
                # On the side where there is more room: left of an upright line, above a level one.
                "anchors": [(1.04, 0.5), (1.04, 0.5)] if is_upright else [(1, 1.06), (1, 1.06)],
            },
        )
        self.setCursor(Qt.CursorShape.SizeHorCursor if is_upright else Qt.CursorShape.SizeVerCursor)
        font = QFont()
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.DemiBold)
        self.label.setFont(font)
        self.setZValue(30)

    def dress(self, look: Look, colour: str, ratio: float) -> None:
        """Take a colour; cosmetic pens do not grow with the screen's ratio by themselves."""
        self.setPen(pg.mkPen(QColor(colour), width=2.0 * ratio))
        self.setHoverPen(pg.mkPen(QColor(colour), width=3.5 * ratio))
        self.label.setColor(QColor(colour))
        ground = QColor(look.card)
        ground.setAlphaF(0.82)
        self.label.fill = pg.mkBrush(ground)
        self.label.update()

    def show_at(self, place: float | None, words: str) -> None:
        """Stand at a place of the axis; None: there is no such limit."""
        self.setVisible(place is not None)
        if place is not None:
            self.setValue(place)
            if self.label.format != words:
                self.label.setFormat(words)
