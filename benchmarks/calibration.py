"""How much a few runs of one's own improve the estimates, on sources that no fit has seen.

    python -m benchmarks.calibration --data FOLDER [--levels] [--nested] [--only memory]

FOLDER holds `measurements.csv`. Every source is predicted by constants fitted without it. Then a
few of its runs, drawn at random with a fixed seed, calibrate, and the others are judged: runs of
the whole source; of one setting (one source, accelerator, software, method and format); and like
runs of one setting (also of one size and sequence, to a doubling). Last, each run of a source is
judged by those most like it that were another configuration: what one gets who measures on purpose.
`--levels` prints the standard deviations that the calibration rests on; `--nested` judges each
third of the sources by those that the others alone support.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import fit_memory, fit_throughput
from benchmarks.calibration_apart import FEWER, pairs
from benchmarks.calibration_levels import fitted_levels, piece
from benchmarks.calibration_outcome import Outcome, median_error, print_each, print_summary
from benchmarks.fit_rows import read_rows
from catalog.units import BYTES_PER_GB
from solver.calibration.calibration import LONE, correction
from solver.calibration.levels import MEMORY_LEVELS, SPEED_LEVELS, common_variances
from solver.calibration.settings import SHAPE, setting_codes
from solver.estimate.memory import MEMORY_REGIMES, memory_regimes
from solver.estimate.shape import sizes
from solver.estimate.throughput import REGIMES, regimes
from solver.measured.predict import DEVICE_LOG_SD, Z80
from solver.measured.words import MemoryMeasure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from benchmarks.fit_rows import Rows
    from solver.calibration.levels import Levels
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray, IntArray
    from solver.measured.inputs import Inputs
    from solver.measured.runs import Run

LEAST_ROWS = 5
"""Sources with fewer rows are not judged. [1]"""

DRAWS = 40
"""Random choices of the runs that calibrate, averaged. [1]"""

SEED = 20261125

COUNTS = (1, 2, 3, 5)
"""How many runs calibrate. [1]"""

THIRDS = 3
"""Parts of the sources that are judged together. [1]"""

MOST_ROWS = 150
"""Rows of one source that levels are fitted to, drawn at random. [1]"""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was measured of one quantity, beside predictions that had not seen the source."""

    title: str
    logs: FloatArray
    """Log of measured over predicted."""
    low: FloatArray
    """Lower end of the 80 % interval of `logs`, from yet other sources."""
    high: FloatArray
    codes: IntArray
    configurations: Configurations
    sources: NDArray[np.str_]
    parts: NDArray[np.str_]
    levels: Levels
    own_levels: dict[str, Levels] = field(default_factory=dict)
    """By source, where each is judged by levels that had not seen it."""


