"""Memory of one accelerator in training, part by part, with an interval.

The total is convex in `micro_batch` while all else is equal, a maximum of affine phases: backward
pass or update, gradients beside activations or in their room. The planner bounds the largest
micro-batch by the chord of two evaluations, which never promises too little.
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
from solver.estimate.matmul import cores
from solver.estimate.shape import sizes

if TYPE_CHECKING:
    from solver.estimate.activations import Activations
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray, IntArray
    from solver.estimate.constants import MemoryConstants
    from solver.estimate.shape import Sizes

COPYING_STACKS = (Stack.HF_TRAINER, Stack.OTHER)
"""Stacks whose AdamW takes a copy of one moment; fused ones update each weight in place."""

MASTER_STACKS = (Stack.MEGATRON, Stack.MLPERF, Stack.NVIDIA_EXAMPLES)
"""Stacks that keep 16-bit weights and an fp32 master copy in the optimiser."""

STACKS = tuple(stack.name for stack in Stack)

COPIED_GRADIENT_BYTES = 8.0
"""Gradients of one weight at an update that flattens them and widens the copy: 2 + 2 + 4
(internevo2024). [byte]"""

DOUBLE_SAVED_BYTES = 0.0466
"""What quantised scales save of one nf4 weight: 4/64 less 1/64 and 4/(64 · 256). [byte]"""

GPTQ_BYTES = 0.52
"""One weight in four bits with a 16-bit scale and a 4-bit zero for each 128. [byte]"""

GPTQ_EXPANDED_BYTES = 14.0
"""One weight while GPTQ kernels for training expand it: two 32-bit and three 16-bit copies. [byte]
"""

MEMORY_REGIMES = ("peft", "whole", "sharded", "model-parallel", "quantised")
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
    gradients = whole / split.gradients
    at_peak = _gradients_at_peak(c, s, gradients, live)
    buffers = _buffer_bytes(c, s, k, whole)
    in_backward = at_peak + live.kept + live.logits + buffers
    cache = _cache_bytes(c, s)
    in_step = gradients + _step_bytes(c, s, k) / split.optimizer - cache
    parts = {
        "weights": weight_bytes(c, s, k) / split.weights,
        "gradients": at_peak,
        "optimizer": optimizer_bytes(c, s, k) / split.optimizer,
        "activations": live.kept,
        "logits": live.logits,
        "buffers": buffers + np.maximum(in_step - in_backward, 0.0),
    }
    parts["buffers"] = parts["buffers"] + _loading_bytes(c, split, parts)
    allocated = sum(parts.values(), start=np.zeros(len(c)))
    # the copies of an update find no room where the narrower 16-bit weights lay: the allocator
    # keeps both
    kept = np.maximum(in_step + cache - in_backward, 0.0) - np.maximum(in_step - in_backward, 0.0)
    reserved = k.fragmentation * (allocated + kept)
    evidence = evidence_codes(c, s, c.stack, STACKS, k.evidence)
    slow, fast = spread_of(
        memory_regimes(c, s), MEMORY_REGIMES, k.spreads, evidence, k.unseen_widening
    )
    return Memory(
        **parts,
        context=k.context_bytes + _collective_bytes(c, k) + reserved - allocated,
        reserved=reserved,
        upper_factor=np.exp(1.2816 * slow),
        lower_factor=np.exp(-1.2816 * fast),
        evidence=evidence,
    )


@dataclass(frozen=True, slots=True)
class _Splits:
    """Into how many parts data-parallel ranks split each kind of state. [1]

    Half a part where a chip holds two replicas.
    """

    weights: FloatArray
    gradients: FloatArray
    optimizer: FloatArray


def _splits(c: Configurations) -> _Splits:
    replicas = _replicas(c)
    whole = 1.0 / cores(c)
    return _Splits(
        np.where(c.sharding >= Sharding.WEIGHTS, replicas, whole),
        np.where(c.sharding >= Sharding.GRADIENTS, replicas, whole),
        np.where(c.sharding >= Sharding.OPTIMIZER, replicas, whole),
    )


def _replicas(c: Configurations) -> FloatArray:
    """Ranks that hold the same weights, and may split them: those of context parallelism too."""
    return c.data_parallel * c.context_parallel


def has_masters(c: Configurations, s: Sizes) -> BoolArray:
    """True where 16-bit weights have an fp32 copy in the optimiser instead of autocast."""
    return (is_one_of(c.stack, MASTER_STACKS) | c.copies_gradients) & ~s.wide & ~s.peft


def weight_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Weights of one model-parallel rank before data-parallel sharding. [byte]

    fp32: 4, as what is left beside quantised layers where PEFT prepares the model. Pure bf16,
    frozen weights and stacks with master copies: 2. Autocast keeps fp32
    weights and a 16-bit cache of them, which full sharding replaces by its gathered blocks.
    """
    half = _keeps_half(c, s)
    each = np.where(s.wide, 4.0, np.where(half, 2.0, 4.0))
    layer = np.select(
        [c.storage == code for code in (Storage.NF4, Storage.NF4_DOUBLE, Storage.GPTQ)],
        [
            np.full(len(c), each)
            for each in (k.nf4_bytes, k.nf4_bytes - DOUBLE_SAVED_BYTES, GPTQ_BYTES)
        ],
        k.int8_bytes,
    )
    layers = np.maximum(c.parameters - s.embedding, 0.0)
    rest = np.where(s.widened, 4.0, k.quantised_embedding_bytes)
    quantised = layer * layers + rest * s.embedding
    base = np.where(s.quantised, quantised, each * c.parameters) * s.stage_ratio
    adapters = np.where(s.peft, c.adapter_bytes * c.trainable_parameters, 0.0)
    teacher = np.where(c.tuning == Tuning.DISTILLATION, 2.0 * c.teacher_active_parameters, 0.0)
    added = (adapters + teacher) / c.pipeline_parallel
    # software that offloads sharded weights keeps the shards in host memory too
    away = c.offload & (c.sharding == Sharding.WEIGHTS)
    return np.where(away, 0.0, (base + added) / c.tensor_parallel) + _cache_bytes(c, s)


