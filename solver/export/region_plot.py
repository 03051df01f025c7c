"""The plane of time and cost, laid out: which candidates are drawn, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.export.axes import LogAxis, log_axis
from solver.export.themes import STEPS
from solver.export.words import hours_text, plural, usd_text

if TYPE_CHECKING:
    from solver.export.themes import Theme
    from solver.plan import Region

LEFT, RIGHT, TOP, BOTTOM = 66.0, 18.0, 44.0, 48.0
"""Margins around the plot. [px]"""

LANE = 30.0
"""Height of the lane for machines that cost nothing. [px]"""

SMALL, NORMAL = 11.0, 12.0
"""Sizes of text. [px]"""

REACH = 12.0
"""Candidates further than this factor from the feasible ones and the limits are not drawn. [1]"""


@dataclass(frozen=True, slots=True)
class RegionChart:
    """What the picture shows; hours and dollars at the enforced quantile."""

    region: Region
    plan: tuple[float, float] | None
    """Hours and dollars of the plan. [h], [USD]"""
    deadline_hours: float | None
    budget_usd: float | None
    min_accuracy: float | None
    heading: str = ""
    """What the question calls itself; may hold anything."""


@dataclass(frozen=True, slots=True)
class Plot:
    """The chart laid out on a page."""

    chart: RegionChart
    theme: Theme
    hours: LogAxis
    usd: LogAxis
    width: float
    height: float
    lane_top: float | None
    """Where the lane for machines that cost nothing begins; None: no candidate is free."""
    accuracies: tuple[float, float] | None
    """Lowest and highest accuracy of the feasible candidates; None: none is predicted."""

    @property
    def right(self) -> float:
        """Where the plot ends."""
        return self.width - RIGHT

    @property
    def bottom(self) -> float:
        """Where the plot ends below, with the lane."""
        return self.height - BOTTOM

    @property
    def is_lane_only(self) -> bool:
        """True where nothing that is drawn costs anything."""
        return self.lane_top == TOP

    def place(self, hours: float, usd: float) -> tuple[float, float]:
        """Where a candidate is drawn."""
        if usd <= 0 and self.lane_top is not None:
            return self.hours.at(hours), (self.lane_top + self.bottom) / 2
        return self.hours.at(hours), self.usd.at(usd)

    def budget_y(self, usd: float) -> float:
        """Height of a budget's line."""
        if usd <= 0:
            return self.bottom if self.lane_top is None else self.lane_top
        return self.usd.at(usd)

    def colour(self, accuracy: float | None) -> str:
        """Colour of a feasible candidate."""
        if accuracy is None or self.accuracies is None:
            return self.theme.feasible
        low, high = self.accuracies
        share = (accuracy - low) / (high - low) if high > low else 0.5
        return self.theme.ramp[min(int(share * STEPS), STEPS - 1)]


def laid_out(chart: RegionChart, theme: Theme, width: float, height: float) -> Plot:
    """Axes that hold the feasible candidates, the limits and all that comes near them."""
    region = chart.region
    core = next((s for s in ("feasible", "near-miss") if s in region.state), "excluded")
    shown = [chart.plan] if chart.plan else []
    shown += [
        (hours, usd)
        for hours, usd, state in zip(region.hours, region.usd, region.state, strict=True)
        if state == core
    ]
    times = [hours for hours, _ in shown] + _known(chart.deadline_hours)
    sums = [usd for _, usd in shown] + _known(chart.budget_usd)
    times += _within_reach(region.hours, times)
    sums += _within_reach(region.usd, sums)
    free = any(usd <= 0 for _, usd in shown) or 0.0 in region.usd
    priced = any(usd > 0 for usd in sums)
    bottom = height - BOTTOM - (LANE if free and priced else 0.0)
    return Plot(
        chart,
        theme,
        log_axis(times, LEFT, width - RIGHT),
        log_axis(sums, bottom, TOP),
        width,
        height,
        bottom if free and priced else TOP if free else None,
        _accuracies(region),
    )


def described(chart: RegionChart) -> str:
    """The picture in words, for those who do not see it."""
    count = {state: chart.region.state.count(state) for state in ("feasible", "near-miss")}
    drawn = plural(len(chart.region.hours), "candidate")
    kept, missed = count["feasible"], count["near-miss"]
    said = [f"{drawn} by time and cost: {kept} keep every limit, {missed} miss exactly one."]
    if chart.deadline_hours is not None:
        said.append(f"Deadline {hours_text(chart.deadline_hours)}.")
    if chart.budget_usd is not None:
        said.append(f"Budget {usd_text(chart.budget_usd)}.")
    if chart.plan is not None:
        said.append(f"The plan takes {hours_text(chart.plan[0])} and {usd_text(chart.plan[1])}.")
    return " ".join(said)


def _known(value: float | None) -> list[float]:
    return [] if value is None else [value]


def _within_reach(values: tuple[float, ...], core: list[float]) -> list[float]:
    positive = [value for value in core if value > 0]
    if not positive:
        return list(values)
    low, high = min(positive) / REACH, max(positive) * REACH
    return [value for value in values if low <= value <= high]


def _accuracies(region: Region) -> tuple[float, float] | None:
    known = [
        accuracy
        for accuracy, state in zip(region.accuracy, region.state, strict=True)
        if state == "feasible" and accuracy is not None
    ]
    return (min(known), max(known)) if known else None
