"""A report as a PDF: one page that decides, and the details."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal

from solver.export.charts import region_svg
from solver.export.paper import pages_of, pdf_of
from solver.export.region_plot import described, laid_out
from solver.export.themes import LIGHT

if TYPE_CHECKING:
    from solver.export.sections import Report

TEMPLATE = "report.typ"

Paper = Literal["a4", "us-letter"]

CHART_WIDTH = 680.0
"""The width of the text on A4, so that the chart's letters keep their size. [px]"""

FITTINGS: tuple[tuple[float, float], ...] = (
    (380.0, 1.0),
    (320.0, 1.0),
    (270.0, 1.0),
    (270.0, 0.95),
    (240.0, 0.95),
    (240.0, 0.92),
    (230.0, 0.92),
    (230.0, 0.88),
    (190.0, 0.88),
)
"""Heights of the chart [px] and sizes of the text [1], roomiest first: the first in which all of it
fits on one page is taken."""

LANE_ONLY = 170.0
"""Height of a chart in which nothing costs anything. [px]"""

NUMBER_AND_UNIT = re.compile(r"(?<=[\d>×]) (?=[\w%×])")
"""A space at which a line must not break."""


def report_pdf(report: Report, paper: Paper = "a4") -> bytes:
    """The report as a PDF; equal bytes for equal reports.

    Args:
        report: what it shows.
        paper: A4 or US Letter.
    """
    data = _data(report, paper)
    fittings = FITTINGS
    if report.chart is not None and laid_out(report.chart, LIGHT, CHART_WIDTH, 1e3).is_lane_only:
        fittings = tuple((LANE_ONLY, scale) for _, scale in FITTINGS)
    height, scale = _roomiest(data, fittings)
    drawn = _fitted(data, height, scale)
    drawn["details"] = data["details"]
    if report.chart is not None:
        drawn["chart"] = region_svg(report.chart, LIGHT, CHART_WIDTH, height)
    return pdf_of(TEMPLATE, drawn, report.made_at)


def _roomiest(
    data: dict[str, Any], fittings: tuple[tuple[float, float], ...]
) -> tuple[float, float]:
    """The first fitting in which the page that decides is one page, the tightest where none is.

    Found by halving: a page that has room keeps it in every tighter fitting.
    """
    low, high = 0, len(fittings) - 1
    while low < high:
        middle = (low + high) // 2
        if pages_of(TEMPLATE, _fitted(data, *fittings[middle])) == 1:
            high = middle
        else:
            low = middle + 1
    return fittings[low]


def _fitted(data: dict[str, Any], height: float, scale: float) -> dict[str, Any]:
    share = height / CHART_WIDTH if data["has-chart"] else 0
    return {**data, "chart": None, "details": [], "chart-share": share, "scale": scale}


def _data(report: Report, paper: Paper) -> dict[str, Any]:
    """The report as JSON-ready values, but for the chart."""
    chart = report.chart
    values = asdict(replace(report.on_page(), chart=None, details=tuple))
    note = values.pop("chart_note")
    details = [[asdict(part) for part in row] for row in report.details()]
    values["details"] = details
    return {
        **{name: _joined(value) for name, value in values.items()},
        "paper": paper,
        "missing": [],
        "has-chart": chart is not None,
        "chart-words": described(chart) if chart else "",
        "chart-note": _joined(note),
    }


def _joined(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Numbers tied to their units in every string of a JSON value, but for SVG."""
    if isinstance(value, str):
        return value if value.startswith("<svg") else NUMBER_AND_UNIT.sub("\u00a0", value)
    if isinstance(value, dict):
        return {key: _joined(inner) for key, inner in value.items()}
    return [_joined(inner) for inner in value] if isinstance(value, list | tuple) else value
