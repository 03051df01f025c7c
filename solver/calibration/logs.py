"""What training software writes while it trains: how fast a run was and how much memory it took.

Read are the `trainer_state.json` and `train_results.json` of Hugging Face's trainer, and tables of
Weights & Biases and of TensorBoard as their web pages export them, with the names that Hugging
Face, torchtune, torchtitan, NeMo and LLM Foundry give their columns. None of them says what was
trained: a plan does.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from catalog.problems import Problem, ProblemsError
from catalog.units import BYTES_PER_GIB
from solver.files import read_text
from solver.measured.words import MemoryMeasure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from solver.estimate.configurations import FloatArray

MOST_BYTES = 200_000_000
"""A log of a million lines has some tens of millions. [byte]"""

WARM_UP_SHARE = 0.1
"""First part of a log that is left out, at least one interval: compiling, filling caches, finding
the fastest kernels; assumed. [ratio]"""

LEAST_INTERVALS = 5
"""Fewer stretches of a log do not tell a speed from a stumble; assumed. [1]"""

LEAST_STEPS = 20
"""The same for a log that states only the time of the whole run. [1]"""

TENSORBOARD = ("Wall time", "Step", "Value")
"""Header of a table of one scalar."""

TIMES = ("_runtime", "Relative Time (Process)", "_timestamp", "Wall Time", "Relative Time (Wall)")
"""Columns of Weights & Biases that hold seconds, the best first."""

STEPS = (r"global_step$", r"^Step$", r"^_step$")
"""Columns that count optimiser steps, the best first."""

TOKEN_RATE = re.compile(r"tok(?:en)?s?[ _]*(?:per|/)[ _]*s(?:ec(?:ond)?)?(?![a-z])", re.IGNORECASE)
"""Columns of tokens each second."""

OF_ONE_BY_NAME = re.compile(r"throughput\(tps\)$")
"""Such a column of torchtitan, which counts one accelerator and does not say so."""

STEP_SECONDS = re.compile(r"step_timing in s$")
"""Columns of seconds of one step: NeMo's."""

OF_ONE = re.compile(r"gpu|device|chip", re.IGNORECASE)
"""Words by which such a column says that it counts one accelerator."""

DEVICE_MEMORY = re.compile(r"gpu\.\d+\.memoryAllocatedBytes$")
"""Columns of what devices report. [byte]"""


RESERVED_MEMORY = re.compile(r"memory/max_reserved\(GiB\)$")
"""Column of the allocator's own peak: torchtitan's. [GiB]"""


class LogError(ProblemsError):
    """A log cannot be used."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a log says; None where it is silent."""

    steps_per_s: float | None = None
    """Optimiser steps each second. [1/s]"""
    tokens_per_s: float | None = None
    """Of all accelerators. [token/s]"""
    tokens_per_s_per_gpu: float | None = None
    peak_bytes: float | None = None
    """Of one accelerator. [byte]"""
    memory_measure: MemoryMeasure = MemoryMeasure.DEVICE


def read_log(path: Path) -> Observed:
    """What a log says of speed and memory.

    Raises:
        LogError: it is no log that is known, or says too little.
        FileError: it cannot be read.
    """
    text = read_text(path, MOST_BYTES)
    if text.lstrip().startswith("{"):
        return _trainer_state(text, path.name)
    columns = _columns(text, path.name)
    if set(TENSORBOARD) <= set(columns):
        times, steps = columns["Wall time"], columns["Step"]
        return Observed(steps_per_s=1.0 / _seconds_per_step(times, steps, path.name))
    return _exported(columns, path.name)


def robust_mean(values: FloatArray) -> float:
    """Mean of the middle half: pauses for saving and evaluation, and bursts, do not count."""
    ordered = np.sort(values)
    cut = len(ordered) // 4
    return float(ordered[cut : len(ordered) - cut].mean())


