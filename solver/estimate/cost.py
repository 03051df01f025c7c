"""From hours to dollars: whole instances, billing grain, storage, egress, the age of a price."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.estimate.duration import Duration

FRESH_PRICE_LOG_SD = 0.02
"""Spread of a price read today; assumed. [1]"""

YEAR_OLD_PRICE_LOG_SD = 0.15
"""Spread that a year adds to an on-demand price, growing with the root of its age; assumed. [1]"""

SPOT_PRICE_LOG_SD = 0.20
"""Further spread of a spot price, which moves daily; assumed. [1]"""


@dataclass(frozen=True, slots=True)
class Billing:
    """What each candidate's hours cost, one array entry each."""

    usd_per_hour: FloatArray
    """All instances together. [USD/h]"""
    paid_ratio: FloatArray
    """Share of the working hours that is paid: below 1 on spot, where waiting is free. [0..1]"""
    grain_hours: FloatArray
    minimum_hours: FloatArray
    fixed_usd: FloatArray
    """Storage and egress. [USD]"""
    price_log_sd: FloatArray
    """Spread of the price. [1]"""

    def take(self, index: IntArray | BoolArray) -> Self:
        """The entries at `index`, in that order."""
        return type(self)(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def usd_at(self, duration: Duration, quantile: float) -> FloatArray:
        """Dollars not exceeded with probability `quantile`. [USD]

        Hours and price are independent log-normal factors of the same product, so their spreads
        add in squares; the start-up is certain and billed.
        """
        hours = duration.at(quantile, self.price_log_sd)
        waiting = (hours - duration.startup_hours) * (1.0 - self.paid_ratio)
        return self.usd_per_hour * self.billed(hours - waiting) + self.fixed_usd

    def billed(self, hours: FloatArray) -> FloatArray:
        """Hours on the bill: rounded up to the grain, at least the minimum. [h]"""
        grains = np.ceil(hours / self.grain_hours - 1e-9)
        return np.maximum(grains * self.grain_hours, self.minimum_hours)


def price_log_sd(age_days: FloatArray, is_spot: BoolArray, is_owned: BoolArray) -> FloatArray:
    """Spread of a price by its age. [1]

    Args:
        age_days: days since the price was read, at least 0. [d], shape (n,).
        is_spot: spot prices move daily, shape (n,).
        is_owned: the user's own rate is certain, shape (n,).
    """
    years = np.maximum(age_days, 0.0) / 365.0
    sd = np.sqrt(FRESH_PRICE_LOG_SD**2 + YEAR_OLD_PRICE_LOG_SD**2 * years)
    sd = np.where(is_spot, np.hypot(sd, SPOT_PRICE_LOG_SD), sd)
    return np.where(is_owned, 0.0, sd)
