"""Errands to the worker beside the question: files, rows, pilots; none is lost with a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from catalog.problems import Problem
from solver.serve.frames import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.runner import Runner

MOST_TRIES = 3
"""An errand that so many workers did not bring back is given up. [1]"""


@dataclass(frozen=True, slots=True)
class Brought:
    """What an errand brought back."""

    fields: dict[str, Any]
    files: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class NotDone:
    """Why an errand could not be done."""

    title: str
    problems: tuple[Problem, ...]


Outcome = Brought | NotDone


@dataclass(slots=True)
class _Sent:
    """An errand on its way."""

    message: Message
    take: Callable[[Outcome], None]
    tries: int = 1


class Errands(QObject):
    """Sends the worker for things and hands them to whoever asked."""

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._sent: dict[int, _Sent] = {}
        self._number = 0
        runner.replied.connect(self._on_said)
        runner.worker_changed.connect(self._on_worker_changed)

    @property
    def waiting(self) -> int:
        """Errands whose reply is awaited. [1]"""
        return len(self._sent)

    def send(self, what: str, fields: dict[str, Any], take: Callable[[Outcome], None]) -> None:
        """Send the worker for something.

        Args:
            what: a name of `solver.serve.clerk.ERRANDS`.
            fields: what the errand needs, as JSON can hold it.
            take: gets what came of it.
        """
        self._number += 1
        message = Message("errand", {**fields, "errand": self._number, "what": what})
        self._sent[self._number] = _Sent(message, take)
        self._runner.send(message)

    def _on_said(self, message: Message) -> None:
        sent = self._sent.pop(message.fields["errand"], None)
        if sent is not None:
            sent.take(_outcome(message))

    def _on_worker_changed(self) -> None:
        """Send the new worker for what the old one did not bring."""
        for number, sent in list(self._sent.items()):
            sent.tries += 1
            if sent.tries > MOST_TRIES:
                del self._sent[number]
                what = "the worker ended while it was at it"
                sent.take(NotDone("This was not done", (Problem("worker", what, "Try again."),)))
            else:
                self._runner.send(sent.message)


def _outcome(message: Message) -> Outcome:
    fields = dict(message.fields)
    if "fault" in fields:
        problem = Problem("worker", str(fields["fault"]), "This is a fault of the program.")
        return NotDone("This was not done", (problem,))
    if "problems" in fields:
        return NotDone(str(fields["title"]), tuple(Problem(*told) for told in fields["problems"]))
    names: list[str] = fields.pop("names")
    files = {name: message.arrays[str(i)].tobytes() for i, name in enumerate(names)}
    return Brought(fields, files)
