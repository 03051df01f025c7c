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
from gui.lists import PARTS, stated_once, with_aim, with_part
from gui.views import form_fields as every
from gui.views import form_tables as tables
from gui.views.fields import Field, FieldWish, LimitField, TextField
from gui.views.form_tables import TableFold
from gui.views.job_list import JobList
from gui.views.pieces import Fold, card, column, label, rule, scrolled
from gui.views.pools import Pools
from solver.export.question_words import title_of
from solver.export.words import count_text
from solver.question import Aim, Software, TaskFamily

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QVBoxLayout

    from gui.changes import FieldPath, Refusal
    from gui.cloud import Counted
    from gui.views.entry_table import Kind
    from solver.question import Question

    Switches = tuple[tuple[FieldPath, str], ...]

PURE_AIMS = [aim.value for aim in Aim if aim is not Aim.BALANCED]

FAMILY: FieldPath = ("jobs", 0, "family")


class Form(QFrame):
    """Shows a `Question` and tells which changes are wished."""

    change_wished = Signal(object)
    """A `Change`."""
    gesture_ended = Signal()
    job_chosen = Signal(int)
    """Position of the job that is shown from now on."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question
        self._fields: dict[FieldPath, TextField] = {}
        self._switches: dict[FieldPath, QCheckBox] = {}
        self._tables: list[TableFold] = []
        self._pools: dict[str, Pools] = {}
        self._names: dict[str, list[str]] = {}
        self._keys: dict[str, str] = {}
        self._folds: dict[Fold, tuple[Field, ...]] = {}
        self._later: set[Fold] = set()
        self._job = 0
        frame, outer = card()
        outer.setContentsMargins(0, 4, 0, 4)
        column(self, 0).addWidget(frame)
        content = QWidget()
        self._layout = column(content, 10)
        self._layout.setContentsMargins(16, 12, 16, 12)
        self._area = scrolled(content)
        outer.addWidget(self._area)
        self._layout.addWidget(label("QUESTION", "over"))
        self._title = label("", "title", wraps=True)
        self._layout.addWidget(self._title)
        self._jobs = JobList(question)
        self._jobs.chosen.connect(self.choose_job)
        self._jobs.change_wished.connect(self.change_wished)
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
        self._jobs.show_question(question, self._job)
        self._chain.setVisible(len(question.jobs) > 1)
        for path, field in self._fields.items():
            field.show_value(self._shown(path))
        by_date = question.limits.deadline is not None
        hint = "by its date" if by_date else every.NO_LIMIT
        self._fields[every.DEADLINE.path].edit.setPlaceholderText(hint)
        for path, switch in self._switches.items():
            switch.blockSignals(True)  # noqa: FBT003 - Qt's call
            switch.setChecked(bool(value_at(question, path)))
            switch.blockSignals(False)  # noqa: FBT003 - Qt's call
        for aim, button in self._aims.items():
            button.setChecked(question.aim is aim)
        job = question.jobs[self._job]
        self._family.setCurrentIndex(max(self._family.findData(job.family), 0))
        for table in self._tables:
            table.show_question(question, self._job)
        for pools in self._pools.values():
            pools.show_question(question)
        for fold, fields in self._folds.items():
            many = sum(self._shown(field.path) is not None for field in fields)
            fold.set_note(f"{many} set" if many else "")
        self._own.set_note(", ".join(pool.name for pool in question.pools))

    @property
    def job(self) -> int:
        """Position of the job that is shown."""
        return self._job

    def choose_job(self, position: int) -> None:
        """Show another job."""
        if position != self._job:
            self._job = position
            self.show_question(self._question)
            self.job_chosen.emit(position)

    def show_keys(self, keys: dict[str, str]) -> None:
        """Know the candidate of each planned job: what runs where a run is said to be under way."""
        self._keys = keys

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

    def focus_on_aim(self) -> None:
        """Begin where nothing is changed by a stray key."""
        self._aims[self._question.aim].setFocus()

    def focus_on(self, name: str) -> None:
        """Begin to type into the field of a name."""
        self._revealed(lambda at: ".".join(map(str, at)) == name)
        edit = self.findChild(QLineEdit, name)
        if edit is not None:
            edit.setFocus()
            edit.selectAll()

    def open_fold(self, name: str) -> None:
        """Open the table of a list of the job, and look at it."""
        for table in self._tables:
            if table.path[-1] == name:
                table.button.setChecked(True)
                table.button.setFocus()
                self._area.ensureWidgetVisible(table)

    def show_refusal(self, refusal: Refusal) -> None:
        """Say beside the field why a wish cannot be."""
        path = refusal.path
        table = str(path[0])
        place = ("jobs", 0, *path[2:]) if table == "jobs" else path
        field = self._revealed(lambda at: at == place)
        if field is None and len(path) > 2:  # noqa: PLR2004 - shorter ones name whole lists
            field = self._revealed(lambda at: at[: len(place)] == place)
        if field is not None:
            field.show_error(refusal.text)
        elif any(table.show_refusal(refusal) for table in self._tables):
            return
        elif table in self._pools:
            self._pools[table].show_refusal(refusal)
        else:
            self._jobs.show_error(refusal.text)

    def show_problem(self, where: str, text: str) -> None:
        """Say a fault beside the field it belongs to."""
        number = where.removeprefix("jobs[").partition("]")[0]
        if number.isdigit():
            self.choose_job(min(int(number), len(self._question.jobs)) - 1)
        table = where.partition("[")[0]
        if table in every.POOLS:
            self._own.button.setChecked(True)
            self._pools[table].show_problem(where, text)
            return
        if any(fold.show_problem(where, text) for fold in self._tables):
            return
        field = self._revealed(lambda at: where.startswith(_dotted(self._moved(at))))
        if field is not None:
            field.show_error(text)

    def offer(self, choices: dict[str, Any]) -> None:
        """Offer the catalogue's names while typing."""
        accelerators = [part[0] for part in choices["accelerators"]]
        self._names = {
            "task": [task[0] for task in choices["tasks"]],
            "names": choices["models"],
            "model": choices["models"],
            "teacher": choices["models"],
            "methods": [method[0] for method in choices["methods"]],
            "method": [method[0] for method in choices["methods"]],
            "precisions": choices["precisions"],
            "providers": choices["providers"],
            "provider": choices["providers"],
            "regions": choices["regions"],
            "accelerators": accelerators,
            "accelerator": accelerators,
            "deploy_on": accelerators,
            "aim": PURE_AIMS,
            "second_aim": PURE_AIMS,
            "software": [software.value for software in Software],
        }
        self._complete()
        for table in self._tables:
            table.complete_with(self._names)
        for pools in self._pools.values():
            pools.complete_with(self._names)

    def _complete(self) -> None:
        for path, field in self._fields.items():
            if str(path[-1]) in self._names:
                field.complete_with(self._names[str(path[-1])])

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
                lambda _=False, aim=aim: self._wish(with_aim(self._question, aim))
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
        self._chain = self._fold("Place among the jobs", every.CHAIN)
        pilots = self._table("Pilot measurements", tables.PILOTS, ("jobs", 0, "pilots"))
        scores = self._table("Own scores", tables.OWN_SCORES, ("jobs", 0, "own_scores"))
        phases = self._table("Recipe in phases", tables.PHASES, ("jobs", 0, "phases"))
        models = self._fold("Models and methods", every.MODELS)
        deployment = self._fold("Deployment", every.DEPLOYMENT)
        under_way = self._fold("Under way", every.UNDER_WAY)
        machines = self._fold("Machines", every.MACHINES, every.SWITCHES)
        self._own = Fold("Own machines")
        self._own.fill_when_opened(self._fill_own)
        quotas = self._table("Quotas", tables.QUOTAS, ("limits", "quotas"))
        more = self._fold("More limits", every.MORE_LIMITS)
        aims = self._fold("More aims", every.AIMS_MORE)
        of_job = (data, self._chain, pilots, scores, phases, models, deployment, under_way)
        for fold in (*of_job, machines, self._own, quotas, more, aims):
            self._layout.addWidget(fold)

    def _fold(self, title: str, fields: tuple[Field, ...], switches: Switches = ()) -> Fold:
        """A fold whose fields are made when it is opened: the window is seen 20 ms sooner."""
        fold = Fold(title)
        self._folds[fold] = fields
        self._later.add(fold)
        fold.fill_when_opened(lambda: self._fill(fold, switches))
        return fold

    def _fill(self, fold: Fold, switches: Switches) -> None:
        self._later.discard(fold)
        for path, words in switches:
            self._switch(fold.body, path, words)
        self._text_fields(fold.body, self._folds[fold])
        self._complete()
        self.show_question(self._question)

    def _revealed(self, holds: Callable[[FieldPath], bool]) -> TextField | None:
        """The field whose path fits, its fold opened; None where there is none."""
        for fold in list(self._later):
            if any(holds(field.path) for field in self._folds[fold]):
                fold.button.setChecked(True)
        found = next((made for path, made in self._fields.items() if holds(path)), None)
        if found is not None:
            self._open_around(found)
        return found

    def _fill_own(self) -> None:
        for table, (noun, title, fields) in every.POOLS.items():
            made = self._pools[table] = Pools(table, noun, title, fields)
            made.change_wished.connect(self.change_wished)
            made.complete_with(self._names)
            made.show_question(self._question)
            self._own.body.addWidget(made)

    def _table(self, title: str, kind: Kind, path: FieldPath) -> TableFold:
        made = TableFold(title, kind, path)
        made.change_wished.connect(self.change_wished)
        self._tables.append(made)
        return made

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

    def _shown(self, path: FieldPath) -> Any:  # noqa: ANN401 - of any field
        """The value that the field of a path shows; None where it says nothing."""
        return every.shown_value(path[-1], value_at(self._question, self._moved(path)))

    def _wish(self, change: Change) -> None:
        self.change_wished.emit(change)

    def _on_wished(self, wish: FieldWish) -> None:
        path, words = self._moved(wish.field.path), wish.field.plain_name.lower()
        name = path[-1]
        value = every.wished_value(name, wish.value)
        swept = {}
        if len(path) > 1 and path[-2] in PARTS:
            key = self._keys.get(self._question.jobs[self._job].name, "")
            first = {"key": key} if path[-2] == "running" else {}
            self._wish(with_part(self._question, path, value, first))
            return
        if path[0] == "jobs":
            swept = stated_once(self._question.jobs[self._job], str(name), value)
        if swept:
            others = [(("jobs", self._job, key), other) for key, other in swept.items()]
            self._wish(Change(words, ((path, value), *others), wish.merges))
        else:
            self._wish(of_field(words, path, value, merges=wish.merges))
        if not wish.merges:
            self.gesture_ended.emit()

    def _on_family(self, index: int) -> None:
        family = self._family.itemData(index)
        self._wish(of_field("family of the task", self._moved(FAMILY), family))


def _dotted(path: FieldPath) -> str:
    """A path as faults spell it: jobs[1].min_accuracy."""
    return "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in path).removeprefix(".")
