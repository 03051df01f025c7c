"""Candidates kept between questions: most edits move a limit and change no candidate."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from solver.candidates import candidates
from solver.space.stages import feeds_another

if TYPE_CHECKING:
    from datetime import date

    from catalog.tables import Catalog
    from solver.candidates import Candidates
    from solver.constants import EstimateConstants
    from solver.question import Job, Question

MOST_KEPT = 9_000_000
"""Candidates that are kept in all, those of lifted switches included: some 300 MB. [1]"""

LIMITS_ONLY = {
    "deadline_hours",
    "deadline",
    "start",
    "budget_usd",
    "confidence",
    "firm",
    "soft",
}
"""Fields of `Limits` that bound candidates and never make them."""

JOB_LIMITS = {
    "name",
    "after",
    "min_accuracy",
    "deadline_hours",
    "max_deployed_gb",
    "max_latency_ms",
    "published",
    "value_usd",
}
"""The same of `Job`."""


class Estimates:
    """Candidates of the last few jobs, by everything that they depend on."""

    def __init__(self, catalog: Catalog, constants: EstimateConstants) -> None:
        self._catalog = catalog
        self._constants = constants
        self._made: OrderedDict[str, Candidates] = OrderedDict()

    def holds(self, job: Job, question: Question, today: date) -> bool:
        """True where the candidates of a job are at hand."""
        return _key(job, question, today) in self._made

    def of(self, job: Job, question: Question, today: date) -> Candidates:
        """What `solver.candidates.candidates` makes of a job, perhaps made before."""
        key = _key(job, question, today)
        made = self._made.pop(key, None)
        if made is None:
            made = candidates(job, question, self._catalog, self._constants, today)
        self._made[key] = made
        kept = sum(map(len, self._made.values()))
        # Those of the present question stay, however many they are: each is asked for again.
        while kept > MOST_KEPT and len(self._made) > len(question.jobs):
            _, oldest = self._made.popitem(last=False)
            kept -= len(oldest)
        return replace(made, job=job, bench=replace(made.bench, job=job))


def _key(job: Job, question: Question, today: date) -> str:
    limits = question.limits
    makers = [other for other in question.jobs if other.name == job.starts_from]
    parts = {
        "job": job.model_dump(mode="json", exclude=JOB_LIMITS),
        "makers": [maker.model_dump(mode="json", exclude=JOB_LIMITS) for maker in makers],
        "feeds": feeds_another(job, question),
        "single": len(question.jobs) == 1,
        "limits": limits.model_dump(mode="json", exclude={*LIMITS_ONLY, "co2_kg"}),
        "co2": limits.co2_kg is not None,
        "pools": [pool.model_dump(mode="json", exclude={"busy"}) for pool in question.pools],
        "today": today.isoformat(),
    }
    return json.dumps(parts, sort_keys=True)
