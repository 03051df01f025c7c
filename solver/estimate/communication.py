"""Time that accelerators spend exchanging data, within and across machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.configurations import Compute, Generation, Sharding, Tuning
from solver.estimate.layers import is_fused

if TYPE_CHECKING:
    from solver.estimate.configurations import Configurations, FloatArray
    from solver.estimate.constants import ThroughputConstants
    from solver.estimate.shape import Sizes

LINK_RATIO = 0.78
"""Bus bandwidth over one-way link rate in all-reduces on NVLink and xGMI: 0.76 to 0.82 measured
on A100, H200, B200 and MI300X machines (bekman2026). [ratio]"""

PCIE_RATIO = 0.44
"""The same over PCIe: 28 of 63 GB/s on eight RTX 5090 (nccl1639). [ratio]"""

PCIE_RATIO_CONSUMER = 0.5
"""Further factor where drivers forbid peer access; assumed. [ratio]"""

FASTEST_PCIE_BYTES_PER_S = 64e9
"""One-way rates up to PCIe 5 x16 count as PCIe. [byte/s]"""

MESH = 8
"""Machines with more V100 join them by switches. [1]"""

DEFAULT_NETWORK_BYTES_PER_S = 12.5e9
"""Network of a machine that joins others but states none: 100 Gbit/s. [byte/s]"""


BACKWARD = 0.66
"""Share of a micro-step that the backward pass takes. [ratio]"""


@dataclass(frozen=True, slots=True)
class Bandwidths:
    """Achievable rates of one accelerator, shape (n,). [byte/s]"""

    link: FloatArray
    """To the peers in its domain."""
    network: FloatArray
    """Its even share of the machine's network, line rate."""


def bandwidths(c: Configurations) -> Bandwidths:
    """Links and network as collectives see them."""
    pcie = PCIE_RATIO * np.where(c.consumer, PCIE_RATIO_CONSUMER, 1.0)
    ratio = np.where(c.link_bytes_per_s > FASTEST_PCIE_BYTES_PER_S, LINK_RATIO, pcie)
    link = c.link_bytes_per_s * ratio
    node = np.where(
        c.node_network_bytes_per_s > 0, c.node_network_bytes_per_s, DEFAULT_NETWORK_BYTES_PER_S
    )
    network = node / c.gpus_per_node
    # chips of a TPU pod reach each other over the torus whichever board they sit on
    return Bandwidths(link, np.where(c.generation == Generation.TPU, link, network))


def tensor_parallel_seconds(
    c: Configurations, s: Sizes, b: Bandwidths, k: ThroughputConstants, again: FloatArray
) -> FloatArray:
    """All-reduces of one micro-batch: two a layer and pass (shoeybi2019). [s]"""
    message = s.tokens * c.hidden * np.where(s.wide, 4.0, 2.0)
    inside = c.tensor_parallel <= c.domain
    link = b.link * _links_of_group(c)
    rate = np.where(inside, link, b.network * c.gpus_per_node) * k.tensor_parallel_rate
    rate = rate / np.where(is_fused(c), k.tensor_parallel_exposed, 1.0)
    ring = 2.0 * (c.tensor_parallel - 1.0) / c.tensor_parallel
    each = k.tensor_parallel_latency_seconds + ring * message / rate
    count = s.local_layers * 2.0 * (2.0 + again)
    return np.where(c.tensor_parallel > 1, count * each, 0.0)


def _links_of_group(c: Configurations) -> FloatArray:
    """Share of a part's links that a group of some parts of its machine can use. [0..1]

    Without a switch every pair has links of its own: two of eight MI300X reach 47.7 of the 312.9
    GB/s that all eight do (bekman2026).
    """
    volta = (c.generation == Generation.VOLTA) & (c.gpus_per_node <= MESH)
    meshed = volta | (c.generation == Generation.CDNA)
    others = np.minimum((c.tensor_parallel - 1.0) / np.maximum(c.gpus_per_node - 1.0, 1.0), 1.0)
    return np.where(meshed & (c.tensor_parallel > 1), others, 1.0)


def pipeline_seconds(
    c: Configurations, s: Sizes, b: Bandwidths, k: ThroughputConstants
) -> FloatArray:
    """Passing activations to the next stage and gradients back, one micro-batch. [s]"""
    message = s.tokens * c.hidden * np.where(s.wide, 4.0, 2.0) / c.tensor_parallel
    inside = c.tensor_parallel * c.pipeline_parallel <= c.domain
    rate = np.where(inside, b.link, b.network * k.network_rate)
    return np.where(c.pipeline_parallel > 1, 2.0 * (message / rate + 40e-6), 0.0)


def context_parallel_seconds(c: Configurations, s: Sizes, b: Bandwidths) -> FloatArray:
    """Passing keys and values around the ring, seven tenths hidden (assumed). [s]"""
    message = s.tokens * c.hidden * s.kv_ratio * 4.0 / c.tensor_parallel
    inside = c.tensor_parallel * c.context_parallel <= c.domain
    rate = np.where(inside, b.link, b.network)
    each = 3.0 * (c.context_parallel - 1.0) * message / rate * 0.3
    return np.where(c.context_parallel > 1, s.local_layers * each, 0.0)


