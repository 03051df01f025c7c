"""Time that the layers of one pipeline stage need for one micro-batch, without communication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Stack,
    Storage,
    Tuning,
    is_one_of,
)
from solver.estimate.matmul import cores, head_fill

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray
    from solver.estimate.constants import ThroughputConstants
    from solver.estimate.matmul import Rates
    from solver.estimate.shape import Sizes

FUSED_STACKS = (Stack.MEGATRON, Stack.MLPERF, Stack.JAX, Stack.PYTORCH_FSDP)
"""Stacks that compile or fuse elementwise work."""

FUSED_ATTENTION = (Generation.HOPPER, Generation.BLACKWELL, Generation.TPU, Generation.CDNA)
"""Generations with attention kernels made for their matrix units."""


OWN_ATTENTION = (Stack.MEGATRON, Stack.MLPERF, Stack.JAX)
"""Stacks that use those kernels; others use one kernel for all generations."""

FUSED_KERNELS = (Stack.MEGATRON, Stack.MLPERF)
"""Stacks whose older versions already fused softmax, bias and activation."""


OLDEST_RELEASE, MIDDLE_RELEASE, NEWEST_RELEASE = 2023.0, 2024.5, 2026.75
"""Releases between which the measured runs lie. [year]"""

COMPILED = (Generation.TPU, Generation.TRAINIUM)
"""Generations whose programs are compiled as a whole."""

TARGET_SHARE = 114.0 / 512.0
"""Predicted over counted tokens of encoder-decoders (raffel2020). [ratio]"""

ALIGNED = 8.0
"""Heads of another multiple leave matrix units almost unused in products of 16 bits
(anthony2024). [1]"""


@dataclass(frozen=True, slots=True)
class LayerTimes:
    """Seconds of one micro-batch on one accelerator, shape (n,)."""

    matmul: FloatArray
    attention: FloatArray
    elementwise: FloatArray
    dequantise: FloatArray
    launch: FloatArray
    """Floor set by launching kernels; overlaps with the rest."""
    waiting: FloatArray
    """For the host to learn how many tokens each expert receives; overlaps with nothing."""
    head: FloatArray
    """Language-model head and loss."""


def is_fused(c: Configurations) -> BoolArray:
    """True where the software fuses elementwise work and overlaps communication."""
    compiled = is_one_of(c.generation, COMPILED)
    return c.flash & (is_one_of(c.stack, FUSED_STACKS) | compiled)


def freshness(c: Configurations, k: ThroughputConstants) -> FloatArray:
    """Time of everything beside products and attention over that of software of mid-2024. [ratio]

    Kernels are fused, launches recorded and transfers hidden from release to release.
    """
    age = np.clip(c.release, OLDEST_RELEASE, NEWEST_RELEASE) - MIDDLE_RELEASE
    return np.where(is_fused(c), np.exp(-k.yearly_gain * age), 1.0)


def passes(c: Configurations, s: Sizes, k: ThroughputConstants) -> FloatArray:
    """Forward-equivalents of one training step without recomputation. [1]

    3 for forward, input and weight gradients (kaplan2020); about 2 where few weights train; 1
    where only a probe does; one more forward-equivalent, weighted by size, for a teacher.
    """
    student = np.where(s.peft, k.peft_passes, np.where(s.frozen, 1.0, 3.0))
    teacher = np.where(
        c.tuning == Tuning.DISTILLATION, c.teacher_active_parameters / c.active_parameters, 0.0
    )
    return student + teacher


def layer_times(c: Configurations, s: Sizes, rates: Rates, k: ThroughputConstants) -> LayerTimes:
    """Compute, traffic and launches of a stage's layers and of the head."""
    fused = is_fused(c)
    again = np.where(s.frozen, 0.0, k.recompute_passes * s.recomputes)
    streams = _streams(s) + again
    fresh = freshness(c, k)
    return LayerTimes(
        matmul=_matmul(c, s, rates, k) * (passes(c, s, k) + again),
        attention=_attention(c, s, rates, k, fused=fused, again=again),
        elementwise=_elementwise(c, s, rates, k, fused=fused, streams=streams) * fresh,
        dequantise=_dequantise(c, s, rates, k, again=again),
        launch=_launch(c, s, k, fused=fused) * streams * fresh,
        waiting=_waiting(c, s, k) * streams * fresh,
        head=_head(c, s, rates, k, fused=fused),
    )


