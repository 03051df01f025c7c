"""Tokens each second of a training configuration, with an interval and its evidence.

step = (m · (t_micro + t_gather) + β (pp - 1) · t_layers + t_reduce) · straggling
       + t_optimizer + t_offload;  tokens/s = m · b · s · dp / step.

The parts and their sources are in `docs/estimates.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate import communication as comm
from solver.estimate.chunks import in_chunks
from solver.estimate.configurations import Generation, Sharding, Stack, is_one_of
from solver.estimate.constants import throughput_constants
from solver.estimate.evidence import SMALL, evidence_codes, spread_of
from solver.estimate.layers import freshness, layer_times
from solver.estimate.matmul import cores, rates
from solver.estimate.shape import sizes

if TYPE_CHECKING:
    from solver.estimate.configurations import Configurations, FloatArray, IntArray
    from solver.estimate.constants import ThroughputConstants
    from solver.estimate.shape import Sizes


@dataclass(frozen=True, slots=True)
class Throughput:
    """Predicted speed of each configuration, shape (n,)."""

    tokens_per_s: FloatArray
    """All accelerators together, median. [token/s]"""
    slow_log_sd: FloatArray
    """Spread of the time above its median: time(q) = median · exp(z(q) · sd). [1]"""
    fast_log_sd: FloatArray
    """Spread of the time below its median. [1]"""
    evidence: IntArray
    """Codes of `EvidenceCode`."""
    parts: dict[str, FloatArray]
    """Seconds of one step by part; they sum to the step. [s]"""

    @property
    def step_seconds(self) -> FloatArray:
        """Time between two optimiser steps. [s]"""
        return total(self.parts)


def total(parts: dict[str, FloatArray]) -> FloatArray:
    """The sum of all parts. [s]"""
    made: FloatArray = np.sum(np.stack(list(parts.values())), axis=0)
    return made


def throughput(c: Configurations, constants: ThroughputConstants | None = None) -> Throughput:
    """Tokens each second of all accelerators, with spread, evidence and the parts of a step.

    Args:
        c: configurations, any number; evaluated in pieces on two threads.
        constants: the fitted constants; the shipped ones by default.
    """
    k = constants or throughput_constants()
    return in_chunks(lambda piece: _throughput(piece, k), c)


def _throughput(c: Configurations, k: ThroughputConstants) -> Throughput:
    s = sizes(c)
    factor = stack_factors(c, k)
    parts = {name: part / factor for name, part in step_parts(c, s, k).items()}
    step = total(parts)
    tokens = c.accumulation * c.micro_batch * c.sequence * c.data_parallel
    evidence = evidence_codes(c, s, c.generation, GENERATIONS, k.evidence)
    slow, fast = spread_of(regimes(c, s), REGIMES, k.spreads, evidence, k.unseen_widening)
    return Throughput(tokens / step, slow, fast, evidence, parts)


def stack_factors(c: Configurations, k: ThroughputConstants) -> FloatArray:
    """Speed of each software stack over what the formulas say. [ratio]"""
    factors = np.array([k.stack_factors.get(name, 1.0) for name in STACKS])
    return factors[stack_keys(c)]


STACKS = (*(f"{stack.name}{age}" for stack in Stack for age in ("", " flash")), "TPU")
"""Software families, older and recent, and those of TPUs, which are a world of their own."""


def stack_keys(c: Configurations) -> IntArray:
    """Position of each configuration's software in `STACKS`."""
    own = c.generation == Generation.TPU
    made: IntArray = np.where(own, len(STACKS) - 1, 2 * c.stack + c.flash)
    return made


