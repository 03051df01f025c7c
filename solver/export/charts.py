"""The region of all candidates as a picture: time across, cost upwards, colour for accuracy.

Pure functions from values to SVG text; no Qt, no files. What the limits exclude lies under a veil,
the plan is a star, and machines that cost nothing have a lane of their own, since a logarithm has
no place for zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.legend import grid, label, legend, limit_lines
from solver.export.region_plot import LEFT, SMALL, TOP, Plot, RegionChart, described, laid_out
from solver.export.svg import element, number, picture, text_width
from solver.export.words import hours_text, usd_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.export.themes import Theme

STAR = "M0 -9L2.4 -3.2 8.6 -2.8 3.8 1.2 5.3 7.3 0 4 -5.3 7.3 -3.8 1.2 -8.6 -2.8 -2.4 -3.2Z"
"""Five points around the origin."""

CROWD = 300
"""So many feasible candidates are drawn smaller. [1]"""


def region_svg(
    chart: RegionChart, theme: Theme, width: float = 760.0, height: float = 430.0
) -> str:
    """The region as an SVG file.

    Args:
        chart: what to show.
        theme: colours.
        width: of the picture. [px], at least 400
        height: of the picture. [px], at least 260
    """
    plot = laid_out(chart, theme, width, height)
    body = "".join(
        [
            element("rect", width=width, height=height, fill=theme.paper),
            grid(plot),
            *_points(plot),
            _frontier(plot),
            _veil(plot),
            limit_lines(plot),
            _star(plot),
            legend(plot),
        ]
    )
    heading = f"Region of candidates: {chart.heading}" if chart.heading else "Region of candidates"
    return picture(width, height, heading, described(chart), body)


def _points(plot: Plot) -> Iterator[str]:
    """Dots by state, the important ones last so that they lie on top."""
    region, theme = plot.chart.region, plot.theme
    large = 2.9 if region.state.count("feasible") < CROWD else 2.3
    dots: dict[str, list[str]] = {}
    for hours, usd, accuracy, state in zip(
        region.hours, region.usd, region.accuracy, region.state, strict=True
    ):
        inside = plot.hours.holds(hours) and (usd <= 0 or plot.usd.holds(usd))
        if inside:
            colour = plot.colour(accuracy) if state == "feasible" else state
            x, y = plot.place(hours, usd)
            radius = large if state == "feasible" else 2.1 if state == "near-miss" else 1.5
            dots.setdefault(colour, []).append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{number(radius)}"/>'
            )
    yield element("g", "".join(dots.pop("excluded", [])), fill=theme.excluded, fill_opacity=0.85)
    yield element("g", "".join(dots.pop("near-miss", [])), fill=theme.near_miss, fill_opacity=0.8)
    for colour, circles in sorted(dots.items()):
        yield element("g", "".join(circles), fill=colour, stroke=theme.paper, stroke_width=0.6)


def _frontier(plot: Plot) -> str:
    """Stairs along the frontier: between two of its points there is no plan."""
    region = plot.chart.region
    places = [plot.place(region.hours[i], region.usd[i]) for i in region.frontier]
    if len(places) < 2:  # noqa: PLR2004 - a line needs two points
        return ""
    steps = f"M{places[0][0]:.1f} {places[0][1]:.1f}"
    steps += "".join(f"H{x:.1f}V{y:.1f}" for x, y in places[1:])
    halo = element("path", d=steps, fill="none", stroke=plot.theme.paper, stroke_width=3.4)
    line = element("path", d=steps, fill="none", stroke=plot.theme.frontier, stroke_width=1.4)
    return halo + line


def _veil(plot: Plot) -> str:
    """Over everything beyond the deadline or above the budget."""
    right_of, above = plot.right, TOP
    if plot.chart.deadline_hours is not None:
        right_of = plot.hours.at(plot.chart.deadline_hours)
    if plot.chart.budget_usd is not None:
        above = plot.budget_y(plot.chart.budget_usd)
    rectangles = element(
        "rect", x=LEFT, y=TOP, width=plot.right - LEFT, height=max(above - TOP, 0)
    ) + element(
        "rect",
        x=right_of,
        y=above,
        width=max(plot.right - right_of, 0),
        height=plot.bottom - above,
    )
    return element("g", rectangles, fill=plot.theme.veil, fill_opacity=plot.theme.veil_opacity)


def _star(plot: Plot) -> str:
    if plot.chart.plan is None:
        return ""
    hours, usd = plot.chart.plan
    x, y = plot.place(hours, usd)
    words = f"plan: {hours_text(hours)}, {usd_text(usd)}"
    end, deadline = x + 18 + text_width(words, SMALL), plot.chart.deadline_hours
    wall = plot.right if deadline is None else plot.hours.at(deadline)
    right = end < wall or (x > wall and end < plot.right)
    above = y - 14 if y - 26 > TOP else y + 22
    return element(
        "path",
        d=STAR,
        transform=f"translate({number(x)} {number(y)})",
        fill=plot.theme.star,
        stroke=plot.theme.star_edge,
        stroke_width=1.2,
    ) + label(plot, words, x + (8 if right else -8), above, plot.theme.ink, ends_here=not right)
