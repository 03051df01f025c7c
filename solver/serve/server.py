"""`trilemma-worker serve`: the window's other half, over its standard input and output.

The window writes messages, the worker answers them in order (`solver/serve/frames.py`). It ends
when it is told to quit or when its input closes, so that it never outlives the window.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from solver.serve.frames import FrameError, Frames, Message, encoded

if TYPE_CHECKING:
    from collections.abc import Sequence

PIECE = 1 << 16
"""Bytes read at a time. [byte]"""

QUIT = Message("quit")

PROFILE_OPTION = "--profile-dir"
"""Names the folder of the user's settings, as for every command."""

QUESTION = "ask"
"""Kind of the messages that make an older question uninteresting."""


class Inbox:
    """Messages that came in, read by a thread of its own so that a newer one is seen at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._waiting: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._questions = threading.Semaphore(0)
        self._stream = stream
        # A daemon: it waits in a read that only the end of the window ends.
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def take(self) -> Message:
        """The next message; waits for it."""
        message = self._waiting.get()
        if message.kind == QUESTION:
            self._questions.acquire(blocking=False)
        return message

    def holds_question(self) -> bool:
        """True where a newer question waits."""
        waits = self._questions.acquire(blocking=False)
        if waits:
            self._questions.release()
        return waits

    def _read(self) -> None:
        frames = Frames()
        try:
            while piece := os.read(self._stream.fileno(), PIECE):
                for message in frames.feed(piece):
                    if message.kind == QUESTION:
                        self._questions.release()
                    self._waiting.put(message)
        except (FrameError, OSError) as error:
            sys.stderr.write(f"the window's messages cannot be read: {error}\n")
        self._waiting.put(QUIT)


def serve(arguments: Sequence[str] = ()) -> int:
    """Answer the window until it is gone; returns the exit code.

    Args:
        arguments: nothing, or `--profile-dir FOLDER`, where the user's own runs lie.
    """
    if arguments and (len(arguments) != 2 or arguments[0] != PROFILE_OPTION):  # noqa: PLR2004
        sys.stderr.write(f"serve takes {PROFILE_OPTION} FOLDER, not {' '.join(arguments)}\n")
        return 2
    out = protocol_stream()
    inbox = Inbox(sys.stdin.buffer)

    def send(message: Message) -> None:
        out.write(encoded(message))
        out.flush()

    # Pyomo and HiGHS take 0.35 s, and HiGHS prints on the first stream that it finds: only now.
    from solver.calibration.profile import profile_path  # noqa: PLC0415
    from solver.serve.desk import Desk  # noqa: PLC0415

    folder = Path(arguments[1]) if arguments else None
    desk = Desk(send, inbox.holds_question, own_runs=profile_path(folder))
    try:
        desk.greet()
        while (message := inbox.take()).kind != QUIT.kind:
            desk.handle(message)
    except BrokenPipeError:
        pass
    return 0


def protocol_stream() -> BinaryIO:
    """A stream of its own to the window; whatever libraries print goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "wb")
