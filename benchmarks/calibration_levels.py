"""How much runs of one user have in common: standard deviations of largest likelihood.

Log ratios of the runs of one source are taken as jointly normal with the covariance of
`solver.calibration.levels.common_variances` and a variance of each run alone; sources are
independent. A source of n runs weighs n^1/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from solver.calibration.levels import FAR, Fading, Levels, Steps
from solver.calibration.settings import NAMED, SHAPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import FloatArray, IntArray

FADING, STEPS = tuple(Fading.model_fields), tuple(Steps.model_fields)

START = np.log([0.13, 0.1, *[4.0, 4.0, 20.0, 20.0, 3.0, 10.0, 15.0, 4.0], *[0.5] * 4])
"""Where the search begins: likeness, run, fading, steps."""

BOUNDS = (-7.0, 6.0)
"""Logs of the smallest and largest value. [1]"""

ROUNDS = 120


@dataclass(frozen=True, slots=True)
class Piece:
    """Runs of one source: their log ratios, and how far apart each two are."""

    logs: FloatArray
    same: FloatArray
    """1 where two runs share their software."""
    doublings: tuple[FloatArray, ...]
    """Between each two, by scale."""
    differ: tuple[FloatArray, ...]
    """1 where two differ, by named part."""


def piece(codes: IntArray, logs: FloatArray) -> Piece:
    """The runs of one source by their setting codes."""
    parts = np.unravel_index(codes, SHAPE)
    return Piece(
        logs,
        np.equal.outer(parts[0], parts[0]).astype(np.float64),
        tuple(np.abs(np.subtract.outer(p, p)).astype(np.float64) for p in parts[len(NAMED) :]),
        tuple(np.not_equal.outer(p, p).astype(np.float64) for p in parts[1 : len(NAMED)]),
    )


def fitted_levels(pieces: Sequence[Piece], like: Levels) -> Levels:
    """The levels under which the pieces are likeliest; what never fades in `like` does not."""
    free = np.array([*[True] * 2, *(over != FAR for _, over in like.fading), *[True] * len(STEPS)])

    def unlikeliness(logs: FloatArray) -> tuple[float, FloatArray]:
        values = np.where(free, 0.0, np.log(FAR))
        values[free] = logs
        total, slope = 0.0, np.zeros(len(values))
        for one in pieces:
            some, steep = _unlikeliness(one, np.exp(values))
            total, slope = total + some, slope + steep
        return total, slope[free]

    best = minimize(
        unlikeliness,
        START[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[BOUNDS] * int(free.sum()),
        options={"maxiter": ROUNDS},
    )
    values = np.full(len(free), FAR)
    values[free] = np.exp(best.x)
    return _levels(values, like)


def _unlikeliness(one: Piece, values: FloatArray) -> tuple[float, FloatArray]:
    """Negative log likelihood of a piece, weighed, and its slope in the log of each value."""
    likeness, run = values[:2]
    over, steps = values[2 : 2 + len(FADING)], values[2 + len(FADING) :]
    count = len(one.logs)
    far = sum(d / by for d, by in zip(one.doublings, over, strict=True))
    far = far + sum(d * by for d, by in zip(one.differ, steps, strict=True))
    common = likeness**2 * one.same * np.exp(-far)
    covariance = common + run**2 * np.eye(count)
    inverse = np.linalg.inv(covariance)
    pull = inverse @ one.logs
    slopes = [
        2.0 * common,
        2.0 * run**2 * np.eye(count),
        *(common * d / by for d, by in zip(one.doublings, over, strict=True)),
        *(-common * d * by for d, by in zip(one.differ, steps, strict=True)),
    ]
    steep = np.array([0.5 * ((inverse * s).sum() - pull @ s @ pull) for s in slopes])
    value = 0.5 * one.logs @ pull + 0.5 * np.linalg.slogdet(covariance)[1]
    weight = 1.0 / np.sqrt(count)
    return weight * float(value), weight * steep


def _levels(values: FloatArray, like: Levels) -> Levels:
    """Values as levels, to three digits."""
    rounded = [FAR if v == FAR else float(f"{v:.3g}") for v in values.tolist()]
    fading = dict(zip(FADING, rounded[2 : 2 + len(FADING)], strict=True))
    steps = dict(zip(STEPS, rounded[2 + len(FADING) :], strict=True))
    return Levels(
        likeness=rounded[0],
        run=rounded[1],
        noise_ratio=like.noise_ratio,
        fading=Fading(**fading),
        steps=Steps(**steps),
        narrows=like.narrows,
    )
