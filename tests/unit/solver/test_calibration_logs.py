"""What training software writes is read for speed and memory, warm-up and pauses left out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.calibration.logs import LogError, read_log, robust_mean
from solver.measured.words import MemoryMeasure

STEP_SECONDS = 0.5

NAMES = st.sampled_from(
    (
        "log_history",
        "global_step",
        "train_runtime",
        "eval_runtime",
        "step",
        "train_steps_per_second",
        "num_input_tokens_seen",
        "before_init_mem_gpu",
    )
)

HEADERS = (
    "Wall time,Step,Value",
    "Step,_runtime",
    "Step,tokens/s",
    "a,b",
    "train_step_timing in s",
)


@pytest.fixture
def file_of(tmp_path):
    def write(text, name="log.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def state(**changes):
    """A finished run of 100 steps in 60 s, 10 s of which were evaluation."""
    told = {
        "global_step": 100,
        "log_history": [
            {"step": 50, "loss": 1.2},
            {"step": 50, "eval_loss": 1.1, "eval_runtime": 10.0},
            {"step": 100, "train_runtime": 60.0, "train_loss": 1.0},
        ],
        **changes,
    }
    return json.dumps(told)


def clock(steps=40, warm_up=3, pause_at=None):
    """Seconds at which each step was logged; the first ones are slow."""
    took = np.full(steps, STEP_SECONDS)
    took[:warm_up] = 20.0
    if pause_at is not None:
        took[pause_at] = 90.0
    return np.cumsum(took)


def table(header, *columns):
    rows = [",".join(str(value) for value in row) for row in zip(*columns, strict=True)]
    return "\n".join([header, *rows])


def test_that_evaluation_is_no_part_of_a_trainers_speed(file_of):
    seen = read_log(file_of(state(), "trainer_state.json"))

    assert seen.steps_per_s == pytest.approx(100 / 50)
    assert seen.tokens_per_s is None
    assert seen.peak_bytes is None


def test_that_a_trainer_that_counts_tokens_is_taken_at_its_count(file_of):
    seen = read_log(file_of(state(num_input_tokens_seen=1_000_000), "trainer_state.json"))

    assert seen.tokens_per_s == pytest.approx(20_000)


def test_that_the_pieces_of_a_trainers_peak_are_summed(file_of):
    end = {
        "step": 100,
        "train_runtime": 60.0,
        "init_mem_gpu_alloc_delta": 334_744_576,
        "train_mem_gpu_alloc_delta": 986_922_496,
        "train_mem_gpu_peaked_delta": 2_066_717_696,
    }

    seen = read_log(file_of(state(log_history=[end]), "trainer_state.json"))

    assert seen.peak_bytes == 3_388_384_768
    assert seen.memory_measure is MemoryMeasure.ALLOCATED


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (state(log_history=[{"step": 50, "loss": 1.2}]), "train_runtime"),
        (state(global_step=3), "too few"),
        ('{"model": "x"}', "log_history"),
        ('{"log_history": [', "no JSON"),
    ],
)
def test_that_a_trainers_state_that_says_too_little_is_refused(file_of, text, what):
    with pytest.raises(LogError, match=what):
        read_log(file_of(text, "trainer_state.json"))


def test_that_tensorboards_steps_are_timed_by_its_clock(file_of):
    steps = range(0, 400, 10)
    text = table("Wall time,Step,Value", 1.7e9 + clock() * 10, steps, clock())

    assert read_log(file_of(text)).steps_per_s == pytest.approx(1 / STEP_SECONDS)


def test_that_warm_up_and_pauses_do_not_slow_a_run(file_of):
    text = table("Step,_runtime", range(40), clock(warm_up=4, pause_at=25))

    assert read_log(file_of(text)).steps_per_s == pytest.approx(1 / STEP_SECONDS)


def test_that_the_trainers_own_count_of_steps_goes_before_the_number_of_the_log_line(file_of):
    text = table("_step,_runtime,train/global_step", range(40), clock() * 5, range(0, 200, 5))

    assert read_log(file_of(text)).steps_per_s == pytest.approx(1 / STEP_SECONDS)


@pytest.mark.parametrize(
    "name",
    ["train/tokens_per_second", "tokens/s", "perf/tokens_per_sec", "throughput/tok/s"],
)
def test_that_a_chart_of_tokens_each_second_is_averaged_without_its_ranges(file_of, name):
    rates = [100.0] * 4 + [2000.0] * 36
    header = f"Step,run-1 - {name},run-1 - {name}__MIN,run-1 - {name}__MAX"

    seen = read_log(file_of(table(header, range(40), rates, [1.0] * 40, [9e9] * 40)))

    assert seen.tokens_per_s == pytest.approx(2000.0)


def test_that_tokens_of_one_accelerator_are_told_from_those_of_all(file_of):
    text = table("Step,train/tokens_per_second_per_gpu", range(40), [2000.0] * 40)

    seen = read_log(file_of(text))

    assert (seen.tokens_per_s, seen.tokens_per_s_per_gpu) == (None, pytest.approx(2000.0))


def test_that_the_fullest_device_is_the_peak(file_of):
    header = "_runtime,system.gpu.0.memoryAllocatedBytes,system.gpu.1.memoryAllocatedBytes"

    seen = read_log(file_of(table(header, range(3), [1e9, 9e9, 8e9], [1e9, 7e9, 9.5e9])))

    assert seen.peak_bytes == 9.5e9
    assert seen.memory_measure is MemoryMeasure.DEVICE


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (table("Wall time,Step,Value", range(4), range(4), range(4)), "warm-up"),
        (table("Step,_runtime", range(40), -clock()), "earlier"),
        (table("Step,a - tokens/s,b - tokens/s", range(40), range(40), range(40)), "several runs"),
        (table("Step,loss", range(40), range(40)), "no speed"),
        ("", "no table"),
    ],
)
def test_that_a_table_that_says_too_little_is_refused_with_a_way_out(file_of, text, what):
    with pytest.raises(LogError, match=what) as refused:
        read_log(file_of(text))

    assert all(problem.remedy for problem in refused.value.problems)


def test_that_a_mean_is_of_the_middle_half():
    assert robust_mean(np.array([1e9, 2.0, 3.0, -1e9])) == 2.5


def trainers_own(steps=120, logged_every=10, seconds=64.2, evaluation=8.1):
    """What Hugging Face's trainer writes of a finished run, key by key."""
    history = [
        {
            "epoch": step / 60,
            "grad_norm": 1.83,
            "learning_rate": 2e-5 * (1 - step / steps),
            "loss": 1.9 - step / 200,
            "step": step,
        }
        for step in range(logged_every, steps + 1, logged_every)
    ]
    half = {"epoch": 1.0, "eval_loss": 1.41, "eval_runtime": evaluation, "step": 60}
    half |= {"eval_samples_per_second": 98.7, "eval_steps_per_second": 12.3}
    end = {"epoch": 2.0, "step": steps, "total_flos": 2.1e16, "train_loss": 1.52}
    end |= {"train_runtime": seconds, "train_samples_per_second": 59.8}
    end |= {"train_steps_per_second": round(steps / seconds, 3)}
    return {
        "best_global_step": None,
        "best_metric": None,
        "best_model_checkpoint": None,
        "epoch": 2.0,
        "eval_steps": 500,
        "global_step": steps,
        "is_hyper_param_search": False,
        "is_local_process_zero": True,
        "is_world_process_zero": True,
        "log_history": [*history[:6], half, *history[6:], end],
        "logging_steps": logged_every,
        "max_steps": steps,
        "num_input_tokens_seen": 0,
        "num_train_epochs": 2,
        "save_steps": 500,
        "stateful_callbacks": {"TrainerControl": {"args": {}, "attributes": {}}},
        "total_flos": 2.1e16,
        "train_batch_size": 8,
        "trial_name": None,
        "trial_params": None,
    }


