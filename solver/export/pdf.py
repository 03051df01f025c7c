"""A report as a PDF: one page that decides."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal

from solver.export.charts import region_svg
from solver.export.paper import pages_of, pdf_of
from solver.export.region_plot import described
from solver.export.themes import LIGHT

if TYPE_CHECKING:
    from solver.export.sections import Report

TEMPLATE = "report.typ"

Paper = Literal["a4", "us-letter"]

CHART_WIDTH = 680.0
"""The width of the text on A4, so that the chart's letters keep their size. [px]"""

CHART_HEIGHTS = (380.0, 320.0, 270.0, 230.0, 190.0)
"""Tried in this order until everything fits on one page. [px]"""

NUMBER_AND_UNIT = re.compile(r"(?<=[\d>×]) (?=[\w%×])")
"""A space at which a line must not break."""


def report_pdf(report: Report, paper: Paper = "a4") -> bytes:
    """The report as a PDF; equal bytes for equal reports.

    Args:
        report: what it shows.
        paper: A4 or US Letter.
    """
    data = _data(report, paper)
    if report.chart is not None:
        for height in CHART_HEIGHTS:
            data["chart"] = region_svg(report.chart, LIGHT, CHART_WIDTH, height)
            if pages_of(TEMPLATE, data) == 1:
                break
    return pdf_of(TEMPLATE, data, report.made_at)


def _data(report: Report, paper: Paper) -> dict[str, Any]:
    """The report as JSON-ready values, but for the chart."""
    chart = report.chart
    values = asdict(replace(report, chart=None))
    note = values.pop("chart_note")
    return {
        **{name: _joined(value) for name, value in values.items()},
        "paper": paper,
        "chart": None,
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
