"""Measurements that would make an accuracy known, on which candidate, and what they cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.schema import MethodKind
from solver.estimate.quality import pilot_sizes
from solver.estimate.quality_ground import pilots_cannot_help, with_kept
from solver.plan import PilotAdvice
from solver.question import TaskFamily

if TYPE_CHECKING:
    from catalog.tables import Catalog
    from solver.candidates import Candidates
    from solver.estimate.configurations import FloatArray, IntArray
    from solver.program import JobColumns


LABELLED = (
    TaskFamily.CLASSIFICATION,
    TaskFamily.PAIR_CLASSIFICATION,
    TaskFamily.REGRESSION,
)

PILOT_METHODS = (MethodKind.FULL, MethodKind.LORA)

SEEDS = 2
"""Runs of the largest pilot: one seed says little of the next. [1]"""

MEDIAN = 0.5


@dataclass(frozen=True, slots=True)
class Bill:
    """What pilots take when measured one after the other, the smallest first."""

    hours: FloatArray
    """What each size adds, start-up in the first. [h], shape (sizes,)"""
    usd: FloatArray
    """[USD], shape (sizes,)"""


def pilot_advice(job: Candidates, columns: JobColumns, catalog: Catalog) -> PilotAdvice:
    """Which pilots to measure where an accuracy is unknown.

    Args:
        job: the candidates of the job.
        columns: their quantities.
        catalog: published scores.
    """
    job = replace(job, job=with_kept(job.job, catalog, job.bench.constants.quality))
    sizes = pilot_sizes(job.job)
    chosen = pilot_candidate(job, columns, catalog)
    model = job.bench.models[int(job.physics.model[job.row[chosen]])].name
    because = pilots_cannot_help(job.job, job.family)
    return PilotAdvice(
        job=job.job.name,
        reason=job.accuracy.unknown_because,
        model=model,
        examples=() if because else sizes.examples,
        usd=None if because else float(pilot_bill(job, chosen, sizes.examples).usd.sum()),
        text=f"No pilot helps: {because}."
        if because
        else advice_text(model, sizes.examples, sizes.evaluated_on),
    )


def advice_text(model: str, examples: tuple[int, ...], evaluated_on: int) -> str:
    """What to measure, in words."""
    listed = ", ".join(f"{n:,}" for n in examples)
    return (
        f"Train {model} on {listed} examples with the recipe of the full run and evaluate each on "
        f"{evaluated_on:,} examples or more; repeat the largest with another seed."
    )


def pilot_candidate(
    job: Candidates, columns: JobColumns, catalog: Catalog, among: IntArray | None = None
) -> int:
    """Position of the candidate to measure pilots with.

    Of the candidates that train all weights or low-rank updates in the most passes: those of the
    model that was measured before, else of the model with the most published scores, for its
    pilots carry over best; of these the cheapest.

    Args:
        job: the candidates of the job.
        columns: their quantities.
        catalog: published scores.
        among: positions to choose from; None: all.
    """
    some = _usual(job, np.arange(len(job)) if among is None else among)
    some = _best(some, _told(job, catalog)[job.physics.model[job.row[some]]])
    some = _best(some, job.epoch[some].astype(float))
    return int(some[np.lexsort((columns.hours[some], columns.usd[some]))[0]])


def candidate_in_doubt(job: Candidates, worth: FloatArray, among: IntArray) -> int:
    """Position of the candidate that would be the plan if its accuracy sufficed.

    Args:
        job: the candidates of the job.
        worth: what the aim minimises, by candidate.
        among: positions of those in doubt.
    """
    some = _usual(job, among)
    return int(some[np.argmin(worth[some])])


def pilot_bill(job: Candidates, position: int, examples: tuple[int, ...]) -> Bill:
    """Hours and dollars of pilots on a candidate's machines, at the median.

    One run each, the largest with `SEEDS`, on machines rented once; hyper-parameters are not
    searched, and nothing is stored or served afterwards.

    Args:
        job: the candidates of the job, which states its examples.
        position: which candidate trains.
        examples: training examples of each pilot, ascending; at least one.
    """
    whole_job = float(job.job.examples or 1)
    seen = np.cumsum([*examples[:-1], examples[-1] * SEEDS])
    index = np.full(len(examples), position)
    whole = job.duration(index)
    share = seen / whole_job / job.job.trials
    duration = whole.scaled(share)
    billing = replace(job.billing(index), fixed_usd=np.zeros(len(examples)))
    return Bill(
        np.diff(duration.at(MEDIAN), prepend=0.0),
        np.diff(billing.usd_at(duration, MEDIAN), prepend=0.0),
    )


def _usual(job: Candidates, positions: IntArray) -> IntArray:
    """Those that train all weights or low-rank updates, or all where none does."""
    usual = np.array([v.method.kind in PILOT_METHODS for v in job.bench.variants])
    return _best(positions, usual[job.physics.variant[job.row[positions]]].astype(float))


def _best(positions: IntArray, worth: FloatArray) -> IntArray:
    return np.asarray(positions[worth == worth.max()])


def _told(job: Candidates, catalog: Catalog) -> FloatArray:
    """How much pilots of each model say. Shape (models,)."""
    published = Counter(
        score.model
        for score in catalog.scores
        if (task := catalog.tasks.get(score.task)) and task.family in _kin(job.family)
    )
    named = [catalog.model_named(pilot.model) for pilot in job.job.pilots if pilot.model]
    before = Counter(model.name for model in named if model is not None)
    most = max(published.values(), default=0) + 1
    return np.array([float(published[m.name] + most * before[m.name]) for m in job.bench.models])


def _kin(family: TaskFamily) -> tuple[str, ...]:
    """Families whose published scores say something about a family."""
    if family in LABELLED:
        return tuple(kin.value for kin in LABELLED)
    return (family.value,)
