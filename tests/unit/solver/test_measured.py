"""Measured runs: every row is read, filled as is common, predicted or refused with a reason."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.load import load_catalog
from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Sharding,
    Stack,
    Storage,
    Tuning,
)
from solver.measured.inputs import Inputs, Refused, inputs_of, rows_to_configurations
from solver.measured.predict import COLUMNS, estimate_file, predictions
from solver.measured.runs import RunsError, _run, read_runs
from solver.measured.validate import rank_correlation, validate_file
from solver.measured.words import (
    MemoryMeasure,
    checkpointing_of,
    compute_of,
    flash_of,
    memory_measure,
    network_bytes_per_s,
    parameters_in_name,
    sharding_of,
    stack_of,
    storage_of,
    tuning_of,
)
from tests.support.measured import ROW, write_rows


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture
def file_of(tmp_path):
    return lambda *rows: write_rows(tmp_path / "runs.csv", *rows)


@pytest.fixture
def inputs(file_of, catalog):
    def make(**changes):
        (run,) = read_runs(file_of({**ROW, **changes}))
        return inputs_of(run, catalog)

    return make


def test_that_every_row_comes_out_in_order_even_those_that_are_refused(file_of, tmp_path, catalog):
    rows = [
        {**ROW, "id": "a"},
        {**ROW, "id": "b", "params_total": "", "n_layers": "", "model": "nobody knows"},
        {**ROW, "id": "c", "gpu": "abacus"},
    ]
    out = tmp_path / "out.csv"

    written = estimate_file(file_of(*rows), out, catalog)

    made = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert written == (3, 1)
    assert tuple(made[0]) == COLUMNS
    assert [row["id"] for row in made] == ["a", "b", "c"]
    assert [row["status"] for row in made] == ["ok", "refused", "ok"]
    assert "parameters" in made[1]["reason"]


def test_that_memory_is_answered_without_a_known_accelerator(file_of, catalog):
    (made,) = predictions(read_runs(file_of({**ROW, "gpu": "abacus"})), catalog)

    assert made.tokens_per_s_per_gpu is None
    assert made.peak_bytes is not None
    assert "abacus" in made.reason


def test_that_a_part_without_a_rate_in_the_format_has_no_speed(file_of, catalog):
    row = {**ROW, "gpu": "", "accelerator": "P100", "precision": "tf32"}

    (made,) = predictions(read_runs(file_of(row)), catalog)

    assert made.tokens_per_s_per_gpu is None
    assert "tf32" in made.reason


def test_that_low_median_and_high_are_in_order(file_of, catalog):
    (made,) = predictions(read_runs(file_of(ROW)), catalog)

    for interval in (made.tokens_per_s_per_gpu, made.peak_bytes):
        assert 0 < interval.low < interval.median < interval.high


@pytest.mark.parametrize(
    ("column", "value"),
    [("n_gpus", "-8"), ("n_gpus", "0"), ("seq_len", "nan"), ("hidden", "wide"), ("tp", "inf")],
)
def test_that_a_number_that_cannot_be_refuses_the_row_by_name(inputs, column, value):
    made = inputs(**{column: value})

    assert isinstance(made, Refused)
    assert column in made.reason


def test_that_an_unknown_kind_refuses_the_row(inputs):
    assert "alchemy" in inputs(kind="alchemy").reason


def test_that_a_file_without_ids_is_no_file_of_runs(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("model,gpu\na,b\n", encoding="utf-8")

    with pytest.raises(RunsError, match="id"):
        read_runs(path)


def test_that_a_missing_or_binary_file_is_said_to_be_unreadable(tmp_path):
    binary = tmp_path / "x.csv"
    binary.write_bytes(b"\xff\xfe\x00\x80")

    for path in (binary, tmp_path / "nothing.csv"):
        with pytest.raises(RunsError):
            read_runs(path)


def test_that_an_empty_file_of_runs_gives_an_empty_file_of_predictions(file_of, tmp_path, catalog):
    path = file_of(ROW)
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")

    assert estimate_file(path, tmp_path / "out.csv", catalog) == (0, 0)


def test_that_what_a_row_leaves_open_widens_the_interval(file_of, catalog):
    blank = dict.fromkeys(("n_layers", "hidden", "n_heads", "ffn_hidden", "micro_batch"), "")
    rows = [{**ROW, "model": "mine"}, {**ROW, "model": "mine", **blank}]

    known, guessed = predictions(read_runs(file_of(*rows)), catalog)

    widths = [p.tokens_per_s_per_gpu.high / p.tokens_per_s_per_gpu.low for p in (known, guessed)]
    assert widths[1] > 1.3 * widths[0]


def test_that_words_of_a_row_mean_what_its_fields_say():
    assert compute_of("fp8_current_scaling", Generation.HOPPER) is Compute.FP8
    assert compute_of("", Generation.VOLTA) is Compute.FP16_MIXED
    assert storage_of("nf4-dq (bf16 compute)", Tuning.LORA) is Storage.NF4_DOUBLE
    assert storage_of("nf4 (bf16 compute)", Tuning.LORA) is Storage.NF4
    assert storage_of("int8_AQT+bf16", Tuning.PRETRAIN) is Storage.AS_COMPUTED
    assert sharding_of("FSDP FULL_SHARD") is Sharding.WEIGHTS
    assert sharding_of("FSDP SHARD_GRAD_OP") is Sharding.GRADIENTS
    assert sharding_of("distributed-optimizer (ZeRO-1)") is Sharding.OPTIMIZER
    assert sharding_of("none") is Sharding.NONE
    assert sharding_of("DeepSpeed stage 3") is Sharding.WEIGHTS
    assert sharding_of("DDP/Horovod") is Sharding.NONE
    assert compute_of("float32", Generation.AMPERE) is Compute.FP32
    assert storage_of("8bit", Tuning.LORA) is Storage.INT8
    assert checkpointing_of("yes") is Checkpointing.FULL
    assert checkpointing_of("unknown") is None
    assert flash_of("sdpa")
    assert flash_of("unknown") is None
    assert stack_of("mlperf_tuned") is Stack.MLPERF
    assert stack_of("axolotl") is Stack.HF_TRAINER
    assert stack_of("") is None
    assert tuning_of("adapter", "x; peft IA3; y") is Tuning.IA3
    assert tuning_of("qlora", "") is Tuning.QLORA


def test_that_a_network_is_read_from_the_text_or_taken_as_common():
    per_gpu = network_bytes_per_s("NVLink + 400 Gb/s RDMA per GPU", Generation.HOPPER, 8.0)
    cards = network_bytes_per_s("NVLink + 4x100Gb RoCE", Generation.AMPERE, 8.0)

    assert per_gpu == 400e9
    assert cards == 50e9
    assert network_bytes_per_s("", Generation.AMPERE, 8.0) == 200e9


def test_that_the_measure_of_a_peak_is_read_from_the_notes():
    assert memory_measure("", "max nvidia-smi memory.used") is MemoryMeasure.DEVICE
    assert memory_measure("", "max memory RESERVED by allocator") is MemoryMeasure.RESERVED
    assert memory_measure("", "torch.cuda.max_memory_allocated") is MemoryMeasure.ALLOCATED


def test_that_a_peak_of_which_nobody_says_whose_is_taken_as_the_devices(file_of, catalog):
    rows = [{**ROW, "notes": notes} for notes in ("GB as printed", "nvidia-smi")]

    unstated, device = (predictions(read_runs(file_of(row)), catalog)[0] for row in rows)

    assert unstated.peak_bytes.median == device.peak_bytes.median
    assert unstated.peak_bytes.high < device.peak_bytes.high


def test_that_a_device_sees_more_than_the_allocator(file_of, catalog):
    rows = [
        {**ROW, "id": str(n), "notes": note} for n, note in enumerate(("allocated", "nvidia-smi"))
    ]

    allocated, device = predictions(read_runs(file_of(*rows)), catalog)

    assert device.peak_bytes.median > allocated.peak_bytes.median + 0.5e9


def test_that_sizes_are_found_in_names():
    assert parameters_in_name("llama2-7b") == 7e9
    assert parameters_in_name("mpt-350m") == 350e6
    assert parameters_in_name("qwen2.5-0.5b-instruct") == 0.5e9
    assert parameters_in_name("bert-base") is None


def test_that_tables_judge_by_kind_family_software_and_source(file_of, catalog):
    rows = [{**ROW, "id": f"s{n % 2}-{n}", "kind": ("lora", "full_ft")[n % 2]} for n in range(6)]

    made = validate_file(file_of(*rows), catalog)

    titles = [table.title for table in made]
    assert titles[:4] == [
        "Throughput by kind",
        "Throughput by accelerator family",
        "Throughput by software",
        "Throughput by source",
    ]
    assert [row[:2] for row in made[0].rows] == [("full_ft", "3"), ("lora", "3"), ("all", "6")]
    assert all(len(row) == len(table.headers) for table in made for row in table.rows)


def test_that_refused_rows_are_counted_in_the_tables(file_of, catalog):
    rows = [{**ROW, "id": "a-1"}, {**ROW, "id": "a-2", "gpu": "abacus"}]

    made = validate_file(file_of(*rows), catalog)

    assert made[0].rows[-1][1:3] == ("2", "1")


def test_that_ranks_agree_for_any_growing_relation():
    values = np.array([3.0, 1.0, 2.0, 10.0])

    assert rank_correlation(values, np.exp(values)) == pytest.approx(1.0)
    assert rank_correlation(values, -values) == pytest.approx(-1.0)


SIZES = st.sampled_from(["", "1", "2", "7.0", "64", "1000", "4096", "1e6", "1e11"])
ODD = {
    **dict.fromkeys(("params_total", "params_active", "n_layers", "hidden", "n_heads"), SIZES),
    **dict.fromkeys(("ffn_hidden", "vocab", "n_gpus", "seq_len", "micro_batch"), SIZES),
    **dict.fromkeys(("global_batch_seqs", "tp", "pp", "cp", "lora_rank"), SIZES),
    "kind": st.sampled_from(["pretrain", "full_ft", "lora", "qlora", "adapter", "distil"]),
    "precision": st.sampled_from(["", "fp32", "fp8", "nf4 (bf16 compute)", "bf16_mixed"]),
    "gpu": st.sampled_from(["H100-SXM-80GB", "V100-32", "TPU-v3", "GB200", "RTX-4090", "?"]),
    "zero_stage_or_fsdp": st.sampled_from(["", "FSDP", "ZeRO-1", "ZeRO-3 + CPU offload"]),
    "activation_checkpointing": st.sampled_from(["", "none", "selective", "full", "unknown"]),
    "model": st.sampled_from(["mine-7b", "BERT-base", "t5-3b", "mixtral-8x7b", "nobody"]),
}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.fixed_dictionaries(ODD), min_size=1, max_size=4))
def test_that_no_row_however_odd_gets_a_figure_that_is_none(catalog, rows):
    pattern = _run(ROW)
    runs = [
        replace(
            pattern,
            texts={**pattern.texts, **{k: v for k, v in row.items() if k in pattern.texts}},
            counts={k: float(v) for k, v in row.items() if k not in pattern.texts and v},
        )
        for row in rows
    ]

    made = predictions(runs, catalog)

    for prediction in made:
        intervals = [i for i in (prediction.tokens_per_s_per_gpu, prediction.peak_bytes) if i]
        assert all(interval.is_usable for interval in intervals)
        assert prediction.reason or len(intervals) == 2


def test_that_rows_become_one_structure_in_order(inputs):
    rows = [inputs(n_gpus="1"), inputs(n_gpus="4")]

    assert all(isinstance(row, Inputs) for row in rows)
    assert rows_to_configurations(rows).gpus.tolist() == [1.0, 4.0]
