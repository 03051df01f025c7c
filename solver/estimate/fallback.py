"""Spot machines that are given up for on-demand ones once a window of time is over."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import BoolArray, FloatArray, IntArray

DIRECTIONS = np.linspace(0.0, math.pi / 2.0, 4)
"""Angles at which slow work and slow spot machines are tried together at a quantile. [rad]"""

LARGEST_Z = 40.0
"""What cannot be kept at any factor is as slow as this many standard deviations. [1]"""


@dataclass(frozen=True, slots=True)
class Fallback:
    """What happens after the window, one array entry for each candidate.

    With W hours of undisturbed work, spot machines stretch them to W · σ · B, B log-normal around
    1. What is not done when the window s is over goes on on machines that nobody takes away:
    hours = s + R + W - s / (σ · B), so that s + R + W is a bound whatever spot machines do.
    """

    window_hours: FloatArray
    """Hours after which spot machines are given up; infinite where there is nothing else. [h]"""
    stretch: FloatArray
    """σ: spot hours for an hour of undisturbed work, at the median. [1]"""
    switch_hours: FloatArray
    """R: starting the other machines and reading the last checkpoint. [h]"""
    break_log_sd: FloatArray
    """Spread of B. [1]"""

    def take(self, index: IntArray | BoolArray) -> Self:
        """The entries at `index`, in that order."""
        return type(self)(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def scaled(self, share: float | FloatArray) -> Self:
        """The same for a share of the work: the window shrinks with it."""
        return replace(self, window_hours=self.window_hours * share)

    def split(
        self, work_hours: FloatArray, work_factor: FloatArray, break_factor: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Hours on spot machines and on the others, which are 0 where the window suffices. [h]

        Args:
            work_hours: on spot machines alone, at the median. [h]
            work_factor: on the work itself. [1]
            break_factor: B, on how slowly spot machines get on. [1]
        """
        alone = work_hours * work_factor * break_factor
        over = np.maximum(alone - self.window_hours, 0.0)
        rest = self.switch_hours + over / (self.stretch * break_factor)
        return np.minimum(alone, self.window_hours), np.where(over > 0.0, rest, 0.0)

    def split_at(
        self, work_hours: FloatArray, log_sd: FloatArray, factors_z: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Hours on spot machines and on the others that suffice at a quantile. [h]

        Work and breaks are independent, and hours rise with both: above the median the slowest of
        all pairs at the same distance z from it counts. With r runs that failed before, of all r
        the one with the fewest hours. A plan's chance is simulated, not read off this figure.

        Args:
            work_hours: on spot machines alone, at the median. [h]
            log_sd: spread of work and breaks together. [1]
            factors_z: standard deviations to cover after r = 0, 1, 2 … failed runs.
        """
        own = np.sqrt(np.maximum(log_sd**2 - self.break_log_sd**2, 0.0))
        both = np.arctan2(self.break_log_sd, own)
        angles = [both, *(DIRECTIONS if np.max(factors_z[0], initial=0.0) > 0.0 else ())]
        first, rest = np.full_like(work_hours, np.inf), np.zeros_like(work_hours)
        for r, reach in enumerate(factors_z):
            z = np.minimum(reach, LARGEST_Z)
            slowest = np.zeros_like(work_hours), np.zeros_like(work_hours)
            for angle in angles:
                factor = (1.0 + r) * np.exp(z * np.cos(angle) * own)
                made = self.split(work_hours, factor, np.exp(z * np.sin(angle) * self.break_log_sd))
                longer = made[0] + made[1] > slowest[0] + slowest[1]
                slowest = _either(longer, made, slowest)
            shorter = slowest[0] + slowest[1] < first + rest
            first, rest = _either(shorter, slowest, (first, rest))
        return first, rest


def _either(
    which: BoolArray, one: tuple[FloatArray, FloatArray], other: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    return np.where(which, one[0], other[0]), np.where(which, one[1], other[1])
