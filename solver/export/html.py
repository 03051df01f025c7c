"""A report as one HTML file: no script, nothing loaded from elsewhere, fit for mail and print."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from solver.export.charts import region_svg
from solver.export.pdf import NUMBER_AND_UNIT
from solver.export.sections import Bars, Section
from solver.export.tables import printable
from solver.export.themes import LIGHT

if TYPE_CHECKING:
    from solver.export.sections import Bar, Figure, Part, Report

CHART_WIDTH = 760.0
"""Of the picture of the region; it shrinks with the window. [px]"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"
"""A browser loads nothing and runs nothing, whatever a name holds."""

STYLE = """
:root { color-scheme: light; --ink: #1c2430; --quiet: #5b6675; --rule: #d5dae2; --shade: #f5f7fa; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 60rem; color: var(--ink);
  background: #fff; font: 15px/1.45 Inter, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
.quiet, figcaption, footer { color: var(--quiet); font-size: .85rem; }
.outcome { padding: .6rem .9rem; border-left: 4px solid; margin: 1rem 0; }
.outcome strong { display: block; font-size: 1.1rem; }
.good { border-color: #1b7f4b; background: #eaf6ef; }
.warning { border-color: #b45309; background: #fdf3e5; }
.bad { border-color: #c0342b; background: #fcecea; }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; }
.figures > div { flex: 1 1 15rem; padding: .7rem; border-left-width: 4px;
  border-left-style: solid; background: var(--shade); }
.figures b { display: block; font-size: 1.5rem; font-weight: 600; }
svg { max-width: 100%; height: auto; }
figure { margin: 1.2rem 0; }
figure svg { width: 100%; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .5rem; border-top: 1px solid var(--rule); text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 400; }
th.r, td.r { text-align: right; white-space: nowrap; }
td.l { min-width: 8rem; }
.bars td { border: 0; padding: .1rem .5rem; vertical-align: middle; }
.bars td:first-child { width: 24%; }
.bars svg { display: block; width: 100%; }
.key { margin-right: 1rem; white-space: nowrap; }
.key i { display: inline-block; width: .7em; height: .7em; margin-right: .35em; }
small { color: var(--quiet); display: block; }
footer { margin: 2rem 0; border-top: 1px solid var(--rule); padding-top: .6rem; }
"""


def report_html(report: Report) -> str:
    """The report as the text of an HTML file; equal text for equal reports."""
    outcome = (
        f'<section class="outcome {report.tone}">{_text(report.outcome)}'
        f"<strong>{_text(report.headline)}</strong><p>{_text(report.why)}</p></section>"
    )
    body = "".join(
        [
            f"<h1>{_text(report.title)}</h1><p class=quiet>{_text(report.subtitle)}</p>",
            outcome,
            f"<p class=quiet>{_text(' '.join(report.question))}</p>",
            _figures(report.figures),
            _chart(report),
            *map(_part, (*report.wide, *report.left, *report.right, *report.grounds)),
            *(_part(part) for row in report.details() for part in row),
            f"<footer>{_text(report.footer)}</footer>",
        ]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(report.title)}</title><style>{STYLE}</style></head>\n"
        f"<body>{body}</body></html>\n"
    )


def _text(words: str) -> str:
    """Words as text of an element or an attribute in quotes, numbers tied to their units."""
    return escape(NUMBER_AND_UNIT.sub("\u00a0", printable(words)))


def _figures(figures: tuple[Figure, ...]) -> str:
    if not figures:
        return ""
    cards = "".join(
        f'<div class="{figure.tone}">{_text(figure.label)}<b>{_text(figure.value)}</b>'
        f"{figure.picture}<p>{_interval(figure)}</p><p class=quiet>{_text(figure.limit)}</p></div>"
        for figure in figures
    )
    return f'<div class="figures">{cards}</div>'


def _interval(figure: Figure) -> str:
    return f"80 % of outcomes: {_text(figure.interval)}" if figure.interval else ""


def _chart(report: Report) -> str:
    if report.chart is None:
        return ""
    svg = region_svg(report.chart, LIGHT, CHART_WIDTH)
    svg = svg[svg.index("<svg") :]
    return f"<figure>{svg}<figcaption>{_text(report.chart_note)}</figcaption></figure>"


def _part(part: Part) -> str:
    title = f"<h2>{_text(part.title)}</h2>"
    if isinstance(part, Bars):
        return title + _bars(part)
    if isinstance(part, Section):
        return title + "".join(f"<p>{_text(sentence)}</p>" for sentence in part.sentences)
    sides = part.align.ljust(len(part.headers), "l")
    head = ""
    if any(part.headers):
        cells = (
            f"<th class={side}>{_text(header)}</th>"
            for header, side in zip(part.headers, sides, strict=False)
        )
        head = f"<thead><tr>{''.join(cells)}</tr></thead>"
    rows = "".join(f"<tr>{_row(row, sides)}</tr>" for row in part.rows)
    note = f"<p class=quiet>{_text(part.note)}</p>" if part.note else ""
    return f"{title}<div class=scroll><table>{head}<tbody>{rows}</tbody></table></div>{note}"


def _bars(part: Bars) -> str:
    keys = "".join(
        f'<span class=key><i style="background:{colour}"></i>{_text(name)}</span>'
        for name, colour in part.keys
    )
    lines = "".join(_bar(bar) for bar in part.bars)
    axis = f"<tr><td></td><td>{part.axis}</td><td></td></tr>" if part.axis else ""
    note = f"<p class=quiet>{_text(part.note)}</p>" if part.note else ""
    return f"<p class=quiet>{keys}</p><table class=bars>{lines}{axis}</table>{note}"


def _bar(bar: Bar) -> str:
    label, value = _text(bar.label), _text(bar.value)
    return f"<tr><td>{label}</td><td>{bar.picture}</td><td class=r>{value}</td></tr>"


def _row(row: tuple[str, ...], sides: str) -> str:
    out = []
    for cell, side in zip(row, sides, strict=False):
        first, *small = cell.split("\n")
        print_ = "".join(f"<small>{_text(line)}</small>" for line in small)
        out.append(f"<td class={side}>{_text(first)}{print_}</td>")
    return "".join(out)
