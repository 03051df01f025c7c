"""The best way to lay a run on its accelerators: sharding, parallelism, checkpointing, micro-batch.

A layout that needs no trick (everything fits, and a micro-step keeps the accelerators busy) is
taken as it is; where that fails, every applicable layout is tried with the largest micro-batch that
fits, and the one
with the highest throughput stays.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from solver.calibration.calibration import NEUTRAL
from solver.calibration.estimates import calibrated_memory, calibrated_throughput
from solver.estimate.configurations import Checkpointing, Sharding, Stack
from solver.space.configure import UPDATES_ALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.calibration.calibration import Calibration
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray, IntArray
    from solver.estimate.constants import MemoryConstants, ThroughputConstants

MODEL_PARALLEL_FROM = 5e9
"""Smaller models gain nothing from splitting layers or stages among accelerators. [parameters]"""

PIPELINE_FROM = 3e10
"""Smaller models fit without pipeline stages, and without splitting layers that are sharded too.
[parameters]"""

WIDEST_TENSOR = 8
"""Tensor parallelism stays inside a machine; stages start where that is not enough. [1]"""

BUSY_TOKENS = 4096.0
"""A micro-step of so many tokens keeps an accelerator busy: recomputing activations to enlarge it
costs a third more work and wins nothing. [token]"""

WELL_BUSY_TOKENS = 4.0 * BUSY_TOKENS
"""Larger micro-steps win next to nothing. [token]"""

PIPELINE_FILL = 4
"""Micro-steps for each stage that keep the pipeline's bubble small. [1]"""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to lay a run out, apart from its micro-batch."""

    tensor: int
    pipeline: int
    sharding: Sharding
    checkpointing: Checkpointing


def _options() -> tuple[Option, ...]:
    replicated = [
        Option(1, 1, sharding, checkpointing)
        for checkpointing in (Checkpointing.NONE, Checkpointing.FULL)
        for sharding in (Sharding.NONE, Sharding.OPTIMIZER, Sharding.WEIGHTS)
    ]
    split = [
        Option(tensor, pipeline, Sharding.OPTIMIZER, checkpointing)
        for pipeline in (1, 2, 4, 8, 16)
        for tensor in ((2, 4, 8) if pipeline == 1 else (4, 8))
        for checkpointing in (Checkpointing.SELECTIVE, Checkpointing.FULL)
    ]
    staged = [
        Option(1, pipeline, Sharding.OPTIMIZER, checkpointing)
        for pipeline in (2, 4, 8, 16)
        for checkpointing in (Checkpointing.SELECTIVE, Checkpointing.FULL)
    ]
    both = [
        Option(tensor, 1, Sharding.WEIGHTS, checkpointing)
        for tensor in (WIDEST_TENSOR, 2 * WIDEST_TENSOR)
        for checkpointing in (Checkpointing.SELECTIVE, Checkpointing.FULL)
    ]
    return (*replicated, *split, *staged, *both)


OPTIONS = _options()
"""Every layout that is tried, simplest first: of equals the first one stays. Stages without tensor
parallelism are for mixtures of experts, which spread their experts instead. Layers both split and
sharded are how FSDP and JAX lay out the largest models (chowdhery2022: 12 and 256 ways)."""


@dataclass(frozen=True, slots=True)
class Layouts:
    """The chosen layout of each configuration, one array entry each."""

    fits: BoolArray
    enough_sequences: BoolArray
    """Some layout gives every replica a sequence; False: more accelerators than the batch feeds."""
    tokens_per_s: FloatArray
    """All accelerators together, idle replicas of the last micro-step counted. [token/s]"""
    slow_log_sd: FloatArray
    fast_log_sd: FloatArray
    evidence: IntArray
    """Of the throughput: 0 measured, 1 interpolated, 2 unseen."""
    option: IntArray
    """Position in `OPTIONS`; -1 where nothing fits."""
    stack: IntArray
    """Software that runs the layout, code of `Stack`."""
    micro_batch: FloatArray
    accumulation: FloatArray
    lowest_bytes: FloatArray
    """Smallest upper end of the memory of one accelerator over all layouts. [byte]"""


