"""Menus and shortcuts: what can be done, by name and by key."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from gui.app_version import app_version
from gui.middle import ACCURACY, COMPARE, REGION
from gui.present import card_of, spoken
from gui.theme import Choice
from gui.tools import Tools
from solver.document import SUFFIX
from solver.examples import folder
from solver.question_file import QuestionError, read_question

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QCloseEvent

    from catalog.problems import ProblemsError
    from gui.files import Files
    from gui.window import Window

OPENABLE = f"Projects, questions and answers (*{SUFFIX} *.toml *.json)"
FILTERS = {
    "pdf": "PDF (*.pdf)",
    "png": "Picture (*.png)",
    "html": "Web page (*.html)",
    "md": "Markdown (*.md)",
    "json": "Answer (*.json)",
}

KEYS_TEXT = """\
Ctrl+O, Ctrl+S, Ctrl+Shift+S\topen, save, save as
Ctrl+Z, Ctrl+Shift+Z\tundo, redo
Ctrl+E\texport the page as PDF
Ctrl+L\tlaunch files of the plan
Ctrl+G\tlook through the catalogue
Ctrl+P\tpin the plan, or the candidate looked at
Ctrl+1, Ctrl+2, Ctrl+3\tregion, pinned plans, accuracy and pilots
Ctrl+R\tto the region; there:
    ← →\tmove the deadline
    ↑ ↓\tmove the budget
    Shift\tlarger steps
