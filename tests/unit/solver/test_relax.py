"""What would make an impossible question possible, in the smallest steps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.decide import decide
from solver.limits import limits_of
from solver.outcome.moves import STEPS, rounded_out
from solver.outcome.relax import lifted, moved, switches
from solver.program import Limit
from solver.question import Question
from tests.support.questions import NOW, answered, question, the_catalog
from tests.support.random_questions import questions

TIGHT = {"deadline_hours": 0.4, "budget_usd": 0.05, "max_gpus": 1}


@pytest.fixture(scope="module")
def impossible():
    return answered(question(limits=TIGHT))


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(sorted(STEPS)), value=st.integers(1, 10**6), noise=st.floats(0, 1e-12))
def test_that_a_rounded_limit_admits_what_it_was_rounded_for(name, value, noise):
    limit, exact = Limit(name, 0, 1.0), value / 1000 + noise

    rounded = rounded_out(limit, exact)

    assert rounded <= exact if limit.is_minimum else rounded >= exact
    assert abs(rounded - exact) <= STEPS[name] * (1 + 1e-6)


@settings(max_examples=50, deadline=None)
@given(asked=questions, data=st.data())
def test_that_a_moved_limit_moves_alone(asked, data):
    before = limits_of(asked, NOW)
    if not before:
        return
    limit = data.draw(st.sampled_from(before))
    value = {"min_accuracy": 0.25}.get(limit.name, 3.0)

    after = limits_of(moved(asked, limit, value), NOW)

    assert after == tuple(Limit(b.name, b.job, value) if b == limit else b for b in before)


@settings(max_examples=50, deadline=None)
@given(asked=questions)
def test_that_a_switch_lifts_one_restriction_that_was_there(asked):
    for switch in switches(asked):
        changed = switch.changed.model_dump()
        before = asked.model_dump()

        assert changed != before
        assert switch.text
        if switch.name not in ("methods", "precisions"):
            before["limits"][switch.name] = changed["limits"][switch.name]
        for now, then in zip(changed["jobs"], before["jobs"], strict=True):
            if switch.name in ("methods", "precisions"):
                then[switch.name] = now[switch.name]
        assert changed == before


def test_that_an_unrestricted_question_has_no_switch_but_confidence():
    asked = Question.model_validate(
        {
            "jobs": [{"family": "chat", "tokens": 1e6}],
            "limits": {"spot": True, "include_marked_prices": True, "confidence": 0.6},
        }
    )

    assert [switch.name for switch in switches(asked)] == ["confidence"]


def test_that_each_change_of_a_limit_makes_the_question_possible(impossible):
    changes = [move for move in impossible.relaxations if move.change is not None]
    places = {(limit.name, limit.job): limit for limit in limits_of(impossible.question, NOW)}
    names = [job.name for job in impossible.question.jobs]

    assert changes
    for move in changes:
        limit = places[move.limit, None if move.job is None else names.index(move.job)]
        again = answered(moved(impossible.question, limit, move.value))
        assert again.outcome == "solved"
        assert tuple(job.key for job in again.jobs) == move.keys


def test_that_the_conflict_is_among_the_limits_and_each_part_of_it_can_help(impossible):
    names = {limit.name for limit in limits_of(impossible.question, NOW)}

    assert impossible.conflict
    assert set(impossible.conflict) <= names
    if len(impossible.conflict) > 1:
        assert set(impossible.conflict) & {move.limit for move in impossible.relaxations}


def test_that_an_impossible_question_without_time_is_still_explained():
    found = answered(question(limits=TIGHT), time_limit_s=0.0)

    assert found.outcome in ("impossible", "stopped")
    if found.outcome == "impossible":
        assert found.conflict


def own(accelerator, machines=1, gpus=1, **told):
    """A pool of the user's own machines."""
    pool = {"name": accelerator, "accelerator": accelerator, "gpus_per_machine": gpus}
    return {**pool, "machines": machines, **told}


def test_that_a_deadline_beyond_reason_is_no_change_to_offer():
    work = {"family": "language-modelling", "tokens": 1e13, "methods": ["from-scratch"]}
    asked = Question.model_validate(
        {
            "jobs": [{**work, "models": {"names": ["Llama-3.1-8B"]}}],
            "limits": {"rent": False, "deadline_hours": 100},
            "owned": [own("A100-80-SXM", gpus=8)],
        }
    )

    found = answered(asked)

    assert found.outcome == "impossible"
    assert "deadline" not in {move.limit for move in found.relaxations}


def test_that_no_minimum_below_zero_is_offered():
    small = {"task": "CoLA", "examples": 200, "tokens_per_example": 32, "min_accuracy": 0.95}
    models = {"names": ["BERT-tiny", "BERT-small"]}
    asked = question(limits={"confidence": 0.95}, jobs=({**small, "models": models, "pilots": ()},))

    found = answered(asked)

    values = [move.value for move in found.relaxations if move.limit == "min_accuracy"]
    assert all(0 <= value < 0.95 for value in values)


def test_that_a_quota_that_stops_everything_is_named_and_offered():
    asked = question(limits={"quotas": [{"gpus": 0}]}, jobs=({"min_accuracy": None},))

    found = answered(asked)

    assert found.outcome == "impossible"
    assert "quotas" in found.why
    assert "quotas" in {move.limit for move in found.relaxations}


def test_that_more_jobs_than_machines_wait_for_each_other():
    jobs = tuple({"name": name, "min_accuracy": None} for name in "abc")
    asked = question(
        limits={"rent": False, "deadline_hours": None, "budget_usd": None},
        jobs=jobs,
        owned=[{**own("T4"), "gpus_per_machine": 1}],
    )

    found = answered(asked)

    assert found.outcome == "solved"
    first, second, third = sorted(found.jobs, key=lambda job: job.start_hours)
    assert first.end_hours <= second.start_hours
    assert second.end_hours <= third.start_hours
    assert found.total_hours.at_confidence == pytest.approx(third.end_hours)


def decided(asked):
    constants = shipped_constants()
    made = [candidates(job, asked, the_catalog(), constants, NOW.date()) for job in asked.jobs]
    return decide(asked, tuple(made), limits_of(asked, NOW), lambda *_: None)


@pytest.mark.parametrize("deadline", [0.1, 0.25, 0.3])
def test_that_lower_confidences_are_tried_only_where_the_lowest_may_do(deadline):
    asked = question(limits={"deadline_hours": deadline, "budget_usd": 0.16})
    at_lowest = decided(asked.replace(limits=asked.limits.replace(confidence=0.5)))
    before, tried = decided(asked), []

    def decide_again(changed):
        tried.append(changed.limits.confidence)
        return decided(changed)

    found = lifted(asked, before.limits, decide_again, before)

    possible = at_lowest.seeker.possible(at_lowest.limits)
    assert any(confidence < 0.9 for confidence in tried) == possible
    assert ("confidence" in found.loosening) == possible
