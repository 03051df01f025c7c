"""What a row leaves open is filled as is common practice: shape, layout, method, lengths."""

from __future__ import annotations

import pytest

from catalog.load import load_catalog
from solver.estimate.configurations import Checkpointing, Sharding, Stack
from solver.measured.inputs import inputs_of
from solver.measured.runs import read_runs
from tests.support.measured import ROW, write_rows


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture
def inputs(tmp_path, catalog):
    def make(**changes):
        (run,) = read_runs(write_rows(tmp_path / "runs.csv", {**ROW, **changes}))
        return inputs_of(run, catalog)

    return make


def test_that_a_model_of_the_catalogue_gives_the_shape_that_a_row_leaves_out(inputs):
    blank = dict.fromkeys(
        ("params_total", "n_layers", "hidden", "n_heads", "ffn_hidden", "vocab"), ""
    )

    made = inputs(model="Llama-3.1-8B", **blank)

    assert made.columns["hidden"] == 4096
    assert made.columns["kv_heads"] == 8
    assert made.columns["gated"]


def test_that_the_parameter_count_tells_a_gated_block_from_a_plain_one(inputs):
    gated = inputs(model="mine")
    plain = inputs(
        model="mine", params_total=str(32 * 12 * 4096**2 + 2 * 32000 * 4096), ffn_hidden="16384"
    )

    assert gated.columns["gated"]
    assert not plain.columns["gated"]


def test_that_a_size_in_the_name_is_enough(inputs):
    blank = dict.fromkeys(("params_total", "n_layers", "hidden", "n_heads", "ffn_hidden"), "")

    made = inputs(model="mine-3.5b", **blank)

    assert made.columns["parameters"] == 3.5e9
    assert "layers and width" in made.assumed


def test_that_layers_and_width_are_enough(inputs):
    made = inputs(model="student", params_total="", n_layers="4", hidden="288", vocab="30522")

    by_hand = 4 * (4 * 288**2 + 2 * 288 * 11_008) + 30_522 * 288
    assert made.columns["parameters"] == by_hand


def test_that_a_batch_smaller_than_the_replicas_is_spread_over_them(inputs):
    made = inputs(kind="pretrain", n_gpus="16", global_batch_seqs="8", micro_batch="")

    assert made.columns["micro_batch"] == 0.5


def test_that_the_batch_of_a_pipeline_is_split_into_micro_batches(inputs):
    made = inputs(
        kind="pretrain", n_gpus="8", pp="8", tp="1", micro_batch="32", global_batch_seqs="32"
    )

    assert made.columns["micro_batch"] == 1
    assert made.columns["accumulation"] == 32


def test_that_stated_micro_batches_of_a_pipeline_stay_as_they_are(inputs):
    made = inputs(
        kind="pretrain", n_gpus="8", pp="8", tp="1", micro_batch="4", global_batch_seqs="8"
    )

    assert made.columns["micro_batch"] == 4
    assert made.columns["accumulation"] == 2


def test_that_parallelism_never_exceeds_the_accelerators(inputs):
    columns = inputs(n_gpus="8", tp="8", pp="8", cp="2").columns

    parallel = columns["tensor_parallel"] * columns["pipeline_parallel"]
    assert parallel * columns["context_parallel"] <= 8


def test_that_large_models_of_software_that_shards_are_sharded_where_nobody_says(inputs):
    large = {
        "kind": "pretrain",
        "model": "llama2-70b",
        "params_total": "68976648192",
        "n_gpus": "2048",
        "lora_rank": "",
        "activation_checkpointing": "",
    }

    sharded = inputs(**large, stack="fsdp").columns
    split = inputs(**large, stack="megatron").columns

    assert (sharded["sharding"], sharded["tensor_parallel"]) == (int(Sharding.WEIGHTS), 1)
    assert (split["sharding"], split["tensor_parallel"]) == (int(Sharding.NONE), 8)


def test_that_layers_are_split_among_as_few_parts_as_hold_them(inputs):
    made = inputs(params_total="68976648192", n_gpus="8", stack="mlperf")

    assert made.columns["tensor_parallel"] == 4


def test_that_expert_parallelism_and_pieces_of_stages_are_read(inputs):
    noted = inputs(n_gpus="64", pp="4", notes="MoE EP=16; VP=8").columns
    stated = inputs(n_gpus="64", pp="4", ep="32", vp="2", notes="EP=16").columns

    assert (noted["expert_parallel"], noted["virtual_stages"]) == (16, 8)
    assert (stated["expert_parallel"], stated["virtual_stages"]) == (32, 2)


