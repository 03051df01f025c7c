"""What it costs in accuracy to deploy a finished model in a narrow number format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.schema import Architecture
from catalog.units import PERCENT
from solver.estimate.quality_accuracy import Accuracy, frozen
from solver.estimate.quality_deltas import ENOUGH_MODELS, NOTHING, format_delta
from solver.estimate.quality_full import INTERPOLATED, NONE
from solver.question import SIXTEEN_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model
    from solver.estimate.quality_constants import QualityConstants
    from solver.estimate.quality_delta import Delta

ENCODER_INT8 = "int8-w8a8 encoder"
"""Key of the differences of encoders with weights and activations in 8 bits."""

DECODER_KEYS = {
    "fp8": "fp8-block",
    "int8": "int8-w8a16 calibrated",
    "int4": "int4-g128 calibrated",
    "int4-rtn": "int4-g128 RTN",
    "int4-channel": "int4-perchannel calibrated",
    "int3": "int3-g128 calibrated",
    "int2": "int2-g128 calibrated",
    "mxfp4": "mxfp4 RTN",
    "nvfp4": "nvfp4 RTN",
}
"""Key of the table of differences by format, for models that generate."""

ENCODER_KEYS = {"int8": ENCODER_INT8}
"""The same for encoders: nothing narrower is in any table."""

REASONING = ("math", "code")

COARSE = ("int3", "int2", "mxfp4", "nvfp4")
"""Formats whose price on reasoning differs from model to model by up to 29 points: refused."""

FEWEST_MODELS = ENOUGH_MODELS - 1


def deployed_delta(model: Model, name: str, kind: str, constants: QualityConstants) -> Delta | None:
    """Score of a model deployed in a format minus its score in 16 bits; None where unknown.

    Args:
        model: the base model; encoder-decoders count as encoders.
        name: a deployable format of the catalogue, or `SIXTEEN_BITS`.
        kind: key of `catalog.schema.Task.kind`.
        constants: fitted numbers.
    """
    if name == SIXTEEN_BITS:
        return NOTHING
    if model.architecture is not Architecture.DECODER:
        key, kind = ENCODER_KEYS.get(name), "nlu_large"
    elif kind in REASONING and name in COARSE:
        return None
    else:
        key = DECODER_KEYS.get(name)
    found = None if key is None else format_delta(key, kind, constants)
    return found if found is not None and found.models >= FEWEST_MODELS else None


def in_formats(
    made: Accuracy,
    models: Sequence[Model],
    kind: str,
    formats: Sequence[str],
    constants: QualityConstants,
) -> Accuracy:
    """The prediction with every variant once in each format, formats changing fastest.

    Args:
        made: the prediction in 16 bits.
        models: its first axis.
        kind: key of `catalog.schema.Task.kind`.
        formats: deployable formats.
        constants: fitted numbers.
    """
    if tuple(formats) == (SIXTEEN_BITS,):
        return made
    variants = made.median.shape[1]
    deltas = [[deployed_delta(m, name, kind, constants) for name in formats] for m in models]
    shape = len(models), len(formats)
    mean = [[np.nan if d is None else d.mean for d in row] for row in deltas]
    doubt = [[np.nan if d is None else d.sd for d in row] for row in deltas]
    lost, spread = (
        np.tile(np.reshape(np.array(rows, dtype=np.float64), shape), (1, variants))[:, :, None]
        for rows in (mean, doubt)
    )
    median = np.repeat(made.median, len(formats), axis=1) + lost
    sd = np.hypot(np.repeat(made.sd, len(formats), axis=1), spread)
    changed = np.array([name != SIXTEEN_BITS for name in formats] * variants)
    evidence = np.repeat(made.evidence, len(formats), axis=1)
    evidence = np.where(changed, np.maximum(evidence, INTERPOLATED), evidence)
    evidence = np.where(np.isnan(median).all(axis=2), NONE, evidence)
    return replace(
        made,
        median=frozen(np.clip(median, 0.0, made.ceiling)),
        sd=frozen(np.where(np.isnan(median), np.nan, sd)),
        failure_ratio=frozen(np.repeat(made.failure_ratio, len(formats), axis=1)),
        evidence=frozen(evidence),
        basis=tuple(
            tuple(
                _words(line, name, delta)
                for line in lines
                for name, delta in zip(formats, row, strict=True)
            )
            for lines, row in zip(made.basis, deltas, strict=True)
        ),
    )


def _words(line: str, name: str, delta: Delta | None) -> str:
    if name == SIXTEEN_BITS:
        return line
    if delta is None:
        return f"not predicted: nothing published says what {name} costs such a model here"
    points = f"{delta.mean * PERCENT:+.1f} points".replace("-", "−")
    return f"{line}; {name} against 16 bits {points}, seen on {delta.models} models"
