"""Pictures of the page on the triangle: a move as two triangles, and runs against predictions.

Each axis of a triangle points from worse to better: sooner, cheaper, more accurate. Values as SVG
text, drawn with the elements of the reports; the same values give the same bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.export.svg import element, number, picture, text, text_width
from solver.export.themes import LIGHT
from solver.export.words import accuracy_text, hours_text, usd_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.headline_predictions import Hours
    from benchmarks.triangle_moves import Move, State

WIDTH, HEIGHT = 420.0, 326.0
"""Size of the picture of a move. [px]"""

CENTRE = (210.0, 166.0)

RADIUS = 118.0
"""Length of an axis. [px]"""

INNER = 0.12
"""Where the worst value lies on an axis: polygons never shrink to a point. [ratio]"""

HOURS = (100.0, 0.25)
"""Ends of the axis of time, from worse to better. [h]"""

USD = (300.0, 2.0)
"""Ends of the axis of cost. [USD]"""

ACCURACY_SPAN = 0.16
"""Accuracy that one axis covers, centred on what is shown. [ratio]"""

SMALL, LARGE = 12.0, 14.0
"""Sizes of letters. [px]"""

RINGS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """One corner of the triangle."""

    angle: float
    """Direction in which things get better. [rad]"""

    def at(self, share: float) -> tuple[float, float]:
        """Place of a share from worst (0) to best (1) on the page."""
        inside = INNER + (1.0 - INNER) * min(max(share, 0.0), 1.0)
        return (
            CENTRE[0] + RADIUS * inside * math.cos(self.angle),
            CENTRE[1] - RADIUS * inside * math.sin(self.angle),
        )


ACCURATE = Axis(math.radians(90.0))
SOON = Axis(math.radians(210.0))
CHEAP = Axis(math.radians(330.0))


def move_svg(move: Move) -> str:
    """A move: the case before dashed, the case after filled, 80 % intervals along the axes."""
    before, after = move.before, move.after
    middle = _middle(before, after)
    body = [element("rect", width=WIDTH, height=HEIGHT, fill=LIGHT.paper), _rings()]
    if before.fits:
        dashes = {"fill": LIGHT.excluded, "fill_opacity": 0.18, "stroke": LIGHT.quiet}
        body.append(_triangle(before, middle, stroke_dasharray="5 4", **dashes))
    body.append(
        _triangle(after, middle, fill=LIGHT.feasible, fill_opacity=0.22, stroke=LIGHT.feasible)
    )
    body += [_whiskers(after, middle), _labels(before, after), _legend(move)]
    words = f"{_told(before)}; after: {_told(after)}"
    return picture(WIDTH, HEIGHT, move.title, f"Before: {words}.", "".join(body))


def _middle(before: State, after: State) -> float:
    """Accuracy in the middle of its axis."""
    stated = [s.accuracy.median for s in (before, after) if s.accuracy is not None]
    return sum(stated) / len(stated)


def _log_share(value: float, ends: tuple[float, float]) -> float:
    return math.log(value / ends[0]) / math.log(ends[1] / ends[0])


def _accuracy_share(value: float, middle: float) -> float:
    return 0.5 + (value - middle) / ACCURACY_SPAN


def _triangle(state: State, middle: float, **attributes: float | str) -> str:
    accuracy = state.accuracy.median if state.accuracy else middle
    corners = (
        ACCURATE.at(_accuracy_share(accuracy, middle)),
        SOON.at(_log_share(state.hours.median, HOURS)),
        CHEAP.at(_log_share(state.usd.median, USD)),
    )
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return element(
        "polygon", points=points, stroke_width=1.8, stroke_linejoin="round", **attributes
    )


def _whiskers(state: State, middle: float) -> str:
    """The interval of each quantity as a bar along its axis."""
    bars = [
        (SOON, _log_share(state.hours.low80, HOURS), _log_share(state.hours.high80, HOURS)),
        (CHEAP, _log_share(state.usd.low80, USD), _log_share(state.usd.high80, USD)),
    ]
    if state.accuracy:
        ends = (state.accuracy.low80, state.accuracy.high80)
        bars.append((ACCURATE, *(_accuracy_share(end, middle) for end in ends)))
    lines = []
    for axis, first, last in bars:
        (x, y), (u, v) = axis.at(first), axis.at(last)
        lines.append(f"M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}")
    return element(
        "path",
        d="".join(lines),
        stroke=LIGHT.feasible,
        stroke_width=5,
        stroke_linecap="round",
        stroke_opacity=0.75,
    )


def _rings() -> str:
    """Faint triangles and axes behind everything."""
    parts = []
    for share in RINGS:
        corners = (axis.at(share) for axis in (ACCURATE, SOON, CHEAP))
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
        parts.append(element("polygon", points=points, fill="none", stroke=LIGHT.grid))
    for axis in (ACCURATE, SOON, CHEAP):
        x, y = axis.at(1.0)
        line = f"M{number(CENTRE[0])} {number(CENTRE[1])}L{x:.1f} {y:.1f}"
        parts.append(element("path", d=line, stroke=LIGHT.grid))
    return "".join(parts)


def _labels(before: State, after: State) -> str:
    """What stands at each corner: the quantity, and its values before and after."""
    was = before if before.fits else None
    accuracy = _change([accuracy_text(s.accuracy.median) for s in (was, after) if s and s.accuracy])
    hours = _change([hours_text(s.hours.median) for s in (was, after) if s])
    usd = _change([usd_text(s.usd.median) for s in (was, after) if s])
    top, low = CENTRE[1] - RADIUS - 24.0, CENTRE[1] + RADIUS * 0.5 + 24.0
    left, right = CENTRE[0] - RADIUS * 0.87, CENTRE[0] + RADIUS * 0.87
    return "".join(
        _corner(name, words, x, y)
        for name, words, x, y in (
            ("accurate", accuracy, CENTRE[0], top),
            ("soon", hours, left, low),
            ("cheap", usd, right, low),
        )
    )


def _change(words: Sequence[str]) -> str:
    """The values before and after; one where they are the same."""
    return " → ".join(dict.fromkeys(words))


def _corner(name: str, words: str, x: float, y: float) -> str:
    return text(name, x, y, SMALL, fill=LIGHT.quiet, text_anchor="middle") + text(
        words, x, y + 17.0, LARGE, fill=LIGHT.ink, font_weight=600, text_anchor="middle"
    )


def _legend(move: Move) -> str:
    y = HEIGHT - 34.0
    if move.before.fits:
        dash = element(
            "path",
            d=f"M16 {number(y - 4)}h22",
            stroke=LIGHT.quiet,
            stroke_width=1.8,
            stroke_dasharray="5 4",
        )
    else:
        dash = text("✕", 22, y, SMALL, fill=LIGHT.bad, font_weight=600)
    fill = element(
        "rect", x=16, y=y + 9, width=22, height=10, fill=LIGHT.feasible, fill_opacity=0.4
    )
    was = move.before.name if move.before.fits else f"{move.before.name}: does not fit"
    return (
        dash
        + text(was, 46, y, SMALL, fill=LIGHT.quiet)
        + fill
        + text(move.after.name, 46, y + 18, SMALL, fill=LIGHT.ink)
    )


def _told(state: State) -> str:
    if not state.fits:
        return f"{state.name}, which does not fit"
    accuracy = accuracy_text(state.accuracy.median if state.accuracy else None)
    hours, usd = hours_text(state.hours.median), usd_text(state.usd.median)
    return f"{state.name}, {hours}, {usd}, accuracy {accuracy}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A published time beside a predicted one: one line of the picture of runs."""

    name: str
    published: float
    """[h]"""
    predicted: Hours | None
    """As the source says it was run; in hours."""
    planned: float | None
    """As it would be planned. [h]"""


