"""The curve of accuracy by examples: band, median, points, what is wanted; logarithms across."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from gui.views.axes import HumanAxis
from gui.views.pieces import label
from solver.export.axes import LogAxis, Tick
from solver.export.words import accuracy_text, short_count_text

if TYPE_CHECKING:
    from gui.learning import Curve, Point
    from gui.theme import Look

NEAR_PIXELS = 10.0
TOP_PIXELS = 10
ROOM = 0.06
"""Beyond the data on each side. [share]"""

SIGNS = {"pilot": ("o", 11), "own": ("s", 11), "published": ("d", 9)}
"""Symbol and size of each kind of point. [px]"""


class PercentAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Marks shares in percent."""

    def tickStrings(  # noqa: N802 - pyqtgraph's name
        self, values: list[float], scale: float, spacing: float
    ) -> list[str]:
        """The words of the marks."""
        del scale
        digits = 0 if spacing >= 0.01 else 1  # noqa: PLR2004 - a percentage point
        return [f"{value * 100:.{digits}f} %" for value in values]


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Shows a `Curve`."""

    def __init__(self, look: Look) -> None:
        left = PercentAxis("left")
        left.enableAutoSIPrefix(False)  # noqa: FBT003 - pyqtgraph's call
        super().__init__(axisItems={"bottom": HumanAxis("bottom", count_ticks), "left": left})
        self._look = look
        self._points: tuple[Point, ...] = ()
        view = self.getPlotItem()
        view.hideButtons()
        view.setMenuEnabled(False)
        view.layout.setContentsMargins(0, TOP_PIXELS, 0, 0)
        self._view = view.getViewBox()
        self._view.setMouseEnabled(False, False)  # noqa: FBT003 - pyqtgraph's call
        self.setLabel("bottom", "Training examples")
        self.setLabel("left", "Accuracy")
        self._low, self._high = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._band = pg.FillBetweenItem(self._low, self._high)
        self._median = pg.PlotCurveItem(antialias=True)
        self._wanted = pg.InfiniteLine(angle=90, label=" ", labelOpts={"position": 0.06})
        # Its words stand above the line, where the axis begins.
        above = {"position": 0.01, "anchors": [(0, 1), (0, 1)]}
        self._minimum = pg.InfiniteLine(angle=0, label=" ", labelOpts=above)
        self._errors = pg.ErrorBarItem(beam=0.0)
        self._dots = pg.ScatterPlotItem(pxMode=True)
        items = (self._band, self._median, self._wanted, self._minimum, self._errors, self._dots)
        for item in items:
            self.addItem(item, ignoreBounds=True)
        self._hover = label("", "hover")
        self._hover.setParent(self)
        self._hover.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hover.hide()
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.setAccessibleName("Accuracy by training examples")
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        ratio, chart = self.devicePixelRatioF(), look.chart
        self.setBackground(QColor(look.card))
        self.getAxis("bottom").set_look(look)
        left = self.getAxis("left")
        left.setPen(pg.mkPen(QColor(look.edge)))
        left.setTextPen(pg.mkPen(QColor(look.quiet)))
        left.setLabel("Accuracy", **{"color": look.quiet, "font-size": "12px"})
        accent = QColor(look.accent)
        self._median.setPen(pg.mkPen(accent, width=2.4 * ratio))
        band = QColor(accent)
        band.setAlphaF(0.18)
        self._band.setBrush(pg.mkBrush(band))
        for line, colour in ((self._wanted, look.quiet), (self._minimum, chart.budget)):
            style = Qt.PenStyle.DashLine
            line.setPen(pg.mkPen(QColor(colour), width=1.4 * ratio, style=style))
            line.label.setColor(QColor(colour))
        self._errors.setOpts(pen=pg.mkPen(QColor(look.ink), width=1.2 * ratio))
        self._dress_points()

    def show_curve(self, curve: Curve | None) -> None:
        """Show a curve; None: nothing."""
        self._hover.hide()
        if curve is None:
            curve_points: tuple[Point, ...] = ()
            x = median = low = high = np.empty(0)
        else:
            curve_points = curve.points
            x = np.log10(np.array(curve.examples)) if curve.examples else np.empty(0)
            median, low, high = (np.array(v) for v in (curve.median, curve.low, curve.high))
        self._points = curve_points
        self._median.setData(x, median)
        self._low.setData(x, low)
        self._high.setData(x, high)
        self._band.setVisible(len(x) > 0)
        wanted = None if curve is None else curve.wanted_examples
        minimum = None if curve is None else curve.minimum
        self._wanted.setVisible(wanted is not None)
        if wanted is not None:
            self._wanted.setValue(math.log10(wanted))
            self._wanted.label.setFormat(f"the job: {short_count_text(wanted)}")
        self._minimum.setVisible(minimum is not None)
        if minimum is not None:
            self._minimum.setValue(minimum)
            self._minimum.label.setFormat(f"minimum {accuracy_text(minimum)}")
        self._dress_points()
        self._frame(x, np.r_[low, high], wanted, minimum)

    def _dress_points(self) -> None:
        look, ratio = self._look, self.devicePixelRatioF()
        fills = {"pilot": look.chart.star, "own": look.good, "published": look.card}
        edge = pg.mkPen(QColor(look.ink), width=1.2 * ratio)
        self._dots.setData(
            [
                {
                    "pos": (math.log10(point.examples), point.score),
                    "symbol": SIGNS[point.kind][0],
                    "size": SIGNS[point.kind][1],
                    "brush": pg.mkBrush(QColor(fills[point.kind])),
                    "pen": edge,
                }
                for point in self._points
            ]
        )
        sure = [point for point in self._points if point.half_width > 0]
        x = np.array([math.log10(point.examples) for point in sure])
        y = np.array([point.score for point in sure])
        height = np.array([2 * point.half_width for point in sure])
        self._errors.setData(x=x, y=y, height=height)

    def _frame(
        self, x: np.ndarray, y: np.ndarray, wanted: float | None, minimum: float | None
    ) -> None:
        across = [*x.tolist(), *(math.log10(point.examples) for point in self._points)]
        across += [math.log10(wanted)] if wanted is not None else []
        upwards = [*y.tolist(), *(point.score for point in self._points)]
        upwards += [minimum] if minimum is not None else []
        if not across:
            across = [2.0, 5.0]
        if not upwards:
            upwards = [0.4, 1.0]
        wide = max(max(across) - min(across), 0.5) * ROOM
        high = max(max(upwards) - min(upwards), 0.04) * ROOM
        self._view.setRange(
            xRange=(min(across) - wide, max(across) + wide),
            yRange=(max(min(upwards) - high, -0.01), min(max(upwards) + high, 1.01)),
            padding=0,
        )

    def _on_mouse_moved(self, at: QPointF) -> None:
        here = self._view.mapSceneToView(at)
        wide, high = self._view.viewPixelSize()
        near = [
            (math.hypot((math.log10(p.examples) - here.x()) / wide, (p.score - here.y()) / high), p)
            for p in self._points
        ]
        close = [pair for pair in near if pair[0] <= NEAR_PIXELS]
        if not close:
            self._hover.hide()
            return
        self._hover.setText(min(close, key=lambda pair: pair[0])[1].words)
        self._hover.adjustSize()
        place = self.mapFromScene(at)
        x = min(place.x() + 14, self.width() - self._hover.width() - 4)
        y = min(place.y() + 16, self.height() - self._hover.height() - 4)
        self._hover.move(max(x, 0), max(y, 0))
        self._hover.show()
        self._hover.raise_()


def count_ticks(axis: LogAxis, room: float) -> tuple[Tick, ...]:
    """Familiar counts on a logarithmic axis: 1, 2 and 5 times powers of ten, as many as fit."""
    first, last = math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high))
    seen: list[float] = []
    for steps in ((1, 2, 5), (1, 3), (1,)):
        values = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        seen = [value for value in values if axis.low <= value <= axis.high]
        if all(abs(axis.at(b) - axis.at(a)) >= room for a, b in pairwise(seen)):
            break
    return tuple(Tick(value, short_count_text(value)) for value in seen)
