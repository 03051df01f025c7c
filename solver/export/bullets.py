"""A predicted quantity beside its limit: the interval as a bar, the limit as a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.export.svg import element, number, picture

if TYPE_CHECKING:
    from solver.export.themes import Theme
    from solver.plan import Spread

WIDTH, HEIGHT = 200.0, 18.0
"""Size of the picture. [px]"""


@dataclass(frozen=True, slots=True)
class Bullet:
    """What is drawn, all in the unit of the quantity."""

    spread: Spread
    limit: float | None
    limit_is_minimum: bool
    starts_at_zero: bool
    """True for time and cost, whose bar shows how much of the limit is used."""


def bullet_svg(bullet: Bullet, theme: Theme, words: str) -> str:
    """The interval that holds 80 % of outcomes, its median, and the limit.

    Args:
        bullet: the values.
        theme: colours.
        words: the same in words, for those who do not see it.
    """
    low, high = _ends(bullet)
    spread, middle = bullet.spread, HEIGHT / 2

    def at(value: float) -> float:
        share = (value - low) / (high - low)
        return 3 + min(max(share, 0.0), 1.0) * (WIDTH - 6)

    bar = element(
        "rect",
        x=at(spread.low80),
        y=middle - 4,
        width=max(at(spread.high80) - at(spread.low80), 2.0),
        height=8,
        rx=2,
        fill=theme.feasible,
        fill_opacity=0.35,
    )
    track = element("rect", x=0, y=middle - 2, width=WIDTH, height=4, rx=2, fill=theme.grid)
    median = _tick(at(spread.median), 5.0, theme.feasible, 2.4)
    limit = "" if bullet.limit is None else _tick(at(bullet.limit), 8.0, _colour(bullet, theme), 2)
    return picture(WIDTH, HEIGHT, words, words, track + bar + median + limit)


def _tick(x: float, half: float, colour: str, width: float) -> str:
    top = number(HEIGHT / 2 - half)
    return element(
        "path", d=f"M{number(x)} {top}v{number(2 * half)}", stroke=colour, stroke_width=width
    )


def _colour(bullet: Bullet, theme: Theme) -> str:
    counted, limit = bullet.spread.at_confidence, bullet.limit
    if limit is None:
        return theme.quiet
    kept = counted >= limit if bullet.limit_is_minimum else counted <= limit
    return theme.good if kept else theme.bad


def _ends(bullet: Bullet) -> tuple[float, float]:
    values = [bullet.spread.low80, bullet.spread.high80, bullet.spread.at_confidence]
    if bullet.limit is not None:
        values.append(bullet.limit)
    low, high = min(values), max(values)
    if bullet.starts_at_zero:
        return 0.0, high * 1.08 if high > 0 else 1.0
    room = max((high - low) * 0.2, 1e-3)
    return low - room, high + room
