"""The one use case: a question and a catalogue give an answer. Window and command line share it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from catalog.problems import Problem
from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.decide import decide
from solver.limits import limits_of
from solver.mip.highs import Ending
from solver.outcome.asked import Asked
from solver.outcome.outcomes import (
    failed,
    impossible,
    nothing_possible,
    solved,
    stopped,
    unknown,
    unpredicted,
)
from solver.patience import heed, patient
from solver.question_check import problems_with
from solver.question_file import QuestionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.tables import Catalog
    from solver.candidates import Candidates
    from solver.constants import EstimateConstants
    from solver.decide import Decision, Progress
    from solver.plan import Answer
    from solver.question import Job, Question

    Estimates = Callable[[Job, Question], Candidates]

LEAST_EXPLAINING_S = 10.0
"""An answer is explained for so long however short its time limit is. [s]"""

ALTERNATIVES = 5
"""Other plans that an answer shows where the caller does not say. [1]"""


def answer(
    question: Question,
    catalog: Catalog,
    *,
    constants: EstimateConstants | None = None,
    now: datetime | None = None,
    top: int = ALTERNATIVES,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
    estimates: Estimates | None = None,
) -> Answer:
    """Plan a question.

    Args:
        question: jobs, limits, machines and aim.
        catalog: the facts.
        constants: fitted and assumed factors; None: those of this release.
        now: when it is asked; deadlines given as dates and the age of prices count from it.
        top: most alternatives to show.
        time_limit_s: after which the best plan so far is answered; what explains a proven answer
            may take as long again, and ten seconds in any case. [s]
        progress: told what is being done and how far it is, from 0 to 1.
        estimates: gives a job's candidates under a question where the caller keeps them; they must
            be those that `candidates` gives with these facts, constants and day.

    Raises:
        QuestionError: names that the catalogue does not know, or limits that cannot be meant.
    """
    moment = now or datetime.now(UTC)
    problems = problems_with(question, catalog, moment)
    if problems:
        raise QuestionError("The question cannot be used", list(problems))
    told = progress or _silent
    asked = Asked(question, catalog, constants or shipped_constants(), moment, top)
    return _answered(asked, estimates or _estimates(asked), told, time_limit_s)


def _answered(
    asked: Asked, estimates: Estimates, told: Progress, time_limit_s: float | None
) -> Answer:
    told("estimating", 0.1)
    jobs = tuple(estimates(job, asked.question) for job in asked.question.jobs)
    _refuse_lost_runs(asked.question, jobs)
    limits = limits_of(asked.question, asked.moment)
    if any(len(job) == 0 for job in jobs):
        return nothing_possible(asked, jobs, lambda changed: _decided(asked, estimates, changed))
    if unpredicted(asked, jobs):
        return unknown(asked, jobs, limits)
    decision = decide(asked.question, jobs, limits, told, time_limit_s)
    explaining_s = None if time_limit_s is None else max(time_limit_s, LEAST_EXPLAINING_S)
    match decision.selection.ending:
        case Ending.OPTIMAL:
            told("explaining", 0.8)
            with patient(explaining_s):
                return solved(asked, decision)
        case Ending.INFEASIBLE:
            told("relaxing", 0.8)
            again = partial(_decided, asked, estimates)
            with patient(explaining_s):
                return impossible(asked, decision, again)
        case Ending.TIME_LIMIT | Ending.INTERRUPTED:
            return stopped(asked, decision)
        case Ending.ERROR:
            return failed(asked, jobs, "the solver reported an error")


def _refuse_lost_runs(question: Question, jobs: tuple[Candidates, ...]) -> None:
    """A run that has begun must be a candidate: what is done of it would be lost unsaid."""
    lost = [
        Problem(
            f"jobs[{position}].running.key",
            f"{job.running.key} is no candidate of {job.name}",
            "Allow its model, method, passes and machines, or remove running.",
        )
        for position, (job, some) in enumerate(zip(question.jobs, jobs, strict=True), start=1)
        if job.running is not None and some.begun is None
    ]
    if lost:
        raise QuestionError("The question cannot be used", lost)


def _estimates(asked: Asked) -> Estimates:
    """Candidates made anew from the facts."""

    def made(job: Job, question: Question) -> Candidates:
        return candidates(job, question, asked.catalog, asked.constants, asked.moment.date())

    return made


def _decided(asked: Asked, estimates: Estimates, changed: Question) -> Decision | None:
    """The decision of a changed question; None where some job has no candidate."""
    jobs = []
    for job in changed.jobs:
        heed.get()()
        jobs.append(estimates(job, changed))
    if any(len(job) == 0 for job in jobs):
        return None
    return decide(changed, tuple(jobs), limits_of(changed, asked.moment), _silent)


def _silent(stage: str, share: float) -> None:
    """No one is told."""
    del stage, share
