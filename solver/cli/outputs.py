"""What commands that turn an answer into files share: reading it, and never overwriting unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.problems import Problem, ProblemsError
from solver.check import read_answer
from solver.cli.terminal import complain
from solver.files import FileError, read_text, write_atomically
from solver.outcome.seal import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from solver.plan import Answer

MOST_BYTES = 50_000_000
"""An answer of two hundred jobs has a few; a larger file is something else. [byte]"""


def answer_in(path: Path) -> Answer:
    """The answer that a file holds.

    Raises:
        ProblemsError: it cannot be read or is no answer.
    """
    made = read_answer(read_text(path, MOST_BYTES))
    if isinstance(made, tuple):
        raise ProblemsError(f"{path} is no answer file", made)
    if digest_of(made) != made.digest:
        complain(f"warning: {path} was changed after it was written; `trilemma check` says how")
    return made


def write_new(files: Mapping[Path, bytes | str], *, force: bool) -> None:
    """Write files, all or none where one would replace another.

    Args:
        files: content by path.
        force: replace files that exist.

    Raises:
        FileError: a file exists, or cannot be written.
    """
    there = [path for path in files if path.exists()]
    if there and not force:
        problems = [Problem(str(path), "it exists", "Add --force to replace it.") for path in there]
        raise FileError("Nothing was written", problems)
    for path, content in files.items():
        write_atomically(path, content)
