"""Windows beside the window: launch files, and later what else is looked at apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from catalog.problems import Problem
from gui.browsing import rows_of, uses
from gui.errands import Brought, NotDone
from solver.files import FileError
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

    from gui.browsing import Rows
    from gui.changes import Change
    from gui.errands import Outcome
    from gui.runs import OwnRuns
    from gui.session import Session
    from gui.theme import Look
    from gui.views.catalogue import CatalogueDialog
    from gui.views.launch import LaunchDialog
    from gui.views.runs_dialog import RunsDialog
    from gui.window import Window
    from solver.export.launch.preview import Preview


class Tools(QObject):
    """Opens the windows beside the window, and fetches for them what the worker knows."""

    told = Signal(str)
    """Something was done, in words."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session: Session = window.session
        self._store = window.session.store
        self._look = window.look
        self._launch: LaunchDialog | None = None
        self._catalogue: CatalogueDialog | None = None
        self._runs: OwnRuns | None = None
        self._tables: dict[str, Rows] = {}
        self._folder: Path | None = None
        self._store.shown_changed.connect(self._on_shown_changed)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        for dialog in (self._launch, self._catalogue):
            if dialog is not None:
                dialog.set_look(look)

    def show_launch(self) -> LaunchDialog:
        """Show the launch files of the present plan."""
        if self._launch is None:
            # 20 ms that the first paint need not wait for.
            from gui.views.launch import LaunchDialog  # noqa: PLC0415

            self._launch = LaunchDialog(self._look, self._window)
            self._launch.save_wished.connect(self._on_save_wished)
            self._launch.told.connect(self.told)
        _bring_forward(self._launch)
        self._fetch_previews()
        return self._launch

    def show_catalogue(self, table: str = "") -> CatalogueDialog:
        """Show the catalogue, at a table where one is named."""
        if self._catalogue is None:
            # 20 ms that the first paint need not wait for.
            from gui.views.catalogue import CatalogueDialog  # noqa: PLC0415

            self._catalogue = CatalogueDialog(self._look, self._window)
            self._catalogue.table_wished.connect(self._on_table_wished)
            self._catalogue.facts_wished.connect(self._on_facts_wished)
            self._catalogue.change_wished.connect(self._on_change_wished)
            self._store.question_changed.connect(self._show_uses)
            self._on_table_wished(self._catalogue.table)
        if table:
            self._catalogue.choose(table)
        _bring_forward(self._catalogue)
        return self._catalogue

    def show_runs(self) -> RunsDialog:
        """Show the runs of the user's own and what they change."""
        if self._runs is None:
            # 10 ms that the first paint need not wait for.
            from gui.runs import OwnRuns  # noqa: PLC0415

            self._runs = OwnRuns(self._window)
            self._runs.told.connect(self.told)
        _bring_forward(self._runs.dialog)
        self._runs.look()
        return self._runs.dialog

    def _on_table_wished(self, table: str) -> None:
        if table in self._tables:
            self._show_rows(table)
        else:
            self._session.errands.send("rows", {"table": table}, self._take_rows)

    def _take_rows(self, outcome: Outcome) -> None:
        if isinstance(outcome, NotDone):
            self._window.show_problems(outcome.title, outcome.problems)
            return
        rows = rows_of(outcome.fields)
        self._tables[rows.table] = rows
        self._show_rows(rows.table)

    def _show_rows(self, table: str) -> None:
        if self._catalogue is not None:
            self._catalogue.show_rows(self._tables[table])

    def _on_facts_wished(self, table: str, key: str) -> None:
        self._show_uses()
        self._session.errands.send("facts", {"table": table, "key": key}, self._take_facts)

    def _take_facts(self, outcome: Outcome) -> None:
        if self._catalogue is not None and isinstance(outcome, Brought):
            self._catalogue.show_facts(outcome.fields["key"], outcome.fields["pairs"])

    def _show_uses(self) -> None:
        dialog = self._catalogue
        if dialog is None or dialog.position is None or dialog.table not in self._tables:
            return
        rows, job = self._tables[dialog.table], self._window.form.job
        dialog.show_uses(uses(rows, dialog.position, self._store.question, job))

    def _on_change_wished(self, change: Change) -> None:
        self._store.end_gesture()
        self._store.wish(change)
        self.told.emit(f"Done: {change.words}")

    def _fetch_previews(self) -> None:
        shown = self._store.shown
        dialog = self._launch
        if dialog is None or not isinstance(shown.answer, Solved | Stopped):
            if dialog is not None:
                dialog.show_previews(())
            return
        answer = shown.answer.model_dump(mode="json")
        self._session.errands.send("launch", {"answer": answer}, self._take_previews)

    def _take_previews(self, outcome: Outcome) -> None:
        if self._launch is None:
            return
        if isinstance(outcome, NotDone):
            self._launch.show_previews(())
            self._launch.show_problems(outcome.problems)
            return
        from solver.export.launch.files import LaunchFile  # noqa: PLC0415 - with the dialog
        from solver.export.launch.preview import Preview  # noqa: PLC0415

        self._launch.show_previews(
            [
                Preview(
                    made["target"],
                    made["title"],
                    made["start"],
                    tuple(LaunchFile(path, text) for path, text in made["files"]),
                    tuple(Problem(*told) for told in made["problems"]),
                )
                for made in outcome.fields["previews"]
            ]
        )

    def _on_shown_changed(self) -> None:
        """The files of a plan that is no more would be wrong."""
        if self._launch is not None and self._launch.isVisible() and self._store.shown.is_current:
            self._fetch_previews()

    def _on_save_wished(self, preview: Preview, replaces: bool) -> None:  # noqa: FBT001 - Qt's signal
        if not replaces or self._folder is None:
            name = QFileDialog.getExistingDirectory(self._launch, "Save the files to a folder")
            if not name:
                return
            self._folder = Path(name)
        self.save_files(preview, self._folder, replaces=replaces)

    def save_files(self, preview: Preview, folder: Path, *, replaces: bool) -> None:
        """Write launch files; where some exist, nothing, unless they shall be replaced."""
        from solver.export.launch.preview import save  # noqa: PLC0415 - with the dialog

        if self._launch is None:
            return
        self._folder = folder
        try:
            made = save(preview.files, folder, replace=replaces)
        except FileError as error:
            may_replace = all(Path(problem.where).is_file() for problem in error.problems)
            self._launch.show_problems(error.problems, may_replace=may_replace)
            return
        self._launch.show_saved(f"Saved {', '.join(path.name for path in made)} in {folder}")


def _bring_forward(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
