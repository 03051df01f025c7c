"""One worker process behind pipes: starts it, cuts its messages, ends it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from solver.serve.frames import FrameError, Frames, Message, encoded

logger = logging.getLogger(__name__)

END_WITHIN_MS = 400
"""How long a worker may take to end by itself. [ms]"""


def worker_command(settings: Path | None = None) -> tuple[str, list[str]]:
    """Program and arguments of the worker: beside a built program, else this Python.

    Args:
        settings: folder of the user's settings, where own runs lie; None: the usual one.
    """
    own = [] if settings is None else ["--profile-dir", str(settings)]
    if getattr(sys, "frozen", False):
        return str(Path(sys.executable).with_name("trilemma-worker")), ["serve", *own]
    return sys.executable, ["-m", "solver.worker", "serve", *own]


class Worker(QObject):
    """A `trilemma-worker serve` of our own."""

    said = Signal(object)
    """A `Message` of the worker."""
    ended = Signal(str)
    """It is gone though nobody ended it; with what it said last."""

    def __init__(self, parent: QObject, settings: Path | None = None) -> None:
        super().__init__(parent)
        self.is_ready = False
        self._frames = Frames()
        self._last_words = ""
        self._is_wanted = True
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.readyReadStandardError.connect(self._on_error_output)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        program, arguments = worker_command(settings)
        self._process.start(program, arguments)

    @property
    def process_id(self) -> int:
        """The system's number of the process; 0 where it does not run."""
        return int(self._process.processId())

    def send(self, message: Message) -> None:
        """Tell the worker something."""
        self._process.write(encoded(message))

    def ask_to_end(self) -> None:
        """Tell it to go and do not wait; `end` must follow."""
        self._is_wanted = False
        if self._process.state() is QProcess.ProcessState.Running:
            self.send(Message("quit"))
            self._process.closeWriteChannel()

    def end(self) -> None:
        """Have it gone when this returns."""
        self._is_wanted = False
        if not self._process.waitForFinished(END_WITHIN_MS):
            self.kill()

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self._is_wanted = False
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(END_WITHIN_MS)
        self.deleteLater()

    def _on_output(self) -> None:
        piece = self._process.readAllStandardOutput().data()
        try:
            for message in self._frames.feed(bytes(piece)):
                if self._is_wanted:
                    self.is_ready = True
                    self.said.emit(message)
        except FrameError as error:
            self._last_words = str(error)
            self._process.kill()

    def _on_error_output(self) -> None:
        words = bytes(self._process.readAllStandardError().data()).decode(errors="replace").strip()
        if words:
            self._last_words = words.splitlines()[-1]
            logger.info("worker: %s", words)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._last_words = self._process.errorString()
            self._on_finished()

    def _on_finished(self) -> None:
        if self._is_wanted:
            self._is_wanted = False
            self.ended.emit(self._last_words)
