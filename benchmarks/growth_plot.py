"""Time and memory against the number of jobs, both scales logarithmic."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from solver.export.svg import element, picture, text
from solver.export.themes import LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WIDTH, HEIGHT = 760.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 14.0, 34.0, 40.0
PANEL = (WIDTH - 20.0) / 2.0
SMALL = 11.0

SERIES = (
    ("decided, fastest", "decide", "fastest", LIGHT.deadline),
    ("decided, most accurate", "decide", "most-accurate", LIGHT.budget),
    ("HiGHS alone, fastest", "bare", "fastest", LIGHT.near_miss),
)


def growth_svg(rows: Sequence[dict[str, Any]]) -> str:
    """The picture of rows that `benchmarks.portfolio` measures."""
    seconds = [
        (name, colour, [(row["jobs"], row[field]) for row in rows if row["aim"] == aim])
        for name, field, aim, colour in SERIES
    ]
    memory = [("memory", LIGHT.frontier, [(row["jobs"], row["mb"]) for row in rows])]
    body = "".join(_panel(0.0, "processor time, s", seconds)) + "".join(
        _panel(PANEL + 20.0, "memory of the process, MB", memory)
    )
    ground = element("rect", width=WIDTH, height=HEIGHT, fill=LIGHT.paper)
    told = "; ".join(
        f"{row['jobs']} jobs, {row['aim']}: {row['decide']:.2f} s, {row['mb']:.0f} MB"
        for row in rows
    )
    return picture(WIDTH, HEIGHT, "Growth with the number of jobs", told, ground + body)


def _panel(
    x: float, title: str, lines: Sequence[tuple[str, str, list[tuple[float, float]]]]
) -> Iterator[str]:
    points = [point for _, _, line in lines for point in line]
    across = _scale([p[0] for p in points], x + LEFT, x + PANEL - RIGHT)
    upward = _scale([p[1] for p in points], HEIGHT - BOTTOM, TOP)
    yield text(title, x + LEFT, 20.0, 13.0, fill=LIGHT.ink)
    yield text("jobs", x + PANEL - RIGHT, HEIGHT - 6.0, SMALL, fill=LIGHT.quiet, text_anchor="end")
    for jobs in sorted({p[0] for p in points}):
        yield text(
            f"{jobs:g}",
            across(jobs),
            HEIGHT - BOTTOM + 16.0,
            SMALL,
            fill=LIGHT.quiet,
            text_anchor="middle",
        )
    for tick in _ticks([p[1] for p in points]):
        y = upward(tick)
        yield element("line", x1=x + LEFT, x2=x + PANEL - RIGHT, y1=y, y2=y, stroke=LIGHT.grid)
        yield text(f"{tick:g}", x + LEFT - 6.0, y + 4.0, SMALL, fill=LIGHT.quiet, text_anchor="end")
    for place, (name, colour, line) in enumerate(lines):
        path = " ".join(f"{across(a):.1f},{upward(b):.1f}" for a, b in line)
        yield element("polyline", points=path, fill="none", stroke=colour, stroke_width=2)
        for a, b in line:
            yield element("circle", cx=across(a), cy=upward(b), r=3.5, fill=colour)
        if len(lines) > 1:
            yield text(name, x + LEFT + 8.0, TOP + 14.0 * (place + 1), SMALL, fill=colour)


def _scale(values: Sequence[float], first: float, last: float) -> Callable[[float], float]:
    low, high = math.log(min(values) * 0.8), math.log(max(values) * 1.25)

    def place(value: float) -> float:
        return first + (last - first) * (math.log(value) - low) / (high - low)

    return place


def _ticks(values: Sequence[float]) -> list[float]:
    """1, 2 and 5 times powers of ten within the values."""
    low, high = min(values) * 0.8, max(values) * 1.25
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    return [tick for tick in every if low <= tick <= high]
