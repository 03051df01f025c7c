"""What only the plot needs, read by a thread once the window is seen.

pyqtgraph takes 250 ms, NumPy's masked arrays another 40 ms at the first quantile: read in the event
loop they would hold it up for so long. A thread hands the interpreter over every 5 ms.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import threading

from PySide6.QtCore import QObject, Signal

from solver.plan import ANSWER

NAMES = ("gui.views.region_plot", "numpy.ma", "catalog.show")


class LateModules(QObject):
    """Reads modules in a thread of its own."""

    arrived = Signal()
    """All of them can be imported at once."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        # No daemon: the interpreter does not end in the middle of an import.
        self._thread = threading.Thread(target=self._read, name="late modules")

    def start(self) -> None:
        """Begin to read; call it once."""
        self._thread.start()

    def _read(self) -> None:
        try:
            for name in NAMES:
                importlib.import_module(name)
            ANSWER.rebuild()  # 7 ms that the first answer need not wait for
            # What is there now stays: no collection needs to look through it again (30 ms).
            gc.freeze()
        finally:
            # Also after a fault: whoever imports them next meets it where it can be shown. Where
            # the window was closed meanwhile, this object went with it.
            with contextlib.suppress(RuntimeError):
                self.arrived.emit()
