"""A run that has begun: which candidates go on where it is, and what is left of their hours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.duration import Duration
from solver.question import SIXTEEN_BITS

if TYPE_CHECKING:
    from catalog.schema import Model
    from solver.estimate.configurations import BoolArray, IntArray
    from solver.estimate.cost import Billing
    from solver.estimate.fallback import Fallback
    from solver.question import Job
    from solver.space.rents import Rents
    from solver.space.variants import Variant

PACE_LOG_SD = 0.05
"""Spread of the hours that are left of a run whose pace has been seen: steps are alike. Assumed."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has begun, by positions among the candidates."""

    where: tuple[int, int, int]
    """Model, variant and passes."""
    rent: int
    done: float
    pace: float

    def paid(self, whole: Billing, where: IntArray, rent: IntArray) -> Billing:
        """What is still to be paid: nothing for a run that has ended.

        Args:
            whole: prices of whole runs.
            where: model, variant and passes of each candidate, shape (3, n).
            rent: of each candidate.
        """
        ended = self._goes_on(where) & (rent == self.rent) & (self.done >= 1.0)
        then = whole.fallback_usd_per_hour
        return replace(
            whole,
            usd_per_hour=np.where(ended, 0.0, whole.usd_per_hour),
            fallback_usd_per_hour=None if then is None else np.where(ended, 0.0, then),
            fixed_usd=np.where(ended, 0.0, whole.fixed_usd),
        )

    def _goes_on(self, where: IntArray) -> BoolArray:
        return np.asarray((where == np.array(self.where)[:, None]).all(axis=0))

    def gone_on(self, whole: Duration, where: IntArray, rent: IntArray) -> Duration:
        """What is left of the hours of candidates.

        Its own pace holds on every machine; on its own it is known and nothing has to start.

        Args:
            whole: hours of whole runs.
            where: model, variant and passes of each candidate, shape (3, n).
            rent: of each candidate.
        """
        goes_on = self._goes_on(where)
        stays = goes_on & (rent == self.rent)
        left = np.where(goes_on, 1.0 - self.done, 1.0)
        known = stays & (self.done > 0)
        return Duration(
            startup_hours=np.where(stays, 0.0, whole.startup_hours),
            work_hours=whole.work_hours * left * self.pace,
            slow_log_sd=np.where(
                known, np.minimum(PACE_LOG_SD, whole.slow_log_sd), whole.slow_log_sd
            ),
            fast_log_sd=np.where(
                known, np.minimum(PACE_LOG_SD, whole.fast_log_sd), whole.fast_log_sd
            ),
            failure_ratio=whole.failure_ratio,
            fallback=self._window_left(whole, goes_on, known),
        )

    def _window_left(
        self, whole: Duration, goes_on: BoolArray, known: BoolArray
    ) -> Fallback | None:
        """What is left of windows on spot machines; elsewhere they are of the work that is left.

        A run whose window is over is on the machines that last: it changes no more.
        """
        after = whole.fallback
        if after is None:
            return None
        is_one = np.isfinite(after.window_hours)
        window = np.where(is_one, after.window_hours, 0.0)
        passed = whole.work_hours * self.done * self.pace
        elsewhere = window * np.where(goes_on, 1.0 - self.done, 1.0) * self.pace
        left = np.where(known, np.maximum(window - passed, 0.0), elsewhere)
        lasting = known & is_one & (passed > window)
        breaks = after.break_log_sd
        return replace(
            after,
            window_hours=np.where(is_one, left, np.inf),
            switch_hours=np.where(lasting, 0.0, after.switch_hours),
            break_log_sd=np.where(known, np.minimum(PACE_LOG_SD, breaks), breaks),
        )


def begun_at(
    job: Job,
    models: tuple[Model, ...],
    variants: tuple[Variant, ...],
    epochs: tuple[int, ...],
    all_rents: Rents,
) -> Begun | None:
    """Where the running candidate of a job is; None where none runs, or it may be used no more."""
    if job.running is None:
        return None
    try:
        model, method, precision, offer, count, passes, *rest = job.running.key.split(":")
        (deployed,) = rest or [SIXTEEN_BITS]
        where = (
            [m.name for m in models].index(model),
            [(v.label, v.deployed) for v in variants].index((f"{method}:{precision}", deployed)),
            epochs.index(int(passes.removesuffix("e"))),
        )
        rent = [r.label for r in all_rents.rents].index(f"{offer}:{count}")
    except ValueError:
        return None
    return Begun(where, rent, job.running.done, job.running.pace)
