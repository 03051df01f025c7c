"""Jobs that wait for each other and share machines: the plan is what trying every order finds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.mip.highs import Ending
from solver.mip.solve import Chooser
from solver.program import Limit, Program, loosened, natural_size, tasks_of
from solver.question import Aim
from solver.reduce import reduced
from solver.timetable import (
    Resource,
    Task,
    earliest_starts,
    finished,
    joined,
    packed,
    peak_of,
)
from tests.support.programs import columns_of, pools_of
from tests.support.schedules import best, keeps, timed_programs, uneven_programs, value

slowly = settings(max_examples=40, deadline=None)


def fits(program, chosen, timing):
    """Whether a timetable keeps stages in order, resources and calendars."""
    tasks = tasks_of(program, chosen)
    in_order = all(
        timing.starts[j] >= timing.ends[i] - 1e-9
        for j, task in enumerate(tasks)
        for i in task.earlier
    )
    for r, resource in enumerate(program.resources):
        uses = [task.uses[r] for task in tasks]
        most = timing.bought[r] if resource.usd_each > 0 else resource.most
        if peak_of(uses, timing.starts, timing.ends) > most + 1e-9:
            return False
        for use, start, end in zip(uses, timing.starts, timing.ends, strict=True):
            if use > 0 and any(a < end and b > start for a, b in resource.closed):
                return False
    return in_order


@slowly
@given(program=uneven_programs())
def test_that_no_plan_costs_less_than_the_bound_without_waiting(program):
    least = best(program, Aim.CHEAPEST)

    bound = Chooser(loosened(program)).best(Aim.CHEAPEST)

    if least is not None:
        assert bound.objective * natural_size(program, "budget") <= least[0] + 1e-6


@settings(max_examples=20, deadline=None)
@given(program=uneven_programs(), aim=st.sampled_from(Aim), factor=st.sampled_from((1e-4, 1e4)))
def test_that_money_of_another_size_changes_no_timetable(program, aim, factor):
    found, other = Chooser(program).best(aim), Chooser(in_other_money(program, factor)).best(aim)

    assert other.ending is found.ending
    if found.chosen:
        assert value(program, aim, other.chosen, other.timing) == pytest.approx(
            value(program, aim, found.chosen, found.timing), abs=1e-4
        )


def in_other_money(program, factor):
    """The program with every price, budget and worth multiplied."""
    return replace(
        program,
        jobs=tuple(replace(c, usd=c.usd * factor) for c in program.jobs),
        limits=tuple(
            replace(limit, bound=limit.bound * factor) if limit.name == "budget" else limit
            for limit in program.limits
        ),
        resources=tuple(replace(r, usd_each=r.usd_each * factor) for r in program.resources),
        worth_usd=tuple(None if w is None else w * factor for w in program.worth_usd),
    )


def test_that_hours_that_do_not_suffice_in_sum_need_no_timetable():
    jobs = tuple(columns_of(hours=[3.0], usd=[1.0], pool=[0]) for _ in range(2))
    program = Program(jobs, (Limit("deadline", None, 5.0),), pools_of(1.0), is_loose=True)

    assert Chooser(program).best(Aim.CHEAPEST).ending is Ending.INFEASIBLE


def test_that_a_job_without_an_open_time_long_enough_needs_no_timetable():
    job = columns_of(hours=[3.0], usd=[1.0], pool=[0])
    lab = Resource("lab", 1.0, ((2.0, 4.0),))
    program = Program((job,), (Limit("deadline", None, 6.5),), (lab,), is_loose=True)

    assert Chooser(program).best(Aim.CHEAPEST).ending is Ending.INFEASIBLE


def kept_of(columns, names):
    """What reduction leaves of a job; doing without it is no candidate to compare."""
    done = np.flatnonzero(~columns.left_out)
    return np.r_[done[reduced(columns.take(done), names)], np.flatnonzero(columns.left_out)]


@slowly
@given(
    program=timed_programs(), aim=st.sampled_from((Aim.CHEAPEST, Aim.FASTEST)), short=st.booleans()
)
def test_that_the_timetable_is_the_best_of_every_order(program, aim, short):
    least = best(program, aim)
    chooser = Chooser(program)
    if not short:
        chooser._loose = None  # every plan by the whole program

    found = chooser.best(aim)

    if least is None:
        assert found.ending is Ending.INFEASIBLE
        return
    assert found.ending is Ending.OPTIMAL
    assert fits(program, found.chosen, found.timing)
    assert keeps(program, found.chosen, found.timing)
    assert value(program, aim, found.chosen, found.timing) == pytest.approx(least, abs=1e-4)


@slowly
@given(program=uneven_programs(), aim=st.sampled_from((Aim.CHEAPEST, Aim.FASTEST)))
def test_that_a_few_jobs_of_uneven_hours_have_the_best_plan_of_every_order(program, aim):
    least = best(program, aim)

    found = Chooser(program).best(aim)

    if least is None:
        assert found.ending is Ending.INFEASIBLE
        assert found.bound is None
        return
    assert fits(program, found.chosen, found.timing)
    assert keeps(program, found.chosen, found.timing)
    assert value(program, aim, found.chosen, found.timing) == pytest.approx(least, abs=1e-4)
    assert found.gap == pytest.approx(0.0, abs=1e-5)


@slowly
@given(program=timed_programs(), aim=st.sampled_from((Aim.CHEAPEST, Aim.FASTEST)))
def test_that_reduction_changes_no_timetable(program, aim):
    names = {limit.name for limit in program.limits}
    kept = [kept_of(columns, names) for columns in program.jobs]
    small = replace(
        program, jobs=tuple(c.take(index) for c, index in zip(program.jobs, kept, strict=True))
    )

    whole, few = Chooser(program).best(aim), Chooser(small).best(aim)

    assert few.ending is whole.ending
    if whole.chosen:
        assert value(small, aim, few.chosen, few.timing) == pytest.approx(
            value(program, aim, whole.chosen, whole.timing), abs=1e-4
        )


@slowly
@given(program=timed_programs(), data=st.data())
def test_that_jobs_that_wait_as_told_never_share_more_than_there_is(program, data):
    found = Chooser(program).best(Aim.FASTEST)
    if not found.chosen:
        return
    tasks = tasks_of(program, found.chosen)
    stretch = data.draw(st.lists(st.floats(0.1, 5.0), min_size=len(tasks), max_size=len(tasks)))
    hours = np.array([[task.hours * s] for task, s in zip(tasks, stretch, strict=True)])

    ends, kept = finished(found.timing, hours)

    ended = ends[:, 0].tolist()
    begun = (ends - hours)[:, 0].tolist()
    for r, resource in enumerate(program.resources):
        uses = [task.uses[r] for task in tasks]
        most = found.timing.bought[r] if resource.usd_each > 0 else resource.most
        assert peak_of(uses, [b + 1e-9 for b in begun], ended) <= most + 1e-9
        for use, a, b in zip(uses, begun, ended, strict=True):
            if use > 0 and kept[0]:
                assert not any(x < b - 1e-9 and y > a + 1e-9 for x, y in resource.closed)


def test_that_a_job_waits_until_its_pool_is_free_for_all_of_it():
    pool = Resource("lab", 1.0, ((2.0, 3.0), (5.0, 6.0)))
    task = Task(2.5, (1.0,), 1.0, ())

    timing = packed([task], [pool], [0])

    assert timing.starts == (6.0,)
    assert timing.not_before == (6.0,)
    assert earliest_starts(np.array([2.5, 2.0, 1.0]), pool.closed).tolist() == [6.0, 0.0, 0.0]


def test_that_two_jobs_on_one_card_run_one_after_the_other():
    pool = Resource("lab", 1.0)
    tasks = [Task(2.0, (1.0,), 1.0, ()), Task(3.0, (0.5,), 1.0, ()), Task(1.0, (0.5,), 1.0, ())]

    timing = packed(tasks, [pool], [0, 1, 2])

    assert timing.starts == (0.0, 2.0, 2.0)
    assert timing.waits == ((), (0,), (0,))


def test_that_a_job_that_overruns_into_a_closed_time_breaks_the_calendar():
    pool = Resource("lab", 1.0, ((4.0, 5.0),))
    timing = packed([Task(3.0, (1.0,), 1.0, ())], [pool], [0])

    _, kept = finished(timing, np.array([[3.0, 4.0, 4.5]]))

    assert kept.tolist() == [True, True, False]


def test_that_spans_that_touch_are_one():
    assert joined([(3.0, 4.0), (0.0, 1.0), (1.0, 2.0)]) == ((0.0, 2.0), (3.0, 4.0))
