"""The jobs of the question: which one the form edits, and what becomes of their list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from gui.lists import with_copy_of_job, with_job, with_job_moved, with_job_named, without_job
from gui.views.entry_list import EntryList

if TYPE_CHECKING:
    from gui.changes import Change
    from solver.question import Question


class JobList(EntryList):
    """Shows the jobs of a question; a single one needs no list."""

    change_wished = Signal(object)
    """A `Change`."""

    def __init__(self, question: Question) -> None:
        super().__init__("job", keeps_one=True)
        self._question = question
        self.add_wished.connect(self._on_add)
        self.copy_wished.connect(self._on_copy)
        self.move_wished.connect(self._on_move)
        self.remove_wished.connect(lambda at: self._wish(without_job(self._question, at)))
        self.rename_wished.connect(
            lambda at, name: self._wish(with_job_named(self._question, at, name))
        )

    def show_question(self, question: Question, position: int) -> None:
        """Show the jobs of a question, the one at `position` chosen."""
        self._question = question
        self.show_names([job.name for job in question.jobs], position)

    def _wish(self, change: Change) -> None:
        self.change_wished.emit(change)

    def _choose(self, position: int) -> None:
        self.chosen.emit(min(max(position, 0), len(self._question.jobs) - 1))

    def _on_add(self) -> None:
        many = len(self._question.jobs)
        self._wish(with_job(self._question))
        self._choose(many)

    def _on_copy(self, position: int) -> None:
        self._wish(with_copy_of_job(self._question, position))
        self._choose(position + 1)

    def _on_move(self, position: int, by: int) -> None:
        self._wish(with_job_moved(self._question, position, by))
        self._choose(position + by)
