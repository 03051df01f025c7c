"""How high a rank correlation could be, from runs that are alike."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fit_ranks import rank_ceiling, repetitions
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

    assert repetitions(c, logs) == pytest.approx([-0.2 / np.sqrt(2)] * 5)


def test_that_too_few_pairs_tell_nothing():
    assert repetitions(runs(1, 2, 4, 4), np.array([0.0, 0.1, 0.2, 0.3])) is None


def test_that_a_perfect_order_is_possible_without_noise_and_none_where_all_is_noise():
    logs = np.linspace(-1.0, 1.0, 50)

    assert rank_ceiling(logs, np.zeros(5)) == pytest.approx(1.0)
    assert rank_ceiling(logs, np.linspace(-9.0, 9.0, 9)) < 0.3


def test_that_one_run_gone_wrong_does_not_hide_the_order_of_all_others():
    logs = np.linspace(-0.2, 0.2, 50)

    assert rank_ceiling(logs, np.array([0.01, 0.01, 0.01, 0.01, 0.01, 1.0])) > 0.7
