"""Bars on a common scale, each a picture of its own, so that a page may break between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.export.svg import element, number, picture, text, text_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from solver.export.themes import Theme

WIDTH, HEIGHT = 440.0, 13.0
"""Size of one bar's picture. [px]"""

AXIS_HEIGHT = 16.0

EDGE = 1.0
"""Room at both ends, so that a mark on the edge is whole. [px]"""

SMALL = 9.5
"""Size of the words on an axis. [px]"""

MOST_TICKS = 6

LEADS = (1.0, 2.0, 5.0)

HOUR_STEPS = (
    *(seconds / 3600 for seconds in (1, 5, 10, 30)),
    *(minutes / 60 for minutes in (1, 2, 5, 10, 20, 30)),
    *(1.0, 2.0, 4.0, 6.0, 12.0, 24.0, 48.0, 96.0, 168.0, 336.0, 720.0, 2160.0, 4320.0, 8760.0),
)
"""Distances between marks of time that people think in. [h]"""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar, in the unit of its chart."""

    value: float
    colour: str
    opacity: float = 1.0


def bar_svg(
    segments: Iterable[Segment],
    scale: float,
    words: str,
    theme: Theme,
    *,
    start: float = 0.0,
    marks: Iterable[tuple[float, str]] = (),
) -> str:
    """Segments after each other from `start` on, with marks across the bar.

    Args:
        segments: in their order; what is not above zero is left out.
        scale: the value at the right end of every bar of the chart, above 0.
        words: the same in words.
        theme: colours.
        start: where the first segment begins.
        marks: values and colours of lines across the bar.
    """
    track = element("rect", x=0, y=5, width=WIDTH, height=3, rx=1.5, fill=theme.grid)
    parts, at = [track], start
    for segment in segments:
        if segment.value <= 0:
            continue
        x, end = _x(at, scale), _x(at + segment.value, scale)
        parts.append(
            element(
                "rect",
                x=x,
                y=1.5,
                width=max(end - x, 0.4),
                height=10,
                fill=segment.colour,
                fill_opacity=None if segment.opacity == 1.0 else segment.opacity,
            )
        )
        at += segment.value
    for value, colour in marks:
        line = f"M{number(_x(value, scale))} 0v{number(HEIGHT)}"
        parts.append(element("path", d=line, stroke=colour, stroke_width=1.6))
    return picture(WIDTH, HEIGHT, words, words, "".join(parts))


def axis_svg(
    scale: float,
    step: float,
    words_of: Callable[[float], str],
    theme: Theme,
    marks: Iterable[tuple[float, str]] = (),
) -> str:
    """The scale of a chart: ticks with their words, as wide as the bars.

    Args:
        scale: the value at the right end.
        step: between two ticks.
        words_of: a value in words.
        theme: colours.
        marks: values and colours of lines that run on from the bars.
    """
    parts, free = [element("path", d=f"M0 .5H{number(WIDTH)}", stroke=theme.grid)], -math.inf
    for position in range(math.floor(scale / step + 1e-9) + 1):
        x = _x(position * step, scale)
        words = "0" if position == 0 else words_of(position * step)
        half = text_width(words, SMALL) / 2
        middle = min(max(x, half), WIDTH - half)
        parts.append(element("path", d=f"M{number(x)} 0v3", stroke=theme.quiet))
        if middle - half >= free:
            parts.append(text(words, middle, 13, SMALL, text_anchor="middle", fill=theme.quiet))
            free = middle + half + 4
    for value, colour in marks:
        line = f"M{number(_x(value, scale))} 0v4"
        parts.append(element("path", d=line, stroke=colour, stroke_width=1.6))
    described = f"Scale from 0 to {words_of(scale)}"
    return picture(WIDTH, AXIS_HEIGHT, described, described, "".join(parts))


def round_step(scale: float) -> float:
    """A distance of 1, 2 or 5 times a power of ten that puts at most `MOST_TICKS` on an axis."""
    power = 10.0 ** math.floor(math.log10(scale / MOST_TICKS))
    steps = (lead * power * ten for ten in (1.0, 10.0) for lead in LEADS)
    return next(step for step in steps if scale / step <= MOST_TICKS)


def hour_step(scale: float) -> float:
    """A distance in time that puts at most `MOST_TICKS` on an axis. [h]"""
    fitting = (step for step in HOUR_STEPS if scale / step <= MOST_TICKS)
    return next(fitting, None) or round_step(scale)


def scale_of(values: Iterable[float]) -> float:
    """What the right end of a chart stands for: its largest value, 1 where all are zero."""
    largest = max(values, default=0.0)
    return largest if largest > 0 else 1.0


def _x(value: float, scale: float) -> float:
    return EDGE + min(max(value / scale, 0.0), 1.0) * (WIDTH - 2 * EDGE)
