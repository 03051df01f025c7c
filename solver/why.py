"""The plan, or the lack of one, in a sentence or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.words import (
    accuracy_text,
    count_text,
    hours_text,
    interval_text,
    listed,
    machine_text,
    place_text,
    usd_text,
)
from solver.moves import LIMIT_NOUNS
from solver.question import Aim

if TYPE_CHECKING:
    from solver.plan import Counts, LimitKept, Move, PlannedJob

AIM_WORDS = {
    Aim.CHEAPEST: "cheapest",
    Aim.FASTEST: "fastest",
    Aim.MOST_ACCURATE: "most accurate",
    Aim.BALANCED: "best balanced",
}


def why_solved(
    jobs: tuple[PlannedJob, ...], limits: tuple[LimitKept, ...], counts: Counts, aim: Aim
) -> str:
    """What to do, what comes of it, and why this plan."""
    binding = [LIMIT_NOUNS[kept.name] for kept in limits if kept.binds]
    among = f"It is the {AIM_WORDS[aim]} of {count_text(counts.feasible)} candidates that keep "
    among += "every limit." if limits else "no limit back, for none is set."
    if not limits:
        among = f"It is the {AIM_WORDS[aim]} of {count_text(counts.feasible)} candidates."
    if binding:
        among += f" {listed(list(dict.fromkeys(binding))).capitalize()} "
        among += "bind." if len(set(binding)) > 1 else "binds."
    elif limits:
        among += " No limit binds: none, moved alone, would give a better plan."
    if len(jobs) > 1:
        return f"{len(jobs)} jobs. {among}"
    return f"{job_sentence(jobs[0])} {among}"


def job_sentence(job: PlannedJob) -> str:
    """One job of a plan in a sentence."""
    method = job.method if job.rank is None else f"{job.method} of rank {job.rank}"
    accuracy = ""
    if job.accuracy is not None:
        ends = interval_text(job.accuracy.low80, job.accuracy.high80, accuracy_text)
        accuracy = f" and reaches {accuracy_text(job.accuracy.median)} ({ends})"
    hours = interval_text(job.hours.low80, job.hours.high80, hours_text)
    usd = interval_text(job.usd.low80, job.usd.high80, usd_text)
    return (
        f"{job.model} by {method} in {job.precision} on {machine_text(job.offer, job.instances)}, "
        f"{place_text(job.offer)}: takes {hours_text(job.hours.median)} ({hours}), costs "
        f"{usd_text(job.usd.median)} ({usd}){accuracy}."
    )


def why_impossible(conflict: str, moves: tuple[Move, ...], switched: tuple[Move, ...]) -> str:
    """What cannot hold together, and the first change that helps."""
    helps = (*moves[:1], *switched[:1])
    if not helps:
        return f"{conflict} No single change of a limit or a switch makes a plan possible."
    return f"{conflict} What would help: {listed([move.text for move in helps], 'or')}."
