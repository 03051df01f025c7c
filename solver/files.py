"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from catalog.problems import Problem, ProblemsError


class FileError(ProblemsError):
    """A file cannot be read or written."""


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all, keeping the old one where it fails.

    Args:
        path: what to write; missing folders are made.
        content: bytes, or text to be written as UTF-8.

    Raises:
        FileError: the place cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        what = error.strerror or str(error)
        if isinstance(error, FileExistsError | NotADirectoryError):
            what = f"{path.parent} is a file, not a folder"
        problem = Problem(str(path), what, "Choose a place you can write to.")
        raise FileError("The file cannot be written", [problem]) from error


def read_text(path: Path, most_bytes: int) -> str:
    """The UTF-8 text of a file.

    Raises:
        FileError: it cannot be read, is too large or is not UTF-8.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= most_bytes else None
    except OSError as error:
        problem = Problem(str(path), error.strerror or str(error), "Give a readable file.")
        raise FileError("The file cannot be read", [problem]) from error
    if raw is None:
        problem = Problem(str(path), f"it has more than {most_bytes:,} bytes", "Give another file.")
        raise FileError("The file cannot be read", [problem])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(str(path), f"byte {error.start} is not UTF-8", "Give a UTF-8 text file.")
        raise FileError("The file cannot be read", [problem]) from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
