"""Opening, saving, keeping unsaved work, writing what the worker made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from catalog.problems import Problem, ProblemsError
from gui.app_version import app_version
from gui.comparing import Pinned
from gui.errands import NotDone
from gui.settings import Settings, write_settings
from solver.answer_file import parse_answer, to_json
from solver.document import SUFFIX, Document, read_document, write_document
from solver.export.question_words import title_of
from solver.files import FileError, write_atomically
from solver.question_file import read_question

if TYPE_CHECKING:
    from pathlib import Path

    from gui.errands import Outcome
    from gui.session import Session
    from gui.settings import Profile
    from solver.question import Question

AUTOSAVE_MS = 2_000
"""Quiet after which unsaved work is kept. [ms]"""


class Files(QObject):
    """The files of one window."""

    told = Signal(str)
    """Something was done, in words."""
    went_wrong = Signal(object)
    """A `ProblemsError`: a file could not be read or written."""
    recent_changed = Signal()

    def __init__(
        self, session: Session, profile: Profile, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._store = session.store
        self._profile = profile
        self.settings = settings
        self._later = QTimer(self, singleShot=True, interval=AUTOSAVE_MS)
        self._later.timeout.connect(self.keep_unsaved)
        self._store.question_changed.connect(self._on_question_changed)
        self._store.pins_changed.connect(self._on_question_changed)

    def open(self, path: Path) -> bool:
        """Open a project, a question or an answer; False where it cannot be."""
        try:
            document = opened(path)
        except ProblemsError as error:
            self.went_wrong.emit(error)
            return False
        is_project = path.suffix == SUFFIX
        self._store.open_question(
            document.question,
            path if is_project else None,
            document.answer,
            pins_of(document) if is_project else None,
        )
        if is_project:
            self._remember(path)
        self.told.emit(f"Opened {path.name}")
        return True

    def open_example(self, question: Question) -> None:
        """Begin anew with an example."""
        self._store.open_question(question, None, None)

    def save(self, path: Path) -> bool:
        """Save question and answer; False where the place cannot be written."""
        target = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
        try:
            write_document(target, self._document(), app_version())
        except FileError as error:
            self.went_wrong.emit(error)
            return False
        self._store.mark_saved(target)
        self._remember(target)
        self.forget_unsaved()
        self.told.emit(f"Saved {target.name}")
        return True

    def export(self, form: str, path: Path) -> None:
        """Write the answer as JSON at once, or send the worker for a page, a picture, tables.

        Args:
            form: pdf, html, md, png, csv or json.
            path: the file; for csv the folder of the tables.
        """
        answer = self._store.shown.answer
        if answer is None:
            return
        if form == "json":
            if self._write(path, to_json(answer).encode()):
                self.told.emit(f"Wrote {path.name}")
            return
        wanted = {"answer": answer.model_dump(mode="json"), "format": form}
        self._session.errands.send("paper", wanted, lambda made: self._on_paper(path, made))

    def suggested_name(self, suffix: str) -> str:
        """A file name after the question."""
        path = self._store.path
        words = path.stem if path is not None else title_of(self._store.question)
        return "".join(c if c.isalnum() or c in " -_" else "-" for c in words).strip() + suffix

    def keep_unsaved(self) -> None:
        """Keep unsaved work where the next start finds it."""
        if not self._store.is_unsaved:
            return
        try:
            write_document(self._profile.autosave_file, self._document(), app_version())
        except FileError as error:
            self.went_wrong.emit(error)

    def forget_unsaved(self) -> None:
        """Nothing is unsaved any more."""
        self._later.stop()
        self._profile.autosave_file.unlink(missing_ok=True)

    def recover(self) -> bool:
        """Take up work that an earlier run left unsaved; False where there is none."""
        path = self._profile.autosave_file
        if not path.exists():
            return False
        try:
            document = read_document(path)
        except ProblemsError:
            path.replace(path.with_suffix(".broken"))
            return False
        self._store.open_question(document.question, None, document.answer, pins_of(document))
        self._store.mark_unsaved()
        self.told.emit("Unsaved work of the last time is back")
        return True

    def change_settings(self, settings: Settings) -> None:
        """Keep other settings."""
        self.settings = settings
        write_settings(self._profile, settings)
        self.recent_changed.emit()

    def close(self) -> None:
        """Stop what is waiting."""
        self._later.stop()

    def _document(self) -> Document:
        shown = self._store.shown
        answer = shown.answer if shown.is_current else None
        sha256 = "" if answer is None else answer.provenance.catalog_sha256
        return Document(self._store.question, answer, sha256, self._store.pins)

    def _remember(self, path: Path) -> None:
        self.change_settings(self.settings.with_recent(path.absolute()))

    def _on_question_changed(self) -> None:
        self._later.start()

    def _on_paper(self, path: Path, made: Outcome) -> None:
        if isinstance(made, NotDone):
            self.went_wrong.emit(ProblemsError(made.title, made.problems))
            return
        there = [path / name for name in made.files if name and (path / name).exists()]
        if there:
            # The dialog that chose a folder has not asked about the files in it.
            remedy = "Choose another folder."
            problems = [Problem(file.name, "it exists there already", remedy) for file in there]
            self.went_wrong.emit(ProblemsError("Nothing was written", problems))
            return
        for name, content in made.files.items():
            if not self._write(path / name if name else path, content):
                return
        self.told.emit(f"Wrote {path.name}")

    def _write(self, path: Path, content: bytes) -> bool:
        try:
            write_atomically(path, content)
        except FileError as error:
            self.went_wrong.emit(error)
            return False
        return True


def pins_of(document: Document) -> tuple[Pinned, ...]:
    """The plans that a project keeps to be compared."""
    return tuple(Pinned(kept.answer, kept.job) for kept in document.pinned)


def opened(path: Path) -> Document:
    """The document in a project, a question (TOML, JSON) or an answer (JSON).

    Raises:
        ProblemsError: it is none of them, or has faults.
    """
    if path.suffix == SUFFIX:
        return read_document(path)
    try:
        return Document(read_question(path))
    except ProblemsError as error:
        if path.suffix != ".json":
            raise
        try:
            answer = parse_answer(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise error from None
        return Document(answer.question, answer, answer.provenance.catalog_sha256)
