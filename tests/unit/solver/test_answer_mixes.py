"""An impossible question is told the smallest mix of changes and the switches in its way."""

import pytest

from solver.check import broken
from solver.limits import limits_of
from solver.outcome.mixes import tiers
from solver.outcome.relax import RESTRICTIONS, moved, switches
from tests.support.questions import NOW, answered, question, several_jobs

TIGHT = {"deadline_hours": 0.15, "budget_usd": 0.05}
"""Neither alone can be moved far enough: what is fast is dear, what is cheap is slow."""


@pytest.fixture(scope="module")
def impossible():
    return answered(question(limits=TIGHT, jobs=({"min_accuracy": 0.9},)))


def with_changes(of, changes):
    names = [job.name for job in of.question.jobs]
    places = {(limit.name, limit.job): limit for limit in limits_of(of.question, NOW)}
    changed = of.question
    for change in changes:
        job = None if change.job is None else names.index(change.job)
        changed = moved(changed, places[change.limit, job], change.value)
    return answered(changed)


def test_that_the_mix_makes_the_question_possible(impossible):
    again = with_changes(impossible, impossible.mix.changes)

    assert again.outcome == "solved"
    assert tuple(job.key for job in again.jobs) == impossible.mix.keys


def test_that_the_mix_can_do_without_none_of_its_changes(impossible):
    changes = impossible.mix.changes

    assert len(changes) > 1
    for left_out in changes:
        rest = [change for change in changes if change != left_out]
        assert with_changes(impossible, rest).outcome == "impossible"


def test_that_the_mix_moves_no_limit_further_than_that_limit_alone(impossible):
    alone = {(move.limit, move.job): move.change for move in impossible.relaxations}

    for change in impossible.mix.changes:
        if alone.get((change.limit, change.job)) is not None:
            assert abs(change.change) <= abs(alone[change.limit, change.job]) + 1e-9


def test_that_a_change_of_the_mix_is_checked_with_the_answer(impossible):
    first, *rest = impossible.mix.changes
    wrong = first.model_copy(update={"change": first.change + 1.0})
    mix = impossible.mix.model_copy(update={"changes": (wrong, *rest)})

    assert broken(impossible) == ()
    edited = impossible.model_copy(update={"mix": mix})
    assert "mix.changes[1].change" in {problem.where for problem in broken(edited)}


def test_that_a_firm_limit_stays_where_others_can_move():
    firm = question(limits={**TIGHT, "firm": ["deadline"]}, jobs=({"min_accuracy": 0.9},))

    found = answered(firm)

    moves = {change.limit for change in found.mix.changes} if found.mix else set()
    singles = {move.limit for move in found.relaxations}
    assert "deadline" not in moves or not singles - {"deadline"}


def test_that_limits_are_ordered_by_how_firmly_they_are_meant():
    asked = several_jobs(limits={"firm": ["budget"], "soft": ["min_accuracy"], "budget_usd": 5})
    limits = limits_of(asked, NOW)

    first, between, last = tiers(asked, limits)

    assert {limit.name for limit in first} == {"budget"}
    assert {limit.name for limit in last} == {"min_accuracy"}
    assert len(first) + len(between) + len(last) == len(limits)


def without_other_limits(found, switched):
    """The question after a switch, with the limits in conflict alone."""
    fields = {"deadline": "deadline_hours", "budget": "budget_usd"}
    free = {field: None for name, field in fields.items() if name not in found.conflict}
    accuracy = "min_accuracy" in found.conflict
    jobs = tuple(
        job if accuracy else job.replace(min_accuracy=None, pilots=()) for job in switched.jobs
    )
    return switched.replace(limits=switched.limits.replace(**free), jobs=jobs)


def test_that_each_switch_in_the_conflict_would_end_it():
    limits = {"deadline_hours": 0.25, "budget_usd": 0.3, "accelerators": ["T4"]}
    found = answered(question(limits=limits))

    ended = {
        switch.name
        for switch in switches(found.question)
        if answered(without_other_limits(found, switch.changed)).outcome == "solved"
    }
    assert found.outcome == "impossible"
    assert found.conflict_switches
    assert set(found.conflict_switches) <= ended


def test_that_every_switch_has_words_for_how_it_stands():
    asked = question(
        limits={"providers": ["aws"], "regions": ["us-east-1"], "quotas": [{"gpus": 8}]},
        jobs=({"precisions": ["bf16-mixed"]},),
    )

    assert {switch.name for switch in switches(asked)} <= set(RESTRICTIONS)
