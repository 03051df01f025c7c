"""What is wrong with data or a question: all faults at once, each with its place and remedy."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault, in the reader's words.

    Attributes:
        where: file, line and field, or the path inside a question.
        what: the value found and why it cannot stand.
        remedy: the way out.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


class ProblemsError(Exception):
    """Some input cannot be used; carries every fault found in it."""

    def __init__(self, title: str, problems: Sequence[Problem]) -> None:
        self.title = title
        self.problems = tuple(problems)
        super().__init__("\n".join([title, *(f"  {problem}" for problem in self.problems)]))


class CatalogError(ProblemsError):
    """The catalogue holds rows that cannot be used."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for an unknown word: the nearest known ones, or all of them when few."""
    choices = sorted(known)
    near = difflib.get_close_matches(word.lower(), [c.lower() for c in choices], n=3, cutoff=0.6)
    if near:
        named = [c for n in near for c in choices if c.lower() == n]
        return f"Did you mean {' or '.join(repr(c) for c in dict.fromkeys(named))}?"
    if choices and len(choices) <= 12:  # noqa: PLR2004 - a list longer than this is no help
        return f"Known: {', '.join(choices)}."
    return "Run `trilemma catalog list` to see what is known."
