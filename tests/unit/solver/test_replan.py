"""A plan under way: what is left of it, whether it holds, and what is best from here."""

import pytest

from catalog.load import load_catalog
from solver.check import broken
from solver.cli.main import main
from solver.constants import shipped_constants
from solver.question_file import QuestionError
from solver.replan import Progress, remaining, replanned
from tests.support.questions import DESK, NOW, answered, chained, question

MANY = {"examples": 2_000_000, "pilots": (), "min_accuracy": None}
"""Enough work for hours, so that starting is the smaller part."""

LONG = question("fastest", {"budget_usd": 10}, (MANY,))


def half_done(job):
    """Half of a job's work at the pace that was planned."""
    return Progress(0.5, job.time.startup + (job.hours.median - job.time.startup) / 2)


@pytest.fixture(scope="module")
def plan():
    return answered(LONG)


def followed(before, progress, elapsed=0.0, spent=0.0):
    """What becomes of a plan with the facts it was made with."""
    return replanned(before, progress, elapsed, spent, load_catalog(), shipped_constants())


def test_that_a_run_on_schedule_goes_on(plan):
    job = plan.jobs[0]
    half = half_done(job)

    found = followed(plan, {job.name: half}, half.hours, job.usd.median / 2)

    assert found.holds
    assert found.best.jobs[0].key == job.key
    assert found.best.jobs[0].hours.median == pytest.approx(
        (job.hours.median - job.time.startup) / 2, rel=0.02
    )
    assert broken(found.best) == ()


def test_that_what_is_left_of_a_known_pace_is_surer_than_the_whole(plan):
    job = plan.jobs[0]
    half = half_done(job)

    left = followed(plan, {job.name: half}, half.hours).best.jobs[0].hours

    before = (job.hours.high80 - job.hours.low80) / job.hours.median
    assert (left.high80 - left.low80) / left.median < before


def test_that_a_slow_run_no_longer_holds_and_another_way_is_found():
    before = answered(question(limits={"budget_usd": 60}, jobs=(MANY,)))
    job = before.jobs[0]
    slow = Progress(0.1, 0.29 * job.hours.median)

    found = followed(before, {job.name: slow}, slow.hours, 1.0)

    assert not found.holds
    assert "the deadline" in found.as_it_is.missed
    assert found.best.outcome == "solved"
    assert found.best.jobs[0].key != job.key


def test_that_money_spent_is_gone(plan):
    left = remaining(plan, {}, 1.0, 9.0)

    assert left.limits.budget_usd == pytest.approx(1.0)
    assert left.limits.deadline_hours == 5.0


def test_that_a_finished_stage_costs_nothing_more():
    before = answered(chained())
    done = {"pretrain": Progress(1.0)}

    found = followed(before, done, before.jobs[0].end_hours, before.jobs[0].usd.median)

    first, second = found.best.jobs
    assert first.key == before.jobs[0].key
    assert first.hours.median == first.usd.median == 0.0
    assert second.model == first.model
    assert broken(found.best) == ()


def test_that_a_plan_replanned_twice_counts_from_the_whole(plan):
    name = plan.jobs[0].name
    once = followed(plan, {name: Progress(0.5)}).best

    twice = remaining(once, {name: Progress(0.5)}, 0.0, 0.0)

    assert twice.jobs[0].running.done == pytest.approx(0.75)


def test_that_a_deadline_that_has_passed_is_said(plan):
    with pytest.raises(QuestionError, match="passed"):
        remaining(plan, {}, 7.0, 0.0)


def test_that_nothing_is_planned_once_all_has_ended_too_late(plan):
    with pytest.raises(QuestionError, match="nothing is left"):
        remaining(plan, {plan.jobs[0].name: Progress(1.0)}, 7.0, 0.0)


def test_that_no_job_has_run_for_longer_than_all_work(plan):
    with pytest.raises(QuestionError, match="only 18 min have passed"):
        remaining(plan, {plan.jobs[0].name: Progress(0.5, 5.0)}, 0.3, 0.0)


def test_that_no_stage_begins_before_the_one_it_waits_for_has_ended():
    before = answered(chained())

    with pytest.raises(QuestionError, match="pretrain, which it waits for"):
        remaining(before, {"tune": Progress(0.5)}, 1.0, 0.0)


