"""The closed formula for a model's parameters, from the shape that the catalogue states.

It counts matrices and embeddings; norms, biases and type embeddings are left out (below 1 % of
every published count in the catalogue). A shape is trusted where the formula comes within
`TOLERANCE` of the published count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.schema import Architecture

if TYPE_CHECKING:
    from catalog.schema import Model

TOLERANCE = 0.02
"""Largest relative difference to the published count at which a shape is trusted. [ratio]"""


def formula_parameters(model: Model) -> float:
    """All parameters of a model by its shape. [1]

    Args:
        model: a dense, mixture-of-experts, encoder-decoder or layer-sharing Transformer.
    """
    return embedding_parameters(model) + _stack_parameters(model, model.experts)


def formula_active_parameters(model: Model) -> float:
    """Parameters that one token passes, a shared layer counted each time it is passed. [1]

    Embeddings are counted whole, as published counts do. Experts: the chosen ones only.
    """
    if model.shared_layers:
        return embedding_parameters(model) + model.layers * _dense_layer_parameters(model)
    return embedding_parameters(model) + _stack_parameters(model, model.experts_per_token)


def formula_error(model: Model) -> float:
    """Relative difference of the formula to the published count. [ratio], negative if below."""
    return formula_parameters(model) / model.parameters - 1.0


def embedding_parameters(model: Model) -> float:
    """Token and position embeddings, their projection, and the head where it is not tied. [1]"""
    width = model.embedding_dim or model.hidden
    if model.bottleneck_hidden:  # three neighbouring tokens are projected together
        positions = model.learned_positions * model.hidden
        return float(model.vocabulary * width + positions + 3 * width * model.hidden)
    projection = width * model.hidden if width != model.hidden else 0
    head = 0 if model.tied_embeddings else model.vocabulary * model.hidden
    return float((model.vocabulary + model.learned_positions) * width + projection + head)


def attention_parameters(model: Model) -> float:
    """Projections of one attention block. [1]

    Multi-head latent attention (deepseekv2, arXiv:2405.04434, section 2.1) projects queries and
    keys with values down to a latent width and up again.
    """
    if model.mla:
        return _latent_attention_parameters(model)
    width = model.heads * model.head_dim
    return float(model.hidden * (2 * width + 2 * model.kv_heads * model.head_dim))


def mla_widths(text: str) -> dict[str, int]:
    """Widths of latent attention from `q=1536;kv=512;no=128;ro=64;v=128`. [1]

    Returns:
        q, kv: latent widths of queries (0: none) and of keys with values; no, ro: head widths
        without and with rotary position; v: head width of values.
    """
    return {name: int(width) for name, width in (part.split("=") for part in text.split(";"))}


def _latent_attention_parameters(model: Model) -> float:
    mla = mla_widths(model.mla)
    query_width = model.heads * (mla["no"] + mla["ro"])
    entering = mla["q"] or model.hidden
    queries = model.hidden * mla["q"] + entering * query_width
    down = model.hidden * (mla["kv"] + mla["ro"])
    up = mla["kv"] * model.heads * (mla["no"] + mla["v"])
    return float(queries + down + up + model.heads * mla["v"] * model.hidden)


def _dense_layer_parameters(model: Model) -> float:
    if model.bottleneck_hidden:
        return _bottleneck_layer_parameters(model)
    matrices = 3 if model.gated_ffn else 2
    return attention_parameters(model) + matrices * model.hidden * model.ffn_hidden


def _bottleneck_layer_parameters(model: Model) -> float:
    """A layer that works on a narrow width (sun2020, arXiv:2004.02984, section 3.2). [1]

    Two maps into the bottleneck and one out of it, queries, keys and output on the narrow width,
    values from the wide one, and stacked feed-forward blocks.
    """
    wide, narrow = model.hidden, model.bottleneck_hidden
    maps = 3 * wide * narrow
    attention = 3 * narrow * narrow + wide * narrow
    return float(maps + attention + model.ffn_stacks * 2 * narrow * model.ffn_hidden)


def _stack_parameters(model: Model, experts: int) -> float:
    """All layers with `experts` counted in each sparse one; a decoder layer attends twice."""
    layer = _dense_layer_parameters(model)
    if model.shared_layers:
        # One layer for all, and the pooler, which is no longer small beside it (ALBERT).
        return layer + model.hidden**2
    if model.architecture is Architecture.ENCODER_DECODER:
        return model.layers * layer + model.decoder_layers * (layer + attention_parameters(model))
    if not model.is_moe:
        return model.layers * layer
    sparse_layers = (model.layers - model.dense_layers) // model.moe_every
    sparse = attention_parameters(model) + _experts_parameters(model, experts)
    return (model.layers - sparse_layers) * layer + sparse_layers * sparse


def _experts_parameters(model: Model, experts: int) -> float:
    """Routed and shared experts of one sparse layer, and their router."""
    matrices = 3 if model.gated_ffn else 2
    width = experts * model.expert_ffn_hidden + model.shared_expert_ffn_hidden
    return float(matrices * model.hidden * width + model.hidden * model.experts)