ROW = 21.0

NAMES = 190.0
"""Room for names, left of the plot. [px]"""

RATIOS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0)
"""Marked ratios of predicted over published."""


def runs_svg(lines: Sequence[Compared]) -> str:
    """Predicted over published hours of every run: interval and median, and the plan of today."""
    width, top = 760.0, 58.0
    height = top + ROW * len(lines) + 40.0
    left, right = NAMES, width - 24.0

    def at(ratio: float) -> float:
        low, high = RATIOS[0] / 1.15, RATIOS[-1] * 1.15
        inside = min(max(ratio, low), high)
        return left + (right - left) * math.log(inside / low) / math.log(high / low)

    body = [element("rect", width=width, height=height, fill=LIGHT.paper)]
    bottom = top + ROW * len(lines)
    for ratio in RATIOS:
        x = at(ratio)
        strong = ratio == 1.0
        body.append(
            element(
                "path",
                d=f"M{number(x)} {number(top - 6)}V{number(bottom)}",
                stroke=LIGHT.ink if strong else LIGHT.grid,
                stroke_width=1.4 if strong else 1.0,
            )
        )
        words = f"{ratio:g} ×" if ratio >= 1 else f"1/{1 / ratio:g}"
        body.append(text(words, x, bottom + 17, SMALL, fill=LIGHT.quiet, text_anchor="middle"))
    for position, line in enumerate(lines):
        body.append(_line(line, top + ROW * (position + 0.5), at))
    body.append(_runs_legend(at(1.0)))
    told = "; ".join(_line_told(line) for line in lines)
    title = "Predicted over published hours of famous training runs"
    return picture(width, height, title, f"{title}: {told}.", "".join(body))


