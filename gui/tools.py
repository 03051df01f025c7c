"""Windows beside the window: launch files, and later what else is looked at apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from catalog.problems import Problem
from gui.errands import NotDone
from solver.files import FileError
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from gui.errands import Outcome
    from gui.session import Session
    from gui.theme import Look
    from gui.views.launch import LaunchDialog
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
        self._folder: Path | None = None
        self._store.shown_changed.connect(self._on_shown_changed)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        if self._launch is not None:
            self._launch.set_look(look)

    def show_launch(self) -> LaunchDialog:
        """Show the launch files of the present plan."""
        if self._launch is None:
            # 20 ms that the first paint need not wait for.
            from gui.views.launch import LaunchDialog  # noqa: PLC0415

            self._launch = LaunchDialog(self._look, self._window)
            self._launch.save_wished.connect(self._on_save_wished)
            self._launch.told.connect(self.told)
        self._launch.show()
        self._launch.raise_()
        self._launch.activateWindow()
        self._fetch_previews()
        return self._launch

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
