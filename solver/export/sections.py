"""What a report is made of: figures, tables and sentences as plain data, before a page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.export.region_plot import RegionChart

Tone = Literal["good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the three quantities of a plan, against its limit."""

    label: str
    value: str
    """The median in words."""
    interval: str
    """Where 80 % of outcomes lie."""
    limit: str
    """The limit, what is counted against it, and the chance that it holds."""
    tone: Tone
    picture: str
    """SVG: the interval beside the limit."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Cells; lines after the first are small print."""
    align: str
    """One letter for each column: l, r, or s for few words on the left."""
    note: str = ""
    whole_width: bool = False
    """A page gives it its whole width, with small print beside what it belongs to."""
    page_rows: int | None = None
    """Most rows on a page; None: all of them. Other media show every row."""
    page_lines: int | None = None
    """Most lines of a cell on a page; None: all of them."""

    def on_page(self) -> Table:
        """As a page shows it: cut to its room, and saying so."""
        rows = self.rows[: self.page_rows]
        left_out = len(self.rows) - len(rows)
        more = f"{left_out:,} more in the details." if left_out else ""
        cut = tuple(tuple(_cut(cell, self.page_lines) for cell in row) for row in rows)
        return replace(self, rows=cut, note=" ".join(filter(None, (more, self.note))))


def _cut(cell: str, most: int | None) -> str:
    lines = cell.split("\n")
    if most is None or len(lines) <= most:
        return cell
    return "\n".join([*lines[:most], *(["…"] if most > 1 else [])])


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences under a title."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart."""

    label: str
    picture: str
    """SVG of the bar; all bars of a chart share one scale."""
    words: str
    """The same in words, for those who do not see it."""
    value: str
    """What the bar adds up to."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars under each other: a job or a limit each."""

    title: str
    keys: tuple[tuple[str, str], ...]
    """What each colour means: a name and its CSS colour."""
    bars: tuple[Bar, ...]
    axis: str
    """SVG of the scale, as wide as a bar; empty: none."""
    note: str = ""


Part = Table | Section | Bars
"""What a report is made of below its headline."""

Rows = tuple[tuple[Part, ...], ...]
"""Parts over the whole width, or two side by side."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a page shows, in the order of the page."""

    title: str
    subtitle: str
    outcome: str
    tone: Tone
    headline: str
    why: str
    question: tuple[str, ...]
    figures: tuple[Figure, ...]
    chart: RegionChart | None
    chart_note: str
    wide: tuple[Table | Section, ...]
    """Over the whole width, below the chart."""
    left: tuple[Table | Section, ...]
    right: tuple[Table | Section, ...]
    """Two columns below that."""
    grounds: tuple[Section, ...]
    """What the answer stands on, and how to make it again."""
    footer: str
    made_at: str
    """ISO 8601 time of the question; the report's own date."""
    details: Callable[[], Rows] = field(default=tuple, repr=False, compare=False)
    """Makes what follows the page that decides; a window that shows only that does not wait."""

    def on_page(self) -> Report:
        """The report with every table as a page shows it."""

        def parts(some: tuple[Table | Section, ...]) -> tuple[Table | Section, ...]:
            return tuple(p.on_page() if isinstance(p, Table) else p for p in some)

        return replace(self, wide=parts(self.wide), left=parts(self.left), right=parts(self.right))
