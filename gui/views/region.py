"""The card of the region: heading, legend, banner, plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget

from gui.views.banner import Banner
from gui.views.gauges import RampStrip
from gui.views.pieces import card, column, label
from solver.export.words import accuracy_text

if TYPE_CHECKING:
    from gui.theme import Look
    from gui.views.region_plot import RegionPlot

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
        self._empty = label("", "title", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        layout.addWidget(self._pages, 1)
        self._plot: RegionPlot | None = None
        self._has_ramp = False
        self.help = label(HELP, "quiet", wraps=True)
        self.help.setMinimumWidth(300)
        layout.addWidget(self.help)
        self.set_look(look)
        self.show_empty("Estimating every candidate …")

    @property
    def has_plot(self) -> bool:
        """True once the plot is there."""
        return self._plot is not None

    @property
    def plot(self) -> RegionPlot:
        """The plot itself.

        Raises:
            RuntimeError: it is not there yet.
        """
        if self._plot is None:
            raise RuntimeError("the plot is made after the first paint")
        return self._plot

    def make_plot(self) -> RegionPlot:
        """Make the plot; call it once, after the first paint."""
        # 250 ms of pyqtgraph: the window is seen before, and the worker starts meanwhile.
        from gui.views.region_plot import RegionPlot  # noqa: PLC0415

        self._plot = RegionPlot(self._look)
        self._pages.addWidget(self._plot)
        return self._plot

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        if self._plot is not None:
            self._plot.set_look(look)
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
        self._has_ramp = ends is not None
        if ends is None:
            self._low.setText("accuracy not predicted")
        else:
            self._low.setText(f"≤ {accuracy_text(ends[0])}")
            self._high.setText(accuracy_text(ends[1]))

    def show_empty(self, text: str) -> None:
        """Say why there is no picture; empty where there is one."""
        self._empty.setText(text)
        has_picture = not text and self._plot is not None
        page = self._plot if has_picture and self._plot is not None else self._empty
        self._pages.setCurrentWidget(page)
        for part in (self._legend, self.help, self.count):
            part.setVisible(has_picture)
        self._low.setVisible(has_picture)
        for end in (self._named, self._ramp, self._high):
            end.setVisible(has_picture and self._has_ramp)
