"""Gradient boosting on the rows and splits by which throughput is judged, to be compared with it.

    python -m benchmarks.boosting --data FOLDER

Needs scikit-learn, which nothing else here does. It learns the logarithm of utilisation (six
operations a weight and token over the dense peak) from everything that the formulas see, each
source left out in turn.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.fit_judge import print_errors
from benchmarks.fit_ranks import CODES, FLAGS, SCALES
from benchmarks.fit_rows import weights
from benchmarks.fit_throughput import sets_of, speed_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.fit_rows import Rows
    from solver.estimate.configurations import FloatArray


def main(argv: Sequence[str] | None = None) -> None:
    """Learn with each source left out, and print the errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with measurements.csv")
    rows = speed_rows(parser.parse_args(argv).data / "measurements.csv")
    print_errors(sets_of(rows), leave_sources_out(rows))


def features(rows: Rows) -> FloatArray:
    """What is learnt from, shape (rows, features)."""
    c = rows.configurations
    scales = [np.log1p(getattr(c, name)) for name in SCALES]
    rest = [np.asarray(getattr(c, name), dtype=np.float64) for name in (*CODES, *FLAGS)]
    return np.column_stack([*scales, *rest])


def leave_sources_out(rows: Rows) -> FloatArray:
    """Log of predicted over measured for every row, learnt without its source."""
    # imported here: nothing but this comparison needs it, and the checks run without it
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415

    c = rows.configurations
    target = np.log(rows.measured * 6.0 * c.active_parameters / c.peak_flop_per_s)
    given = features(rows)
    misses = np.zeros(len(target))
    for source in np.unique(rows.sources):
        own = rows.sources == source
        seen = ~own & rows.fit
        model = HistGradientBoostingRegressor(
            loss="absolute_error",
            learning_rate=0.1,
            max_iter=200,
            max_leaf_nodes=15,
            categorical_features=[len(SCALES) + i for i in range(len(CODES))],
            random_state=0,
        )
        model.fit(given[seen], target[seen], sample_weight=weights(rows.sources[seen]))
        misses[own] = model.predict(given[own]) - target[own]
    return misses


if __name__ == "__main__":
    main()
