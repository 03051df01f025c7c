"""A question in sentences, as its asker would say it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from solver.export.words import (
    accuracy_text,
    chance_text,
    co2_text,
    count_text,
    gb_text,
    hours_text,
    listed,
    milliseconds_text,
    moment_text,
    plural,
    short_count_text,
    tokens_text,
    usd_text,
)
from solver.question import Aim, ModelChoice

if TYPE_CHECKING:
    from solver.question import Job, Limits, OwnedMachines, Question

AIM_WORDS = {
    Aim.CHEAPEST: "Wanted is the cheapest plan",
    Aim.FASTEST: "Wanted is the fastest plan",
    Aim.MOST_ACCURATE: "Wanted is the most accurate plan",
    Aim.BALANCED: "Wanted is a balance of time, cost and accuracy",
}

NAMED_JOBS = 6
"""More jobs than these are counted instead of named."""


def title_of(question: Question) -> str:
    """What a question calls itself, or what its jobs are called."""
    if question.title:
        return question.title
    names = [job.name for job in question.jobs]
    return listed(names) if len(names) <= NAMED_JOBS else plural(len(names), "job")


def question_sentences(question: Question, asked_at: str) -> tuple[str, ...]:
    """The question in sentences: what to train, within which limits, on what, for which aim.

    Args:
        question: what was asked.
        asked_at: ISO 8601 time, for deadlines that are dates.
    """
    jobs = question.jobs
    if len(jobs) <= NAMED_JOBS:
        work = [_job_sentence(job, alone=len(jobs) == 1) for job in jobs]
    else:
        work = [f"{plural(len(jobs), 'job')} share the limits."]
    limits = _limit_words(question, asked_at)
    aim = AIM_WORDS[question.aim]
    bounds = f" within {listed(limits)}" if limits else ", without any limit"
    sure = f", all of it with {chance_text(question.limits.confidence)} confidence"
    return (
        *work,
        f"{aim}{bounds}{sure if limits else ''}.",
        *_machine_sentences(question.limits, question.owned),
    )


def deadline_hours(question: Question, asked_at: str) -> float | None:
    """The deadline in hours from the time of asking, the job's own where one job is asked. [h]"""
    hours = question.limits.hours_until_deadline(_moment(asked_at))
    own = question.jobs[0].deadline_hours if len(question.jobs) == 1 else None
    known = [value for value in (hours, own) if value is not None]
    return min(known) if known else None


def _moment(iso: str) -> datetime:
    moment = datetime.fromisoformat(iso)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _job_sentence(job: Job, *, alone: bool) -> str:
    subject = "Train a model" if alone else f"{job.name}: train a model"
    task = job.task or (job.family.value.replace("-", " ") if job.family else "")
    kind = f" of {plural(job.classes, 'class', 'classes')}" if job.classes else ""
    trials = f", {plural(job.trials, 'trial')} of its settings" if job.trials > 1 else ""
    pilots = f", {plural(len(job.pilots), 'pilot')} measured" if job.pilots else ""
    work = f"{_work_words(job)}{trials}{pilots}{_serving_words(job)}"
    return f"{subject} for {task}{kind} on {work}.{_choice_words(job)}"


def _serving_words(job: Job) -> str:
    if job.serving is None:
        return ""
    volume, months = tokens_text(job.serving.tokens_per_month), job.serving.months
    return f", then answer {volume} a month for {months:g} months"


def _work_words(job: Job) -> str:
    if job.phases:
        steps = sum(phase.steps for phase in job.phases)
        return f"{count_text(steps)} steps in {plural(len(job.phases), 'phase')}"
    if job.tokens is not None:
        return f"{tokens_text(job.tokens)}, {_passes(job)}"
    length = short_count_text(job.tokens_per_example or 0)
    return f"{count_text(job.examples or 0)} examples of {length} tokens, {_passes(job)}"


def _passes(job: Job) -> str:
    epochs = sorted(job.epochs)
    if len(epochs) == 1:
        return plural(epochs[0], "pass", "passes")
    run = epochs == list(range(epochs[0], epochs[-1] + 1)) and len(epochs) > 2  # noqa: PLR2004
    choices = [str(epoch) for epoch in epochs]
    return f"{epochs[0]} to {epochs[-1]} passes" if run else f"{listed(choices, 'or')} passes"


def _choice_words(job: Job) -> str:
    choice, said = job.models, _size_words(job.models)
    for label, words in (
        ("base models", choice.names or choice.families),
        ("methods", job.methods),
        ("precisions", job.precisions),
        ("licences", choice.licences),
    ):
        if words:
            said.append(f"{label} {listed(list(words), 'or')}")
    return f" Allowed: {'; '.join(said)}." if said else ""


def _size_words(choice: ModelChoice) -> list[str]:
    """Base models by their size, where it is bounded."""
    least = short_count_text(choice.min_parameters) if choice.min_parameters else ""
    bounded = choice.max_parameters < ModelChoice().max_parameters
    most = short_count_text(choice.max_parameters) if bounded else ""
    if least and most:
        return [f"base models of {least} to {most} parameters"]
    if least or most:
        return [f"base models of at {'least' if least else 'most'} {least or most} parameters"]
    return []


def _limit_words(question: Question, asked_at: str) -> list[str]:
    limits, jobs = question.limits, question.jobs
    said = []
    hours = deadline_hours(question, asked_at)
    if hours is not None:
        until = f" (by {moment_text(limits.deadline.isoformat())})" if limits.deadline else ""
        said.append(hours_text(hours) + until)
    if limits.budget_usd is not None:
        said.append(usd_text(limits.budget_usd))
    minima = sorted({job.min_accuracy for job in jobs if job.min_accuracy is not None})
    if minima:
        least = " to ".join(accuracy_text(m) for m in dict.fromkeys((minima[0], minima[-1])))
        said.append(f"an accuracy of at least {least}")
    if limits.max_gpus is not None:
        said.append(f"at most {plural(limits.max_gpus, 'GPU')}")
    if limits.co2_kg is not None:
        said.append(f"{co2_text(limits.co2_kg)} of CO₂")
    sizes = [job.max_deployed_gb for job in jobs if job.max_deployed_gb is not None]
    if sizes:
        said.append(f"{gb_text(min(sizes))} of deployed weights")
    times = [job.max_latency_ms for job in jobs if job.max_latency_ms is not None]
    if times:
        said.append(f"{milliseconds_text(min(times))} for an answer")
    return said


def _machine_sentences(limits: Limits, owned: tuple[OwnedMachines, ...]) -> tuple[str, ...]:
    have = [
        f"{count_text(pool.machines)} × {pool.name} ({pool.gpus_per_machine} × {pool.accelerator})"
        for pool in owned
    ]
    said = []
    if have:
        only = "" if limits.rent else "only "
        said.append(f"Machines at hand: {only}{listed(have)}.")
    if limits.rent:
        where = [
            f"{label} {listed(list(words), 'or')}"
            for label, words in (
                ("from", limits.providers),
                ("in", limits.regions),
                ("with", limits.accelerators),
            )
            if words
        ]
        spot = "spot allowed" if limits.spot else "no spot machines"
        said.append(f"Machines may be rented {' '.join(where)}{' ' if where else ''}({spot}).")
    return tuple(said)
