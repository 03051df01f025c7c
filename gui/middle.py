"""What stands in the middle of the window besides the region, kept up with store and worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from gui.comparing import Pinned, compared
from gui.errands import NotDone
from gui.learning import curve_of, pilots_of, subjects, with_pilot
from gui.present import job_tables
from gui.schedule import schedule_of
from gui.views.accuracy_page import AccuracyPage
from gui.views.compare import ComparePage
from gui.views.pages import Pages
from gui.views.schedule_page import SchedulePage
from solver.plan import Failed

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.errands import Outcome
    from gui.learning import PilotsShown, Run, Subject
    from gui.session import Session
    from gui.theme import Look
    from gui.views.region import RegionView
    from solver.plan import Answer

REGION, COMPARE, ACCURACY = "region", "compare", "accuracy"

MANY = 2
"""Jobs from here on have a timeline. [1]"""

NO_SCHEDULE = "No plan keeps every limit: there is nothing to put on a timeline."

REST_MS = 250
"""Quiet after which curve and pilots are asked for: they take the worker half a second. [ms]"""


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
        self._plan: PilotsShown | None = None
        self._scheduled: Answer | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._fetch_accuracy)
        self._session = session
        self._store = session.store
        self.pages = Pages(region.banner)
        self._region = region
        self._home = QStackedWidget()
        self._home.addWidget(region)
        self._schedule: SchedulePage | None = None
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
        page = self.pages.page(ACCURACY)
        if isinstance(page, AccuracyPage):
            page.set_look(look)

    def choose_job(self, position: int) -> None:
        """Look at another job."""
        self._job = position
        self._rest.start()
        self._choose_bar()

    def _on_question_changed(self) -> None:
        """Several jobs have a timeline where one has a region."""
        many = len(self._store.question.jobs) > 1
        self.pages.set_title(REGION, "Jobs" if many else "Region")
        if many and self._schedule is None:
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
        page = AccuracyPage(self._look)
        page.subject_wished.connect(self._fetch_curve)
        page.score_entered.connect(self._on_score_entered)
        page.table_wished.connect(self.pilots_wished)
        return page

    def _make_compare(self) -> QWidget:
        page = ComparePage()
        page.unpin_wished.connect(self._store.unpin)
        page.restore_wished.connect(self._on_restore_wished)
        return page

    def _on_turned(self, name: str) -> None:
        if name == COMPARE:
            self._show_compared()
        if name == ACCURACY:
            self._fetch_accuracy()

    def _on_pins_changed(self, pins: tuple[Pinned, ...]) -> None:
        self.pages.set_title(COMPARE, f"Compare · {len(pins)}" if pins else "Compare")
        self._show_compared()

    def _on_shown_changed(self) -> None:
        shown = self._store.shown
        if shown.is_current or shown.looked_at is not None:
            self._show_compared()
            self._rest.start()
        if shown.answer is not self._scheduled:
            self._scheduled = shown.answer
            self._show_schedule()

    def _show_compared(self) -> None:
        page = self.pages.page(COMPARE)
        if not isinstance(page, ComparePage) or self.pages.current != COMPARE:
            return
        shown = self._store.shown
        now = None if shown.answer is None else Pinned(shown.answer, shown.looked_at)
        page.show_compared(compared(self._store.pins, now))

    def _accuracy_page(self) -> AccuracyPage | None:
        """The page of accuracies; None while it is not looked at."""
        page = self.pages.page(ACCURACY)
        is_seen = self.pages.current == ACCURACY
        return page if is_seen and isinstance(page, AccuracyPage) else None

    def _fetch_accuracy(self) -> None:
        """Send for the curve of what is shown and for the pilots of its job."""
        page, shown = self._accuracy_page(), self._store.shown
        answer, question = shown.answer, self._store.question
        if page is None or answer is None or not shown.is_current:
            return
        if isinstance(answer, Failed) or self._job >= len(question.jobs):
            return
        page.show_subjects(subjects(answer, shown.looked_at, self._job))
        if page.subject is not None:
            self._fetch_curve(page.subject)
        asked = question.model_dump(mode="json")
        self._session.errands.send("pilots", {"question": asked}, self._take_pilots)

    def _fetch_curve(self, subject: Subject) -> None:
        fields = {
            "question": self._store.question.model_dump(mode="json"),
            "job": self._job,
            "model": subject.model,
            "method": subject.method,
        }
        self._session.errands.send("curve", fields, self._take_curve)

    def _take_curve(self, outcome: Outcome) -> None:
        page = self._accuracy_page()
        if page is None:
            return
        if isinstance(outcome, NotDone):
            page.show_fault(" ".join(str(problem) for problem in outcome.problems))
            return
        curve = curve_of(outcome.fields["curve"])
        if curve.subject.method == getattr(page.subject, "method", None):
            page.show_curve(curve)

    def _take_pilots(self, outcome: Outcome) -> None:
        page, jobs = self._accuracy_page(), self._store.question.jobs
        if page is None or isinstance(outcome, NotDone) or self._job >= len(jobs):
            return
        plans = [pilots_of(fields) for fields in outcome.fields["plans"]]
        name = jobs[self._job].name
        self._plan = next((plan for plan in plans if plan.job == name), None)
        page.show_pilots(self._plan)
        if page.subject is None and self._plan is not None and self._plan.subject is not None:
            page.show_subjects([self._plan.subject])
            self._fetch_curve(self._plan.subject)

    def _on_score_entered(self, run: Run, score: float) -> None:
        if self._plan is not None:
            self._store.end_gesture()
            question = self._store.question
            self._store.wish(with_pilot(question, self._job, self._plan, run, score))

    def _on_restore_wished(self, position: int) -> None:
        pins = self._store.pins
        if position < len(pins):
            self._store.replace_question(pins[position].answer.question, "pinned question")
