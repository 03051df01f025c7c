"""Words and signs on a chart: axes, limits, the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.axes import time_ticks, usd_ticks
from solver.export.region_plot import LEFT, NORMAL, SMALL, TOP, Plot
from solver.export.svg import element, number, text, text_width
from solver.export.themes import STEPS
from solver.export.words import accuracy_text, hours_text, usd_text

if TYPE_CHECKING:
    from solver.export.themes import Theme


def grid(plot: Plot) -> str:
    """Lines and words of both axes."""
    theme, lines, words = plot.theme, [], []
    for tick in time_ticks(plot.hours, room=54.0):
        x = plot.hours.at(tick.value)
        lines.append(f"M{number(x)} {number(TOP)}V{number(plot.bottom)}")
        words.append(text(tick.words, x, plot.bottom + 17, SMALL, text_anchor="middle"))
    for tick in () if plot.is_lane_only else usd_ticks(plot.usd, room=26.0):
        y = plot.usd.at(tick.value)
        lines.append(f"M{number(LEFT)} {number(y)}H{number(plot.right)}")
        words.append(text(tick.words, LEFT - 8, y + 4, SMALL, text_anchor="end"))
    if plot.lane_top is not None:
        lines.append(f"M{number(LEFT)} {number(plot.lane_top)}H{number(plot.right)}")
        middle = (plot.lane_top + plot.bottom) / 2 + 4
        words.append(text("owned, $0", LEFT - 8, middle, SMALL, text_anchor="end"))
    middle = (TOP + plot.bottom) / 2
    across = text(
        "time to finish",
        (LEFT + plot.right) / 2,
        plot.height - 10,
        NORMAL,
        text_anchor="middle",
    )
    upwards = text(
        "cost",
        14,
        middle,
        NORMAL,
        text_anchor="middle",
        transform=f"rotate(-90 14 {number(middle)})",
    )
    return element("path", d="".join(lines), stroke=theme.grid, fill="none") + element(
        "g", "".join(words) + across + ("" if plot.is_lane_only else upwards), fill=theme.quiet
    )


def limit_lines(plot: Plot) -> str:
    """The deadline and the budget, each with its value where the other does not stand."""
    chart, theme, parts = plot.chart, plot.theme, []
    x = None if chart.deadline_hours is None else plot.hours.at(chart.deadline_hours)
    y = None if chart.budget_usd is None else plot.budget_y(chart.budget_usd)
    if x is not None and chart.deadline_hours is not None:
        words = f"deadline {hours_text(chart.deadline_hours)}"
        left = x + 8 + text_width(words, SMALL) > plot.right
        low = plot.usd.start - 8
        height = low if y is None or y < low - 24 else TOP + 16
        line = f"M{number(x)} {number(TOP)}V{number(plot.bottom)}"
        parts.append(element("path", d=line, stroke=theme.deadline, stroke_width=1.6))
        place = x + (-6 if left else 6)
        parts.append(label(plot, words, place, height, theme.deadline, ends_here=left))
    if y is not None and chart.budget_usd is not None:
        words = f"budget {usd_text(chart.budget_usd)}"
        right = x is not None and x < LEFT + 20 + text_width(words, SMALL)
        height = y - 6 if y - 18 > TOP else y + 15
        line = f"M{number(LEFT)} {number(y)}H{number(plot.right)}"
        parts.append(element("path", d=line, stroke=theme.budget, stroke_width=1.6))
        place = plot.right - 6 if right else LEFT + 6
        parts.append(label(plot, words, place, height, theme.budget, ends_here=right))
    return "".join(parts)


def label(
    plot: Plot, words: str, x: float, y: float, colour: str, *, ends_here: bool = False
) -> str:
    """Words with a halo of paper, so that dots behind do not disturb them."""
    return text(
        words,
        x,
        y,
        SMALL,
        text_anchor="end" if ends_here else "start",
        font_weight=600,
        fill=colour,
        stroke=plot.theme.paper,
        stroke_width=3,
        stroke_linejoin="round",
        paint_order="stroke",
    )


def legend(plot: Plot) -> str:
    """One row above the plot: what colours and signs mean."""
    theme, x, y = plot.theme, LEFT, 22.0
    parts = []
    ends = plot.accuracies
    if "feasible" not in plot.chart.region.state:
        words = "none is feasible"
        parts.append(text(words, x, y + 4, SMALL, fill=theme.quiet, font_weight=600))
        x += text_width(words, SMALL) + 26
    elif ends is None:
        parts.append(_key(plot, x, y, "feasible, accuracy unknown", theme.feasible, 3.2))
        x += 34 + text_width("feasible, accuracy unknown", SMALL)
    else:
        words = f"feasible, {accuracy_text(ends[0])}"
        parts.append(text(words, x, y + 4, SMALL, fill=theme.quiet))
        x += text_width(words, SMALL) + 6
        parts.append(_bar(theme, x, y - 5))
        x += 96
        parts.append(text(accuracy_text(ends[1]), x, y + 4, SMALL, fill=theme.quiet))
        x += text_width(accuracy_text(ends[1]), SMALL) + 22
    for state, words, colour, radius in (
        ("near-miss", "one limit missed", theme.near_miss, 2.6),
        ("excluded", "excluded", theme.excluded, 2.0),
    ):
        if state in plot.chart.region.state:
            parts.append(_key(plot, x, y, words, colour, radius))
            x += 34 + text_width(words, SMALL)
    if len(plot.chart.region.frontier) > 1:
        line = element(
            "path", d=f"M{number(x)} {number(y)}h16", stroke=theme.frontier, stroke_width=1.1
        )
        parts.append(line + text("frontier", x + 22, y + 4, SMALL, fill=theme.quiet))
    return "".join(parts)


def _key(plot: Plot, x: float, y: float, words: str, colour: str, radius: float) -> str:
    dot = element("circle", cx=x + 4, cy=y, r=radius, fill=colour)
    return dot + text(words, x + 13, y + 4, SMALL, fill=plot.theme.quiet)


def _bar(theme: Theme, x: float, y: float) -> str:
    stops = "".join(
        element("stop", offset=step / (STEPS - 1), stop_color=colour)
        for step, colour in enumerate(theme.ramp)
    )
    gradient = element("linearGradient", stops, id=f"accuracy-{theme.name}")
    return element("defs", gradient) + element(
        "rect", x=x, y=y, width=90, height=10, rx=2, fill=f"url(#accuracy-{theme.name})"
    )