def _line(line: Compared, y: float, place: Callable[[float], float]) -> str:
    parts = [text(line.name, NAMES - 14, y + 4, SMALL, fill=LIGHT.ink, text_anchor="end")]
    if line.planned is not None:
        x = place(line.planned / line.published)
        parts.append(
            element("circle", cx=x, cy=y, r=4.2, fill="none", stroke=LIGHT.budget, stroke_width=1.8)
        )
    if line.predicted is not None:
        low, high = (
            place(end / line.published) for end in (line.predicted.low80, line.predicted.high80)
        )
        colour = LIGHT.feasible
        parts.append(
            element(
                "path",
                d=f"M{number(low)} {number(y)}H{number(high)}",
                stroke=colour,
                stroke_width=6,
                stroke_opacity=0.4,
                stroke_linecap="round",
            )
        )
        x = place(line.predicted.median / line.published)
        parts.append(element("circle", cx=x, cy=y, r=4, fill=colour))
    return "".join(parts)


def _runs_legend(one: float) -> str:
    first = "as it was run: median and 80 % interval"
    second = "as planned today"
    x, y = NAMES, 20.0
    after = x + 24 + text_width(first, SMALL) + 28
    return (
        element(
            "path",
            d=f"M{number(x)} {number(y - 4)}h16",
            stroke=LIGHT.feasible,
            stroke_width=6,
            stroke_opacity=0.4,
            stroke_linecap="round",
        )
        + element("circle", cx=x + 8, cy=y - 4, r=4, fill=LIGHT.feasible)
        + text(first, x + 26, y, SMALL, fill=LIGHT.quiet)
        + element(
            "circle",
            cx=after,
            cy=y - 4,
            r=4.2,
            fill="none",
            stroke=LIGHT.budget,
            stroke_width=1.8,
        )
        + text(second, after + 12, y, SMALL, fill=LIGHT.quiet)
        + text("as published", one, 44, SMALL, fill=LIGHT.ink, text_anchor="middle")
    )


def _line_told(line: Compared) -> str:
    if line.predicted is None:
        return f"{line.name}: not predicted as it was run"
    return f"{line.name}: {line.predicted.median / line.published:.2f}"