def main() -> None:
    """Judge throughput and memory."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with measurements.csv")
    parser.add_argument("--levels", action="store_true", help="fit the standard deviations")
    parser.add_argument("--nested", action="store_true", help="fit them without the judged third")
    parser.add_argument("--only", choices=sorted(QUANTITIES), help="one of the two quantities")
    arguments = parser.parse_args()
    path = arguments.data / "measurements.csv"
    for name, judge in QUANTITIES.items():
        if arguments.only not in (None, name):
            continue
        judged = judge(path)
        print(f"\n# {judged.title}: {len(judged.logs)} rows")
        if arguments.levels:
            print(f"levels: {own_levels(judged)!r}")
        told = nested(judged) if arguments.nested else judged
        _report(told)
        _report_most_like(told)
        _report_apart(told)


def speeds(path: Path) -> Judged:
    """Throughput of every row, its source left out."""
    rows = fit_throughput.speed_rows(path)
    misses = fit_throughput.leave_sources_out(rows)
    c = rows.configurations
    ends = _ends(rows, misses, regimes(c, sizes(c)), REGIMES, fit_throughput.spreads)
    # the interval is of the time: slow runs lie below the predicted speed
    return _judged("Throughput", rows, misses, (-Z80 * ends[0], Z80 * ends[1]), SPEED_LEVELS)


def peaks(path: Path) -> Judged:
    """Peak memory of every row, its source left out."""
    rows = read_rows(path, _peak)
    misses = fit_memory.leave_sources_out(rows)
    c = rows.configurations
    slow, fast = _ends(
        rows, misses, memory_regimes(c, sizes(c)), MEMORY_REGIMES, fit_memory.spreads
    )
    device = np.array([row.memory_measure is MemoryMeasure.DEVICE for row in rows.inputs])
    extra = np.where(device, DEVICE_LOG_SD, 0.0)
    ends = -Z80 * np.hypot(fast, extra), Z80 * np.hypot(slow, extra)
    return _judged("Peak memory", rows, misses, ends, MEMORY_LEVELS)


def _peak(run: Run, row: Inputs) -> float | None:
    del row
    peak = run.measured.get("peak_mem_gb")
    return None if peak is None else peak * BYTES_PER_GB


def _judged(
    title: str,
    rows: Rows,
    misses: FloatArray,
    ends: tuple[FloatArray, FloatArray],
    levels: Levels,
) -> Judged:
    parts = [row.accelerator.id if row.accelerator else "" for row in rows.inputs]
    return Judged(
        title,
        -misses,
        *ends,
        setting_codes(rows.configurations),
        rows.configurations,
        rows.sources,
        np.array(parts),
        levels,
    )


def _ends(
    rows: Rows,
    misses: FloatArray,
    regime: IntArray,
    names: Sequence[str],
    spreads: Callable[[Rows, FloatArray], dict[str, dict[str, float]]],
) -> tuple[FloatArray, FloatArray]:
    """Half-widths of each row's interval, made without its source: towards slow, towards fast."""
    slow, fast = np.zeros(len(misses)), np.zeros(len(misses))
    for source in np.unique(rows.sources):
        own = rows.sources == source
        others = spreads(rows.take(~own), misses[~own])
        for code, name in enumerate(names):
            chosen = own & (regime == code)
            both = others.get(name, others["all"])
            slow[chosen], fast[chosen] = both["slow_log_sd"], both["fast_log_sd"]
    return slow, fast


def _report(judged: Judged) -> None:
    sources = _groups(judged.sources, LEAST_ROWS)
    parts = np.unravel_index(judged.codes, SHAPE)
    settings = np.ravel_multi_index(parts[:4], SHAPE[:4])
    alike = np.ravel_multi_index((*parts[:4], *parts[5:7]), (*SHAPE[:4], *SHAPE[5:7]))
    kinds = (
        ("sources", sources),
        ("settings", _groups(_keys(judged, settings), LEAST_ROWS)),
        ("like runs", _groups(_keys(judged, alike), LEAST_ROWS)),
    )
    for title, groups in kinds:
        for count in COUNTS:
            made = [
                _outcome(judged, name, rows, count)
                for name, rows in groups.items()
                if len(rows) >= count + 2
            ]
            print_summary(f"{title}, {count} runs", made)
            if title == "sources" and count in (1, 3):
                print_each(made)


def _report_most_like(judged: Judged) -> None:
    """Each run of a source after the runs of another configuration that are most like it."""
    groups = _groups(judged.sources, LEAST_ROWS)
    for count in COUNTS:
        made = [_most_like(judged, name, rows, count) for name, rows in groups.items()]
        print_summary(f"most like, {count} runs", made)
        if count == 1:
            print_each(made)


def _report_apart(judged: Judged) -> None:
    """Each run after the one most like it that differs in one thing alone."""
    made: dict[str, list[Outcome]] = {}
    for name, rows in _groups(judged.sources, LEAST_ROWS).items():
        for thing, alike in pairs(judged.configurations.take(rows)).items():
            paired = alike.any(axis=1)
            if paired.sum() >= LEAST_ROWS:
                found = _after_likest(judged, name, rows, 1, alike, paired)
                made.setdefault(thing, []).append(found)
    for thing, outcomes in made.items():
        print_summary(f"differs in {thing}, {sum(m.rows for m in outcomes)} rows", outcomes)
        if thing == FEWER:
            print_each(outcomes)


def _most_like(judged: Judged, name: str, rows: IntArray, count: int) -> Outcome:
    codes = judged.codes[rows]
    every = np.ones(len(rows), dtype=np.bool_)
    return _after_likest(judged, name, rows, count, np.not_equal.outer(codes, codes), every)


