"""One window for each profile: a second start hands its file to the first and ends.

A lock file tells whether there is a first; a request is a small file in a folder that the first
watches. So it needs neither a network library nor a server, and works alike on every system.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QFileSystemWatcher, QLockFile, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent

from solver.files import FileError, read_text, write_atomically

if TYPE_CHECKING:
    from gui.settings import Profile

logger = logging.getLogger(__name__)

PATIENCE_S = 3.0
"""How long a second start waits for the first to take its request. [s]"""

LOOK_EVERY_S = 0.02
MOST_BYTES = 65_536


class Claim(QObject):
    """The right of being the first window of a profile, and the requests of later starts."""

    asked = Signal(object)
    """A file to open as `Path`; None: only show yourself."""

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = profile.data / "requests"
        self._lock: QLockFile | None = None
        self._watcher: QFileSystemWatcher | None = None
        self.is_taken = False
        """Another window of this profile is open."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:  # a profile that cannot be written has no use for claims
            logger.info("the profile cannot be claimed: %s", error)
            return
        lock = QLockFile(str(profile.data / "window.lock"))
        lock.setStaleLockTime(0)  # not by age: only the end of its process makes it stale
        if lock.tryLock(0):
            self._lock = lock
        else:
            self.is_taken = lock.error() is QLockFile.LockError.LockFailedError

    def hand_over(self, path: Path | None) -> bool:
        """Ask the first window to open a file; False where it takes no notice."""
        request = self._folder / f"{uuid.uuid4().hex}.json"
        wish = None if path is None else str(path.absolute())
        try:
            write_atomically(request, json.dumps({"open": wish}))
        except FileError as error:
            logger.info("the request cannot be written: %s", error)
            return False
        end = time.monotonic() + PATIENCE_S
        while request.exists() and time.monotonic() < end:
            time.sleep(LOOK_EVERY_S)
        is_heard = not request.exists()
        request.unlink(missing_ok=True)
        return is_heard

    def listen(self) -> None:
        """Take requests from now on; what lies there from earlier times is thrown away."""
        if self._lock is None:
            return
        for old in self._requests():
            old.unlink(missing_ok=True)
        self._watcher = QFileSystemWatcher([str(self._folder)], self)
        self._watcher.directoryChanged.connect(self._on_changed)

    def release(self) -> None:
        """Let the next start be the first."""
        if self._watcher is not None:
            self._watcher.deleteLater()
            self._watcher = None
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def _requests(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))

    def _on_changed(self) -> None:
        for request in self._requests():
            try:
                wish = json.loads(read_text(request, MOST_BYTES))["open"]
                request.unlink()
            except (FileError, OSError, ValueError, KeyError, TypeError) as error:
                logger.info("a request cannot be read: %s", error)
                continue
            path = None if wish is None else Path(wish)
            # The other start waits for its file to go; opening may ask the user first.
            QTimer.singleShot(0, self, lambda path=path: self.asked.emit(path))


class OpenedFromDesktop(QObject):
    """Files that macOS hands to a running application as events."""

    asked = Signal(object)
    """A `Path`."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take events that name a file."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.asked.emit(Path(event.file()))
            return True
        return super().eventFilter(watched, event)
