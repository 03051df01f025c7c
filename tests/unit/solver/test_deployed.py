"""Formats and devices of finished models: candidates, limits, and answers that keep them."""

import pytest

from solver.answer_file import to_json
from solver.candidates import candidates, columns_at
from solver.check import broken, read_answer
from solver.constants import shipped_constants
from solver.question_file import QuestionError
from tests.support.questions import NOW, answered, question, the_catalog

CONSTANTS = shipped_constants()


def made_of(**job):
    asked = question(jobs=(job,))
    return candidates(asked.jobs[0], asked, the_catalog(), CONSTANTS, NOW.date())


def test_that_without_formats_every_candidate_and_key_is_as_ever():
    made = made_of()

    assert {variant.deployed for variant in made.bench.variants} == {"fp16"}
    assert made.key(0).count(":") == 5


def test_that_each_format_doubles_the_candidates_and_changes_no_training():
    alone, both = made_of(), made_of(formats=["fp16", "int8"])

    assert len(both) == 2 * len(alone)
    wide, narrow = both.key(0), None
    narrow = both.find(f"{wide}:int8")
    columns = columns_at(both, 0.9)
    assert columns.hours[narrow] == columns.hours[0]
    assert columns.usd[narrow] == columns.usd[0]
    assert columns.deployed_gb[narrow] < columns.deployed_gb[0]
    assert columns.accuracy[narrow] < columns.accuracy[0]


def test_that_every_key_finds_its_candidate():
    made = made_of(formats=["int8", "fp16"])

    for position in range(0, len(made), 97):
        assert made.find(made.key(position)) == position


def test_that_a_narrow_format_is_chosen_only_where_a_limit_needs_it():
    wide = answered(question(jobs=({"formats": ["fp16", "int8"]},)))
    (job,) = wide.jobs
    tight = {"formats": ["fp16", "int8"], "max_deployed_gb": 0.8 * job.deployed_gb}

    narrow = answered(question(jobs=(tight,)))

    assert job.format == "fp16"
    assert narrow.jobs[0].format == "int8"
    assert narrow.jobs[0].deployed_gb <= tight["max_deployed_gb"]
    assert narrow.jobs[0].key.endswith(":int8")


def test_that_a_latency_is_kept_on_the_named_device_and_checked():
    short = {"deploy_on": "T4", "tokens_per_example": 16, "min_accuracy": None}
    free = answered(question("most-accurate", jobs=(short,)))
    (job,) = free.jobs
    assert job.latency_ms > 0

    limit = {"max_latency_ms": 0.9 * job.latency_ms, "formats": ["fp16", "int8"]}
    made = answered(question("most-accurate", jobs=({**short, **limit},)))

    assert made.outcome == "solved"
    assert made.jobs[0].latency_ms <= limit["max_latency_ms"]
    (kept,) = [kept for kept in made.limits if kept.name == "max_latency"]
    assert (kept.unit, kept.chance) == ("ms", 1.0)
    assert broken(read_answer(to_json(made))) == ()


def test_that_an_impossible_latency_is_told_with_the_least_that_works():
    limit = {"deploy_on": "T4", "max_latency_ms": 0.01}

    made = answered(question(jobs=(limit,)))

    assert made.outcome == "impossible"
    assert "max_latency" in made.conflict
    assert any(move.limit == "max_latency" and move.value > 0.01 for move in made.relaxations)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"formats": ["int5"]}, "deployment format 'int5'"),
        ({"deploy_on": "T44"}, "'T4'"),
    ],
)
def test_that_unknown_formats_and_devices_are_refused(job, words):
    with pytest.raises(QuestionError, match=words):
        answered(question(jobs=(job,)))


def test_that_a_latency_without_a_device_is_refused():
    with pytest.raises(ValueError, match="deploy_on"):
        question(jobs=({"max_latency_ms": 5},))


def test_that_a_narrow_format_is_served_where_the_wide_one_needs_a_larger_machine():
    serving = {"tokens_per_month": 1e9, "months": 6}
    maths = {"task": "GSM8K", "methods": ["qlora"], "models": {"names": ["Llama-2-13b"]}}
    job = {**maths, "formats": ["fp16", "int4"], "serving": serving, "min_accuracy": None}
    asked = question(limits={"budget_usd": 1e5, "max_gpus": 4}, jobs=(job,))
    made = candidates(asked.jobs[0], asked, the_catalog(), CONSTANTS, NOW.date())
    (dollars,) = made.serving_usd
    wide, narrow = (
        {dollars[place] for place, v in enumerate(made.bench.variants) if v.deployed == name}
        for name in ("fp16", "int4")
    )

    assert max(narrow) < min(wide)
    assert len(made.served_by[0]) == 2


def test_that_what_serves_in_a_narrow_format_is_checked_from_the_answer_alone():
    job = {"formats": ["int8"], "serving": {"tokens_per_month": 1e9, "months": 6}}
    made = answered(question(limits={"budget_usd": 5_000}, jobs=(job,)))

    assert made.jobs[0].cost.serving > 0
    assert broken(read_answer(to_json(made))) == ()


@pytest.mark.parametrize("formats", [["int8", "fp16"], ["int8"], []])
def test_that_models_too_short_for_a_job_are_told_in_any_format(formats):
    long = {"sequence": 2048, "models": {"names": ["BERT-base"]}, "formats": formats}

    made = answered(question(jobs=({**long, "deploy_on": "T4", "max_latency_ms": 50},)))

    assert made.outcome == "impossible"
    assert "can run tickets" in made.why
