"""The user's own runs, kept between uses: one file in the folder of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict

from catalog.problems import ProblemsError
from solver.calibration.calibration import NEUTRAL
from solver.calibration.runs import MeasuredRun, compared
from solver.kept import forget_kept, read_kept, write_kept

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from catalog.problems import Problem
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
    return read_kept(path, Profile, MOST_BYTES, _refused, lambda made: made.calibration)


def _refused(problems: list[Problem]) -> ProfileError:
    return ProfileError("Your own measurements cannot be used", problems)


def write_profile(path: Path, profile: Profile) -> None:
    """Keep the runs.

    Raises:
        FileError: the place cannot be written.
    """
    write_kept(path, profile)


def forget_profile(path: Path) -> bool:
    """Take the file away; False where there was none.

    Raises:
        FileError: it cannot be taken away.
    """
    return forget_kept(path, "measurements")
