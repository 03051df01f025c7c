"""Between the page of accuracies and the worker: curves, pilot plans, scores that are entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from gui.errands import NotDone
from gui.learning import curve_of, pilots_of, subjects, with_pilot
from gui.views.accuracy_page import AccuracyPage
from solver.plan import Failed

if TYPE_CHECKING:
    from gui.errands import Outcome
    from gui.learning import PilotsShown, Run, Subject
    from gui.session import Session
    from gui.theme import Look

REST_MS = 250
"""Quiet after which curve and pilots are asked for: they take the worker half a second. [ms]"""


class Accuracy(QObject):
    """Keeps the page up with store and worker while it is looked at."""

    def __init__(self, session: Session, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._store = session.store
        self._job = 0
        self._is_seen = False
        self.plan: PilotsShown | None = None
        self.page = AccuracyPage(look)
        self.page.subject_wished.connect(self._fetch_curve)
        self.page.score_entered.connect(self._on_score_entered)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._fetch)
        self._store.shown_changed.connect(self._on_shown_changed)

    def choose_job(self, position: int) -> None:
        """Look at another job."""
        self._job = position
        self._rest.start()

    def see(self, *, is_seen: bool) -> None:
        """The page is looked at from now on, or no longer: only then the worker is sent for it."""
        self._is_seen = is_seen
        if is_seen:
            self._fetch()

    def _on_shown_changed(self) -> None:
        if self._is_seen and self._store.shown.is_current:
            self._rest.start()

    def _fetch(self) -> None:
        """Send for the curve of what is shown and for the pilots of its job."""
        shown, question = self._store.shown, self._store.question
        answer = shown.answer
        if not self._is_seen or answer is None or not shown.is_current:
            return
        if isinstance(answer, Failed) or self._job >= len(question.jobs):
            return
        self.page.show_subjects(subjects(answer, shown.looked_at, self._job))
        if self.page.subject is not None:
            self._fetch_curve(self.page.subject)
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
        if isinstance(outcome, NotDone):
            self.page.show_fault(" ".join(str(problem) for problem in outcome.problems))
            return
        curve, subject = curve_of(outcome.fields["curve"]), self.page.subject
        if subject is not None and curve.subject.method == subject.method:
            self.page.show_curve(curve)

    def _take_pilots(self, outcome: Outcome) -> None:
        jobs = self._store.question.jobs
        if isinstance(outcome, NotDone) or self._job >= len(jobs):
            return
        plans = [pilots_of(fields) for fields in outcome.fields["plans"]]
        name = jobs[self._job].name
        self.plan = next((plan for plan in plans if plan.job == name), None)
        self.page.show_pilots(self.plan)
        if self.page.subject is None and self.plan is not None and self.plan.subject is not None:
            self.page.show_subjects([self.plan.subject])
            self._fetch_curve(self.plan.subject)

    def _on_score_entered(self, run: Run, score: float) -> None:
        if self.plan is not None:
            self._store.end_gesture()
            question = self._store.question
            self._store.wish(with_pilot(question, self._job, self.plan, run, score))
