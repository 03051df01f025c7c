"""A concave, non-decreasing curve below a quantile: what a program may count on between sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray


def concave_lower(sizes: FloatArray, values: FloatArray, at: int) -> FloatArray:
    """A concave, non-decreasing curve that exceeds no value and is tight at one size.

    A lower quantile, median - k · sd, need not be concave even where the median is. From the size
    at which a job stands its slopes may only grow to the left and shrink to the right; nothing is
    lost there, and elsewhere only what convex stretches make unsafe.

    Args:
        sizes: ascending. [1], shape (n,), n >= 2
        values: a quantile at them. [ratio], shape (n,)
        at: position of the size that matters.

    Returns:
        Shape (n,): at most `values` everywhere, equal to the least of the values from `at` on
        there.
    """
    # what falls again later must not be promised now
    rising = np.minimum.accumulate(values[::-1])[::-1]
    lower = rising.copy()
    steps = np.diff(sizes)
    slope = 0.0
    for i in range(at, 0, -1):
        slope = max(slope, (lower[i] - rising[i - 1]) / steps[i - 1])
        lower[i - 1] = lower[i] - slope * steps[i - 1]
    slope = np.inf if at == 0 else (lower[at] - lower[at - 1]) / steps[at - 1]
    for i in range(at, len(sizes) - 1):
        slope = min(slope, (rising[i + 1] - lower[i]) / steps[i])
        lower[i + 1] = lower[i] + slope * steps[i]
    return np.asarray(lower)
