"""A difference of two scores with its doubt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delta:
    """A difference of scores."""

    mean: float
    """[ratio]"""
    sd: float
    """Half of the interval that holds 80 % of outcomes, over 1.2816. [ratio]"""
    models: int
    """Models behind it."""
