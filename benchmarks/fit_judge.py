"""What the fits of memory and throughput share: errors of sources left out, and their spreads.

A spread is made from errors on sources that the constants had not seen, and judged on yet another
source, its widening included.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.fit_rows import weighted_quantiles, weights
from solver.estimate.evidence import GROUPS, EvidenceCode, groups
from solver.estimate.shape import sizes
from solver.measured.predict import Z80

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pydantic import BaseModel

    from benchmarks.fit_rows import Rows
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray

HELD = 0.80
"""Share of rows that an interval promises to hold. [ratio]"""

WIDENINGS = np.arange(0.5, 2.01, 0.05)
"""Factors tried on the half-widths of a regime, the least that holds enough stays. [ratio]"""

PLENTY_ROWS = 20
"""Rows, of two sources at least, that make a kind of run measured. [1]"""

ROWS_LEFT_OUT = "headline runs (hd-*); rows whose source casts doubt on them"


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows predicted without their source."""

    excess: FloatArray
    """Log of measured over predicted cost: above 0 where a run took more than predicted. [1]"""
    extra_log_sd: FloatArray
    """Spread that a row has beyond that of its regime. [1]"""
    sources: NDArray[np.str_]
    regimes: IntArray
    names: tuple[str, ...]
    """Regimes in the order of their codes."""
    least: float
    """No half-width is smaller. [1]"""
    exponent: float = 0.5
    """A row of a source of n rows weighs n to the power of minus this. [1]"""
    least_above: float = 0.0
    """No half-width towards more is smaller. [1]"""

    @property
    def needed(self) -> FloatArray:
        """Half-width of its regime, with a sign, that holds a row beside its own spread. [1]"""
        own = Z80 * self.extra_log_sd
        return np.sign(self.excess) * np.sqrt(np.maximum(self.excess**2 - own**2, 0.0))

    @property
    def weights(self) -> FloatArray:
        """Weight of each row: those of one source are alike."""
        return weights(self.sources, self.exponent)

    def take(self, index: BoolArray) -> Judged:
        """The rows at `index`."""
        return replace(
            self,
            excess=self.excess[index],
            extra_log_sd=self.extra_log_sd[index],
            sources=self.sources[index],
            regimes=self.regimes[index],
        )

    def by_source(self) -> list[BoolArray]:
        """Where the rows of each source are."""
        return [self.sources == source for source in np.unique(self.sources)]


HalfWidths = dict[str, tuple[float, float]]
"""Logs that 10 % fall short of and that 10 % exceed, by regime and for all."""


def quantiles(judged: Judged) -> HalfWidths:
    """What holds 80 % of the rows of each regime, drawn towards what holds 80 % of all."""
    needed = judged.needed
    every = weighted_quantiles(needed, judged.weights, (0.1, 0.9))
    made = {"all": every}
    for code, name in enumerate(judged.names):
        inside = judged.regimes == code
        count = len(np.unique(judged.sources[inside]))
        if count:
            own = weighted_quantiles(needed[inside], judged.weights[inside], (0.1, 0.9))
            made[name] = (count * own + every) / (count + 1.0)
    above = max(judged.least, judged.least_above)
    return {
        name: (max(-float(low), judged.least), max(float(high), above))
        for name, (low, high) in made.items()
    }


def widened(judged: Judged) -> HalfWidths:
    """Half-widths that hold 80 % of yet other sources.

    Half-widths that are made without a source hold its rows less often than their own, and rows
    with spreads of their own more often: they grow or shrink until they hold 80 %.
    """
    low, high = np.empty(len(judged.excess)), np.empty(len(judged.excess))
    for own in judged.by_source():
        low[own], high[own] = _ends(judged.take(own), quantiles(judged.take(~own)))
    made = {"all": quantiles(judged)["all"]}
    for name, (fast, slow) in quantiles(judged).items():
        if name in judged.names:
            inside = judged.regimes == judged.names.index(name)
            factor = _widening(judged.take(inside), low[inside], high[inside])
            above = max(judged.least, judged.least_above)
            made[name] = (max(factor * fast, judged.least), max(factor * slow, above))
    return made


def _ends(judged: Judged, widths: HalfWidths) -> tuple[FloatArray, FloatArray]:
    both = np.array([widths.get(name, widths["all"]) for name in judged.names])
    return both[judged.regimes, 0], both[judged.regimes, 1]


def _inside(judged: Judged, low: FloatArray, high: FloatArray) -> BoolArray:
    extra = Z80 * judged.extra_log_sd
    made: BoolArray = (judged.excess >= -np.hypot(low, extra)) & (
        judged.excess <= np.hypot(high, extra)
    )
    return made


def _widening(judged: Judged, low: FloatArray, high: FloatArray) -> float:
    weight = judged.weights
    for factor in WIDENINGS.tolist():
        inside = _inside(judged, factor * low, factor * high)
        if np.average(inside, weights=weight) >= HELD:
            break
    return float(factor)


