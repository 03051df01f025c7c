"""Which maps a run adapts that does not say: what its software does unasked."""

from __future__ import annotations

import pytest

from catalog.load import load_catalog
from solver.estimate.configurations import Optimizer, Tuning
from solver.measured.inputs import inputs_of
from solver.measured.runs import read_runs
from solver.measured.words import optimizer_of, tuning_of
from tests.support.measured import ROW, write_rows

WIDTH = 4096
BLOCK = 11_008
LAYERS = 32
RANK = 8


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture
def columns(tmp_path, catalog):
    def make(**changes):
        (run,) = read_runs(write_rows(tmp_path / "runs.csv", {**ROW, **changes}))
        return inputs_of(run, catalog).columns

    return make


def weights(ends):
    return RANK * LAYERS * ends


ATTENTION = 2 * WIDTH
QUERY_AND_VALUE = 2 * ATTENTION
FEED_FORWARD = 3 * (WIDTH + BLOCK)
EVERY = 4 * ATTENTION + FEED_FORWARD


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({}, EVERY),
        ({"source_name": "LitGPT"}, QUERY_AND_VALUE),
        ({"source_name": "LitGPT", "model": "gemma-7b"}, EVERY),
        ({"source_name": "HF PEFT"}, QUERY_AND_VALUE),
        ({"source_name": "TRL examples"}, QUERY_AND_VALUE),
        ({"source_name": "torchtune", "notes": "table of 2024-05"}, QUERY_AND_VALUE),
        (
            {"source_name": "torchtune", "notes": "table of 2024-11"},
            QUERY_AND_VALUE + ATTENTION + FEED_FORWARD,
        ),
        ({"source_name": "HF PEFT", "notes": "rank8-target-mlp"}, FEED_FORWARD),
        ({"source_name": "HF PEFT", "notes": "all-linear"}, EVERY),
        ({"notes": "q_proj, v_proj"}, QUERY_AND_VALUE),
        # queries, keys and values are one map: one input, three outputs
        ({"source_name": "HF PEFT", "model": "bloom-like"}, 4 * WIDTH),
        ({"model": "qwen-7b"}, EVERY - 2 * WIDTH),
        ({"model": "qwen2.5-7b"}, EVERY),
    ],
)
def test_that_unnamed_maps_are_those_that_the_software_adapts_by_default(columns, changes, ends):
    made = columns(n_kv_heads="32", **changes)

    assert made["trainable_parameters"] == weights(ends)


def test_that_adapters_which_read_in_place_keep_a_shared_input_once_and_no_mask(columns):
    copied = columns(source_name="LitGPT")
    in_place = columns(source_name="torchtune", notes="table of 2024-05")

    assert (copied["adapter_inputs"], copied["adapter_dropout"]) == (2 * WIDTH, True)
    assert (in_place["adapter_inputs"], in_place["adapter_dropout"]) == (WIDTH, False)


def test_that_a_stated_count_which_the_assumed_maps_do_not_have_tells_of_others(columns):
    theirs = columns(source_name="LitGPT", notes="trainable 4,194,304")
    others = columns(source_name="LitGPT", notes="trainable 8,388,608")

    assert theirs["adapter_inputs"] == 2 * WIDTH
    assert others["adapter_inputs"] == 0.0


def test_that_software_which_updates_in_the_backward_pass_is_known_by_its_words(columns):
    fused = columns(kind="full_ft", optimizer="PagedAdamW8bit, optimizer-in-backward")

    assert fused["update_in_backward"]
    assert not columns(kind="full_ft", optimizer="AdamW")["update_in_backward"]


def test_that_the_first_stage_of_deepspeed_is_no_distributed_optimizer(columns):
    megatron = columns(kind="pretrain", zero_stage_or_fsdp="distributed-optimizer (ZeRO-1)")
    deepspeed = columns(kind="pretrain", zero_stage_or_fsdp="ZeRO-1")

    assert (megatron["sums_gradients"], deepspeed["sums_gradients"]) == (False, True)


def test_that_paged_optimizers_and_scaling_adapters_are_told_from_their_kin():
    assert optimizer_of("PagedAdamW8bit") is Optimizer.PAGED
    assert optimizer_of("8-bit AdamW") is Optimizer.ADAMW_8BIT
    assert tuning_of("adapter", "method adapter_v2, trainable 4,279,744") is Tuning.IA3
    assert tuning_of("adapter", "method adapter, trainable 1,229,760") is Tuning.PREFIX
