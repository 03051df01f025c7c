"""What a file of the user's own holds, taken up again whenever it changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, TypeVar

from catalog.problems import ProblemsError
from solver.kept import unused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

logger = logging.getLogger(__name__)

Content = TypeVar("Content")


class Kept(Generic[Content]):
    """The content of a file as it is now; a broken file is no reason not to plan."""

    def __init__(
        self, path: Path | None, read: Callable[[Path], Content], empty: Content, what: str
    ) -> None:
        """Nothing is read yet.

        Args:
            path: the file; None where none is looked at.
            read: what it holds; raises a ProblemsError where it cannot be used.
            empty: the content where there is no file, or a broken one.
            what: what it holds, in words, plural.
        """
        self.path = path
        self._read = read
        self._empty = empty
        self._what = what
        self._stamp: tuple[int, int] | None = None
        self._content = empty
        self._fault = ""

    @property
    def content(self) -> Content:
        """What the file holds; the same object until the file changes."""
        self._look()
        return self._content

    @property
    def fault(self) -> str:
        """Why the file is planned without, in words; empty where it is not broken."""
        self._look()
        return self._fault

    def _look(self) -> None:
        stamp = stamp_of(self.path)
        if stamp == self._stamp:
            return
        self._stamp, self._content, self._fault = stamp, self._empty, ""
        if self.path is None or stamp is None:
            return
        try:
            self._content = self._read(self.path)
        except ProblemsError as error:
            self._fault = unused(self._what, error)
            logger.info("%s", self._fault)


def stamp_of(path: Path | None) -> tuple[int, int] | None:
    """Time and size of a file; None where there is none."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
