"""Runs that a user measured, each with its configuration, so that any release can predict it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from catalog.units import BYTES_PER_GB
from solver.calibration.calibration import Calibration, correction
from solver.calibration.levels import MEMORY_LEVELS, SPEED_LEVELS
from solver.calibration.settings import setting_codes
from solver.estimate.configurations import USUAL, Configurations, configurations
from solver.estimate.memory import memory
from solver.estimate.throughput import throughput
from solver.measured.inputs import Refused, inputs_of
from solver.measured.words import MemoryMeasure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray, IntArray
    from solver.measured.inputs import Inputs
    from solver.measured.runs import Run

MOST = 5.0
"""More than so many times the predicted speed or memory is a mistake of units, no fact: 2,860
measurements of public sources lie between 0.15 and 4.4 times (2026-11-25). [ratio]"""

LEAST = 1.0 / 20.0
"""Less than this part of the prediction, likewise. [ratio]"""

DTYPES = {"FloatArray": np.float64, "IntArray": np.int64, "BoolArray": np.bool_}
"""By the annotation of a column of `Configurations`."""

Positive = Annotated[float, Field(gt=0)]


class MeasuredRun(BaseModel):
    """One run: what was trained on what, and what was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    """File and row, or file and digest of its content: reading it again replaces it."""
    read_on: date
    configuration: dict[str, bool | int | float | None]
    """One value for each column of `Configurations`; None: not a number."""
    mean_sequence: Positive
    """Tokens computed for one sequence on average; the longest one sets the memory. [token]"""
    tokens_per_s: Positive | None
    """Computed by all accelerators. [token/s]"""
    peak_bytes: Positive | None
    memory_measure: MemoryMeasure


@dataclass(frozen=True, slots=True)
class Compared:
    """Log of measured over predicted for some runs, with their settings."""

    log_speed: FloatArray
    """NaN where no speed was measured or none is predicted."""
    log_peak: FloatArray
    codes: IntArray
    configurations: Configurations

    def calibration(self, made_on: date) -> Calibration:
        """What the runs say."""
        speed, peak = np.isfinite(self.log_speed), np.isfinite(self.log_peak)
        return Calibration(
            made_on=made_on,
            throughput=correction(self.log_speed[speed], self.codes[speed], SPEED_LEVELS),
            memory=correction(self.log_peak[peak], self.codes[peak], MEMORY_LEVELS),
        )


def run_of(run: Run, file: str, catalog: Catalog, today: date) -> MeasuredRun | str:
    """A row of the contract as a measured run, or why it cannot be used."""
    made = inputs_of(run, catalog)
    if isinstance(made, Refused):
        return made.reason
    speed, peak = _speed(run, made), run.measured.get("peak_mem_gb")
    if speed is None and peak is None:
        return "neither its speed on a known accelerator nor its memory is stated"
    return MeasuredRun(
        name=f"{file} {run.id}",
        read_on=today,
        configuration={name: _plain(value) for name, value in made.columns.items()},
        mean_sequence=made.mean_sequence,
        tokens_per_s=speed,
        peak_bytes=None if peak is None else peak * BYTES_PER_GB,
        memory_measure=made.memory_measure,
    )


def columns_of(c: Configurations) -> dict[str, bool | int | float | None]:
    """The one configuration as plain values."""
    return {field.name: _plain(getattr(c, field.name)[0]) for field in fields(c)}


def compared(runs: Sequence[MeasuredRun]) -> Compared:
    """The runs beside their predictions with the constants of this release.

    Raises:
        TypeError: a run lacks a column or has one that is not known.
    """
    c = _configurations(runs)
    lengths = np.array([run.mean_sequence for run in runs])
    speed = throughput(c.replace(sequence=lengths)).tokens_per_s
    peak = memory(c)
    measure = np.array([int(run.memory_measure) for run in runs])
    predicted = np.select(
        [measure == MemoryMeasure.ALLOCATED, measure == MemoryMeasure.RESERVED],
        [peak.allocated, peak.reserved],
        peak.total,
    )
    return Compared(
        _log_ratio([run.tokens_per_s for run in runs], speed),
        _log_ratio([run.peak_bytes for run in runs], predicted),
        setting_codes(c),
        c,
    )


def strange(made: Compared, position: int) -> str:
    """Why a run cannot be what its file says; empty where it can."""
    for log, what, unit in (
        (made.log_speed[position], "speed", "tokens of all accelerators each second"),
        (made.log_peak[position], "memory", "bytes of one accelerator"),
    ):
        if np.isfinite(log) and not math.log(LEAST) < log < math.log(MOST):
            ratio = math.exp(log)
            return f"its {what} is {ratio:.3g} times the predicted; compared are {unit}"
    return ""


def _configurations(runs: Sequence[MeasuredRun]) -> Configurations:
    names = dict.fromkeys(name for run in runs for name in run.configuration)
    types = {field.name: DTYPES[str(field.type)] for field in fields(Configurations)}
    columns = {
        name: np.array([_value(run, name) for run in runs], dtype=types.get(name)) for name in names
    }
    return configurations(len(runs), columns)


def _value(run: MeasuredRun, name: str) -> object:
    """A column of a run; the usual value where an earlier release did not know it yet.

    Raises:
        KeyError: the run lacks a column that has no usual value.
    """
    value = run.configuration[name] if name in run.configuration else USUAL[name]
    return math.nan if value is None else value


def _log_ratio(measured: Sequence[float | None], predicted: FloatArray) -> FloatArray:
    values = np.array([math.nan if value is None else value for value in measured])
    usable = np.isfinite(predicted) & (predicted > 0) & np.isfinite(values)
    ratio = np.divide(values, predicted, out=np.ones(len(values)), where=usable)
    return np.where(usable, np.log(ratio), math.nan)


def _speed(run: Run, row: Inputs) -> float | None:
    each = run.tokens_per_s_per_gpu
    if each is None or not row.has_rate:
        return None
    return each * float(row.columns["gpus"]) / row.counted_ratio


def _plain(value: float | np.generic) -> bool | int | float | None:
    """A value of a column as JSON holds it."""
    made: bool | int | float = value.item() if isinstance(value, np.generic) else value
    return made if math.isfinite(made) else None
