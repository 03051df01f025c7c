"""What a plan owes to each limit: room, chance, whether it binds, and what moving it would buy."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from solver.limits import UNCERTAIN, UNITS
from solver.outcome.moves import figures, keys, limit_move, rounded_out, starts
from solver.patience import in_time
from solver.plan import LimitKept
from solver.program import natural_size, quantity
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver.decide import Decision
    from solver.mip.selection import Selection
    from solver.plan import LimitName, Move
    from solver.program import Limit

BETTER = 1e-5
"""Relative improvement of the aim below which a limit does not bind."""

MOST_TRIED, MOST_MOVED = 16, 8
"""Limits that are tried for binding, and for which a move is sought. [1]"""

PERHAPS_UNKNOWN = ("min_accuracy", "co2")
"""Limits on quantities that are not known of every candidate."""

WORTH_TELLING = 0.05
"""Improvement of the aim that a move must buy, relative to the aim's value. [ratio]"""

LEAST_USD_GAIN, LEAST_HOURS_GAIN = 0.05, 1.0 / 60.0
"""Smaller savings than these are not worth telling, however small the plan. [USD], [h]"""

LEAST_ACCURACY_GAIN = 0.005
"""The same for the most accurate plan: half a point of the way from chance to ceiling."""


def limits_kept(decision: Decision, binding: Mapping[Limit, Selection]) -> tuple[LimitKept, ...]:
    """Every limit against the chosen plan.

    Args:
        decision: a decision with a plan.
        binding: the limits that bind, with the plan that each of them stands against.
    """
    made = []
    for limit in decision.limits:
        value = decision.reached(limit, decision.chosen)
        outcomes = decision.outcomes if limit.name in UNCERTAIN else None
        made.append(
            LimitKept(
                name=limit.name,
                job=None if limit.job is None else decision.jobs[limit.job].job.name,
                unit=UNITS[limit.name],
                value=limit.bound,
                at_confidence=value,
                slack=value - limit.bound if limit.is_minimum else limit.bound - value,
                binds=limit in binding,
                chance=1.0 if outcomes is None else float(outcomes.keeps(limit).mean()),
            )
        )
    return tuple(made)


def binding_limits(decision: Decision, aim: Aim) -> dict[Limit, Selection]:
    """Limits without which a better plan exists, each with the best plan without it.

    Of many limits only those with the least room are tried: one with room to spare in a portfolio
    of jobs is not what stands in the way.
    """
    made = {}
    for limit in sorted(decision.limits, key=lambda limit: _room(decision, limit))[:MOST_TRIED]:
        others = tuple(other for other in decision.limits if other != limit)
        # Only where plans themselves are compared does it matter which of equally good ones it is.
        needs_plan = aim is Aim.BALANCED or _is_unknown_of_some(decision, limit)
        find = decision.seeker.best if needs_plan else decision.seeker.best_value
        freed = in_time(partial(find, aim, others), None)
        if freed is None or not freed.chosen or not _is_better(decision, freed, aim):
            continue
        if not needs_plan or _is_moved_by(decision, limit, freed, aim):
            made[limit] = freed
    return made


def _is_moved_by(decision: Decision, limit: Limit, freed: Selection, aim: Aim) -> bool:
    """Whether moving a limit far enough would admit a plan.

    One of which the quantity is not known would need the limit gone. The balanced aim measures from
    the best that the limits admit: without one of them it may weigh otherwise and yet keep it.
    """
    value = decision.reached(limit, decision.positions(freed))
    if aim is not Aim.BALANCED:
        return math.isfinite(value)
    return value < limit.bound if limit.is_minimum else limit.bound < value < math.inf


def _is_unknown_of_some(decision: Decision, limit: Limit) -> bool:
    """Whether the quantity of a limit is not known of every candidate that it binds."""
    if limit.name not in PERHAPS_UNKNOWN:
        return False
    program = decision.reduced.program
    return any(
        bool(np.isnan(quantity(program.jobs[j], limit.name)).any())
        for j in program.concerned(limit)
    )


def _room(decision: Decision, limit: Limit) -> float:
    """Room that the plan leaves under a limit, relative to the limit. [ratio]"""
    value = decision.reached(limit, decision.chosen)
    return abs(limit.bound - value) / max(abs(limit.bound), 1e-9)


def worth(decision: Decision, aim: Aim, binding: Mapping[Limit, Selection]) -> tuple[Move, ...]:
    """For each binding limit the smallest change that improves the aim noticeably, if any does."""
    made = []
    for limit, freed in list(binding.items())[:MOST_MOVED]:
        found = freed
        optional = any(worth is not None for worth in decision.reduced.program.worth_usd)
        # What is held has a best of its own under each limit.
        simple = aim is not Aim.BALANCED and not optional and decision.held is None
        if simple and decision.selection.objective is not None:
            now = decision.selection.objective
            better = aim, now - _gain(decision, aim, now)
            least = in_time(partial(decision.seeker.least, limit, better), None)
            if least is None:
                break
            found = least
        if not found.chosen:
            continue
        positions = decision.positions(found)
        value = decision.reached(limit, positions)
        if math.isfinite(value):
            plan, told = keys(decision, positions), figures(decision, positions)
            begun = starts(decision, positions)
            made.append(limit_move(decision, limit, rounded_out(limit, value), plan, told, begun))
    return tuple(made)


def _gain(decision: Decision, aim: Aim, now: float) -> float:
    """Improvement of the aim that is worth telling, in the aim's own measure."""
    if aim is Aim.MOST_ACCURATE:
        return LEAST_ACCURACY_GAIN
    name: LimitName = "deadline" if aim is Aim.FASTEST else "budget"
    least = LEAST_HOURS_GAIN if aim is Aim.FASTEST else LEAST_USD_GAIN
    return max(WORTH_TELLING * abs(now), least / natural_size(decision.reduced.program, name))


def _is_better(decision: Decision, freed: Selection, aim: Aim) -> bool:
    """Whether a plan improves the aim; the balanced aim has another measure for every limit."""
    if aim is Aim.BALANCED:
        return decision.positions(freed) != decision.chosen
    if freed.lost_usd < decision.selection.lost_usd:
        return True
    now, then = decision.selection.objective, freed.objective
    return now is not None and then is not None and now - then > BETTER * max(abs(now), 1e-9)
