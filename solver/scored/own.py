"""Scores that the user measured, kept between uses: one file in the folder of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from catalog.problems import ProblemsError
from solver.estimate.quality_constants import OwnScore
from solver.kept import forget_kept, read_kept, write_kept

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from catalog.problems import Problem

FILE = "scores.json"

MOST_BYTES = 20_000_000
"""A score takes two hundred. [byte]"""


class OwnScoresError(ProblemsError):
    """The kept scores cannot be used."""


class OwnScores(BaseModel):
    """The file: every score that was read."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal["trilemma-scores"] = "trilemma-scores"
    version: Literal[1] = 1
    scores: tuple[OwnScore, ...] = ()

    def joined(self, scores: Iterable[OwnScore]) -> OwnScores:
        """The scores with some more; a file that was read before replaces what it said."""
        new = tuple(scores)
        read = {score.source for score in new}
        every = [score for score in self.scores if score.source not in read]
        ordered = sorted((*every, *new), key=lambda s: (s.task, s.model, s.method, s.examples))
        return OwnScores(scores=tuple(ordered))


def scores_path(folder: Path) -> Path:
    """Where the scores lie in a folder of settings."""
    return folder / FILE


def read_own(path: Path) -> OwnScores:
    """The scores that are kept; none where there is no file.

    Raises:
        OwnScoresError: the file is not one of these, or of a later release.
    """
    return read_kept(path, OwnScores, MOST_BYTES, _refused)


def _refused(problems: list[Problem]) -> OwnScoresError:
    return OwnScoresError("Your own scores cannot be used", problems)


def write_own(path: Path, own: OwnScores) -> None:
    """Keep the scores.

    Raises:
        FileError: the place cannot be written.
    """
    write_kept(path, own)


def forget_own(path: Path) -> bool:
    """Take the file away; False where there was none.

    Raises:
        FileError: it cannot be taken away.
    """
    return forget_kept(path, "scores")
