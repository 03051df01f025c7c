"""How often a plan kept its limits among drawn outcomes, with the doubt that is left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from solver.limits import uncertain_limits
from solver.plan_values import Frequency, LimitFrequency, Simulation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.estimate.configurations import BoolArray
    from solver.program import Limit
    from solver.simulate import Draws

NORMAL_95 = 1.959964
"""Quantile of the normal distribution at 0.975. [1]"""


def simulation_of(
    outcomes: Draws, limits: tuple[Limit, ...], jobs: Sequence[str], promised: float, seed: int
) -> Simulation:
    """What drawn outcomes say about a plan.

    Args:
        outcomes: drawn for the plan.
        limits: all that it must keep; those that are certain hold in every outcome.
        jobs: names, by position.
        promised: the asked confidence. [0..1]
        seed: with which the outcomes were drawn.
    """
    uncertain = uncertain_limits(limits)
    kept = [outcomes.keeps(limit) for limit in uncertain]
    together = np.logical_and.reduce([outcomes.in_calendar, *kept])
    return Simulation(
        draws=len(together),
        seed=seed,
        promised=promised,
        together=frequency(together),
        limits=tuple(
            LimitFrequency(
                name=limit.name,
                job=None if limit.job is None else jobs[limit.job],
                kept=frequency(held),
            )
            for limit, held in zip(uncertain, kept, strict=True)
        ),
    )


def frequency(held: BoolArray) -> Frequency:
    """How often something held, and between which ends its chance lies.

    The interval is the score interval of E. B. Wilson (Journal of the American Statistical
    Association 22, 1927), which stays between 0 and 1.
    """
    n, times = len(held), int(held.sum())
    share, z2 = times / n, NORMAL_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = NORMAL_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Frequency(
        times=times,
        share=share,
        low95=min(share, max(0.0, middle - reach)),
        high95=max(share, min(1.0, middle + reach)),
    )
