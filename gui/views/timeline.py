"""The jobs of a plan over time: a bar each, coloured by what it runs on, and the GPUs in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from gui.schedule import Bar, Schedule
    from gui.theme import Look

NAME_PIXELS = 120
ROW_PIXELS = 28
BAR_PIXELS = 18
AXIS_PIXELS = 24
USE_PIXELS = 54
RIGHT_PIXELS = 14
MARK_PIXELS = 58
LEAST_BAR_PIXELS = 3.0
LEAST_WIDTH = 280


class Timeline(QWidget):
    """Shows a `Schedule`; tells which job was clicked."""

    job_chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._schedule: Schedule | None = None
        self._chosen = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline of the jobs")

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self.update()

    def show_schedule(self, schedule: Schedule | None) -> None:
        """Show other jobs."""
        self._schedule = schedule
        if schedule is not None:
            self.setAccessibleDescription("\n".join(bar.hover for bar in schedule.bars))
        self.updateGeometry()
        self.update()

    def choose(self, name: str) -> None:
        """Mark a job."""
        self._chosen = name
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its rows."""
        rows = 0 if self._schedule is None else len(self._schedule.bars)
        return QSize(LEAST_WIDTH, AXIS_PIXELS + rows * ROW_PIXELS + USE_PIXELS + 10)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never lower, but narrower."""
        return QSize(LEAST_WIDTH, self.sizeHint().height())

    def bar_rect(self, position: int) -> QRectF:
        """Where the bar of a job is drawn."""
        if self._schedule is None:
            return QRectF()
        bar = self._schedule.bars[position]
        left, right = self._x(bar.start_hours), self._x(bar.end_hours)
        top = AXIS_PIXELS + position * ROW_PIXELS + (ROW_PIXELS - BAR_PIXELS) / 2
        return QRectF(left, top, max(right - left, LEAST_BAR_PIXELS), BAR_PIXELS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Axis, rows, bars, which follows which, the deadline, GPUs in use."""
        shown = self._schedule
        if shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter, shown)
        seen = event.rect()
        first = max((seen.top() - AXIS_PIXELS) // ROW_PIXELS, 0)
        rows = list(enumerate(shown.bars))[first : (seen.bottom() - AXIS_PIXELS) // ROW_PIXELS + 1]
        for position, bar in rows:
            self._paint_row(painter, position, bar)
        for position, bar in enumerate(shown.bars):
            self._paint_line_to(painter, shown, position, bar)
        for position, bar in rows:
            self._paint_bar(painter, position, bar)
        self._paint_use(painter, shown)
        if shown.deadline_hours is not None:
            x = self._x(shown.deadline_hours)
            painter.setPen(QPen(QColor(self._look.chart.deadline), 2))
            painter.drawLine(QPointF(x, AXIS_PIXELS - 6), QPointF(x, self._bottom))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the job under the mouse is."""
        at = self._row_at(event.position())
        self.setCursor(
            Qt.CursorShape.ArrowCursor if at is None else Qt.CursorShape.PointingHandCursor
        )
        if at is None or self._schedule is None:
            QToolTip.hideText()
            return
        QToolTip.showText(event.globalPosition().toPoint(), self._schedule.bars[at].hover, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the job that is clicked."""
        at = self._row_at(event.position())
        if at is not None and self._schedule is not None:
            self._tell(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk through the jobs."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or self._schedule is None:
            super().keyPressEvent(event)
            return
        at = self._schedule.at(self._chosen)
        last = len(self._schedule.bars) - 1
        self._tell(min(max((-1 if at is None else at) + step, 0), last))

    def event(self, event: QEvent) -> bool:
        """The pointer is gone: nothing is under it."""
        if event.type() == QEvent.Type.Leave:
            QToolTip.hideText()
        return super().event(event)

    @property
    def _bottom(self) -> float:
        """Lower end of the rows."""
        rows = 0 if self._schedule is None else len(self._schedule.bars)
        return float(AXIS_PIXELS + rows * ROW_PIXELS)

    def _tell(self, at: int) -> None:
        if self._schedule is not None:
            self.choose(self._schedule.bars[at].name)
            self.job_chosen.emit(self._chosen)

    def _x(self, hours: float) -> float:
        width = max(self.width() - NAME_PIXELS - RIGHT_PIXELS, 1)
        end = 1.0 if self._schedule is None else self._schedule.end_hours
        return NAME_PIXELS + hours / end * width

    def _row_at(self, place: QPointF) -> int | None:
        if self._schedule is None or not AXIS_PIXELS <= place.y() < self._bottom:
            return None
        return int((place.y() - AXIS_PIXELS) // ROW_PIXELS)

    def _paint_axis(self, painter: QPainter, shown: Schedule) -> None:
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        width = max(self.width() - NAME_PIXELS - RIGHT_PIXELS, 1)
        for hours, words in shown.marks(MARK_PIXELS / width):
            x = self._x(hours)
            painter.setPen(QPen(QColor(self._look.edge), 1))
            painter.drawLine(QPointF(x, AXIS_PIXELS), QPointF(x, self._bottom + USE_PIXELS))
            painter.setPen(QColor(self._look.quiet))
            half = MARK_PIXELS / 2
            box = QRectF(x - half, 0, MARK_PIXELS, AXIS_PIXELS - 4)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_row(self, painter: QPainter, position: int, bar: Bar) -> None:
        top = float(AXIS_PIXELS + position * ROW_PIXELS)
        is_chosen = bar.name == self._chosen
        if is_chosen:
            painter.fillRect(QRectF(0, top, self.width(), ROW_PIXELS), QColor(self._look.hover))
        hatch = QBrush(QColor(self._look.edge_strong), Qt.BrushStyle.BDiagPattern)
        for start, end in bar.busy:
            left, right = self._x(start), min(self._x(end), float(self.width()))
            painter.fillRect(QRectF(left, top + 2, max(right - left, 0.0), ROW_PIXELS - 4), hatch)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if is_chosen else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(self._look.ink))
        room = NAME_PIXELS - 12
        name = painter.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, room)
        box = QRectF(4, top, room, ROW_PIXELS)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    def _paint_bar(self, painter: QPainter, position: int, bar: Bar) -> None:
        rect, colour = self.bar_rect(position), self._colour(bar.colour)
        painter.setBrush(colour)
        edge = QColor(self._look.ink) if bar.name == self._chosen else colour
        painter.setPen(QPen(edge, 1.4))
        painter.drawRoundedRect(rect, 4, 4)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(bar.text) + 10
        if wide <= rect.width():
            painter.setPen(QColor(self._look.on_accent))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, bar.text)
        elif rect.right() + wide < self.width() - RIGHT_PIXELS:
            painter.setPen(QColor(self._look.quiet))
            beside = QRectF(rect.right() + 5, rect.top(), wide, rect.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, bar.text)

    def _paint_line_to(self, painter: QPainter, shown: Schedule, position: int, bar: Bar) -> None:
        painter.setPen(QPen(QColor(self._look.faint), 1.2))
        start = self.bar_rect(position)
        for name in bar.follows:
            at = shown.at(name)
            if at is None:
                continue
            end = self.bar_rect(at)
            x = start.left() - 5
            corner = QPointF(x, end.center().y())
            painter.drawLine(QPointF(min(end.right(), x), end.center().y()), corner)
            painter.drawLine(corner, QPointF(x, start.center().y()))
            painter.drawLine(
                QPointF(x, start.center().y()), QPointF(start.left(), start.center().y())
            )

    def _paint_use(self, painter: QPainter, shown: Schedule) -> None:
        """GPUs in use below the rows, against what may be in use."""
        top, bottom = self._bottom + 14, self._bottom + USE_PIXELS
        most = max(count for _, count in shown.in_use)
        high = max(most, shown.most_gpus or 0, 1)
        colour = QColor(self._look.accent)
        colour.setAlphaF(0.35)
        ends = [*(hours for hours, _ in shown.in_use[1:]), shown.end_hours]
        for (hours, count), end in zip(shown.in_use, ends, strict=True):
            height = (bottom - top) * count / high
            left, right = self._x(hours), self._x(end)
            painter.fillRect(QRectF(left, bottom - height, right - left, height), colour)
        painter.setPen(QPen(QColor(self._look.edge_strong), 1))
        painter.drawLine(QPointF(NAME_PIXELS, bottom), QPointF(self.width() - RIGHT_PIXELS, bottom))
        if shown.most_gpus is not None:
            y = bottom - (bottom - top) * shown.most_gpus / high
            painter.setPen(QPen(QColor(self._look.chart.budget), 1.6))
            painter.drawLine(QPointF(NAME_PIXELS, y), QPointF(self.width() - RIGHT_PIXELS, y))
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(self._look.quiet))
        words = f"GPUs in use\nat most {most:,}"
        if shown.most_gpus is not None:
            words += f" of {shown.most_gpus:,}"
        box = QRectF(4, top, NAME_PIXELS - 12, bottom - top)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _colour(self, number: int) -> QColor:
        places = self._look.places
        return QColor(places[number % len(places)])
