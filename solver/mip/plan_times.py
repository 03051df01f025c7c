"""When the jobs of a plan run: in the order that the program found, or in any order that fits."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from solver.program import deadlines_of, depth, tasks_of
from solver.timetable import at_once, in_stages, orders, packed

if TYPE_CHECKING:
    from solver.mip.highs import Run
    from solver.program import Limit, Program
    from solver.timetable import Timing


def in_some_order(
    program: Program, chosen: tuple[int, ...], active: tuple[Limit, ...], latest: float
) -> Timing | None:
    """Times of a plan one job after the other, where some order keeps deadlines and resources.

    Args:
        program: its resources are shared.
        chosen: the candidate of each job.
        active: limits that count.
        latest: when all jobs must have ended. [h]

    Returns:
        None where the plan does not fit in any order that was tried.
    """
    tasks = tasks_of(program, chosen)
    gpus = min((x.bound for x in active if x.name == "max_gpus"), default=math.inf)
    deadlines = deadlines_of(program, active)
    for order in orders(tasks, deadlines):
        timing = packed(tasks, program.resources, order, gpus)
        if timing is None or any(timing.bought):
            continue
        kept = all(end <= most for end, most in zip(timing.ends, deadlines, strict=True))
        if kept and timing.last_end <= latest:
            return timing
    return None


def as_found(
    program: Program,
    model: Any,  # noqa: ANN401 - untyped Pyomo
    chosen: tuple[int, ...],
    run: Run,
    tie: float,
) -> Timing | None:
    """The times of a plan: in the order that the program found, each job as early as it can.

    Args:
        program: what was decided.
        model: its model.
        chosen: the candidate of each job.
        run: the solve that found it.
        tie: by how much the GPUs in use may pass what the program found. [ratio]

    Raises:
        RuntimeError: the order does not fit, which the rows of the program rule out.
    """
    tasks = tasks_of(program, chosen)
    if program.is_loose:
        return packed([replace(task, uses=()) for task in tasks], (), in_stages(tasks))
    bought = {r: round(run.value(model.bought[r])) for r in model.bought}
    if not program.is_timed:
        at_zero = at_once(tasks, program.resources)
        return replace(
            at_zero, bought=tuple(bought.get(r, 0) for r in range(len(program.resources)))
        )
    resources = [
        replace(resource, most=float(bought.get(r, resource.most)))
        for r, resource in enumerate(program.resources)
    ]
    begun = [run.value(model.start[j]) for j in range(len(tasks))]
    order = sorted(range(len(tasks)), key=lambda j: (begun[j], depth(program.chain, j)))
    gpus = run.value(model.busiest) * (1 + tie) if program.moments else math.inf
    timing = packed(
        tasks, resources, order, gpus if program.limits_gpus and program.moments else math.inf
    )
    if timing is None:
        raise RuntimeError("the order of the timetable does not fit")
    return timing
