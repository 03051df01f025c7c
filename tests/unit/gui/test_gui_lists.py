"""Jobs and machines come, go and are named; whoever names them follows."""

import pytest

from gui.changes import changed
from gui.lists import (
    begun,
    free_name,
    stated_once,
    with_aim,
    with_copy_of_job,
    with_job,
    with_job_moved,
    with_job_named,
    with_part,
    with_pool,
    with_table,
    without_job,
    without_pool,
)
from solver.question import Aim, Job, Limits, OwnedMachines, Question

WORK = {"family": "classification", "examples": 100, "tokens_per_example": 10}


@pytest.fixture
def question():
    return Question(
        jobs=(
            Job(name="pretrain", **WORK),
            Job(name="tune", after=("pretrain",), starts_from="pretrain", **WORK),
        )
    )


def names(question):
    return [job.name for job in question.jobs]


def test_that_an_added_job_has_a_name_of_its_own(question):
    once = changed(question, with_job(question))
    twice = changed(once, with_job(once))

    assert names(twice) == ["pretrain", "tune", "job", "job 2"]


def test_that_a_copy_stands_below_its_original_and_differs_in_name_only(question):
    made = changed(question, with_copy_of_job(question, 0))

    assert names(made) == ["pretrain", "pretrain 2", "tune"]
    assert made.jobs[1] == question.jobs[0].replace(name="pretrain 2")


def test_that_a_renamed_job_is_renamed_wherever_it_is_named(question):
    made = changed(question, with_job_named(question, 0, "base"))

    assert made.jobs[1].after == ("base",)
    assert made.jobs[1].starts_from == "base"


def test_that_nothing_waits_for_a_job_that_was_removed(question):
    made = changed(question, without_job(question, 0))

    assert names(made) == ["tune"]
    assert made.jobs[0].after == ()
    assert made.jobs[0].starts_from is None


def test_that_a_job_moves_to_the_end_of_the_list_and_no_further(question):
    made = changed(question, with_job_moved(question, 0, 5))

    assert names(made) == ["tune", "pretrain"]


def test_that_machines_must_be_rented_once_the_last_own_ones_are_gone(question):
    owned = OwnedMachines(name="lab", accelerator="A100", gpus_per_machine=8)
    bound = question.replace(owned=(owned,), limits=Limits(rent=False))

    made = changed(bound, without_pool(bound, "owned", 0))

    assert made.limits.rent
    assert made.owned == ()


def test_that_added_machines_avoid_the_names_of_all_pools(question):
    once = changed(question, with_pool(question, "owned", "A100"))
    twice = changed(once, with_pool(once, "owned", "A100"))

    assert [pool.name for pool in twice.owned] == ["lab", "lab 2"]


def test_that_phases_take_the_place_of_examples_and_give_it_back(question):
    phases = [{"steps": 10, "batch_sequences": 8, "sequence": 128}]

    recipe = changed(question, with_table(question.jobs[0], 0, "phases", phases))
    back = changed(recipe, with_table(recipe.jobs[0], 0, "phases", ()))

    assert recipe.jobs[0].examples is None
    assert back.jobs[0].examples is not None


def test_that_typed_tokens_take_the_place_of_examples_and_of_phases(question):
    recipe = changed(
        question,
        with_table(
            question.jobs[0], 0, "phases", [{"steps": 1, "batch_sequences": 1, "sequence": 8}]
        ),
    )

    assert stated_once(question.jobs[0], "tokens", 5) == {
        "examples": None,
        "tokens_per_example": None,
    }
    assert stated_once(recipe.jobs[0], "tokens", 5)["phases"] == ()
    assert stated_once(question.jobs[0], "examples", 5) == {}


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("a", (), "a"),
        ("a", ("a",), "a 2"),
        ("a 2", ("a", "a 2"), "a 3"),
        ("b 7x", ("b 7x",), "b 7x 2"),
    ],
)
def test_that_a_free_name_counts_on_from_the_name(name, taken, free):
    assert free_name(name, taken) == free


def test_that_a_volume_alone_brings_a_time_of_service_and_nothing_ends_it(question):
    tokens = ("jobs", 0, "serving", "tokens_per_month")
    served = changed(question, with_part(question, tokens, 5e6))
    usual = changed(served, with_part(served, ("jobs", 0, "serving", "months"), None))
    ended = changed(served, with_part(served, tokens, None))

    assert served.jobs[0].serving.tokens_per_month == 5e6
    assert usual.jobs[0].serving.months == 12
    assert ended.jobs[0].serving is None


def test_that_what_is_done_brings_the_candidate_that_was_planned(question):
    path = ("jobs", 1, "running", "done")

    made = changed(question, with_part(question, path, 0.4, {"key": "a:b:c"}))

    assert (made.jobs[1].running.key, made.jobs[1].running.done) == ("a:b:c", 0.4)


def test_that_an_aim_that_is_pursued_is_held_no_longer(question):
    held = question.replace(hold={"aim": "fastest"}, second_aim="fastest")

    made = changed(held, with_aim(held, Aim.FASTEST))

    assert made.aim is Aim.FASTEST
    assert made.hold is None
    assert made.second_aim is None


def test_that_planned_jobs_begin_with_nothing_done(question):
    made = changed(question, begun(question, {"tune": "m:full:bf16"}))

    assert made.jobs[0].running is None
    assert (made.jobs[1].running.key, made.jobs[1].running.done) == ("m:full:bf16", 0)
