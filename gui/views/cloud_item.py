"""All candidates as one item of the plot: dots copied from a sheet of ready pictures.

pyqtgraph's own scatter keeps a brush a point (600 ms for 10,000); here a colour is a place on the
sheet, so that a new limit recolours every dot in a millisecond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QTransform

from gui.cloud import EXCLUDED, FEASIBLE, NEAR_MISS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from gui.theme import Look

CELL = 12
"""Side of a picture on the sheet. [px]"""

EXCLUDED_CELL, NEAR_CELL, UNPREDICTED_CELL, FIRST_COLOUR = 0, 1, 2, 3

RADII = {FEASIBLE: 3.2, NEAR_MISS: 2.1, EXCLUDED: 1.4}
"""Sizes of dots. [px]"""


class CloudItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Draws dots at given places with given cells of the sheet, in the order of importance."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._sheet: QPixmap | None = None
        self._x: NDArray[np.float64] = np.empty(0)
        self._y: NDArray[np.float64] = np.empty(0)
        self._cells: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._fragments = PrimitiveArray(QPainter.PixmapFragment, 10)
        self._bounds = QRectF()
        self._picture: QPixmap | None = None
        self._painted_for: tuple[float, ...] = ()

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self._sheet = self._picture = None
        self.update()

    def set_bounds(self, bounds: QRectF) -> None:
        """The part of the plane that is shown."""
        self.prepareGeometryChange()
        self._bounds = bounds

    def show_dots(
        self, x: NDArray[np.float64], y: NDArray[np.float64], cells: NDArray[np.int64]
    ) -> None:
        """Draw these dots, the first at the bottom."""
        self._x, self._y, self._cells = x, y, cells
        self._picture = None
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """What may be painted on."""
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Copy the dots from the sheet, in whole device pixels' sizes."""
        del option, widget
        if len(self._x) == 0:
            return
        ratio = painter.device().devicePixelRatioF()
        to_pixels: QTransform = painter.transform()
        area = to_pixels.mapRect(self._bounds).toAlignedRect()
        place = (ratio, to_pixels.m11(), to_pixels.m22(), to_pixels.dx(), to_pixels.dy())
        if self._picture is None or place != self._painted_for:
            self._picture = self._painted(to_pixels, area, ratio)
            self._painted_for = place
        painter.resetTransform()
        painter.drawPixmap(area.topLeft(), self._picture)

    def _painted(self, to_pixels: QTransform, area: QRect, ratio: float) -> QPixmap:
        """All dots, copied from the sheet once for many frames."""
        if self._sheet is None or self._sheet.devicePixelRatio() != ratio:
            self._sheet = sheet(self._look, ratio)
        picture = QPixmap(round(area.width() * ratio), round(area.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        self._fragments.resize(len(self._x))
        cell = CELL * ratio
        rows = self._fragments.ndarray()
        rows[:, 0] = self._x * to_pixels.m11() + (to_pixels.dx() - area.left())
        rows[:, 1] = self._y * to_pixels.m22() + (to_pixels.dy() - area.top())
        rows[:, 2] = self._cells * cell
        rows[:, 3] = 0.0
        rows[:, 4:6] = cell
        rows[:, 6:8] = 1.0 / ratio
        rows[:, 8] = 0.0
        rows[:, 9] = 1.0
        # The sheet's own ratio would be applied on top of the scale above.
        plain = QPixmap(self._sheet)
        plain.setDevicePixelRatio(1.0)
        first, count = self._fragments.drawargs()
        painter = QPainter(picture)
        painter.drawPixmapFragments(first, count, plain)
        painter.end()
        return picture


def cells_of(
    states: NDArray[np.int64], accuracy: NDArray[np.float32], low: float, high: float, colours: int
) -> NDArray[np.int64]:
    """The cell of the sheet of each candidate.

    Args:
        states: FEASIBLE, NEAR_MISS or EXCLUDED.
        accuracy: NaN where it is not predicted. [0..1]
        low: accuracy of the first colour.
        high: accuracy of the last colour.
        colours: how many there are.
    """
    share = (accuracy.astype(np.float64) - low) / max(high - low, 1e-9)
    step = np.clip(np.nan_to_num(share, nan=0.0) * (colours - 1), 0, colours - 1).astype(np.int64)
    coloured = np.where(np.isnan(accuracy), UNPREDICTED_CELL, FIRST_COLOUR + step)
    others = np.where(states == NEAR_MISS, NEAR_CELL, EXCLUDED_CELL)
    return np.where(states == FEASIBLE, coloured, others)


def sheet(look: Look, ratio: float) -> QPixmap:
    """Every kind of dot side by side."""
    chart = look.chart
    kinds = [(chart.excluded, EXCLUDED), (chart.near_miss, NEAR_MISS), (chart.feasible, FEASIBLE)]
    kinds += [(colour, FEASIBLE) for colour in chart.ramp]
    pixmap = QPixmap(round(CELL * ratio) * len(kinds), round(CELL * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for at, (name, state) in enumerate(kinds):
        colour = QColor(name)
        colour.setAlphaF({FEASIBLE: 0.95, NEAR_MISS: 0.5, EXCLUDED: 0.45}[state])
        painter.setBrush(colour)
        edge = QPen(QColor(look.card), 0.7) if state == FEASIBLE else QPen(Qt.PenStyle.NoPen)
        painter.setPen(edge)
        painter.drawEllipse(QPointF((at + 0.5) * CELL, CELL / 2), RADII[state], RADII[state])
    painter.end()
    return pixmap
