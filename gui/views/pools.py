"""Pools of machines, owned or to be bought: a list, and the fields of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.changes import of_field
from gui.lists import with_copy_of_pool, with_pool, without_pool
from gui.views.entry_list import EntryList
from gui.views.fields import Field, FieldWish, TextField
from gui.views.form_fields import WIDE, shown_value, wished_value
from gui.views.form_tables import BUSY, TableFold
from gui.views.pieces import column, label

if TYPE_CHECKING:
    from gui.changes import Refusal
    from solver.question import OwnedMachines, Question

FIRST_ACCELERATOR = "RTX-4090"
"""Accelerator of machines that are added, until the user names theirs."""


class Pools(QWidget):
    """Shows the pools of a question and tells which changes are wished."""

    change_wished = Signal(object)
    """A `Change`."""

    def __init__(self, table: str, noun: str, title: str, fields: tuple[Field, ...]) -> None:
        super().__init__()
        self._table = table
        self._question: Question | None = None
        self._position = 0
        layout = column(self, 6)
        layout.addWidget(label(title, "strong"))
        self._pools = EntryList(noun)
        self._pools.chosen.connect(self._on_chosen)
        self._pools.add_wished.connect(self._on_add)
        self._pools.copy_wished.connect(self._on_copy)
        self._pools.remove_wished.connect(self._on_remove)
        self._pools.rename_wished.connect(self._on_rename)
        layout.addWidget(self._pools)
        self._fields = {field.path: TextField(field) for field in fields}
        for path, made in self._fields.items():
            if path[-1] in WIDE:
                made.widen()
            made.wished.connect(self._on_wished)
            layout.addWidget(made)
        self._busy = TableFold("Busy", BUSY, (table, 0, "busy"))
        self._busy.change_wished.connect(self.change_wished)
        layout.addWidget(self._busy)

    def show_question(self, question: Question) -> None:
        """Show the pools of a question."""
        self._question = question
        pools = self._listed(question)
        self._position = max(min(self._position, len(pools) - 1), 0)
        self._pools.show_names([pool.name for pool in pools], self._position)
        for path, field in self._fields.items():
            field.setVisible(bool(pools))
            if pools:
                name = str(path[-1])
                value = shown_value(name, getattr(pools[self._position], name))
                field.show_value(value)
        self._busy.setVisible(bool(pools))
        if pools:
            self._busy.show_question(question, self._position)

    def complete_with(self, names: dict[str, list[str]]) -> None:
        """Offer known names by field."""
        for path, field in self._fields.items():
            if str(path[-1]) in names:
                field.complete_with(names[str(path[-1])])

    def show_refusal(self, refusal: Refusal) -> None:
        """Say beside the field why a wish cannot be."""
        field = self._fields.get((self._table, 0, refusal.path[-1]))
        if field is not None:
            field.show_error(refusal.text)
        elif not self._busy.show_refusal(refusal):
            self._pools.show_error(refusal.text)

    def show_problem(self, where: str, text: str) -> None:
        """Say a fault such as `owned[2].accelerator` beside the field it belongs to."""
        place, _, name = where.partition(".")
        number = place.removeprefix(f"{self._table}[").removesuffix("]")
        if number.isdigit() and self._question is not None:
            self._position = int(number) - 1
            self.show_question(self._question)
        field = self._fields.get((self._table, 0, name))
        if field is not None:
            field.show_error(text)
        elif not self._busy.show_problem(where, text):
            self._pools.show_error(text)

    def _listed(self, question: Question) -> tuple[OwnedMachines, ...]:
        return question.commitments if self._table == "commitments" else question.owned

    def _on_chosen(self, position: int) -> None:
        self._position = position
        if self._question is not None:
            self.show_question(self._question)

    def _on_add(self) -> None:
        if self._question is not None:
            pools = self._listed(self._question)
            self._position = len(pools)
            last = pools[-1].accelerator if pools else FIRST_ACCELERATOR
            self.change_wished.emit(with_pool(self._question, self._table, last))

    def _on_copy(self, position: int) -> None:
        if self._question is not None:
            self._position = position + 1
            self.change_wished.emit(with_copy_of_pool(self._question, self._table, position))

    def _on_remove(self, position: int) -> None:
        if self._question is not None:
            self.change_wished.emit(without_pool(self._question, self._table, position))

    def _on_rename(self, position: int, name: str) -> None:
        self.change_wished.emit(of_field("name of machines", (self._table, position, "name"), name))

    def _on_wished(self, wish: FieldWish) -> None:
        name = wish.field.path[-1]
        words = f"{wish.field.plain_name.lower()} of machines"
        path = (self._table, self._position, name)
        self.change_wished.emit(of_field(words, path, wished_value(name, wish.value)))
