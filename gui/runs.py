"""Between the dialog of own runs and the worker: what is read, kept and forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from gui.errands import NotDone
from gui.own_runs import measure_words, runs_of
from gui.views.runs_dialog import RunsDialog
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from gui.errands import Outcome
    from gui.own_runs import LogsChosen
    from gui.window import Window


class OwnRuns(QObject):
    """Reads logs by the worker and keeps what the user wants kept."""

    told = Signal(str)
    """Something was done, in words."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._wanted: dict[str, Any] = {}
        self.dialog = RunsDialog(window)
        self.dialog.logs_chosen.connect(self._on_logs_chosen)
        self.dialog.keep_wished.connect(self._on_keep_wished)
        self.dialog.forget_wished.connect(self._on_forget_wished)

    def look(self) -> None:
        """Show what is kept, and what to measure of the plan on screen."""
        self._wanted = {}
        self._session.errands.send("runs", {}, self._take_kept)
        self.dialog.show_measure("")
        plan = self._plan()
        if plan:
            self._session.errands.send("measure", plan, self._take_measure)

    def _plan(self) -> dict[str, Any]:
        """The plan on screen and the job in the form; nothing where there is none."""
        answer = self._session.store.shown.answer
        if not isinstance(answer, Solved | Stopped) or not answer.jobs:
            return {}
        jobs = answer.question.jobs
        job = jobs[min(self._window.form.job, len(jobs) - 1)].name
        return {"answer": answer.model_dump(mode="json"), "job": job}

    def _on_logs_chosen(self, chosen: LogsChosen) -> None:
        self._wanted = {
            "logs": [str(log) for log in chosen.logs],
            "tokens_per_step": chosen.tokens_per_step,
            "gpus": chosen.gpus,
            **self._plan(),
        }
        self._session.errands.send("runs", self._wanted, self._take_read)

    def _on_keep_wished(self) -> None:
        self._session.errands.send("runs", {**self._wanted, "keeps": True}, self._take_changed)

    def _on_forget_wished(self) -> None:
        self._session.errands.send("runs", {"forgets": True}, self._take_changed)

    def _take_kept(self, outcome: Outcome) -> None:
        if not self._take(outcome, can_keep=False):
            self.dialog.allow_forgetting()

    def _take_measure(self, outcome: Outcome) -> None:
        """A plan of which no log can be read, as one of several phases, has nothing to measure."""
        if not isinstance(outcome, NotDone):
            self.dialog.show_measure(measure_words(outcome.fields))

    def _take_read(self, outcome: Outcome) -> None:
        self._take(outcome, can_keep=True)

    def _take_changed(self, outcome: Outcome) -> None:
        """Plans are made anew with the runs that are kept now."""
        if self._take(outcome, can_keep=False):
            self.told.emit("The plan is made anew with your runs")
            self._session.ask_again()

    def _take(self, outcome: Outcome, *, can_keep: bool) -> bool:
        if isinstance(outcome, NotDone):
            self.dialog.show_problems(outcome.problems)
            return False
        self.dialog.show_runs(runs_of(outcome.fields), can_keep=can_keep)
        return True
