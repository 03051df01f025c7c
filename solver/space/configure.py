"""From facts to configurations: tables of models, variants and slots, joined by index arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.schema import Architecture, MethodKind
from catalog.units import FLOP_PER_TFLOP
from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Optimizer,
    Sharding,
    Stack,
    Storage,
    Tuning,
    configurations,
)
from solver.estimate.hardware import (
    domain_size,
    generation_of,
    has_flash_attention,
    is_consumer,
    link_bytes_per_s,
    training_peak_flop_per_s,
)
from solver.estimate.trainable import trainable_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from catalog.schema import Model
    from solver.estimate.configurations import (
        BoolArray,
        Configurations,
        FloatArray,
        IntArray,
    )
    from solver.space.rents import Slot
    from solver.space.variants import Variant

TUNING = {
    MethodKind.FROM_SCRATCH: Tuning.PRETRAIN,
    MethodKind.CONTINUED_PRETRAINING: Tuning.PRETRAIN,
    MethodKind.FULL: Tuning.FULL,
    MethodKind.LORA: Tuning.LORA,
    MethodKind.DORA: Tuning.DORA,
    MethodKind.QLORA: Tuning.QLORA,
    MethodKind.ADAPTER: Tuning.ADAPTER,
    MethodKind.PREFIX: Tuning.PREFIX,
    MethodKind.IA3: Tuning.IA3,
    MethodKind.BITFIT: Tuning.BITFIT,
    MethodKind.PROMPT_TUNING: Tuning.PROMPT_TUNING,
    MethodKind.LINEAR_PROBE: Tuning.LINEAR_PROBE,
    MethodKind.DISTILLATION: Tuning.DISTILLATION,
    MethodKind.PROMPTING: Tuning.LINEAR_PROBE,
}
"""What each method does to the weights; prompting, like a probe, runs them forward only."""

COMPUTE = {
    "fp32": Compute.FP32,
    "tf32": Compute.TF32,
    "fp16-mixed": Compute.FP16_MIXED,
    "bf16-mixed": Compute.BF16_MIXED,
    "bf16-pure": Compute.BF16_PURE,
    "fp8": Compute.FP8,
}
"""Code of each training precision of the catalogue."""

STORAGE = {"": Storage.AS_COMPUTED, "int8": Storage.INT8, "nf4": Storage.NF4_DOUBLE}
"""Code of each format of stored weights; every launch file asks for scales quantised again."""

UPDATES_ALL = np.isin(list(Tuning), (Tuning.PRETRAIN, Tuning.FULL, Tuning.DISTILLATION))
"""By code of `Tuning`: every weight gets a gradient."""


Columns = Mapping[str, "NDArray[Any]"]
"""Arrays of one length by field of `Configurations`; their dtypes differ."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Columns of models, variants and slots; a configuration is one entry of each."""

    models: Columns
    variants: Columns
    slots: Columns
    peak_flop_per_s: FloatArray
    """By code of `Compute` and slot, NaN where the part lacks the format; shape (codes, slots)."""
    trainable: FloatArray
    """By model and variant. [1]"""
    software: Stack | None = None
    """As the question states it; None: what is usual."""

    def join(
        self, model: IntArray, variant: IntArray, slot: IntArray, sequence: int
    ) -> Configurations:
        """One configuration for each triple, on one accelerator group, micro-batch 1.

        Args:
            model: position of each configuration's model, shape (n,).
            variant: position of its variant, shape (n,).
            slot: position of its slot, shape (n,).
            sequence: tokens of one sequence. [token]
        """
        models = {name: column[model] for name, column in self.models.items()}
        variants = {name: column[variant] for name, column in self.variants.items()}
        slots = {name: column[slot] for name, column in self.slots.items()}
        generation = slots["generation"]
        pretrains = variants["tuning"] == Tuning.PRETRAIN
        stack = np.where(pretrains, Stack.PYTORCH_FSDP, Stack.HF_TRAINER)
        if self.software is not None:
            stack = np.full(len(model), int(self.software))
        # nothing but XLA compiles for TPUs
        stack = np.where(generation == Generation.TPU, Stack.JAX, stack)
        flash = slots["flash"] & (variants["compute"] != Compute.FP32)
        return configurations(
            len(model),
            {
                **models,
                **variants,
                **{name: column for name, column in slots.items() if name != "flash"},
                "trainable_parameters": self.trainable[model, variant],
                "peak_flop_per_s": self.peak_flop_per_s[variants["compute"], slot],
                "optimizer": int(Optimizer.ADAMW),
                "tensor_parallel": 1.0,
                "pipeline_parallel": 1.0,
                "context_parallel": 1.0,
                "sharding": int(Sharding.NONE),
                "micro_batch": 1.0,
                "accumulation": 1.0,
                "sequence": float(sequence),
                "checkpointing": int(Checkpointing.NONE),
                "flash": flash,
                "offload": False,
                "stack": stack.astype(np.int64),
                "chunked_loss": False,
            },
        )


