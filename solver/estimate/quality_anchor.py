"""Curves through a published full-data score, for sizes and passes that nobody measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_curve import FREEDOM, curve, prior_draws

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import CurveConstants

LEVELS = np.array(
    [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.78, 0.85, 0.9, 0.94, 0.97, 0.99]
)
"""Shares of the way from chance to certainty for which curves are tabulated."""

WIDTH = 0.03
"""How closely a tabulated curve must pass its level. [ratio]"""

PUBLISHED_EPOCHS = 3.0
"""Passes behind a published fine-tuning score: three in most recipes (devlin2019). [1]"""

LOOSE_DOUBLINGS = 3.0
"""Doublings from the published size after which the discrepancy is complete."""


@dataclass(frozen=True, slots=True)
class AnchoredCurves:
    """Mean and spread of the curves through each level, at given sizes."""

    shares: FloatArray
    """Shape (levels, sizes): concave and non-decreasing in size for every level."""
    spreads: FloatArray
    """Shape (levels, sizes)."""

    def at(self, share: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mean, spread and slope against the anchor of curves through other shares.

        Args:
            share: share at the anchor, shape (n,).

        Returns:
            Three arrays of shape (n, sizes).
        """
        place = np.clip(np.searchsorted(LEVELS, share) - 1, 0, len(LEVELS) - 2)
        width = LEVELS[place + 1] - LEVELS[place]
        right = np.clip((share - LEVELS[place]) / width, 0.0, 1.0)[:, None]
        below, above = self.shares[place], self.shares[place + 1]
        mean = below * (1.0 - right) + above * right
        # beyond the table a curve is the nearest one in proportion
        inside = np.clip(share, LEVELS[0], LEVELS[-1])
        mean = mean * (share / inside)[:, None]
        spread = self.spreads[place] * (1.0 - right) + self.spreads[place + 1] * right
        slope = np.clip((above - below) / width[:, None], 0.0, 3.0)
        return mean, spread, slope


def anchored_curves(anchor: float, sizes: FloatArray, constants: CurveConstants) -> AnchoredCurves:
    """Curves of the prior that pass each level at the anchor.

    Args:
        anchor: effective examples behind the published score. [1]
        sizes: effective examples asked for. [1], shape (sizes,)
        constants: the prior.
    """
    draws = prior_draws(constants.examples)
    at_anchor = curve(draws, np.array([anchor]))[:, 0]
    wanted = curve(draws, sizes)
    miss = (at_anchor[None, :] - LEVELS[:, None]) / WIDTH
    weights = (1.0 + miss**2 / FREEDOM) ** (-0.5 * (FREEDOM + 1.0))
    weights /= weights.sum(axis=1, keepdims=True)
    # rescaled to pass the level exactly: a factor keeps a curve concave
    factor = LEVELS / (weights @ at_anchor)
    shares = (weights @ wanted) * factor[:, None]
    squares = weights @ wanted**2 - (weights @ wanted) ** 2
    spreads = np.sqrt(np.maximum(squares, 0.0))
    at_level = np.abs(np.log2(np.maximum(sizes, 1e-9) / anchor))
    spreads = spreads * np.minimum(at_level, 1.0)[None, :]
    return AnchoredCurves(shares, spreads)


@dataclass(frozen=True, slots=True)
class Carried:
    """Scores at other sizes than the published one."""

    median: FloatArray
    """[ratio], shape (n, sizes)"""
    sd: FloatArray
    """[ratio], shape (n, sizes)"""
    common: FloatArray
    """Share of the variance that all entries have in common. 0..1, shape (n, sizes)"""


def carried_to(
    score: FloatArray,
    sd: FloatArray,
    anchor: float,
    sizes: FloatArray,
    chance: float,
    constants: CurveConstants,
) -> Carried:
    """Published full-data scores carried to other sizes along the prior's curves.

    Args:
        score: at the anchor; NaN stays NaN. [ratio], shape (n,)
        sd: of those scores. [ratio], shape (n,)
        anchor: effective examples behind them. [1]
        sizes: effective examples asked for. [1], shape (sizes,)
        chance: score of guessing. [ratio]
        constants: the prior and the discrepancy without pilots.
    """
    span = 1.0 - chance
    known = np.isfinite(score)
    share = np.where(known, np.clip((score - chance) / span, 0.0, 1.0), 0.5)
    mean, spread, slope = anchored_curves(anchor, sizes, constants).at(share)
    held = np.clip(chance + span * mean, 0.03, 0.97)
    base = next(row.base for row in constants.discrepancies if row.pilots == 0)
    loose = base * looseness(anchor, sizes)[None, :] * 2.0 * np.sqrt(held * (1.0 - held))
    shape = (span * spread) ** 2 + loose**2
    variance = (sd[:, None] * np.maximum(slope, LEAST_SLOPE)) ** 2 + shape
    median = np.where(known[:, None], chance + span * mean, np.nan)
    return Carried(median, np.sqrt(variance), shape / np.maximum(variance, 1e-12))


LEAST_SLOPE = 0.3
"""Doubt about the published score carries over to other sizes at least so far."""


def looseness(anchor: float, sizes: FloatArray) -> FloatArray:
    """How much of the discrepancy applies: none at the published size, all far away. 0..1."""
    doublings = np.abs(np.log2(np.maximum(sizes, 1e-9) / anchor))
    return np.asarray(np.sqrt(np.minimum(doublings / LOOSE_DOUBLINGS, 1.0)))
