"""Rows of measured runs for fitting: which may be seen, how they weigh, which are left out.

Rows of one source share a software stack and a machine, so a fit is judged on whole sources that
it has not seen, and each row of a source of n rows weighs n^-1/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.load import load_catalog
from solver.measured.inputs import Inputs, inputs_of, rows_to_configurations
from solver.measured.runs import read_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from solver.estimate.configurations import BoolArray, Configurations, FloatArray
    from solver.measured.runs import Run

HEADLINES = ("hd",)
"""Sources that no fit may see: published runs that plans are shown against."""


def _ids(source: str, *numbers: int | range) -> set[str]:
    flat = [n for item in numbers for n in (item if isinstance(item, range) else (item,))]
    return {f"{source}-{n:03d}" for n in flat}


DOUBTFUL = frozenset(
    _ids("hb", 32, 40)
    | _ids("tt", range(1, 7), 9, range(16, 20), 22, 24)
    | _ids("pf", 2, 6, 14, 40)
    | _ids("bv", range(29, 37))
    | _ids("bs", range(1, 20))
    | _ids("ti", range(1, 11))
    | _ids("nd", range(25, 28))
    | _ids("mb", 80, 109)
    | _ids("ml", 140)
    | _ids("dx", range(156, 159))
    | _ids("lr", range(30, 40))
    | _ids("lg", 3, 16, 19, 29)
    | _ids("ie", range(47, 63))
)
"""Rows whose own source casts doubt on them (noise warnings, implied utilisation above what the
part can do, misread configurations, sharded runs whose peak is that of the whole model): judged
like all others, but no fit sees them."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Measured runs as estimates see them."""

    runs: tuple[Run, ...]
    inputs: tuple[Inputs, ...]
    configurations: Configurations
    measured: FloatArray
    """What was measured, in the unit of the fit."""

    @property
    def sources(self) -> NDArray[np.str_]:
        """Source of each row."""
        return np.array([run.source for run in self.runs])

    @property
    def fit(self) -> BoolArray:
        """Rows that a fit may see."""
        return np.array([run.id not in DOUBTFUL for run in self.runs])

    def take(self, index: BoolArray) -> Rows:
        """The rows at `index`."""
        chosen = np.flatnonzero(index)
        return Rows(
            tuple(self.runs[i] for i in chosen),
            tuple(self.inputs[i] for i in chosen),
            self.configurations.take(index),
            self.measured[index],
        )


def read_rows(path: Path, measured: Callable[[Run, Inputs], float | None]) -> Rows:
    """The rows that have the measured value, headline runs aside."""
    catalog = load_catalog()
    runs: list[Run] = []
    inputs: list[Inputs] = []
    values: list[float] = []
    for run in read_runs(path):
        if run.source in HEADLINES:
            continue
        made = inputs_of(run, catalog)
        value = measured(run, made) if isinstance(made, Inputs) else None
        if isinstance(made, Inputs) and value is not None:
            runs.append(run)
            inputs.append(made)
            values.append(value)
    return Rows(tuple(runs), tuple(inputs), rows_to_configurations(inputs), np.array(values))


def weights(sources: NDArray[np.str_], exponent: float = 0.5) -> FloatArray:
    """Weight of each row: its source's number of rows to the power of -exponent, mean 1."""
    _, inverse, count = np.unique(sources, return_inverse=True, return_counts=True)
    weight = count[inverse] ** -exponent
    made: FloatArray = weight / weight.mean()
    return made


def ratios_off(predicted: FloatArray, measured: FloatArray) -> FloatArray:
    """|predicted / measured - 1|. [ratio]"""
    return np.abs(predicted / measured - 1.0)


def weighted_quantiles(
    values: FloatArray, weight: FloatArray, quantiles: Sequence[float]
) -> FloatArray:
    """Quantiles of weighted values."""
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    middle = (total - 0.5 * weight[order]) / total[-1]
    return np.interp(quantiles, middle, values[order])
