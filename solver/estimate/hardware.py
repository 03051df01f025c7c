"""What a machine's facts mean for training: its generation, links, and what it can run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from solver.estimate.configurations import Generation

if TYPE_CHECKING:
    from catalog.schema import Accelerator, Precision

_ARCHITECTURES = (
    ("blackwell", Generation.BLACKWELL),
    ("hopper", Generation.HOPPER),
    ("ada", Generation.ADA),
    ("ampere", Generation.AMPERE),
    ("turing", Generation.TURING),
    ("volta", Generation.VOLTA),
    ("pascal", Generation.PASCAL),
    ("cdna", Generation.CDNA),
    ("tpu", Generation.TPU),
    ("neuroncore", Generation.TRAINIUM),
    ("gaudi", Generation.GAUDI),
)
"""Beginnings of the catalogue's architecture names, lower case."""

_PCIE_BYTES_PER_S = {"3": 15.75e9, "4": 31.5e9, "5": 63.0e9, "6": 126.0e9}
"""One-way rate of 16 lanes by PCIe generation: 8, 16, 32, 64 GT/s (pcisig). [byte/s]"""

_UNPUBLISHED_LINK_BYTES_PER_S = {
    "TPU-v2": 4 * 496e9 / 8,
    "TPU-v3": 4 * 656e9 / 8,
    "TPU-v4": 6 * 50e9,
    "Trainium1": 192e9,
    "Inferentia2": 192e9,
}
"""One-way rate where the catalogue states none: TPU v2 and v3 four links of 496 and 656 Gbit/s
(jouppi2020), TPU v4 six links of 50 GB/s (jouppi2023), Trainium1 a quarter of the 768 GB/s of
its data sheet (unverified). [byte/s]"""

NVL72 = 72
"""Accelerators of one NVLink domain in an NVL72 rack. [1]"""

TPU_SLICE = 256
"""Chips that one inter-chip torus joins at most, smaller than any pod from v2 on. [1]"""

MODERN = frozenset(
    {
        Generation.AMPERE,
        Generation.ADA,
        Generation.HOPPER,
        Generation.BLACKWELL,
        Generation.CDNA,
        Generation.TPU,
        Generation.TRAINIUM,
        Generation.GAUDI,
    }
)
"""Generations with bf16 matrix units and attention kernels that never store the scores."""


def generation_of(accelerator: Accelerator) -> Generation:
    """The family of accelerators that behave alike to which one belongs."""
    name = accelerator.architecture.lower()
    for beginning, generation in _ARCHITECTURES:
        if name.startswith(beginning):
            return generation
    return Generation.OTHER


def is_consumer(accelerator: Accelerator) -> bool:
    """True for GeForce-class parts, whose drivers join them over PCIe without peer access."""
    words = f"{accelerator.name} {accelerator.id}".lower()
    return "geforce" in words or re.search(r"\b(gtx|rtx)-[2-9]0[5-9]0", words) is not None


def link_bytes_per_s(accelerator: Accelerator, link_name: str = "") -> float:
    """One-way rate of one accelerator's links to its peers in the same machine. [byte/s]

    Args:
        accelerator: the part.
        link_name: how the machine joins its accelerators, e.g. "NVLink4 900 (NVSwitch)" or
            "PCIe5"; empty: by the accelerator's own link.

    A bridge joins cards in pairs only, so machines with bridges count as joined by PCIe.
    """
    name = (link_name or accelerator.link).lower()
    over_pcie = "pcie" in name or "bridge" in name or name.startswith(("none", "n/a"))
    if not over_pcie:
        if accelerator.link_gb_per_s_bidirectional is not None:
            return accelerator.link_gb_per_s_bidirectional * 1e9 / 2.0
        if accelerator.id in _UNPUBLISHED_LINK_BYTES_PER_S:
            return _UNPUBLISHED_LINK_BYTES_PER_S[accelerator.id]
    return _host_link_bytes_per_s(accelerator, name)


def _host_link_bytes_per_s(accelerator: Accelerator, name: str) -> float:
    """Rate of the slot: the machine's if it says so, else the accelerator's. [byte/s]"""
    own = accelerator.host_link.lower()
    stated = re.search(r"pcie ?(\d)", name) or re.search(r"pcie ?(\d)", own)
    rate = _PCIE_BYTES_PER_S[stated[1]] if stated else _PCIE_BYTES_PER_S["4"]
    return rate / 2.0 if "x8" in own else rate


def domain_size(accelerator: Accelerator, gpus_per_node: int) -> int:
    """Accelerators that the fast link joins: those of a machine, a rack or a pod slice. [1]"""
    if "nvl72" in accelerator.link.lower():
        return NVL72
    if generation_of(accelerator) is Generation.TPU:
        return max(TPU_SLICE, gpus_per_node)
    return gpus_per_node


def has_flash_attention(generation: Generation) -> bool:
    """True where training software computes attention without storing the score matrix."""
    return generation in MODERN


def supports(  # noqa: PLR0911 - one test a line
    accelerator: Accelerator, precision: Precision, *, quantised: bool
) -> str:
    """Why a part cannot train in a precision; empty where it can.

    Args:
        accelerator: the part.
        precision: the training precision.
        quantised: frozen weights are stored in nf4 or int8.
    """
    generation = generation_of(accelerator)
    number_format = precision.compute_format
    if precision.vendors and accelerator.vendor.lower() not in _lower(precision.vendors):
        return f"{precision.name} has no software for {accelerator.vendor} parts"
    if quantised and accelerator.vendor.lower() != "nvidia":
        return f"quantised storage has no software for {accelerator.vendor} parts"
    if number_format == "bf16" and generation not in MODERN:
        return f"{accelerator.name} has no bf16 matrix units"
    if number_format == "fp16" and generation in (Generation.TPU, Generation.TRAINIUM):
        return f"{accelerator.name} trains in bf16, not fp16"
    if number_format == "tf32" and accelerator.tf32_tflops is None:
        return f"{accelerator.name} has no tf32 matrix units"
    if number_format in ("fp8", "fp4") and accelerator.peak_flop_per_s(number_format) is None:
        return f"{accelerator.name} has no {number_format} matrix units"
    if training_peak_flop_per_s(accelerator, number_format) is None:
        return f"no {number_format} rate is known for {accelerator.name}"
    return ""


def training_peak_flop_per_s(accelerator: Accelerator, number_format: str) -> float | None:
    """Dense peak that `Configurations.peak_flop_per_s` holds for a compute format. [FLOP/s]

    For fp8 and fp4 that is the bf16 peak, because the gain of narrow formats is fitted. Where a
    table states one 16-bit rate, it holds for both formats; a part whose 16-bit rate is below its
    fp32 rate (Pascal without fp16 units) computes in fp32. TPUs and NeuronCores compute fp32
    products on their bf16 units unless told otherwise.
    """
    if number_format == "tf32":
        return accelerator.peak_flop_per_s("tf32")
    half = accelerator.peak_flop_per_s("bf16") or accelerator.peak_flop_per_s("fp16")
    single = accelerator.peak_flop_per_s("fp32")
    if number_format == "fp32":
        narrows = generation_of(accelerator) in (Generation.TPU, Generation.TRAINIUM)
        return half if narrows else single
    if half is None or single is None:
        return half
    return max(half, single)


def _lower(words: tuple[str, ...]) -> set[str]:
    return {word.lower() for word in words}
