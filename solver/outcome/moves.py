"""Changes of one limit and what they bring, in numbers and words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from solver.export.words import hours_text, limit_text, points_text, usd_text
from solver.plan import LEFT_OUT, Move
from solver.program import NOT_DONE

if TYPE_CHECKING:
    from solver.decide import Decision
    from solver.program import Limit

LIMIT_NOUNS = {
    "deadline": "the deadline",
    "budget": "the budget",
    "min_accuracy": "the minimum accuracy",
    "co2": "the CO₂ cap",
    "max_gpus": "the number of GPUs",
    "max_deployed": "the deployed size",
    "max_latency": "the latency",
}

STEPS = {
    "deadline": 0.01,
    "budget": 0.01,
    "min_accuracy": 0.001,
    "co2": 0.001,
    "max_gpus": 1.0,
    "max_deployed": 0.01,
    "max_latency": 0.01,
}
"""The finest change of each limit that is worth typing, in its unit."""


Figures = tuple[float, float, float | None]
"""Hours of the last job, dollars of all and the lowest accuracy, at the enforced quantile."""


def limit_move(
    decision: Decision,
    limit: Limit,
    value: float,
    plan: tuple[str, ...],
    told: Figures,
    begun: tuple[float, ...] = (),
) -> Move:
    """The change of `limit` to `value`, and the plan that it brings.

    Args:
        decision: what was decided so far.
        limit: the limit that moves.
        value: where to, in its unit.
        plan: keys of the candidates under the moved limit, one a job.
        told: their figures.
        begun: when each job begins; empty where all begin at once. [h]
    """
    gains = difference(figures(decision, decision.chosen), told) if decision.chosen else ""
    text = _change_words(decision, limit, value)
    hours, usd, accuracy = told
    return Move(
        limit=limit.name,
        job=None if limit.job is None else decision.jobs[limit.job].job.name,
        value=value,
        change=value - limit.bound,
        text=f"{text}: {gains}" if gains else text,
        keys=plan,
        hours=hours,
        usd=usd,
        accuracy=accuracy,
        starts=begun,
    )


def _change_words(decision: Decision, limit: Limit, value: float) -> str:
    change = value - limit.bound
    noun = LIMIT_NOUNS[limit.name] + owner(decision, limit)
    if limit.name == "min_accuracy":
        return f"{points_text(change)} on {noun} ({limit_text(limit.name, value)})"
    more = "more" if change >= 0 else "less"
    amount = limit_text(limit.name, abs(change))
    return f"{amount} {more} on {noun} ({limit_text(limit.name, value)})"


def owner(decision: Decision, limit: Limit) -> str:
    """Whose limit it is, where there are several jobs."""
    if limit.job is None or len(decision.jobs) == 1:
        return ""
    return f" of {decision.jobs[limit.job].job.name}"


def figures(decision: Decision, positions: tuple[int, ...]) -> Figures:
    """Hours of the last job, dollars of all and the lowest accuracy, at the enforced quantile."""
    chosen = [
        decision.reduced.columns.single(j, position)
        for j, position in enumerate(positions)
        if position != NOT_DONE
    ]
    known = [float(c.accuracy[0]) for c in chosen if np.isfinite(c.accuracy[0])]
    return (
        decision.timing_of(positions).last_end,
        sum(float(c.usd[0]) for c in chosen) + decision.bought_usd(positions),
        min(known) if known else None,
    )


def starts(decision: Decision, positions: tuple[int, ...]) -> tuple[float, ...]:
    """When each job of a plan begins; empty where all begin at once. [h]"""
    return decision.timing_of(positions).starts if decision.reduced.program.is_timed else ()


def difference(before: Figures, after: Figures) -> str:
    """What changes between two plans: 3.1 h sooner, $6 more, +0.8 points."""
    parts = []
    hours, usd = after[0] - before[0], after[1] - before[1]
    if abs(hours) > 0.01 * max(before[0], after[0]):
        parts.append(f"{hours_text(abs(hours))} {'later' if hours > 0 else 'sooner'}")
    if abs(usd) > 0.01 * max(before[1], after[1]):
        parts.append(f"{usd_text(abs(usd))} {'more' if usd > 0 else 'saved'}")
    if before[2] is not None and after[2] is not None and abs(after[2] - before[2]) >= 0.0005:  # noqa: PLR2004 - a twentieth of a point
        parts.append(points_text(after[2] - before[2]))
    return ", ".join(parts)


def keys(decision: Decision, positions: tuple[int, ...]) -> tuple[str, ...]:
    """Keys of the candidates at `positions`, one a job; `LEFT_OUT` for none."""
    return tuple(
        LEFT_OUT if i == NOT_DONE else job.key(i)
        for job, i in zip(decision.jobs, positions, strict=True)
    )


def rounded_out(limit: Limit, value: float) -> float:
    """A value that can be typed and still admits what needs `value`."""
    step = STEPS[limit.name]
    digits = max(0, round(-math.log10(step)))
    if limit.is_minimum:
        return min(value, round(math.floor(value / step + 1e-9) * step, digits))
    return max(value, round(math.ceil(value / step - 1e-9) * step, digits))
