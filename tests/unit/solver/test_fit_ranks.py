"""How high a rank correlation could be, from runs that are alike."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fit_ranks import rank_ceiling, repetition_log_sd
from solver.estimate.configurations import configurations
from tests.support.configured import one


def runs(*micro_batches):
    single = one()
    columns = {name: getattr(single, name)[0] for name in single.__dataclass_fields__}
    return configurations(
        len(micro_batches), {**columns, "micro_batch": np.array(micro_batches, dtype=float)}
    )


def test_that_pairs_of_runs_alike_tell_the_noise():
    c = runs(*(size for size in (1, 2, 4, 8, 16) for _ in range(2)))
    logs = np.array([0.0, 0.2] * 5)

    assert repetition_log_sd(c, logs) == pytest.approx(0.2 / np.sqrt(2))


def test_that_too_few_pairs_tell_nothing():
    assert repetition_log_sd(runs(1, 2, 4, 4), np.array([0.0, 0.1, 0.2, 0.3])) is None


def test_that_a_perfect_order_is_possible_without_noise_and_none_where_all_is_noise():
    logs = np.linspace(-1.0, 1.0, 50)

    assert rank_ceiling(logs, 0.0) == pytest.approx(1.0)
    assert rank_ceiling(logs, 5.0) < 0.3
