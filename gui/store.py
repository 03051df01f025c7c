"""The one truth of the window: the question, its history, the last answer, the file.

Views emit wishes; the store decides what becomes of them and tells everyone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from gui.changes import Change, Refusal, changed
from gui.comparing import MOST_PINS, Pinned

if TYPE_CHECKING:
    from pathlib import Path

    from gui.cloud import Cloud
    from solver.plan import Answer, PlannedJob
    from solver.question import Question

MOST_UNDONE = 500
"""Steps that are remembered; each holds one question of a few kilobytes. [1]"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to see besides the question."""

    answer: Answer | None = None
    is_current: bool = False
    """False while the answer belongs to an earlier question."""
    cloud: Cloud | None = None
    looked_at: PlannedJob | None = None
    """A candidate that was clicked; None: the plan itself."""


class Edited(QUndoCommand):
    """One step of the history: the question before and after."""

    def __init__(self, store: Store, change: Change, before: Question, after: Question) -> None:
        super().__init__(change.words)
        self._store = store
        self._paths = tuple(path for path, _ in change.edits)
        self._gesture = store.gesture if change.merges else None
        self._before = before
        self.after = after

    def id(self) -> int:
        """Commands of one number are offered to `mergeWith`; -1 never merges."""
        return -1 if self._gesture is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802 - Qt's name
        """Take over a later step of the same gesture on the same fields."""
        if not isinstance(other, Edited):
            return False
        if (self._gesture, self._paths) != (other._gesture, other._paths):  # noqa: SLF001 - same class
            return False
        self.after = other.after
        self.setObsolete(self.after == self._before)
        return True

    def redo(self) -> None:
        """Make the step."""
        self._store.show_question(self.after)

    def undo(self) -> None:
        """Take the step back."""
        self._store.show_question(self._before)


class Store(QObject):
    """Holds the question and tells what happens to it."""

    question_changed = Signal(object)
    """A `Question`: ask it."""
    shown_changed = Signal(object)
    """A `Shown`."""
    refused = Signal(object)
    """A `Refusal`: a wish that makes no valid question."""
    gesture_ended = Signal()
    """What was dragged or typed is let go."""
    pins_changed = Signal(object)
    """The plans that are kept to be compared: a tuple of `Pinned`."""
    document_changed = Signal()
    """Path or unsaved mark are other than before."""

    def __init__(self, question: Question, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gesture = 0
        self.history = QUndoStack(self)
        self.history.setUndoLimit(MOST_UNDONE)
        self.history.cleanChanged.connect(self._on_clean_changed)
        self._question = question
        self._shown = Shown()
        self._pins: tuple[Pinned, ...] = ()
        self._path: Path | None = None

    @property
    def question(self) -> Question:
        """What is asked."""
        return self._question

    @property
    def shown(self) -> Shown:
        """What there is to see."""
        return self._shown

    @property
    def pins(self) -> tuple[Pinned, ...]:
        """Plans that are kept to be compared, oldest first."""
        return self._pins

    @property
    def path(self) -> Path | None:
        """The file of the question; None: it has none yet."""
        return self._path

    @property
    def is_unsaved(self) -> bool:
        """True where closing would lose work."""
        return not self.history.isClean()

    def wish(self, change: Change) -> None:
        """Do what a view wishes, or tell why it cannot be."""
        made = changed(self._question, change)
        if isinstance(made, Refusal):
            self.refused.emit(made)
            return
        if made == self._question:
            self.show_question(made)
            return
        self.history.push(Edited(self, change, self._question, made))

    def end_gesture(self) -> None:
        """What is edited next is a step of its own."""
        self.gesture += 1
        self.gesture_ended.emit()

    def replace_question(self, question: Question, words: str) -> None:
        """Take another question as one step of the history."""
        if question != self._question:
            change = Change(words, ())
            self.history.push(Edited(self, change, self._question, question))

    def open_question(
        self,
        question: Question,
        path: Path | None,
        answer: Answer | None,
        pins: tuple[Pinned, ...] | None = None,
    ) -> None:
        """Begin anew with a question that was read from a file.

        Pins of a project take the place of those there are; None leaves them.
        """
        self.history.clear()
        self._path = path
        self._question = question
        is_current = answer is not None and answer.question == question
        self._shown = Shown(answer=answer, is_current=is_current)
        self.history.setClean()
        self.question_changed.emit(question)
        self.shown_changed.emit(self._shown)
        self.document_changed.emit()
        if pins is not None and pins != self._pins:
            self._pins = pins
            self.pins_changed.emit(pins)

    def mark_saved(self, path: Path) -> None:
        """The question is in a file as it is now."""
        self._path = path
        self.history.setClean()
        self.document_changed.emit()

    def mark_unsaved(self) -> None:
        """The question stands in no file: it was recovered."""
        self.history.resetClean()

    def show_question(self, question: Question) -> None:
        """Make a question the present one; for steps of the history."""
        is_same = question == self._question
        self._question = question
        if not is_same:
            answer = self._shown.answer
            current = answer is not None and answer.question == question
            # A drag is a hundred questions a second: tell only what is new.
            if current != self._shown.is_current or self._shown.looked_at is not None:
                self._show(replace(self._shown, is_current=current, looked_at=None))
        self.question_changed.emit(question)

    def show_cloud(self, cloud: Cloud) -> None:
        """Take the candidates that the worker sent."""
        self._show(replace(self._shown, cloud=cloud))

    def show_answer(self, answer: Answer) -> None:
        """Take the answer to the present question."""
        current = answer.question == self._question
        self._show(replace(self._shown, answer=answer, is_current=current, looked_at=None))

    def look_at(self, job: PlannedJob | None) -> None:
        """Show one candidate in full, or the plan again."""
        self._show(replace(self._shown, looked_at=job))

    def pin(self) -> bool:
        """Keep what is shown to be compared; False where there is nothing, or it is kept already.

        The oldest gives way where there are many.
        """
        shown = self._shown
        if shown.answer is None:
            return False
        pinned = Pinned(shown.answer, shown.looked_at)
        if pinned in self._pins:
            return False
        self._set_pins((*self._pins, pinned)[-MOST_PINS:])
        return True

    def unpin(self, position: int) -> None:
        """Keep a plan no longer."""
        self._set_pins(self._pins[:position] + self._pins[position + 1 :])

    def _set_pins(self, pins: tuple[Pinned, ...]) -> None:
        self._pins = pins
        self.pins_changed.emit(pins)
        self.history.resetClean()

    def forget_cloud(self) -> None:
        """The candidates belong to another task."""
        self._show(replace(self._shown, cloud=None))

    def _show(self, shown: Shown) -> None:
        self._shown = shown
        self.shown_changed.emit(shown)

    def _on_clean_changed(self) -> None:
        self.document_changed.emit()
