"""The finished model where it will run: bytes of its weights, and how long an answer takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catalog.parameters import embedding_parameters
from catalog.schema import Architecture
from catalog.units import BITS_PER_BYTE, FLOP_PER_TFLOP, MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Accelerator, Model
    from solver.estimate.assumptions import Assumptions
    from solver.estimate.configurations import FloatArray

BYTES_WIDE = 2.0
"""What no deployment format narrows lies in 16 bits: embeddings, the head, the cache. [byte]"""

BANDWIDTH_SHARE = 0.72
"""Share of the peak memory bandwidth at which weights are read, batch 1. [ratio]

Fitted with `LAYER_SECONDS` to seven measurements of gptfast2023 (Llama-2 7B and 70B in 16, 8 and 4
bits on an A100 of 80 GB, 7B on one half of an MI250X) by least squares in the logarithm: the
measured times lie between 0.84 and 1.22 of the fitted ones.
"""

LAYER_SECONDS = 70e-6
"""What a layer takes besides reading its weights. [s]; fitted with `BANDWIDTH_SHARE`"""

SAFETY = 1.22
"""No measurement took longer than this times the fitted time. [ratio]"""


def deployed_bytes(models: Sequence[Model], bits: Sequence[float]) -> FloatArray:
    """Weights of each finished model in each format. [byte], shape (models, formats).

    The matrices of the layers take the format's bits with their scales and zero points; embeddings
    and an untied head stay in 16 bits, as published comparisons leave them. Adapters are merged.

    Args:
        models: base models.
        bits: of one weight in each format, scales and zero points included. [bit]
    """
    narrow = _narrow_parameters(models, active=False)
    wide = np.array([m.parameters for m in models], float) - narrow
    return np.asarray(
        narrow[:, None] * np.asarray(bits)[None, :] / BITS_PER_BYTE + wide[:, None] * BYTES_WIDE
    )


def latency_ms(
    models: Sequence[Model],
    bits: Sequence[float],
    device: Accelerator,
    sequence: int,
    assumptions: Assumptions,
) -> FloatArray:
    """Time of one answer alone on a device, on the safe side. [ms], shape (models, formats).

    A decoder's is that of one generated token behind a context of `sequence` tokens: weights and
    cache are read once. Others take one pass over a sequence: reading the weights or computing,
    whichever is slower. Infinite where the weights do not fit in the device's memory.

    Args:
        models: base models.
        bits: of one weight in each format, scales and zero points included. [bit]
        device: where the model will run, alone.
        sequence: tokens of a request. [token]
        assumptions: the share of the dense peak that serving reaches.

    Source:
        gptfast2023 for `BANDWIDTH_SHARE`, `LAYER_SECONDS` and `SAFETY`: batch 1, compiled. Eager
        code, tokenising and the way to the device come on top.
    """
    decoder = np.array([m.architecture is Architecture.DECODER for m in models])
    layers = np.array([m.layers + m.decoder_layers for m in models], float)
    stored = deployed_bytes(models, bits)
    # one token passes the chosen experts and the head; of the embeddings it reads one row
    head = np.array([m.vocabulary * (m.embedding_dim or m.hidden) for m in models], float)
    active = _narrow_parameters(models, active=True)
    cache = np.array([2.0 * m.kv_heads * m.head_dim for m in models]) * layers * sequence
    wide = (head + cache) * BYTES_WIDE
    token = active[:, None] * np.asarray(bits)[None, :] / BITS_PER_BYTE + wide[:, None]
    read = np.where(decoder[:, None], token, stored)
    reading = read / (BANDWIDTH_SHARE * device.bandwidth_bytes_per_s)
    tokens = np.where(decoder, 1.0, float(sequence))
    peak = device.fp16_tflops or device.bf16_tflops or device.fp32_tflops or np.inf
    computing = 2.0 * active * tokens / (peak * FLOP_PER_TFLOP * assumptions.serving_ratio)
    seconds = np.maximum(reading, computing[:, None]) + LAYER_SECONDS * layers[:, None]
    fits = stored <= device.memory_bytes
    return np.where(fits, SAFETY * seconds * MILLISECONDS_PER_SECOND, np.inf)


def _narrow_parameters(models: Sequence[Model], *, active: bool) -> FloatArray:
    """Parameters of the layers' matrices, which formats narrow. [1], shape (models,)"""
    whole = np.array([m.active_parameters if active else m.parameters for m in models], float)
    wide = np.array([embedding_parameters(m) for m in models])
    return np.asarray(np.maximum(whole - wide, 0.0))
