"""From hours to dollars: whole instances, billing grain, storage, egress, the age of a price."""

from __future__ import annotations

from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

if TYPE_CHECKING:
    from solver.estimate.assumptions import Assumptions
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.estimate.duration import Duration


MEDIAN = 0.5


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
    fallback_usd_per_hour: FloatArray | None = None
    """All instances that replace spot machines after their window; None where none do. [USD/h]"""

    def take(self, index: IntArray | BoolArray) -> Self:
        """The entries at `index`, in that order."""
        columns: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        taken = {name: None if of is None else of[index] for name, of in columns.items()}
        return type(self)(**cast("dict[str, FloatArray]", taken))

    def usd_at(self, duration: Duration, quantile: float) -> FloatArray:
        """Dollars not exceeded with probability `quantile`, nearly. [USD]

        Hours and price are independent log-normal factors of one product, so their spreads add in
        squares; what the price adds to the spread of the hours multiplies the whole bill. Where
        start-up, grain or minimum keep the bill from moving with the hours, the price alone at the
        quantile counts. A plan's chance is simulated, not read off this figure.
        """
        z = NormalDist().inv_cdf(quantile)
        time_sd = duration.slow_log_sd if z >= 0 else duration.fast_log_sd
        both = np.exp(z * (np.hypot(time_sd, self.price_log_sd) - time_sd))
        bill = both * self._bill_usd(duration, quantile)
        if z > 0:
            usual = np.exp(z * self.price_log_sd) * self._bill_usd(duration, MEDIAN)
            bill = np.maximum(bill, usual)
        return bill + self.fixed_usd

    def _bill_usd(self, duration: Duration, quantile: float) -> FloatArray:
        first, rest = duration.worked(quantile)
        return self.machines_usd(duration.startup_hours, first, rest)

    def machines_usd(
        self, startup_hours: FloatArray, first_hours: FloatArray, rest_hours: FloatArray
    ) -> FloatArray:
        """The bill for machines, without what is fixed. [USD]

        Args:
            startup_hours: before the work. [h]
            first_hours: of work on the machines of the candidate. [h]
            rest_hours: on those that replace them, 0 where none do. [h]
        """
        usd = self.usd_per_hour * self.billed(startup_hours + first_hours * self.paid_ratio)
        if self.fallback_usd_per_hour is None:
            return usd
        return usd + np.where(
            rest_hours > 0.0, self.fallback_usd_per_hour * self.billed(rest_hours), 0.0
        )

    def paid_hours(self, duration: Duration, quantile: float) -> FloatArray:
        """Hours in which machines run at a quantile: less than all where waiting is free. [h]"""
        first, rest = duration.worked(quantile)
        return duration.startup_hours + first * self.paid_ratio + rest

    def billed(self, hours: FloatArray) -> FloatArray:
        """Hours on the bill: rounded up to the grain, at least the minimum. [h]"""
        grains = np.ceil(hours / self.grain_hours - 1e-9)
        return np.maximum(grains * self.grain_hours, self.minimum_hours)


def price_log_sd(
    age_days: FloatArray, is_spot: BoolArray, is_owned: BoolArray, assumptions: Assumptions
) -> FloatArray:
    """Spread of a price by its age. [1]

    Args:
        age_days: days since the price was read, at least 0. [d], shape (n,).
        is_spot: spot prices move daily, shape (n,).
        is_owned: the user's own rate is certain, shape (n,).
        assumptions: the spreads.
    """
    years = np.maximum(age_days, 0.0) / 365.0
    sd = np.sqrt(assumptions.fresh_price_log_sd**2 + assumptions.year_old_price_log_sd**2 * years)
    sd = np.where(is_spot, np.hypot(sd, assumptions.spot_price_log_sd), sd)
    return np.where(is_owned, 0.0, sd)
