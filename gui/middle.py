"""What stands in the middle of the window besides the region, kept up with store and worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.comparing import Pinned, compared
from gui.views.compare import ComparePage
from gui.views.pages import Pages

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.session import Session
    from gui.views.region import RegionView

REGION, COMPARE = "region", "compare"


class Middle(QObject):
    """The pages of one window."""

    def __init__(self, session: Session, region: RegionView, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._store = session.store
        self.pages = Pages(region.banner)
        self.pages.add(REGION, "Region", lambda: region)
        self.pages.add(COMPARE, "Compare", self._make_compare)
        self.pages.turned.connect(self._on_turned)
        self._store.pins_changed.connect(self._on_pins_changed)
        self._store.shown_changed.connect(self._on_shown_changed)

    def _make_compare(self) -> QWidget:
        page = ComparePage()
        page.unpin_wished.connect(self._store.unpin)
        page.restore_wished.connect(self._on_restore_wished)
        return page

    def _on_turned(self, name: str) -> None:
        if name == COMPARE:
            self._show_compared()

    def _on_pins_changed(self, pins: tuple[Pinned, ...]) -> None:
        self.pages.set_title(COMPARE, f"Compare · {len(pins)}" if pins else "Compare")
        self._show_compared()

    def _on_shown_changed(self) -> None:
        shown = self._store.shown
        if shown.is_current or shown.looked_at is not None:
            self._show_compared()

    def _show_compared(self) -> None:
        page = self.pages.page(COMPARE)
        if not isinstance(page, ComparePage) or self.pages.current != COMPARE:
            return
        shown = self._store.shown
        now = None if shown.answer is None else Pinned(shown.answer, shown.looked_at)
        page.show_compared(compared(self._store.pins, now))

    def _on_restore_wished(self, position: int) -> None:
        pins = self._store.pins
        if position < len(pins):
            self._store.replace_question(pins[position].answer.question, "pinned question")
