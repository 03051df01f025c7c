"""When the jobs of a plan run: in the order that the program found, or in any order that fits."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from solver.mip.highs import Ending
from solver.program import Limit, deadlines_of, depth, natural_size, tasks_of
from solver.question import Aim
from solver.timetable import at_once, in_stages, orders, packed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from solver.mip.highs import Run
    from solver.mip.selection import Selection
    from solver.program import Program
    from solver.timetable import Resource, Timing


TIE = 1e-6
"""Plans whose first aim differs by less (relative to its size, at least absolutely) are ties."""


def fitting(
    program: Program,
    found: Selection,
    active: tuple[Limit, ...],
    ends: Mapping[int | None, float | None],
) -> Selection | None:
    """The best plan without waiting, where its jobs fit in some order: the best with it, too.

    What is impossible there is impossible here; and nothing else that is compared depends on the
    order.

    Args:
        program: the whole one.
        found: what the loosened program gave.
        active: limits that count.
        ends: by job, or for all under None, an end that is compared, in natural size: it must not
            be later than there.

    Returns:
        The plan with its times; None where it does not fit in any order that was tried.
    """
    if found.ending is not Ending.OPTIMAL or not found.chosen or found.timing is None:
        return found if found.ending is Ending.INFEASIBLE else None
    size = natural_size(program, "deadline")
    latest = tuple(
        Limit("deadline", job, end * size * (1 + TIE))
        for job, end in ends.items()
        if end is not None
    )
    timing = in_some_order(program, found.chosen, (*active, *latest), found.timing.bought)
    return None if timing is None else replace(found, timing=timing)


def end_of(aim: Aim, value: float | None) -> dict[int | None, float | None]:
    """The end that an aim compares, as `fitting` takes it; empty where it compares none."""
    return {None: value} if aim is Aim.FASTEST else {}


def on_continuous_time(program: Program, aim: Aim, found: Selection) -> Selection:
    """A plan of a grid, with the last end that its jobs have as each begins as early as it can."""
    if found.timing is None or aim is not Aim.FASTEST:
        return found
    return replace(found, objective=found.timing.last_end / natural_size(program, "deadline"))


def in_some_order(
    program: Program,
    chosen: tuple[int, ...],
    active: tuple[Limit, ...],
    bought: tuple[int, ...] = (),
) -> Timing | None:
    """Times of a plan one job after the other, where some order keeps deadlines and resources.

    Args:
        program: its resources are shared.
        chosen: the candidate of each job.
        active: limits that count.
        bought: units of each resource that may be bought; empty: none. [1]

    Returns:
        None where the plan does not fit in any order that was tried.
    """
    tasks = tasks_of(program, chosen)
    gpus = min((x.bound for x in active if x.name == "max_gpus"), default=math.inf)
    deadlines = deadlines_of(program, active)
    resources = paid_for(program.resources, bought or (0,) * len(program.resources))
    for order in orders(tasks, deadlines):
        timing = packed(tasks, resources, order, gpus)
        if timing is not None and all(
            end <= most for end, most in zip(timing.ends, deadlines, strict=True)
        ):
            return timing
    return None


def paid_for(resources: Sequence[Resource], bought: Sequence[int]) -> list[Resource]:
    """Resources of which no more can be used than is bought, where they are bought at all."""
    return [
        resource if resource.usd_each <= 0 else replace(resource, most=float(number))
        for resource, number in zip(resources, bought, strict=True)
    ]


def as_found(
    program: Program,
    model: Any,  # noqa: ANN401 - untyped Pyomo
    chosen: tuple[int, ...],
    run: Run,
) -> Timing | None:
    """The times of a plan: in the order that the program found, each job as early as it can.

    Args:
        program: what was decided.
        model: its model.
        chosen: the candidate of each job.
        run: the solve that found it.

    Raises:
        RuntimeError: the order does not fit, which the rows of the program rule out.
    """
    tasks = tasks_of(program, chosen)
    units = {r: round(run.value(model.bought[r])) for r in model.bought}
    bought = tuple(units.get(r, 0) for r in range(len(program.resources)))
    if program.is_loose:
        alone = packed([replace(task, uses=()) for task in tasks], (), in_stages(tasks))
        return None if alone is None else replace(alone, bought=bought)
    if not program.is_timed:
        return replace(at_once(tasks, program.resources), bought=bought)
    resources = paid_for(program.resources, bought)
    begun = [run.value(model.start[j]) for j in range(len(tasks))]
    order = sorted(range(len(tasks)), key=lambda j: (begun[j], depth(program.chain, j)))
    gpus = run.value(model.busiest) * (1 + TIE) if program.moments else math.inf
    timing = packed(
        tasks, resources, order, gpus if program.limits_gpus and program.moments else math.inf
    )
    if timing is None:
        raise RuntimeError("the order of the timetable does not fit")
    return timing
