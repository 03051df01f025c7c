"""Alternatives for several jobs differ in something that matters and are the best that do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.check import broken
from solver.mip.differ import Differing
from solver.mip.highs import Ending
from solver.question import Aim
from tests.support.oracle import TIE, Oracle
from tests.support.programs import programs
from tests.support.questions import DESK, answered, asked, question, the_catalog

PURE = (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE)


@settings(max_examples=40, deadline=None)
@given(program=programs(), aim=st.sampled_from(PURE), data=st.data())
def test_that_the_plan_is_the_best_of_all_that_differ_in_some_job(program, aim, data):
    same = [
        np.array(data.draw(st.lists(st.booleans(), min_size=len(c), max_size=len(c))))
        for c in program.jobs
    ]
    oracle = Oracle(program)
    plans = [
        plan
        for plan in oracle.inside(program.limits)
        if not all(alike[c] for alike, c in zip(same, plan, strict=True))
    ]
    if aim is Aim.MOST_ACCURATE:
        plans = [plan for plan in plans if oracle.rated(plan)] or plans

    found = Differing(program).unlike(same, aim)

    if not plans:
        assert found.ending is Ending.INFEASIBLE
        return
    best = min(oracle.first(aim, plan) for plan in plans)
    assert found.chosen in plans
    assert oracle.first(aim, found.chosen) == pytest.approx(best, rel=TIE, abs=3 * TIE)


@settings(max_examples=20, deadline=None)
@given(program=programs(), aim=st.sampled_from(PURE))
def test_that_a_plan_that_had_to_differ_leaves_no_row_behind(program, aim):
    chooser = Differing(program)
    before = chooser.best(aim)

    chooser.unlike([np.ones(len(c), dtype=bool) for c in program.jobs], aim)

    assert chooser.best(aim) == before


PARTS = {"model": 0, "method": 1}


def trait(key, name):
    """What a key says of a candidate."""
    parts = key.split(":")
    if name in PARTS:
        return parts[PARTS[name]].partition("-r")[0] if name == "method" else parts[0]
    offer = the_catalog().offers.get(parts[3])
    if offer is None:
        return parts[3]
    return offer.provider if name == "provider" else offer.accelerator


def test_that_each_alternative_differs_in_what_it_says():
    made = answered(
        question(
            limits={"providers": ["aws", "gcp"], "budget_usd": 30},
            jobs=({"name": "sort"}, {"name": "route", "examples": 60_000}),
        ),
        top=10,
    )

    named = [a for a in made.alternatives if a.why.startswith("with another")]
    assert {a.why.split()[2] for a in named} >= {"method", "provider"}
    plan = [job.key for job in made.jobs]
    for alternative in named:
        name = alternative.why.split()[2]
        assert any(
            trait(a, name) != trait(b, name) for a, b in zip(alternative.keys, plan, strict=True)
        )
    assert broken(made) == ()


def test_that_no_two_alternatives_are_one_plan():
    made = answered(asked("several-jobs").question, top=10)

    plans = [alternative.keys for alternative in made.alternatives]
    assert len(set(plans)) == len(plans)
    assert tuple(job.key for job in made.jobs) not in plans


def test_that_a_plan_on_own_machines_is_shown_beside_another_pool():
    other = {**DESK, "name": "attic", "usd_per_hour": 0.4}
    jobs = ({"name": "a"}, {"name": "b"})

    made = answered(question(limits={"rent": False}, jobs=jobs, owned=[DESK, other]), top=10)

    assert any("another pool" in alternative.why for alternative in made.alternatives)
