"""What a user's own runs changed: errors and intervals before and after, and every run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.calibration.calibration import correction, left_out_predictions
from solver.calibration.levels import MEMORY_LEVELS, SPEED_LEVELS
from solver.calibration.runs import compared
from solver.estimate.memory import memory
from solver.estimate.throughput import throughput
from solver.export.words import count_text, short_count_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.calibration.calibration import Calibration, Correction
    from solver.calibration.levels import Levels
    from solver.calibration.runs import MeasuredRun
    from solver.calibration.settings import Setting
    from solver.estimate.configurations import FloatArray, IntArray

Z80 = 1.2816
"""Quantile of the normal distribution that leaves 10 % above. [1]"""

MINUS = "−"


CHANGE_HEADERS = ("", "runs", "median error", "corrected", "80 % interval", "corrected")
"""Above `change_rows`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One estimate before and after, over the runs that measured it."""

    what: str
    runs: int
    before: float
    """Median of |predicted / measured − 1|. [ratio]"""
    after: float | None
    """The same, each run predicted from the others alone; None for a single run. [ratio]"""
    interval_before: tuple[float, float]
    """Ends of the 80 % interval over the median, less 1; of the middle run. [ratio]"""
    interval_after: tuple[float, float]


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run: measured over predicted, before and after."""

    name: str
    speed: float | None
    """Measured over predicted without calibration. [ratio]"""
    peak: float | None


def changes(runs: Sequence[MeasuredRun]) -> tuple[Change, ...]:
    """Throughput and memory, as far as they were measured."""
    made = compared(runs)
    speed = throughput(made.configurations)
    peak = memory(made.configurations)
    found = []
    for what, logs, low, high, levels in (
        (
            "tokens/s",
            made.log_speed,
            -Z80 * speed.slow_log_sd,
            Z80 * speed.fast_log_sd,
            SPEED_LEVELS,
        ),
        (
            "peak memory",
            made.log_peak,
            np.log(peak.lower_factor),
            np.log(peak.upper_factor),
            MEMORY_LEVELS,
        ),
    ):
        known = np.isfinite(logs)
        if known.any():
            found.append(
                _change(what, logs[known], made.codes[known], (low[known], high[known]), levels)
            )
    return tuple(found)


def run_lines(runs: Sequence[MeasuredRun]) -> tuple[RunLine, ...]:
    """Every run against the uncorrected estimates."""
    made = compared(runs)
    return tuple(
        RunLine(run.name, _ratio(made.log_speed[i]), _ratio(made.log_peak[i]))
        for i, run in enumerate(runs)
    )


def change_rows(made: Sequence[Change]) -> tuple[tuple[str, ...], ...]:
    """Errors and intervals before and after in words, a row an estimate: `CHANGE_HEADERS`."""
    return tuple(
        (
            change.what,
            str(change.runs),
            f"{100 * change.before:.1f} %",
            "" if change.after is None else f"{100 * change.after:.1f} %",
            interval_words(change.interval_before),
            interval_words(change.interval_after),
        )
        for change in made
    )


def left_out_errors(logs: FloatArray, codes: IntArray, levels: Levels) -> FloatArray:
    """|predicted / measured − 1| of each run, corrected by the others alone. [ratio]"""
    predicted = left_out_predictions(logs, codes, levels)
    return np.abs(np.expm1(predicted - logs))


def factor_words(made: Calibration) -> tuple[tuple[str, ...], ...]:
    """Each setting with what was measured over the prediction there, and the factors in use.

    Returns:
        Setting, size, length, layout, measured (runs) and used speed, and the same of memory.
    """
    lines: dict[int, Setting] = {}
    for correction_made in (made.throughput, made.memory):
        lines.update({group.setting.code: group.setting for group in correction_made.groups})
    speeds, peaks = (_factor_cells(part, sorted(lines)) for part in (made.throughput, made.memory))
    return tuple(
        (
            setting_words(setting),
            short_count_text(2.0**setting.log2_parameters),
            count_text(2.0**setting.log2_sequence),
            layout_words(setting),
            *speed,
            *peak,
        )
        for (_, setting), speed, peak in zip(sorted(lines.items()), speeds, peaks, strict=True)
    )


def layout_words(setting: Setting) -> str:
    """How a run lies on its GPUs: 8 GPUs, 2-way tensor, weights sharded, 4,096-token steps."""
    gpus = 2**setting.log2_gpus
    words = ["1 GPU" if gpus == 1 else f"{count_text(gpus)} GPUs"]
    words += [
        f"{2**doublings}-way {what}"
        for doublings, what in ((setting.log2_split, "tensor"), (setting.log2_stages, "pipeline"))
        if doublings
    ]
    if setting.sharding != "NONE":
        words.append(f"{setting.sharding.lower()} sharded")
    words.append(f"{count_text(2.0**setting.log2_micro_tokens)}-token micro-steps")
    return ", ".join(words)


def setting_words(setting: Setting) -> str:
    """Software, hardware, method and format in words: hf trainer, hopper, few weights, …"""
    words = (setting.software, setting.hardware, setting.method, setting.format)
    return ", ".join(word.lower().replace("_", " ") for word in words)


def _factor_cells(made: Correction, codes: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """Mean measured ratio with the number of runs, and the factor in use, of each setting."""
    groups = {group.setting.code: group for group in made.groups}
    used = np.exp(made.log_factor(np.array(codes, dtype=np.int64))).tolist()
    return tuple(
        (f"{np.exp(group.log_ratio):.2f} ({group.runs})", f"{factor:.2f}")
        if (group := groups.get(code)) is not None
        else ("", "")
        for code, factor in zip(codes, used, strict=True)
    )


def interval_words(ends: tuple[float, float]) -> str:
    """The ends of an interval around its median: −12 % to +15 %."""
    return " to ".join(f"{MINUS if end < 0 else '+'}{100 * abs(end):.0f} %" for end in ends)


def _change(
    what: str,
    logs: FloatArray,
    codes: IntArray,
    ends: tuple[FloatArray, FloatArray],
    levels: Levels,
) -> Change:
    spread = correction(logs, codes, levels).spread_factor(codes)
    after = left_out_errors(logs, codes, levels) if len(logs) > 1 else None
    low, high = ends
    return Change(
        what,
        len(logs),
        float(np.median(np.abs(np.expm1(-logs)))),
        None if after is None else float(np.median(after)),
        (_middle(low), _middle(high)),
        (_middle(low * spread), _middle(high * spread)),
    )


def _middle(log_ends: FloatArray) -> float:
    return float(np.expm1(np.median(log_ends)))


def _ratio(log: float) -> float | None:
    return float(np.exp(log)) if np.isfinite(log) else None
