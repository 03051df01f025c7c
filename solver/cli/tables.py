"""Tables on a terminal: a long cell goes on below itself, and small print is never cut."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from solver.export.tables import GAP, cell_width, printable, text_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    Cell = Sequence[str]
    """Lines of a cell; those after the first are small print."""

INDENT = "  "
"""Before small print, and before what belongs to the line above."""

GLUED = re.compile(r"(?<![<>×]) (?!%)")
"""A space where a line may end: a number stays with its sign and its per cent."""

LEAST = 12
"""A column is made no narrower than that. [1]"""


def laid_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    align: str = "",
    *,
    width: int | None = None,
    plain: bool = False,
) -> str:
    """Rows under headers, as many lines a row as its longest cell needs.

    Where the words of a row do not fit beside each other, its first cell has lines of its own and
    the others stand below it.

    Args:
        headers: one for each column; all empty: the table has no head.
        rows: cells; lines after the first are small print. That of the first column, such as the
            key of a candidate, has the whole width for itself, so that it can be copied.
        align: one letter for each column, l or r; missing ones are l.
        width: cells of a line that text columns are wrapped to; None: nothing is wrapped. [1]
        plain: only ASCII in the rule under the head.
    """
    sides = align.ljust(len(headers), "l")
    cells = [[[*map(printable, cell.split("\n"))] for cell in row] for row in rows]
    if width is not None and len(headers) > 2 and not _fits(headers, cells, width):  # noqa: PLR2004 - two columns need no other form
        rest = [row[1:] for row in cells]
        head, bodies = _laid(headers[1:], rest, sides[1:], width - len(INDENT), plain=plain)
        head = [headers[0], *(INDENT + line for line in head)]
        bodies = [
            [*row[0], *(INDENT + line for line in body)]
            for row, body in zip(cells, bodies, strict=True)
        ]
    else:
        alone = [[row[0][:1], *row[1:]] for row in cells]
        head, bodies = _laid(headers, alone, sides, width, plain=plain)
        bodies = [
            [*body, *(INDENT + line for line in row[0][1:])]
            for row, body in zip(cells, bodies, strict=True)
        ]
    return "\n".join([*head, *(line for body in bodies for line in body)])


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns of a terminal; at least one line."""
    lines = [""]
    for word in GLUED.split(text):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_width(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        lines[-1:] = _pieces(word, width)
    return lines


def _laid(
    headers: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    sides: str,
    width: int | None,
    *,
    plain: bool,
) -> tuple[list[str], list[list[str]]]:
    """Lines of the head and of each row."""
    widths = _widths(headers, rows, sides, width)
    parts = [
        list(zip_longest(*(_lines(c, w) for c, w in zip(row, widths, strict=False)), fillvalue=""))
        for row in rows
    ]
    text = text_table(headers, [line for row in parts for line in row], sides, plain=plain)
    lines = text.split("\n") if text else []
    count = sum(map(len, parts))
    head, body = lines[: len(lines) - count], iter(lines[len(lines) - count :])
    return head, [[next(body) for _ in row] for row in parts]


def _lines(cell: Cell, width: int) -> list[str]:
    """Lines of a cell, its small print below it."""
    small = [part for line in cell[1:] for part in wrapped(line, width - len(INDENT))]
    return [*wrapped(cell[0], width), *(INDENT + part for part in small)]


def _pieces(word: str, width: int) -> list[str]:
    """A word in pieces of at most `width` columns, of one letter at least."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and cell_width(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _fits(headers: Sequence[str], rows: Sequence[Sequence[Cell]], width: int) -> bool:
    """Whether the longest words of all columns stand beside each other."""
    return _needed(_longest_words(headers, rows)) <= width


def _needed(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _longest_words(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    longest = [cell_width(header) for header in headers]
    for row in rows:
        for i, cell in enumerate(row):
            longest[i] = max(longest[i], *map(cell_width, GLUED.split(cell[0])))
    return longest


def _widths(
    headers: Sequence[str], rows: Sequence[Sequence[Cell]], sides: str, width: int | None
) -> list[int]:
    """Columns of a terminal for each column of the table, taken from the widest text first.

    Words are broken only where the table does not fit otherwise.
    """
    out = [cell_width(header) for header in headers]
    for row in rows:
        for i, cell in enumerate(row):
            shown = [cell[0], *(INDENT + line for line in cell[1:])]
            out[i] = max(out[i], *map(cell_width, shown))
    if width is None:
        return out
    text = [i for i, side in enumerate(sides) if side == "l"]
    longest = [max(word, LEAST) for word in _longest_words(headers, rows)]
    for least in (longest, [LEAST] * len(out)):
        while _needed(out) > width:
            wide = [i for i in text if out[i] > least[i]]
            if not wide:
                break
            out[max(wide, key=lambda i: out[i])] -= 1
    return out
