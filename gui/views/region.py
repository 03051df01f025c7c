"""The card of the region: heading, legend, banner, plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from gui.views.banner import Banner
from gui.views.gauges import RampStrip
from gui.views.pieces import card, column, label
from gui.views.region_plot import RegionPlot
from solver.export.words import accuracy_text

if TYPE_CHECKING:
    from gui.theme import Look

HELP = (
    "Drag the lines, or use the arrow keys: ← → deadline, ↑ ↓ budget, Shift for larger steps. "
    "Click a candidate to see it in full."
)


class RegionView(QFrame):
    """Holds banner, legend and plot; the plot does the work."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        frame, layout = card()
        whole = column(self, 8)
        self.banner = Banner()
        whole.addWidget(self.banner)
        whole.addWidget(frame, 1)
        layout.setContentsMargins(14, 12, 14, 10)
        layout.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(label("Time and cost", "title"))
        head.addStretch(1)
        layout.addLayout(head)
        self.count = label("", "quiet")
        self.count.setObjectName("count")
        layout.addWidget(self.count)
        self._legend = QLabel()
        self._legend.setProperty("role", "quiet")
        self._low, self._high = label("", "quiet"), label("", "quiet")
        self._ramp = RampStrip(look)
        self._named = label("accuracy", "quiet")
        for part in (self._named, self._low, self._ramp, self._high):
            head.addWidget(part)
        layout.addWidget(self._legend)
        self.plot = RegionPlot(look)
        self.plot.setToolTip("")
        layout.addWidget(self.plot, 1)
        self._empty = label("", "title", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setParent(self.plot)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.plot.installEventFilter(self)
        self.help = label(HELP, "quiet", wraps=True)
        self.help.setMinimumWidth(300)
        layout.addWidget(self.help)
        self.set_look(look)
        self.show_empty("Estimating every candidate …")

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self.plot.set_look(look)
        self._ramp.set_look(look)
        chart = look.chart
        marks = (
            (chart.near_miss, "●", "misses one limit"),
            (chart.excluded, "●", "misses more"),
            (look.good, "━", "frontier"),
            (chart.star, "★", "plan"),
        )
        self._legend.setText(
            "&nbsp; ".join(
                f'<span style="color:{QColor(colour).name()}">{mark}</span> {words}'
                for colour, mark, words in marks
            )
        )

    def show_ramp(self) -> None:
        """Write the ends of the ramp of colours; without predictions there is none."""
        ends = self.plot.accuracy_range
        self._ramp.setVisible(ends is not None)
        self._high.setVisible(ends is not None)
        self._named.setVisible(ends is not None)
        if ends is None:
            self._low.setText("accuracy not predicted")
        else:
            self._low.setText(f"≤ {accuracy_text(ends[0])}")
            self._high.setText(accuracy_text(ends[1]))

    def show_empty(self, text: str) -> None:
        """Say why there is no picture; empty where there is one."""
        self._empty.setText(text)
        self._empty.setVisible(bool(text))
        for name in ("bottom", "left"):
            self.plot.getAxis(name).setVisible(not text)

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keep the word in the middle of the plot."""
        if watched is self.plot and event.type() == QEvent.Type.Resize:
            self._empty.setGeometry(self.plot.rect().adjusted(40, 40, -40, -40))
        return False
