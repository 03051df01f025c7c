"""Sizes that memory and throughput both derive from a configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Sharding,
    Stack,
    Storage,
    Tuning,
    is_one_of,
)

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray

PEFT = (
    Tuning.LORA,
    Tuning.DORA,
    Tuning.QLORA,
    Tuning.ADAPTER,
    Tuning.PREFIX,
    Tuning.IA3,
    Tuning.BITFIT,
    Tuning.PROMPT_TUNING,
)
"""Methods whose gradients pass a frozen backbone."""


ENCODER_DECODER_SHARE = 0.65
"""Share of an encoder-decoder's weights that one counted token passes: one half, and a quarter of
the other where targets are a quarter of the length and are not counted (raffel2020: 512 and 114
tokens). [ratio]"""


LONGEST_PROMPT = 512.0
"""A soft prompt trains one weight for each virtual token and hidden unit; beyond this length the
weights are those of a network that writes a prompt of `WRITTEN_PROMPT`. [token]"""

WRITTEN_PROMPT = 20.0
"""Length of a prompt that a network writes: lester2021 finds no gain beyond it. [token]"""


PEFT_STACKS = (Stack.HF_TRAINER, Stack.OTHER)
"""Stacks that are taken to train few weights through Hugging Face PEFT."""

NARROW_BYTES = 2.0
"""One weight of an adapter in 16 bits. [byte]"""

SPREADING_STACKS = (Stack.MEGATRON, Stack.MLPERF)
"""Stacks that usually spread experts among accelerators; others shard all weights alike."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Derived counts of each configuration, shape (n,)."""

    embedding: FloatArray
    """Weights of embeddings and language-model head. [1]"""
    active_layers: FloatArray
    """Weights of the layers that one token passes. [1]"""
    all_layers: FloatArray
    """Weights of all layers, experts included. [1]"""
    kv_ratio: FloatArray
    """Key-value heads over query heads. [ratio]"""
    tokens: FloatArray
    """Tokens computed in a micro-batch on one accelerator of a context-parallel group, those of a
    soft prompt included. [token]"""
    local_layers: FloatArray
    """Layers of one pipeline stage. [1]"""
    stage_ratio: FloatArray
    """Weights that one rank of the largest pipeline stage holds over all weights: an even share of
    the layers, its share of the experts, and one end of the model's embeddings. [ratio]"""
    update_ratio: FloatArray
    """The same with all experts: those of one stage, which sharded optimisers split evenly.
    [ratio]"""
    routed: FloatArray
    """Weights of all routed experts. [1]"""
    expert_parallel: FloatArray
    """Accelerators among which the experts of a layer are spread. [1]"""
    recomputes: FloatArray
    """1 where every layer is computed again in the backward pass, else 0."""
    experts: BoolArray
    peft: BoolArray
    frozen: BoolArray
    """Only the last layer trains: no gradient passes the backbone."""
    quantised: BoolArray
    widened: BoolArray
    """What is not quantised was cast to fp32, embeddings and the residual stream included."""
    wide: BoolArray
    """Activations of four bytes (fp32, tf32)."""


def sizes(c: Configurations) -> Sizes:
    """Counts that formulas share.

    Weights of the layers are the parameters less the embeddings, at least 0.4 of all; where the
    widths alone imply far more (layers that share weights), the widths count for the work.
    """
    copies = np.where(c.tied | c.encoder, 1.0, 2.0)
    embedding = np.minimum(copies * c.vocabulary * c.hidden, 0.9 * c.parameters)
    active = np.maximum(c.active_parameters - embedding, 0.4 * c.active_parameters)
    query = c.heads * c.head_dim
    attention = 2.0 * c.hidden * (query + c.kv_heads * c.head_dim)
    by_width = c.layers * (attention + (2.0 + c.gated) * c.hidden * c.ffn_hidden)
    shared = by_width > 1.5 * active
    active = np.where(shared & (c.experts == 0), by_width, active)
    active = np.where(c.encoder_decoder, ENCODER_DECODER_SHARE * active, active)
    prompt = c.trainable_parameters / c.hidden
    prompt = np.where(prompt > LONGEST_PROMPT, WRITTEN_PROMPT, prompt)
    prompt = np.where(c.tuning == Tuning.PROMPT_TUNING, prompt, 0.0)
    one_end = np.where(c.pipeline_parallel > 1, embedding / copies, embedding)
    stage = (c.parameters - embedding) / c.pipeline_parallel + one_end
    routed = routed_parameters(c)
    spread = expert_parallel(c)
    away = routed * (1.0 - 1.0 / spread) / c.pipeline_parallel
    return Sizes(
        embedding=embedding,
        active_layers=active,
        all_layers=np.maximum(c.parameters - embedding, 0.4 * c.parameters),
        kv_ratio=c.kv_heads / c.heads,
        tokens=np.maximum(c.micro_batch * (c.sequence + prompt) / c.context_parallel, 1.0),
        local_layers=c.layers / c.pipeline_parallel,
        stage_ratio=(stage - away) / c.parameters,
        update_ratio=stage / c.parameters,
        routed=routed,
        expert_parallel=spread,
        recomputes=(c.checkpointing == Checkpointing.FULL).astype(np.float64),
        experts=c.experts > 0,
        peft=is_one_of(c.tuning, PEFT),
        frozen=c.tuning == Tuning.LINEAR_PROBE,
        quantised=c.storage != Storage.AS_COMPUTED,
        widened=widens_rest(c),
        wide=(c.compute == Compute.FP32) | (c.compute == Compute.TF32),
    )


def widens_rest(c: Configurations) -> BoolArray:
    """True where software casts all that is not quantised to fp32.

    Hugging Face PEFT does so when it prepares a model in nf4 or int8 (peft2025:
    `prepare_model_for_kbit_training`), and casts adapters to fp32 too, which tells it from others.
    Full sharding wants one format for all weights of a block: trainers leave the step out.
    """
    bits = is_one_of(c.storage, (Storage.NF4, Storage.NF4_DOUBLE, Storage.INT8))
    prepared = is_one_of(c.stack, PEFT_STACKS) & (c.adapter_bytes > NARROW_BYTES)
    made: BoolArray = bits & prepared & (c.sharding != Sharding.WEIGHTS)
    return made


def routed_parameters(c: Configurations) -> FloatArray:
    """Weights of all routed experts, from all and active parameters. [1]

    N - N_a = X (1 - k/E): a token leaves out all but k of E experts. At most 98 % of the
    model.
    """
    idle = 1.0 - c.experts_per_token / np.maximum(c.experts, 1.0)
    left_out = np.maximum(c.parameters - c.active_parameters, 0.0)
    known = (c.experts > c.experts_per_token) & (idle > 0)
    routed = left_out / np.where(known, idle, 1.0)
    return np.where(known, np.minimum(routed, 0.98 * c.parameters), 0.0)


def expert_parallel(c: Configurations) -> FloatArray:
    """Accelerators among which the experts of a layer are spread. [1], 1 for dense models

    Where it is not stated: a whole domain with software that spreads experts, else none. Never
    more than there are experts, or accelerators of one pipeline stage.
    """
    stage = np.maximum(c.gpus / c.pipeline_parallel, 1.0)
    usual = np.where(is_one_of(c.stack, SPREADING_STACKS), c.domain, 1.0)
    stated = np.where(c.expert_parallel > 0, c.expert_parallel, usual)
    return np.clip(np.minimum(stated, stage), 1.0, np.maximum(c.experts, 1.0))