def _streams(s: Sizes) -> FloatArray:
    """Passes of memory-bound work: the backward pass moves 1.5 times the forward pass. [1]"""
    made: FloatArray = np.where(s.frozen, 1.0, 2.5)
    return made


def _matmul(c: Configurations, s: Sizes, r: Rates, k: ThroughputConstants) -> FloatArray:
    """One forward pass: 2 · weights · tokens / rate, with the losses by shape. [s]

    An expert sees only the tokens that are sent to it, and its matrices are as narrow as its own
    feed-forward block.
    """
    active = np.maximum(c.experts_per_token, 1.0) / np.maximum(c.experts, 1.0)
    chosen = np.where(s.experts, np.minimum(s.routed * active, 0.9 * s.active_layers), 0.0)
    few = k.token_loss * r.balance * cores(c) / s.tokens
    narrow = k.width_loss * r.balance * c.tensor_parallel / c.hidden
    weights = (s.active_layers - chosen) * (1.0 + few + narrow)
    each = s.tokens * s.expert_parallel * active
    width = c.ffn_hidden / np.maximum(c.experts_per_token, 1.0)
    losses = 1.0 + k.token_loss * r.balance / each + k.width_loss * r.balance / width
    weights = weights + chosen * losses * k.expert_loss
    share = 2.0 * s.tokens / c.pipeline_parallel / c.tensor_parallel
    return share * weights / r.narrow_flop_per_s


def _attention(
    c: Configurations,
    s: Sizes,
    r: Rates,
    k: ThroughputConstants,
    *,
    fused: BoolArray,
    again: FloatArray,
) -> FloatArray:
    """Scores and their products with the values: 4 · s · h · tokens a layer. [s]

    Causal flash attention skips half; without flash the scores are also stored and read.
    """
    width = c.heads * c.head_dim
    causal = c.flash & ~c.encoder
    seen = c.sequence * np.where(causal, 0.5, 1.0)
    flop = 4.0 * seen * width * s.local_layers / c.tensor_parallel * s.tokens
    recent = is_one_of(c.generation, FUSED_ATTENTION)
    made_for_it = recent & is_one_of(c.stack, OWN_ATTENTION)
    flash = np.where(recent, k.attention_flash_recent, k.attention_flash)
    flash = np.where(made_for_it, k.attention_flash_fused, flash)
    plain = np.where(c.head_dim % ALIGNED == 0, k.attention_plain, k.attention_unaligned)
    rate = r.wide_flop_per_s * np.where(c.flash, flash, plain) * head_fill(c)
    selective = (c.checkpointing == Checkpointing.SELECTIVE).astype(np.float64)
    times = np.where(s.frozen, 1.0, 3.0) + again + selective
    scores = s.tokens * c.sequence * c.heads / c.tensor_parallel * s.local_layers
    stored = np.where(c.flash, 0.0, k.score_bytes * scores / r.bandwidth_bytes_per_s)
    stored = stored * _elementwise_factor(c, s, k, fused=fused)
    made: FloatArray = flop / rate * times + stored * (_streams(s) + again + selective)
    return made


def _elementwise_factor(
    c: Configurations, s: Sizes, k: ThroughputConstants, *, fused: BoolArray
) -> FloatArray:
    mixed = (c.compute == Compute.FP16_MIXED) | (c.compute == Compute.BF16_MIXED)
    autocast = mixed & (c.stack == Stack.HF_TRAINER)
    older = ~c.flash & is_one_of(c.stack, FUSED_KERNELS)
    factor = np.where(fused, k.elementwise_fused, np.where(older, k.elementwise_fused_old, 1.0))
    factor = factor * np.where(autocast, k.elementwise_amp, 1.0)
    return factor * np.where(s.wide, 2.0, 1.0)


