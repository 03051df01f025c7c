"""How a measured run lies on its accelerators: as stated, else as is common practice."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.estimate.configurations import Sharding, Stack, Tuning
from solver.measured.words import stack_of

if TYPE_CHECKING:
    from solver.measured.runs import Run
    from solver.measured.shape import Network

USUAL_NODE = 8.0
"""Accelerators of one machine. [1]"""

USUAL_SEQUENCE = {True: 512.0, False: 2048.0}
"""Sequence of encoders and encoder-decoders, and of decoders. [token]"""

USUAL_TOKENS = {True: 8192.0, False: 4096.0}
"""Tokens of a micro-batch of encoders, and of everything else. [token]"""

STATE_BYTES = {True: 2.2, False: 18.0}
"""Bytes of one weight that only passes gradients, and of one that is trained by AdamW. [byte]"""

LARGE = 8e9
"""From this size on, layers that do not fit are split inside a machine. [parameters]"""

HUGE = 3e10
"""From this size on, they are also split into stages. [parameters]"""

SHARDED_UP_TO = 1e11
"""Up to this size software that shards weights does so rather than split layers. [parameters]"""

SPLITTING_STACKS = (Stack.MEGATRON, Stack.MLPERF, Stack.NVIDIA_EXAMPLES)
"""Software that splits layers among accelerators instead."""

FEW_GPUS = 64
"""Pre-training on fewer accelerators usually accumulates gradients. [1]"""


@dataclass(frozen=True, slots=True)
class RunLayout:
    """Where the pieces of a run lie."""

    gpus: float
    gpus_per_node: float
    tensor_parallel: float
    pipeline_parallel: float
    context_parallel: float
    sharding: Sharding
    micro_batch: float
    accumulation: float
    sequence: float
    expert_parallel: float
    """0 where nobody says."""
    virtual_stages: float
    """0 where nobody says."""
    assumed: tuple[str, ...]


def layout_of(
    run: Run, network: Network, tuning: Tuning, sharding: Sharding, memory_bytes: float
) -> RunLayout:
    """The layout of a run, with what had to be assumed."""
    stated = run.counts
    gpus = stated.get("n_gpus", _counted(run))
    node = min(stated.get("gpus_per_node", min(gpus, USUAL_NODE)), gpus)
    if _shards_unasked(run, network, tuning, memory_bytes, gpus):
        sharding = Sharding.WEIGHTS
    tensor, pipeline, context = _parallel(run, network, tuning, sharding, memory_bytes, gpus, node)
    replicas = max(gpus / (tensor * pipeline * context), 1.0)
    short = network.encoder or network.encoder_decoder
    sequence = stated.get("seq_len", USUAL_SEQUENCE[short])
    usual = min(max(round(USUAL_TOKENS[network.encoder] / sequence), 1.0), 64.0)
    batch = stated.get("global_batch_seqs")
    micro = stated.get("micro_batch")
    if micro is None:
        micro = usual if batch is None else max(min(batch / replicas, usual), 1.0 / 64.0)
    if batch is not None:
        accumulation = max(batch / (replicas * micro), 1.0)
        # a batch too small to feed every replica is spread in parts of a sequence
        micro = min(micro, batch / replicas)
    elif pipeline > 1:
        accumulation = 4.0 * pipeline
    else:
        accumulates = tuning is Tuning.PRETRAIN and gpus < FEW_GPUS
        # the settings that LitGPT ships ask for several micro-batches a step
        accumulates |= re.search(r"litgpt", run.texts["source_name"], re.IGNORECASE) is not None
        accumulation = 4.0 if accumulates else 1.0
    if pipeline > 1 and accumulation == 1.0 and micro > 1:
        # a pipeline is never run with a single micro-batch: the row states the batch that a
        # replica receives, which the schedule splits
        accumulation, micro = micro, 1.0
    assumed = [
        *([] if "seq_len" in stated else ["sequence"]),
        *([] if "micro_batch" in stated else ["micro-batch"]),
        *([] if "n_gpus" in stated else ["accelerators"]),
        *(["layout"] if "tp" not in stated and gpus > 1 else []),
        *(["layers split"] if "tp" not in stated and tensor * pipeline > 1 else []),
    ]
    return RunLayout(
        gpus,
        node,
        tensor,
        pipeline,
        context,
        sharding,
        micro,
        accumulation,
        sequence,
        _stated(run, "ep"),
        _stated(run, "vp") if pipeline > 1 else 0.0,
        tuple(assumed),
    )


def _stated(run: Run, name: str) -> float:
    """A degree of its optional column, else as the notes state it, else 0. [1]"""
    noted = re.search(rf"\b{name.upper()}=(\d+)", run.texts["notes"])
    return run.counts.get(name, float(noted[1]) if noted else 0.0)


def _shards_unasked(
    run: Run, network: Network, tuning: Tuning, memory_bytes: float, gpus: float
) -> bool:
    """True where a run that states no layout would shard its weights as is common practice."""
    silent = not run.texts["zero_stage_or_fsdp"] and not {"tp", "pp"} & run.counts.keys()
    trains_few = tuning not in (Tuning.PRETRAIN, Tuning.FULL, Tuning.DISTILLATION)
    needed = network.parameters * STATE_BYTES[trains_few]
    splits = stack_of(run.texts["stack"]) in SPLITTING_STACKS
    fits_alone = needed <= 0.7 * memory_bytes
    fits_sharded = needed <= 0.5 * memory_bytes * gpus
    small = network.parameters <= SHARDED_UP_TO
    return silent and not splits and not fits_alone and fits_sharded and small


def _counted(run: Run) -> float:
    """Accelerators where none are stated: the product of the degrees, else a usual machine. [1]"""
    degrees = [run.counts[name] for name in ("dp", "tp", "pp", "cp") if name in run.counts]
    return math.prod(degrees) if degrees else USUAL_NODE


def _power_of_two_at_least(number: float) -> float:
    return 2.0 ** math.ceil(math.log2(max(number, 1.0)))


def _parallel(
    run: Run,
    network: Network,
    tuning: Tuning,
    sharding: Sharding,
    memory_bytes: float,
    gpus: float,
    node: float,
) -> tuple[float, float, float]:
    """Tensor, pipeline and context parallelism, as many as there are accelerators."""
    stated = run.counts
    tensor, pipeline = 1.0, 1.0
    trains_few = tuning not in (Tuning.PRETRAIN, Tuning.FULL, Tuning.DISTILLATION)
    needed = network.parameters * STATE_BYTES[trains_few]
    if sharding is not Sharding.WEIGHTS and needed > 0.7 * memory_bytes:
        if network.active_parameters > LARGE:
            tensor = _power_of_two_at_least(needed / (0.7 * memory_bytes))
            tensor = min(tensor, node, USUAL_NODE)
        if network.parameters > HUGE:
            stages = needed / (tensor * 0.6 * memory_bytes)
            pipeline = _power_of_two_at_least(stages)
    tensor = stated.get("tp", tensor)
    pipeline = stated.get("pp", min(pipeline, max(gpus / tensor, 1.0)))
    context = stated.get("cp", 1.0)
    if "neuroncore" in run.texts["notes"].lower() and tensor > 1:
        # these rows count the two cores of a chip
        tensor /= 2.0
    while tensor * pipeline * context > 1.01 * gpus:
        if pipeline > 1:
            pipeline = max(pipeline / 2.0, 1.0)
        elif tensor > 1:
            tensor = max(tensor / 2.0, 1.0)
        else:
            context = max(context / 2.0, 1.0)
    return tensor, pipeline, context
