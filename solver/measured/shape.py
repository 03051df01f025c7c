"""The network of a measured run: as stated, else as the catalogue knows it, else by its size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.schema import Architecture
from solver.measured.words import is_encoder, is_encoder_decoder, parameters_in_name
from solver.space.configure import active_ffn_hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catalog.schema import Model
    from catalog.tables import Catalog
    from solver.measured.runs import Run

USUAL_VOCABULARY = 50_000.0
"""Entries where nothing is known: GPT-2 has 50,257. [1]"""

USUAL_HEAD = 128.0
"""Width of a head where nothing is known. [1]"""

SPARSE_RATIO = 1.15
"""A model with so many times more weights than a token passes is a mixture of experts. [ratio]"""


@dataclass(frozen=True, slots=True)
class Network:
    """The dimensions that every estimate needs, all known."""

    parameters: float
    active_parameters: float
    layers: float
    hidden: float
    heads: float
    kv_heads: float
    head_dim: float
    ffn_hidden: float
    gated: bool
    vocabulary: float
    tied: bool
    encoder: bool
    encoder_decoder: bool
    experts: float
    experts_per_token: float
    guessed: bool
    """Layers or width were derived from the size alone."""


def network_of(run: Run, catalog: Catalog) -> Network | None:
    """The network of a run; None where not even its size is known."""
    known = catalog.model_named(run.texts["model"])
    stated = run.counts
    parameters = stated.get("params_total") or parameters_in_name(run.texts["model"])
    if parameters is None:
        parameters = float(known.parameters) if known else _parameters_of_shape(stated)
    if parameters is None:
        return None
    facts = _facts(known, parameters)
    active = stated.get("params_active") or facts.get("active_parameters") or parameters
    hidden = stated.get("hidden") or facts.get("hidden") or _width(active)
    layers = stated.get("n_layers") or facts.get("layers")
    guessed = layers is None
    if layers is None:
        layers = max(round(active / (12.0 * hidden * hidden)), 1.0)
    heads = stated.get("n_heads") or facts.get("heads") or max(hidden / USUAL_HEAD, 1.0)
    kv_heads = min(stated.get("n_kv_heads") or facts.get("kv_heads") or heads, heads)
    vocabulary = stated.get("vocab") or facts.get("vocabulary") or USUAL_VOCABULARY
    experts = parameters > SPARSE_RATIO * active
    ffn = stated.get("ffn_hidden") or facts.get("ffn_hidden")
    if experts and (ffn is None or known is None):
        ffn = max((active / layers - 4.0 * hidden * hidden) / (3.0 * hidden), hidden)
    elif ffn is None:
        ffn = 4.0 * hidden
    head_dim = facts.get("head_dim") or hidden / heads
    base = (parameters, layers, hidden, heads * head_dim, kv_heads * head_dim, ffn, vocabulary)
    gated, tied = (known.gated_ffn, known.tied_embeddings) if known else _explains(*base)
    name = run.texts["model"]
    return Network(
        parameters=parameters,
        active_parameters=min(active, parameters),
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        ffn_hidden=ffn,
        gated=gated or experts,
        vocabulary=vocabulary,
        tied=tied,
        encoder=known.architecture is Architecture.ENCODER if known else is_encoder(name),
        encoder_decoder=(
            known.architecture is Architecture.ENCODER_DECODER
            if known
            else is_encoder_decoder(name)
        ),
        experts=(known.experts if known and known.experts else 8.0) if experts else 0.0,
        experts_per_token=(known.experts_per_token if known else 2.0) if experts else 0.0,
        guessed=guessed,
    )


def _facts(known: Model | None, parameters: float) -> Mapping[str, float]:
    """Dimensions of the catalogue's model, unless its size contradicts the stated one."""
    if known is None or abs(math.log(known.parameters / parameters)) > math.log(SPARSE_RATIO):
        return {}
    return {
        "active_parameters": float(known.active_parameters),
        "layers": float(known.layers + known.decoder_layers),
        "hidden": float(known.hidden),
        "heads": float(known.heads),
        "kv_heads": float(known.kv_heads),
        "head_dim": float(known.head_dim),
        "ffn_hidden": active_ffn_hidden(known),
        "vocabulary": float(known.vocabulary),
    }


def _parameters_of_shape(stated: Mapping[str, float]) -> float | None:
    """Parameters of a plain network of the stated layers and width; None where either is open. [1]

    Attention of four square maps, two feed-forward maps, and embeddings that are used twice.
    """
    if not {"n_layers", "hidden"} <= stated.keys():
        return None
    hidden = stated["hidden"]
    ffn = stated.get("ffn_hidden", 4.0 * hidden)
    layer = 4.0 * hidden * hidden + 2.0 * hidden * ffn
    return stated["n_layers"] * layer + stated.get("vocab", USUAL_VOCABULARY) * hidden


def _width(parameters: float) -> float:
    """Width of a dense model about 128 times as wide as deep: N = 12 L h² = 12 h³ / 128. [1]"""
    width = round(math.cbrt(parameters * 128.0 / 12.0) / 128.0) * 128.0
    return max(width, 256.0)


def _explains(
    parameters: float,
    layers: float,
    hidden: float,
    query: float,
    key: float,
    ffn: float,
    vocabulary: float,
) -> tuple[bool, bool]:
    """Whether a gated block and tied embeddings explain the parameter count best."""
    attention = 2.0 * hidden * (query + key)
    choices = [(gated, tied) for gated in (False, True) for tied in (True, False)]
    return min(
        choices,
        key=lambda choice: abs(
            math.log(
                (
                    layers * (attention + (2.0 + choice[0]) * hidden * ffn)
                    + (2.0 - choice[1]) * vocabulary * hidden
                )
                / parameters
            )
        ),
    )