def _after_likest(
    judged: Judged,
    name: str,
    rows: IntArray,
    count: int,
    allowed: BoolArray,
    counted: BoolArray,
) -> Outcome:
    """Each run after those most like it that may correct it; others stay as they were.

    Args:
        judged: all runs.
        name: of the group.
        rows: of the group.
        count: how many runs correct each.
        allowed: whether run j may correct run i, shape (rows, rows).
        counted: runs whose errors are counted, shape (rows,).
    """
    random = np.random.default_rng([SEED, count, len(rows)])
    levels = judged.own_levels.get(name, judged.levels)
    codes, logs = judged.codes[rows], judged.logs[rows]
    likeness = common_variances(codes, codes, levels) + 1e-9 * random.random((len(rows),) * 2)
    likeness[~allowed] = -1.0
    left, spread = logs.copy(), np.ones(len(rows))
    for position in range(len(rows)):
        order = np.argsort(-likeness[position])[:count]
        own = order[likeness[position, order] >= 0.0]
        made = correction(logs[own], codes[own], levels)
        factor, widths = made.factors(codes[[position]])
        left[position] -= factor[0]
        spread[position] = widths[0]
    low, high = judged.low[rows], judged.high[rows]
    held = (logs >= low) & (logs <= high), (left >= low * spread) & (left <= high * spread)
    return Outcome(
        name,
        int(counted.sum()),
        median_error(logs[counted]),
        median_error(left[counted]),
        median_error((logs - np.median(logs[counted]))[counted]),
        *(float(inside[counted].mean()) for inside in held),
    )


def _keys(judged: Judged, codes: IntArray) -> NDArray[np.str_]:
    """A name for each row's source, accelerator and code."""
    every = zip(judged.sources, judged.parts, codes.tolist(), strict=True)
    return np.array([f"{source} {part} {code}" for source, part, code in every])


def _groups(keys: NDArray[np.str_], least: int) -> dict[str, IntArray]:
    every = {key: np.flatnonzero(keys == key) for key in np.unique(keys).tolist()}
    return {key: rows for key, rows in every.items() if len(rows) >= least}


def _outcome(judged: Judged, name: str, rows: IntArray, count: int) -> Outcome:
    """Means over draws: `count` random runs calibrate, the others are judged."""
    random = np.random.default_rng([SEED, count, len(rows)])
    levels = judged.own_levels.get(str(judged.sources[rows[0]]), judged.levels)
    seen = []
    for _ in range(DRAWS):
        order = random.permutation(rows)
        own, others = order[:count], order[count:]
        made = correction(judged.logs[own], judged.codes[own], levels)
        logs, codes = judged.logs[others], judged.codes[others]
        left = logs - made.log_factor(codes)
        spread = made.spread_factor(codes)
        low, high = judged.low[others], judged.high[others]
        seen.append(
            (
                median_error(logs),
                median_error(left),
                ((logs >= low) & (logs <= high)).mean(),
                ((left >= low * spread) & (left <= high * spread)).mean(),
            )
        )
    before, after, inside_before, inside_after = np.mean(seen, axis=0).tolist()
    whole = judged.logs[rows]
    known = median_error(whole - np.median(whole))
    return Outcome(name, len(rows), before, after, known, inside_before, inside_after)


def nested(judged: Judged) -> Judged:
    """The same, each third of the sources with the levels that the other two support."""
    names = np.unique(judged.sources)
    levels: dict[str, Levels] = {}
    for third in range(THIRDS):
        own = names[third::THIRDS]
        rest = ~np.isin(judged.sources, own)
        others = replace(
            judged,
            logs=judged.logs[rest],
            codes=judged.codes[rest],
            sources=judged.sources[rest],
        )
        levels |= dict.fromkeys(own.tolist(), own_levels(others))
    return replace(judged, own_levels=levels)


def own_levels(judged: Judged) -> Levels:
    """The levels that all sources of `judged` support; ratios are drawn in as a lone run's is."""
    random = np.random.default_rng(SEED)
    pieces = []
    for rows in _groups(judged.sources, LEAST_ROWS).values():
        some = random.permutation(rows)[:MOST_ROWS]
        pieces.append(piece(judged.codes[some], np.clip(judged.logs[some], -LONE, LONE)))
    return fitted_levels(pieces, judged.levels)


QUANTITIES = {"throughput": speeds, "memory": peaks}
"""What is judged, by name."""


if __name__ == "__main__":
    main()
