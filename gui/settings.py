"""What the program remembers between runs, and where: settings, recent files, autosave."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.problems import Problem
from gui.theme import Choice
from solver.files import FileError, read_text, write_atomically

logger = logging.getLogger(__name__)

APP = "trilemma"
MOST_RECENT = 8
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Profile:
    """The folders of one user."""

    config: Path
    data: Path

    @property
    def settings_file(self) -> Path:
        """Where settings are kept."""
        return self.config / "settings.json"

    @property
    def autosave_file(self) -> Path:
        """Where unsaved work is kept."""
        return self.data / "autosave.trilemma"


class Settings(BaseModel):
    """What is remembered; unknown keys of a newer program are dropped."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    theme: Choice = Choice.SYSTEM
    recent: tuple[str, ...] = ()
    geometry: str = ""
    """Place and size of the window, as Qt writes them, in hexadecimal."""
    splitter: str = ""
    """Widths of the three columns, likewise."""

    def replace(self, **changes: object) -> Settings:
        """The settings with some fields exchanged."""
        return Settings.model_validate({**self.model_dump(), **changes})

    def with_recent(self, path: Path) -> Settings:
        """The settings with a file as the most recent one."""
        name = str(path)
        others = tuple(known for known in self.recent if known != name)
        return self.replace(recent=(name, *others)[:MOST_RECENT])


def profile_of(folder: Path | None) -> Profile:
    """The user's folders, or all of them below one folder."""
    if folder is not None:
        return Profile(folder, folder)
    return Profile(
        Path(platformdirs.user_config_dir(APP, appauthor=False)),
        Path(platformdirs.user_data_dir(APP, appauthor=False)),
    )


def read_settings(profile: Profile) -> tuple[Settings, Problem | None]:
    """The settings; a file that cannot be used is moved aside and told, never a reason to stop."""
    path = profile.settings_file
    if not path.exists():
        return Settings(), None
    try:
        return Settings.model_validate_json(read_text(path, MOST_BYTES)), None
    except (FileError, ValidationError) as error:
        logger.info("settings cannot be used: %s", error)
        aside = path.with_suffix(".broken.json")
        try:
            path.replace(aside)
        except OSError:
            return Settings(), Problem(path.name, "the settings cannot be read", "Remove the file.")
        what = "the settings could not be read and were put aside"
        return Settings(), Problem(path.name, what, f"They lie in {aside.name}.")


def write_settings(profile: Profile, settings: Settings) -> None:
    """Keep the settings; a folder that cannot be written is no reason to stop."""
    try:
        write_atomically(profile.settings_file, settings.model_dump_json(indent=1) + "\n")
    except FileError as error:
        logger.info("settings cannot be kept: %s", error)