def expert_seconds(
    c: Configurations,
    s: Sizes,
    b: Bandwidths,
    k: ThroughputConstants,
    again: FloatArray,
    busy: FloatArray,
) -> FloatArray:
    """What sending tokens to their experts and back adds to one micro-batch. [s]

    Within a domain a token travels to each of its experts; to other domains it travels once each,
    in part behind the computation of other tokens (deepseek2024v3).

    Args:
        c: configurations.
        s: their sizes.
        b: their bandwidths.
        k: the fitted constants.
        again: forward-equivalents computed again. [1]
        busy: computation of the layers in one micro-batch. [s]
    """
    one = s.tokens * c.hidden * 2.0 / c.tensor_parallel
    others = 1.0 - 1.0 / s.expert_parallel
    domains = np.maximum(s.expert_parallel / c.domain, 1.0)
    away = 1.0 - 1.0 / domains
    all_inside = one * c.experts_per_token * others / b.link
    inside = all_inside * (1.0 - away)
    outside = one * np.minimum(c.experts_per_token, domains) * away / (b.network * k.network_rate)
    count = (4.0 + 2.0 * again) * k.all_to_all * s.local_layers
    made = count * inside + _beyond(count * outside, k.all_to_all_hidden * busy)
    # what hides wholly across domains would do so within one: spreading wider is never cheaper
    made = np.maximum(made, count * all_inside)
    return np.where(s.experts & (s.expert_parallel > 1), made, 0.0)


def data_parallel_rate(c: Configurations, b: Bandwidths, k: ThroughputConstants) -> FloatArray:
    """Rate of a ring over the replicas: every network card of a machine takes part. [byte/s]"""
    cards = np.maximum(np.maximum(c.gpus_per_node, c.domain) / c.tensor_parallel, 1.0)
    across = np.minimum(b.network * cards * k.network_rate, 0.8 * b.link)
    return np.where(c.gpus > c.domain, across, 0.8 * b.link)


def reduce_seconds(
    c: Configurations, s: Sizes, rate: FloatArray, micro: FloatArray, k: ThroughputConstants
) -> FloatArray:
    """What the reduction of gradients adds to a step beyond what the backward pass hides. [s]

    Where optimisers are sharded, recent software gathers the weights behind the next forward pass.
    """
    local = _reduced_weights(c, s) / c.tensor_parallel / c.pipeline_parallel
    narrow = (c.compute == Compute.FP16_MIXED) | (c.compute == Compute.BF16_MIXED)
    narrow |= c.compute == Compute.BF16_PURE
    sharded = c.sharding == Sharding.WEIGHTS
    size = np.where(~narrow, 4.0, 2.0) * np.where(sharded & narrow, 2.0, 1.0)
    halves = np.where(sharded, 0.5, 1.0)
    time = _ring(c) * local * size * halves / rate
    hidden = np.where(is_fused(c), k.reduce_hidden_fused, k.reduce_hidden)
    both = is_fused(c) & (c.sharding >= Sharding.OPTIMIZER)
    made = _beyond(time, hidden * micro * np.where(both, 1.0, BACKWARD)) + 0.03 * time
    return np.where(c.data_parallel > 1, made, 0.0)


def _reduced_weights(c: Configurations, s: Sizes) -> FloatArray:
    """Weights whose gradients one rank reduces: its own experts only. [1]"""
    away = s.routed * (1.0 - 1.0 / s.expert_parallel)
    return c.trainable_parameters * (1.0 - away / c.parameters)


def gather_seconds(
    c: Configurations, rate: FloatArray, micro: FloatArray, k: ThroughputConstants
) -> FloatArray:
    """What gathering sharded weights, forward and backward, adds to one micro-batch. [s]"""
    local = c.parameters / c.tensor_parallel / c.pipeline_parallel
    size = np.where(c.tuning == Tuning.QLORA, 0.6, 2.0)
    time = 0.5 * _ring(c) * local * size * 2.0 / rate
    share = np.where(is_fused(c), k.gather_hidden, k.gather_hidden_plain)
    made = _beyond(time, share * micro) + 0.03 * time
    # each layer is gathered forward and backward and reduced once, at a latency nothing hides
    made = made + 3.0 * k.gather_latency_seconds * c.layers / c.pipeline_parallel
    sharded = (c.sharding == Sharding.WEIGHTS) & (c.data_parallel > 1)
    return np.where(sharded, made, 0.0)


def _ring(c: Configurations) -> FloatArray:
    replicas = c.data_parallel
    return 2.0 * (replicas - 1.0) / replicas


def _beyond(time: FloatArray, hidden: FloatArray) -> FloatArray:
    """Smooth maximum of 0 and time - hidden, with a corner as wide as 0.15 of `hidden`. [s]"""
    width = 0.15 * hidden + 1e-9
    made: FloatArray = np.logaddexp(0.0, (time - hidden) / width) * width
    return made
