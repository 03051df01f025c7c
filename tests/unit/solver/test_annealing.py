"""Plans of timetables that are too large to be solved: they fit, and of a few jobs are the best."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.mip.annealing import annealed
from solver.mip.goals import aim_goal
from solver.mip.highs import Ending
from solver.mip.quick_times import QuickTimes
from solver.mip.selection import Selection
from solver.mip.solve import Chooser
from solver.mip.timetable_rows import MOST_BEGINS
from solver.program import Limit, Program, tasks_of
from solver.question import Aim
from solver.timetable import in_stages, packed
from tests.support.programs import columns_of, pools_of
from tests.support.schedules import best, keeps, uneven_programs, value

slowly = settings(max_examples=25, deadline=None)


@slowly
@given(program=uneven_programs(), data=st.data())
def test_that_quick_times_are_those_of_the_timetable(program, data):
    chosen = tuple(data.draw(st.integers(0, len(c) - 1)) for c in program.jobs)
    tasks = tasks_of(program, chosen)
    order = in_stages(tasks, data.draw(st.permutations(range(len(tasks)))))
    most = [resource.most for resource in program.resources]

    ends = QuickTimes(program, program.limits).ends(chosen, order, most)

    gpus = min((x.bound for x in program.limits if x.name == "max_gpus"), default=np.inf)
    timing = packed(tasks, program.resources, order, gpus)
    assert (ends is None) == (timing is None)
    if ends is not None:
        assert ends == pytest.approx(timing.ends)


@slowly
@given(program=uneven_programs(), aim=st.sampled_from((Aim.CHEAPEST, Aim.FASTEST)))
def test_that_a_search_of_a_few_jobs_misses_no_best_plan(program, aim):
    found = searched(program).best(aim)

    least = best(program, aim)
    if least is None:
        assert not found.chosen
        return
    assert keeps(program, found.chosen, found.timing)
    assert value(program, aim, found.chosen, found.timing) == pytest.approx(least, abs=1e-4)


def in_turn():
    """Three jobs of which only two fit side by side, each slow and cheap or quick and dear."""
    jobs = tuple(
        columns_of(hours=[4.0 + j, 1.0], usd=[1.0, 5.0], pool=[0, 0], instances=[1.0, 2.0])
        for j in range(3)
    )
    return Program(jobs, (Limit("deadline", None, 6.5),), pools_of(2.0), moments=(0.0, 1.0, 99.0))


def searched(program):
    """A chooser that takes the timetable for too large to be solved."""
    chooser = Chooser(program)
    chooser.__dict__["_begins"] = MOST_BEGINS + 1
    return chooser


def test_that_a_time_limit_during_a_search_is_no_proof():
    program = in_turn()
    bound = Selection((0, 0, 0), Ending.OPTIMAL, 0.0, 0.0)
    out = [np.zeros(2, dtype=bool)] * 3

    found = annealed(program, aim_goal(program, Aim.CHEAPEST), (), out, bound, stop_at=0.0)

    assert found.ending is Ending.TIME_LIMIT


@pytest.mark.parametrize("aim", Aim)
def test_that_a_search_finds_the_same_plan_again(aim):
    once, twice = searched(in_turn()).best(aim), searched(in_turn()).best(aim)

    assert once == twice
    assert once.chosen
    assert once.gap >= 0.0


def test_that_a_search_moves_a_limit_as_little_as_it_must():
    program = replace(in_turn(), limits=(Limit("deadline", None, 0.5),))

    found = searched(program).least(program.limits[0])

    assert found.timing.last_end == pytest.approx(3.0)
