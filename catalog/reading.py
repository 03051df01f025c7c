"""Catalogue files as rows of text: CSV from a spreadsheet or TOML, with the place of each row."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

SEPARATORS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read: its place for messages, and its filled cells by column."""

    where: str
    """File and line, or file and section."""
    cells: Mapping[str, Any]


def read_text(path: Path, label: str) -> tuple[str, list[Problem]]:
    """The text of a file; what a spreadsheet adds (a byte order mark, CRLF) is taken off.

    Args:
        path: file to read.
        label: how messages name the file.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        what = f"it cannot be read: {error.strerror or error}"
        return "", [Problem(label, what, "Give a file that can be read.")]
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", [Problem(label, "it is encoded in UTF-16", "Save it as CSV in UTF-8.")]
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n"), []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte {error.start} is not UTF-8"
        return "", [Problem(f"{label}, line {line}", what, "Save it as CSV in UTF-8.")]


def read_csv(path: Path, label: str, columns: Collection[str]) -> tuple[list[Row], list[Problem]]:
    """The rows of a CSV table, empty cells left out.

    Args:
        path: file to read.
        label: how messages name the file.
        columns: the columns that the table knows.

    Returns:
        Rows that may be validated, and what is wrong with the file as a whole.
    """
    text, problems = read_text(path, label)
    if problems:
        return [], problems
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        if problems := _header_problems(header, label, columns):
            return [], problems
        return _rows(lines, header, label)
    except csv.Error as error:
        where = f"{label}, line {lines.line_num}"
        return [], [Problem(where, f"not valid CSV: {error}", "Mend the quotation marks.")]


def read_toml(path: Path, label: str) -> tuple[dict[str, Any], list[Problem]]:
    """The sections of a TOML file."""
    text, problems = read_text(path, label)
    if problems:
        return {}, problems
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        return {}, [Problem(label, f"not valid TOML: {error}", "Mend the line that is named.")]
    except RecursionError:
        return {}, [Problem(label, "its brackets are nested too deep", "Write plain sections.")]


def _rows(lines: Any, header: list[str], label: str) -> tuple[list[Row], list[Problem]]:  # noqa: ANN401 - the csv module does not export its reader type
    rows: list[Row] = []
    problems: list[Problem] = []
    width = len(header)
    for line in lines:
        if not any(line):
            continue
        where = f"{label}, line {lines.line_num}"
        if len(line) > width:
            what = f"it has {len(line)} cells, the header has {width}"
            remedy = "Put cells that hold a comma in quotation marks."
            problems.append(Problem(where, what, remedy))
            continue
        filled = {
            name: text for name, cell in zip(header, line, strict=False) if (text := cell.strip())
        }
        rows.append(Row(where, filled))
    return rows, problems


def _header_problems(header: list[str], label: str, columns: Collection[str]) -> list[Problem]:
    where = f"{label}, line 1"
    if not any(header):
        return [Problem(label, "it is empty", "Give a header line with the names of the columns.")]
    for separator, name in SEPARATORS.items():
        if separator in header[0] and len(header) == 1:
            remedy = "Save it with commas between the cells and a point in decimal numbers."
            return [Problem(where, f"its cells are separated by {name}", remedy)]
    problems = [
        Problem(where, f"column {name!r} is not known", did_you_mean(name, columns))
        for name in header
        if name not in columns
    ]
    twice = sorted({name for name in header if header.count(name) > 1})
    problems += [Problem(where, f"column {name!r} stands twice", "Remove one.") for name in twice]
    return problems
