"""Programs whose jobs wait for each other, and the best plan by trying every order of jobs."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
from hypothesis import strategies as st

from solver.program import Chain, Limit, purchases_usd, tasks_of
from solver.question import Aim
from solver.shared import Shared
from solver.timetable import Resource, packed
from tests.support.programs import columns_of

MOMENTS = tuple(float(hour) for hour in range(13))
"""Every hour: jobs take whole hours, so the best plan begins its jobs at these."""


def plans(program):
    """Every choice of candidates with every timetable worth a look: (candidates, timing)."""
    limit = min((x.bound for x in program.limits if x.name == "max_gpus"), default=np.inf)
    counts = [range(int(r.most) + 1) if r.usd_each > 0 else (r.most,) for r in program.resources]
    for chosen in product(*(range(len(columns)) for columns in program.jobs)):
        if not _matches(program, chosen):
            continue
        tasks = tasks_of(program, chosen)
        for most in product(*counts):
            resources = [
                replace(r, most=float(m)) for r, m in zip(program.resources, most, strict=True)
            ]
            for order in permutations(range(len(tasks))):
                if all(
                    order.index(i) < order.index(j) for j, t in enumerate(tasks) for i in t.earlier
                ):
                    timing = packed(tasks, resources, order, limit)
                    if timing is not None and timing.last_end <= program.moments[-1]:
                        yield chosen, timing


def keeps(program, chosen, timing):
    """Whether a timed plan keeps every limit."""
    for limit in program.limits:
        concerned = program.concerned(limit)
        if limit.name == "deadline":
            value = max(timing.ends[j] for j in concerned)
        elif limit.name == "max_gpus":
            value = timing.peak_gpus
        else:
            value = money(program, chosen, timing)
        if not value <= limit.bound + 1e-6:
            return False
    return True


def money(program, chosen, timing):
    """Dollars of all jobs and of what is bought whole."""
    jobs = sum(float(c.usd[i]) for c, i in zip(program.jobs, chosen, strict=True))
    return jobs + purchases_usd(program.resources, timing.bought)


def lost(program, chosen):
    """Worth of the jobs that are left out."""
    worth = program.worth_usd or (None,) * len(program.jobs)
    return sum(
        (w or 0.0) * bool(c.left_out[i])
        for c, i, w in zip(program.jobs, chosen, worth, strict=True)
    )


def value(program, aim, chosen, timing):
    """What is compared first and then, smaller is better."""
    if aim is Aim.CHEAPEST:
        return (money(program, chosen, timing) + lost(program, chosen),)
    return lost(program, chosen), timing.last_end


def best(program, aim):
    """The least value of any plan within the limits; None where there is none."""
    found = [
        value(program, aim, chosen, timing)
        for chosen, timing in plans(program)
        if keeps(program, chosen, timing) and (aim is Aim.CHEAPEST or _thrifty(program, chosen))
    ]
    return min(found, default=None)


def _thrifty(program, chosen):
    """Whether no optional job costs more than it is worth."""
    worth = program.worth_usd or (None,) * len(program.jobs)
    return all(
        w is None or float(c.usd[i]) <= w
        for c, i, w in zip(program.jobs, chosen, worth, strict=True)
    )


def _matches(program, chosen):
    """Whether stages train on what earlier ones make and nothing waits for what is left out."""
    out = [bool(c.left_out[i]) for c, i in zip(program.jobs, chosen, strict=True)]
    for i, j in program.chain.feeds:
        takes = program.jobs[j].takes[chosen[j]]
        if takes >= 0 and (out[i] or program.jobs[i].gives[chosen[i]] != takes):
            return False
    return not any(
        out[i] and not out[j] for j, before in enumerate(program.chain.earlier) for i in before
    )


WHOLE = (1.0, 2.0, 3.0)
UNEVEN = (0.71, 1.09, 1.93, 2.57, 3.14)
"""Hours of candidates: sums of the second are no multiples of anything."""


@st.composite
def timed_programs(draw):
    """Two or three jobs of whole hours on a grid of hours."""
    columns, limits, shared = draw(_parts(WHOLE))
    return replace(shared.program(columns, limits, {}), moments=MOMENTS, sizes={})


@st.composite
def uneven_programs(draw):
    """Two or three jobs of uneven hours at the moments that the solver chooses."""
    columns, limits, shared = draw(_parts(UNEVEN))
    return shared.program(columns, limits, {})


@st.composite
def _parts(draw, hours):
    """Jobs that share a pool, perhaps a block and a quota, and wait for each other."""
    jobs = draw(st.integers(2, 3))
    feeds = draw(st.booleans())
    columns = tuple(draw(_columns(j, hours, feeds=feeds)) for j in range(jobs))
    busy = draw(st.sampled_from(((), ((2.0, 4.0),), ((0.0, 1.0), (5.0, 6.0)))))
    resources = (
        Resource("pool", draw(st.sampled_from((1.0, 2.0))), busy),
        Resource("block", 2.0, ((0.0, 1.0), (9.0, 99.0)), draw(st.sampled_from((1.0, 3.0)))),
        Resource("quota", draw(st.sampled_from((1.0, 3.0)))),
    )
    earlier = tuple(
        tuple(i for i in range(j) if draw(st.booleans()) or (feeds and (i, j) == (0, 1)))
        for j in range(jobs)
    )
    worth = tuple(draw(st.sampled_from((None, None, 0.0, 2.0, 9.0))) for _ in range(jobs))
    limits = tuple(
        limit
        for limit in (
            Limit("deadline", None, draw(st.sampled_from((3.0, 6.0, 9.0, 12.0)))),
            Limit("deadline", jobs - 1, draw(st.sampled_from((4.0, 8.0)))),
            Limit("budget", None, draw(st.sampled_from((2.0, 6.0, 20.0)))),
            Limit("max_gpus", None, draw(st.sampled_from((1.0, 2.0, 4.0)))),
        )
        if draw(st.booleans())
    )
    chain = Chain(earlier, ((0, 1),) if feeds else ())
    return columns, limits, Shared(resources, chain, worth, has_moments=True)


@st.composite
def _columns(draw, job, hours, *, feeds):
    many = draw(st.integers(1, 3))

    def some(*values):
        return draw(st.lists(st.sampled_from(values), min_size=many, max_size=many))

    linked = {"gives": some(0, 1)} if feeds and job == 0 else {}
    linked |= {"takes": some(0, 1)} if feeds and job == 1 else {}
    pool = some(-1, 0, 0, 1)
    counted = [1.0 if p < 0 and draw(st.booleans()) else 0.0 for p in pool]
    return columns_of(
        hours=some(*hours),
        usd=some(0.0, 1.0, 2.0, 4.0),
        gpus=some(1.0, 2.0),
        pool=pool,
        instances=some(0.5, 1.0, 2.0),
        quota_gpus=[counted],
        **linked,
    )
