"""The pages of the middle: tabs above, one page at a time, made when it is first looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from gui.views.pieces import column

if TYPE_CHECKING:
    from collections.abc import Callable


class Pages(QWidget):
    """Shows one of several pages."""

    turned = Signal(str)
    """The name of the page that is shown from now on."""

    def __init__(self, above: QWidget) -> None:
        """Pages with something above them that stays.

        Args:
            above: the banner of an outcome.
        """
        super().__init__()
        self._names: list[str] = []
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._made: dict[str, QWidget] = {}
        self._tabs = QTabBar()
        self._tabs.setObjectName("pages")
        self._tabs.setAccessibleName("Pages")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.currentChanged.connect(self._on_turned)
        self._stack = QStackedWidget()
        layout = column(self, 6)
        layout.addWidget(above)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)

    @property
    def current(self) -> str:
        """The name of the page that is shown."""
        return self._names[self._tabs.currentIndex()]

    def add(self, name: str, title: str, make: Callable[[], QWidget]) -> None:
        """One more page; the first one is made at once, others when they are looked at."""
        self._names.append(name)
        self._makers[name] = make
        if not self._made:
            self._put(name)
        self._tabs.addTab(title)

    def show_page(self, name: str) -> QWidget:
        """Turn to a page and make it where it is not yet there."""
        self._tabs.setCurrentIndex(self._names.index(name))
        return self._put(name)

    def page(self, name: str) -> QWidget | None:
        """A page; None where nobody has looked at it yet."""
        return self._made.get(name)

    def set_title(self, name: str, title: str) -> None:
        """Write something else on the tab of a page."""
        self._tabs.setTabText(self._names.index(name), title)

    def _put(self, name: str) -> QWidget:
        if name not in self._made:
            self._made[name] = self._makers[name]()
            self._stack.addWidget(self._made[name])
        self._stack.setCurrentWidget(self._made[name])
        return self._made[name]

    def _on_turned(self, at: int) -> None:
        if 0 <= at < len(self._names):
            self._put(self._names[at])
            self.turned.emit(self._names[at])
