"""Owns the worker processes: tickets, debounce, stop, respawn. Nothing else knows processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from gui.worker import Worker
from solver.serve.frames import Message

if TYPE_CHECKING:
    from pathlib import Path

    from solver.question import Question

LONE_MS = 300
"""An edit that comes so long after the one before stands alone: it is asked at once. [ms]"""

QUIET_MS = 50
"""How long no edit must follow one of many before its question is asked. [ms]"""

PATIENCE_MS = 6_000
"""How long a worker may go on with a question that nobody asks any more. [ms]"""

MOST_FAULTS = 3
"""Workers that may die in a row before we stop starting new ones. [1]"""


@dataclass(frozen=True, slots=True)
class Activity:
    """What the worker is doing."""

    is_busy: bool
    stage: str = ""
    share: float = 0.0
    """How far it is. [0..1]"""
    is_stopped: bool = False
    """The user stopped it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something went wrong that the question is not to blame for."""

    text: str
    can_retry: bool = True


class Runner(QObject):
    """Asks questions of a worker and hands over what comes back."""

    said = Signal(object)
    """A `Message` that belongs to the present ticket, or to none."""
    activity_changed = Signal(object)
    """An `Activity`."""
    failed = Signal(object)
    """A `Fault`."""
    replied = Signal(object)
    """A `Message` that answers an errand."""
    worker_changed = Signal()
    """Another worker takes over; errands of the last one are lost."""

    def __init__(self, parent: QObject | None = None, settings: Path | None = None) -> None:
        """A runner without a worker yet.

        Args:
            parent: owns it.
            settings: folder of the user's settings, for workers; None: the usual one.
        """
        super().__init__(parent)
        self._settings = settings
        self._worker: Worker | None = None
        self._spare: Worker | None = None
        self._ticket = 0
        self._faults = 0
        self._question: Question | None = None
        self._cloud_name = ""
        self._is_busy = False
        self._since_edit = QElapsedTimer()
        self._quiet = QTimer(self, singleShot=True)
        self._quiet.timeout.connect(self._on_quiet)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._on_patience_over)

    @property
    def ticket(self) -> int:
        """Number of the question whose answer is awaited."""
        return self._ticket

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Numbers of the running processes."""
        return tuple(w.process_id for w in (self._worker, self._spare) if w is not None)

    def start(self) -> None:
        """Start the first worker; call it after the first paint."""
        if self._worker is None:
            self._worker = self._started()
            self.worker_changed.emit()

    def submit(self, question: Question, cloud_name: str = "") -> None:
        """Ask a question, one of many after a short quiet; what was asked before is forgotten.

        Args:
            question: to be answered.
            cloud_name: of the cloud that is shown, which need not be sent again; empty: none is.
        """
        self._question = question
        self._cloud_name = cloud_name
        self._ticket += 1
        is_lone = not self._since_edit.isValid() or self._since_edit.elapsed() > LONE_MS
        self._since_edit.start()
        self._quiet.start(0 if is_lone else QUIET_MS)

    def hurry(self) -> None:
        """Ask what was submitted without waiting for quiet."""
        if self._quiet.isActive():
            self._quiet.stop()
            self._on_quiet()

    def draw(self, question: Question, quantile: float) -> None:
        """Ask only for the cloud of a question whose answer is at hand."""
        self.forget()
        self._question = question
        self._tell("draw", {"question": _json(question), "quantile": quantile})

    def forget(self) -> None:
        """What was asked is of no interest any more."""
        self._ticket += 1
        self._quiet.stop()
        self._patience.stop()
        self._set_busy(Activity(is_busy=False))

    def look(self, question: Question, key: str, quantile: float) -> None:
        """Ask for one candidate in full."""
        fields = {"question": _json(question), "key": key, "quantile": quantile}
        self._tell("look", fields)

    def send(self, errand: Message) -> None:
        """Send the worker for something that no question depends on."""
        if self._worker is not None:
            self._worker.send(errand)

    def stop(self) -> None:
        """Give up the present question at once: the process goes, a warm one takes its place."""
        self._quiet.stop()
        self._patience.stop()
        self._ticket += 1
        if self._is_busy:
            self._replace_worker()
        self._set_busy(Activity(is_busy=False, is_stopped=True))

    def stop_if_busy(self) -> None:
        """Stop where there is something to stop."""
        if self._is_busy or self._quiet.isActive():
            self.stop()

    def retry(self) -> None:
        """Begin again after faults."""
        self._faults = 0
        if self._worker is None:
            self._worker = self._started()
            self.worker_changed.emit()
        if self._question is not None:
            self.submit(self._question)
            self.hurry()

    def close(self) -> None:
        """End timers and processes; nothing is left when this returns."""
        self._quiet.stop()
        self._patience.stop()
        workers = [w for w in (self._worker, self._spare) if w is not None]
        self._worker = self._spare = None
        for worker in workers:
            worker.ask_to_end()
        for worker in workers:
            worker.end()

    def _tell(self, kind: str, fields: dict[str, Any]) -> None:
        if self._worker is not None:
            self._worker.send(Message(kind, {**fields, "ticket": self._ticket}))

    def _started(self) -> Worker:
        worker = Worker(self, self._settings)
        worker.said.connect(self._on_said)
        worker.ended.connect(self._on_ended)
        return worker

    def _replace_worker(self) -> None:
        if self._worker is not None:
            self._worker.kill()
        self._worker, self._spare = self._spare or self._started(), None
        self.worker_changed.emit()

    def _set_busy(self, activity: Activity) -> None:
        self._is_busy = activity.is_busy
        self.activity_changed.emit(activity)

    def _on_quiet(self) -> None:
        if self._question is None or self._worker is None:
            return
        self._tell("ask", {"question": _json(self._question), "holds": self._cloud_name})
        if self._is_busy:
            self._patience.start()
        self._set_busy(Activity(is_busy=True, stage="starting"))

    def _on_patience_over(self) -> None:
        """The worker still sits on an old question: a warm one takes the new one."""
        self._replace_worker()
        self._is_busy = False
        self._on_quiet()

    def _on_said(self, message: Message) -> None:
        if self.sender() is not self._worker and message.kind != "ready":
            return
        if message.kind == "ready":
            self.said.emit(message)
            return
        if message.kind == "reply":
            self.replied.emit(message)
            return
        if message.fields.get("ticket") != self._ticket:
            return
        self._patience.stop()
        match message.kind:
            case "progress":
                stage, share = message.fields["stage"], message.fields["share"]
                self._set_busy(Activity(is_busy=True, stage=stage, share=share))
            case "fault":
                self._set_busy(Activity(is_busy=False))
                self.failed.emit(Fault(message.fields["text"]))
            case "answer" | "refused":
                self._faults = 0
                self.said.emit(message)
                self._set_busy(Activity(is_busy=False))
                self._keep_spare()
            case "cloud" | "candidate":
                self.said.emit(message)

    def _keep_spare(self) -> None:
        if self._spare is None and self._worker is not None:
            self._spare = self._started()

    def _on_ended(self, last_words: str) -> None:
        gone = self.sender()
        gone.deleteLater()
        if gone is self._spare:
            self._spare = None
            return
        self._faults += 1
        was_busy = self._is_busy
        self._worker, self._spare = self._spare, None
        if self._faults >= MOST_FAULTS:
            self._set_busy(Activity(is_busy=False))
            self.failed.emit(Fault(f"The worker ended {self._faults} times. {last_words}"))
            return
        if self._worker is None:
            self._worker = self._started()
        self.worker_changed.emit()
        if was_busy:
            self._is_busy = False
            self._on_quiet()


def _json(question: Question) -> Any:  # noqa: ANN401 - any JSON value
    return question.model_dump(mode="json")
