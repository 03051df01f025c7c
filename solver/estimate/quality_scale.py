"""The scale on which scores of different tasks are compared: log-odds between floor and ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray

EDGE = 0.01
"""Scores nearer to floor or ceiling than this share of the range count as that near. [ratio]"""


def to_logit(score: FloatArray | float, floor: float, ceiling: float) -> FloatArray:
    """Log-odds of a score between floor and ceiling.

    Args:
        score: [ratio], any shape.
        floor: score of a model that knows nothing. [ratio]
        ceiling: score that nobody exceeds. [ratio]

    Returns:
        z = ln p/(1 - p) with p = (score - floor)/(ceiling - floor), held to `EDGE`..1 - `EDGE`.
    """
    share = np.clip((np.asarray(score, float) - floor) / (ceiling - floor), EDGE, 1.0 - EDGE)
    return np.asarray(np.log(share / (1.0 - share)))


def from_logit(z: FloatArray | float, floor: float, ceiling: float) -> FloatArray:
    """The score whose log-odds between floor and ceiling are z. [ratio]"""
    return np.asarray(floor + (ceiling - floor) / (1.0 + np.exp(-np.asarray(z, float))))


def slope_at(score: FloatArray | float, floor: float, ceiling: float) -> FloatArray:
    """Change of score per unit of log-odds: p(1 - p)(ceiling - floor). [ratio]"""
    share = np.clip((np.asarray(score, float) - floor) / (ceiling - floor), EDGE, 1.0 - EDGE)
    return np.asarray(share * (1.0 - share) * (ceiling - floor))
