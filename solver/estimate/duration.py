"""From work and throughput to hours, and what the hours are at a given confidence."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Self

import numpy as np

from catalog.units import HOURS_PER_DAY, SECONDS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.estimate.assumptions import Assumptions
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.estimate.fallback import Fallback

MOST_RUNS = 8
"""Failed runs in a row beyond this change no chance. [1]"""

TINY = 1e-9
"""Less than a moment: a window that is over, no work. [h]"""


@dataclass(frozen=True, slots=True)
class Duration:
    """Hours of each candidate as a distribution, one array entry each.

    hours = startup + work · (1 + K) · F: F is log-normal with a spread of its own on each side of
    its median 1; K counts runs that end at chance and are repeated, P(K > r) = f^(r+1).
    """

    startup_hours: FloatArray
    """Provisioning, download, compilation. [h]"""
    work_hours: FloatArray
    """Median of everything after the start: training, evaluation, interruptions. [h]"""
    slow_log_sd: FloatArray
    """Spread of the factor above 1. [1]"""
    fast_log_sd: FloatArray
    """Spread of the factor below 1. [1]"""
    failure_ratio: FloatArray
    """Chance that a run ends at chance level and is repeated. [0..1]"""
    fallback: Fallback | None = None
    """What happens after a window on spot machines; None where no candidate has one."""

    def take(self, index: IntArray | BoolArray) -> Self:
        """The entries at `index`, in that order."""
        names = [f.name for f in fields(self) if f.name != "fallback"]
        after = None if self.fallback is None else self.fallback.take(index)
        return type(self)(**{name: getattr(self, name)[index] for name in names}, fallback=after)

    def scaled(self, share: float | FloatArray) -> Self:
        """The same with `share` of the work, after the same start-up."""
        after = None if self.fallback is None else self.fallback.scaled(share)
        return replace(self, work_hours=self.work_hours * share, fallback=after)

    def at(self, quantile: float) -> FloatArray:
        """Hours that are not exceeded with probability `quantile`, in (0, 1). [h]

        Above the median r reruns are reserved, and the factor is taken at the quantile that leaves
        P(K <= r) · P(F <= factor) = quantile; of all r the one with the fewest hours counts.
        """
        first, rest = self.worked(quantile)
        return self.startup_hours + first + rest

    def worked(self, quantile: float) -> tuple[FloatArray, FloatArray]:
        """Hours after the start that suffice with probability `quantile`, as `at` adds them up. [h]

        Returns:
            Hours on the machines of the candidate, and hours on those that replace them after the
            window.
        """
        if quantile <= 0.5:  # noqa: PLR2004 - the median: a failed run is the exception
            z = NormalDist().inv_cdf(quantile)
            factor = np.exp(z * self.fast_log_sd)
            reach, log_sd = [np.full_like(factor, z)], self.fast_log_sd
        else:
            factor = _repeated(self.failure_ratio, self.slow_log_sd, quantile)
            reach, log_sd = [], self.slow_log_sd
        first, rest = self.work_hours * factor, np.zeros_like(self.work_hours)
        if self.fallback is None:
            return first, rest
        some = np.flatnonzero(np.isfinite(self.fallback.window_hours))
        reach = [z[some] for z in reach or reruns_z(self.failure_ratio, quantile)]
        first[some], rest[some] = self.fallback.take(some).split_at(
            self.work_hours[some], log_sd[some], reach
        )
        return first, rest

    def overrun_chance(self) -> FloatArray:
        """Chance that a window on spot machines does not suffice; 0 where there is none. [0..1]"""
        if self.fallback is None:
            return np.zeros_like(self.work_hours)
        normal, within = NormalDist(), np.zeros_like(self.work_hours)
        for runs in range(1, MOST_RUNS + 1):
            alone = runs * np.maximum(self.work_hours, TINY)
            room = np.log(np.maximum(self.fallback.window_hours, TINY) / alone)
            z = room / np.where(room > 0.0, self.slow_log_sd, self.fast_log_sd)
            kept = np.array([normal.cdf(one) for one in np.clip(z, -8.0, 8.0).tolist()])
            within += (1.0 - self.failure_ratio) * self.failure_ratio ** (runs - 1) * kept
        never = np.isinf(self.fallback.window_hours) | (self.work_hours < TINY)
        return np.where(never, 0.0, 1.0 - within)


def _repeated(failure_ratio: FloatArray, log_sd: FloatArray, quantile: float) -> FloatArray:
    """(1 + r) · exp(z(quantile / P(K <= r)) · sd), the least over the first numbers r. [1]"""
    best = np.full(len(failure_ratio), np.inf)
    for r, z in enumerate(reruns_z(failure_ratio, quantile)):
        best = np.minimum(best, (1.0 + r) * np.exp(z * log_sd))
    return best


def reruns_z(failure_ratio: FloatArray, quantile: float) -> Iterator[FloatArray]:
    """For r = 0, 1, 2 … reruns the standard deviations that remain to be covered. [1]"""
    ratios, where = np.unique(failure_ratio, return_inverse=True)
    for z in _factors_z(ratios, quantile):
        yield z[where]


def _factors_z(ratios: FloatArray, quantile: float) -> list[FloatArray]:
    """Z of the factor for r = 0, 1, 2 … reruns, infinite where so few do not suffice."""
    normal = NormalDist()
    reruns = reruns_needed(float(ratios.max(initial=0.0)), quantile)
    made = []
    for r in range(reruns + 2):
        left = [quantile / (1.0 - f ** (r + 1)) for f in ratios.tolist()]
        made.append(np.array([normal.inv_cdf(q) if q < 1.0 else np.inf for q in left]))
    return made


def reruns_needed(failure_ratio: float, quantile: float) -> int:
    """The smallest r >= 0 with P(more than r runs fail) = f^(r+1) < 1 - quantile. [1]"""
    if failure_ratio <= 0.0:
        return 0
    needed = math.log(1.0 - quantile) / math.log(min(failure_ratio, 0.99))
    return max(0, math.floor(needed + 1e-12))


def work_hours(
    tokens: FloatArray, tokens_per_s: FloatArray, trials: float, assumptions: Assumptions
) -> FloatArray:
    """Median hours of undisturbed work after the start-up. [h]

    Args:
        tokens: computed tokens of one trial. [token], shape (n,).
        tokens_per_s: all accelerators together. [token/s], shape (n,).
        trials: how often the run is repeated for hyper-parameters. [1]
        assumptions: the share of evaluation and saving.
    """
    seconds = tokens / tokens_per_s * trials * (1.0 + assumptions.evaluation_ratio)
    return seconds / SECONDS_PER_HOUR


def spot_stretch(gang: BoolArray, assumptions: Assumptions) -> tuple[FloatArray, FloatArray]:
    """How much longer a run takes on spot machines, and how much of that is paid. [ratio]

    A checkpoint every δ = √(2KU) hours, a restart R and half an interval lost at each break:
    progress while up is 1 / (1 + K/δ + (δ/2 + R)/U); machines are up a share a of the time.
    Source: young1974 (interval), wu2024 (spells U and share a).

    Returns:
        The stretch of the working hours (at least 1) and the share of them that is paid.
    """
    spell = np.where(gang, assumptions.spot_gang_spell_hours, assumptions.spot_spell_hours)
    up = np.where(gang, assumptions.spot_gang_up_ratio, assumptions.spot_up_ratio)
    interval = np.sqrt(2.0 * assumptions.checkpoint_hours * spell)
    lost = (interval / 2.0 + assumptions.restart_hours) / spell
    return (1.0 + assumptions.checkpoint_hours / interval + lost) / up, up


def failure_stretch(
    machines: FloatArray, hours: FloatArray, assumptions: Assumptions
) -> tuple[FloatArray, FloatArray]:
    """How much longer failures make a run, and the spread that they add.

    A run that expects many failures loses a share that its operators keep bounded, whatever its
    size, by saving more often and keeping spares; one that expects few loses in proportion:
    1 + r (1 - exp(-failures)), failures = rate · machines · days.

    Args:
        machines: machines that must run together. [1], shape (n,).
        hours: hours of undisturbed work. [h], shape (n,).
        assumptions: the rate, the share r, the spread.

    Returns:
        The stretch of the hours (at least 1) and the log standard deviation it adds.
    Source:
        dubey2024, lescao2022; saturation between their sizes is assumed.
    """
    failures = assumptions.failures_per_machine_day * machines * hours / HOURS_PER_DAY
    met = -np.expm1(-failures)
    return 1.0 + assumptions.failure_ratio * met, assumptions.failure_log_sd * met
