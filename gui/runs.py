"""Between the dialog of own runs and the worker: what is read, kept and forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from gui.errands import NotDone
from gui.own_runs import runs_of
from gui.views.runs_dialog import RunsDialog
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from pathlib import Path

    from gui.errands import Outcome
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
        """Show what is kept."""
        self._wanted = {}
        self._session.errands.send("runs", {}, self._take_kept)

    def _on_logs_chosen(self, logs: tuple[Path, ...], tokens: float | None) -> None:
        self._wanted = {"logs": [str(log) for log in logs], "tokens_per_step": tokens}
        answer = self._session.store.shown.answer
        if isinstance(answer, Solved | Stopped) and answer.jobs:
            jobs = answer.question.jobs
            job = jobs[min(self._window.form.job, len(jobs) - 1)].name
            self._wanted |= {"answer": answer.model_dump(mode="json"), "job": job}
        self._session.errands.send("runs", self._wanted, self._take_read)

    def _on_keep_wished(self) -> None:
        self._session.errands.send("runs", {**self._wanted, "keeps": True}, self._take_changed)

    def _on_forget_wished(self) -> None:
        self._session.errands.send("runs", {"forgets": True}, self._take_changed)

    def _take_kept(self, outcome: Outcome) -> None:
        self._take(outcome, can_keep=False)

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
