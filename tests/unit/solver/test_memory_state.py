"""Weights, gradients and optimiser state as software keeps them, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.estimate.activations import (
    FUSED_SCORE_BYTES,
    SCORE_GRADIENT_BYTES,
    WIDENED_LOGIT_BYTES,
)
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

WEIGHTS_8B = 8_030_261_248
K = memory_constants()


def in_megatron(compute, **changes):
    """Full tuning of the 8B model in Megatron on one accelerator."""
    given_ = {"compute": int(compute), "stack": int(Stack.MEGATRON), "gpus": 1.0, "sharding": 0}
    return memory(one(**{**given_, **changes}))


def test_that_gradients_of_fp16_weights_are_narrow_and_come_with_wide_ones_beside_the_master():
    fp16, bf16 = in_megatron(Compute.FP16_MIXED), in_megatron(Compute.BF16_MIXED)

    assert fp16.gradients[0] == pytest.approx(K.megatron_gradient_bytes_fp16 * WEIGHTS_8B)
    assert bf16.gradients[0] == pytest.approx(K.megatron_gradient_bytes * WEIGHTS_8B)
    assert (fp16.optimizer - bf16.optimizer)[0] == pytest.approx(4 * WEIGHTS_8B)


def test_that_deepspeed_holds_bf16_gradients_beside_their_sum():
    alone, summed = (
        in_megatron(Compute.BF16_MIXED, sums_gradients=sums).gradients[0] for sums in (False, True)
    )

    assert summed - alone == pytest.approx(2 * WEIGHTS_8B)


def test_that_copies_of_gradients_come_with_master_weights():
    made = memory(one(copies_gradients=True, stack=int(Stack.OTHER), gpus=1.0, sharding=0))

    assert made.weights[0] == pytest.approx(2 * WEIGHTS_8B)
    assert made.gradients[0] == pytest.approx(8 * WEIGHTS_8B)
    assert made.optimizer[0] == pytest.approx(K.megatron_optimizer_bytes * WEIGHTS_8B)


def test_that_software_with_master_copies_reduces_gradients_through_one_buffer():
    alone, joined = (
        in_megatron(Compute.BF16_MIXED, gpus=gpus, sharding=int(Sharding.OPTIMIZER))
        for gpus in (1.0, 8.0)
    )

    assert (joined.buffers - alone.buffers)[0] == pytest.approx(K.bucket_bytes)


def test_that_paged_state_lies_outside_what_the_allocator_hands_out():
    assert memory(one(optimizer=int(Optimizer.PAGED))).optimizer[0] == 0.0


def test_that_an_update_in_the_backward_pass_holds_one_gradient_at_a_time():
    given_ = {"compute": int(Compute.BF16_PURE), "gpus": 1.0, "sharding": 0}

    at_once, one_by_one = (
        memory(one(**given_, update_in_backward=here)).gradients[0] for here in (False, True)
    )

    assert at_once == pytest.approx(2 * WEIGHTS_8B)
    assert one_by_one == pytest.approx(2 * 4096 * 128_256)


def test_that_offloaded_shards_leave_only_what_is_gathered():
    made = memory(one(offload=True, compute=int(Compute.BF16_PURE), stack=int(Stack.PYTORCH_FSDP)))

    embeddings = 2 * 128_256 * 4096
    block = (WEIGHTS_8B - embeddings) / 32
    assert (made.weights + made.gradients + made.optimizer)[0] == 0.0
    assert made.buffers[0] == pytest.approx(4 * (K.gathered_blocks * block + embeddings))


def test_that_offloaded_updates_keep_no_gradients_but_all_weights():
    made = memory(one(offload=True, sharding=int(Sharding.GRADIENTS)))

    assert made.gradients[0] == 0.0
    assert made.weights[0] >= 4 * WEIGHTS_8B


def test_that_ranks_of_context_parallelism_shard_weights_too():
    joined = one(context_parallel=8.0, sequence=32_768.0)

    replicas = memory(one())
    made = memory(joined)

    assert made.weights[0] == pytest.approx(replicas.weights[0])
    assert made.buffers[0] == pytest.approx(replicas.buffers[0])


def test_that_the_copies_of_an_update_find_no_room_in_the_cache_of_autocast():
    c = one(gpus=1.0, sharding=0, sequence=16.0, stack=int(Stack.HF_TRAINER))

    made = memory(c)

    cache = 2 * WEIGHTS_8B
    assert made.reserved[0] == pytest.approx(K.fragmentation * (made.allocated[0] + cache))


def test_that_a_fused_softmax_keeps_five_bytes_of_a_score():
    def kept(flash):
        return in_megatron(
            Compute.BF16_MIXED, flash=flash, checkpointing=int(Checkpointing.NONE)
        ).activations[0]

    scores = 32 * 32 * 4096**2
    assert kept(False) - kept(True) == pytest.approx(5 * K.layer_factor * scores)  # noqa: FBT003


def test_that_adapters_keep_the_stated_inputs_and_a_mask_where_they_drop_some():
    given_ = {"checkpointing": int(Checkpointing.NONE), "compute": int(Compute.BF16_PURE)}

    plain, masked, wider = (
        memory(lora(**given_, adapter_inputs=inputs, adapter_dropout=mask)).activations[0]
        for inputs, mask in ((8192.0, False), (8192.0, True), (12_288.0, False))
    )

    every = 32 * 4096 * K.layer_factor
    assert masked - plain == pytest.approx(8192 * every)
    assert wider - plain == pytest.approx(4 * 4096 * every)


def test_that_scaled_results_are_kept_once_for_each_trained_weight():
    given_ = {"checkpointing": int(Checkpointing.NONE), "tuning": int(Tuning.IA3)}

    few, more = (
        memory(lora(**given_, trainable_parameters=32.0 * each)).activations[0]
        for each in (16_384, 18_432)
    )

    assert more - few == pytest.approx(2 * 2048 * 32 * 4096 * K.layer_factor)


def test_that_pytorch_keeps_the_sequence_gathered_that_maps_read():
    given_ = {"checkpointing": int(Checkpointing.NONE), "sharding": 0, "tensor_parallel": 8.0}

    again, whole = (
        memory(one(**given_, stack=int(stack), chunked_loss=True)).activations[0]
        for stack in (Stack.JAX, Stack.PYTORCH_FSDP)
    )

    by_hand = 2 * 2 * 4096 * (7 / 8) * 32 * 4096 * K.layer_factor
    assert whole - again == pytest.approx(by_hand)


def test_that_peft_widens_what_it_leaves_unquantised():
    """The residual stream and the logits of NF4 in fp32, no inputs of quantised products."""
    given_ = {
        "tuning": int(Tuning.QLORA),
        "storage": int(Storage.NF4),
        "compute": int(Compute.BF16_PURE),
        "trainable_parameters": 1.0,
    }

    narrow, wide = (memory(lora(**given_, adapter_bytes=each)) for each in (2.0, 4.0))

    inputs = 2 * 4096 + 4096 + 14_336
    layer = K.layer_factor * K.quantised_input_bytes * inputs
    stream = 2 * 4096 * 32
    assert (wide.activations - narrow.activations)[0] == pytest.approx(4096 * (stream - layer))
    more = (WIDENED_LOGIT_BYTES - K.logit_bytes) * 128_256 + layer
    assert (wide.logits - narrow.logits)[0] == pytest.approx(4096 * more)


def test_that_losses_in_fp32_keep_more_of_the_logits_than_those_of_whole_models_in_bf16():
    given_ = {"stack": int(Stack.PYTORCH_FSDP), "checkpointing": int(Checkpointing.NONE)}

    pure, mixed, fp8 = (
        memory(one(**given_, compute=int(compute))).logits[0]
        for compute in (Compute.BF16_PURE, Compute.BF16_MIXED, Compute.FP8)
    )

    more = K.logit_bytes_converted - K.logit_bytes
    assert mixed - pure == pytest.approx(more * 4096 * 128_256)
    assert fp8 == mixed


def test_that_inputs_of_layers_in_host_memory_leave_one_layer_here():
    given_ = {"checkpointing": int(Checkpointing.FULL), "compute": int(Compute.BF16_PURE)}

    here, away = (
        memory(lora(**given_, offload_inputs=off)).activations[0] for off in (False, True)
    )

    assert here - away == pytest.approx(2 * 4096 * 32 * 4096)


def test_that_ranks_which_load_the_whole_model_hold_it_beside_their_shard():
    given_ = {"gpus": 8.0, "sharding": int(Sharding.WEIGHTS), "sequence": 16.0}

    made = memory(lora(**given_, loads_whole=True, trainable_parameters=1.0))

    assert made.allocated[0] == pytest.approx(2 * WEIGHTS_8B * (1 + 1 / 8), rel=1e-6)
    assert memory(lora(gpus=1.0, loads_whole=True)).buffers[0] == 0.0


def test_that_the_last_stage_of_pytorch_keeps_the_outputs_of_every_micro_batch():
    given_ = {"stack": int(Stack.PYTORCH_FSDP), "checkpointing": int(Checkpointing.FULL)}

    four, eight = (
        memory(one(**given_, pipeline_parallel=2.0, accumulation=m)).logits[0] for m in (4.0, 8.0)
    )

    assert eight - four == pytest.approx(4 * 4 * 4096 * 128_256)


def test_that_scales_quantised_again_save_a_twentieth_of_a_byte():
    given_ = {"tuning": int(Tuning.QLORA), "trainable_parameters": 1.0}

    once, twice = (
        memory(lora(**given_, storage=int(storage))).weights[0]
        for storage in (Storage.NF4, Storage.NF4_DOUBLE)
    )

    layers = WEIGHTS_8B - 2 * 128_256 * 4096
    saved = 4 / 64 - 1 / 64 - 4 / (64 * 256)
    assert once - twice == pytest.approx(saved * layers, rel=1e-3)


def test_that_sharded_quantised_models_are_not_widened():
    given_ = {"tuning": int(Tuning.QLORA), "storage": int(Storage.NF4), "gpus": 2.0}

    sharded = memory(lora(**given_, sharding=int(Sharding.WEIGHTS), trainable_parameters=1.0))

    embeddings = 2 * 128_256 * 4096
    narrow = K.nf4_bytes * (WEIGHTS_8B - embeddings) + K.quantised_embedding_bytes * embeddings
    assert sharded.weights[0] == pytest.approx(narrow / 2, rel=1e-6)


def test_that_plain_attention_takes_gradients_of_one_layer_of_scores():
    given_ = {"checkpointing": int(Checkpointing.FULL), "tuning": int(Tuning.LORA), "flash": False}

    taken, spared = (
        memory(lora(**given_, stack=int(stack), chunked_loss=True, adapter_inputs=1.0))
        for stack in (Stack.OTHER, Stack.NVIDIA_EXAMPLES)
    )

    scores = 32 * 4096.0**2
    kept = K.layer_factor * (K.score_bytes - FUSED_SCORE_BYTES)
    expanded = K.layer_factor * 2 * 2 * 3 * 1024 * 4096
    more = (taken.activations - spared.activations)[0]
    assert more == pytest.approx((kept + SCORE_GRADIENT_BYTES) * scores + expanded)


@settings(deadline=None)
@given(
    st.sampled_from([LLAMA_8B, BERT_BASE, LLAMA_70B]),
    st.sampled_from(list(Stack)),
    st.sampled_from([Compute.FP16_MIXED, Compute.BF16_MIXED, Compute.BF16_PURE]),
    st.booleans(),
    st.integers(1, 64),
)
def test_that_splitting_the_state_further_never_raises_memory(
    network, stack, compute, offload, gpus
):
    c = one(
        **network,
        stack=int(stack),
        compute=int(compute),
        offload=offload,
        gpus=float(gpus),
        sharding=np.array(
            [int(s) for s in (Sharding.NONE, Sharding.OPTIMIZER, Sharding.GRADIENTS)]
        ),
    )

    total = memory(c).total

    assert (np.diff(total) <= total[:-1] * 1e-12).all()
