"""The plane of time and cost in logarithms: places, ranges, the lane of what costs nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gui.cloud import EXCLUDED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gui.bounds import Bounds
    from gui.cloud import Cloud

REACH = math.log10(12.0)
"""Excluded candidates further than this from the limits stay outside. [decades]"""

MARGIN = 0.12
"""Room beyond the outermost candidate. [decades]"""

EDGE = 0.07
"""A limit stays so far from the ends of its axis, as a share of it. [ratio]"""

LEAST_SPAN = math.log10(8.0)
"""An axis covers at least this. [decades]"""

LANE = 0.09
"""Height of the lane for what costs nothing, as a share of the axis. [ratio]"""

KEEPS = 1.3
"""A range is kept while it is at most so much larger than needed: no jumps at every answer. [1]"""

LOWEST = 1e-9


@dataclass(frozen=True, slots=True)
class Plane:
    """What the region shows: log10 of hours and dollars."""

    left: float
    right: float
    bottom: float
    top: float
    lane: float | None
    """Height at which candidates that cost nothing lie; None: there are none."""

    def x(self, hours: NDArray[np.floating]) -> NDArray[np.float64]:
        """Places across. [log10 h]"""
        return np.log10(np.maximum(hours.astype(np.float64), LOWEST))

    def y(self, usd: NDArray[np.floating]) -> NDArray[np.float64]:
        """Places upwards. [log10 USD]"""
        high = np.log10(np.maximum(usd.astype(np.float64), LOWEST))
        return high if self.lane is None else np.where(usd > 0, high, self.lane)

    def place(self, hours: float, usd: float) -> tuple[float, float]:
        """Place of one candidate."""
        return float(self.x(np.array([hours]))[0]), float(self.y(np.array([usd]))[0])

    def holds(self, other: Plane) -> bool:
        """True where the other fits in without leaving much room."""
        inside = (
            self.left <= other.left
            and self.right >= other.right
            and self.bottom <= other.bottom
            and self.top >= other.top
            and (self.lane is None) == (other.lane is None)
        )
        wide = (self.right - self.left) <= KEEPS * (other.right - other.left)
        high = (self.top - self.bottom) <= KEEPS * (other.top - other.bottom)
        return inside and wide and high


def plane_of(cloud: Cloud, bounds: Bounds, before: Plane | None = None) -> Plane:
    """A range that holds what matters: candidates that keep most limits, and the limits.

    Args:
        cloud: the candidates.
        bounds: deadline and budget are always inside.
        before: the range so far, kept where it still suits.
    """
    near = cloud.states(bounds) < EXCLUDED
    wanted = near if near.any() else np.ones(len(cloud), dtype=bool)
    left, right = _range(cloud.hours[wanted], bounds.deadline_hours)
    bottom, top = _range(cloud.usd[wanted], bounds.budget_usd)
    lane = None
    if bool((cloud.usd <= 0).any()):
        height = LANE * (top - bottom)
        lane = bottom - height / 2
        bottom -= height
    made = Plane(left, right, bottom, top, lane)
    return before if before is not None and before.holds(made) else made


def rounded(value: float, digits: int = 3) -> float:
    """A value that can be read out: three digits."""
    if value <= 0:
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(value)))


def _range(values: NDArray[np.float32], limit: float | None) -> tuple[float, float]:
    positive = np.log10(values[values > 0].astype(np.float64))
    low, high = (
        (float(np.min(positive)), float(np.quantile(positive, 0.995)))
        if len(positive)
        else (0.0, 1.0)
    )
    if limit is not None and limit > 0:
        at = math.log10(limit)
        # Where everything is far beyond the limit, half of it must be seen nevertheless.
        far = float(np.quantile(positive, 0.5)) if len(positive) else at
        high = min(max(high, at), max(at + REACH, far))
        low = min(low, at)
        # The line's words need room on both of its sides.
        low, high = min(low, at - EDGE * (high - low)), max(high, at + EDGE * (high - low))
    missing = max(LEAST_SPAN - (high - low), 0.0) / 2
    return low - missing - MARGIN, high + missing + MARGIN
