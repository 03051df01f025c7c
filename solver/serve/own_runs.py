"""What the user's own runs say, taken up again whenever their file changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from solver.calibration.calibration import NEUTRAL
from solver.calibration.profile import ProfileError, read_profile

if TYPE_CHECKING:
    from pathlib import Path

    from solver.calibration.calibration import Calibration

logger = logging.getLogger(__name__)


class OwnRuns:
    """The calibration that a profile holds now; neutral where there is none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._calibration = NEUTRAL

    @property
    def path(self) -> Path | None:
        """The file; None where none is looked at."""
        return self._path

    @property
    def calibration(self) -> Calibration:
        """What the runs say; the same object until the file changes."""
        stamp = stamp_of(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            self._calibration = self._read()
        return self._calibration

    def _read(self) -> Calibration:
        """A broken file of runs is no reason not to plan, as for the command line."""
        if self._path is None or self._stamp is None:
            return NEUTRAL
        try:
            return read_profile(self._path).calibration
        except ProfileError as error:
            logger.info("planned without your own measurements: %s", error)
            return NEUTRAL


def stamp_of(path: Path | None) -> tuple[int, int] | None:
    """Time and size of a file; None where there is none."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
