"""Between store and worker: asks what the store holds, hands over what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal

from catalog.problems import Problem
from gui.errands import Errands
from gui.runner import Fault, Runner
from gui.store import Store
from solver.plan import ANSWER, Failed, PlannedJob

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from solver.question import Question
    from solver.serve.frames import Message


@dataclass(frozen=True, slots=True)
class Refused:
    """Faults of a question that only the catalogue shows."""

    title: str
    problems: tuple[Problem, ...]


class Session(QObject):
    """One question at work: its store and its worker."""

    choices_changed = Signal(object)
    """What the catalogue offers: a dict of names."""
    refused = Signal(object)
    """A `Refused`."""
    failed = Signal(object)
    """A `Fault`; None once it is over."""
    outdated = Signal(str)
    """The catalogue has changed since the answer's, of this revision."""

    def __init__(
        self, question: Question, parent: QObject | None = None, settings: Path | None = None
    ) -> None:
        """A session that is not started yet.

        Args:
            question: to begin with.
            parent: owns it.
            settings: folder of the user's settings, for workers; None: the usual one.
        """
        super().__init__(parent)
        self.store = Store(question, self)
        self.runner = Runner(self, settings)
        self.errands = Errands(self.runner, self)
        self.catalog_sha256 = ""
        self._asked: Question | None = None
        self.store.question_changed.connect(self._on_question_changed)
        self.store.gesture_ended.connect(self.runner.hurry)
        self.runner.said.connect(self._on_said)
        self.runner.failed.connect(self.failed)

    def start(self) -> None:
        """Start the worker and ask the present question."""
        self.runner.start()
        self._asked = None
        self._on_question_changed(self.store.question)
        self.runner.hurry()

    def ask_again(self) -> None:
        """Ask once more, with a new worker where the old one is gone."""
        self.failed.emit(None)
        self._asked = self.store.question
        self.runner.retry()

    def look(self, key: str) -> None:
        """Ask for one candidate in full."""
        cloud, answer = self.store.shown.cloud, self.store.shown.answer
        if cloud is not None and answer is not None:
            self.runner.look(self.store.question, key, cloud.quantile)

    def close(self) -> None:
        """End everything that was started."""
        self.runner.close()

    def _on_question_changed(self, question: Question) -> None:
        """Ask what is new; what a file or an undo brought with its answer is not asked again."""
        if question == self._asked:
            return
        self._asked = question
        shown = self.store.shown
        if not shown.is_current or shown.answer is None or isinstance(shown.answer, Failed):
            self.runner.submit(question, "" if shown.cloud is None else shown.cloud.name)
        elif shown.cloud is None:
            self.runner.draw(question, shown.answer.margin_quantile)
            self._tell_if_outdated()
        else:
            self.runner.forget()

    def _tell_if_outdated(self) -> None:
        answer = self.store.shown.answer
        if answer is None or not self.catalog_sha256:
            return
        if answer.provenance.catalog_sha256 != self.catalog_sha256:
            self.outdated.emit(answer.provenance.catalog_revision)

    def _on_said(self, message: Message) -> None:
        try:
            self._takers()[message.kind](message)
        except (KeyError, ValidationError) as error:
            self.failed.emit(Fault(f"The worker's message cannot be read: {error}"))

    def _takers(self) -> dict[str, Callable[[Message], None]]:
        return {
            "ready": self._take_ready,
            "cloud": self._take_cloud,
            "answer": self._take_answer,
            "refused": self._take_refused,
            "candidate": self._take_candidate,
        }

    def _take_ready(self, message: Message) -> None:
        self.catalog_sha256 = message.fields["sha256"]
        self._tell_if_outdated()
        self.choices_changed.emit(dict(message.fields))

    def _take_cloud(self, message: Message) -> None:
        # 80 ms of NumPy that the first paint need not wait for.
        from gui.cloud import cloud_of  # noqa: PLC0415

        self.store.show_cloud(cloud_of(message))

    def _take_answer(self, message: Message) -> None:
        self.store.show_answer(ANSWER.validate_json(message.arrays["answer"].tobytes()))

    def _take_refused(self, message: Message) -> None:
        problems: Any = message.fields["problems"]
        self.refused.emit(
            Refused(message.fields["title"], tuple(Problem(*parts) for parts in problems))
        )

    def _take_candidate(self, message: Message) -> None:
        self.store.look_at(PlannedJob.model_validate(message.fields["job"]))
