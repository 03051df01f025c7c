"""How far off predictions of a group of runs are before and after some of them corrected it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import BoolArray, FloatArray

GOAL = 0.12
"""Median error that one short run should reach. [ratio]"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Means over the draws of one group of runs."""

    name: str
    rows: int
    before: float
    """Median error without calibration. [ratio]"""
    after: float
    known: float
    """Median error if the median of the whole group were known: a factor can do no better."""
    inside_before: float
    inside_after: float


def median_error(logs: FloatArray) -> float:
    """Median of |predicted / measured - 1|. [ratio]"""
    return float(np.median(np.abs(np.expm1(-logs))))


def print_summary(title: str, made: Sequence[Outcome]) -> None:
    """Print means over some groups, and in how many of them runs helped."""
    before = np.array([m.before for m in made])
    after = np.array([m.after for m in made])
    known = np.array([m.known for m in made])
    print(
        f"{title}: {len(made)} groups; mean of median errors {before.mean():.1%} -> "
        f"{after.mean():.1%}, factor known {known.mean():.1%}"
    )
    print(
        f"  halved {(after <= before / 2).sum()} (possible {(known <= before / 2).sum()}); "
        f"within {GOAL:.0%}: {(before <= GOAL).sum()} -> {(after <= GOAL).sum()} "
        f"(possible {(known <= GOAL).sum()})"
    )
    far: BoolArray = before > GOAL
    if far.any():
        print(
            f"  of those further off before ({far.sum()}): {before[far].mean():.1%} -> "
            f"{after[far].mean():.1%}, factor known {known[far].mean():.1%}"
        )
    weight = np.array([m.rows for m in made])
    print(
        "  inside 80 % intervals: "
        f"{np.average([m.inside_before for m in made], weights=weight):.0%} -> "
        f"{np.average([m.inside_after for m in made], weights=weight):.0%}"
    )


def print_each(made: Sequence[Outcome]) -> None:
    """Print each group."""
    for m in made:
        print(
            f"    {m.name:4}{m.rows:5}  {m.before:6.1%} -> {m.after:6.1%}  known {m.known:6.1%}"
            f"  inside {m.inside_before:4.0%} -> {m.inside_after:4.0%}"
        )
