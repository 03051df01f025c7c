"""A report as Markdown: readable as text, tables where GitHub and most others draw them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from solver.export.sections import Bars, Section
from solver.export.tables import printable

if TYPE_CHECKING:
    from solver.export.sections import Figure, Part, Report

SIGNS = re.compile(r"[\\`*_\[\]<>|~$&@!]|(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
"""Letters that some Markdown reads as markup anywhere in a line, and what makes links of words."""

LEADING = re.compile(r"^(#|=|[-+](?=\s|-|$)|:(?=\s)|\d+(?=[.)](\s|$)))")
"""What begins a heading, a rule or a list at the start of a line."""


def report_markdown(report: Report) -> str:
    """The report as the text of a Markdown file; equal text for equal reports."""
    parts = [
        f"# {escaped(report.title)}",
        escaped(report.subtitle),
        f"**{escaped(report.outcome)}: {escaped(report.headline)}**",
        escaped(report.why),
        escaped(" ".join(report.question)),
        _figures(report.figures),
        escaped(report.chart_note) if report.chart is not None else "",
        *map(_part, (*report.wide, *report.left, *report.right, *report.grounds)),
        *(_part(part) for row in report.details() for part in row),
        escaped(report.footer),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(words: str) -> str:
    """Words as text on one line, whatever signs they hold."""
    signed = SIGNS.sub(r"\\\g<0>", printable(words).strip())
    return LEADING.sub(_disarmed, signed)


def _disarmed(found: re.Match[str]) -> str:
    """A number keeps its digits and its dot is escaped; a sign is escaped itself."""
    sign = found.group(1)
    return f"{sign}\\" if sign.isdigit() else f"\\{sign}"


def _figures(figures: tuple[Figure, ...]) -> str:
    rows = tuple((f.label, f.value, f.interval, f.limit) for f in figures)
    return _rows(("", "", "80 % of outcomes", "limit"), rows, "lrll") if rows else ""


def _part(part: Part) -> str:
    title = f"## {escaped(part.title)}"
    if isinstance(part, Bars):
        rows = tuple((bar.label, bar.words, bar.value) for bar in part.bars)
        table = _rows(("", "", ""), rows, "llr")
        return "\n\n".join([title, table, *([escaped(part.note)] if part.note else [])])
    if isinstance(part, Section):
        return "\n\n".join([title, *map(escaped, part.sentences)])
    table = _rows(part.headers, part.rows, part.align)
    return "\n\n".join([title, table, *([escaped(part.note)] if part.note else [])])


def _rows(headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...], align: str) -> str:
    sides = align.ljust(len(headers), "l")
    rule = ["---:" if side == "r" else "---" for side in sides]
    lines = [[escaped(header) for header in headers], rule]
    lines += [[_cell(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: str) -> str:
    return "<br>".join(escaped(line) for line in cell.split("\n"))
