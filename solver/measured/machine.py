"""The machine of a measured run as the estimates see it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from catalog.units import FLOP_PER_TFLOP
from solver.estimate.configurations import Compute, Generation
from solver.estimate.hardware import (
    domain_size,
    is_consumer,
    link_bytes_per_s,
    training_peak_flop_per_s,
)
from solver.measured.words import network_bytes_per_s

if TYPE_CHECKING:
    from catalog.schema import Accelerator
    from solver.measured.runs import Run

FORMATS = {
    Compute.FP32: "fp32",
    Compute.TF32: "tf32",
    Compute.FP16_MIXED: "fp16",
    Compute.BF16_MIXED: "bf16",
    Compute.BF16_PURE: "bf16",
    Compute.FP8: "fp8",
    Compute.FP4: "fp4",
}
"""Number format of each code."""

USUAL_CARD_BYTES = 40e9
"""Memory of an accelerator that is not known. [byte]"""


def machine_columns(
    run: Run,
    part: Accelerator | None,
    generation: Generation,
    compute: Compute,
    gpus: float,
    gpus_per_node: float,
) -> dict[str, Any]:
    """Columns of `Configurations` that the accelerator, its links and the network decide."""
    network = network_bytes_per_s(run.texts["interconnect"], generation, gpus_per_node)
    columns: dict[str, Any] = {
        "generation": int(generation),
        "node_network_bytes_per_s": network if gpus > gpus_per_node else 0.0,
        "gpus_per_node": gpus_per_node,
    }
    if part is None:
        unknown = ("peak_flop_per_s", "measured_flop_per_s")
        return {
            **columns,
            **dict.fromkeys(unknown, math.nan),
            "consumer": False,
            "memory_bytes": USUAL_CARD_BYTES,
            "bandwidth_bytes_per_s": 1e12,
            "link_bytes_per_s": 31.5e9,
            "domain": gpus_per_node,
        }
    peak = training_peak_flop_per_s(part, FORMATS[compute]) or math.nan
    limit = power_limit(run, part)
    domain = float(domain_size(part, round(gpus_per_node)))
    if "72" in run.texts["interconnect"]:
        domain = 72.0
    return {
        **columns,
        "consumer": is_consumer(part),
        "peak_flop_per_s": peak * limit,
        "measured_flop_per_s": (part.measured_max_bf16_tflops or math.nan) * FLOP_PER_TFLOP * limit,
        "memory_bytes": part.memory_bytes,
        "bandwidth_bytes_per_s": part.bandwidth_bytes_per_s * limit,
        "link_bytes_per_s": link_bytes_per_s(part, ""),
        "domain": domain,
    }


def power_limit(run: Run, part: Accelerator) -> float:
    """Share of its rated power that a part may draw, where the source names a lower limit. [ratio]

    Parts with a lower limit carry slower memory too; both rates are taken in proportion (assumed).
    """
    stated = re.search(r"\b(\d{2,4})W\b", run.texts["gpu"])
    if stated is None or part.tdp_watts is None:
        return 1.0
    return min(float(stated[1]) / part.tdp_watts, 1.0)