def _elementwise(
    c: Configurations,
    s: Sizes,
    r: Rates,
    k: ThroughputConstants,
    *,
    fused: BoolArray,
    streams: FloatArray,
) -> FloatArray:
    """Norms, residuals, activations, dropout, rotations: bytes over bandwidth. [s]"""
    ffn = c.ffn_hidden * (1.0 + 0.5 * c.gated) / (4.0 * c.hidden)
    kept = np.where(fused, k.replicated_sequence_parallel, k.replicated_tensor_parallel)
    shared = kept + (1.0 - kept) / c.tensor_parallel
    units = s.tokens * c.hidden * s.local_layers
    traffic = k.elementwise_bytes * (0.5 + 0.5 * ffn) * shared
    traffic = traffic * _elementwise_factor(c, s, k, fused=fused)
    # products in fp8 or fp4 read inputs that were scaled and cast
    inputs = (2.0 * c.hidden + c.heads * c.head_dim + c.ffn_hidden) / c.hidden / c.tensor_parallel
    narrow = (c.compute == Compute.FP8) | (c.compute == Compute.FP4)
    traffic = traffic + np.where(narrow, k.cast_bytes * inputs, 0.0)
    # tokens are sorted to their experts and back
    traffic = traffic + k.expert_bytes * c.experts_per_token * s.experts / c.tensor_parallel
    return traffic * units * streams / r.bandwidth_bytes_per_s


def _dequantise(
    c: Configurations, s: Sizes, r: Rates, k: ThroughputConstants, *, again: FloatArray
) -> FloatArray:
    """Quantised weights are expanded in every pass, and DoRA takes norms of all weights. [s]"""
    weights = s.all_layers / c.pipeline_parallel / c.tensor_parallel
    gptq = c.storage == Storage.GPTQ
    expanded = np.where(gptq, k.dequantise_bytes_gptq, k.dequantise_bytes)
    traffic = np.where(s.quantised, expanded, 0.0)
    traffic = traffic + np.where(c.tuning == Tuning.DORA, k.dora_bytes, 0.0)
    return traffic * weights / r.bandwidth_bytes_per_s * (2.0 + again)


def _launch(c: Configurations, s: Sizes, k: ThroughputConstants, *, fused: BoolArray) -> FloatArray:
    """Floor of one pass of a stage's layers: kernels cannot be launched faster. [s]"""
    compiled = (c.stack == Stack.JAX) | (c.generation == Generation.TPU)
    factor = np.where(c.stack == Stack.HF_TRAINER, k.launch_hf, 1.0)
    factor = factor * np.where(s.peft, k.launch_peft, 1.0) * np.where(s.experts, 2.0, 1.0)
    factor = factor * k.launch_rebuilt**c.rebuilds
    factor = factor * np.where(compiled, k.launch_compiled, np.where(fused, k.launch_fused, 1.0))
    doublings = np.log2(c.tensor_parallel) / 3.0
    each = k.launch_seconds * factor + k.launch_tensor_parallel_seconds * doublings
    return each * s.local_layers


def _waiting(c: Configurations, s: Sizes, k: ThroughputConstants) -> FloatArray:
    """One pass of a stage's layers of experts; compilers fix the counts beforehand. [s]"""
    compiled = is_one_of(c.generation, COMPILED) | (c.stack == Stack.JAX)
    waits = s.experts & ~compiled
    return np.where(waits, k.expert_wait_seconds * s.local_layers, 0.0)


def _head(
    c: Configurations, s: Sizes, r: Rates, k: ThroughputConstants, *, fused: BoolArray
) -> FloatArray:
    """Logits and loss; masked-language models predict 15 % of the tokens (devlin2019). [s]"""
    pretrains = c.tuning == Tuning.PRETRAIN
    share = np.where(c.encoder, np.where(pretrains, 0.15, 0.0), 1.0)
    share = np.where(c.encoder_decoder, TARGET_SHARE, share)
    times = np.where(s.peft, 2.0, np.where(s.frozen, 1.0, 3.0))
    entries = s.tokens * c.vocabulary / c.tensor_parallel
    products = 2.0 * entries * c.hidden / r.wide_flop_per_s * times
    traffic = k.logit_bytes * np.where(fused, k.logit_fused, 1.0) * entries
    return share * (products + traffic / r.bandwidth_bytes_per_s)