def test_that_a_lower_power_limit_slows_a_part(inputs):
    full = inputs(gpu="H100-SXM-80GB")
    limited = inputs(gpu="H100-SXM-80GB-350W")

    ratio = limited.columns["peak_flop_per_s"] / full.columns["peak_flop_per_s"]
    assert ratio == pytest.approx(0.5)


def test_that_stated_trainable_weights_count(inputs):
    made = inputs(notes="method lora, trainable 4,194,304; one epoch")

    assert made.columns["trainable_parameters"] == 4_194_304


def test_that_a_handful_of_stated_weights_counts_too(inputs):
    made = inputs(notes="peft TINYLORA; trainable params 64")

    assert made.columns["trainable_parameters"] == 64


def test_that_settings_shipped_with_litgpt_accumulate_gradients(inputs):
    made = inputs(kind="full_ft", source_name="LitGPT configurations")

    assert made.columns["accumulation"] > 1


def test_that_a_table_of_steps_has_no_chunked_loss_before_the_step_that_adds_it(inputs):
    notes = "README table 2024-11; ladder: + "

    before, after = (
        inputs(source_name="torchtune", notes=notes + step)
        for step in ("packed dataset", "chunked loss")
    )

    assert (before.columns["chunked_loss"], after.columns["chunked_loss"]) == (False, True)


def test_that_real_tokens_mean_shorter_sequences_for_speed_and_the_cap_for_memory(inputs):
    made = inputs(notes="seq_len 2048 is the cap; 4198051 real train tokens")

    assert made.columns["sequence"] == 2048
    assert made.mean_sequence < 1024
    assert made.counted_ratio < 1


def test_that_unpacked_examples_are_as_short_as_instructions_are(inputs):
    made = inputs(notes="baseline, unpacked, no compile", seq_len="4096")

    assert made.mean_sequence == 256
    assert made.columns["sequence"] == 4096


def test_that_software_that_spares_recomputes_no_whole_layers_before_it_must(inputs):
    silent = {"activation_checkpointing": "unknown", "kind": "pretrain", "n_gpus": "8", "tp": "1"}

    def chosen(**changes):
        return inputs(**silent, **changes).columns["checkpointing"]

    assert chosen(stack="megatron_or_deepspeed", micro_batch="8") == Checkpointing.SELECTIVE
    assert chosen(stack="fsdp", micro_batch="8") == Checkpointing.FULL
    assert chosen(stack="megatron_or_deepspeed", micro_batch="32") == Checkpointing.FULL
    assert chosen(stack="megatron_or_deepspeed", micro_batch="4") == Checkpointing.NONE


def test_that_translators_have_short_sequences_where_nobody_says(inputs):
    made = inputs(kind="pretrain", model="transformer-big (6+6)", seq_len="")

    assert made.columns["encoder_decoder"]
    assert made.columns["sequence"] == 512


def test_that_the_sharding_may_name_the_software(inputs):
    words = {"stack": "megatron_or_deepspeed", "zero_stage_or_fsdp": "FSDP+DP (Paxml)"}

    assert inputs(**words).columns["stack"] == Stack.JAX


@pytest.mark.parametrize(
    ("notes", "year", "release"),
    [
        ("NeMo container 25.09; EP=8", "2025", 2025 + 8.5 / 12),
        ("NVIDIA NeMo Framework Release 24.04; div closed", "2024", 2024 + 3.5 / 12),
        ("README table 2024-11", "2024", 2024 + 10.5 / 12),
        ("step 21.01 s", "2025", 2025.5),
    ],
)
def test_that_notes_date_the_software_and_else_the_year(inputs, notes, year, release):
    assert inputs(notes=notes, year=year).columns["release"] == pytest.approx(release)


@pytest.mark.parametrize(
    ("notes", "level"),
    [("peft LORA", 0), ("loha--rank32; peft LOHA", 1), ("peft FOURIERFT", 2)],
)
def test_that_the_name_of_an_adapter_tells_how_it_works_on_matrices(inputs, notes, level):
    assert inputs(kind="adapter", notes=notes).columns["rebuilds"] == level


def test_that_omni_path_is_taken_at_what_it_reached(inputs):
    made = inputs(
        kind="pretrain", n_gpus="16", gpus_per_node="8", interconnect="NVLink + 4x100Gb Omni-Path"
    )

    # 54 Gbit/s in all-reduces over the share of a line rate that such reach
    assert made.columns["node_network_bytes_per_s"] == pytest.approx(8.7e9, rel=0.01)
