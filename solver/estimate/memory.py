"""Memory of one accelerator in training, part by part, with an interval.

With several micro-steps every part is affine in `micro_batch` while all else is equal: the planner
solves for the largest micro-batch from two evaluations. With a single micro-step the gradients
take the room that activations free, so the total is the larger of two affine functions there.
Formulas and sources are in `docs/estimates.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.activations import activations
from solver.estimate.chunks import in_chunks
from solver.estimate.configurations import (
    Compute,
    Optimizer,
    Sharding,
    Stack,
    Storage,
    Tuning,
    is_one_of,
)
from solver.estimate.constants import memory_constants
from solver.estimate.evidence import evidence_codes, spread_of
from solver.estimate.shape import sizes

if TYPE_CHECKING:
    from solver.estimate.activations import Activations
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray, IntArray
    from solver.estimate.constants import MemoryConstants
    from solver.estimate.shape import Sizes

MASTER_STACKS = (Stack.MEGATRON, Stack.MLPERF, Stack.NVIDIA_EXAMPLES)
"""Stacks that keep 16-bit weights and an fp32 master copy in the optimiser."""

STACKS = tuple(stack.name for stack in Stack)

MEMORY_REGIMES = ("peft", "whole", "sharded", "model-parallel")
"""Kinds of run whose errors are alike, in the order of their codes."""


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
    """Framework, device context, and what the allocator reserves beyond what it hands out."""
    reserved: FloatArray
    """Median of the peak that the allocator takes from the device: all but the context."""
    upper_factor: FloatArray
    """Upper end of the interval that holds 80 % over the total. [ratio]"""
    lower_factor: FloatArray
    evidence: IntArray
    """Codes of `EvidenceCode`."""

    @property
    def allocated(self) -> FloatArray:
        """Median of the peak that the framework's allocator hands out. [byte]"""
        state = self.weights + self.gradients + self.optimizer
        return state + self.activations + self.logits + self.buffers

    @property
    def total(self) -> FloatArray:
        """Median of the peak that the device sees. [byte]"""
        return self.allocated + self.context

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
    live = activations(c, s, k)
    whole = gradient_bytes(c, s, k)
    parts = {
        "weights": weight_bytes(c, s, k) / split.weights,
        "gradients": _gradients_at_peak(c, s, whole / split.gradients, live),
        "optimizer": optimizer_bytes(c, s, k) / split.optimizer,
        "activations": live.kept,
        "logits": live.logits,
        "buffers": _buffer_bytes(c, s, k, whole),
    }
    allocated = sum(parts.values(), start=np.zeros(len(c)))
    evidence = evidence_codes(c, s, c.stack, STACKS, k.evidence)
    slow, fast = spread_of(
        memory_regimes(c, s), MEMORY_REGIMES, k.spreads, evidence, k.unseen_widening
    )
    return Memory(
        **parts,
        context=k.context_bytes + (k.fragmentation - 1.0) * allocated,
        reserved=k.fragmentation * allocated,
        upper_factor=np.exp(1.2816 * slow),
        lower_factor=np.exp(-1.2816 * fast),
        evidence=evidence,
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
    return is_one_of(c.stack, MASTER_STACKS) & ~s.wide & ~s.peft


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
    adapters = np.where(s.peft, c.adapter_bytes * c.trainable_parameters, 0.0)
    teacher = np.where(c.tuning == Tuning.DISTILLATION, 2.0 * c.teacher_active_parameters, 0.0)
    return (np.where(s.quantised, quantised, each * c.parameters) + adapters + teacher) / parts


def gradient_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Gradients of the trainable weights of one model-parallel rank. [byte]"""
    parts = c.tensor_parallel * c.pipeline_parallel
    each = np.where(has_masters(c, s), k.megatron_gradient_bytes, 4.0)
    each = np.where(c.compute == Compute.BF16_PURE, 2.0, each)
    each = np.where(s.peft, c.adapter_bytes, each)
    return each * c.trainable_parameters / parts


def optimizer_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Optimiser state of one model-parallel rank, 0 where it lies in host memory. [byte]"""
    parts = c.tensor_parallel * c.pipeline_parallel
    adam = np.where(has_masters(c, s), k.megatron_optimizer_bytes, 8.0)
    adam = np.where(c.compute == Compute.BF16_PURE, 4.0, adam)
    adam = np.where(s.peft, 2.0 * c.adapter_bytes, adam)
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


def _gradients_at_peak(
    c: Configurations, s: Sizes, gradients: FloatArray, live: Activations
) -> FloatArray:
    """Gradients beside the activations. [byte]

    With several micro-steps, with buckets or with a buffer of their own they are there all the
    time. In a single micro-step they grow while activations go, so only the excess counts.
    """
    buckets = (c.data_parallel > 1) & (c.sharding < Sharding.WEIGHTS)
    lasting = (c.accumulation > 1) | buckets | has_masters(c, s)
    return np.where(lasting, gradients, np.maximum(gradients - live.kept - live.logits, 0.0))


def _buffer_bytes(
    c: Configurations, s: Sizes, k: MemoryConstants, gradients: FloatArray
) -> FloatArray:
    """Gathered blocks of full sharding, gradient buckets, one expanded quantised map. [byte]

    Full sharding keeps the embeddings gathered from the first use to the last.
    """
    parts = c.tensor_parallel * c.pipeline_parallel
    block = s.all_layers / parts / s.local_layers
    twice = np.where(s.peft, 1.0, 2.0)
    several = c.data_parallel > 1
    sharded = (c.sharding == Sharding.WEIGHTS) & several
    roots = np.where(c.pipeline_parallel > 1, 0.0, s.embedding / parts)
    gathered = 2.0 * twice * (k.gathered_blocks * block + roots)
    # between micro-steps a pipeline stage keeps its weights and their fp32 gradients whole; no
    # more can be gathered than the other ranks hold
    stage = (2.0 * c.parameters + 4.0 * c.trainable_parameters) / parts
    others = 1.0 - 1.0 / np.maximum(c.data_parallel * c.context_parallel, 1.0)
    every = (2.0 * c.parameters + gradients * parts) / parts * others
    gathered = np.where(c.pipeline_parallel > 1, stage * others, np.minimum(gathered, every))
    widest = 2.0 * c.hidden * np.maximum(c.ffn_hidden, c.hidden) / c.tensor_parallel
    expanded = np.where(s.quantised, widest, 0.0)
    buckets = np.where(several & ~sharded & ~has_masters(c, s), gradients, 0.0)
    return np.where(sharded, gathered, 0.0) + expanded + buckets


def memory_regimes(c: Configurations, s: Sizes) -> IntArray:
    """Position of each configuration's regime in `MEMORY_REGIMES`."""
    sharded = (c.sharding == Sharding.WEIGHTS) & (c.data_parallel > 1)
    parallel = c.tensor_parallel * c.pipeline_parallel > 1
    whole = np.where(s.peft, 0, 1)
    return np.where(parallel, 3, np.where(sharded, 2, whole))