def test_that_a_calendar_comes_nearer():
    lab = {"name": "lab", "accelerator": "T4", "gpus_per_machine": 1}
    busy = [{"from_hours": 1, "to_hours": 2}, {"from_hours": 4, "to_hours": 5}]
    before = answered(question(owned=[{**lab, "busy": busy}]))

    spans = remaining(before, {}, 3.0, 0.0).owned[0].busy

    assert [(span.from_hours, span.to_hours) for span in spans] == [(1.0, 2.0)]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--done", "1.5"], "0 to 1"),
        (["--done", "x=0.5"], "no such job"),
        (["--hours", "3"], "Add --done"),
        (["--done", "0.5", "--spent", "-1"], "0 or more"),
    ],
)
def test_that_progress_that_cannot_be_meant_is_refused(tmp_path, capsys, plan, options, word):
    from solver.answer_file import to_json  # noqa: PLC0415 - beside its one use

    path = tmp_path / "plan.json"
    path.write_text(to_json(plan), encoding="utf-8")

    assert main(["replan", str(path), *options]) == 2
    assert word in capsys.readouterr().err


def test_that_the_command_says_what_becomes_of_the_plan(tmp_path, capsys, plan):
    from solver.answer_file import to_json  # noqa: PLC0415 - beside its one use

    path, rest = tmp_path / "plan.json", tmp_path / "rest.json"
    path.write_text(to_json(plan), encoding="utf-8")

    assert main(["replan", str(path), "--done", "0.4", "--json", str(rest)]) == 0
    assert "still holds" in capsys.readouterr().out
    assert rest.exists()


def test_that_a_run_that_is_no_candidate_is_refused():
    running = {
        "key": "BERT-base:full:fp16-mixed:aws/nothing/us-east-1/on-demand:1x:1e",
        "done": 0.5,
    }

    with pytest.raises(QuestionError, match="no candidate"):
        answered(question(jobs=({"running": running},)))


def test_that_a_deadline_by_date_comes_nearer_without_a_stated_start():
    date = "2026-11-25T18:00:00+00:00"
    before = answered(question(limits={"deadline_hours": None, "deadline": date}))

    left = remaining(before, {}, 2.0, 0.0)

    assert left.limits.hours_until_deadline(NOW) == pytest.approx(4.0)


def test_that_the_deadline_of_a_job_that_has_ended_is_no_fault():
    jobs = ({"name": "a", "deadline_hours": 1}, {"name": "b"})
    before = answered(question(jobs=jobs))

    left = remaining(before, {"a": Progress(1.0)}, 2.0, 0.0)

    assert [job.deadline_hours for job in left.jobs] == [None, None]


def test_that_what_was_emitted_counts_against_the_cap():
    before = answered(question(limits={"co2_kg": 5}))

    left = remaining(before, {"tickets": Progress(0.5)}, 0.1, 0.0)

    assert left.limits.co2_kg == pytest.approx(5 - before.jobs[0].co2_kg / 2)


@pytest.mark.parametrize("names", [("tickets",), ("a", "b")])
def test_that_a_block_is_not_paid_twice(names):
    block = {**DESK, "name": "block", "machines": 1, "network_gbit_per_s": None}
    block |= {"usd_each": 0.5, "to_hours": 30.0, "usd_per_hour": 0.0}
    jobs = tuple(
        {"name": name, "min_accuracy": None, "models": {"names": ["RoBERTa-base"]}}
        for name in names
    )
    limits = {"rent": False, "deadline_hours": 40}
    before = answered(question(limits=limits, jobs=jobs, commitments=[block]))
    assert before.total_usd.median == pytest.approx(0.5)

    found = followed(before, {names[0]: Progress(0.5)}, 0.01, 0.5)

    assert found.as_it_is.usd == pytest.approx(0.0)
    assert found.best.total_usd.median == pytest.approx(0.0)


def test_that_a_run_that_has_ended_takes_no_gpus_of_the_cap():
    before = answered(question(limits={"max_gpus": 8}))

    found = followed(before, {"tickets": Progress(1.0)})

    assert [kept.at_confidence for kept in found.best.limits if kept.name == "max_gpus"] == [0.0]
    assert broken(found.best) == ()
