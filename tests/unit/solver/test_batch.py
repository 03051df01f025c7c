"""The critical batch, against the published law and the one measured fine-tuning curve."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.estimate.batch import (
    TUNING_CRITICAL_TOKENS,
    pretraining_critical_tokens,
    sample_stretch,
    steps_ratio,
)

SAMPLE = 8192
"""Tokens of one sample of the benchmark."""


@pytest.mark.parametrize(("batch", "samples"), [(16, 3840), (64, 7296), (128, 11_136)])
def test_that_lora_needs_as_many_more_samples_as_the_benchmark_measured(batch, samples):
    stretch = sample_stretch(batch * SAMPLE, TUNING_CRITICAL_TOKENS)

    base = sample_stretch(8 * SAMPLE, TUNING_CRITICAL_TOKENS)
    assert stretch / base == pytest.approx(samples / 3072, rel=0.08)


def test_that_a_hundred_billion_tokens_use_batches_of_about_a_million():
    assert 0.8e6 < pretraining_critical_tokens(1e11) < 1.5e6


@given(st.floats(1e3, 1e9), st.floats(1e3, 1e9))
def test_that_samples_and_steps_trade_as_the_law_says(batch, critical):
    more_samples = sample_stretch(batch, critical) - 1
    more_steps = steps_ratio(batch, critical) - 1

    assert more_samples * more_steps == pytest.approx(1.0)


def test_that_beyond_the_critical_batch_doubling_it_saves_under_half_the_steps():
    below, at, beyond = (steps_ratio(n * 1e6, 1e6) for n in (0.1, 1.0, 10.0))

    assert at == 2.0
    assert steps_ratio(0.2e6, 1e6) / below < 0.6
    assert steps_ratio(20e6, 1e6) / beyond > 0.9
