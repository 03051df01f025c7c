"""A forecast of one score: its middle and the ends of two intervals, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from solver.estimate.quality_scale import EDGE, from_logit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.quality_encoders import Belief

WIDTH80, WIDTH90 = 1.2815515655, 1.9
"""Half-widths in standard deviations; real errors have heavier tails than the normal (1.645)."""

Evidence = Literal["measured", "interpolated", "unseen", ""]


@dataclass(frozen=True, slots=True)
class Forecast:
    """A predicted score. [ratio], losses in nats"""

    score: float
    low80: float
    high80: float
    low90: float
    high90: float
    evidence: Evidence
    reason: str
    """What it stands on."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing supports a number."""

    reason: str


def forecast_of(ends: Sequence[float], evidence: Evidence, reason: str) -> Forecast:
    """A forecast from its middle and the four ends, in the order of the fields."""
    score, low80, high80, low90, high90 = ends
    return Forecast(score, low80, high80, low90, high90, evidence, reason)


def around(
    score: float, sd: float, evidence: Evidence, reason: str, ceiling: float = 1.0
) -> Forecast:
    """A forecast that is normal around a score, clipped to what scores can be."""
    ends = [
        min(max(score + away * sd, FLOOR), ceiling)
        for away in (0.0, -WIDTH80, WIDTH80, -WIDTH90, WIDTH90)
    ]
    return forecast_of(ends, evidence, reason)


FLOOR = -1.0
"""Correlations can be negative. [ratio]"""


def on_scale(
    belief: Belief, floor: float, ceiling: float, evidence: Evidence, reason: str
) -> Forecast:
    """A forecast that is normal in log-odds between floor and ceiling.

    Scores within `EDGE` of an end count as `EDGE` away in every fit, so an end of an interval that
    comes so near is open.
    """
    sd = belief.variance**0.5
    score, *ends = (
        float(from_logit(belief.mean + away * sd, floor, ceiling))
        for away in (0.0, -WIDTH80, WIDTH80, -WIDTH90, WIDTH90)
    )
    near = EDGE * (ceiling - floor)
    low = [floor if end <= floor + near else end for end in ends[::2]]
    high = [ceiling if end >= ceiling - near else end for end in ends[1::2]]
    return forecast_of([score, low[0], high[0], low[1], high[1]], evidence, reason)


def scaled(forecast: Forecast, factor: float) -> Forecast:
    """The forecast with its doubt times a factor."""

    def end(value: float) -> float:
        return forecast.score + factor * (value - forecast.score)

    return Forecast(
        forecast.score,
        end(forecast.low80),
        end(forecast.high80),
        end(forecast.low90),
        end(forecast.high90),
        forecast.evidence,
        forecast.reason,
    )


def moved(forecast: Forecast, mean: float, sd: float, reason: str) -> Forecast:
    """A forecast after a difference with its own doubt is added; widths join as variances."""
    if mean == 0.0 and sd == 0.0:
        return forecast

    def end(value: float, width: float) -> float:
        away = float(np.hypot(value - forecast.score, width * sd))
        return forecast.score + mean + (away if value >= forecast.score else -away)

    score = min(forecast.score + mean, 1.0)
    low80 = min(end(forecast.low80 - 1e-12, WIDTH80), score)
    high80 = min(end(forecast.high80, WIDTH80), 1.0)
    return Forecast(
        score,
        low80,
        high80,
        min(end(forecast.low90 - 1e-12, WIDTH90), low80),
        max(min(end(forecast.high90, WIDTH90), 1.0), high80),
        forecast.evidence if forecast.evidence != "measured" else "interpolated",
        f"{forecast.reason}; {reason}" if reason else forecast.reason,
    )
