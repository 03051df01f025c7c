"""The plan, or the lack of one, in a sentence or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.words import (
    accuracy_text,
    hours_text,
    interval_text,
    listed,
    machine_text,
    places_text,
    plural,
    sentence,
    usd_text,
)
from solver.outcome.moves import LIMIT_NOUNS
from solver.outcome.totals import longest, total_usd
from solver.question import Aim, ModelChoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.plan import Counts, LimitKept, Move, PlannedJob, Spread
    from solver.plan_values import Mix
    from solver.question import Question

AIM_WORDS = {
    Aim.CHEAPEST: "cheapest",
    Aim.FASTEST: "fastest",
    Aim.MOST_ACCURATE: "most accurate",
    Aim.BALANCED: "best balanced",
}


def why_solved(
    jobs: tuple[PlannedJob, ...],
    limits: tuple[LimitKept, ...],
    counts: Counts,
    aim: Aim,
    *,
    is_proven: bool,
) -> str:
    """What to do, what comes of it, and why this plan."""
    if not jobs:
        return "Nothing is done: each job costs more than it is worth, or does not fit."
    many = len(jobs) > 1
    told = together(jobs) if many else job_sentence(jobs[0])
    best = f"{AIM_WORDS[aim]} plan" if is_proven else f"{AIM_WORDS[aim]} plan that was found"
    candidates = plural(counts.feasible, "candidate")
    among = f"It is the {best}; {candidates} of its jobs keep every limit alone."
    parts = (
        told,
        among if many else _among(counts, limits, AIM_WORDS[aim]),
        _bound(limits, many=many),
    )
    return " ".join(part for part in parts if part)


def warning(question: Question) -> str:
    """What to mind where nothing says how good a model must be; empty where something does."""
    free = [
        job.name
        for job in question.jobs
        if job.min_accuracy is None and job.models == ModelChoice() and not job.phases
    ]
    if not free or question.aim is Aim.MOST_ACCURATE:
        return ""
    whose = f" of {listed(free)}" if len(question.jobs) > 1 else ""
    return (
        f"Nothing says how good the model{whose} must be, so small ones win: set a minimum "
        "accuracy, or name models or sizes."
    )


def wishes(question: Question) -> str:
    """What was asked of the plan besides its aim; empty where nothing was."""
    words = []
    if question.hold is not None:
        best = AIM_WORDS[question.hold.aim]
        words.append(f"It stays within {100 * question.hold.within:g} % of the {best} plan.")
    if question.second_aim is not None:
        words.append(f"Of equal plans it is the {AIM_WORDS[question.second_aim]}.")
    return " ".join(words)


def together(jobs: tuple[PlannedJob, ...]) -> str:
    """Several jobs of a plan in a sentence."""
    hours, usd = with_interval(longest(jobs), hours_text), with_interval(total_usd(jobs), usd_text)
    return f"{len(jobs)} jobs: the last ends after {hours}, all together cost {usd}."


def job_sentence(job: PlannedJob) -> str:
    """One job of a plan in a sentence."""
    method = job.method if job.rank is None else f"{job.method} of rank {job.rank}"
    reaches = ""
    if job.accuracy is not None:
        reaches = f" and reaches {with_interval(job.accuracy, accuracy_text)}"
    machines = machine_text(job.offer, job.total_instances)
    return (
        f"{job.model} ({method}, {job.precision}) on {machines}, "
        f"{places_text(job)}: takes {with_interval(job.hours, hours_text)}, costs "
        f"{with_interval(job.usd, usd_text)}{reaches}."
    )


def with_interval(spread: Spread, text: Callable[[float], str]) -> str:
    """The median, and the 80 % interval where it is wider than the median's last digit."""
    median, ends = text(spread.median), interval_text(spread.low80, spread.high80, text)
    return median if ends == median else f"{median} ({ends})"


def _among(counts: Counts, limits: tuple[LimitKept, ...], best: str) -> str:
    """What the plan of a single job is the best of."""
    found = plural(counts.feasible, "candidate")
    keeping = "that keep every limit" if limits else "that can run"
    if counts.feasible == 1:
        return f"It is the only candidate {keeping.replace('keep', 'keeps')}."
    return f"It is the {best} of {found} {keeping}."


def _bound(limits: tuple[LimitKept, ...], *, many: bool) -> str:
    """Which limits bind; nothing where none is set."""
    names = [
        LIMIT_NOUNS[kept.name] + (f" of {kept.job}" if many and kept.job else "")
        for kept in limits
        if kept.binds
    ]
    if names:
        return (
            f"{sentence(listed(names)).removesuffix('.')} {'bind' if len(names) > 1 else 'binds'}."
        )
    return "No limit binds: none, moved alone, would give a better plan." if limits else ""


def why_impossible(
    conflict: str, moves: tuple[Move, ...], switched: tuple[Move, ...], mix: Mix | None = None
) -> str:
    """What cannot hold together, and the first changes that help."""
    helps = (*moves[:2], *switched[:1])
    if helps:
        return f"{conflict} What would help: {listed([move.text for move in helps], 'or')}."
    if mix is not None:
        return f"{conflict} No single change makes a plan possible; together: {mix.text}."
    return f"{conflict} No single change of a limit or a switch makes a plan possible."
