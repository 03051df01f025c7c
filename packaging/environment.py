"""The environment that is bundled: pinned packages, and the project as its own wheel."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINS = ROOT / "constraints.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ROOMS = ("catalog", "solver", "gui")


class BuildError(Exception):
    """A step of the build cannot be done."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment of the build's own."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        windows = self.folder / "Scripts" / "python.exe"
        return windows if sys.platform == "win32" else self.folder / "bin" / "python"

    def run(self, *words: str, **variables: str) -> str:
        """What a command of its Python prints; with further environment variables.

        Raises:
            BuildError: it failed.
        """
        command = [str(self.python), *words]
        done = subprocess.run(
            command,
            check=False,
            # Not where the source lies: what is bundled is what the wheel holds.
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, **variables},
        )
        if done.returncode:
            raise BuildError(f"{' '.join(words[:3])} ended with {done.returncode}\n{done.stdout}")
        return done.stdout


def prepared(folder: Path) -> Environment:
    """An environment with what the project and its build need, each as pinned.

    One that has the same packages is used again.
    """
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["package"]]
    told = "\n".join([sys.version, *wanted, PINS.read_text(encoding="utf-8")])
    digest = hashlib.sha256(told.encode()).hexdigest()
    made, stamp = Environment(folder), folder / "made-from"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return made
    venv.create(folder, clear=True, with_pip=True)
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    made.run(*pip, "-c", str(PINS), *wanted)
    stamp.write_text(digest, encoding="utf-8")
    return made


def wheel(made: Environment, out: Path) -> Path:
    """The project as a wheel, checked and installed into the environment."""
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    name = f"trilemma-{PROJECT['version']}-py3-none-any.whl"
    made.run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(out), str(ROOT))
    built = out / name
    problems = wheel_problems(built)
    if problems:
        raise BuildError("\n".join(problems))
    made.run(*pip, "install", "--no-deps", "--force-reinstall", str(built))
    return built


def wheel_problems(built: Path) -> list[str]:
    """What is wrong with a wheel: it holds the three packages with their data, and nothing else."""
    with zipfile.ZipFile(built) as file:
        inside = {name for name in file.namelist() if ".dist-info/" not in name}
        notes = {name.rpartition("/")[2] for name in file.namelist() if ".dist-info/" in name}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    } | {f"solver/examples_data/{path.name}" for path in (ROOT / "examples").glob("*.toml")}
    return [
        *(f"the wheel lacks {name}" for name in sorted(wanted - inside)),
        *(f"the wheel holds {name}, which is not ours" for name in sorted(inside - wanted)),
        *(f"the wheel lacks its {n}" for n in ("METADATA", "LICENSE", "WHEEL") if n not in notes),
    ]
