"""Scores that the user measured, kept between uses: one file in the folder of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.problems import Problem, ProblemsError
from solver.estimate.quality_constants import OwnScore
from solver.files import FileError, read_text, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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
    if not path.exists():
        return OwnScores()
    try:
        return OwnScores.model_validate_json(read_text(path, MOST_BYTES))
    except FileError as error:
        raise OwnScoresError("Your own scores cannot be used", error.problems) from error
    except (ValidationError, ValueError) as error:
        what = "it is broken, or was written by another release"
        problem = Problem(
            str(path), what, "Run `trilemma calibrate --forget` and read your files again."
        )
        raise OwnScoresError("Your own scores cannot be used", [problem]) from error


def write_own(path: Path, own: OwnScores) -> None:
    """Keep the scores.

    Raises:
        FileError: the place cannot be written.
    """
    write_atomically(path, own.model_dump_json(indent=1) + "\n")