def tables(
    models: Sequence[Model],
    variants: Sequence[Variant],
    slots: Sequence[Slot],
    teacher: Model | None,
    classes: int,
    software: Stack | None = None,
) -> Tables:
    """Tables for the models, variants and slots of one job.

    Args:
        models: what may be trained.
        variants: how it may be trained.
        slots: on what.
        teacher: the model whose outputs a distilled student learns.
        classes: outputs of a classification head. [1]
        software: what trains, where the question states it.
    """
    model_table = {
        "parameters": _floats(m.parameters for m in models),
        "active_parameters": _floats(m.active_parameters for m in models),
        "layers": _floats(m.layers + m.decoder_layers for m in models),
        "hidden": _floats(m.bottleneck_hidden or m.hidden for m in models),
        "heads": _floats(m.heads for m in models),
        "kv_heads": _floats(m.kv_heads for m in models),
        "head_dim": _floats(m.head_dim for m in models),
        "ffn_hidden": _floats(active_ffn_hidden(m) for m in models),
        "gated": _flags(m.gated_ffn for m in models),
        "vocabulary": _floats(m.vocabulary for m in models),
        "tied": _flags(m.tied_embeddings for m in models),
        "encoder": _flags(m.architecture is Architecture.ENCODER for m in models),
        "encoder_decoder": _flags(m.architecture is Architecture.ENCODER_DECODER for m in models),
        "experts": _floats(m.experts for m in models),
        "experts_per_token": _floats(m.experts_per_token for m in models),
    }
    teacher_parameters = float(teacher.active_parameters) if teacher else 0.0
    distils = [v.method.kind is MethodKind.DISTILLATION for v in variants]
    variant_table = {
        "tuning": _codes(TUNING[v.method.kind] for v in variants),
        "rank": _floats(v.rank or 0 for v in variants),
        "teacher_active_parameters": _floats(teacher_parameters * d for d in distils),
        "storage": _codes(STORAGE[v.storage] for v in variants),
        "compute": _codes(COMPUTE[v.precision.id] for v in variants),
    }
    parts = [slot.shape.accelerator for slot in slots]
    slot_table = {
        "generation": _codes(generation_of(part) for part in parts),
        "consumer": _flags(is_consumer(part) for part in parts),
        "measured_flop_per_s": _floats(
            (part.measured_max_bf16_tflops or np.nan) * FLOP_PER_TFLOP for part in parts
        ),
        "memory_bytes": _floats(part.memory_bytes for part in parts),
        "bandwidth_bytes_per_s": _floats(part.bandwidth_bytes_per_s for part in parts),
        "link_bytes_per_s": _floats(
            slot.shape.link_bytes_per_s or link_bytes_per_s(slot.shape.accelerator)
            for slot in slots
        ),
        "node_network_bytes_per_s": _floats(
            slot.shape.node_network_bytes_per_s or 0.0 for slot in slots
        ),
        "gpus_per_node": _floats(slot.shape.gpus_per_instance for slot in slots),
        "domain": _floats(
            domain_size(slot.shape.accelerator, slot.shape.gpus_per_instance) for slot in slots
        ),
        "gpus": _floats(slot.gpus for slot in slots),
        "flash": _flags(has_flash_attention(generation_of(part)) for part in parts),
    }
    formats = {Compute(code): name.split("-")[0] for name, code in COMPUTE.items()}
    peaks = np.full((len(Compute), len(parts)), np.nan)
    for code, name in formats.items():
        rates = [training_peak_flop_per_s(part, name) for part in parts]
        peaks[code] = [np.nan if rate is None else rate for rate in rates]
    return Tables(
        model_table,
        variant_table,
        slot_table,
        peaks,
        _trainable(model_table, variant_table, models, classes),
        software,
    )


def active_ffn_hidden(model: Model) -> float:
    """Width of the feed-forward block that one token passes, all active experts together. [1]"""
    if not model.is_moe:
        return float(model.ffn_hidden * model.ffn_stacks)
    expert = model.expert_ffn_hidden or model.ffn_hidden
    return float(expert * model.experts_per_token + model.shared_expert_ffn_hidden)


def _trainable(
    models: Columns,
    variants: Columns,
    rows: Sequence[Model],
    classes: int,
) -> FloatArray:
    count = len(variants["tuning"])
    shape = {
        name: np.repeat(models[name][:, None], count, axis=1).ravel()
        for name in (
            "layers",
            "hidden",
            "heads",
            "kv_heads",
            "head_dim",
            "ffn_hidden",
            "gated",
            "vocabulary",
        )
    }
    made = trainable_parameters(
        np.tile(variants["tuning"], len(rows)),
        np.tile(variants["rank"], len(rows)),
        np.repeat(models["parameters"], count),
        **shape,
        cross_layers=np.repeat(_floats(m.decoder_layers for m in rows), count),
        classes=float(classes),
    )
    return made.reshape(len(rows), count)


def _floats(values: Iterable[float]) -> FloatArray:
    return np.fromiter(values, dtype=np.float64)


def _flags(values: Iterable[bool]) -> BoolArray:
    return np.fromiter(values, dtype=np.bool_)


def _codes(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int64)
