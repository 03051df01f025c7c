"""The user's own runs move the factor of the user's software, and nothing else."""

from __future__ import annotations

import pytest

from catalog.load import load_catalog
from solver.estimate.constants import throughput_constants
from solver.measured import _run
from solver.measured_calibrate import calibrate, calibrated
from solver.measured_predict import predictions

ROW = {
    "id": "own-1",
    "year": "2025",
    "kind": "lora",
    "model": "Llama-3.1-8B",
    "gpu": "A100 80GB SXM",
    "n_gpus": "1",
    "precision": "bf16_mixed",
    "seq_len": "2048",
    "micro_batch": "4",
    "activation_checkpointing": "full",
    "stack": "hf",
}


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture
def run_at(catalog):
    def make(times, **changes):
        row = {**ROW, **changes}
        (made,) = predictions([_run(row)], catalog)
        return _run({**row, "tokens_per_s_per_gpu": str(made.tokens_per_s_per_gpu.median * times)})

    return make


def test_that_one_run_of_faster_software_halves_the_error_of_another_configuration(catalog, run_at):
    made = calibrate([run_at(1.5)], catalog)

    other = run_at(1.5, seq_len="512", micro_batch="16")
    (after,) = predictions([other], catalog, calibrated(made))
    error = abs(after.tokens_per_s_per_gpu.median / other.tokens_per_s_per_gpu - 1)
    assert error < (1 - 1 / 1.5) / 2


def test_that_more_runs_are_believed_more(catalog, run_at):
    few, many = calibrate([run_at(2.0)], catalog), calibrate([run_at(2.0)] * 20, catalog)

    assert 1.2 < few.stack_factors["HF_TRAINER flash"] < 1.6
    assert 1.9 < many.stack_factors["HF_TRAINER flash"] < 2.0
    assert many.error_after < 0.05 < many.error_before


def test_that_other_software_keeps_its_speed(catalog, run_at):
    factors = calibrated(calibrate([run_at(0.5)], catalog)).stack_factors

    shipped = throughput_constants().stack_factors
    assert factors["HF_TRAINER flash"] < shipped["HF_TRAINER flash"]
    assert factors["MEGATRON flash"] == shipped["MEGATRON flash"]


def test_that_runs_without_a_speed_calibrate_nothing(catalog):
    assert calibrate([_run(ROW)], catalog) is None
    assert calibrate([], catalog) is None
