"""How many weights a method trains."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.configurations import Tuning

if TYPE_CHECKING:
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray

BOTTLENECK = 64.0
"""Width of an adapter where none is stated (houlsby2019 uses 64 for most GLUE tasks). [1]"""

VIRTUAL_TOKENS = 20.0
"""Length of a prefix or soft prompt (lester2021 finds no gain beyond 20). [token]"""

CLASSES = 2.0
"""Classes of a linear probe where none is stated. [1]"""


class Adapted(IntFlag):
    """Linear maps of a layer beside which a low-rank method adds weights."""

    QUERY = 1
    KEY = 2
    VALUE = 4
    RESULT = 8
    """The map that joins the heads again."""
    FEED_FORWARD = 16
    """Every map of the block."""
    FUSED = 32
    """Queries, keys and values are one map, read by one adapter."""
    ATTENTION = QUERY | KEY | VALUE | RESULT


EVERY_MAP = Adapted.ATTENTION | Adapted.FEED_FORWARD
"""What dettmers2023 finds necessary to match full fine-tuning."""


def trainable_parameters(
    tuning: IntArray,
    rank: FloatArray,
    parameters: FloatArray,
    adapted: Adapted = EVERY_MAP,
    /,
    *,
    layers: FloatArray,
    hidden: FloatArray,
    heads: FloatArray,
    kv_heads: FloatArray,
    head_dim: FloatArray,
    ffn_hidden: FloatArray,
    gated: BoolArray,
    vocabulary: FloatArray,
    cross_layers: FloatArray | float = 0.0,
    classes: FloatArray | float = CLASSES,
) -> FloatArray:
    """Weights that receive gradients. [1], shape (n,), at most `parameters`.

    Args:
        tuning: codes of `Tuning`, shape (n,).
        rank: rank of LoRA-like methods or width of an adapter; 0: the usual one, shape (n,).
        parameters: all parameters of the model. [1], shape (n,).
        adapted: maps that low-rank methods adapt; every one by default.
        layers: all layers. [1], shape (n,).
        hidden: width of the residual stream h. [1], shape (n,).
        heads: query heads. [1], shape (n,).
        kv_heads: key and value heads. [1], shape (n,).
        head_dim: width of one head. [1], shape (n,).
        ffn_hidden: width of the feed-forward block. [1], shape (n,).
        gated: the feed-forward block has a gate, shape (n,).
        vocabulary: entries of the vocabulary; no method here trains embeddings. [1], shape (n,).
        cross_layers: layers with a second, crossing attention. [1], shape (n,).
        classes: outputs of a linear probe. [1], shape (n,).

    Source:
        hu2021 with the rank on every linear map of a layer (dettmers2023: needed to match full
        fine-tuning), houlsby2019 (two adapters a layer), li2021 (prefix: keys and values of each
        layer), liu2022 (IA3), benzaken2022 (BitFit: every bias), lester2021 (prompt tuning).
    """
    del vocabulary  # part of a shape; kept so that callers pass whole shapes
    query = heads * head_dim
    key = kv_heads * head_dim
    matrices = 2.0 + gated
    r = np.where(rank > 0, rank, 16.0)
    width = np.where(rank > 0, rank, BOTTLENECK)
    of_query = bool(adapted & Adapted.QUERY) + float(bool(adapted & Adapted.RESULT))
    of_key = bool(adapted & Adapted.KEY) + float(bool(adapted & Adapted.VALUE))
    attention_ends = of_query * (hidden + query) + of_key * (hidden + key)
    if adapted & Adapted.FUSED:
        attention_ends = attention_ends - 2.0 * hidden
    of_block = matrices * (hidden + ffn_hidden)
    ends = attention_ends + bool(adapted & Adapted.FEED_FORWARD) * of_block
    lora = r * (layers * ends + cross_layers * attention_ends)
    outputs = 2.0 * query + 2.0 * key + hidden + (1.0 + gated) * ffn_hidden + 2.0 * hidden
    by_tuning = {
        Tuning.LORA: lora,
        Tuning.QLORA: lora,
        Tuning.DORA: lora + layers * outputs,
        Tuning.ADAPTER: layers * 2.0 * (2.0 * hidden * width + width + hidden),
        Tuning.PREFIX: layers * VIRTUAL_TOKENS * 2.0 * key,
        Tuning.IA3: layers * (2.0 * key + ffn_hidden),
        Tuning.BITFIT: layers * outputs,
        Tuning.PROMPT_TUNING: VIRTUAL_TOKENS * hidden,
        Tuning.LINEAR_PROBE: (hidden + 1.0) * classes,
    }
    made = np.array(np.broadcast_to(parameters, tuning.shape), dtype=np.float64)
    for code, count in by_tuning.items():
        chosen = tuning == code
        made[chosen] = np.broadcast_to(count, tuning.shape)[chosen]
    return np.minimum(made, parameters)
