"""Logarithmic axes with the ticks that people think in: 1 min, 6 h, 1 week, $20."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_SPAN = 4.0
"""An axis covers at least this factor, so that a single point has neighbours. [1]"""

MARGIN = 1.18
"""Room beyond the outermost value, as a factor. [1]"""

TIME_TICKS: tuple[tuple[float, str, int], ...] = (
    (1 / 3600, "1 s", 0),
    (10 / 3600, "10 s", 1),
    (30 / 3600, "30 s", 2),
    (1 / 60, "1 min", 0),
    (2 / 60, "2 min", 3),
    (5 / 60, "5 min", 2),
    (10 / 60, "10 min", 0),
    (20 / 60, "20 min", 3),
    (0.5, "30 min", 1),
    (1.0, "1 h", 0),
    (2.0, "2 h", 2),
    (4.0, "4 h", 3),
    (6.0, "6 h", 0),
    (12.0, "12 h", 1),
    (24.0, "1 d", 0),
    (48.0, "2 d", 1),
    (96.0, "4 d", 2),
    (168.0, "1 w", 0),
    (336.0, "2 w", 1),
    (720.0, "30 d", 0),
    (2160.0, "90 d", 1),
    (4320.0, "180 d", 2),
    (8760.0, "1 y", 0),
    (17520.0, "2 y", 2),
    (43800.0, "5 y", 1),
)
"""Hours, words and importance (0 first) of the times that may be marked."""

DECADES: tuple[tuple[tuple[float, ...], float], ...] = (
    ((1.0, 2.0, 5.0), math.log10(2.0)),
    ((1.0, 3.0), math.log10(3.0)),
    ((1.0,), 0.0),
)
"""Ways to divide a decade, each with the closest distance of its marks in decades."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A marked value."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class LogAxis:
    """Maps values onto a length, in logarithms."""

    low: float
    high: float
    start: float
    """Position of `low` on the page."""
    end: float
    """Position of `high`; smaller than `start` for an axis that grows upwards."""

    def at(self, value: float) -> float:
        """Position of a value; values beyond the ends land on the ends."""
        inside = min(max(value, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """True where the value lies on the axis."""
        return self.low <= value <= self.high


def log_axis(values: Iterable[float], start: float, end: float) -> LogAxis:
    """An axis that holds all positive values with some room; 1 to 10 where there are none."""
    positive = [value for value in values if value > 0]
    low, high = (min(positive), max(positive)) if positive else (1.0, 10.0)
    missing = LEAST_SPAN / (high / low)
    widen = MARGIN * (math.sqrt(missing) if missing > 1 else 1.0)
    return LogAxis(low / widen, high * widen, start, end)


def time_ticks(axis: LogAxis, room: float) -> tuple[Tick, ...]:
    """Times to mark, at least `room` apart, the most familiar ones first."""
    return _placed(axis, TIME_TICKS, room)


def usd_ticks(axis: LogAxis, room: float) -> tuple[Tick, ...]:
    """Sums to mark: as many a decade as stand `room` apart: 1, 2, 5, or 1, 3, or 1 alone."""
    decade = abs(axis.end - axis.start) / math.log10(axis.high / axis.low)
    leads = next(leads for leads, closest in DECADES if decade * closest >= room or closest == 0)
    first, last = (math.floor(math.log10(v)) for v in (axis.low, axis.high))
    choices = [
        (lead * 10.0**power, _usd_words(lead * 10.0**power), importance)
        for power in range(first, last + 1)
        for importance, lead in enumerate(leads)
    ]
    return _placed(axis, tuple(choices), room)


def _placed(
    axis: LogAxis, choices: tuple[tuple[float, str, int], ...], room: float
) -> tuple[Tick, ...]:
    placed: list[Tick] = []
    for value, words, _ in sorted(choices, key=lambda choice: (choice[2], choice[0])):
        far = all(abs(axis.at(value) - axis.at(tick.value)) >= room for tick in placed)
        if axis.holds(value) and far:
            placed.append(Tick(value, words))
    return tuple(sorted(placed, key=lambda tick: tick.value))


def _usd_words(usd: float) -> str:
    if usd < 1:
        return f"${usd:.{max(2, -math.floor(math.log10(usd)))}f}"
    for size, letter in ((1e9, "B"), (1e6, "M")):
        if usd >= size:
            return f"${usd / size:,.0f} {letter}"
    return f"${usd:,.0f}"
