"""A bug in the window: the work is saved first, then the fault is told."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from gui.runner import Fault

if TYPE_CHECKING:
    from types import TracebackType

    from gui.window import Window

logger = logging.getLogger(__name__)


def watch_faults(window: Window) -> None:
    """Let exceptions that nothing has caught, Qt's slots included, come to the window."""

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):
            sys.__excepthook__(kind, error, trace)
            return
        logger.error("a fault of the window", exc_info=(kind, error, trace))
        window.files.keep_unsaved()
        window.session.failed.emit(Fault(f"{kind.__name__}: {error}"))

    sys.excepthook = told
