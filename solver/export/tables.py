"""Tables as plain text: aligned in any script, safe to print, the same to a file or a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = "  "
"""Between columns: two spaces, so that a cell may hold single ones."""

ELLIPSIS = "…"

JOINERS = "\u200c\u200d"
"""Invisible letters that Persian, Hindi and emoji are spelt with; they steer nothing."""


def text_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    align: str = "",
    *,
    width: int | None = None,
    plain: bool = False,
) -> str:
    """Rows under headers, columns aligned, one line each.

    Args:
        headers: one for each column; all empty: the table has no head.
        rows: cells of text; a short row is filled with empty cells.
        align: one letter for each column, l or r; missing ones are l.
        width: the whole table is cut to so many cells by shortening its widest left-aligned
            columns; None: nothing is cut. [1]
        plain: only ASCII in the rule under the head, for output that is read by programs.

    Returns:
        Lines joined by newlines, without one at the end and without trailing spaces.

    Raises:
        ValueError: a row has more cells than there are headers.
    """
    columns = len(headers)
    sides = align.ljust(columns, "l")
    lines = [_filled(headers, columns), *(_filled(row, columns) for row in rows)]
    widths = [max(cell_width(line[i]) for line in lines) for i in range(columns)]
    if width is not None:
        widths = _narrowed(widths, sides, width)
    body = [_line(line, widths, sides) for line in lines]
    if not any(headers):
        return "\n".join(body[1:])
    rule = GAP.join(("-" if plain else "─") * w for w in widths)
    return "\n".join([body[0], rule, *body[1:]])


def printable(text: str) -> str:
    """Text without what could steer a terminal or turn its direction; tabs and newlines to spaces.

    Names come from files of other people, and an escape sequence in one of them must stay text.
    """
    spaced = text.replace("\t", " ").replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    return "".join(
        c for c in spaced if c in JOINERS or unicodedata.category(c) not in {"Cc", "Cf", "Cs"}
    )


def lines(*words: str) -> str:
    """A cell of several lines, each of which stays one whatever it holds."""
    return "\n".join(map(printable, words))


def cell_width(text: str) -> int:
    """Columns of a terminal that a text takes: wide East Asian letters two, accents none. [1]"""
    return sum(_letter_width(letter) for letter in text)


def shortened(text: str, width: int) -> str:
    """The text cut to `width` columns of a terminal, an ellipsis at the end where it was cut."""
    if cell_width(text) <= width:
        return text
    out, used = "", 0
    for letter in text:
        used += _letter_width(letter)
        if used > width - 1:
            break
        out += letter
    return out + ELLIPSIS if width > 0 else ""


def _letter_width(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1


def _filled(row: Sequence[str], columns: int) -> list[str]:
    if len(row) > columns:
        raise ValueError(f"a row of {len(row)} cells does not fit under {columns} headers")
    return [*map(printable, row), *[""] * (columns - len(row))]


def _line(cells: list[str], widths: list[int], sides: str) -> str:
    out = []
    for cell, width, side in zip(cells, widths, sides, strict=False):
        text = shortened(cell, width)
        room = " " * (width - cell_width(text))
        out.append(room + text if side == "r" else text + room)
    return GAP.join(out).rstrip()


def _narrowed(widths: list[int], sides: str, width: int) -> list[int]:
    """Widths that add up to `width`, taken from the widest text columns first."""
    out = list(widths)
    least = 8
    while sum(out) + len(GAP) * (len(out) - 1) > width:
        wide = [i for i in range(len(out)) if sides[i] == "l" and out[i] > least]
        if not wide:
            break
        out[max(wide, key=lambda i: out[i])] -= 1
    return out
