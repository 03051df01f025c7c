"""Files of the user's own in the folder of settings: read with every fault told, written whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from catalog.problems import Problem, ProblemsError
from solver.files import FileError, read_text, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Content = TypeVar("Content", bound=BaseModel)


def read_kept(
    path: Path,
    model: type[Content],
    most_bytes: int,
    refused: Callable[[list[Problem]], ProblemsError],
    probe: Callable[[Content], object] | None = None,
) -> Content:
    """What a file holds; an empty value where there is no file.

    Args:
        path: the file.
        model: of its content; made without arguments, it is empty.
        most_bytes: longer files are refused. [byte]
        refused: makes the error that is raised.
        probe: uses the content as it will be used; what it raises tells that it cannot be.

    Raises:
        ProblemsError: made by `refused`: the file is not one of these, or of another release.
    """
    if not path.exists():
        return model()
    try:
        made = model.model_validate_json(read_text(path, most_bytes))
        if probe is not None:
            probe(made)
    except FileError as error:
        raise refused(list(error.problems)) from error
    except (ValidationError, TypeError, ValueError, KeyError) as error:
        what = "it is broken, or was written by another release"
        remedy = "Run `trilemma calibrate --forget` and read your files again."
        raise refused([Problem(str(path), what, remedy)]) from error
    return made


def write_kept(path: Path, content: BaseModel) -> None:
    """Keep a content, whole or not at all.

    Raises:
        FileError: the place cannot be written.
    """
    write_atomically(path, content.model_dump_json(indent=1) + "\n")


def forget_kept(path: Path, what: str) -> bool:
    """Take a file away; False where there was none.

    Args:
        path: the file.
        what: what it holds, in the plural, for the error.

    Raises:
        FileError: it cannot be taken away.
    """
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        problem = Problem(str(path), error.strerror or str(error), "Take the file away yourself.")
        raise FileError(f"The {what} cannot be forgotten", [problem]) from error
    return True


def unused(what: str, error: ProblemsError) -> str:
    """That something of the user's own is planned without, and why.

    The place is told without its folder: it goes into answers, which are handed on.
    """
    why = "; ".join(f"{problem.what}. {problem.remedy}" for problem in error.problems)
    return f"planned without your own {what}, which cannot be used: {why}"
