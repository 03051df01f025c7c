"""Pinned plans beside the present one: figures, choices and what differs, as text; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.diff import Changed, differences
from solver.document import Kept
from solver.export.plan_sections import plan_card
from solver.export.words import (
    MINUS,
    accuracy_text,
    chance_text,
    co2_text,
    hours_text,
    interval_text,
    plural,
    points_text,
    usd_text,
)
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from solver.plan import PlannedJob, Spread

MOST_PINS = 4
"""More plans than these do not stand side by side. [1]"""

SAME = 1e-6
"""Figures nearer than this are equal. [ratio]"""


@dataclass(frozen=True, slots=True)
class Pinned(Kept):
    """A plan that is kept to be compared, in words."""

    @property
    def jobs(self) -> tuple[PlannedJob, ...]:
        """What is compared."""
        if self.job is not None:
            return (self.job,)
        return self.answer.jobs if isinstance(self.answer, Solved | Stopped) else ()

    @property
    def title(self) -> str:
        """The plan in a line."""
        jobs = self.jobs
        if not jobs:
            return f"No plan ({self.answer.outcome})"
        if len(jobs) > 1:
            return plural(len(jobs), "job")
        job = jobs[0]
        return f"{job.model}, {job.method}, {job.total_gpus} × {job.offer.accelerator_name}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row."""

    text: str
    small: str = ""
    """Small print below: an interval, a difference."""
    tone: str = ""
    """good or bad where the value is better or worse than the present plan's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One property of every plan."""

    label: str
    cells: tuple[Cell, ...]
    """The present plan first."""

    @property
    def differs(self) -> bool:
        """True where not all plans agree."""
        return len({cell.text for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class Compared:
    """The plans side by side."""

    titles: tuple[str, ...]
    figures: tuple[Row, ...]
    choices: tuple[Row, ...]
    said: tuple[Changed, ...]
    """From the last pinned plan to the present one, in sentences."""


def compared(pins: Sequence[Pinned], now: Pinned | None) -> Compared:
    """The present plan and the pinned ones.

    Args:
        pins: what is kept, oldest first.
        now: what is shown; None: nothing yet.
    """
    every = [*([now] if now is not None else []), *pins]
    said: tuple[Changed, ...] = ()
    if now is not None and pins and now.job is None and pins[-1].job is None:
        said = differences(pins[-1].answer, now.answer)
    return Compared(
        tuple(pinned.title for pinned in every),
        tuple(_figures(every)),
        tuple(_choices(every)),
        said,
    )


def _figures(every: Sequence[Pinned]) -> list[Row]:
    rows = [
        _row("Time", [_hours(p) for p in every], "—", hours_text, is_less_better=True),
        _row("Cost", [_usd(p) for p in every], "—", usd_text, is_less_better=True),
        _row(
            "Accuracy",
            [_accuracy(p) for p in every],
            "unknown",
            accuracy_text,
            is_less_better=False,
        ),
    ]
    masses = [_co2_kg(p) for p in every]
    first = masses[0] if masses else None
    cells = [
        Cell("—")
        if kg is None
        else Cell(co2_text(kg), _change(kg, first, co2_text), _tone(kg, first, is_less_better=True))
        for kg in masses
    ]
    rows.append(Row("CO₂", tuple(cells)))
    rows.append(Row("All limits hold", tuple(Cell(_chance(p)) for p in every)))
    return rows


def _row(
    label: str,
    spreads: Sequence[Spread | None],
    missing: str,
    text: Callable[[float], str],
    *,
    is_less_better: bool,
) -> Row:
    first = spreads[0] if spreads else None
    cells = []
    for at, spread in enumerate(spreads):
        if spread is None:
            cells.append(Cell(missing))
            continue
        small = f"80 %: {interval_text(spread.low80, spread.high80, text)}"
        tone = ""
        if at and first is not None:
            words = points_text if text is accuracy_text else None
            change = _change(spread.median, first.median, text, words)
            small = f"{change}\n{small}" if change else small
            tone = _tone(spread.median, first.median, is_less_better=is_less_better)
        cells.append(Cell(text(spread.median), small, tone))
    return Row(label, tuple(cells))


def _change(
    value: float,
    first: float | None,
    text: Callable[[float], str],
    signed: Callable[[float], str] | None = None,
) -> str:
    """The difference from the present plan; empty where there is none."""
    if first is None or _same(value, first):
        return ""
    if signed is not None:
        return signed(value - first)
    return f"{'+' if value > first else MINUS}{text(abs(value - first))}"


def _tone(value: float, first: float | None, *, is_less_better: bool) -> str:
    if first is None or _same(value, first):
        return ""
    return "good" if (value < first) == is_less_better else "bad"


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(abs(one), abs(other), SAME)


def _choices(every: Sequence[Pinned]) -> list[Row]:
    """What each plan decides, line by line as on its card; of several jobs their names."""
    cards: list[dict[str, str]] = []
    for pinned in every:
        jobs = pinned.jobs
        if len(jobs) == 1:
            rows = plan_card(jobs[0], pinned.answer.facts).rows
            cards.append({row[0]: row[1] for row in rows})
        else:
            cards.append({job.name: job.key for job in jobs})
    labels = dict.fromkeys(label for card in cards for label in card)
    return [Row(label, tuple(Cell(card.get(label, "—")) for card in cards)) for label in labels]


def _hours(pinned: Pinned) -> Spread | None:
    if pinned.job is None and isinstance(pinned.answer, Solved):
        return pinned.answer.total_hours
    return pinned.jobs[0].hours if len(pinned.jobs) == 1 else None


def _usd(pinned: Pinned) -> Spread | None:
    if pinned.job is None and isinstance(pinned.answer, Solved):
        return pinned.answer.total_usd
    return pinned.jobs[0].usd if len(pinned.jobs) == 1 else None


def _accuracy(pinned: Pinned) -> Spread | None:
    """The lowest accuracy of the jobs whose accuracy is predicted."""
    known = [job.accuracy for job in pinned.jobs if job.accuracy is not None]
    return min(known, key=lambda spread: spread.median) if known else None


def _co2_kg(pinned: Pinned) -> float | None:
    masses = [job.co2_kg for job in pinned.jobs]
    known = [kg for kg in masses if kg is not None]
    return sum(known) if known and len(known) == len(masses) else None


def _chance(pinned: Pinned) -> str:
    if pinned.job is not None:
        return "not the plan"
    chance = getattr(pinned.answer, "joint_chance", None)
    return "—" if chance is None else chance_text(chance)
