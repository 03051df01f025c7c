"""The region: time across, cost upwards, both in logarithms; limits can be dragged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsRectItem

from gui.bounds import Bounds
from gui.changes import BUDGET, DEADLINE, of_field
from gui.plane import Plane, plane_of, rounded
from gui.present import count_words
from gui.views.axes import time_axis, usd_axis
from gui.views.cloud_item import CloudItem, cells_of
from gui.views.limit_line import LimitLine
from gui.views.pieces import label
from solver.export.words import accuracy_text, hours_text, usd_text

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from gui.changes import Change
    from gui.cloud import Cloud
    from gui.theme import Look
    from solver.question import Aim

    Pair = tuple[float, float]

NEAR_PIXELS = 11.0
"""How near a dot the mouse must be. [px]"""

KEY_STEP, LARGE_STEP = 1.02, 1.15
"""Factor of one press of an arrow key, and with Shift. [1]"""

KEY_REST_MS = 700
"""Presses with less time between them are one step to undo. [ms]"""

COLOURED_AT_ONCE = 30_000
"""With more dots than these a drag moves the lines at once and the colours when it rests. [1]"""

COLOUR_REST_MS = 60

KEYS = {
    Qt.Key.Key_Right: (DEADLINE, 1),
    Qt.Key.Key_Left: (DEADLINE, -1),
    Qt.Key.Key_Up: (BUDGET, 1),
    Qt.Key.Key_Down: (BUDGET, -1),
}


# Every move of the mouse counts: a frame takes a few milliseconds.
pg.setConfigOptions(mouseRateLimit=-1, antialias=True, useOpenGL=False)


class RegionPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Shows a cloud under bounds; tells of drags, key presses and clicks."""

    change_wished = Signal(object)
    """A `Change`."""
    gesture_ended = Signal()
    look_wished = Signal(str)
    """The key of the candidate that was clicked."""
    plan_wished = Signal()
    """The plan's star was clicked, or nothing."""

    def __init__(self, look: Look) -> None:
        axes = {"bottom": time_axis(), "left": usd_axis()}
        super().__init__(axisItems=axes, enableMenu=False)  # a menu that is never shown takes 3 ms
        self._look = look
        self._cloud: Cloud | None = None
        self._bounds = Bounds(None, None, None)
        self._plane: Plane | None = None
        self._range: Pair | None = None
        self._plan: Pair | None = None
        self._drawn: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
        view = self.getPlotItem()
        view.hideButtons()
        self._view = view.getViewBox()
        self._view.setMouseEnabled(False, False)  # noqa: FBT003 - pyqtgraph's call
        self._view.setDefaultPadding(0.0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Region of candidates: time across, cost upwards")
        self._make_items()
        self._hover = label("", "hover")
        self._hover.setParent(self)
        self._hover.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hover.hide()
        self._key_rest = QTimer(self, singleShot=True, interval=KEY_REST_MS)
        self._key_rest.timeout.connect(self.gesture_ended)
        self._colour_rest = QTimer(self, singleShot=True, interval=COLOUR_REST_MS)
        self._colour_rest.timeout.connect(self._colour)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.set_look(look)

    @property
    def is_dragging(self) -> bool:
        """True while a line is held: nothing may move under the hand."""
        return bool(self._deadline.moving or self._budget.moving)

    @property
    def deadline_line(self) -> LimitLine:
        """The upright line."""
        return self._deadline

    @property
    def budget_line(self) -> LimitLine:
        """The level line."""
        return self._budget

    @property
    def accuracy_range(self) -> Pair | None:
        """Accuracies of the first and the last colour; None where none is predicted. [0..1]"""
        return self._range

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        ratio, chart = self.devicePixelRatioF(), look.chart
        self.setBackground(QColor(look.card))
        veil = QColor(look.window)
        self._view.setBackgroundColor(veil)
        self._kept.setBrush(QColor(look.kept_ground if look.is_dark else look.card))
        for name in ("bottom", "left"):
            self.getAxis(name).set_look(look)
        self._dots.set_look(look)
        self._frontier.setPen(pg.mkPen(QColor(look.good), width=2.2 * ratio))
        star = pg.mkPen(QColor(chart.star_edge), width=1.2 * ratio)
        self._star.setPen(star)
        self._star.setBrush(pg.mkBrush(QColor(chart.star)))
        ghost = pg.mkPen(QColor(chart.ink), width=1.4 * ratio)
        self._ghost.setPen(ghost)
        self._ghost.setBrush(pg.mkBrush(None))
        self._ring.setPen(pg.mkPen(QColor(look.accent), width=2.4 * ratio))
        self._ring.setBrush(pg.mkBrush(None))
        self._deadline.dress(look, chart.deadline, ratio)
        self._budget.dress(look, chart.budget, ratio)

    def show_cloud(self, cloud: Cloud | None, bounds: Bounds) -> None:
        """Show other candidates."""
        self._cloud = cloud
        self._hover.hide()
        if cloud is None:
            self._plane = None
        elif self._plane is None or not self.is_dragging:
            self._plane = plane_of(cloud, bounds, self._plane)
        if cloud is None or self._plane is None:
            self._dots.show_dots(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
            self._frontier.setData([], [])
            return
        plane = self._plane
        self._view.setRange(
            xRange=(plane.left, plane.right), yRange=(plane.bottom, plane.top), padding=0
        )
        self.getAxis("left").set_lane(plane.lane)
        self._dots.set_bounds(
            QRectF(plane.left, plane.bottom, plane.right - plane.left, plane.top - plane.bottom)
        )
        for line, low, high in (
            (self._deadline, plane.left, plane.right),
            (self._budget, plane.bottom, plane.top),
        ):
            line.setBounds((low + 0.01, high - 0.01))
        known = cloud.accuracy[np.isfinite(cloud.accuracy)]
        self._range = None
        if len(known):
            low, high = np.quantile(known, (0.15, 1.0))
            self._range = (float(low), float(max(high, low + 0.01)))
        x, y = self._places = (plane.x(cloud.hours), plane.y(cloud.usd))
        self._inside = np.flatnonzero(
            (x >= plane.left) & (x <= plane.right) & (y >= plane.bottom) & (y <= plane.top)
        )
        self.show_bounds(bounds)

    def show_bounds(self, bounds: Bounds) -> None:
        """Move the lines and colour every candidate anew."""
        self._bounds = bounds
        deadline, budget = bounds.deadline_hours, bounds.budget_usd
        self._deadline.show_at(
            None if deadline is None else math.log10(deadline),
            "" if deadline is None else f"deadline {hours_text(deadline)}",
        )
        self._budget.show_at(
            None if budget is None else math.log10(max(budget, 1e-9)),
            "" if budget is None else f"budget {usd_text(budget)}",
        )
        plane = self._plane
        if self._cloud is None or plane is None:
            return
        right = plane.right if deadline is None else math.log10(deadline)
        top = plane.top if budget is None else math.log10(max(budget, 1e-9))
        self._kept.setRect(
            QRectF(plane.left, plane.bottom, right - plane.left, max(top - plane.bottom, 0.0))
        )
        if len(self._cloud) > COLOURED_AT_ONCE:
            self._colour_rest.start()
        else:
            self._colour()

    def _colour(self) -> None:
        """Colour every candidate by what the bounds make of it, the important ones on top."""
        cloud, plane = self._cloud, self._plane
        if cloud is None or plane is None:
            return
        states = cloud.states(self._bounds)
        x, y = self._places
        low, high = self._range or (0.0, 1.0)
        cells = cells_of(states, cloud.accuracy, low, high, len(self._look.chart.ramp))
        order = self._inside[np.argsort(cells[self._inside].astype(np.uint8), kind="stable")]
        self._drawn = (x[order], y[order], order)
        self._dots.show_dots(x[order], y[order], cells[order])
        edge = cloud.frontier(states)
        self._frontier.setData(*_stairs(x[edge], y[edge]))

    def show_plan(self, plan: Pair | None, *, is_current: bool) -> None:
        """Mark the plan; faint while it answers an earlier question."""
        self._plan = plan
        if plan is None or self._plane is None:
            self._star.setVisible(False)
            return
        self._star.setVisible(True)
        x, y = self._plane.place(*plan)
        self._star.setData([x], [y])
        self._star.setOpacity(1.0 if is_current else 0.35)

    def show_preview(self, aim: Aim | None) -> None:
        """Mark where the plan will be under the present bounds; None: no mark."""
        cloud, plane = self._cloud, self._plane
        found = None if cloud is None or aim is None else cloud.best(self._bounds, aim)
        if found is None or cloud is None or plane is None:
            self._ghost.setVisible(False)
            return
        self._ghost.setVisible(True)
        x, y = self._places
        self._ghost.setData([float(x[found])], [float(y[found])])

    def show_ring(self, place: Pair | None) -> None:
        """Mark the candidate that is looked at."""
        if place is None or self._plane is None:
            self._ring.setVisible(False)
            return
        self._ring.setVisible(True)
        x, y = self._plane.place(*place)
        self._ring.setData([x], [y])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the limits: across the deadline, upwards the budget."""
        found = KEYS.get(Qt.Key(event.key()))
        if found is None:
            super().keyPressEvent(event)
            return
        path, direction = found
        large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        factor = (LARGE_STEP if large else KEY_STEP) ** direction
        bounds = self._bounds
        before = bounds.deadline_hours if path == DEADLINE else bounds.budget_usd
        if before:
            self._wish(path, rounded(before * factor, 4))
            self._key_rest.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The mark under the mouse is no longer there."""
        super().resizeEvent(event)
        if hasattr(self, "_hover"):
            self._hover.hide()

    def _make_items(self) -> None:
        self._kept = QGraphicsRectItem()
        self._kept.setPen(Qt.PenStyle.NoPen)
        self._kept.setZValue(-20)
        self._dots = CloudItem(self._look)
        self._frontier = pg.PlotCurveItem(antialias=True)
        self._frontier.setZValue(10)
        self._star = pg.ScatterPlotItem(symbol="star", size=23, pxMode=True)
        self._star.setZValue(40)
        self._ghost = pg.ScatterPlotItem(symbol="star", size=23, pxMode=True)
        self._ghost.setZValue(39)
        self._ring = pg.ScatterPlotItem(symbol="o", size=17, pxMode=True)
        self._ring.setZValue(38)
        self._deadline = LimitLine(is_upright=True)
        self._budget = LimitLine(is_upright=False)
        for item in (self._kept, self._dots, self._frontier, self._ring, self._ghost, self._star):
            self.addItem(item, ignoreBounds=True)
        for line, path in ((self._deadline, DEADLINE), (self._budget, BUDGET)):
            self.addItem(line, ignoreBounds=True)
            line.hide()
            line.sigDragged.connect(
                lambda moved, path=path: self._wish(path, rounded(10.0 ** moved.value()))
            )
            line.sigPositionChangeFinished.connect(lambda _: self.gesture_ended.emit())
        self.setLabel("bottom", "Time to finish")
        self.setLabel("left", "Cost")

    def _wish(self, path: tuple[str | int, ...], value: float) -> None:
        words = "deadline moved" if path == DEADLINE else "budget moved"
        change: Change = of_field(words, path, value, merges=True)
        self.change_wished.emit(change)

    def _nearest(self, at: QPointF) -> int | None:
        """Position of the candidate under the mouse; the one drawn on top where dots overlap."""
        if self._cloud is None or self._drawn is None or len(self._drawn[0]) == 0:
            return None
        x, y, order = self._drawn
        here = self._view.mapSceneToView(at)
        wide, high = self._view.viewPixelSize()
        distance = np.hypot((x - here.x()) / wide, (y - here.y()) / high)
        close = np.flatnonzero(distance <= NEAR_PIXELS)
        if len(close) == 0:
            return None
        # Dots that count come last in the drawing order: half a step of distance in their favour.
        favour = distance[close] - 4.0 * close / len(x)
        return int(order[close[int(np.argmin(favour))]])

    def _on_mouse_moved(self, at: QPointF) -> None:
        inside = self._view.sceneBoundingRect().contains(at)
        found = self._nearest(at) if inside and not self.is_dragging else None
        if found is None or self._cloud is None:
            self._hover.hide()
            return
        self._hover.setText(hover_text(self._cloud, found))
        self._hover.adjustSize()
        place = self.mapFromScene(at)
        x = min(place.x() + 14, self.width() - self._hover.width() - 4)
        y = place.y() + 16
        if y + self._hover.height() > self.height():
            y = place.y() - self._hover.height() - 8
        self._hover.move(max(x, 0), max(y, 0))
        self._hover.show()
        self._hover.raise_()

    def _on_mouse_clicked(self, event: object) -> None:
        at = event.scenePos()  # type: ignore[attr-defined]  # pyqtgraph has no types
        if not self._view.sceneBoundingRect().contains(at):
            return
        found = self._nearest(at)
        if found is None or self._cloud is None:
            self.plan_wished.emit()
        else:
            self.look_wished.emit(self._cloud.key(found))


def hover_text(cloud: Cloud, position: int) -> str:
    """A candidate in two lines."""
    model = cloud.models[cloud.model[position]]
    variant = cloud.variants[cloud.variant[position]].replace(":", " · ")
    accuracy = float(cloud.accuracy[position])
    known = accuracy_text(None if math.isnan(accuracy) else accuracy)
    offer, _, count = cloud.rents[cloud.rent[position]].rpartition(":")
    return (
        f"{model} · {variant}\n{count_words(count, ', '.join(offer.split('/')))}\n"
        f"{hours_text(float(cloud.hours[position]))} · "
        f"{usd_text(float(cloud.usd[position]))} · accuracy {known}"
    )


def _stairs(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the frontier: between two of its candidates there is none."""
    if len(x) < 2:  # noqa: PLR2004 - a line needs two points
        return np.empty(0), np.empty(0)
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
