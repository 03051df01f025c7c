"""The formats in which a job's model may be handed over, as one more choice of each variant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.units import BYTES_PER_GB
from solver.estimate.deployment import deployed_bytes, latency_ms
from solver.estimate.quality_formats import in_formats
from solver.question import SIXTEEN_BITS
from solver.space.physics import workbench
from solver.space.variants import WIDE_BITS

if TYPE_CHECKING:
    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray, IntArray
    from solver.estimate.quality import Accuracy
    from solver.space.physics import Exclusion, Physics, Workbench


BYTES_TAKEN_HOME = 2.0
"""Weights leave the machines in 16 bits, whatever they are deployed in. [byte]"""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What the finished models take and how fast they answer, by model and variant."""

    gb: FloatArray
    """Weights. [GB]"""
    latency_ms: FloatArray
    """One answer alone on the named device; 0 where none is named, NaN where the weights do not
    fit in its memory. [ms]"""


def in_all_formats(
    bench: Workbench,
    rows: Physics,
    excluded: dict[Exclusion, IntArray],
    predicted: Accuracy,
    kind: str,
    formats: tuple[str, ...],
) -> tuple[Workbench, Physics, dict[Exclusion, IntArray], Accuracy]:
    """Every variant once in each format; what is trained, and for how long, stays the same.

    Args:
        bench: models, variants and machines of the job.
        rows: what can run.
        excluded: pairs of model and variant that cannot, by reason and slot.
        predicted: accuracies in 16 bits.
        kind: key of the task in the tables of differences.
        formats: deployable formats.

    Returns:
        The same four with `len(formats)` variants for each one, formats changing fastest.
    """
    if formats == (SIXTEEN_BITS,):
        return bench, rows, excluded, predicted
    many = len(formats)
    variants = tuple(replace(v, deployed=name) for v in bench.variants for name in formats)
    whole = workbench(
        bench.job, bench.phases, bench.models, variants, bench.slots, bench.teacher, bench.constants
    )
    again = np.repeat(np.arange(len(rows)), many)
    turned = rows.take(again)
    variant = turned.variant * many + np.tile(np.arange(many), len(rows))
    turned = replace(turned, variant=variant)
    pair = turned.model * max(len(variants), 1) + turned.variant
    order = np.argsort(pair * max(len(bench.slots), 1) + turned.slot, kind="stable")
    return (
        whole,
        turned.take(order),
        {code: counts * many for code, counts in excluded.items()},
        in_formats(predicted, bench.models, kind, formats, bench.constants.quality),
    )


def deployed(bench: Workbench, catalog: Catalog) -> Deployed:
    """Size and latency of every model and variant.

    Args:
        bench: models and variants of the job, each in its format.
        catalog: bits of the formats, and the device that the job names.
    """
    names = [variant.deployed for variant in bench.variants]
    bits = [
        catalog.precisions[name].deployed_bits or WIDE_BITS
        if name in catalog.precisions
        else WIDE_BITS
        for name in names
    ]
    gb = deployed_bytes(bench.models, bits) / BYTES_PER_GB
    job = bench.job
    device = catalog.accelerator_named(job.deploy_on) if job.deploy_on else None
    if device is None:
        return Deployed(gb, np.zeros_like(gb))
    sequence = max(phase.sequence for phase in bench.phases)
    took = latency_ms(bench.models, bits, device, sequence, bench.constants.assumptions)
    return Deployed(gb, np.where(np.isfinite(took), took, np.nan))


def files_gb(bench: Workbench) -> tuple[FloatArray, FloatArray]:
    """What is stored while training and what is taken home, by model and variant. [GB]"""
    weights = bench.tables.models["parameters"][:, None] * BYTES_TAKEN_HOME / BYTES_PER_GB
    trains = np.array([variant.method.trains for variant in bench.variants])
    trained = bench.tables.trainable * trains * BYTES_TAKEN_HOME / BYTES_PER_GB
    kept = bench.constants.assumptions.checkpoints_kept
    return (weights + kept * trained) * trains, trained