def after_warm_up(values: FloatArray, where: str) -> FloatArray:
    """What remains after the first steps.

    Raises:
        LogError: too little remains.
    """
    left = values[max(1, math.ceil(WARM_UP_SHARE * len(values))) :]
    if len(left) < LEAST_INTERVALS:
        _refuse(
            where,
            f"{len(left)} stretches remain after the warm-up, {LEAST_INTERVALS} are needed",
            "Log more often or train longer.",
        )
    return left


def _trainer_state(text: str, where: str) -> Observed:
    try:
        state = json.loads(text)
    except ValueError as error:
        raise LogError(
            "The log cannot be used", [Problem(where, f"it is no JSON: {error}", _KNOWN)]
        ) from error
    if "log_history" not in state and _number(state, "train_runtime"):
        return _train_results(state, where)
    history = state.get("log_history")
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        _refuse(where, "it has no `log_history`", _KNOWN)
    ends = [entry for entry in history if _number(entry, "train_runtime")]
    if not ends:
        _refuse(
            where,
            "no `train_runtime` is stated: it is written when training ends",
            "Give the state of a finished run, or an export of Weights & Biases or TensorBoard.",
        )
    end = ends[-1]
    steps = _number(state, "global_step") or _number(end, "step") or 0.0
    evaluating = sum(_number(entry, "eval_runtime") or 0.0 for entry in history)
    seconds = (_number(end, "train_runtime") or 0.0) - evaluating
    if steps < LEAST_STEPS:
        _refuse(where, f"{steps:.0f} steps are too few, {LEAST_STEPS} are needed", "Train longer.")
    if seconds <= 0:
        _refuse(where, "evaluation took longer than the whole run", "Give a run's own log.")
    tokens = _number(end, "num_input_tokens_seen") or _number(state, "num_input_tokens_seen")
    return Observed(
        steps_per_s=steps / seconds,
        tokens_per_s=tokens / seconds if tokens else None,
        peak_bytes=_trainer_peak(end),
        memory_measure=MemoryMeasure.ALLOCATED,
    )


def _train_results(results: Mapping[str, Any], where: str) -> Observed:
    """The summary that example scripts of Hugging Face write when training ends."""
    rate = _number(results, "train_steps_per_second")
    runtime = _number(results, "train_runtime") or 0.0
    if rate is None:
        _refuse(where, "it states no `train_steps_per_second`", _KNOWN)
    if rate * runtime < LEAST_STEPS:
        _refuse(where, f"some {rate * runtime:.0f} steps are too few", "Train longer.")
    return Observed(
        steps_per_s=rate,
        peak_bytes=_trainer_peak(results),
        memory_measure=MemoryMeasure.ALLOCATED,
    )


def _trainer_peak(end: Mapping[str, Any]) -> float | None:
    """Peak of the allocator, which the trainer states in pieces where memory metrics are on."""
    pieces = ("init_mem_gpu_alloc_delta", "train_mem_gpu_alloc_delta", "train_mem_gpu_peaked_delta")
    stated = [_number(end, name) for name in pieces]
    if any(value is None for value in stated):
        return None
    return sum(value or 0.0 for value in stated) + (_number(end, "before_init_mem_gpu") or 0.0)


def _columns(text: str, where: str) -> dict[str, FloatArray]:
    """Columns of numbers by name, NaN where a cell holds none; ranges of a chart are left out."""
    try:
        rows = list(csv.reader(text.splitlines()))
    except csv.Error as error:
        raise LogError(
            "The log cannot be used", [Problem(where, f"it is no table: {error}", _KNOWN)]
        ) from error
    if len(rows) < 2:  # noqa: PLR2004 - a header and something below it
        _refuse(where, "it is no table with a header", _KNOWN)
    header, *body = rows
    made: dict[str, FloatArray] = {}
    for position, full in enumerate(header):
        if full.endswith(("__MIN", "__MAX")):
            continue
        name = full.rsplit(" - ", 1)[-1].strip()
        if name in made:
            _refuse(where, f"it holds {name!r} of several runs", "Export one run at a time.")
        made[name] = np.array([_cell(row, position) for row in body])
    return made


