"""The tables of the form, folded away and made when they are first opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from gui.changes import Change, of_field, value_at
from gui.lists import with_table
from gui.reading import UnreadableError, count_of, hours_of, optional_name, ratio_of, whole_of
from gui.views.entry_table import Column, EntriesWish, EntryTable, Kind, stated
from gui.views.form_fields import exact_count, exact_hours, exact_ratio
from gui.views.pieces import Fold
from solver.export.words import count_text

if TYPE_CHECKING:
    from gui.changes import FieldPath, Refusal
    from solver.question import Question

PILOTS = Kind(
    "pilot",
    (
        Column("examples", "Examples", stated(whole_of), count_text),
        Column("score", "Score", stated(ratio_of), exact_ratio),
        Column("model", "Model", optional_name, str),
    ),
    "Small runs already measured say how hard the task is.",
    {"examples": 500, "score": 0.5},
    lambda last: {**last, "examples": 2 * last["examples"]},
)

OWN_SCORES = Kind(
    "score",
    (
        Column("model", "Model", stated(optional_name), str),
        Column("score", "Score", stated(ratio_of), exact_ratio),
        Column("method", "Method", stated(optional_name), str),
        Column("evaluated_on", "Judged on", stated(whole_of), count_text),
    ),
    "Scores that models reached on this task with all of its data.",
    {"model": "BERT-base", "score": 0.5},
    dict,
)

PHASES = Kind(
    "phase",
    (
        Column("steps", "Steps", stated(whole_of), count_text),
        Column("batch_sequences", "Sequences", stated(whole_of), count_text),
        Column("sequence", "Tokens each", stated(whole_of), count_text),
    ),
    "A published recipe, run in place of examples or tokens.",
    {"steps": 100_000, "batch_sequences": 256, "sequence": 512},
    dict,
)


def _pricing(text: str) -> bool | None:
    """True for spot, False for the rest, None for both."""
    word = text.strip().lower()
    if word not in PRICINGS:
        raise UnreadableError("Type spot or on-demand, or nothing for both")
    return PRICINGS[word]


PRICINGS = {"spot": True, "on-demand": False, "": None}


QUOTAS = Kind(
    "quota",
    (
        Column("gpus", "GPUs", stated(count_of), exact_count),
        Column("provider", "Provider", optional_name, str),
        Column("accelerator", "Kind", optional_name, str),
        Column("spot", "Pricing", _pricing, lambda spot: "spot" if spot else "on-demand"),
    ),
    "How many GPUs may be rented at once; what is left empty means all.",
    {"gpus": 8},
    dict,
)

BUSY = Kind(
    "absence",
    (
        Column("from_hours", "From", stated(hours_of), exact_hours),
        Column("to_hours", "Until", stated(hours_of), exact_hours),
    ),
    "When these machines serve someone else, from the start of the work.",
    {"from_hours": 0, "to_hours": 8},
    lambda last: {"from_hours": last["to_hours"] + 16, "to_hours": last["to_hours"] + 24},
)


class TableFold(Fold):
    """A fold around a table of one list of the question."""

    change_wished = Signal(object)
    """A `Change`."""

    def __init__(self, title: str, kind: Kind, path: FieldPath) -> None:
        super().__init__(title)
        self._kind = kind
        self._path = path
        self._position = 0
        self._question: Question | None = None
        self._names: dict[str, list[str]] = {}
        self._table: EntryTable | None = None
        self.button.toggled.connect(self._on_opened)

    @property
    def path(self) -> FieldPath:
        """Where the list stands in the question that is shown."""
        if len(self._path) > 1 and isinstance(self._path[1], int):
            return (self._path[0], self._position, *self._path[2:])
        return self._path

    def show_question(self, question: Question, position: int) -> None:
        """Show the list of a question, of the job or pool at a position."""
        self._question, self._position = question, position
        entries = value_at(question, self.path)
        self.set_note(str(len(entries)) if entries else "")
        if self._table is not None:
            self._table.show_entries(entries)

    def complete_with(self, names: dict[str, list[str]]) -> None:
        """Offer known names by field."""
        self._names = names
        if self._table is not None:
            for name, known in names.items():
                self._table.complete_with(name, known)

    def show_refusal(self, refusal: Refusal) -> bool:
        """Say why a wish cannot be; False where it is about something else."""
        if refusal.path[: len(self.path)] != self.path:
            return False
        self._say(refusal.text)
        return True

    def show_problem(self, where: str, text: str) -> bool:
        """Say a fault such as `jobs[1].pilots[2].model`; False where it is about something else."""
        dotted = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in self.path)
        place = dotted.removeprefix(".")
        if where != place and not where.startswith(f"{place}["):
            return False
        row = where.removeprefix(place).removeprefix("[").partition("]")[0]
        self._say(f"Row {row}: {text}" if row.isdigit() else text)
        return True

    def _say(self, text: str) -> None:
        self.button.setChecked(True)
        if self._table is not None:
            self._table.show_error(text)

    def _on_opened(self, is_open: bool) -> None:  # noqa: FBT001 - Qt's signal
        if not is_open or self._table is not None:
            return
        self._table = EntryTable(self._kind)
        self._table.entries_wished.connect(self._on_wished)
        self.body.addWidget(self._table)
        self.complete_with(self._names)
        if self._question is not None:
            self.show_question(self._question, self._position)

    def _on_wished(self, wish: EntriesWish) -> None:
        if self._question is None:
            return
        entries: Any = wish.entries
        if self._path[0] == "jobs":
            job = self._question.jobs[self._position]
            edits = with_table(job, self._position, str(self._path[-1]), entries).edits
            self.change_wished.emit(Change(wish.words, edits))
        else:
            self.change_wished.emit(of_field(wish.words, self.path, entries))
