"""What the files of a Linux program say of themselves, read by binutils."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

from environment import BuildError

if TYPE_CHECKING:
    from pathlib import Path


@cache
def tool(name: str, package: str) -> str:
    """Path of a program of the system.

    Raises:
        BuildError: it is missing.
    """
    found = shutil.which(name)
    if found is None:
        raise BuildError(f"{name} is missing: install {package}")
    return found


@cache
def loads(path: str) -> tuple[str, ...]:
    """Names of the libraries that a file itself asks for, not those that they ask for in turn."""
    command = [tool("objdump", "binutils"), "-p", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return tuple(re.findall(r"^\s+NEEDED\s+(\S+)", done.stdout, flags=re.MULTILINE))


def missing(paths: list[Path]) -> list[str]:
    """Libraries that programs ask for and that are neither among them nor on this machine.

    A bundle without them starts nowhere where they are missing too, and PyInstaller only warns.
    """
    inside = {path.name for path in paths}
    known = subprocess.run(
        [shutil.which("ldconfig") or "/sbin/ldconfig", "-p"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    here = set(re.findall(r"^\s+(\S+) \(", known, flags=re.MULTILINE)) | {"linux-vdso.so.1"}
    asked = {name for path in paths for name in loads(str(path))}
    return sorted(asked - inside - here)


def forget_places(paths: list[Path]) -> None:
    """Take away where files look for libraries on this machine; places in the bundle stay."""
    for path in paths:
        command = [tool("objdump", "binutils"), "-p", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if re.search(r"^\s+(?:RPATH|RUNPATH)\s+/", done.stdout, flags=re.MULTILINE):
            remove = [tool("chrpath", "chrpath"), "--delete", str(path)]
            subprocess.run(remove, stdout=subprocess.DEVNULL, check=True)


def strip(path: str) -> None:
    """Take away what only debuggers read."""
    subprocess.run([tool("strip", "binutils"), path], check=True)