def _exported(columns: Mapping[str, FloatArray], where: str) -> Observed:
    """A table of Weights & Biases: of a run's history, or of one chart."""
    peak, measure = _exported_peak(columns)
    speed = _exported_speed(columns, where)
    if speed is None and peak is None:
        _refuse(
            where,
            f"no speed and no memory among its columns {', '.join(list(columns)[:6])}",
            "Export a chart of tokens per second, or steps with `_runtime` or `_timestamp`.",
        )
    seen = speed or Observed()
    return replace(seen, peak_bytes=peak, memory_measure=measure)


def _exported_speed(columns: Mapping[str, FloatArray], where: str) -> Observed | None:
    """Tokens or steps each second; None where no column tells."""
    rate = next((n for n in columns if TOKEN_RATE.search(n) or OF_ONE_BY_NAME.search(n)), None)
    if rate is not None:
        speed = robust_mean(after_warm_up(_known(columns[rate]), where))
        if OF_ONE.search(rate) or OF_ONE_BY_NAME.search(rate):
            return Observed(tokens_per_s_per_gpu=speed)
        return Observed(tokens_per_s=speed)
    timed = next((name for name in columns if STEP_SECONDS.search(name)), None)
    if timed is not None:
        seconds = robust_mean(after_warm_up(_known(columns[timed]), where))
        return Observed(steps_per_s=1.0 / seconds)
    times = next((name for name in TIMES if name in columns), None)
    steps = next((n for pattern in STEPS for n in columns if re.search(pattern, n)), None)
    if times is None or steps is None:
        return None
    return Observed(steps_per_s=1.0 / _seconds_per_step(columns[times], columns[steps], where))


def _exported_peak(columns: Mapping[str, FloatArray]) -> tuple[float | None, MemoryMeasure]:
    """Peak of one accelerator and whose it is: the allocator's own before what devices see."""
    reserved = _largest(columns, RESERVED_MEMORY)
    if reserved is not None:
        return reserved * BYTES_PER_GIB, MemoryMeasure.RESERVED
    return _largest(columns, DEVICE_MEMORY), MemoryMeasure.DEVICE


def _largest(columns: Mapping[str, FloatArray], pattern: re.Pattern[str]) -> float | None:
    """The largest value of the columns of a pattern; None where there is none."""
    found = [_known(values) for name, values in columns.items() if pattern.search(name)]
    return max((float(values.max()) for values in found if len(values)), default=None)


def _seconds_per_step(times: FloatArray, steps: FloatArray, where: str) -> float:
    """Time of one step, from the times at which steps were logged. [s]"""
    known = np.isfinite(times) & np.isfinite(steps)
    times, steps = times[known], steps[known]
    steps, first = np.unique(steps, return_index=True)
    between, took = np.diff(steps), np.diff(times[first])
    each = took / between
    if (each <= 0).any():
        _refuse(where, "later steps have earlier times", "Export one run at a time.")
    return robust_mean(after_warm_up(each, where))


def _known(values: FloatArray) -> FloatArray:
    return values[np.isfinite(values) & (values > 0)]


def _cell(row: Sequence[str], position: int) -> float:
    try:
        return float(row[position])
    except (IndexError, ValueError):
        return math.nan


def _number(entry: Mapping[str, Any], name: str) -> float | None:
    """A finite number of an entry; None where there is none. Zero counts as not stated."""
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # an integer of JSON may be larger than any float
    return float(value) if 0 < abs(value) <= sys.float_info.max else None


_KNOWN = (
    "Give a CSV file in the contract of measured runs, a trainer_state.json, or a CSV export of "
    "Weights & Biases or TensorBoard."
)


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    raise LogError("The log cannot be used", [Problem(where, what, remedy)])
