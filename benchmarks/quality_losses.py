"""Fits and judges fine-tuning loss curves, leaving one model out."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import least_squares

from benchmarks import quality_tables as tables
from benchmarks.quality_report import Z80, Miss
from solver.estimate import quality_constants as qc
from solver.estimate.quality_loss import loss_curve, loss_forecast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from solver.estimate.configurations import FloatArray

NOISE = 0.013
"""Of one measurement, as curves are fitted. [1], relative"""

SPREAD = {"run_noise": 0.008, "shrink": 0.6, "per_doubling": 0.007}
"""Chosen so that 80 % intervals of left-out models hold 80 % at every reach."""

TAIL = 1.9
"""Half-width of 90 % intervals in standard deviations."""

WIDEN = np.full(4, 0.15)
"""Added to the spread of the published curves: the next task may differ more."""


@dataclass(frozen=True, slots=True)
class LossCurve:
    """A published curve with its fitted parameters."""

    model: str
    task: str
    sizes: FloatArray
    losses: FloatArray
    parameters: FloatArray
    """Relative to the first loss."""


def loss_curves(folder: Path) -> list[LossCurve]:
    """Test losses of one study: 30 models, three tasks, sizes from 200 to a million."""
    found: dict[str, list[tables.Row]] = defaultdict(list)
    for row in tables.rows(folder, "learning_curves.csv"):
        if "Fine-tuning-Scaling" in row["source"] and float(row["x"]) > 0:
            found[row["curve_id"]].append(row)
    made = []
    for group in found.values():
        ordered = sorted(group, key=lambda row: float(row["x"]))
        sizes = np.array([float(row["x"]) for row in ordered])
        losses = np.array([float(row["score"]) for row in ordered])
        parameters = _parameters(sizes, losses)
        parameters[:2] -= math.log(losses[0])
        made.append(LossCurve(ordered[0]["model"], ordered[0]["task"], sizes, losses, parameters))
    return made


def _parameters(sizes: FloatArray, losses: FloatArray) -> FloatArray:
    low = float(losses.min())
    rise = max(float(losses.max()) - 0.5 * low, 0.05)

    def misses(p: FloatArray) -> FloatArray:
        apart = (np.log(loss_curve(p[None], sizes)[0]) - np.log(losses)) / 0.01
        pull = [(p[2] - 3.5) / 2.0, (p[3] + 1.0) / 0.8, p[0] - math.log(0.5 * low)]
        return np.concatenate([apart, pull])

    starts = [
        [math.log(0.5 * low), math.log(rise), half, beta]
        for beta in (-1.5, -0.7)
        for half in (2.0, 3.5, 5.0)
    ]
    fits = [least_squares(misses, start, loss="soft_l1") for start in starts]
    return np.asarray(min(fits, key=lambda fit: float(fit.cost)).x)


def fit_loss(published: Sequence[LossCurve]) -> qc.LossConstants:
    """A wide Gaussian around the published curves."""
    parameters = np.array([c.parameters for c in published])
    covariance = np.cov(parameters.T) + np.diag(WIDEN**2)
    return qc.LossConstants.model_validate(
        {
            "mean": [_short(x) for x in parameters.mean(axis=0)],
            "covariance": [[_short(x) for x in row] for row in covariance],
            "noise": NOISE,
            **SPREAD,
        }
    )


BINS = ((2.1, "2x"), (4.1, "2-4x"), (17.0, "8-16x"), (130.0, "32-128x"))


def judge_losses(folder: Path) -> Iterator[Miss]:
    """3, 4 and 6 pilots, error in percent of the loss."""
    published = loss_curves(folder)
    for model in sorted({c.model for c in published}):
        constants = fit_loss([c for c in published if c.model != model])
        for data in [c for c in published if c.model == model]:
            for count in (3, 4, 6):
                yield from _points(data, count, constants)


def _points(data: LossCurve, count: int, constants: qc.LossConstants) -> Iterator[Miss]:
    for place in (count, count + 1, count + 3, count + 5, 13):
        if place >= min(len(data.sizes), 14):
            continue
        ratio = float(data.sizes[place] / data.sizes[count - 1])
        label = next((name for most, name in BINS if ratio <= most), "")
        if not label:
            continue
        found = loss_forecast(
            list(data.sizes[:count]),
            list(data.losses[:count]),
            float(data.sizes[place]),
            constants,
        )
        miss = 100.0 * math.log(float(data.losses[place]) / found.mean)
        sd = 100.0 * found.log_sd
        yield Miss(
            f"fine-tuning loss, new model, {label} (%)",
            miss,
            0.0,
            -Z80 * sd,
            Z80 * sd,
            -TAIL * sd,
            TAIL * sd,
        )


def _short(value: float) -> float:
    return float(f"{value:.6g}")