def _keeps_half(c: Configurations, s: Sizes) -> BoolArray:
    """True where weights lie in 16 bits."""
    made: BoolArray = (c.compute == Compute.BF16_PURE) | s.peft | s.frozen | has_masters(c, s)
    return made


def _cache_bytes(c: Configurations, s: Sizes) -> FloatArray:
    """16-bit copies that autocast keeps of fp32 weights from forward to backward pass. [byte]"""
    cached = ~s.wide & ~_keeps_half(c, s) & ~s.quantised & (c.sharding != Sharding.WEIGHTS)
    return np.where(cached, 2.0 * c.parameters * s.stage_ratio / c.tensor_parallel, 0.0)


def _trained(c: Configurations, s: Sizes, *, split: bool = False) -> FloatArray:
    """Trained weights of one model-parallel rank, before data-parallel sharding. [1]

    Ranks that hold different experts split the optimiser's state of each expert among fewer
    replicas: `split` counts all experts, to be divided by all replicas.
    """
    held = np.where(c.sharding >= Sharding.OPTIMIZER, s.update_ratio, s.stage_ratio)
    share = held if split else s.stage_ratio
    share = np.where(s.peft | s.frozen, 1.0 / c.pipeline_parallel, share)
    return c.trainable_parameters * share / c.tensor_parallel


