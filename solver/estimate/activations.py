"""Memory of what the forward pass keeps for the backward pass, and of the logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.configurations import Checkpointing, Compute, Stack, Tuning

if TYPE_CHECKING:
    from solver.estimate.configurations import Configurations, FloatArray
    from solver.estimate.constants import MemoryConstants
    from solver.estimate.shape import Sizes


def activation_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Activations at their peak on one accelerator. [byte]

    Source:
        korthikanti2022, section 4, generalised to grouped queries and gated blocks; a pipeline's
        first stage holds min(m, pp) micro-batches.
    """
    tokens = c.micro_batch * c.sequence / c.context_parallel
    one = linear_bytes_per_token(c, s) * tokens
    factor = np.where(s.peft, k.layer_factor_peft, k.layer_factor)
    mixed = (c.compute == Compute.FP16_MIXED) | (c.compute == Compute.BF16_MIXED)
    factor = factor * np.where(
        mixed & (c.stack == Stack.HF_TRAINER) & ~s.peft, k.layer_factor_amp, 1.0
    )
    factor = factor * np.where(c.encoder, 1.15, 1.0)
    scores = np.where(s.wide, 2.0, 1.0) * k.score_bytes * c.heads * c.sequence / c.tensor_parallel
    layer = one * factor + np.where(c.flash, 0.0, scores * tokens)
    held = s.local_layers * np.minimum(c.accumulation, c.pipeline_parallel)
    shared = np.where((c.tensor_parallel > 1) & c.flash, c.tensor_parallel, 1.0)
    inputs = tokens * c.hidden * np.where(s.wide, 4.0, 2.0) / shared * held
    recomputed = inputs + k.live_layers * layer
    selective = k.selective_factor * one * k.layer_factor * held
    made = np.select(
        [c.checkpointing == Checkpointing.FULL, c.checkpointing == Checkpointing.SELECTIVE],
        [recomputed, selective],
        layer * held,
    )
    made = np.where(s.frozen, 2.0 * layer, made)
    teacher = c.tuning == Tuning.DISTILLATION
    return made * k.fragmentation + np.where(teacher, 2.0 * layer, 0.0)


def linear_bytes_per_token(c: Configurations, s: Sizes) -> FloatArray:
    """What one layer keeps of one token, attention scores aside. [byte]"""
    width = np.where(s.wide, 4.0, 2.0)
    shared = np.where(c.tensor_parallel > 1, 0.9 * c.tensor_parallel, 1.0)
    attention = c.hidden * (6.0 + 2.0 * s.kv_ratio)
    ffn = c.ffn_hidden * (2.0 + 2.0 * c.gated)
    return width * (attention + ffn) / shared


def logit_bytes(c: Configurations, k: MemoryConstants) -> FloatArray:
    """Copies of the logits around the loss on one accelerator. [byte]

    None for encoders without a language-model head; masked-language models keep 15 % of the
    tokens. Only the last pipeline stage has logits, and it holds one micro-batch where the first
    stage, which sets the peak, holds several.
    """
    tokens = c.micro_batch * c.sequence / c.context_parallel
    share = np.where(c.encoder, np.where(c.tuning == Tuning.PRETRAIN, 0.15, 0.0), 1.0)
    share = np.where(c.pipeline_parallel > 1, 0.0, share)
    share = np.where(c.tuning == Tuning.LINEAR_PROBE, 0.0, share)
    each = np.where(c.chunked_loss, k.logit_bytes_chunked, k.logit_bytes)
    return share * each * tokens * c.vocabulary / c.tensor_parallel
