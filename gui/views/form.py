"""The question form: the triangle first, everything else folded below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from gui.changes import Change, of_field, value_at
from gui.views import form_fields as every
from gui.views.fields import Field, FieldWish, LimitField, TextField
from gui.views.pieces import Fold, card, column, label, rule, scrolled
from gui.views.pilots import PilotTable
from solver.export.question_words import title_of
from solver.export.words import count_text, plural
from solver.question import TaskFamily

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout

    from gui.changes import FieldPath, Refusal
    from gui.cloud import Counted
    from solver.question import Question

FAMILY: FieldPath = ("jobs", 0, "family")


class Form(QFrame):
    """Shows a `Question` and tells which changes are wished."""

    change_wished = Signal(object)
    """A `Change`."""
    gesture_ended = Signal()

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question
        self._fields: dict[FieldPath, TextField] = {}
        self._switches: dict[FieldPath, QCheckBox] = {}
        self._job = 0
        frame, outer = card()
        outer.setContentsMargins(0, 4, 0, 4)
        column(self, 0).addWidget(frame)
        content = QWidget()
        self._layout = column(content, 10)
        self._layout.setContentsMargins(16, 12, 16, 12)
        outer.addWidget(scrolled(content))
        self._layout.addWidget(label("QUESTION", "over"))
        self._title = label("", "title", wraps=True)
        self._layout.addWidget(self._title)
        self._jobs = QComboBox()
        self._jobs.setAccessibleName("Job")
        self._jobs.activated.connect(self._on_job)
        self._layout.addWidget(self._jobs)
        self._add_essentials()
        self._layout.addWidget(rule())
        self._add_folds()
        self._layout.addStretch(1)
        self.setAccessibleName("Question")

    def show_question(self, question: Question) -> None:
        """Show a question."""
        self._question = question
        self._job = min(self._job, len(question.jobs) - 1)
        self._title.setText(title_of(question))
        names = [job.name for job in question.jobs]
        if [self._jobs.itemText(i) for i in range(self._jobs.count())] != names:
            self._jobs.clear()
            self._jobs.addItems(names)
        self._jobs.setCurrentIndex(self._job)
        self._jobs.setVisible(len(names) > 1)
        for path, field in self._fields.items():
            field.show_value(self._shown_value(question, path))
        for path, switch in self._switches.items():
            switch.blockSignals(True)  # noqa: FBT003 - Qt's call
            switch.setChecked(bool(value_at(question, path)))
            switch.blockSignals(False)  # noqa: FBT003 - Qt's call
        for aim, button in self._aims.items():
            button.setChecked(question.aim is aim)
        job = question.jobs[self._job]
        self._family.setCurrentIndex(max(self._family.findData(job.family), 0))
        self._pilots.show_pilots(job.pilots)
        self._pilot_fold.set_note(str(len(job.pilots)) if job.pilots else "")
        owned = [f"{pool.machines} × {pool.name}" for pool in question.owned]
        self._owned.setText(f"Own machines: {', '.join(owned)}" if owned else "No own machines.")

    def show_counts(self, counted: Counted | None) -> None:
        """Say under each limit how many candidates keep it."""
        triples = (
            (every.DEADLINE, None if counted is None else counted.deadline),
            (every.BUDGET, None if counted is None else counted.budget),
            (every.ACCURACY, None if counted is None else counted.accuracy),
        )
        for field, kept in triples:
            note = ""
            if counted is not None and kept is not None:
                note = f"{count_text(kept)} of {count_text(counted.candidates)} keep it"
            self._fields[field.path].show_note(note)

    def focus_on(self, name: str) -> None:
        """Begin to type into the field of a name."""
        edit = self.findChild(QLineEdit, name)
        if edit is not None:
            edit.setFocus()
            edit.selectAll()

    def show_refusal(self, refusal: Refusal) -> None:
        """Say beside the field why a wish cannot be."""
        field = self._fields.get(refusal.path)
        if field is not None:
            field.show_error(refusal.text)

    def show_problem(self, where: str, text: str) -> bool:
        """Say a fault beside the field it belongs to; False where no field is known."""
        for path, field in self._fields.items():
            dotted = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in path)
            if where.startswith(dotted.removeprefix(".")):
                field.show_error(text)
                self._open_around(field)
                return True
        return False

    def offer(self, choices: dict[str, Any]) -> None:
        """Offer the catalogue's names while typing."""
        names = {
            "task": [task[0] for task in choices["tasks"]],
            "names": choices["models"],
            "methods": [method[0] for method in choices["methods"]],
            "precisions": choices["precisions"],
            "providers": choices["providers"],
            "regions": choices["regions"],
            "accelerators": [part[0] for part in choices["accelerators"]],
        }
        for path, field in self._fields.items():
            if str(path[-1]) in names:
                field.complete_with(names[str(path[-1])])

    def _add_essentials(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(4)
        group = QButtonGroup(self)
        self._aims = {}
        for at, (aim, words) in enumerate(every.AIMS):
            button = QPushButton(words)
            button.setProperty("role", "segment")
            button.setCheckable(True)
            button.setObjectName(f"aim-{aim.value}")
            button.clicked.connect(
                lambda _=False, aim=aim: self._wish(Change("aim", ((("aim",), aim),)))
            )
            group.addButton(button)
            grid.addWidget(button, at // 2, at % 2)
            self._aims[aim] = button
        self._layout.addLayout(grid)
        self._limit(every.DEADLINE, 1 / 60, 24.0 * 60, is_log=True)
        self._limit(every.BUDGET, 0.1, 1e6, is_log=True)
        self._limit(every.ACCURACY, 0.0, 1.0, is_log=False)
        self._limit(every.CONFIDENCE, 0.5, 0.95, is_log=False)

    def _add_folds(self) -> None:
        data = Fold("Task and data", is_open=True)
        self._family = QComboBox()
        self._family.setAccessibleName("Family of the task")
        self._family.addItem("family as the catalogue says", None)
        for family in TaskFamily:
            self._family.addItem(family.value.replace("-", " "), family)
        self._family.activated.connect(self._on_family)
        self._text_fields(data.body, every.DATA[:2])
        data.body.addWidget(self._family)
        self._text_fields(data.body, every.DATA[2:])
        self._pilot_fold = Fold("Pilot measurements")
        self._pilots = PilotTable()
        self._pilots.pilots_wished.connect(self._on_pilots)
        self._pilot_fold.body.addWidget(self._pilots)
        machines = Fold("Machines")
        for path, words in every.SWITCHES:
            self._switch(machines.body, path, words)
        self._text_fields(machines.body, every.MACHINES)
        self._owned = label("", "quiet", wraps=True)
        machines.body.addWidget(self._owned)
        models = Fold("Models and methods")
        self._text_fields(models.body, every.MODELS)
        more = Fold("More limits")
        self._text_fields(more.body, every.MORE_LIMITS)
        for fold in (data, self._pilot_fold, machines, models, more):
            self._layout.addWidget(fold)

    def _limit(self, field: Field, low: float, high: float, *, is_log: bool) -> None:
        made = LimitField(field, low, high, is_log=is_log)
        made.gesture_ended.connect(self.gesture_ended)
        self._take(made)
        self._layout.addWidget(made)

    def _text_fields(self, body: QVBoxLayout, fields: tuple[Field, ...]) -> None:
        for field in fields:
            made = TextField(field)
            if field.path[-1] in every.WIDE:
                made.widen()
            self._take(made)
            body.addWidget(made)

    def _take(self, field: TextField) -> None:
        field.wished.connect(self._on_wished)
        self._fields[field.field.path] = field

    def _switch(self, body: QVBoxLayout, path: FieldPath, words: str) -> None:
        made = QCheckBox(words)
        made.setObjectName(".".join(map(str, path)))
        made.toggled.connect(
            lambda on: self._wish(of_field(words.replace("&", "").split(",")[0], path, on))
        )
        self._switches[path] = made
        body.addWidget(made)

    def _open_around(self, field: QWidget) -> None:
        """Open the fold that hides a field."""
        around = field.parentWidget()
        while around is not None and not isinstance(around, Fold):
            around = around.parentWidget()
        if around is not None:
            around.button.setChecked(True)

    def _moved(self, path: FieldPath) -> FieldPath:
        """The path of the job that is shown."""
        return ("jobs", self._job, *path[2:]) if path[0] == "jobs" else path

    def _shown_value(self, question: Question, path: FieldPath) -> Any:  # noqa: ANN401 - of any field
        value = value_at(question, self._moved(path))
        return None if value == () else value

    def _wish(self, change: Change) -> None:
        self.change_wished.emit(change)

    def _on_wished(self, wish: FieldWish) -> None:
        path, words = self._moved(wish.field.path), wish.field.plain_name.lower()
        edits = [(path, wish.value), *self._swept(wish)]
        if len(edits) == 1:
            self._wish(of_field(words, path, wish.value, merges=wish.merges))
        else:
            self._wish(Change(words, tuple(edits), wish.merges))

    def _swept(self, wish: FieldWish) -> list[tuple[FieldPath, Any]]:
        """The work is stated once: one way of stating it takes the place of the other."""
        job, name = self._question.jobs[self._job], wish.field.path[-1]
        if wish.value is None or job.phases:
            return []
        if name == "tokens":
            cleared: dict[str, int | None] = {"examples": None, "tokens_per_example": None}
        elif name in ("examples", "tokens_per_example") and job.tokens is not None:
            cleared = {"tokens": None, "examples": 1000, "tokens_per_example": 128}
            del cleared[name]
        else:
            return []
        return [(("jobs", self._job, key), value) for key, value in cleared.items()]

    def _on_family(self, index: int) -> None:
        family = self._family.itemData(index)
        self._wish(of_field("family of the task", self._moved(FAMILY), family))

    def _on_pilots(self, pilots: tuple[dict[str, Any], ...]) -> None:
        words = plural(len(pilots), "pilot")
        self._wish(of_field(words, ("jobs", self._job, "pilots"), pilots))

    def _on_job(self, index: int) -> None:
        self._job = index
        self.change_wished.emit(Change("job shown", ()))
