"""Which runs of a source differ in one thing alone: what somebody chooses who measures on purpose.

A plan is best measured by itself, only shorter: on fewer accelerators, with other batches. Public
sources hold such pairs: every stated column of two runs is equal but those of one thing.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.configurations import Configurations

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray

NOTHING, FEWER = "nothing stated", "fewer accelerators"

THINGS: dict[str, tuple[str, ...]] = {
    "number of accelerators": ("gpus",),
    "batch": ("micro_batch", "accumulation"),
    "layout": (
        "tensor_parallel",
        "pipeline_parallel",
        "context_parallel",
        "expert_parallel",
        "virtual_stages",
        "sharding",
        "checkpointing",
        "offload",
    ),
    "number format": ("compute", "peak_flop_per_s"),
    "model": (
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
        "trainable_parameters",
    ),
    "accelerator": (
        "generation",
        "consumer",
        "peak_flop_per_s",
        "measured_flop_per_s",
        "memory_bytes",
        "bandwidth_bytes_per_s",
        "link_bytes_per_s",
        "node_network_bytes_per_s",
        "gpus_per_node",
        "domain",
    ),
}
"""Columns of `Configurations` that belong to each thing; all others must be equal."""


def pairs(c: Configurations) -> dict[str, BoolArray]:
    """For each thing, whether run i differs from run j in nothing else, shape (n, n).

    `FEWER` are the pairs in which j, the measured run, has fewer accelerators than i and is else
    alike; `NOTHING` those in which no stated column differs.
    """
    names = [field.name for field in fields(Configurations)]
    differs = {name: _differs(c, name) for name in names}
    apart = np.zeros((len(c), len(c)), dtype=np.int64)
    for of_column in differs.values():
        apart += of_column
    oneself = np.eye(len(c), dtype=np.bool_)
    made: dict[str, BoolArray] = {NOTHING: (apart == 0) & ~oneself}
    for thing, columns in THINGS.items():
        in_it = np.sum([differs[name] for name in columns], axis=0)
        made[thing] = (in_it == apart) & (in_it > 0)
    more = np.greater.outer(c.gpus, c.gpus)
    made[FEWER] = made["number of accelerators"] & more
    return made


def _differs(c: Configurations, name: str) -> BoolArray:
    values = np.nan_to_num(np.asarray(getattr(c, name), dtype=np.float64), nan=-1.0)
    made: BoolArray = np.not_equal.outer(values, values)
    return made
