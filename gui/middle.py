"""What stands in the middle of the window besides the region, kept up with store and worker.

Pages and what they need are imported when they are first looked at: 45 ms that the first paint need
not wait for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from gui.comparing import Pinned, compared
from gui.present import job_tables
from gui.views.pages import Pages

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.accuracy import Accuracy
    from gui.session import Session
    from gui.theme import Look
    from gui.views.compare import ComparePage
    from gui.views.region import RegionView
    from gui.views.schedule_page import SchedulePage
    from solver.plan import Answer

REGION, COMPARE, ACCURACY = "region", "compare", "accuracy"

MANY = 2
"""Jobs from here on have a timeline. [1]"""

NO_SCHEDULE = "No plan keeps every limit: there is nothing to put on a timeline."


class Middle(QObject):
    """The pages of one window."""

    job_wished = Signal(str)
    """The name of the job that was chosen on the timeline."""
    pilots_wished = Signal()
    """Pilots and own scores are to be edited in the form."""

    def __init__(self, session: Session, region: RegionView, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._job = 0
        self._scheduled: Answer | None = None
        self._session = session
        self._store = session.store
        self.pages = Pages(region.banner)
        self._region = region
        self._home = QStackedWidget()
        self._home.addWidget(region)
        self._schedule: SchedulePage | None = None
        self._compare: ComparePage | None = None
        self._accuracy: Accuracy | None = None
        self.pages.add(REGION, "Region", lambda: self._home)
        self.pages.add(COMPARE, "Compare", self._make_compare)
        self.pages.add(ACCURACY, "Accuracy", self._make_accuracy)
        self.pages.turned.connect(self._on_turned)
        self._store.question_changed.connect(self._on_question_changed)
        self._store.pins_changed.connect(self._on_pins_changed)
        self._store.shown_changed.connect(self._on_shown_changed)
        self._on_question_changed()

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        if self._schedule is not None:
            self._schedule.set_look(look)
        if self._accuracy is not None:
            self._accuracy.page.set_look(look)

    def choose_job(self, position: int) -> None:
        """Look at another job."""
        self._job = position
        if self._accuracy is not None:
            self._accuracy.choose_job(position)
        self._choose_bar()

    def _on_question_changed(self) -> None:
        """Several jobs have a timeline where one has a region."""
        many = len(self._store.question.jobs) > 1
        self.pages.set_title(REGION, "Jobs" if many else "Region")
        if many and self._schedule is None:
            from gui.views.schedule_page import SchedulePage  # noqa: PLC0415 - after the first paint

            self._schedule = SchedulePage(self._look)
            self._schedule.job_chosen.connect(self.job_wished)
            self._home.addWidget(self._schedule)
            self._show_schedule()
        page = self._schedule if many and self._schedule is not None else self._region
        self._home.setCurrentWidget(page)

    def _show_schedule(self) -> None:
        answer = self._store.shown.answer
        if self._schedule is None or len(self._store.question.jobs) < MANY:
            return
        from gui.schedule import schedule_of  # noqa: PLC0415 - after the first paint

        schedule = None if answer is None else schedule_of(answer)
        if answer is None or schedule is None:
            self._schedule.show_words(NO_SCHEDULE if answer is not None else "Planning the jobs …")
            return
        self._schedule.show_schedule(schedule, job_tables(answer))
        self._choose_bar()

    def _choose_bar(self) -> None:
        jobs = self._store.question.jobs
        if self._schedule is not None and self._job < len(jobs):
            self._schedule.timeline.choose(jobs[self._job].name)

    def _make_accuracy(self) -> QWidget:
        from gui.accuracy import Accuracy  # noqa: PLC0415 - after the first paint

        self._accuracy = Accuracy(self._session, self._look, self)
        self._accuracy.page.table_wished.connect(self.pilots_wished)
        self._accuracy.choose_job(self._job)
        return self._accuracy.page

    def _make_compare(self) -> QWidget:
        from gui.views.compare import ComparePage  # noqa: PLC0415 - after the first paint

        page = self._compare = ComparePage()
        page.unpin_wished.connect(self._store.unpin)
        page.restore_wished.connect(self._on_restore_wished)
        return page

    def _on_turned(self, name: str) -> None:
        if name == COMPARE:
            self._show_compared()
        if self._accuracy is not None:
            self._accuracy.see(is_seen=name == ACCURACY)

    def _on_pins_changed(self, pins: tuple[Pinned, ...]) -> None:
        self.pages.set_title(COMPARE, f"Compare · {len(pins)}" if pins else "Compare")
        self._show_compared()

    def _on_shown_changed(self) -> None:
        shown = self._store.shown
        if shown.is_current or shown.looked_at is not None:
            self._show_compared()
        if shown.answer is not self._scheduled:
            self._scheduled = shown.answer
            self._show_schedule()

    def _show_compared(self) -> None:
        page = self._compare
        if page is None or self.pages.current != COMPARE:
            return
        shown = self._store.shown
        now = None if shown.answer is None else Pinned(shown.answer, shown.looked_at)
        page.show_compared(compared(self._store.pins, now))

    def _on_restore_wished(self, position: int) -> None:
        pins = self._store.pins
        if position < len(pins):
            self._store.replace_question(pins[position].answer.question, "pinned question")