def test_that_a_state_as_the_trainer_writes_it_is_read(file_of):
    seen = read_log(file_of(json.dumps(trainers_own(), indent=2), "trainer_state.json"))

    assert seen.steps_per_s == pytest.approx(120 / (64.2 - 8.1))
    assert seen.tokens_per_s is None


def test_that_a_state_of_a_run_that_goes_on_is_refused_with_another_way(file_of):
    going = trainers_own()
    going["log_history"].pop()

    with pytest.raises(LogError, match="finished run"):
        read_log(file_of(json.dumps(going), "trainer_state.json"))


def test_that_the_results_of_a_training_script_are_read(file_of):
    results = {
        "epoch": 3.0,
        "total_flos": 2.1e16,
        "train_loss": 1.52,
        "train_runtime": 64.2,
        "train_samples": 1280,
        "train_samples_per_second": 59.8,
        "train_steps_per_second": 1.869,
    }

    assert read_log(file_of(json.dumps(results), "train_results.json")).steps_per_s == 1.869
    with pytest.raises(LogError, match="too few"):
        read_log(file_of(json.dumps({**results, "train_runtime": 2.0}), "train_results.json"))


def test_that_a_history_with_rows_of_evaluation_and_an_index_is_timed_by_its_clock(file_of):
    lines, when, row = (
        [",_step,_runtime,_timestamp,train/loss,train/global_step,eval/loss"],
        12.0,
        0,
    )
    for logged in range(60):
        when += 5.0
        lines.append(f"{row},{row},{when},{1.7e9 + when},1.2,{10 * logged},")
        row += 1
        if logged % 10 == 9:
            when += 30.0
            lines.append(f"{row},{row},{when},{1.7e9 + when},,{10 * logged},1.4")
            row += 1

    assert read_log(file_of("\n".join(lines))).steps_per_s == pytest.approx(2.0)


