"""Jobs that follow each other, share machines and quotas, or may be left out."""

import json
from itertools import pairwise

import pytest
from pydantic import ValidationError

from solver.answer_file import parse_answer, to_json
from solver.check import broken
from solver.export.html import report_html
from solver.export.report import report_of
from solver.plan import LEFT_OUT
from solver.question import Question
from tests.support.questions import DESK, answered, chained, question

LAB = {**DESK, "name": "lab", "machines": 1, "network_gbit_per_s": None}

FREE = {"min_accuracy": None, "models": {"names": ["RoBERTa-base"]}}


@pytest.fixture(scope="module")
def chain():
    return answered(chained())


def test_that_a_stage_trains_what_the_one_before_it_makes(chain):
    first, second = chain.jobs

    assert first.model == second.model
    assert second.waits_for == ("pretrain",)
    assert second.start_hours == pytest.approx(first.end_hours)
    assert chain.total_hours.at_confidence == pytest.approx(second.end_hours)


def test_that_the_most_accurate_chain_is_judged_by_what_comes_out_of_it(chain):
    asked = chain.question.replace(aim="most-accurate")

    found = answered(asked)

    assert found.outcome == "solved"
    assert found.jobs[0].accuracy is None
    assert found.jobs[1].accuracy.median >= chain.jobs[1].accuracy.median
    assert broken(found) == ()


def test_that_a_chain_is_checked_from_its_own_facts(chain):
    assert broken(chain) == ()


@pytest.mark.parametrize(
    ("field", "value"), [("start_hours", 0.0), ("end_hours", 1.0), ("waits_for", [])]
)
def test_that_another_time_in_the_file_is_found(chain, field, value):
    data = json.loads(to_json(chain))
    data["jobs"][1][field] = value

    wrong = [problem.where for problem in broken(parse_answer(json.dumps(data)))]

    assert any(where.startswith("jobs") for where in wrong)


def test_that_the_deadline_counts_both_stages(chain):
    hours = chain.jobs[0].hours.at_confidence
    found = answered(chained(limits={"deadline_hours": hours}))

    assert found.outcome != "solved" or found.jobs[0].key != chain.jobs[0].key


def test_that_a_base_model_made_on_less_is_not_promised():
    found = answered(chained(pretrain={"tokens": 1e9}))

    assert found.outcome == "unknown"
    assert "fewer tokens" in found.why


def test_that_the_users_own_pilots_speak_for_a_base_model_made_on_less():
    pilots = ({"examples": 2000, "score": 0.74, "model": "BERT-small", "evaluated_on": 2000},)
    found = answered(chained({"tokens": 1e9}, {"pilots": pilots, "min_accuracy": 0.6}))

    assert found.outcome == "solved"


def test_that_a_circle_of_jobs_is_refused():
    jobs = ({"name": "a", "after": ["b"]}, {"name": "b", "after": ["a"]})

    with pytest.raises(ValidationError, match="wait for each other"):
        question(jobs=jobs)


def test_that_a_job_that_waits_for_nothing_known_is_refused():
    with pytest.raises(ValidationError, match="which is no job"):
        question(jobs=({"after": ["nobody"]},))


def test_that_an_optional_job_is_left_out_where_it_costs_more_than_it_is_worth():
    jobs = ({"name": "a"}, {"name": "b", "value_usd": 0.001})
    found = answered(question(jobs=jobs))

    assert [job.name for job in found.jobs] == ["a"]
    assert [left.name for left in found.left_out] == ["b"]
    assert all(LEFT_OUT not in other.keys[:1] for other in found.alternatives)
    assert broken(found) == ()


def test_that_an_optional_job_is_done_where_it_is_worth_it():
    jobs = ({"name": "a"}, {"name": "b", "value_usd": 50})

    assert [job.name for job in answered(question(jobs=jobs)).jobs] == ["a", "b"]


def test_that_no_limit_is_impossible_for_an_optional_job():
    jobs = ({"name": "a"}, {"name": "b", "value_usd": 50, "deadline_hours": 0.01})
    found = answered(question("fastest", jobs=jobs))

    assert found.outcome == "solved"
    assert [left.name for left in found.left_out] == ["b"]


def test_that_jobs_on_one_machine_take_turns_or_share_its_cards():
    limits = {"rent": False, "budget_usd": 50, "deadline_hours": 100}
    found = answered(
        question(limits=limits, jobs=({**FREE, "name": "a"}, {**FREE, "name": "b"}), owned=[LAB])
    )

    first, second = found.jobs
    together = first.start_hours < second.end_hours and second.start_hours < first.end_hours
    assert not together or first.gpus + second.gpus <= 2
    assert broken(found) == ()


