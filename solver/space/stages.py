"""Stages of a chain: which jobs make the model that another one trains on, and how good it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.schema import MethodKind
from solver.question import TaskFamily
from solver.space.work import allowed_epochs, family_of, phases_of

if TYPE_CHECKING:
    from catalog.schema import Model
    from catalog.tables import Catalog
    from solver.estimate.quality import Accuracy
    from solver.question import Job, Question


def feeds_another(job: Job, question: Question) -> bool:
    """Whether a later job trains on the model that this one makes."""
    return any(other.starts_from == job.name for other in question.jobs)


def as_far_as_made(
    predicted: Accuracy, job: Job, question: Question, models: tuple[Model, ...], catalog: Catalog
) -> Accuracy:
    """The accuracy of a stage whose base model an earlier job of the plan makes.

    Predictions are for models as they were published. Where the earlier job trains from scratch on
    fewer tokens than the published model saw, or that is not known, nothing is predicted, unless
    the user's own pilots or scores are of what that job makes. A base that the earlier job tunes
    further counts as published: what an intermediate task adds or takes is not predicted.

    Args:
        predicted: for published base models.
        job: the stage.
        question: with the earlier job.
        models: first axis of `predicted`.
        catalog: tells which methods train from scratch.
    """
    maker = next((other for other in question.jobs if other.name == job.starts_from), None)
    if maker is None or job.pilots or job.own_scores or not _from_scratch(maker, catalog):
        return predicted
    seen = fewest_tokens(maker, catalog)
    less = np.array(
        [model.pretrain_tokens is None or seen < model.pretrain_tokens for model in models]
    )
    if not less.any():
        return predicted
    median = np.where(less[:, None, None], np.nan, predicted.median)
    because = (
        f"{maker.name} makes its base model on fewer tokens than the published one saw: measure "
        "what it reaches and add the scores as pilots"
    )
    basis = tuple(
        tuple(because for _ in told) if fewer else told
        for fewer, told in zip(less.tolist(), predicted.basis, strict=True)
    )
    known = bool(np.isfinite(median).any())
    return replace(
        predicted,
        median=median,
        basis=basis,
        unknown_because=predicted.unknown_because if known else because,
    )


def fewest_tokens(job: Job, catalog: Catalog) -> float:
    """Tokens that the job trains on at least: with the fewest passes that may be chosen. [token]"""
    phases = phases_of(job, family_of(job, catalog))
    return sum(phase.tokens for phase in phases) * min(allowed_epochs(job))


def _from_scratch(job: Job, catalog: Catalog) -> bool:
    """Whether a job may train its model from scratch: by the methods that it allows."""
    if job.methods:
        named = (catalog.key_in("methods", name) for name in job.methods)
        kinds = [catalog.methods[key].kind for key in named if key is not None]
        return MethodKind.FROM_SCRATCH in kinds
    return family_of(job, catalog) is TaskFamily.LANGUAGE_MODELLING
