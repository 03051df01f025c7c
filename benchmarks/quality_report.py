"""Summaries of left-out errors: what every family of predictions must state."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Z80, Z90 = 1.2815515655, 1.6448536270
"""Half-widths of central normal intervals in standard deviations."""


@dataclass(frozen=True, slots=True)
class Miss:
    """One left-out prediction. Scores in points (0..100), losses in percent."""

    family: str
    actual: float
    predicted: float
    low80: float
    high80: float
    low90: float
    high90: float


def normal_miss(family: str, actual: float, predicted: float, sd: float, tail: float = Z90) -> Miss:
    """A miss whose intervals are normal around the prediction."""
    return Miss(
        family,
        actual,
        predicted,
        predicted - Z80 * sd,
        predicted + Z80 * sd,
        predicted - tail * sd,
        predicted + tail * sd,
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """Errors of one family."""

    family: str
    cases: int
    mean_error: float
    median_error: float
    coverage80: float
    coverage90: float
    half_width80: float
    coverage_is_nominal: bool
    """The 95 % binomial interval of the coverage contains 0.80."""


def summaries(misses: Iterable[Miss]) -> list[Summary]:
    """One summary a family, in order of first appearance."""
    found: dict[str, list[Miss]] = {}
    for miss in misses:
        found.setdefault(miss.family, []).append(miss)
    return [_summary(family, group) for family, group in found.items()]


def _summary(family: str, group: Sequence[Miss]) -> Summary:
    error = np.array([abs(m.actual - m.predicted) for m in group])
    inside80 = np.array([m.low80 <= m.actual <= m.high80 for m in group])
    inside90 = np.array([m.low90 <= m.actual <= m.high90 for m in group])
    width = np.array([(m.high80 - m.low80) / 2.0 for m in group])
    share = float(inside80.mean())
    low, high = binomial_interval(int(inside80.sum()), len(group))
    return Summary(
        family,
        len(group),
        float(error.mean()),
        float(np.median(error)),
        share,
        float(inside90.mean()),
        float(width.mean()),
        low <= 0.80 <= high,
    )


def binomial_interval(hits: int, cases: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z = 1.959964
    share = hits / cases
    centre = share + z * z / (2 * cases)
    half = z * math.sqrt(share * (1.0 - share) / cases + z * z / (4.0 * cases**2))
    scale = 1.0 + z * z / cases
    return (centre - half) / scale, (centre + half) / scale


def table(rows: Iterable[Summary]) -> str:
    """A Markdown table."""
    lines = [
        "| family (held out) | n | MAE | median | cov80 | cov90 | half-width 80 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {s.family} | {s.cases} | {s.mean_error:.2f} | {_rest(s)} |" for s in rows]
    return "\n".join(lines)


def _rest(row: Summary) -> str:
    """The last cells of a line; a baseline without intervals has none."""
    if row.half_width80 == 0.0:
        return f"{row.median_error:.2f} | | | "
    mark = "" if row.coverage_is_nominal else "*"
    return (
        f"{row.median_error:.2f} | {row.coverage80:.2f}{mark} | {row.coverage90:.2f} "
        f"| {row.half_width80:.2f}"
    )
