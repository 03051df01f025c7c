"""The curve of accuracy against examples for one model and method, with its band and its points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from solver.estimate.quality import accuracy_at
from solver.estimate.quality_ground import measured
from solver.estimate.quality_lower import concave_lower
from solver.plan import Value
from solver.space.variants import variants_for
from solver.space.work import allowed_epochs, family_of

if TYPE_CHECKING:
    from catalog.tables import Catalog
    from solver.constants import EstimateConstants
    from solver.estimate.configurations import FloatArray
    from solver.question import Job
    from solver.space.variants import Variant

PLACES = 49
"""Sizes at which the curve is told, evenly spread over their logarithm. [1]"""

LEAST_SHARE = 1.0 / 256.0
"""The curve starts at this share of the job's examples, or at the smallest pilot. [1]"""

HALF_80 = 1.2816
"""Half of an 80 % interval in standard deviations. [1]"""


class CurvePoint(Value):
    """A score that the curve can be compared with."""

    examples: float
    score: float
    kind: Literal["pilot", "own", "published"]
    model: str
    method: str
    half_width: float
    """Half of the 80 % interval that the evaluation's sampling leaves; 0: not stated. [0..1]"""
    source: str = ""


class Curve(Value):
    """Accuracy of a model and method by training examples; empty where it is not predicted."""

    model: str
    method: str
    epochs: int
    examples: tuple[float, ...]
    """Distinct training examples, ascending. [1]"""
    median: tuple[float, ...]
    low: tuple[float, ...]
    """Lower end of the 80 % interval. [0..1]"""
    high: tuple[float, ...]
    quantile: tuple[float, ...]
    """What is reached with the asked confidence. [0..1]"""
    lower: tuple[float, ...]
    """Concave, non-decreasing, below `quantile` and equal to it at the job's size. [0..1]"""
    points: tuple[CurvePoint, ...]
    wanted_examples: float | None
    """The job's examples."""
    minimum: float | None
    """The job's minimum accuracy."""
    unknown_because: str


def curve_of(
    job: Job,
    model: str,
    method: str,
    catalog: Catalog,
    constants: EstimateConstants,
    epochs: int | None = None,
    *,
    confidence: float = 0.9,
    places: int = PLACES,
) -> Curve:
    """What a model reaches by a method, from few examples to more than the job has.

    Args:
        job: its pilots, own scores and task bind the curve.
        model: a model of the catalogue, by any of its names.
        method: a method of the catalogue, by any of its names.
        catalog: the facts.
        constants: fitted factors.
        epochs: passes over the examples; None: the most that the job allows.
        confidence: chance with which `quantile` and `lower` are reached.
        places: sizes at which the curve is told, evenly spread over their logarithm.

    Raises:
        KeyError: the catalogue has no such model or method.
    """
    known, way = catalog.model_named(model), catalog.method_named(method)
    if known is None or way is None:
        raise KeyError(model if known is None else method)
    family = family_of(job, catalog)
    passes = max(allowed_epochs(job)) if epochs is None else epochs
    variant = _usual_variant(job, way.id, catalog)
    points = _points(job, known.name, way.id, catalog, constants)
    sizes = _sizes(job, points, places)
    made = accuracy_at(job, family, known, variant, passes, sizes, catalog, constants.quality)
    median, sd = made.median[0, 0], made.sd[0, 0]
    seen = np.isfinite(median)
    away = HALF_80 * sd[seen]
    reached = made.at(confidence)[0, 0, seen]
    at = int(np.searchsorted(sizes[seen], float(job.examples or 10_000)))
    lower = concave_lower(sizes[seen], reached, at) if len(reached) else reached
    return Curve(
        model=known.name,
        method=way.id,
        epochs=passes,
        examples=tuple(sizes[seen].tolist()),
        median=tuple(median[seen].tolist()),
        low=tuple(np.clip(median[seen] - away, 0.0, made.ceiling).tolist()),
        high=tuple(np.clip(median[seen] + away, 0.0, made.ceiling).tolist()),
        quantile=tuple(reached.tolist()),
        lower=tuple(lower.tolist()),
        points=points,
        wanted_examples=None if job.examples is None else float(job.examples),
        minimum=job.min_accuracy,
        unknown_because=made.unknown_because,
    )


def _usual_variant(job: Job, method: str, catalog: Catalog) -> Variant:
    """The method at its first rank in 16 bits, whatever the job allows otherwise."""
    free = job.replace(methods=(method,), precisions=())
    allowed, _ = variants_for(free, family_of(job, catalog), catalog)
    return next((v for v in allowed if v.precision.id == "bf16-mixed"), allowed[0])


def _sizes(job: Job, points: tuple[CurvePoint, ...], places: int) -> FloatArray:
    """Sizes from the smallest of interest to twice the largest."""
    wanted = float(job.examples or 10_000)
    seen = [point.examples for point in points if point.kind != "published"]
    least = min([max(wanted * LEAST_SHARE, 8.0), *seen])
    most = max([wanted, *seen]) * 2.0
    return np.unique(np.r_[np.geomspace(least, most, places), wanted])


def _points(
    job: Job, model: str, method: str, catalog: Catalog, constants: EstimateConstants
) -> tuple[CurvePoint, ...]:
    """Pilots and own scores of every model, and what is published on this one and method."""
    made = []
    pilots = measured(job, catalog, constants.quality)
    first_own = len(pilots) - len(job.own_scores)
    for place, pilot in enumerate(pilots):
        held = min(max(pilot.score, 0.03), 0.97)
        named = catalog.model_named(pilot.model) if pilot.model else None
        made.append(
            CurvePoint(
                examples=pilot.examples,
                score=pilot.score,
                kind="pilot" if place < first_own else "own",
                model=named.name if named else pilot.model or "",
                method=pilot.method,
                half_width=HALF_80 * (held * (1.0 - held) / pilot.evaluated_on) ** 0.5,
            )
        )
    task = catalog.task_named(job.task) if job.task else None
    for score in catalog.scores if task else ():
        if task and (score.task, score.metric, score.model) == (task.id, task.metric, model):
            size = score.train_examples or task.train_examples
            if score.method == method and size is not None:
                made.append(
                    CurvePoint(
                        examples=float(size),
                        score=score.score,
                        kind="published",
                        model=model,
                        method=method,
                        half_width=0.0,
                        source=f"{score.source} ({score.year})",
                    )
                )
    return tuple(made)
