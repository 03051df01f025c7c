"""Memory of one accelerator: parts against counts by hand, and what must hold for any run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Optimizer,
    Sharding,
    Stack,
    Storage,
    Tuning,
)
from solver.estimate.constants import memory_constants
from solver.estimate.memory import memory
from tests.support.configured import BERT_BASE, LLAMA_8B, LLAMA_70B, lora, one

NETWORKS = st.sampled_from([LLAMA_8B, BERT_BASE, LLAMA_70B])
TUNINGS = st.sampled_from(list(Tuning))
CHECKPOINTING = st.sampled_from(list(Checkpointing))
SHARDING = st.sampled_from(list(Sharding))


def test_that_pure_bf16_full_tuning_holds_eight_bytes_of_state_a_weight():
    c = one(compute=int(Compute.BF16_PURE), sharding=0, gpus=1.0)

    made = memory(c)

    state = made.weights + made.gradients + made.optimizer
    assert state[0] == pytest.approx((2 + 2 + 4) * 8_030_261_248)


def test_that_megatron_keeps_a_master_copy_and_two_moments_beside_bf16_weights():
    c = one(stack=int(Stack.MEGATRON), sharding=0, gpus=1.0)

    made = memory(c)

    assert made.weights[0] == pytest.approx(2 * 8_030_261_248)
    assert made.optimizer[0] / 8_030_261_248 == pytest.approx(12, rel=0.05)


def test_that_lora_keeps_state_for_its_own_weights_only():
    made = memory(lora())

    added = 16 * 32 * (4 * 4096 + 2 * 4096 + 2 * 1024 + 3 * (4096 + 14_336))
    assert made.weights[0] == pytest.approx(2 * 8_030_261_248 + 4 * added)
    assert made.gradients[0] == pytest.approx(4 * added)
    assert made.optimizer[0] == pytest.approx(8 * added)


@pytest.mark.parametrize(("adapter_bytes", "embedding_bytes"), [(2.0, 2.0), (4.0, 4.0)])
def test_that_nf4_stores_layers_in_half_a_byte_and_embeddings_as_adapters(
    adapter_bytes, embedding_bytes
):
    given_ = {"tuning": int(Tuning.QLORA), "storage": int(Storage.NF4), "rank": 1.0}

    weights = memory(lora(**given_, adapter_bytes=adapter_bytes)).weights[0]

    embeddings = 2 * 128_256 * 4096
    by_hand = 0.5625 * (8_030_261_248 - embeddings) + embedding_bytes * embeddings
    assert weights == pytest.approx(by_hand, rel=0.01)


def test_that_a_llama_layer_keeps_what_its_operations_need():
    c = lora(checkpointing=int(Checkpointing.NONE), trainable_parameters=1.0, sequence=1000.0)
    k = memory_constants()

    kept = memory(c).activations[0]

    norms, attention, block = 2 * 4 * 4096, 2 * 4 * 4096, 2 * 3 * 14_336
    working = k.working_factor * 2 * 14_336
    by_hand = 1000 * (32 * k.layer_factor * (norms + attention + block) + working)
    assert kept == pytest.approx(by_hand, rel=1e-3)


def test_that_logits_cost_several_bytes_for_each_token_and_entry():
    c = lora(micro_batch=2.0, compute=int(Compute.BF16_PURE))
    k = memory_constants()

    made = memory(c)

    again = made.activations[0] - 2 * 4096 * 32 * 2 * 4096
    assert made.logits[0] == pytest.approx(k.logit_bytes * 2 * 4096 * 128_256 - again, rel=1e-6)
    assert made.logits[0] > 5e9


def test_that_a_chunked_loss_spares_most_of_the_logits():
    whole, chunked = memory(lora()), memory(lora(chunked_loss=True))

    assert chunked.total[0] < whole.total[0] - 2e9


def test_that_an_encoder_without_a_language_head_has_no_logits():
    assert memory(one(**BERT_BASE)).logits[0] == 0.0


def test_that_zero_stages_split_optimizer_then_gradients_then_weights():
    stages = [memory(one(sharding=int(s), stack=int(Stack.MEGATRON))) for s in Sharding]

    assert stages[1].optimizer[0] == pytest.approx(stages[0].optimizer[0] / 8)
    assert stages[2].gradients[0] == pytest.approx(stages[1].gradients[0] / 8)
    assert stages[3].weights[0] == pytest.approx(stages[2].weights[0] / 8)


def test_that_offloading_takes_the_optimizer_off_the_device():
    assert memory(one(offload=True)).optimizer[0] == 0.0


def test_that_eight_bit_states_are_a_quarter_of_fp32_ones():
    wide, narrow = memory(one()), memory(one(optimizer=int(Optimizer.ADAMW_8BIT)))

    assert narrow.optimizer[0] / wide.optimizer[0] == pytest.approx(0.26, abs=0.02)


def test_that_parts_sum_to_the_total_and_the_interval_holds_it():
    made = memory(one(micro_batch=np.array([1.0, 4.0])))

    parts = (
        made.weights + made.gradients + made.optimizer + made.activations + made.logits
    ) + made.buffers
    assert made.total == pytest.approx(parts + made.context)
    assert (made.lower < made.total).all()
    assert (made.total < made.upper).all()


def test_that_a_single_micro_step_lets_gradients_take_the_room_of_activations():
    given = {"compute": int(Compute.BF16_PURE), "gpus": 1.0, "sharding": 0}

    one_step, several = memory(one(accumulation=1.0, **given)), memory(one(**given))

    assert one_step.gradients[0] < several.gradients[0]


@settings(deadline=None)
@given(NETWORKS, TUNINGS, CHECKPOINTING, SHARDING, st.sampled_from([1.0, 4.0]))
def test_that_memory_is_affine_in_the_micro_batch(network, tuning, checkpointing, sharding, tp):
    c = one(
        **network,
        tuning=int(tuning),
        rank=16.0,
        checkpointing=int(checkpointing),
        sharding=int(sharding),
        tensor_parallel=tp,
        micro_batch=np.array([1.0, 2.0, 7.0, 32.0]),
    )

    upper = memory(c).upper

    slope = upper[1] - upper[0]
    assert upper[2:] == pytest.approx(upper[0] + slope * np.array([6.0, 31.0]), rel=1e-9)


@settings(deadline=None)
@given(NETWORKS, TUNINGS, CHECKPOINTING, st.integers(1, 64))
def test_that_sharding_never_raises_memory(network, tuning, checkpointing, gpus):
    c = one(
        **network,
        tuning=int(tuning),
        rank=16.0,
        checkpointing=int(checkpointing),
        gpus=float(gpus),
        sharding=np.array([int(s) for s in Sharding]),
    )

    total = memory(c).total

    assert (np.diff(total) <= total[:-1] * 1e-12).all()


@settings(deadline=None)
@given(NETWORKS, TUNINGS, CHECKPOINTING, st.sampled_from(["micro_batch", "sequence", "layers"]))
def test_that_more_of_anything_never_takes_less_memory(network, tuning, checkpointing, what):
    given_ = {**network, "tuning": int(tuning), "rank": 16.0, "checkpointing": int(checkpointing)}
    given_.setdefault("sequence", 4096.0)
    given_.setdefault("micro_batch", 1.0)
    times = np.array([1.0, 2.0, 4.0])
    given_[what] = given_[what] * times
    if what == "layers":
        given_["parameters"] = given_["active_parameters"] = given_["parameters"] * times

    total = memory(one(**given_)).total

    assert (np.diff(total) >= 0).all()


@settings(deadline=None)
@given(NETWORKS, TUNINGS)
def test_that_checkpointing_never_takes_more_memory(network, tuning):
    orders = np.array([int(c) for c in Checkpointing])
    c = one(**network, tuning=int(tuning), rank=16.0, micro_batch=8.0, checkpointing=orders)

    total = memory(c).total

    assert total[2] <= total[0]
    assert total[1] <= total[0]


@settings(deadline=None)
@given(
    NETWORKS,
    TUNINGS,
    st.sampled_from(list(Compute)),
    st.sampled_from(list(Stack)),
    st.sampled_from(list(Storage)),
    CHECKPOINTING,
    SHARDING,
    st.booleans(),
)
def test_that_every_part_is_a_number_of_bytes(
    network, tuning, compute, stack, storage, checkpointing, sharding, flash
):
    made = memory(
        one(
            **network,
            tuning=int(tuning),
            rank=8.0,
            compute=int(compute),
            stack=int(stack),
            storage=int(storage),
            checkpointing=int(checkpointing),
            sharding=int(sharding),
            flash=flash,
            teacher_active_parameters=1e9,
        )
    )

    parts = (made.weights, made.gradients, made.optimizer, made.activations, made.logits)
    assert all(np.isfinite(part[0]) and part[0] >= 0 for part in (*parts, made.buffers))
    assert 0 < made.lower[0] < made.upper[0] < np.inf


def test_that_an_unmeasured_stack_has_a_wider_interval():
    seen, unseen = memory(lora()), memory(lora(stack=int(Stack.JAX)))

    assert unseen.upper_factor[0] > seen.upper_factor[0]
    assert (seen.evidence[0], unseen.evidence[0]) == (0, 2)


def test_that_other_constants_give_other_bytes():
    base = memory_constants()

    wider = memory(lora(), base.model_copy(update={"context_bytes": base.context_bytes + 1e9}))

    assert wider.total[0] == pytest.approx(memory(lora()).total[0] + 1e9)
