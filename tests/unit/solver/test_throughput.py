"""Speed of training runs: measured ratios, and what must hold for any run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.estimate.chunks import CHUNK
from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Sharding,
    Stack,
    Storage,
    Tuning,
)
from solver.estimate.constants import throughput_constants
from solver.estimate.evidence import EvidenceCode
from solver.estimate.matmul import rates
from solver.estimate.throughput import throughput
from tests.support.configured import BERT_BASE, LLAMA_8B, LLAMA_70B, lora, one

NETWORKS = st.sampled_from([LLAMA_8B, BERT_BASE, LLAMA_70B])
TUNINGS = st.sampled_from(list(Tuning))


def speed(c):
    return throughput(c).tokens_per_s[0]


def test_that_the_parts_of_a_step_sum_to_the_time_of_its_tokens():
    made = throughput(one())

    tokens = 4 * 1 * 4096 * 8
    assert made.step_seconds[0] == pytest.approx(tokens / made.tokens_per_s[0])


def test_that_a_tuned_70b_pretraining_run_uses_a_third_to_two_thirds_of_the_peak():
    c = one(
        **LLAMA_70B,
        tuning=int(Tuning.PRETRAIN),
        stack=int(Stack.MEGATRON),
        gpus=64.0,
        tensor_parallel=4.0,
        pipeline_parallel=4.0,
        accumulation=32.0,
        sharding=int(Sharding.OPTIMIZER),
        checkpointing=int(Checkpointing.NONE),
    )

    utilisation = 6 * 70.6e9 * speed(c) / 64 / 989.4e12

    assert 0.33 < utilisation < 0.66


def test_that_lora_makes_more_tokens_than_full_tuning():
    # measured ratios lie between 1.15 and 2.3
    ratio = speed(lora(gpus=8.0)) / speed(one(sharding=int(Sharding.OPTIMIZER)))

    assert 1.1 < ratio < 2.3


def test_that_qlora_takes_longer_than_lora():
    # measured ratios lie between 1.02 and 3.3
    quantised = lora(tuning=int(Tuning.QLORA), storage=int(Storage.NF4), sequence=1024.0)

    assert 1.02 < speed(lora(sequence=1024.0)) / speed(quantised) < 3.3


def test_that_full_checkpointing_costs_about_a_third_more_time():
    kept = one(checkpointing=int(Checkpointing.NONE), stack=int(Stack.MEGATRON))

    cost = speed(kept) / speed(one(stack=int(Stack.MEGATRON)))

    assert 1.25 < cost < 1.38


def test_that_fp8_speeds_up_a_large_model_by_a_third_to_two_thirds():
    given_ = {**LLAMA_70B, "stack": int(Stack.MEGATRON), "tensor_parallel": 8.0}

    gain = speed(one(**given_, compute=int(Compute.FP8))) / speed(one(**given_))

    assert 1.3 < gain < 1.7


def test_that_fp8_gains_more_the_wider_the_model():
    def gain(network):
        wide, narrow = (
            speed(one(**network, compute=int(compute), stack=int(Stack.MEGATRON)))
            for compute in (Compute.BF16_MIXED, Compute.FP8)
        )
        return narrow / wide

    assert gain(LLAMA_8B) < gain(LLAMA_70B)


def test_that_a_linear_probe_needs_the_forward_pass_only():
    assert speed(lora(tuning=int(Tuning.LINEAR_PROBE))) > 1.7 * speed(lora())


def test_that_a_teacher_costs_its_forward_pass():
    student = one(tuning=int(Tuning.DISTILLATION))
    taught = one(tuning=int(Tuning.DISTILLATION), teacher_active_parameters=7e10)

    assert speed(taught) < 0.6 * speed(student)


def test_that_a_small_model_waits_for_launches_until_the_micro_batch_grows():
    c = one(**BERT_BASE, gpus=1.0, sharding=0, sequence=128.0, micro_batch=np.array([1.0, 8.0]))

    made = throughput(c)

    assert made.parts["launch"][0] > made.parts["matmul"][0]
    assert made.tokens_per_s[1] > 3 * made.tokens_per_s[0]


def test_that_a_pipeline_bubble_shrinks_with_more_micro_batches():
    c = one(
        **LLAMA_70B,
        stack=int(Stack.MEGATRON),
        sharding=int(Sharding.OPTIMIZER),
        pipeline_parallel=8.0,
        gpus=64.0,
        accumulation=np.array([8.0, 64.0]),
    )

    made = throughput(c)

    share = made.parts["pipeline"] / made.step_seconds
    assert share[0] > 2 * share[1]


def test_that_matrix_units_that_sum_at_half_rate_reach_nearly_all_of_it():
    card = {"generation": int(Generation.ADA), "measured_flop_per_s": np.nan}
    geforce, workstation = (
        rates(one(**card, consumer=consumer), throughput_constants()).wide_flop_per_s[0]
        for consumer in (True, False)
    )

    assert 1.15 < geforce / workstation < 1.4


def test_that_parts_without_matrix_units_compute_every_format_at_their_fp32_rate():
    half, single = (
        rates(
            one(generation=int(Generation.PASCAL), compute=int(compute)), throughput_constants()
        ).wide_flop_per_s[0]
        for compute in (Compute.FP16_MIXED, Compute.FP32)
    )

    assert half == single


def test_that_two_replicas_of_a_chip_update_every_weight_twice():
    chip = {"generation": int(Generation.TPU), "stack": int(Stack.JAX), "sharding": 0}
    third, fourth = (
        throughput(one(**chip, peak_flop_per_s=peak)).parts["optimizer"][0]
        for peak in (123e12, 275e12)
    )

    assert third > 1.5 * fourth


def test_that_a_slow_network_is_felt_across_machines_and_not_within():
    rates = np.array([1e9, 400e9])
    across = throughput(one(gpus=16.0, node_network_bytes_per_s=rates)).tokens_per_s
    within = throughput(one(node_network_bytes_per_s=rates)).tokens_per_s

    assert across[0] < 0.5 * across[1]
    assert within[0] == within[1]


def test_that_weak_scaling_gains_less_than_the_accelerators_added():
    gpus = np.array([8.0, 64.0, 1024.0])

    made = throughput(one(gpus=gpus)).tokens_per_s

    assert (np.diff(made) > 0).all()
    assert (np.diff(made / gpus) < 0).all()


@settings(deadline=None)
@given(NETWORKS, TUNINGS, st.sampled_from([1.0, 8.0, 64.0]), st.floats(1.01, 10.0))
def test_that_more_bandwidth_never_slows(network, tuning, gpus, times):
    base = {**network, "tuning": int(tuning), "rank": 16.0, "gpus": gpus}
    slow = speed(one(**base))

    for name, rate in (
        ("bandwidth_bytes_per_s", 3.35e12),
        ("link_bytes_per_s", 450e9),
        ("node_network_bytes_per_s", 400e9),
    ):
        assert speed(one(**base, **{name: rate * times})) >= slow * (1 - 1e-12)


@settings(deadline=None)
@given(
    NETWORKS,
    TUNINGS,
    st.sampled_from(["micro_batch", "sequence", "layers", "accumulation"]),
    st.sampled_from([1.0, 8.0, 64.0]),
    st.sampled_from(list(Sharding)),
)
def test_that_more_work_never_takes_less_time(network, tuning, what, gpus, sharding):
    columns = {**network, "micro_batch": 1.0, "sequence": 512.0, "accumulation": 1.0}
    times = np.array([1.0, 2.0, 4.0])
    columns[what] = columns[what] * times
    if what == "layers":
        columns["parameters"] = columns["active_parameters"] = network["parameters"] * times
    c = one(**columns, tuning=int(tuning), rank=16.0, gpus=gpus, sharding=int(sharding))

    step = throughput(c).step_seconds

    assert (np.diff(step) >= -1e-12 * step[:-1]).all()


@settings(deadline=None)
@given(NETWORKS, TUNINGS, st.integers(0, 6), st.integers(0, 11), st.integers(0, 6))
def test_that_any_run_has_a_speed_and_an_interval(network, tuning, compute, generation, stack):
    made = throughput(
        one(
            **network,
            tuning=int(tuning),
            rank=8.0,
            compute=compute,
            generation=generation,
            stack=stack,
            measured_flop_per_s=np.nan,
        )
    )

    assert 0 < made.tokens_per_s[0] < np.inf
    assert 0 < made.slow_log_sd[0] < 2
    assert all(part[0] >= 0 for part in made.parts.values())


def test_that_what_nobody_measured_is_unseen_and_wider():
    seen = throughput(one())
    unseen = throughput(one(generation=int(Generation.OTHER)))

    assert seen.evidence[0] == EvidenceCode.MEASURED
    assert unseen.evidence[0] == EvidenceCode.UNSEEN
    assert unseen.slow_log_sd[0] > seen.slow_log_sd[0]


def test_that_pieces_join_to_what_one_evaluation_gives():
    batch = np.tile([1.0, 2.0, 4.0], CHUNK)

    made = throughput(one(micro_batch=batch))

    alone = throughput(one(micro_batch=np.array([1.0, 2.0, 4.0]))).tokens_per_s
    assert (made.tokens_per_s == np.tile(alone, CHUNK)).all()
    assert len(made.parts["matmul"]) == 3 * CHUNK


def test_that_the_user_may_state_the_speed_of_a_stack():
    base = throughput_constants()
    factors = {**base.stack_factors, "HF_TRAINER flash": 2 * base.stack_factors["HF_TRAINER flash"]}

    made = throughput(one(), base.model_copy(update={"stack_factors": factors}))

    assert made.tokens_per_s[0] == pytest.approx(2 * speed(one()))
