"""How far predictions miss the measured runs of a file, by kind, accelerator and software."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.hardware import generation_of
from solver.measured.parts import accelerator_of
from solver.measured.predict import predictions
from solver.measured.runs import read_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray
    from solver.measured.predict import Interval, Prediction
    from solver.measured.runs import Run

RANKED_ROWS = 20
"""A rank correlation of fewer rows says little. [1]"""

HEADERS = (
    "group",
    "rows",
    "refused",
    "median error",
    "mean",
    "p90",
    "in 80 %",
    "rank",
)

ALIGN = "lrrrrrrr"


@dataclass(frozen=True, slots=True)
class JudgedTable:
    """One table of errors, as text."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str


@dataclass(frozen=True, slots=True)
class _Judged:
    """A measured value beside its prediction."""

    run: Run
    measured: float
    predicted: Interval | None


def validate_file(path: Path, catalog: Catalog) -> tuple[JudgedTable, ...]:
    """Errors of throughput and of memory, by kind, accelerator family, software and source.

    Args:
        path: measured runs in the contract.
        catalog: resolves names.

    Raises:
        RunsError: the runs cannot be read.
    """
    runs = read_runs(path)
    made = predictions(runs, catalog)
    family = {run.id: _family(run, catalog) for run in runs}
    groupings: tuple[tuple[str, Callable[[Run], str]], ...] = (
        ("by kind", lambda run: run.texts["kind"]),
        ("by accelerator family", lambda run: family[run.id]),
        ("by software", lambda run: run.texts["stack"] or "not stated"),
        ("by source", lambda run: run.source),
    )
    return tuple(
        _table(f"{what} {title}", judged, key)
        for what, judged in (
            ("Throughput", _speeds(runs, made)),
            ("Peak memory", _peaks(runs, made)),
        )
        for title, key in groupings
        if judged
    )


def rank_correlation(left: FloatArray, right: FloatArray) -> float:
    """Spearman's correlation of two samples without many ties. [1]"""
    ranks = [np.argsort(np.argsort(values)).astype(np.float64) for values in (left, right)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _family(run: Run, catalog: Catalog) -> str:
    part = accelerator_of(run, catalog)
    return generation_of(part).name.lower() if part else "unknown"


def _speeds(runs: Sequence[Run], made: Sequence[Prediction]) -> list[_Judged]:
    return [
        _Judged(run, run.tokens_per_s_per_gpu, prediction.tokens_per_s_per_gpu)
        for run, prediction in zip(runs, made, strict=True)
        if run.tokens_per_s_per_gpu is not None
    ]


def _peaks(runs: Sequence[Run], made: Sequence[Prediction]) -> list[_Judged]:
    return [
        _Judged(run, run.measured["peak_mem_gb"] * 1e9, prediction.peak_bytes)
        for run, prediction in zip(runs, made, strict=True)
        if "peak_mem_gb" in run.measured
    ]


def _table(title: str, judged: list[_Judged], key: Callable[[Run], str]) -> JudgedTable:
    groups: dict[str, list[_Judged]] = {}
    for entry in judged:
        groups.setdefault(key(entry.run), []).append(entry)
    rows = [_row(name, groups[name]) for name in sorted(groups)]
    return JudgedTable(title, HEADERS, (*rows, _row("all", judged)), ALIGN)


def _row(name: str, judged: list[_Judged]) -> tuple[str, ...]:
    answered = [(e, e.predicted) for e in judged if e.predicted is not None]
    refused = str(len(judged) - len(answered))
    if not answered:
        return (name, str(len(judged)), refused, *[""] * 5)
    measured = np.array([entry.measured for entry, _ in answered])
    median = np.array([interval.median for _, interval in answered])
    off = np.abs(median / measured - 1.0)
    inside = [interval.low <= entry.measured <= interval.high for entry, interval in answered]
    rank = ""
    if len(answered) >= RANKED_ROWS:
        work = np.array([_flop_per_token(entry.run) for entry, _ in answered])
        rank = f"{rank_correlation(median * work, measured * work):.2f}"
    return (
        name,
        str(len(judged)),
        refused,
        f"{np.median(off):.1%}",
        f"{off.mean():.1%}",
        f"{np.quantile(off, 0.9):.1%}",
        f"{np.mean(inside):.0%}",
        rank,
    )


def _flop_per_token(run: Run) -> float:
    """Work of one token, so that speeds of unlike models compare as utilisation does. [FLOP]"""
    size = run.counts.get("params_active") or run.counts.get("params_total") or 1.0
    return 6.0 * size
