"""What a decision promises: chance, monotony, order, time."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.mip.solve import Chooser
from solver.program import Program, natural_sizes
from solver.question import Aim
from tests.support.programs import jobs_columns, programs
from tests.support.questions import answered, question, several_jobs

PURE = (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE)

quickly = settings(max_examples=25, deadline=None)


def objective(program, aim):
    """The best value of an aim, infinite where nothing keeps the limits."""
    found = Chooser(program).best(aim)
    return found.objective if found.chosen else float("inf")


def sized(program):
    """The program with its units fixed, so that objectives of changed ones compare."""
    return replace(program, sizes=natural_sizes(program.jobs))


@quickly
@given(program=programs(), aim=st.sampled_from(PURE[:2]), data=st.data())
def test_that_a_tighter_limit_never_gives_a_better_plan(program, aim, data):
    if not program.limits:
        return
    limit = data.draw(st.sampled_from(program.limits))
    factor = 1.25 if limit.is_minimum else data.draw(st.sampled_from((0.0, 0.5, 0.9)))
    tighter = tuple(
        replace(other, bound=other.bound * factor) if other == limit else other
        for other in program.limits
    )
    base = sized(program)

    assert objective(replace(base, limits=tighter), aim) >= objective(base, aim) - 1e-6


def joined(one, other):
    """The candidates of one job and then those of another set of columns."""
    arrays = [f.name for f in fields(one) if f.name not in {"chance", "ceiling"}]
    both = {
        name: np.concatenate([getattr(one, name), getattr(other, name)], axis=-1) for name in arrays
    }
    return replace(one, **both)


@quickly
@given(program=programs(), aim=st.sampled_from(PURE[:2]), more=jobs_columns())
def test_that_another_candidate_never_gives_a_worse_plan(program, aim, more):
    base = sized(program)
    first = replace(more, chance=base.jobs[0].chance, ceiling=base.jobs[0].ceiling)
    wider = replace(base, jobs=(joined(base.jobs[0], first), *base.jobs[1:]))

    assert objective(wider, aim) <= objective(base, aim) + 1e-6


@quickly
@given(program=programs(), aim=st.sampled_from(PURE))
def test_that_the_order_of_jobs_changes_nothing(program, aim):
    last = len(program.jobs) - 1
    limits = tuple(
        replace(limit, job=None if limit.job is None else last - limit.job)
        for limit in program.limits
    )
    turned = Program(program.jobs[::-1], limits, program.resources)

    assert objective(turned, aim) == pytest.approx(objective(program, aim), abs=2e-6)


@quickly
@given(program=programs(), aim=st.sampled_from(list(Aim)))
def test_that_asking_twice_chooses_the_same(program, aim):
    chooser = Chooser(program)

    assert chooser.best(aim).chosen == chooser.best(aim).chosen == Chooser(program).best(aim).chosen


@quickly
@given(program=programs(), aim=st.sampled_from(PURE))
def test_that_a_proven_plan_has_a_closed_gap(program, aim):
    found = Chooser(program).best(aim)

    if found.chosen:
        assert found.gap == pytest.approx(0.0, abs=2e-6)


ASKED = {
    "one": question(),
    "several": several_jobs(),
    "spot": question("fastest", {"spot": True, "co2_kg": 5}),
    "sure": question(limits={"confidence": 0.95}),
    "unsure": question(limits={"confidence": 0.5}),
    "unsure of dollars": question(
        limits={"confidence": 0.5, "deadline_hours": None}, jobs=({"min_accuracy": None},)
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_that_a_plan_holds_all_limits_together_as_often_as_asked(name):
    found = answered(ASKED[name])

    assert found.outcome == "solved"
    assert found.joint_chance >= found.question.limits.confidence
    assert all(limit.chance >= found.joint_chance for limit in found.limits)


@pytest.mark.parametrize("name", ASKED)
def test_that_a_plan_without_room_holds_as_often_as_asked_or_is_none(name):
    asked = ASKED[name]
    loose = answered(asked)
    exact = {
        "budget_usd": sum(job.usd.at_confidence for job in loose.jobs),
        "deadline_hours": max(job.hours.at_confidence for job in loose.jobs),
    }

    found = answered(asked.replace(limits=asked.limits.replace(**exact)))

    if found.outcome == "solved":
        assert found.joint_chance >= asked.limits.confidence
    else:
        assert found.outcome == "impossible"


@pytest.mark.parametrize("aim", [Aim.CHEAPEST, Aim.FASTEST, Aim.BALANCED])
def test_that_no_time_gives_a_stopped_answer_and_no_promise(aim):
    found = answered(several_jobs().replace(aim=aim), time_limit_s=0.0)

    assert found.outcome == "stopped"
    assert found.solver.status == "time limit"


def test_that_a_higher_confidence_never_gives_a_cheaper_plan():
    sure = [answered(question(limits={"confidence": p})) for p in (0.5, 0.7, 0.9)]

    usd = [found.total_usd.at_confidence for found in sure]
    assert usd == sorted(usd)


def test_that_every_limit_of_a_plan_has_room():
    found = answered(several_jobs())

    assert len(found.limits) == 6
    assert all(limit.slack >= -1e-9 for limit in found.limits)