def test_that_a_job_waits_while_its_machines_are_busy():
    lab = {**LAB, "busy": [{"from_hours": 0, "to_hours": 5}]}
    limits = {"rent": False, "deadline_hours": 50}
    found = answered(question(limits=limits, jobs=(FREE,), owned=[lab]))

    assert found.jobs[0].start_hours == 5
    assert found.total_hours.median > 5
    assert broken(found) == ()


def test_that_a_calendar_can_be_what_makes_a_deadline_impossible():
    lab = {**LAB, "busy": [{"from_hours": 0, "to_hours": 7}]}
    found = answered(question(limits={"rent": False}, jobs=(FREE,), owned=[lab]))

    assert found.outcome == "impossible"
    assert "busy" in {move.limit for move in found.relaxations}


def test_that_a_quota_holds_at_any_time():
    limits = {"quotas": [{"gpus": 1, "provider": "aws"}], "deadline_hours": 24}
    found = answered(
        question("fastest", limits, jobs=({"name": "a"}, {"name": "b"}, {"name": "c"}))
    )

    spans = sorted((job.start_hours, job.end_hours) for job in found.jobs)
    assert all(job.gpus == 1 for job in found.jobs)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert broken(found) == ()


def test_that_a_block_is_paid_for_once_and_whole():
    block = {**LAB, "name": "block", "usd_each": 0.5, "to_hours": 30.0, "usd_per_hour": 0.0}
    limits = {"rent": False, "deadline_hours": 40}
    asked = question(
        limits=limits, jobs=({**FREE, "name": "a"}, {**FREE, "name": "b"}), commitments=[block]
    )

    found = answered(asked)

    assert [(some.name, some.machines, some.usd) for some in found.bought] == [("block", 1, 0.5)]
    assert found.total_usd.median == pytest.approx(0.5 + sum(job.usd.median for job in found.jobs))
    assert all(job.end_hours <= 30 for job in found.jobs)
    assert broken(found) == ()


def test_that_the_block_of_a_single_job_is_part_of_its_cost():
    block = {**LAB, "name": "block", "usd_each": 0.5, "to_hours": 30.0, "usd_per_hour": 0.0}
    limits = {"rent": False, "deadline_hours": 40}

    found = answered(question(limits=limits, jobs=(FREE,), commitments=[block]))

    assert found.bought == ()
    assert found.jobs[0].cost.machines >= 0.5
    assert broken(found) == ()


def test_that_a_block_that_ends_too_early_for_a_candidate_is_no_place_in_the_region():
    block = {**LAB, "name": "block", "usd_each": 2.0, "to_hours": 0.5, "usd_per_hour": 0.0}
    long = {"examples": 400_000, "min_accuracy": None}

    found = answered(question(jobs=(long,), commitments=[block]))

    assert found.outcome == "solved"
    assert found.region is not None
    assert max(found.region.hours) < 1000
    assert broken(found) == ()


def test_that_version_1_questions_mean_the_same():
    from solver.question_file import parse_question  # noqa: PLC0415 - beside its one use

    told = question().model_dump(mode="json")
    old = {**told, "version": 1}

    assert parse_question(json.dumps(old), "old.json") == Question.model_validate(told)


def test_that_trials_run_side_by_side_where_time_is_short():
    many = {**FREE, "trials": 12, "examples": 400_000, "pilots": ()}
    slow = answered(question(limits={"deadline_hours": 100}, jobs=(many,))).jobs[0]

    quick = answered(question("fastest", {"budget_usd": 100, "deadline_hours": 100}, (many,)))

    assert quick.jobs[0].trials_at_once > 1
    assert quick.jobs[0].hours.median < slow.hours.median / 2
    assert broken(quick) == ()


def test_that_trials_side_by_side_count_against_the_number_of_gpus():
    many = {**FREE, "trials": 12, "examples": 400_000, "pilots": ()}
    found = answered(question("fastest", {"max_gpus": 4, "budget_usd": 100}, (many,)))

    job = found.jobs[0]
    assert job.gpus * job.trials_at_once <= 4


def test_that_a_plan_may_be_to_do_nothing():
    found = answered(question(jobs=({"value_usd": 0.0001},)))

    assert found.outcome == "solved"
    assert found.jobs == ()
    assert found.total_usd.median == 0
    assert broken(found) == ()
    assert "Nothing is done" in report_html(report_of(found))


def test_that_no_other_plan_of_a_single_job_exceeds_a_quota(caplog):
    found = answered(question("fastest", {"quotas": [{"gpus": 2}], "budget_usd": 50}))

    keys = [found.jobs[0].key, *(other.keys[0] for other in found.alternatives)]
    rented = [int(key.split(":")[4].split("x")[0]) for key in keys]
    assert found.alternatives
    assert max(rented) <= 2
    assert found.jobs[0].total_gpus <= 2
    assert not caplog.records
