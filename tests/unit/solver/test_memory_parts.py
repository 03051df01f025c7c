"""Parts of the memory that are easily forgotten, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Optimizer,
    Sharding,
    Stack,
    Storage,
    Tuning,
)
from solver.estimate.constants import memory_constants
from solver.estimate.memory import memory
from solver.estimate.shape import sizes
from tests.support.configured import BERT_BASE, LLAMA_8B, LLAMA_70B, lora, one

WEIGHTS_8B = 8_030_261_248


def short(**changes):
    """Full tuning of the 8B model in PyTorch with next to no activations."""
    given_ = {
        "compute": int(Compute.BF16_PURE),
        "stack": int(Stack.HF_TRAINER),
        "sharding": int(Sharding.NONE),
        "gpus": 1.0,
        "sequence": 16.0,
        "checkpointing": int(Checkpointing.FULL),
    }
    return one(**{**given_, **changes})


def test_that_an_update_takes_a_copy_of_one_moment_where_it_is_not_fused():
    copying, fused = memory(short()), memory(short(stack=int(Stack.PYTORCH_FSDP)))

    more = copying.allocated[0] - fused.allocated[0]
    by_hand = memory_constants().step_copies * 2 * WEIGHTS_8B
    activations = (fused.activations + fused.logits + fused.buffers)[0]
    assert more == pytest.approx(by_hand - activations, rel=1e-3)


def test_that_activations_hide_the_update():
    copying, fused = (
        memory(short(sequence=4096.0, micro_batch=8.0, stack=int(stack), chunked_loss=True))
        for stack in (Stack.HF_TRAINER, Stack.PYTORCH_FSDP)
    )

    assert copying.buffers[0] == fused.buffers[0]


def test_that_eight_bit_optimizers_update_in_place():
    made = memory(short(optimizer=int(Optimizer.ADAMW_8BIT)))

    assert made.buffers[0] == 0.0


def test_that_the_first_stage_of_a_pipeline_holds_the_whole_embedding():
    c = one(**LLAMA_70B, stack=int(Stack.MEGATRON), sharding=0, pipeline_parallel=8.0)

    embedding = 128_256 * 8192
    layers = 70_553_706_496 - 2 * embedding
    assert memory(c).weights[0] == pytest.approx(2 * (layers / 8 + embedding))


def test_that_each_kind_of_group_has_buffers_of_its_own():
    alone = one(sharding=0, gpus=1.0, stack=int(Stack.MEGATRON))
    joined = alone.replace(gpus=np.array([64.0]), tensor_parallel=np.array([8.0]))

    def outside(c):
        made = memory(c)
        return (made.total - made.reserved)[0]

    assert outside(joined) - outside(alone) == pytest.approx(
        2 * memory_constants().collective_bytes
    )


def test_that_gptq_weights_are_smaller_than_nf4_and_expand_wider():
    nf4, gptq = (
        memory(lora(tuning=int(Tuning.QLORA), storage=int(storage)))
        for storage in (Storage.NF4, Storage.GPTQ)
    )

    assert gptq.weights[0] < nf4.weights[0]
    assert (gptq.buffers - nf4.buffers)[0] == pytest.approx((14 - 2) * 4096 * 14_336)


def test_that_autocast_narrows_what_adapters_keep():
    wide, narrow = (
        memory(lora(compute=int(compute), checkpointing=int(Checkpointing.NONE)))
        for compute in (Compute.BF16_PURE, Compute.BF16_MIXED)
    )

    inputs = 6 * 4096 + 14_336
    by_hand = 2 * inputs * 32 * 4096 * memory_constants().layer_factor
    assert (wide.activations - narrow.activations)[0] == pytest.approx(by_hand, rel=1e-6)


def test_that_a_prompt_written_by_a_network_is_short():
    written, stated = (
        sizes(lora(tuning=int(Tuning.PROMPT_TUNING), trainable_parameters=float(weights)))
        for weights in (28e6, 100 * 4096)
    )

    assert written.tokens[0] == 4096 + 20
    assert stated.tokens[0] == 4096 + 100


def test_that_a_chip_of_two_replicas_holds_the_state_twice():
    chip = {"generation": int(Generation.TPU), "stack": int(Stack.JAX), "sharding": 0}
    third, fourth = (
        memory(one(**{**BERT_BASE, **chip}, peak_flop_per_s=peak)).optimizer[0]
        for peak in (123e12, 275e12)
    )

    assert third == pytest.approx(2 * fourth)


@settings(deadline=None)
@given(
    st.sampled_from([LLAMA_8B, BERT_BASE, LLAMA_70B]),
    st.sampled_from(list(Stack)),
    st.sampled_from(list(Compute)),
    st.sampled_from([1.0, 4.0]),
)
def test_that_the_chord_of_two_micro_batches_never_promises_too_little(
    network, stack, compute, accumulation
):
    c = one(
        **network,
        stack=int(stack),
        compute=int(compute),
        accumulation=accumulation,
        sharding=0,
        gpus=1.0,
        micro_batch=np.array([1.0, 5.0, 9.0]),
    )

    total = memory(c).total

    assert total[1] <= (total[0] + total[2]) / 2 * (1 + 1e-12)
