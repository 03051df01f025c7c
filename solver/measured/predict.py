"""Predictions for measured runs, in the measures that each row states."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.units import BYTES_PER_GB
from solver.estimate.memory import memory
from solver.estimate.throughput import throughput
from solver.files import write_atomically
from solver.measured.inputs import Inputs, inputs_of, rows_to_configurations, speed_configurations
from solver.measured.runs import read_runs
from solver.measured.words import MemoryMeasure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray
    from solver.estimate.constants import MemoryConstants, ThroughputConstants
    from solver.estimate.memory import Memory
    from solver.measured.runs import Run

Z80 = 1.2816
"""Quantile of the normal distribution that leaves 10 % above. [1]"""

DEVICE_LOG_SD = 0.22
"""Further spread of what a device reports: the allocator keeps memory that it could give back.
BERT runs of one source, alike but for the card, hold from 1.2 times less to 1.4 times more. [1]"""

COLUMNS = (
    "id",
    "tokens_per_s_per_gpu",
    "tokens_per_s_low",
    "tokens_per_s_high",
    "peak_mem_gb",
    "peak_mem_low",
    "peak_mem_high",
    "status",
    "reason",
)
"""Columns of the file of predictions."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A median and the ends between which 80 % of runs lie."""

    median: float
    low: float
    high: float

    @property
    def is_usable(self) -> bool:
        """True for finite positive numbers in order."""
        return bool(np.isfinite(self.high)) and 0.0 < self.low <= self.median <= self.high


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is predicted for one run."""

    id: str
    tokens_per_s_per_gpu: Interval | None
    """[token/s]"""
    peak_bytes: Interval | None
    """In the measure that the row states. [byte]"""
    reason: str
    """Why something is not predicted; empty where both are."""

    @property
    def status(self) -> str:
        """Ok where at least one figure is predicted, else refused."""
        return "ok" if self.tokens_per_s_per_gpu or self.peak_bytes else "refused"


def predictions(
    runs: Sequence[Run],
    catalog: Catalog,
    throughput_constants: ThroughputConstants | None = None,
    memory_constants: MemoryConstants | None = None,
) -> tuple[Prediction, ...]:
    """A prediction for every run, in order.

    Args:
        runs: as `read_runs` gives them.
        catalog: resolves accelerators and models by any known name.
        throughput_constants: fitted constants; None: those shipped.
        memory_constants: the same.
    """
    made = [inputs_of(run, catalog) for run in runs]
    known = [row for row in made if isinstance(row, Inputs)]
    if not known:
        return tuple(_refused(run, row) for run, row in zip(runs, made, strict=True))
    speeds = iter(_speeds(known, throughput_constants))
    peaks = iter(_peaks(known, memory_constants))
    return tuple(
        _prediction(run, row, next(speeds), next(peaks))
        if isinstance(row, Inputs)
        else _refused(run, row)
        for run, row in zip(runs, made, strict=True)
    )


def memory_as_measured(peak: Memory, rows: Sequence[Inputs]) -> FloatArray:
    """The peak as each row measured it: allocated, reserved or seen by the device. [byte]"""
    measure = np.array([int(row.memory_measure) for row in rows])
    made: FloatArray = np.select(
        [measure == MemoryMeasure.ALLOCATED, measure == MemoryMeasure.RESERVED],
        [peak.allocated, peak.reserved],
        peak.total,
    )
    return made


def estimate_file(path: Path, out: Path, catalog: Catalog) -> tuple[int, int]:
    """Predict every run of a file and write one row for each, in order.

    Args:
        path: runs in the contract.
        out: the file of predictions, `COLUMNS`.
        catalog: resolves names.

    Returns:
        How many rows were written, and how many of them were refused.

    Raises:
        RunsError: the runs cannot be read.
        FileError: the predictions cannot be written.
    """
    made = predictions(read_runs(path), catalog)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for prediction in made:
        speed = _cells(prediction.tokens_per_s_per_gpu, 1.0)
        peak = _cells(prediction.peak_bytes, BYTES_PER_GB)
        writer.writerow((prediction.id, *speed, *peak, prediction.status, prediction.reason))
    write_atomically(out, text.getvalue())
    return len(made), sum(prediction.status == "refused" for prediction in made)


def _cells(interval: Interval | None, unit: float) -> tuple[str, str, str]:
    if interval is None:
        return "", "", ""
    values = (interval.median, interval.low, interval.high)
    low, middle, high = (f"{value / unit:.6g}" for value in values)
    return low, middle, high


def _speeds(rows: Sequence[Inputs], constants: ThroughputConstants | None) -> list[Interval | None]:
    """Speeds in order, None where the accelerator or its rate is not known."""
    answered = [row for row in rows if row.has_rate]
    if not answered:
        return [None] * len(rows)
    c = speed_configurations(answered)
    made = throughput(c, constants)
    counted = np.array([row.counted_ratio for row in answered])
    rate = made.tokens_per_s / c.gpus * counted
    extra = np.array([row.open_log_sd for row in answered])
    low = rate * np.exp(-Z80 * np.hypot(made.slow_log_sd, extra))
    high = rate * np.exp(Z80 * np.hypot(made.fast_log_sd, extra))
    speeds = iter(zip(rate.tolist(), low.tolist(), high.tolist(), strict=True))
    return [Interval(*next(speeds)) if row.has_rate else None for row in rows]


def _peaks(rows: Sequence[Inputs], constants: MemoryConstants | None) -> list[Interval]:
    made = memory(rows_to_configurations(rows), constants)
    peak = memory_as_measured(made, rows)
    extra = np.array([row.open_log_sd for row in rows])
    device = np.array([row.memory_measure is MemoryMeasure.DEVICE for row in rows])
    extra = np.hypot(extra, np.where(device, DEVICE_LOG_SD, 0.0))
    low, high = peak * _wider(made.lower_factor, extra), peak * _wider(made.upper_factor, extra)
    return [
        Interval(m, a, b)
        for m, a, b in zip(peak.tolist(), low.tolist(), high.tolist(), strict=True)
    ]


def _wider(factor: FloatArray, extra_log_sd: FloatArray) -> FloatArray:
    """End of an interval over its median with a further spread. [ratio]"""
    log = np.log(factor)
    made: FloatArray = np.exp(np.sign(log) * np.hypot(log, Z80 * extra_log_sd))
    return made


def _prediction(run: Run, row: Inputs, speed: Interval | None, peak: Interval) -> Prediction:
    reasons: list[str] = []
    if row.accelerator is None:
        gpu = run.texts["gpu"] or run.texts["accelerator"] or "without a name"
        reasons.append(f"no speed: the catalogue has no accelerator {gpu}")
    elif speed is None:
        words = run.texts["precision"] or "its precision"
        reasons.append(f"no speed: no rate is known for {words} on {row.accelerator.name}")
    elif not speed.is_usable:
        reasons.append("no speed: the layout and sizes do not go together")
        speed = None
    usable = peak if peak.is_usable else None
    if usable is None:
        reasons.append("no memory: the layout and sizes do not go together")
    return Prediction(run.id, speed, usable, "; ".join(reasons))


def _refused(run: Run, row: Inputs | object) -> Prediction:
    return Prediction(run.id, None, None, getattr(row, "reason", "cannot be judged"))
