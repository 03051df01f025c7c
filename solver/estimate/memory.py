"""Memory of one accelerator in training, part by part, with an interval.

Every part is affine in `micro_batch` while all else is equal: the planner solves for the largest
micro-batch from two evaluations. Formulas and sources are in `docs/estimates.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.activations import activation_bytes, logit_bytes
from solver.estimate.chunks import in_chunks
from solver.estimate.configurations import Compute, Optimizer, Sharding, Stack, Storage, Tuning
from solver.estimate.constants import memory_constants
from solver.estimate.shape import sizes

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray, IntArray
    from solver.estimate.constants import MemoryConstants
    from solver.estimate.shape import Sizes

MASTER_STACKS = (Stack.MEGATRON, Stack.MLPERF, Stack.NVIDIA_EXAMPLES)
"""Stacks that keep 16-bit weights and an fp32 master copy in the optimiser."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one accelerator, shape (n,)."""

    weights: FloatArray
    gradients: FloatArray
    optimizer: FloatArray
    activations: FloatArray
    logits: FloatArray
    buffers: FloatArray
    """Gathered weights, buckets, expanded quantised weights."""
    context: FloatArray
    """Framework and device context."""
    upper_factor: FloatArray
    """Upper end of the interval that holds 80 % over the total. [ratio]"""
    lower_factor: FloatArray
    evidence: IntArray
    """Codes of `EvidenceCode`."""

    @property
    def total(self) -> FloatArray:
        """Median of the peak. [byte]"""
        state = self.weights + self.gradients + self.optimizer
        return state + self.activations + self.logits + self.buffers + self.context

    @property
    def upper(self) -> FloatArray:
        """90th percentile of the peak: what must fit. [byte]"""
        return self.total * self.upper_factor

    @property
    def lower(self) -> FloatArray:
        """10th percentile of the peak. [byte]"""
        return self.total * self.lower_factor


def memory(c: Configurations, constants: MemoryConstants | None = None) -> Memory:
    """Peak memory of one accelerator by part.

    Args:
        c: configurations, any number; evaluated in pieces on two threads.
        constants: the fitted constants; the shipped ones by default.
    """
    k = constants or memory_constants()
    return in_chunks(lambda piece: _memory(piece, k), c)


def _memory(c: Configurations, k: MemoryConstants) -> Memory:
    s = sizes(c)
    split = _splits(c)
    gradients = gradient_bytes(c, s)
    spread = k.spreads["all"]
    return Memory(
        weights=weight_bytes(c, s, k) / split.weights,
        gradients=gradients / split.gradients,
        optimizer=optimizer_bytes(c, s, k) / split.optimizer,
        activations=activation_bytes(c, s, k),
        logits=logit_bytes(c, k),
        buffers=_buffer_bytes(c, s, k, gradients),
        context=np.full(len(c), k.context_bytes),
        upper_factor=np.full(len(c), np.exp(1.2816 * spread.slow_log_sd)),
        lower_factor=np.full(len(c), np.exp(-1.2816 * spread.fast_log_sd)),
        evidence=np.ones(len(c), dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class _Splits:
    """Into how many parts data-parallel ranks split each kind of state. [1]"""

    weights: FloatArray
    gradients: FloatArray
    optimizer: FloatArray


def _splits(c: Configurations) -> _Splits:
    replicas = c.data_parallel * c.context_parallel
    return _Splits(
        np.where(c.sharding >= Sharding.WEIGHTS, replicas, 1.0),
        np.where(c.sharding >= Sharding.GRADIENTS, replicas, 1.0),
        np.where(c.sharding >= Sharding.OPTIMIZER, replicas, 1.0),
    )


def has_masters(c: Configurations, s: Sizes) -> BoolArray:
    """True where 16-bit weights have an fp32 copy in the optimiser instead of autocast."""
    return np.isin(c.stack, MASTER_STACKS) & ~s.wide & ~s.peft


def weight_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Weights of one model-parallel rank before data-parallel sharding. [byte]

    fp32: 4. Pure bf16, frozen weights and stacks with master copies: 2. Autocast keeps fp32
    weights and a 16-bit cache of them, which full sharding replaces by its gathered blocks.
    """
    parts = c.tensor_parallel * c.pipeline_parallel
    half = (c.compute == Compute.BF16_PURE) | s.peft | s.frozen | has_masters(c, s)
    cache = np.where(c.sharding == Sharding.WEIGHTS, 0.0, 2.0)
    each = np.where(s.wide, 4.0, np.where(half, 2.0, 4.0 + cache))
    layer = np.where(c.storage == Storage.NF4, k.nf4_bytes, k.int8_bytes)
    layers = np.maximum(c.parameters - s.embedding, 0.0)
    quantised = layer * layers + k.quantised_embedding_bytes * s.embedding
    quantised = quantised + 4.0 * c.trainable_parameters
    adapters = np.where(s.peft, 4.0 * c.trainable_parameters, 0.0)
    plain = each * c.parameters + adapters
    teacher = np.where(c.tuning == Tuning.DISTILLATION, 2.0 * c.teacher_active_parameters, 0.0)
    return (np.where(s.quantised, quantised, plain) + teacher) / parts


def gradient_bytes(c: Configurations, s: Sizes) -> FloatArray:
    """Gradients of the trainable weights of one model-parallel rank. [byte]"""
    parts = c.tensor_parallel * c.pipeline_parallel
    masters = has_masters(c, s)
    half = np.where(c.compute == Compute.FP16_MIXED, 2.0, 4.0)
    pure = (c.compute == Compute.BF16_PURE) & ~s.peft
    each = np.where(pure, 2.0, np.where(masters, half, 4.0))
    return each * c.trainable_parameters / parts


def optimizer_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Optimiser state of one model-parallel rank, 0 where it lies in host memory. [byte]"""
    parts = c.tensor_parallel * c.pipeline_parallel
    pure = (c.compute == Compute.BF16_PURE) & ~s.peft
    adam = np.where(pure, 4.0, np.where(has_masters(c, s), k.megatron_optimizer_bytes, 8.0))
    each = np.select(
        [
            c.optimizer == Optimizer.ADAMW_8BIT,
            c.optimizer == Optimizer.ADAFACTOR,
            c.optimizer == Optimizer.SGD,
        ],
        [np.full(len(c), k.optimizer_8bit_bytes), np.full(len(c), 0.2), np.zeros(len(c))],
        adam,
    )
    return np.where(c.offload, 0.0, each * c.trainable_parameters / parts)


def _buffer_bytes(
    c: Configurations, s: Sizes, k: MemoryConstants, gradients: FloatArray
) -> FloatArray:
    """Gathered blocks of full sharding, gradient buckets, one expanded quantised block. [byte]"""
    parts = c.tensor_parallel * c.pipeline_parallel
    block = np.maximum(s.all_layers / parts / s.local_layers, 0.5 * s.embedding / parts)
    several = c.data_parallel > 1
    sharded = (c.sharding == Sharding.WEIGHTS) & several
    gathered = np.where(sharded, k.gathered_blocks * block * 4.0, 0.0)
    expanded = np.where(s.quantised, 0.8 * block, 0.0)
    buckets = np.where(several & ~sharded & ~has_masters(c, s), gradients, 0.0)
    return gathered + expanded + buckets
