"""From measured runs to configurations: what a row leaves open is filled as is common practice."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Stack,
    Storage,
    Tuning,
    configurations,
)
from solver.estimate.hardware import (
    generation_of,
    has_flash_attention,
)
from solver.measured.layout import layout_of
from solver.measured.machine import USUAL_CARD_BYTES, machine_columns
from solver.measured.method import chunks_loss, counts_real_tokens, method_columns
from solver.measured.parts import accelerator_of
from solver.measured.shape import Network, network_of
from solver.measured.words import (
    MemoryMeasure,
    checkpointing_of,
    compute_of,
    flash_of,
    memory_measure,
    optimizer_of,
    sharding_of,
    stack_of,
    storage_of,
    tuning_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Accelerator
    from catalog.tables import Catalog
    from solver.estimate.configurations import Configurations
    from solver.measured.runs import Run

FLASH_SINCE = 2024
"""From this year on, GPU software that says nothing uses flash attention."""

KEPT_RATIO = 0.6
"""Activations that fill less of the memory are usually kept. [ratio]"""

SPARED_RATIO = 2.0
"""Activations that would fill the memory so often are never kept, whatever the software. [ratio]"""

SPARING_STACKS = (Stack.MEGATRON, Stack.MLPERF)
"""Software that computes again no more than it must where activations do not fit."""

OWN_COMPILERS = (Generation.TPU, Generation.TRAINIUM, Generation.GAUDI)
"""Parts whose compilers fuse attention without being asked."""

REAL_LENGTH_RATIO = 0.3
"""Average length of examples over the longest one allowed, in instruction data: MetaMathQA has
210 tokens on average under a cap of 768. [ratio]"""

LONGEST_MEAN = 256.0
"""Average length of instruction data however long it may be: MetaMathQA's, padded. [token]"""

COUNTED_RATIO = 0.9
"""Real over computed tokens where batches of similar lengths are padded to their longest;
assumed. [ratio]"""

OPEN_LOG_SD = {
    "layers and width": 0.30,
    "sequence": 0.40,
    "micro-batch": 0.10,
    "lengths": 0.10,
    "layers split": 0.15,
}
"""What an open input adds to the spread: rows of left-out sources with these inputs open lay
outside their intervals more often than others, by about so much. [1]"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """A run as the estimates see it."""

    columns: dict[str, Any]
    """One value for every field of `Configurations`."""
    accelerator: Accelerator | None
    has_rate: bool
    """The accelerator is known, and how fast it computes in the run's format."""
    mean_sequence: float
    """Tokens computed for one sequence on average; the longest one sets the memory. [token]"""
    counted_ratio: float
    """Counted over computed tokens: below 1 where padding is computed but not counted."""
    memory_measure: MemoryMeasure
    assumed: tuple[str, ...]
    """What the row leaves open and was filled; each widens the interval."""

    @property
    def open_log_sd(self) -> float:
        """Further spread for what the row leaves open. [1]"""
        return math.hypot(*(OPEN_LOG_SD.get(name, 0.0) for name in self.assumed))


@dataclass(frozen=True, slots=True)
class Refused:
    """A run that cannot be judged, and why."""

    reason: str


def inputs_of(run: Run, catalog: Catalog) -> Inputs | Refused:
    """A run as the estimates see it, or why it cannot be judged."""
    if run.faults:
        return Refused("; ".join(run.faults))
    network = network_of(run, catalog)
    if network is None:
        return Refused("neither parameters nor shape nor a model of the catalogue are stated")
    tuning = tuning_of(run.texts["kind"], run.texts["notes"])
    if tuning is None:
        return Refused(f"kind {run.texts['kind']!r} is not one of the contract")
    part = accelerator_of(run, catalog)
    return _inputs(run, network, tuning, part)


def rows_to_configurations(rows: Sequence[Inputs]) -> Configurations:
    """The runs as one structure of arrays, in order."""
    names = rows[0].columns
    return configurations(
        len(rows), {name: np.array([row.columns[name] for row in rows]) for name in names}
    )


