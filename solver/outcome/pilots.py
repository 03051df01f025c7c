"""Measurements that would make an unknown accuracy known, and what they cost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from catalog.schema import MethodKind
from solver.estimate.quality import pilot_sizes
from solver.plan import PilotAdvice
from solver.question import TaskFamily

if TYPE_CHECKING:
    from catalog.tables import Catalog
    from solver.candidates import Candidates
    from solver.program import JobColumns


LABELLED = (
    TaskFamily.CLASSIFICATION,
    TaskFamily.PAIR_CLASSIFICATION,
    TaskFamily.REGRESSION,
)

PILOT_METHODS = (MethodKind.FULL, MethodKind.LORA)


def pilot_advice(job: Candidates, columns: JobColumns, catalog: Catalog) -> PilotAdvice:
    """Which pilots to measure, on the model that says most about the others.

    That is the one with the most published scores, for its pilots carry over best; of its
    candidates the cheapest that trains all weights or low-rank updates.

    Args:
        job: the candidates of the job.
        columns: their quantities.
        catalog: published scores.
    """
    sizes = pilot_sizes(job.job)
    published = Counter(
        score.model
        for score in catalog.scores
        if (task := catalog.tasks.get(score.task)) and task.family in _kin(job.family)
    )
    known = np.array([published[model.name] for model in job.bench.models])
    usual = np.array([v.method.kind in PILOT_METHODS for v in job.bench.variants])
    rows = job.row
    fit = np.flatnonzero(usual[job.physics.variant[rows]])
    some = fit if len(fit) else np.arange(len(rows))
    told = known[job.physics.model[rows[some]]]
    best = some[told == told.max()]
    chosen = int(best[np.lexsort((columns.hours[best], columns.usd[best]))[0]])
    model = job.bench.models[int(job.physics.model[rows[chosen]])].name
    return PilotAdvice(
        job=job.job.name,
        reason=job.accuracy.unknown_because,
        model=model,
        examples=sizes.examples,
        usd=_usd(job, chosen, sum(sizes.examples)),
        text=f"Train {model} on {', '.join(f'{n:,}' for n in sizes.examples)} examples with the "
        f"recipe of the full run and evaluate each on {sizes.evaluated_on:,} examples or more; "
        "repeat the largest with another seed.",
    )


def _kin(family: TaskFamily) -> tuple[str, ...]:
    """Families whose published scores say something about a family."""
    if family in LABELLED:
        return tuple(kin.value for kin in LABELLED)
    return (family.value,)


def _usd(job: Candidates, position: int, examples: int) -> float | None:
    """Dollars of all pilots one after the other on a candidate's machines, at the median. [USD]"""
    if job.job.examples is None:
        return None
    index = np.array([position])
    whole = job.duration(index)
    duration = whole.scaled(examples / job.job.examples)
    return float(job.billing(index).usd_at(duration, 0.5)[0])