def gradient_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Gradients of the trainable weights of one model-parallel rank. [byte]

    An optimiser that updates in the backward pass holds the gradient of one matrix at a time. One
    in host memory receives what its rank updates there, and keeps none here. DeepSpeed's first
    stage holds bf16 gradients and their sum (deepspeed2022).
    """
    fp16 = c.compute == Compute.FP16_MIXED
    sums = k.megatron_gradient_bytes + np.where(c.sums_gradients, 2.0, 0.0)
    masters = np.where(fp16, k.megatron_gradient_bytes_fp16, sums)
    masters = np.where(c.copies_gradients, COPIED_GRADIENT_BYTES, masters)
    each = np.where(has_masters(c, s), masters, 4.0)
    each = np.where(c.compute == Compute.BF16_PURE, 2.0, each)
    each = np.where(s.peft, c.adapter_bytes, each)
    widest = c.hidden * np.maximum(c.vocabulary, c.ffn_hidden) / c.tensor_parallel
    trained = _trained(c, s)
    held = np.where(c.update_in_backward, np.minimum(widest, trained), trained)
    return np.where(c.offload & (c.sharding >= Sharding.GRADIENTS), 0.0, each * held)


def optimizer_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """Optimiser state of one model-parallel rank, 0 where it lies in host memory. [byte]

    Beside fp16 weights the master copy comes with a gradient in fp32 (megatron2024: 4 + 16 / d
    bytes a weight in fp16, 6 + 12 / d in bf16).
    """
    masters = k.megatron_optimizer_bytes + np.where(c.compute == Compute.FP16_MIXED, 4.0, 0.0)
    adam = np.where(has_masters(c, s), masters, 8.0)
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
    away = c.offload | (c.optimizer == Optimizer.PAGED)
    return np.where(away, 0.0, each * _trained(c, s, split=True))


def _step_bytes(c: Configurations, s: Sizes, k: MemoryConstants) -> FloatArray:
    """What AdamW takes for a moment while it updates the weights of one rank. [byte]

    PyTorch computes the root of all second moments at once, into a copy of them; sharded
    optimisers are fused.
    """
    moment = np.where(c.compute == Compute.BF16_PURE, 2.0, 4.0)
    moment = np.where(s.peft, c.adapter_bytes, moment)
    plain = (c.optimizer == Optimizer.ADAMW) & is_one_of(c.stack, COPYING_STACKS)
    takes = plain & ~c.offload & (c.sharding == Sharding.NONE)
    return np.where(takes, k.step_copies * moment * _trained(c, s), 0.0)


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
    replicas = _replicas(c)
    several = c.data_parallel > 1
    sharded = (c.sharding == Sharding.WEIGHTS) & (replicas > 1)
    roots = np.where(c.pipeline_parallel > 1, 0.0, s.embedding / parts)
    gathered = 2.0 * twice * (k.gathered_blocks * block + roots)
    # between micro-steps a pipeline stage keeps its weights and their fp32 gradients whole; no
    # more can be gathered than the other ranks hold
    stage = (2.0 * c.parameters + 4.0 * c.trainable_parameters) / parts
    others = 1.0 - np.where(c.offload, 0.0, 1.0) / replicas
    every = (2.0 * c.parameters + gradients * parts) / parts * others
    gathered = np.where(c.pipeline_parallel > 1, stage * others, np.minimum(gathered, every))
    widest = c.hidden * np.maximum(c.ffn_hidden, c.hidden) / c.tensor_parallel
    each = np.where(c.storage == Storage.GPTQ, GPTQ_EXPANDED_BYTES, 2.0)
    expanded = np.where(s.quantised, each * widest, 0.0)
    masters = has_masters(c, s)
    buckets = np.where(masters, k.bucket_bytes, gradients)
    buckets = np.where(several & ~sharded, buckets, 0.0)
    return np.where(sharded, gathered, 0.0) + expanded + buckets


def _loading_bytes(c: Configurations, split: _Splits, parts: dict[str, FloatArray]) -> FloatArray:
    """What loading the whole model on each rank takes beyond the peak of training. [byte]"""
    here = c.loads_whole & (c.sharding == Sharding.WEIGHTS) & (_replicas(c) > 1)
    taken = parts["weights"] * (split.weights + 1.0)
    peak = sum(parts.values(), start=np.zeros(len(c)))
    return np.where(here, np.maximum(taken - peak, 0.0), 0.0)


def _collective_bytes(c: Configurations, k: MemoryConstants) -> FloatArray:
    """Buffers of the collectives, one set for each kind of group an accelerator belongs to. [byte]

    The library that joins accelerators takes them outside the framework's allocator.
    """
    degrees = (c.data_parallel, c.tensor_parallel, c.pipeline_parallel, c.context_parallel)
    kinds = np.zeros(len(c))
    for degree in degrees:
        kinds += degree > 1
    return k.collective_bytes * kinds


def memory_regimes(c: Configurations, s: Sizes) -> IntArray:
    """Position of each configuration's regime in `MEMORY_REGIMES`."""
    sharded = (c.sharding > Sharding.NONE) & (_replicas(c) > 1)
    parallel = c.tensor_parallel * c.pipeline_parallel > 1
    whole = np.where(s.peft, np.where(s.quantised, 4, 0), 1)
    return np.where(parallel, 3, np.where(sharded, 2, whole))