def test_that_an_exported_chart_in_quotes_is_read(file_of):
    name = "glad-sun-7 - train/tokens_per_second"
    lines = [f'"Step","{name}","{name}__MIN","{name}__MAX"']
    lines += [f'"{10 * i}","{800 if i < 3 else 41250.5}","41000","41900"' for i in range(30)]

    assert read_log(file_of("\n".join(lines))).tokens_per_s == pytest.approx(41250.5)


def test_that_a_chart_of_steps_over_relative_time_is_read(file_of):
    lines = ['"Relative Time (Process)","lora - r16 - train/global_step"']
    lines += [f'"{i * 2.5}","{i * 5}"' for i in range(40)]

    assert read_log(file_of("\n".join(lines))).steps_per_s == pytest.approx(2.0)


def test_that_torchtitans_columns_are_of_one_accelerator(file_of):
    header = "step,loss_metrics/global_avg_loss,throughput(tps),memory/max_reserved(GiB)"

    seen = read_log(file_of(table(header, range(40), [2.0] * 40, [5762.0] * 40, [41.5] * 40)))

    assert seen.tokens_per_s_per_gpu == pytest.approx(5762.0)
    assert seen.peak_bytes == pytest.approx(41.5 * 2**30)
    assert seen.memory_measure is MemoryMeasure.RESERVED


def test_that_seconds_of_a_step_are_read_as_nemo_states_them(file_of):
    header = "trainer/global_step,reduced_train_loss,train_step_timing in s"

    seen = read_log(file_of(table(header, range(40), [2.0] * 40, [30.0, 9.0] + [3.13] * 38)))

    assert seen.steps_per_s == pytest.approx(1 / 3.13)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
CELLS = st.sampled_from(["", "0", "1", "2", "1e300", "nan", "-5", "x", '"', "Step", "Wall time"])


@given(st.dictionaries(NAMES, JSON, max_size=5))
def test_that_any_state_is_read_or_refused(tmp_path_factory, told):
    path = tmp_path_factory.mktemp("fuzz") / "trainer_state.json"
    path.write_text(json.dumps(told), encoding="utf-8")

    read_or_refused(path)


@given(st.lists(st.lists(CELLS, max_size=4), max_size=9), st.sampled_from(HEADERS))
def test_that_any_table_is_read_or_refused(tmp_path_factory, rows, header):
    path = tmp_path_factory.mktemp("fuzz") / "log.csv"
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]), encoding="utf-8")

    read_or_refused(path)


def read_or_refused(path):
    """What is read is a number that can be; everything else is refused."""
    try:
        seen = read_log(path)
    except LogError:
        return
    rates = (seen.steps_per_s, seen.tokens_per_s, seen.tokens_per_s_per_gpu, seen.peak_bytes)
    assert all(rate is None or (rate > 0 and np.isfinite(rate)) for rate in rates)
