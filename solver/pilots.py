"""Measurements that would make an unknown accuracy known, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality import pilot_sizes
from solver.plan import PilotAdvice

if TYPE_CHECKING:
    from solver.candidates import Candidates
    from solver.program import JobColumns


def pilot_advice(job: Candidates, columns: JobColumns) -> PilotAdvice:
    """Which pilots to measure, on the cheapest candidate.

    Args:
        job: the candidates of the job.
        columns: their quantities.
    """
    sizes = pilot_sizes(job.job)
    cheapest = int(np.lexsort((columns.hours, columns.usd))[0])
    model = job.bench.models[int(job.physics.model[job.row[cheapest]])]
    return PilotAdvice(
        job=job.job.name,
        reason=job.accuracy.unknown_because,
        model=model.name,
        examples=sizes.examples,
        usd=_usd(job, cheapest, sum(sizes.examples)),
        text=sizes.text,
    )


def _usd(job: Candidates, position: int, examples: int) -> float | None:
    """Dollars of all pilots one after the other on a candidate's machines, at the median. [USD]"""
    if job.job.examples is None:
        return None
    index = np.array([position])
    whole = job.duration(index)
    duration = whole.scaled(examples / job.job.examples)
    return float(job.billing(index).usd_at(duration, 0.5)[0])
