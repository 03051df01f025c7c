"""The user's own runs tell how fast the user's software is: one factor a stack, shrunken."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from solver.estimate.configurations import Stack
from solver.estimate.constants import throughput_constants
from solver.measured_inputs import Inputs, inputs_of
from solver.measured_predict import predictions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.tables import Catalog
    from solver.estimate.constants import ThroughputConstants
    from solver.measured import Run

ROW_SD, SOURCE_SD = 0.18, 0.20
"""Log spread between runs of one source, and between sources; as the fit assumes. [1]"""


class Calibration(BaseModel):
    """What the user's own runs say of the user's software."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    runs: int
    """Runs with a measured and a predicted speed. [1]"""
    stack_factors: dict[str, float]
    """Speed over what was predicted, by stack as in `ThroughputConstants.stack_factors`,
    drawn towards 1 where runs are few. [ratio]"""
    error_before: float
    """Median of |predicted / measured - 1| of these runs. [ratio]"""
    error_after: float
    """The same with the factors applied. [ratio]"""


def calibrate(
    runs: Sequence[Run], catalog: Catalog, constants: ThroughputConstants | None = None
) -> Calibration | None:
    """Factors of the stacks that the runs used; None where no run can be compared.

    With n runs of a stack whose median log miss is r the factor is exp(r · n / (n + k)),
    k = (row spread / source spread)²: a single run moves it by little more than half.

    Args:
        runs: the user's own, as `read_runs` gives them.
        catalog: resolves names.
        constants: what is calibrated; None: the constants shipped.
    """
    misses = _misses(runs, catalog, constants)
    if not misses:
        return None
    by_stack: dict[str, list[float]] = {}
    for stack, miss in misses:
        by_stack.setdefault(stack, []).append(miss)
    shrink = (ROW_SD / SOURCE_SD) ** 2
    logs = {s: median(m) * len(m) / (len(m) + shrink) for s, m in by_stack.items()}
    return Calibration(
        runs=len(misses),
        stack_factors={stack: math.exp(log) for stack, log in logs.items()},
        error_before=median(_off(miss) for _, miss in misses),
        error_after=median(_off(miss - logs[stack]) for stack, miss in misses),
    )


def calibrated(
    calibration: Calibration, constants: ThroughputConstants | None = None
) -> ThroughputConstants:
    """The constants with the user's factors on top of the fitted ones."""
    base = constants or throughput_constants()
    factors = {
        stack: base.stack_factors.get(stack, 1.0) * factor
        for stack, factor in calibration.stack_factors.items()
    }
    changed = {"stack_factors": {**base.stack_factors, **factors}}
    return type(base).model_validate({**base.model_dump(), **changed})


def _off(log_miss: float) -> float:
    """|predicted / measured - 1| of a log of measured over predicted. [ratio]"""
    return abs(math.exp(-log_miss) - 1.0)


def _misses(
    runs: Sequence[Run], catalog: Catalog, constants: ThroughputConstants | None
) -> list[tuple[str, float]]:
    """Stack and log of measured over predicted speed of every run that has both."""
    made: list[tuple[str, float]] = []
    for run, prediction in zip(runs, predictions(runs, catalog, constants), strict=True):
        measured, predicted = run.tokens_per_s_per_gpu, prediction.tokens_per_s_per_gpu
        row = inputs_of(run, catalog)
        if measured is not None and predicted is not None and isinstance(row, Inputs):
            made.append((stack_key(row.columns), math.log(measured / predicted.median)))
    return made


def stack_key(columns: Mapping[str, float]) -> str:
    """Key of a run's software in `ThroughputConstants.stack_factors`."""
    name = Stack(int(columns["stack"])).name
    return f"{name} flash" if columns["flash"] else name
