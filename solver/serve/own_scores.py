"""The scores that the user measured, taken up again whenever their file changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from solver.scored.own import OwnScoresError, read_own, scores_path
from solver.serve.own_runs import stamp_of

if TYPE_CHECKING:
    from pathlib import Path

    from solver.estimate.quality_constants import OwnScore

logger = logging.getLogger(__name__)


class KeptScores:
    """The scores that a folder of settings holds now; none where there is none."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else scores_path(folder)
        self._stamp: tuple[int, int] | None = None
        self._scores: tuple[OwnScore, ...] = ()

    @property
    def scores(self) -> tuple[OwnScore, ...]:
        """What is kept; the same object until the file changes."""
        stamp = stamp_of(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            self._scores = self._read()
        return self._scores

    def _read(self) -> tuple[OwnScore, ...]:
        """A broken file of scores is no reason not to plan, as for the command line."""
        if self._path is None or self._stamp is None:
            return ()
        try:
            return read_own(self._path).scores
        except OwnScoresError as error:
            logger.info("planned without your own scores: %s", error)
            return ()