def step_parts(c: Configurations, s: Sizes, k: ThroughputConstants) -> dict[str, FloatArray]:
    """Seconds of one step by part. [s]"""
    r = rates(c, k)
    t = layer_times(c, s, r, k)
    b = comm.bandwidths(c)
    again = np.where(s.frozen, 0.0, k.recompute_passes * s.recomputes)
    fresh = freshness(c, k)
    tensor = comm.tensor_parallel_seconds(c, s, b, k, again) * fresh
    busy = t.matmul + t.attention + t.elementwise + t.dequantise
    expert = comm.expert_seconds(c, s, b, k, again, busy) * fresh
    expert = expert + t.waiting
    busy = busy + tensor + expert
    body = np.cbrt(busy * busy * busy + t.launch * t.launch * t.launch)
    layers = body + comm.pipeline_seconds(c, s, b, k)
    longest, head = _slowest_stage(c, body, t.head)
    layers = longest + layers - body
    micro = layers + head
    rate = comm.data_parallel_rate(c, b, k)
    gather = comm.gather_seconds(c, rate, micro, k) + comm.context_parallel_seconds(c, s, b)
    reduce = comm.reduce_seconds(c, s, rate, micro, k)
    m = c.accumulation
    beta = np.where(c.flash, k.bubble_interleaved, k.bubble_plain)
    beta = np.where(c.virtual_stages > 0, 1.0 / np.maximum(c.virtual_stages, 1.0), beta)
    bubble = beta * (c.pipeline_parallel - 1.0) * (layers + gather)
    late = k.straggling * np.log2(np.maximum(c.gpus / c.domain, 1.0))
    in_step = m * (micro + gather) + bubble + reduce
    return {
        "matmul": m * t.matmul,
        "attention": m * t.attention,
        "elementwise": m * t.elementwise,
        "dequantise": m * t.dequantise,
        "launch": m * (body - busy),
        "head": m * head,
        "tensor_parallel": m * tensor,
        "experts": m * expert,
        "pipeline": m * (layers - body) + bubble,
        "data_parallel": m * gather + reduce,
        "straggling": late * in_step,
        "optimizer": _optimizer_seconds(c, r.bandwidth_bytes_per_s, k),
        "offload": _offload_seconds(c, k),
    }


def _slowest_stage(
    c: Configurations, body: FloatArray, head: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Layers of the slowest stage, and what the head adds to it, one micro-batch. [s]

    Where the stages do not divide the layers, all but the last hold one more, and the last, which
    also holds the head, is left what remains.
    """
    even = c.layers / c.pipeline_parallel
    most = np.ceil(even - 1e-6)
    last = np.maximum(c.layers - (c.pipeline_parallel - 1.0) * most, 0.0)
    longest = body * np.where(c.pipeline_parallel > 1, most / even, 1.0)
    beyond = np.maximum(body * last / even + head - longest, 0.0)
    return longest, np.where(c.pipeline_parallel > 1, beyond, head)


def _optimizer_seconds(
    c: Configurations, bandwidth: FloatArray, k: ThroughputConstants
) -> FloatArray:
    """Reading and writing weights, gradients and state once, and everything else once. [s]"""
    local = c.trainable_parameters / c.tensor_parallel / c.pipeline_parallel
    split = np.where(c.sharding >= Sharding.OPTIMIZER, c.data_parallel, 1.0)
    return k.optimizer_bytes * local / split * cores(c) / bandwidth + k.step_seconds


def _offload_seconds(c: Configurations, k: ThroughputConstants) -> FloatArray:
    """State of 16 bytes a weight to host memory and back. [s]"""
    state = c.trainable_parameters / c.data_parallel * 16.0
    return np.where(c.offload, state / k.offload_bytes_per_s, 0.0)


GENERATIONS = tuple(generation.name for generation in Generation)

REGIMES = ("big-multi", "big-single", "small", "peft", "experts", "other-parts")
"""Kinds of run whose errors are alike, in the order of their codes."""

OTHER_PARTS = (
    Generation.CDNA,
    Generation.TPU,
    Generation.TRAINIUM,
    Generation.GAUDI,
    Generation.OTHER,
)
"""Generations with a software world of their own."""


def regimes(c: Configurations, s: Sizes) -> IntArray:
    """Position of each configuration's regime in `REGIMES`."""
    multi = c.gpus > c.gpus_per_node
    by_size = np.where(c.active_parameters >= SMALL, np.where(multi, 0, 1), 2)
    by_kind = np.where(s.peft, 3, np.where(s.experts, 4, by_size))
    return np.where(is_one_of(c.generation, OTHER_PARTS), 5, by_kind)