Ctrl+D, Ctrl+B, Ctrl+K\tto deadline, budget, accuracy
In lists: F2, Delete, Alt+↑ ↓\trename, remove, move
In tables: Insert, Delete\tadd a row, remove it
F5\task again
Esc\tstop, or back to the plan
"""


class Menus(QObject):
    """The menu bar of a window."""

    theme_wished = Signal(object)
    """A `Choice`."""

    def __init__(self, window: Window, files: Files) -> None:
        super().__init__(window)
        self._window = window
        self._files = files
        self._store = window.session.store
        self.tools = window.tools = Tools(window)
        self.tools.told.connect(self._on_told)
        self._make_file_menu()
        self._make_edit_menu()
        self._make_plan_menu()
        self._make_view_menu()
        self._make_help_menu()
        window.card.export_wished.connect(self.export)
        window.close_wished.connect(self._on_close_wished)
        files.went_wrong.connect(self._on_went_wrong)
        files.told.connect(self._on_told)
        files.recent_changed.connect(self._fill_recent)

    def open(self) -> None:
        """Ask for a file and open it."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", "", OPENABLE)
        if name and self._may_leave():
            self._files.open(Path(name))

    def open_file(self, path: Path) -> None:
        """Open a file that is known already, unless unsaved work is to be kept first."""
        if self._may_leave():
            self._files.open(path)

    def save(self) -> bool:
        """Save where the question came from, or ask where; False where it was not saved."""
        path = self._store.path
        return self._files.save(path) if path is not None else self.save_as()

    def save_as(self) -> bool:
        """Ask for a place and save there."""
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save", self._files.suggested_name(SUFFIX), f"Projects (*{SUFFIX})"
        )
        return bool(name) and self._files.save(Path(name))

    def export(self, form: str) -> None:
        """Ask for a place and write the answer there."""
        if self._store.shown.answer is None:
            return
        if form == "csv":
            name = QFileDialog.getExistingDirectory(self._window, "Export tables to a folder")
            if name:
                self._files.export(form, Path(name))
            return
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Export", self._files.suggested_name(f".{form}"), FILTERS[form]
        )
        if name:
            self._files.export(form, Path(name))

    def _make_file_menu(self) -> None:
        menu = self._window.menuBar().addMenu("&File")
        self._examples = menu.addMenu("&New from example")
        self._examples.aboutToShow.connect(self._fill_examples)
        self._add(menu, "&Open …", self.open, QKeySequence.StandardKey.Open)
        self._recent = menu.addMenu("Open &recent")
        self._fill_recent()
        menu.addSeparator()
        self._add(menu, "&Save", self.save, QKeySequence.StandardKey.Save)
        self._add(menu, "Save &as …", self.save_as, "Ctrl+Shift+S")
        menu.addSeparator()
        self._add(menu, "Export &PDF …", lambda: self.export("pdf"), "Ctrl+E")
        self._add(menu, "Export p&icture …", lambda: self.export("png"))
        more = menu.addMenu("Export a&s")
        for form, words in (
            ("html", "&Web page …"),
            ("md", "&Markdown …"),
            ("csv", "&Tables for a spreadsheet …"),
            ("json", "&Answer as JSON …"),
        ):
            self._add(more, words, partial(self.export, form))
        menu.addSeparator()
        self._add(menu, "&Quit", self._window.close, QKeySequence.StandardKey.Quit)

    def _make_edit_menu(self) -> None:
        menu = self._window.menuBar().addMenu("&Edit")
        history = self._store.history
        for action, keys in (
            (history.createUndoAction(self, "&Undo"), ["Ctrl+Z"]),
            (history.createRedoAction(self, "&Redo"), ["Ctrl+Shift+Z", "Ctrl+Y"]),
        ):
            action.setShortcuts([QKeySequence(key) for key in keys])
            menu.addAction(action)
        menu.addSeparator()
        self._add(menu, "&Copy the plan as text", self._copy, "Ctrl+Shift+C")

    def _make_plan_menu(self) -> None:
        menu = self._window.menuBar().addMenu("&Plan")
        pages = self._window.middle.pages
        self._add(menu, "&Pin it to compare", self._window.pin, "Ctrl+P")
        self._add(menu, "&Compare pinned plans", partial(pages.show_page, COMPARE), "Ctrl+2")
        self._add(menu, "&Accuracy and pilots", partial(pages.show_page, ACCURACY), "Ctrl+3")
        self._add(menu, "Show the &region", partial(pages.show_page, REGION), "Ctrl+1")
        self._add(menu, "It has &begun as planned", self._window.begin)
        menu.addSeparator()
        self._add(menu, "&Runs of your own …", self.tools.show_runs)
        self._add(menu, "Catalo&gue …", self.tools.show_catalogue, "Ctrl+G")
        self._add(menu, "&Launch files …", self.tools.show_launch, "Ctrl+L")

    def _make_view_menu(self) -> None:
        window = self._window
        menu = window.menuBar().addMenu("&View")
        group = QActionGroup(self)
        for choice in Choice:
            action = self._add(
                menu,
                f"{choice.value.capitalize()} colours",
                partial(self.theme_wished.emit, choice),
            )
            action.setCheckable(True)
            action.setChecked(choice is self._files.settings.theme)
            group.addAction(action)
        menu.addSeparator()
        self._add(menu, "To the &region", self._to_region, "Ctrl+R")
        for words, keys, name in (
            ("To the &deadline", "Ctrl+D", "limits.deadline_hours"),
            ("To the &budget", "Ctrl+B", "limits.budget_usd"),
            ("To the minimum &accuracy", "Ctrl+K", "jobs.0.min_accuracy"),
        ):
            self._add(menu, words, partial(window.form.focus_on, name), keys)
        menu.addSeparator()
        self._add(menu, "As&k again", window.session.ask_again, "F5")
        self._add(menu, "&Stop", self._on_escape, "Esc")

    def _make_help_menu(self) -> None:
        menu = self._window.menuBar().addMenu("&Help")
        self._add(menu, "&Keys", lambda: self._tell("Keys", KEYS_TEXT), "F1")
        self._add(menu, "&About Trilemma", self._about)

    def _add(
        self,
        menu: QMenu,
        words: str,
        do: Callable[[], object],
        keys: QKeySequence.StandardKey | str | None = None,
    ) -> QAction:
        action = QAction(words, self)
        action.triggered.connect(lambda _=False: do())
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        menu.addAction(action)
        return action

    def _fill_examples(self) -> None:
        """Name the examples by their titles, once they are asked for: reading them takes 20 ms."""
        if not self._examples.isEmpty():
            return
        for path in sorted(folder().glob("*.toml")):
            try:
                title = read_question(path).title or path.stem
            except QuestionError:
                continue
            self._add(self._examples, title, partial(self._open_example, path))

    def _fill_recent(self) -> None:
        self._recent.clear()
        for name in self._files.settings.recent:
            path = Path(name)
            self._add(self._recent, path.name, partial(self.open_file, path))
        self._recent.setEnabled(bool(self._files.settings.recent))

    def _open_example(self, path: Path) -> None:
        if self._may_leave():
            self._files.open_example(read_question(path))

    def _may_leave(self) -> bool:
        """Ask what becomes of unsaved work; False where the user stays."""
        if not self._store.is_unsaved:
            return True
        buttons = QMessageBox.StandardButton
        asked = QMessageBox(self._window)
        asked.setText("Save the changes to this question?")
        asked.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        asked.setDefaultButton(buttons.Save)
        answer = asked.exec()
        if answer == buttons.Save:
            return self.save()
        if answer == buttons.Discard:
            self._files.forget_unsaved()
        return answer == buttons.Discard

    def _on_close_wished(self, event: QCloseEvent) -> None:
        if not self._may_leave():
            event.ignore()
            return
        self._files.close()
        window, settings = self._window, self._files.settings
        self._files.change_settings(
            settings.replace(
                geometry=bytes(window.saveGeometry().data()).hex(),
                splitter=bytes(window.splitter.saveState().data()).hex(),
            )
        )
        window.session.close()

    def _on_went_wrong(self, error: ProblemsError) -> None:
        self._window.show_problems(error.title, error.problems)

    def _on_told(self, words: str) -> None:
        self._window.status.say(words)

    def _to_region(self) -> None:
        self._window.middle.pages.show_page(REGION)
        self._window.region.plot.setFocus()

    def _on_escape(self) -> None:
        if self._store.shown.looked_at is not None:
            self._store.look_at(None)
        else:
            self._window.session.runner.stop_if_busy()

    def _copy(self) -> None:
        answer = self._store.shown.answer
        if answer is not None:
            QGuiApplication.clipboard().setText(spoken(card_of(answer)))
            self._on_told("Copied")

    def _about(self) -> None:
        sha256 = self._window.session.catalog_sha256[:12]
        self._tell(
            "About Trilemma",
            f"Trilemma {app_version()}\n\nPlans Transformer training under a deadline, a budget "
            "and a minimum accuracy, with a mixed-integer program.\n\n"
            f"Catalogue SHA-256 {sha256}…\nApache-2.0. Font: Inter (OFL-1.1). "
            "Solver: HiGHS (MIT) through Pyomo (BSD). Window: Qt for Python (LGPL-3.0).",
        )

    def _tell(self, title: str, text: str) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(title)
        box.setText(text)
        box.open()
