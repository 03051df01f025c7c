"""The window: question on the left, region in the middle, plan on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from gui.banners import BannerShown, banner_of
from gui.bounds import bounds_of
from gui.changes import of_mix, of_move
from gui.lists import begun
from gui.middle import ACCURACY, Middle
from gui.present import card_of, look_of
from gui.runner import Activity
from gui.views.form import Form
from gui.views.pieces import column
from gui.views.plan_card import PlanCard
from gui.views.region import RegionView
from gui.views.status import StatusLine
from solver.export.question_words import title_of
from solver.export.words import count_text, seconds_text
from solver.plan import Impossible, Move, Solved, Stopped
from solver.plan_values import Mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QCloseEvent, QShowEvent

    from catalog.problems import Problem
    from gui.files import Files
    from gui.menus import Menus
    from gui.runner import Fault
    from gui.session import Refused, Session
    from gui.store import Shown
    from gui.theme import Look
    from gui.tools import Tools
    from solver.plan import Answer
    from solver.question import Question

LEFT_PIXELS, RIGHT_PIXELS = 300, 364
FIRST_SIZE = (1360, 820)


class Window(QMainWindow):
    """Connects the session with the views; decides nothing."""

    shown_first = Signal()
    """The window was painted for the first time."""
    close_wished = Signal(object)
    """A `QCloseEvent` that may still be refused."""

    files: Files
    menus: Menus
    """Given by `gui.application`, which knows them all."""
    tools: Tools

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self.session = session
        self._look = look
        self._activity = Activity(is_busy=False)
        self._was_shown = False
        self._waiting_banner: tuple[BannerShown | None, ...] = ()
        self._last_shown: Shown | None = None
        self.form = Form(session.store.question)
        self.region = RegionView(look)
        self.middle = Middle(session, self.region, look, self)
        self.card = PlanCard(look)
        self.status = StatusLine()
        self._lay_out()
        self._connect()
        self._show_question(session.store.question)
        self._name_window()

    @property
    def look(self) -> Look:
        """The colours that are shown."""
        return self._look

    def complete(self) -> None:
        """Add what takes too long to be made before the first paint: the plot."""
        if self.region.has_plot:
            return
        plot, store = self.region.make_plot(), self.session.store
        plot.change_wished.connect(store.wish)
        plot.gesture_ended.connect(self._on_gesture_ended)
        plot.look_wished.connect(self.session.look)
        plot.plan_wished.connect(lambda: store.look_at(None))
        self._show_question(store.question)
        self._show_region(cloud_changed=True)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self.region.set_look(look)
        self.card.set_look(look)
        self.middle.set_look(look)
        self.tools.set_look(look)
        self._show_region(cloud_changed=True)
        self._show_card()

    @property
    def planned_keys(self) -> dict[str, str]:
        """Candidate of each planned job, by the job's name."""
        answer = self.session.store.shown.answer
        jobs = answer.jobs if isinstance(answer, Solved | Stopped) else ()
        return {job.name: job.key for job in jobs}

    def begin(self) -> None:
        """Go on from here as planned: the plan has begun."""
        store = self.session.store
        store.end_gesture()
        store.wish(begun(store.question, self.planned_keys))

    def pin(self) -> None:
        """Keep what is shown to be compared, and say where it is."""
        if self.session.store.pin():
            self.status.say("Pinned: the page Compare shows it beside the plan")

    def show_problems(self, title: str, problems: Sequence[Problem]) -> None:
        """Say what is wrong with a file, all of it."""
        text = "\n".join(str(problem) for problem in problems)
        self._show_banner(BannerShown("warning", title, text))

    def showEvent(self, event: QShowEvent) -> None:
        """Tell once that there is something to see."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.form.focus_on_aim()
            self.shown_first.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let whoever keeps the files have a word."""
        event.accept()
        self.close_wished.emit(event)

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(10)
        splitter.setChildrenCollapsible(False)
        for part, width in (
            (self.form, 286),
            (self.middle.pages, 376),
            (self.card, 290),
        ):
            part.setMinimumWidth(width)
            splitter.addWidget(part)
        splitter.setSizes([LEFT_PIXELS, FIRST_SIZE[0] - LEFT_PIXELS - RIGHT_PIXELS, RIGHT_PIXELS])
        for at, stretch in enumerate((0, 1, 0)):
            splitter.setStretchFactor(at, stretch)
        middle = QWidget()
        layout = column(middle)
        layout.setContentsMargins(12, 6, 12, 4)
        layout.addWidget(splitter)
        self.splitter = splitter
        self.setCentralWidget(middle)
        self.setStatusBar(self.status)
        self.resize(*FIRST_SIZE)

    def _connect(self) -> None:
        store, session = self.session.store, self.session
        self.form.change_wished.connect(store.wish)
        self.form.gesture_ended.connect(store.end_gesture)
        self.region.banner.move_wished.connect(self._on_move_wished)
        self.form.job_chosen.connect(self.middle.choose_job)
        self.middle.job_wished.connect(self._on_job_wished)
        self.middle.pilots_wished.connect(lambda: self.form.open_fold("pilots"))
        self.region.banner.measure_wished.connect(lambda: self.middle.pages.show_page(ACCURACY))
        self.region.banner.retry_wished.connect(session.ask_again)
        self.card.move_wished.connect(self._on_move_wished)
        self.card.look_wished.connect(session.look)
        self.card.pin_wished.connect(self.pin)
        self.card.plan_wished.connect(lambda: store.look_at(None))
        self.status.stop_wished.connect(session.runner.stop)
        store.question_changed.connect(self._show_question)
        store.shown_changed.connect(self._on_shown_changed)
        store.refused.connect(self.form.show_refusal)
        store.document_changed.connect(self._name_window)
        session.runner.activity_changed.connect(self._on_activity_changed)
        session.choices_changed.connect(self.form.offer)
        session.refused.connect(self._on_refused)
        session.failed.connect(self._on_failed)
        session.outdated.connect(self._on_outdated)

    def _show_question(self, question: Question) -> None:
        self.form.show_question(question)
        if self.region.has_plot:
            self.region.plot.show_bounds(bounds_of(question))
        self._show_counts()
        self._show_preview()
        self._name_window()

    def _on_shown_changed(self, shown: Shown) -> None:
        before, self._last_shown = self._last_shown, shown
        cloud_changed = before is None or before.cloud is not shown.cloud
        self._show_region(cloud_changed=cloud_changed)
        is_same = (
            before is not None
            and before.answer is shown.answer
            and before.looked_at is shown.looked_at
        )
        if not is_same:
            self._show_card()
            if shown.is_current and shown.answer is not None:
                self.form.show_keys(self.planned_keys)
                self._show_banner(banner_of(shown.answer))
        elif before is not None and before.is_current != shown.is_current:
            self.card.set_current(is_current=shown.is_current)
            self._show_counts()
        self._show_status()

    def _show_region(self, *, cloud_changed: bool) -> None:
        shown, question = self.session.store.shown, self.session.store.question
        if not self.region.has_plot:
            return
        plot = self.region.plot
        if cloud_changed:
            plot.show_cloud(shown.cloud, bounds_of(question))
            self.region.show_ramp()
            self._show_counts()
        self.region.show_empty(self._empty_words(shown))
        plot.show_plan(_plan_place(shown.answer), is_current=shown.is_current)
        job = shown.looked_at
        plot.show_ring(None if job is None else (job.hours.at_confidence, job.usd.at_confidence))
        self._show_preview()

    def _empty_words(self, shown: Shown) -> str:
        if shown.cloud is not None:
            return ""
        if shown.answer is not None and shown.is_current:
            return "Nothing that the question allows can run."
        return "Estimating every candidate …"

    def _show_preview(self) -> None:
        store = self.session.store
        shown = store.shown
        if not self.region.has_plot:
            return
        question = store.question
        waits = shown.cloud is not None and not shown.is_current and len(question.jobs) == 1
        # What is held, or breaks ties otherwise, only the solver weighs.
        is_plain = question.hold is None and question.second_aim is None
        self.region.plot.show_preview(question.aim if waits and is_plain else None)

    def _show_banner(self, shown: BannerShown | None) -> None:
        """Show or hide the banner; while a line is held it would move under the hand."""
        if self.region.has_plot and self.region.plot.is_dragging:
            self._waiting_banner = (shown,)
            return
        self._waiting_banner = ()
        self.region.banner.show_banner(shown)

    def _on_gesture_ended(self) -> None:
        self.session.store.end_gesture()
        if self._waiting_banner:
            self._show_banner(self._waiting_banner[0])

    def _show_counts(self) -> None:
        store = self.session.store
        cloud = store.shown.cloud
        if cloud is None or len(store.question.jobs) > 1:
            self.form.show_counts(None)
            self.region.count.setText("")
            return
        counted = cloud.counted(bounds_of(store.question))
        self.form.show_counts(counted)
        answer = store.shown.answer
        exact = store.shown.is_current and isinstance(answer, Solved | Impossible | Stopped)
        feasible = answer.counts.feasible if answer is not None and exact else counted.feasible
        self.region.count.setText(
            f"{'' if exact or not feasible else 'about '}{count_text(feasible)} of "
            f"{count_text(counted.candidates)} candidates meet every limit"
        )

    def _show_card(self) -> None:
        shown = self.session.store.shown
        if shown.answer is None:
            self.card.show_nothing()
        elif shown.looked_at is not None:
            self.card.show_card(look_of(shown.looked_at, shown.answer), is_current=True)
        else:
            self.card.show_card(card_of(shown.answer), is_current=shown.is_current)
        self._show_counts()

    def _show_status(self) -> None:
        answer, is_current = self.session.store.shown.answer, self.session.store.shown.is_current
        idle = "Ready"
        if answer is not None and is_current and isinstance(answer, Solved | Impossible | Stopped):
            idle = f"Decided in {seconds_text(answer.solver.seconds)}"
        self.status.show_activity(self._activity, idle)
        if answer is not None:
            made = answer.provenance
            self.status.note.setText(f"catalogue {made.catalog_revision} · Trilemma {made.app}")

    def _name_window(self) -> None:
        store = self.session.store
        name = store.path.name if store.path is not None else title_of(store.question)
        self.setWindowTitle(f"{name}[*] — Trilemma")
        self.setWindowModified(store.is_unsaved)

    def _on_move_wished(self, move: object) -> None:
        store = self.session.store
        store.end_gesture()
        if isinstance(move, Move):
            store.wish(of_move(store.question, move))
        elif isinstance(move, Mix):
            store.wish(of_mix(store.question, move))

    def _on_job_wished(self, name: str) -> None:
        """Edit the job that was chosen on the timeline, and show its part of the plan."""
        store = self.session.store
        names = [job.name for job in store.question.jobs]
        if name in names:
            self.form.choose_job(names.index(name))
        answer = store.shown.answer
        if isinstance(answer, Solved | Stopped):
            store.look_at(next((job for job in answer.jobs if job.name == name), None))

    def _on_activity_changed(self, activity: Activity) -> None:
        self._activity = activity
        self._show_status()

    def _on_refused(self, refused: Refused) -> None:
        for problem in refused.problems:
            self.form.show_problem(problem.where, f"{problem.what}. {problem.remedy}")
        self.show_problems(refused.title, refused.problems)

    def _on_outdated(self, revision: str) -> None:
        text = f"The plan shown stands on the catalogue of {revision}; the present one is newer."
        title = "Prices or facts have changed since this was solved"
        self._show_banner(BannerShown("warning", title, text, can_retry=True))

    def _on_failed(self, fault: Fault | None) -> None:
        if fault is None:
            self._show_banner(None)
            return
        text = f"{fault.text}\nThe question is kept."
        self._show_banner(
            BannerShown("bad", "The program failed, not the question", text, can_retry=True)
        )


def _plan_place(answer: Answer | None) -> tuple[float, float] | None:
    """Hours and dollars of the plan of one job, as they count against the limits."""
    if not isinstance(answer, Solved | Stopped) or len(answer.jobs) != 1:
        return None
    job = answer.jobs[0]
    return job.hours.at_confidence, job.usd.at_confidence
