"""The user's own runs, kept between uses: one file in the folder of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.problems import Problem, ProblemsError
from solver.calibration.calibration import NEUTRAL
from solver.calibration.runs import MeasuredRun, compared
from solver.files import FileError, read_text, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from solver.calibration.calibration import Calibration

FILE = "calibration.json"

MOST_BYTES = 50_000_000
"""A run takes two thousand. [byte]"""


class ProfileError(ProblemsError):
    """The kept runs cannot be used."""


class Profile(BaseModel):
    """The file: every run that was read, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal["trilemma-calibration"] = "trilemma-calibration"
    version: Literal[1] = 1
    runs: tuple[MeasuredRun, ...] = ()

    def with_runs(self, runs: Iterable[MeasuredRun]) -> Profile:
        """The profile with some runs more; one of the same name takes the place of the old."""
        every = {run.name: run for run in (*self.runs, *runs)}
        return Profile(runs=tuple(every[name] for name in sorted(every)))

    @property
    def calibration(self) -> Calibration:
        """What all runs say with the constants of this release; neutral without runs."""
        if not self.runs:
            return NEUTRAL
        return compared(self.runs).calibration(max(run.read_on for run in self.runs))


def profile_path(folder: Path | None = None) -> Path:
    """Where the runs lie: in the folder named, else in the user's settings."""
    return (folder or user_config_path("trilemma", appauthor=False)) / FILE


def read_profile(path: Path) -> Profile:
    """The runs that are kept; none where there is no file.

    Raises:
        ProfileError: the file is not one of these, or of a later release.
    """
    if not path.exists():
        return Profile()
    try:
        made = Profile.model_validate_json(read_text(path, MOST_BYTES))
        compared(made.runs) if made.runs else None
    except FileError as error:
        raise ProfileError("Your own measurements cannot be used", error.problems) from error
    except (ValidationError, TypeError, ValueError, KeyError) as error:
        what = "it is broken, or was written by another release"
        problem = Problem(
            str(path), what, "Run `trilemma calibrate --forget` and read your logs again."
        )
        raise ProfileError("Your own measurements cannot be used", [problem]) from error
    return made


def write_profile(path: Path, profile: Profile) -> None:
    """Keep the runs.

    Raises:
        FileError: the place cannot be written.
    """
    write_atomically(path, profile.model_dump_json(indent=1) + "\n")


def forget_profile(path: Path) -> bool:
    """Take the file away; False where there was none.

    Raises:
        FileError: it cannot be taken away.
    """
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        problem = Problem(str(path), error.strerror or str(error), "Take the file away yourself.")
        raise FileError("The measurements cannot be forgotten", [problem]) from error
    return True
