"""Training configurations as arrays: what every estimate is a function of.

One entry of every array is one configuration: a model, a method, a precision, a machine and a
layout. The same structure is filled from the catalogue (plans) and from measured runs
(`trilemma estimate`), so that what is judged is what plans.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class Tuning(IntEnum):
    """Which weights a run trains, and in what form; the columns `tuning` hold these codes."""

    PRETRAIN = 0
    FULL = 1
    LORA = 2
    DORA = 3
    QLORA = 4
    ADAPTER = 5
    PREFIX = 6
    IA3 = 7
    BITFIT = 8
    PROMPT_TUNING = 9
    LINEAR_PROBE = 10
    DISTILLATION = 11


class Compute(IntEnum):
    """The number format in which matrix products run, and what surrounds it."""

    FP32 = 0
    TF32 = 1
    FP16_MIXED = 2
    BF16_MIXED = 3
    BF16_PURE = 4
    FP8 = 5
    FP4 = 6


class Storage(IntEnum):
    """The format in which frozen base weights lie in memory."""

    AS_COMPUTED = 0
    INT8 = 1
    NF4 = 2
    GPTQ = 3
    """Four bits in groups of 128, as GPTQ checkpoints hold them."""
    NF4_DOUBLE = 4
    """nf4 whose scales are quantised again (dettmers2023, section 3)."""


class Generation(IntEnum):
    """Families of accelerators that behave alike."""

    PASCAL = 0
    VOLTA = 1
    TURING = 2
    AMPERE = 3
    ADA = 4
    HOPPER = 5
    BLACKWELL = 6
    CDNA = 7
    TPU = 8
    TRAINIUM = 9
    GAUDI = 10
    OTHER = 11


class Sharding(IntEnum):
    """What data-parallel ranks split among themselves (ZeRO stage; FSDP is stage 3)."""

    NONE = 0
    OPTIMIZER = 1
    GRADIENTS = 2
    WEIGHTS = 3


class Checkpointing(IntEnum):
    """Which activations are kept for the backward pass."""

    NONE = 0
    SELECTIVE = 1
    FULL = 2


class Optimizer(IntEnum):
    """How many bytes of state a trainable weight carries."""

    ADAMW = 0
    ADAMW_8BIT = 1
    ADAFACTOR = 2
    SGD = 3
    LAMB = 4
    PAGED = 5
    """8-bit AdamW whose state lies in memory that the driver moves to the host and back
    (dettmers2023)."""


class Stack(IntEnum):
    """Software families whose efficiency differs by a factor of their own."""

    HF_TRAINER = 0
    PYTORCH_FSDP = 1
    MEGATRON = 2
    NVIDIA_EXAMPLES = 3
    MLPERF = 4
    JAX = 5
    OTHER = 6


@dataclass(frozen=True, slots=True)
class Configurations:
    """Arrays of one length n; entry i describes configuration i.

    Counts are floats so that formulas need no casts; codes are the enumerations above.
    """

    # the model
    parameters: FloatArray
    """All parameters. [1]"""
    active_parameters: FloatArray
    """Parameters one token passes through. [1]"""
    layers: FloatArray
    """All layers, encoder and decoder together. [1]"""
    hidden: FloatArray
    heads: FloatArray
    kv_heads: FloatArray
    head_dim: FloatArray
    ffn_hidden: FloatArray
    """Width of the feed-forward block that one token passes (for experts: of all active ones)."""
    gated: BoolArray
    vocabulary: FloatArray
    tied: BoolArray
    encoder: BoolArray
    """Bidirectional attention and no causal language-model head."""
    encoder_decoder: BoolArray
    experts: FloatArray
    """0 for dense models. [1]"""
    experts_per_token: FloatArray
    # the method
    tuning: IntArray
    """Code of `Tuning`."""
    trainable_parameters: FloatArray
    """Weights that receive gradients. [1]"""
    rank: FloatArray
    """Rank of low-rank methods, 0 otherwise."""
    teacher_active_parameters: FloatArray
    """Active parameters of a distillation teacher, 0 without one. [1]"""
    storage: IntArray
    """Code of `Storage`."""
    compute: IntArray
    """Code of `Compute`."""
    optimizer: IntArray
    """Code of `Optimizer`."""
    # the machine
    generation: IntArray
    """Code of `Generation`."""
    consumer: BoolArray
    """GeForce-class part: no peer-to-peer over PCIe."""
    peak_flop_per_s: FloatArray
    """Dense matmul peak in the compute format; for FP8/FP4 the peak of bf16 or fp16. [FLOP/s]"""
    measured_flop_per_s: FloatArray
    """Highest measured bf16 matmul rate, NaN where nobody measured. [FLOP/s]"""
    memory_bytes: FloatArray
    bandwidth_bytes_per_s: FloatArray
    link_bytes_per_s: FloatArray
    """One-way rate of one accelerator's links to its peers in a machine (spec). [byte/s]"""
    node_network_bytes_per_s: FloatArray
    """Line rate of one machine's network, 0 where it stands alone. [byte/s]"""
    gpus_per_node: FloatArray
    domain: FloatArray
    """Accelerators joined by the fast link: gpus_per_node, 72 for NVL72, a pod slice for TPUs."""
    # the layout
    gpus: FloatArray
    tensor_parallel: FloatArray
    pipeline_parallel: FloatArray
    context_parallel: FloatArray
    sharding: IntArray
    """Code of `Sharding`."""
    micro_batch: FloatArray
    """Sequences of one accelerator group in one micro-step. [sequence]"""
    accumulation: FloatArray
    """Micro-steps between two optimiser steps. [1]"""
    sequence: FloatArray
    """Tokens of one sequence as computed, padding included. [token]"""
    checkpointing: IntArray
    """Code of `Checkpointing`."""
    flash: BoolArray
    """Attention without a materialised score matrix."""
    offload: BoolArray
    """Optimiser state in host memory."""
    stack: IntArray
    """Code of `Stack`."""
    chunked_loss: BoolArray
    """The loss never materialises all logits in fp32."""
    adapter_bytes: FloatArray
    """Bytes of one weight that is added to a frozen model: 4 where the software casts it to fp32,
    2 where it stays in bf16. [byte]"""
    expert_parallel: FloatArray
    """Accelerators among which the experts of a layer are spread, 0 where it is as usual for the
    software. [1]"""
    virtual_stages: FloatArray
    """Interleaved pieces of a pipeline stage, 0 where it is as usual for the software. [1]"""
    adapter_inputs: FloatArray
    """Widths of a layer's inputs that adapters keep copies of, 0 where they follow from the
    trained weights. [1]"""
    adapter_dropout: BoolArray
    """Adapters keep a mask of what they drop of their inputs."""
    release: FloatArray
    """When the software was released. [year]"""
    rebuilds: FloatArray
    """How an added method works on whole matrices in every pass: 0 not at all, 1 builds them from
    small factors, 2 transforms or decomposes them. [1]"""
    sums_gradients: BoolArray
    """Gradients in bf16 lie beside their sum in fp32, as in DeepSpeed's first stage."""
    copies_gradients: BoolArray
    """An update takes 16-bit gradients, a flat copy and a wide one, beside master weights."""
    offload_inputs: BoolArray
    """Inputs of checkpointed layers wait in host memory."""
    loads_whole: BoolArray
    """Each rank holds the whole model beside its shard while it loads."""
    update_in_backward: BoolArray
    """Each weight is updated as soon as its gradient is there, and the gradient dropped."""

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def data_parallel(self) -> FloatArray:
        """Replicas that see different data. [1], at least 1."""
        groups = self.tensor_parallel * self.pipeline_parallel * self.context_parallel
        return np.maximum(self.gpus / groups, 1.0)

    def take(self, index: IntArray | BoolArray | slice) -> Self:
        """The configurations at `index`, in that order."""
        return type(self)(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def replace(self, **changes: NDArray[np.generic]) -> Self:
        """The same configurations with some columns exchanged for arrays of the same length."""
        made: dict[str, Any] = changes  # columns differ in dtype
        return replace(self, **made)


USUAL: Mapping[str, object] = MappingProxyType(
    {
        "adapter_bytes": 4.0,
        "expert_parallel": 0.0,
        "virtual_stages": 0.0,
        "adapter_inputs": 0.0,
        "adapter_dropout": True,
        "release": 2026.0,
        "rebuilds": 0.0,
        "sums_gradients": False,
        "copies_gradients": False,
        "offload_inputs": False,
        "loads_whole": False,
        "update_in_backward": False,
    }
)
"""Columns with a usual value: Hugging Face PEFT casts adapters to fp32."""


def configurations(length: int, columns: Mapping[str, object]) -> Configurations:
    """Broadcast scalars and arrays to `length` entries and freeze them.

    Args:
        length: number of configurations n.
        columns: one value (scalar or array of length n) for every field of `Configurations`;
            those of `USUAL` may be left out.

    Raises:
        TypeError: a column is missing or unknown.
    """
    made: dict[str, Any] = {}  # columns differ in dtype
    for name, value in {**USUAL, **columns}.items():
        array = np.broadcast_to(np.asarray(value), (length,))
        made[name] = array if array.flags.writeable is False else array.copy()
        made[name].flags.writeable = False
    return Configurations(**made)


MOST_CODES = 32
"""More members than any enumeration of codes has. [1]"""


def is_one_of(codes: IntArray, members: Collection[IntEnum]) -> BoolArray:
    """Whether each code is among some members of its enumeration.

    A table look-up: `np.isin` sorts, which costs more than the formulas around it.
    """
    among: BoolArray = _table(tuple(members))[codes]
    return among


@cache
def _table(members: tuple[IntEnum, ...]) -> BoolArray:
    made = np.zeros(MOST_CODES, dtype=np.bool_)
    made[[int(member) for member in members]] = True
    return made
