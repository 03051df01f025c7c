"""Memory of what the forward pass keeps for the backward pass, and of the logits.

Every term counts the tensors that automatic differentiation keeps, as read in the operations of a
layer: widths times bytes for each token and layer. All are proportional to the micro-batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Stack,
    Storage,
    Tuning,
    is_one_of,
)

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray
    from solver.estimate.constants import MemoryConstants
    from solver.estimate.shape import Sizes

LEAN_STACKS = (Stack.MEGATRON, Stack.MLPERF, Stack.JAX, Stack.PYTORCH_FSDP)
"""Stacks whose fused or compiled norms keep their 16-bit input only."""

EXPANDING_STACKS = (Stack.HF_TRAINER, Stack.OTHER)
"""Stacks that repeat shared keys and values for every query head."""

SCORE_SELECTIVE_STACKS = (Stack.MEGATRON, Stack.MLPERF, Stack.NVIDIA_EXAMPLES)
"""Stacks whose selective checkpointing drops the attention scores and nothing else."""

FUSED_SCORE_BYTES = 5.0
"""Kept for one attention score by stacks with a fused softmax in 16 bits: its result, what dropout
leaves of it, and the mask (korthikanti2022, equation 1). [byte]"""

SCORE_GRADIENT_BYTES = 9.0
"""Taken for one attention score in 16 bits while a layer of plain attention is gone back through:
7.4 copies of two bytes less the 2.9 that are kept (fitcheck2026). [byte]"""

WIDENED_LOGIT_BYTES = 14.0
"""Kept for one token and vocabulary entry where the head is in fp32: log-softmax and two gradients,
and the outputs again in loops that keep them: the middle of 12 and 16 (fitcheck2026). [byte]"""

LOSSES_IN_FP32 = (Stack.HF_TRAINER, Stack.PYTORCH_FSDP)
"""Stacks whose losses are PyTorch's own: a log-softmax and two gradients in fp32."""

MIXED = (Compute.FP16_MIXED, Compute.BF16_MIXED, Compute.FP8, Compute.FP4)
"""Formats of products that leave the rest wider."""

RANKED = (Tuning.LORA, Tuning.DORA, Tuning.QLORA)
"""Methods whose adapters read the inputs of linear maps."""


@dataclass(frozen=True, slots=True)
class Activations:
    """Bytes of one accelerator, shape (n,)."""

    kept: FloatArray
    """What lies there at the end of the forward pass, and the layer being recomputed."""
    logits: FloatArray
    """Copies of the logits beyond the room that the recomputed layer takes later."""


def activations(c: Configurations, s: Sizes, k: MemoryConstants) -> Activations:
    """Activations and logits at the peak. [byte]

    The logits are gone before a layer is recomputed, so the larger of the two counts. A
    pipeline's first stage holds min(m, pp) micro-batches and has no logits; its last stage may take
    more.

    Source:
        korthikanti2022, section 4, generalised to grouped queries, gated blocks, adapters.
    """
    tokens = s.tokens
    micro_batches = np.minimum(c.accumulation, c.pipeline_parallel)
    held = s.local_layers * micro_batches
    layer = tokens * layer_bytes_per_token(c, s, k)
    inputs = tokens * _input_bytes(c, s) * held
    working = tokens * (k.working_factor * _widest_bytes(c, s) + _score_gradient_bytes(c, s))
    selective = _selective_bytes_per_token(c, s, k) * tokens * held
    kept = np.select(
        [c.checkpointing == Checkpointing.FULL, c.checkpointing == Checkpointing.SELECTIVE],
        [np.where(c.offload_inputs, 0.0, inputs), selective],
        layer * held,
    )
    again = np.where(c.checkpointing == Checkpointing.FULL, layer, 0.0)
    # no gradient passes a frozen backbone: nothing is kept, nothing computed again
    kept = np.where(s.frozen, 0.0, kept)
    again = np.where(s.frozen, 0.0, again) + working
    logits = tokens * logit_bytes_per_token(c, s, k)
    staged = c.pipeline_parallel > 1
    teacher = np.where(staged, 0.0, logits) + 2.0 * working
    teacher = np.where(c.tuning == Tuning.DISTILLATION, teacher, 0.0)
    beyond = np.maximum(logits - again, 0.0)
    last = _last_stage_bytes(c, kept * (1.0 - 1.0 / micro_batches), beyond, tokens)
    return Activations(kept + again, np.where(staged, last, beyond) + teacher)