def _inputs(run: Run, network: Network, tuning: Tuning, part: Accelerator | None) -> Inputs:
    generation = generation_of(part) if part else Generation.AMPERE
    compute = compute_of(run.texts["precision"], generation)
    storage = storage_of(run.texts["precision"], tuning)
    if storage is not Storage.AS_COMPUTED and tuning is Tuning.LORA:
        tuning = Tuning.QLORA
    named = stack_of(run.texts["stack"], run.texts["zero_stage_or_fsdp"])
    stack = named or usual_stack(run, tuning, generation)
    if stack is Stack.HF_TRAINER and "torch.compile" in run.texts["notes"]:
        stack = Stack.PYTORCH_FSDP
    flash = _flash(run, generation, compute)
    stated_sharding = sharding_of(run.texts["zero_stage_or_fsdp"])
    memory = part.memory_bytes if part else USUAL_CARD_BYTES
    layout = layout_of(run, network, tuning, stated_sharding, memory)
    stated = checkpointing_of(run.texts["activation_checkpointing"])
    checkpointing = stated
    if checkpointing is None:
        held = network.layers * network.hidden * 34.0 * layout.micro_batch * layout.sequence
        parallel = layout.tensor_parallel * layout.pipeline_parallel * layout.context_parallel
        held *= min(layout.accumulation, layout.pipeline_parallel) / parallel
        checkpointing = _usual_checkpointing(held / memory, stack)
    assumed = [
        *(["layers and width"] if network.guessed else []),
        *layout.assumed,
        *([] if stated is not None else ["checkpointing"]),
        *([] if run.texts["precision"] else ["precision"]),
    ]
    columns = {
        **_network_columns(network),
        **method_columns(run, network, tuning),
        "storage": int(storage),
        "compute": int(compute),
        "optimizer": int(optimizer_of(run.texts["optimizer"])),
        **machine_columns(run, part, generation, compute, layout.gpus, layout.gpus_per_node),
        "gpus": layout.gpus,
        "tensor_parallel": layout.tensor_parallel,
        "pipeline_parallel": layout.pipeline_parallel,
        "context_parallel": layout.context_parallel,
        "sharding": int(layout.sharding),
        "micro_batch": layout.micro_batch,
        "accumulation": layout.accumulation,
        "sequence": layout.sequence,
        "checkpointing": int(checkpointing),
        "flash": flash,
        "offload": "offload" in run.texts["zero_stage_or_fsdp"].lower(),
        "stack": int(stack),
        "chunked_loss": chunks_loss(run),
        "expert_parallel": layout.expert_parallel,
        "virtual_stages": layout.virtual_stages,
    }
    unpadded = counts_real_tokens(run)
    return Inputs(
        columns,
        part,
        math.isfinite(columns["peak_flop_per_s"]),
        min(REAL_LENGTH_RATIO * layout.sequence, LONGEST_MEAN) if unpadded else layout.sequence,
        COUNTED_RATIO if unpadded else 1.0,
        memory_measure(run.texts["source_name"], run.texts["notes"]),
        (*assumed, "lengths") if unpadded else tuple(assumed),
    )


def speed_configurations(rows: Sequence[Inputs]) -> Configurations:
    """The runs with the average length of their sequences, for throughput."""
    made = rows_to_configurations(rows)
    return made.replace(sequence=np.array([row.mean_sequence for row in rows]))


def usual_stack(run: Run, tuning: Tuning, generation: Generation) -> Stack:
    """The software family that such a run commonly uses."""
    if generation is Generation.TPU:
        return Stack.JAX
    if run.counts.get("tp", 1.0) > 1 or run.counts.get("pp", 1.0) > 1:
        return Stack.MEGATRON
    if tuning is Tuning.PRETRAIN:
        return Stack.PYTORCH_FSDP
    return Stack.HF_TRAINER


def _flash(run: Run, generation: Generation, compute: Compute) -> bool:
    stated = flash_of(run.texts["flash_attention"])
    if stated is not None:
        return stated
    year = re.match(r"\d{4}", run.texts["year"])
    recent = year is None or int(year[0]) >= FLASH_SINCE or generation in OWN_COMPILERS
    return recent and has_flash_attention(generation) and compute is not Compute.FP32


def _usual_checkpointing(filled: float, stack: Stack) -> Checkpointing:
    """What is computed again where nobody says.

    Args:
        filled: activations, all kept, over the memory. [ratio]
        stack: the software.
    """
    if filled <= KEPT_RATIO:
        return Checkpointing.NONE
    spares = stack in SPARING_STACKS and filled <= SPARED_RATIO
    return Checkpointing.SELECTIVE if spares else Checkpointing.FULL


def _network_columns(network: Network) -> dict[str, Any]:
    names = (
        "parameters",
        "active_parameters",
        "layers",
        "hidden",
        "heads",
        "kv_heads",
        "head_dim",
        "ffn_hidden",
        "gated",
        "vocabulary",
        "tied",
        "encoder",
        "encoder_decoder",
        "experts",
        "experts_per_token",
    )
    return {name: getattr(network, name) for name in names}