def best_layouts(
    base: Configurations,
    batch_sequences: int,
    memory_constants: MemoryConstants | None = None,
    throughput_constants: ThroughputConstants | None = None,
    calibration: Calibration = NEUTRAL,
    *,
    keep_software: bool = False,
) -> Layouts:
    """The fastest layout that fits for each configuration.

    Args:
        base: configurations whose layout columns are to be chosen.
        batch_sequences: sequences of one optimiser step, all replicas together. [1]
        memory_constants: fitted constants; None: those shipped.
        throughput_constants: the same.
        calibration: what the user's own runs say.
        keep_software: the software is stated: it runs every layout that it can.
    """
    best = _nothing(len(base))
    done = np.zeros(len(base), dtype=bool)
    splits = (base.parameters >= MODEL_PARALLEL_FROM) & UPDATES_ALL[base.tuning]
    if keep_software:
        splits &= base.stack != Stack.HF_TRAINER
    for position, option in enumerate(OPTIONS):
        left = ~done & splits if option.tensor * option.pipeline > 1 else ~done
        rows = np.flatnonzero(left)
        rows = rows[_applies(option, base, rows)]
        if len(rows) == 0:
            continue
        laid, lowest, per_replica = _with_micro_batch(
            _laid(base.take(rows), option, keep_software=keep_software),
            option,
            batch_sequences,
            lambda c: calibrated_memory(c, memory_constants, calibration).upper,
        )
        best.enough_sequences[rows] |= per_replica >= 1
        best.lowest_bytes[rows] = np.minimum(best.lowest_bytes[rows], lowest)
        inside = laid.micro_batch >= 1
        rows, laid, per_replica = rows[inside], laid.take(inside), per_replica[inside]
        if len(rows) == 0:
            continue
        speed = calibrated_throughput(laid, throughput_constants, calibration)
        used = batch_sequences / (laid.data_parallel * laid.micro_batch * laid.accumulation)
        rate = speed.tokens_per_s * used
        better = rate > best.tokens_per_s[rows]
        won, kept = rows[better], np.flatnonzero(better)
        best.fits[won] = True
        best.tokens_per_s[won] = rate[kept]
        best.slow_log_sd[won] = speed.slow_log_sd[kept]
        best.fast_log_sd[won] = speed.fast_log_sd[kept]
        best.evidence[won] = speed.evidence[kept]
        best.option[won] = position
        best.stack[won] = laid.stack[kept]
        best.micro_batch[won] = laid.micro_batch[kept]
        best.accumulation[won] = laid.accumulation[kept]
        done[rows] |= _needs_no_trick(option, laid, per_replica)
    return best


def most_gpus(parameters: FloatArray, full_updates: BoolArray, batch_sequences: int) -> FloatArray:
    """Accelerators that a batch can feed: one sequence for each group that holds a model. [1]"""
    widest = np.where(parameters >= PIPELINE_FROM, 8.0 * 16.0, 8.0)
    split = full_updates & (parameters >= MODEL_PARALLEL_FROM)
    return np.asarray(np.where(split, widest, 1.0) * batch_sequences)


def laid_out(base: Configurations, layouts: Layouts) -> Configurations:
    """The configurations with the chosen layouts written into their columns."""
    chosen = [OPTIONS[i] for i in layouts.option.tolist()]
    return base.replace(
        tensor_parallel=np.array([o.tensor for o in chosen], dtype=np.float64),
        pipeline_parallel=np.array([o.pipeline for o in chosen], dtype=np.float64),
        sharding=np.array([o.sharding for o in chosen], dtype=np.int64),
        checkpointing=np.array([o.checkpointing for o in chosen], dtype=np.int64),
        micro_batch=layouts.micro_batch,
        accumulation=layouts.accumulation,
        stack=layouts.stack,
    )


def software_of(
    base: Configurations, parallel: IntArray | int, *, keep: bool = False, sharded: bool = False
) -> IntArray:
    """Software that runs a layout: layers split among accelerators are Megatron's trade.

    Args:
        base: configurations with the software that runs them whole.
        parallel: pieces that layers and stages are split into. [1]
        keep: the software is stated and stays.
        sharded: replicas split the weights too, which is the trade of PyTorch's FSDP.
    """
    if keep:
        return base.stack
    splits = (np.asarray(parallel) > 1) & (base.stack != Stack.JAX)
    splitting = Stack.PYTORCH_FSDP if sharded else Stack.MEGATRON
    return np.where(splits, int(splitting), base.stack).astype(np.int64)


def _nothing(length: int) -> Layouts:
    made = {
        "fits": np.zeros(length, dtype=bool),
        "enough_sequences": np.zeros(length, dtype=bool),
        "evidence": np.full(length, 2, dtype=np.int64),
        "option": np.full(length, -1, dtype=np.int64),
        "stack": np.full(length, int(Stack.OTHER), dtype=np.int64),
        "lowest_bytes": np.full(length, np.inf),
    }
    for field in fields(Layouts):
        made.setdefault(field.name, np.zeros(length))
    return Layouts(**made)


