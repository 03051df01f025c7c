"""Predicted accuracy of every (model, variant, passes): median, spread and what it stands on.

Three stages, each in a module of its own: (A) what a model scores with all the data
(`quality_full`), (B) what the method and the number formats cost (`quality_deltas`), (C) the curve
in examples and passes (`quality_curve`), anchored by published scores (`quality_anchor`) or by the
user's pilots (`quality_pilots`). What nothing supports is refused (`quality_ground`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_accuracy import Accuracy, nothing
from solver.estimate.quality_basis import pretraining_basis
from solver.estimate.quality_case import Case
from solver.estimate.quality_constants import quality_constants
from solver.estimate.quality_curve import curve, effective_examples, prior_draws
from solver.estimate.quality_ground import ground_of, measured, near_chance, refusal
from solver.estimate.quality_pilots import PilotSizes, groups_of, pilot_sizes
from solver.question import Pilot, TaskFamily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model, Score
    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import QualityConstants
    from solver.estimate.quality_ground import Ground
    from solver.question import Job
    from solver.space.variants import Variant

__all__ = [
    "Accuracy",
    "PilotSizes",
    "accuracy",
    "accuracy_at",
    "foreseen_pilots",
    "pilot_sizes",
    "scores_used",
]


def accuracy(
    job: Job,
    family: TaskFamily,
    models: Sequence[Model],
    variants: Sequence[Variant],
    epochs: Sequence[int],
    catalog: Catalog,
    constants: QualityConstants | None = None,
) -> Accuracy:
    """Predict the accuracy of every combination.

    Args:
        job: task, examples, pilots and own scores.
        family: the job's task family.
        models: base models, first axis.
        variants: methods with rank and precision, second axis.
        epochs: passes over the data, third axis.
        catalog: tasks and published scores.
        constants: fitted numbers; None takes the shipped ones.

    Returns:
        Medians that never fall with examples or passes and are concave in both (up to the number
        of passes beyond which nothing is gained).
    """
    fitted = constants or quality_constants()
    ground = ground_of(job, family, catalog, fitted)
    if ground.examples is None:
        return _predicted(job, ground, models, variants, epochs, np.zeros(0), catalog, fitted)
    sizes = effective_examples(ground.examples, np.asarray(epochs, float), fitted.curve)
    return _predicted(job, ground, models, variants, epochs, sizes, catalog, fitted)


def accuracy_at(
    job: Job,
    family: TaskFamily,
    model: Model,
    variant: Variant,
    passes: int,
    examples: FloatArray,
    catalog: Catalog,
    constants: QualityConstants,
) -> Accuracy:
    """The prediction of one model and variant at other amounts of data than the job has.

    Args:
        job: its pilots and own scores bind the curve.
        family: the job's task family.
        model: the base model.
        variant: how it is trained.
        passes: over the examples.
        examples: distinct training examples, the last axis of the answer. [1], shape (sizes,)
        catalog: tasks and published scores.
        constants: fitted numbers.
    """
    ground = ground_of(job, family, catalog, constants)
    sizes = effective_examples(examples, passes, constants.curve)
    epochs = [passes] * len(examples)
    return _predicted(job, ground, [model], [variant], epochs, sizes, catalog, constants)


def _predicted(
    job: Job,
    ground: Ground,
    models: Sequence[Model],
    variants: Sequence[Variant],
    epochs: Sequence[int],
    sizes: FloatArray,
    catalog: Catalog,
    fitted: QualityConstants,
) -> Accuracy:
    pilots = measured(job, catalog, fitted)
    because = refusal(ground, pilots)
    if ground.family is TaskFamily.LANGUAGE_MODELLING:
        lines = pretraining_basis(job, models, variants, epochs)
        return nothing(ground, models, variants, epochs, because, lines)
    if because or ground.examples is None:
        return nothing(ground, models, variants, epochs, because)
    case = Case(ground, models, variants, sizes, catalog, fitted)
    useful = [pilot for pilot in pilots if not near_chance(pilot, ground.chance)]
    if useful:
        return case.from_pilots(groups_of(useful, catalog))
    return case.from_publications()


def scores_used(job: Job, models: Sequence[Model], catalog: Catalog) -> tuple[Score, ...]:
    """Published rows that the predictions for these models depend on."""
    names = {model.name for model in models}
    for name in [p.model for p in job.pilots] + [s.model for s in job.own_scores]:
        model = catalog.model_named(name) if name else None
        if model is not None:
            names.add(model.name)
    return tuple(score for score in catalog.scores if score.model in names)


def foreseen_pilots(
    job: Job,
    family: TaskFamily,
    model: Model,
    variant: Variant,
    passes: int,
    catalog: Catalog,
    constants: QualityConstants,
    examples: Sequence[int],
    evaluated_on: int,
) -> tuple[Pilot, ...]:
    """What pilots of these sizes would give if they came out as foreseen.

    On the predicted curve of the job; where there is none, on the mean of the curves that are
    plausible before anything is measured.

    Args:
        job: its pilots and own scores bind the curve.
        family: the job's task family.
        model: what the pilots train.
        variant: how.
        passes: over each pilot's examples.
        catalog: tasks and published scores.
        constants: fitted numbers.
        examples: sizes of the pilots.
        evaluated_on: examples of their evaluation set.
    """
    chance = ground_of(job, family, catalog, constants).chance
    sizes = np.asarray(examples, np.float64)
    told = accuracy_at(job, family, model, variant, passes, sizes, catalog, constants)
    typical = curve(
        prior_draws(constants.curve.examples), effective_examples(sizes, passes, constants.curve)
    ).mean(axis=0)
    scores = told.median[0, 0]
    scores = np.where(np.isfinite(scores), scores, chance + (1.0 - chance) * typical)
    made = []
    for size, score in zip(examples, scores.tolist(), strict=True):
        made.append(
            Pilot(
                examples=size,
                score=round(min(score, 1.0), 4),
                model=model.name,
                method=variant.method.id,
                epochs=passes,
                evaluated_on=evaluated_on,
            )
        )
    return tuple(made)