def _last_stage_bytes(
    c: Configurations, spared: FloatArray, logits: FloatArray, tokens: FloatArray
) -> FloatArray:
    """What the last stage of a pipeline takes beyond the first. [byte]

    PyTorch's schedules return the outputs of a step's micro-batches joined, twice in 16 bits
    (pytorch2025). Elsewhere the activations of more micro-batches outweigh the logits of one.

    Args:
        c: configurations.
        spared: activations of the first stage that the last does not hold. [byte], shape (n,).
        logits: of one micro-batch, beyond the room of a layer. [byte], shape (n,).
        tokens: of one micro-batch. [token], shape (n,).
    """
    outputs = 2.0 * 2.0 * tokens * c.accumulation * c.vocabulary / c.tensor_parallel
    taken = np.maximum(logits + outputs - spared, 0.0)
    return np.where(c.stack == Stack.PYTORCH_FSDP, taken, 0.0)


def layer_bytes_per_token(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """What one layer keeps of one token on one tensor-parallel rank. [byte]

    Products with quantised weights keep their inputs in some software; those of bitsandbytes in
    nf4, as PEFT calls them, keep none (bitsandbytes2025).
    """
    replicated = _norm_bytes(c, s) + _dropout_bytes(c)
    sequence_parallel = c.flash & is_one_of(c.stack, LEAN_STACKS)
    norms = replicated / np.where(sequence_parallel, c.tensor_parallel, 1.0)
    # PyTorch keeps the sequence gathered that the maps read; Megatron gathers it again
    whole = sequence_parallel & (c.stack == Stack.PYTORCH_FSDP) & ~s.peft
    gathered = 2.0 * _half(s) * c.hidden * (1.0 - 1.0 / c.tensor_parallel)
    norms = norms + np.where(whole, gathered, 0.0)
    split = _attention_bytes(c, s, k) + _feed_forward_bytes(c, s) + _adapter_bytes(c, s)
    keeps = s.quantised & ~(s.widened & (c.storage != Storage.INT8))
    quantised = np.where(keeps, k.quantised_input_bytes * _linear_inputs(c), 0.0)
    return k.layer_factor * (norms + (split + quantised) / c.tensor_parallel)


def _selective_bytes_per_token(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """What one layer keeps of one token with selective checkpointing. [byte]

    Megatron recomputes the attention scores only (korthikanti2022); PyTorch keeps the results of
    every other matrix product.
    """
    without_scores = layer_bytes_per_token(c.replace(flash=np.ones(len(c), dtype=bool)), s, k)
    scores_only = is_one_of(c.stack, SCORE_SELECTIVE_STACKS)
    return without_scores * np.where(scores_only, 1.0, k.selective_factor)


def _half(s: Sizes) -> FloatArray:
    """Bytes of an activation. [byte]"""
    return np.where(s.wide, 4.0, 2.0)


def _autocast(c: Configurations, s: Sizes) -> BoolArray:
    """True where weights and the residual stream stay in fp32 and products are cast."""
    mixed = (c.compute == Compute.FP16_MIXED) | (c.compute == Compute.BF16_MIXED)
    made: BoolArray = mixed & (c.stack == Stack.HF_TRAINER) & ~s.peft
    return made


def _reads_inputs(s: Sizes) -> FloatArray:
    """1 where the weights of the linear maps train and therefore keep their inputs, else 0."""
    made: FloatArray = (~s.peft & ~s.frozen).astype(np.float64)
    return made


def _norm_bytes(c: Configurations, s: Sizes) -> FloatArray:
    """Two norms: their inputs, and their outputs where the next weights train.

    Norms without mean (taken to go with gated blocks) run in fp32 in plain PyTorch: input, and
    normalised output before the gain where that trains, have four bytes there.
    """
    plain = ~is_one_of(c.stack, LEAN_STACKS)
    half = _half(s)
    wide = np.where(_autocast(c, s) | s.widened, 4.0, half)
    first = np.where(plain & c.gated, 4.0, wide)
    trains = _reads_inputs(s)
    gain = np.where(plain & c.gated, half, 0.0)
    cast = np.where(_autocast(c, s), 2.0, 0.0)
    made: FloatArray = 2.0 * c.hidden * (first + trains * (wide + gain + cast))
    return made


def _dropout_bytes(c: Configurations) -> FloatArray:
    """Masks of the two residual dropouts that encoders and their kin train with. [byte]"""
    return np.where(c.encoder | c.encoder_decoder, 2.0 * c.hidden, 0.0)


def _attention_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Queries, keys, values, result; the scores of plain attention."""
    query = c.heads * c.head_dim
    key = np.where(is_one_of(c.stack, EXPANDING_STACKS), c.heads, c.kv_heads) * c.head_dim
    half = _half(s)
    fused = is_one_of(c.stack, SCORE_SELECTIVE_STACKS)
    each = np.where(fused, FUSED_SCORE_BYTES, k.score_bytes)
    scores = 0.5 * half * each * c.heads * c.sequence
    return half * (2.0 * query + 2.0 * key) + np.where(c.flash, 0.0, scores)


def _feed_forward_bytes(c: Configurations, s: Sizes) -> FloatArray:
    """Inputs of the activation and, with a gate, of the product; the last map's where it trains."""
    kept = np.where(c.gated, 3.0, 1.0) + _reads_inputs(s)
    return _half(s) * c.ffn_hidden * kept


def _adapter_bytes(c: Configurations, s: Sizes) -> FloatArray:
    """Inputs that adapters keep for themselves, with a dropout mask.

    In the format of the adapter's weights, which autocast narrows to 16 bits. Methods that scale
    results keep one number for each weight they train.

    A LoRA of rank r on a map of a inputs and b outputs has r (a + b) weights, so that half of the
    weights over the rank is about the sum of the inputs. Bottleneck adapters read the residual
    stream twice and keep their hidden layer.
    """
    ranked = is_one_of(c.tuning, RANKED)
    mixed = (c.compute == Compute.FP16_MIXED) | (c.compute == Compute.BF16_MIXED)
    each = np.where(mixed, 2.0, c.adapter_bytes) + c.adapter_dropout
    inputs = 0.5 * c.trainable_parameters / np.maximum(c.rank, 1.0) / c.layers
    most = np.where(c.gated, 6.0, 5.0) * c.hidden + c.ffn_hidden
    # more weights than adapters on every map of that rank can have: the rank is not the real one,
    # and the maps are those that software adapts by default, queries and values
    inputs = np.where(inputs > 1.5 * most, 2.0 * c.hidden, np.minimum(inputs, most))
    inputs = np.where(c.adapter_inputs > 0, c.adapter_inputs, inputs)
    made = np.where(ranked, inputs * each, 0.0)
    made = np.where(c.tuning == Tuning.ADAPTER, 4.0 * _half(s) * c.hidden, made)
    scaled = np.minimum(c.trainable_parameters / c.layers, _linear_outputs(c))
    return np.where(c.tuning == Tuning.IA3, _half(s) * scaled, made)


def _linear_inputs(c: Configurations) -> FloatArray:
    """Distinct inputs of the linear maps of a layer. [1]"""
    return 2.0 * c.hidden + c.heads * c.head_dim + c.ffn_hidden


def _linear_outputs(c: Configurations) -> FloatArray:
    """Outputs of all linear maps of a layer. [1]"""
    attention = c.heads * c.head_dim + 2.0 * c.kv_heads * c.head_dim + c.hidden
    return attention + (1.0 + c.gated) * c.ffn_hidden + c.hidden


def _input_bytes(c: Configurations, s: Sizes) -> FloatArray:
    """The input of a layer, all that full checkpointing keeps of one token. [byte]"""
    width = np.where(_autocast(c, s) | s.widened, 4.0, _half(s))
    shared = np.where((c.tensor_parallel > 1) & c.flash, c.tensor_parallel, 1.0)
    return width * c.hidden / shared


def _widest_bytes(c: Configurations, s: Sizes) -> FloatArray:
    """The largest tensor of a layer for one token. [byte]"""
    return _half(s) * np.maximum(c.ffn_hidden, c.hidden) / c.tensor_parallel


def _score_gradient_bytes(c: Configurations, s: Sizes) -> FloatArray:
    """Gradients of one layer's scores for one token where plain attention stores them. [byte]"""
    each = 0.5 * _half(s) * SCORE_GRADIENT_BYTES
    plain = ~c.flash & is_one_of(c.stack, EXPANDING_STACKS)
    return np.where(plain, each * c.heads * c.sequence / c.tensor_parallel, 0.0)


def logit_bytes_per_token(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Copies of one token's logits around the loss on one accelerator. [byte]

    None for encoders without a language-model head; masked-language models keep 15 % of the
    tokens (devlin2019). Of a pipeline only the last stage has logits.
    """
    share = np.where(c.encoder, np.where(c.tuning == Tuning.PRETRAIN, 0.15, 0.0), 1.0)
    share = np.where(c.tuning == Tuning.LINEAR_PROBE, 0.0, share)
    # PyTorch's losses run in fp32 but where the whole model is in bf16
    mixed = is_one_of(c.compute, MIXED) & is_one_of(c.stack, LOSSES_IN_FP32)
    each = np.where(mixed, k.logit_bytes_converted, k.logit_bytes)
    each = np.where(s.widened, WIDENED_LOGIT_BYTES, each)
    each = np.where(c.chunked_loss, k.logit_bytes_chunked, each)
    return share * each * c.vocabulary / c.tensor_parallel
