"""Tables of the catalogue as the window holds them: search, order, links, what a row can do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gui.changes import Change, FieldPath, of_field
from gui.lists import with_pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solver.question import Question

TABLES = (
    ("accelerators", "Accelerators"),
    ("offers", "Offers"),
    ("models", "Models"),
    ("methods", "Methods"),
    ("precisions", "Precisions"),
    ("tasks", "Tasks"),
    ("scores", "Scores"),
)
"""Tables that can be browsed, as `solver.serve.clerk.BROWSED` holds them, and their titles."""

ADDRESSES = (
    (re.compile(r"https?://[^\s;,)]+"), "{0}"),
    (re.compile(r"\barXiv:(\d{4}\.\d{4,5})", re.IGNORECASE), "https://arxiv.org/abs/{0}"),
    (re.compile(r"\bgithub ([\w.-]+/[\w.-]+)", re.IGNORECASE), "https://github.com/{0}"),
    (re.compile(r"\bdoi:(10\.\d+/[^\s;,)]+)", re.IGNORECASE), "https://doi.org/{0}"),
)
"""Spellings of sources that say where they can be read."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One table of the catalogue."""

    table: str
    columns: tuple[str, ...]
    attributes: tuple[str, ...]
    keys: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    sources: tuple[str, ...]
    """Of each row: a source's key, or its own words."""
    titles: dict[str, tuple[str, str]]
    """Title and place of the sources that are keys."""

    def value(self, row: int, attribute: str) -> Any:  # noqa: ANN401 - of any fact
        """A value of a row by its attribute.

        Raises:
            ValueError: the table has no such column.
        """
        return self.rows[row][self.attributes.index(attribute)]

    def source_words(self, row: int) -> str:
        """Where a row was read."""
        source = self.sources[row]
        title, where = self.titles.get(source, ("", ""))
        return f"{title} ({where})" if title else source

    def ordered(self, words: str, column: int, *, descends: bool) -> list[int]:
        """Rows in which every word occurs, by the values of a column; what is unknown comes last.

        Args:
            words: as typed, in any case.
            column: to order by; -1: as the catalogue has them.
            descends: largest first.
        """
        wanted = words.lower().split()
        found = [row for row in range(len(self.rows)) if self._holds(row, wanted)]
        if column < 0:
            return found
        known = [row for row in found if self.rows[row][column] not in (None, "")]
        known.sort(key=lambda row: _sort_key(self.rows[row][column]), reverse=descends)
        return known + [row for row in found if self.rows[row][column] in (None, "")]

    def _holds(self, row: int, wanted: Sequence[str]) -> bool:
        if not wanted:
            return True
        # 17 ms of the catalogue's schema that the first paint need not wait for.
        from catalog.show import text_of  # noqa: PLC0415

        cells = "\n".join(map(text_of, self.rows[row]))
        haystack = f"{self.keys[row]}\n{cells}\n{self.sources[row]}".lower()
        return all(word in haystack for word in wanted)


@dataclass(frozen=True, slots=True)
class Use:
    """What a row is good for: a change of the question, by its name."""

    words: str
    change: Change


def rows_of(fields: dict[str, Any]) -> Rows:
    """The table that the worker sent."""
    return Rows(
        fields["table"],
        tuple(fields["columns"]),
        tuple(fields["attributes"]),
        tuple(fields["keys"]),
        tuple(tuple(row) for row in fields["rows"]),
        tuple(fields["sources"]),
        {key: (title, where) for key, (title, where) in fields["source_titles"].items()},
    )


def links(words: str) -> tuple[str, ...]:
    """Addresses that a source names."""
    found = [
        address.format(match.group(1) if match.re.groups else match.group(0))
        for pattern, address in ADDRESSES
        for match in pattern.finditer(words)
    ]
    return tuple(dict.fromkeys(found))


def uses(rows: Rows, row: int, question: Question, job: int) -> tuple[Use, ...]:
    """What a row can do for the question.

    Args:
        rows: a table.
        row: position in it.
        question: what is asked.
        job: position of the job that is edited.
    """
    return tuple(_USES.get(rows.table, _no_uses)(rows, row, question, job))


def _no_uses(rows: Rows, row: int, question: Question, job: int) -> Iterator[Use]:
    del rows, row, question, job
    yield from ()


def _of_accelerator(rows: Rows, row: int, question: Question, job: int) -> Iterator[Use]:
    del job
    name = rows.value(row, "id")
    yield _only(f"Rent only {name}", ("limits", "accelerators"), (name,))
    change = with_pool(question, "owned", name)
    yield Use(f"Add {name} as machines of my own", change)


def _of_offer(rows: Rows, row: int, question: Question, job: int) -> Iterator[Use]:
    del question, job
    provider, region = rows.value(row, "provider"), rows.value(row, "region")
    accelerator = rows.value(row, "accelerator")
    edits: list[tuple[FieldPath, Any]] = [
        (("limits", "providers"), (provider,)),
        (("limits", "regions"), (region,)),
        (("limits", "accelerators"), (accelerator,)),
        (("limits", "rent"), True),
    ]
    if rows.value(row, "pricing") == "spot":
        edits.append((("limits", "spot"), True))
    if rows.value(row, "marked"):
        edits.append((("limits", "include_marked_prices"), True))
    words = f"Only {accelerator} of {provider}, {region}"
    yield Use(words, Change(words.lower(), tuple(edits)))
    yield _only(f"Rent only from {provider}", ("limits", "providers"), (provider,))
    yield _only(f"Rent only {accelerator}", ("limits", "accelerators"), (accelerator,))


def _of_model(rows: Rows, row: int, question: Question, job: int) -> Iterator[Use]:
    attribute = "name" if rows.table == "models" else "model"
    name = rows.value(row, attribute)
    path: FieldPath = ("jobs", job, "models", "names")
    yield _only(f"Use only {name}", path, (name,))
    named = question.jobs[job].models.names
    if named and name not in named:
        yield _only(f"Allow {name} too", path, (*named, name))


def _of_method(rows: Rows, row: int, question: Question, job: int) -> Iterator[Use]:
    del question
    name = rows.value(row, "id")
    yield _only(f"Use only {name}", ("jobs", job, "methods"), (name,))


def _of_precision(rows: Rows, row: int, question: Question, job: int) -> Iterator[Use]:
    del question
    name = rows.value(row, "id")
    if rows.value(row, "role") == "training":
        yield _only(f"Use only {name}", ("jobs", job, "precisions"), (name,))


def _of_task(rows: Rows, row: int, question: Question, job: int) -> Iterator[Use]:
    del question
    name = rows.value(row, "id" if rows.table == "tasks" else "task")
    words = f"Ask for the task {name}"
    edits = ((("jobs", job, "task"), name), (("jobs", job, "family"), None))
    yield Use(words, Change(words.lower(), edits))


def _of_score(rows: Rows, row: int, question: Question, job: int) -> Iterator[Use]:
    yield from _of_model(rows, row, question, job)
    yield from _of_task(rows, row, question, job)


_USES = {
    "accelerators": _of_accelerator,
    "offers": _of_offer,
    "models": _of_model,
    "methods": _of_method,
    "precisions": _of_precision,
    "tasks": _of_task,
    "scores": _of_score,
}


def _only(words: str, path: FieldPath, value: object) -> Use:
    return Use(words, of_field(words[0].lower() + words[1:], path, value))


def _sort_key(value: object) -> tuple[int, float, str]:
    """Numbers by size, then texts by letters."""
    if isinstance(value, bool | int | float):
        return (0, float(value), "")
    return (1, 0.0, str(value).lower())