def spreads(judged: Judged) -> dict[str, dict[str, float]]:
    """Half-widths as log standard deviations, as constants keep them."""
    return {
        name: {"slow_log_sd": rounded(slow / Z80), "fast_log_sd": rounded(fast / Z80)}
        for name, (fast, slow) in widened(judged).items()
    }


def coverage(judged: Judged) -> tuple[BoolArray, FloatArray]:
    """Which rows lie inside intervals made without their source, and the upper ends. [1]"""
    inside = np.zeros(len(judged.excess), dtype=bool)
    upper = np.zeros(len(judged.excess))
    for own in judged.by_source():
        chosen = judged.take(own)
        low, high = _ends(chosen, widened(judged.take(~own)))
        inside[own] = _inside(chosen, low, high)
        upper[own] = np.hypot(high, Z80 * chosen.extra_log_sd)
    return inside, upper


def evidence(
    rows: Rows, places: IntArray, names: Sequence[str], *, sizes_alike: bool
) -> dict[str, int]:
    """What was measured: two sources and twenty rows, or anything at all.

    Args:
        rows: measured runs.
        places: position in `names` of each run's hardware or software, shape (n,).
        names: first words of the keys.
        sizes_alike: large and small dense models are evidence for each other.
    """
    c = rows.configurations
    group = groups(c, sizes(c))
    dense = group <= GROUPS.index("small")
    made: dict[str, int] = {}
    for place, name in enumerate(names):
        for code, kind in enumerate(GROUPS):
            alike = dense if sizes_alike and kind in ("large", "small") else group == code
            inside = (places == place) & alike
            count = len(np.unique(rows.sources[inside]))
            if count:
                plenty = count > 1 and inside.sum() >= PLENTY_ROWS
                found = EvidenceCode.MEASURED if plenty else EvidenceCode.INTERPOLATED
                made[f"{name} {kind}"] = int(found)
    return made


def origin(command: str, date: str, rows: Rows, misses: FloatArray) -> dict[str, Any]:
    """Where constants come from, with the error on every source left out."""
    off = np.abs(np.expm1(misses))
    errors = [
        {
            "source": source,
            "rows": int((inside := rows.sources == source).sum()),
            "median_error": rounded(float(np.median(off[inside]))),
            "mean_error": rounded(float(off[inside].mean())),
            "p90_error": rounded(float(np.quantile(off[inside], 0.9))),
        }
        for source in np.unique(rows.sources).tolist()
    ]
    return {
        "fitted_on": date,
        "command": command,
        "rows": int(rows.fit.sum()),
        "rows_left_out": ROWS_LEFT_OUT,
        "by_left_out_source": errors,
    }


def rounded(value: float) -> float:
    """Four significant digits: more would say nothing."""
    return float(f"{value:.4g}")


def write(path: Path, constants: BaseModel) -> None:
    """Store constants as the release ships them."""
    text = json.dumps(constants.model_dump(mode="json"), indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def print_errors(sets: Mapping[str, BoolArray], misses: FloatArray) -> None:
    """|predicted / measured - 1| of each set of rows, and the median log of the ratio."""
    print(f"{'left out':28}{'rows':>6}{'median':>8}{'mean':>8}{'p90':>8}{'bias':>8}")
    for name, inside in sets.items():
        if inside.any():
            print_line(name, misses[inside])


def print_line(name: str, misses: FloatArray) -> None:
    """The errors of some rows."""
    off = np.abs(np.expm1(misses))
    print(
        f"{name:28}{len(off):6}{np.median(off):8.3f}{off.mean():8.3f}"
        f"{np.quantile(off, 0.9):8.3f}{np.median(misses):+8.3f}"
    )


def print_coverage(judged: Judged, slack: float) -> None:
    """Share of rows inside their intervals, with its 95 % binomial interval, by regime.

    Args:
        judged: rows predicted without their source.
        slack: log by which a row may exceed the upper end before it counts as above.
    """
    inside, upper = coverage(judged)
    above = judged.excess > upper + slack
    print(f"\n{'held by 80 % intervals':28}{'rows':>6}{'held':>8}{'from':>8}{'to':>8}{'above':>8}")
    sets = {
        "all": np.ones(len(inside), dtype=bool),
        **{name: judged.regimes == code for code, name in enumerate(judged.names)},
    }
    for name, chosen in sets.items():
        if chosen.any():
            low, high = wilson(int(inside[chosen].sum()), int(chosen.sum()))
            print(
                f"{name:28}{chosen.sum():6}{inside[chosen].mean():8.3f}"
                f"{low:8.3f}{high:8.3f}{above[chosen].mean():8.3f}"
            )


def wilson(hits: int, rows: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share. [ratio]"""
    z = 1.96
    share = hits / rows
    middle = share + z * z / (2.0 * rows)
    half = z * np.sqrt(share * (1.0 - share) / rows + (z / (2.0 * rows)) ** 2)
    scale = 1.0 + z * z / rows
    return float((middle - half) / scale), float((middle + half) / scale)