def _applies(option: Option, base: Configurations, rows: IntArray) -> BoolArray:
    """Those of the rows for which a layout makes sense at all."""
    parallel = option.tensor * option.pipeline
    gpus = base.gpus[rows]
    if parallel == 1:
        if option.sharding is Sharding.OPTIMIZER:
            return np.asarray((gpus > 1) & UPDATES_ALL[base.tuning[rows]])
        return gpus > 1 if option.sharding is Sharding.WEIGHTS else gpus >= 1
    applies = (gpus >= parallel) & (option.tensor <= base.domain[rows])
    applies &= base.heads[rows] % option.tensor == 0
    if option.sharding is Sharding.WEIGHTS:
        applies &= (gpus > parallel) & (base.parameters[rows] >= PIPELINE_FROM)
        return np.asarray(applies)
    if option.pipeline > 1:
        applies &= (base.parameters[rows] >= PIPELINE_FROM) & (base.layers[rows] >= option.pipeline)
    if option.tensor == 1:
        return np.asarray(applies & (base.experts[rows] > 0))
    if option.pipeline > 1:
        wider = (base.domain[rows] >= WIDEST_TENSOR) & (base.heads[rows] % WIDEST_TENSOR == 0)
        applies &= ~wider | (option.tensor == WIDEST_TENSOR)
    return np.asarray(applies)


def _laid(base: Configurations, option: Option, *, keep_software: bool) -> Configurations:
    length = len(base)
    sharded = option.sharding is Sharding.WEIGHTS
    return base.replace(
        tensor_parallel=np.full(length, float(option.tensor)),
        pipeline_parallel=np.full(length, float(option.pipeline)),
        sharding=np.full(length, int(option.sharding), dtype=np.int64),
        checkpointing=np.full(length, int(option.checkpointing), dtype=np.int64),
        stack=software_of(
            base, option.tensor * option.pipeline, keep=keep_software, sharded=sharded
        ),
    )


def _with_micro_batch(
    laid: Configurations,
    option: Option,
    batch: int,
    upper_bytes: Callable[[Configurations], FloatArray],
) -> tuple[Configurations, FloatArray, FloatArray]:
    """A micro-batch that fits, 0 where none does; memory at 1 or less; sequences a replica.

    The micro-batch that keeps the accelerator well busy is tried first. Where it does not fit, the
    largest one is found on the chord to micro-batch 1: memory is convex in the micro-batch (a
    maximum of affine phases), so the chord never promises too little.
    """
    per_replica = np.floor(batch / laid.data_parallel)
    wanted = np.minimum(per_replica, np.maximum(WELL_BUSY_TOKENS / laid.sequence, 1.0))
    if option.pipeline > 1:
        filled = per_replica // (PIPELINE_FILL * option.pipeline)
        wanted = np.minimum(wanted, np.maximum(filled, 1.0))
    wanted = _power_of_two(wanted)
    laid = laid.replace(accumulation=np.maximum(per_replica, 1.0))
    used = upper_bytes(laid.replace(micro_batch=np.maximum(wanted, 1.0)))
    micro, lowest = wanted.copy(), used.copy()
    tight = np.flatnonzero((used > laid.memory_bytes) & (wanted >= 1))
    if len(tight):
        one = upper_bytes(laid.take(tight))
        slope = (used[tight] - one) / np.maximum(wanted[tight] - 1.0, 1.0)
        room = (laid.memory_bytes[tight] - one) / np.maximum(slope, 1.0)
        most = np.where(room >= 0, np.minimum(1.0 + room, wanted[tight]), 0.0)
        micro[tight], lowest[tight] = _power_of_two(most), one
    accumulation = np.ceil(batch / (laid.data_parallel * np.maximum(micro, 1.0)) - 1e-9)
    return laid.replace(micro_batch=micro, accumulation=accumulation), lowest, per_replica


def _power_of_two(most: FloatArray) -> FloatArray:
    """The largest power of two that is not above; 0 below 1."""
    return np.where(most >= 1.0, 2.0 ** np.floor(np.log2(np.maximum(most, 1.0)) + 1e-12), 0.0)


def _needs_no_trick(option: Option, laid: Configurations, per_replica: FloatArray) -> BoolArray:
    if option.checkpointing is not Checkpointing.NONE or option.sharding is Sharding.WEIGHTS:
        return np.zeros(len(laid), dtype=bool)
    busy = laid.micro_batch * laid.sequence >= BUSY_TOKENS
    return np.asarray(busy | (laid.micro_batch * 2 > per_replica))
