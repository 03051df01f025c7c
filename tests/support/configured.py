"""Configurations to estimate: Llama-3.1-8B on eight H100 unless a test says otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Configurations,
    Generation,
    Optimizer,
    Sharding,
    Stack,
    Storage,
    Tuning,
    configurations,
)
from solver.estimate.trainable import trainable_parameters

LLAMA_8B: dict[str, Any] = {
    "parameters": 8_030_261_248.0,
    "active_parameters": 8_030_261_248.0,
    "layers": 32.0,
    "hidden": 4096.0,
    "heads": 32.0,
    "kv_heads": 8.0,
    "head_dim": 128.0,
    "ffn_hidden": 14_336.0,
    "gated": True,
    "vocabulary": 128_256.0,
    "tied": False,
    "encoder": False,
    "encoder_decoder": False,
    "experts": 0.0,
    "experts_per_token": 0.0,
}

BERT_BASE: dict[str, Any] = {
    **LLAMA_8B,
    "parameters": 109_482_240.0,
    "active_parameters": 109_482_240.0,
    "layers": 12.0,
    "hidden": 768.0,
    "heads": 12.0,
    "kv_heads": 12.0,
    "head_dim": 64.0,
    "ffn_hidden": 3072.0,
    "gated": False,
    "vocabulary": 30_522.0,
    "tied": True,
    "encoder": True,
}

LLAMA_70B: dict[str, Any] = {
    **LLAMA_8B,
    "parameters": 70_553_706_496.0,
    "active_parameters": 70_553_706_496.0,
    "layers": 80.0,
    "hidden": 8192.0,
    "heads": 64.0,
    "ffn_hidden": 28_672.0,
}

H100: dict[str, Any] = {
    "generation": int(Generation.HOPPER),
    "consumer": False,
    "peak_flop_per_s": 989.4e12,
    "measured_flop_per_s": 794.5e12,
    "memory_bytes": 79.6 * 2.0**30,
    "bandwidth_bytes_per_s": 3.35e12,
    "link_bytes_per_s": 450e9,
    "node_network_bytes_per_s": 400e9,
    "gpus_per_node": 8.0,
    "domain": 8.0,
}

RUN: dict[str, Any] = {
    "tuning": int(Tuning.FULL),
    "rank": 0.0,
    "teacher_active_parameters": 0.0,
    "storage": int(Storage.AS_COMPUTED),
    "compute": int(Compute.BF16_MIXED),
    "optimizer": int(Optimizer.ADAMW),
    "gpus": 8.0,
    "tensor_parallel": 1.0,
    "pipeline_parallel": 1.0,
    "context_parallel": 1.0,
    "sharding": int(Sharding.WEIGHTS),
    "micro_batch": 1.0,
    "accumulation": 4.0,
    "sequence": 4096.0,
    "checkpointing": int(Checkpointing.FULL),
    "flash": True,
    "offload": False,
    "stack": int(Stack.HF_TRAINER),
    "chunked_loss": False,
}


def one(**changes: Any) -> Configurations:
    """One configuration, or as many as the longest array among the changes."""
    columns = {**LLAMA_8B, **H100, **RUN, **changes}
    length = max(np.size(value) for value in columns.values())
    if "trainable_parameters" not in columns:
        columns["trainable_parameters"] = trainable(columns, length)
    return configurations(length, columns)


def trainable(columns: dict[str, Any], length: int) -> Any:
    """What the method of the columns trains."""
    names = ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn_hidden", "gated")
    shape = {name: np.broadcast_to(columns[name], (length,)) for name in (*names, "vocabulary")}
    return trainable_parameters(
        np.broadcast_to(columns["tuning"], (length,)),
        np.broadcast_to(columns["rank"], (length,)),
        np.broadcast_to(columns["parameters"], (length,)),
        **shape,
    )


def lora(**changes: Any) -> Configurations:
    """LoRA of rank 16 on every linear map, alone on one accelerator."""
    given = {"tuning": int(Tuning.LORA), "rank": 16.0, "gpus": 1.0, "sharding": 0, **changes}
    return one(**given)
