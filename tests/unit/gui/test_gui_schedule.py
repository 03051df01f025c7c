"""Jobs over time: bars, what is in use, what is shared."""

from itertools import pairwise
from pathlib import Path

import pytest

from gui.schedule import in_use, schedule_of
from solver.answer_file import parse_answer
from solver.question import OwnedMachines

ANSWERS = Path("tests/data/answers")


def answer(name):
    return parse_answer((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def planned():
    """Two jobs, the second after the first, on four GPUs each."""
    solved = answer("solved")
    first = solved.jobs[0].model_copy(
        update={"name": "first", "gpus": 4, "start_hours": 0.0, "end_hours": 2.0}
    )
    second = first.model_copy(
        update={"name": "second", "start_hours": 2.0, "end_hours": 5.0, "waits_for": ("first",)}
    )
    asked = solved.question.jobs[0]
    question = solved.question.replace(
        jobs=(asked.replace(name="first"), asked.replace(name="second", after=("first",))),
        limits=solved.question.limits.replace(deadline_hours=8, max_gpus=16),
    )
    return solved.model_copy(update={"jobs": (second, first), "question": question})


def test_that_bars_stand_in_the_order_of_the_question(planned):
    shown = schedule_of(planned)

    assert [bar.name for bar in shown.bars] == ["first", "second"]
    assert [(bar.start_hours, bar.end_hours) for bar in shown.bars] == [(0, 2), (2, 5)]


def test_that_jobs_one_after_the_other_never_use_machines_together(planned):
    shown = schedule_of(planned)

    assert shown.in_use == ((0.0, 4), (2.0, 4), (5.0, 0))
    assert shown.machines.rows == (("All GPUs", "4", "16"),)


def test_that_jobs_at_the_same_time_add_up(planned):
    bars = schedule_of(
        planned.model_copy(
            update={
                "jobs": tuple(
                    job.model_copy(update={"start_hours": 0.0, "end_hours": 2.0})
                    for job in planned.jobs
                )
            }
        )
    ).bars

    assert in_use(bars) == ((0.0, 8), (2.0, 0))


def test_that_the_axis_holds_the_deadline_unless_it_is_far_away(planned):
    far = planned.question.replace(limits=planned.question.limits.replace(deadline_hours=800))

    near_axis = schedule_of(planned)
    far_axis = schedule_of(planned.model_copy(update={"question": far}))

    assert near_axis.deadline_hours == 8 < near_axis.end_hours
    assert far_axis.deadline_hours is None
    assert far_axis.end_hours < 6


def test_that_marks_keep_their_distance_and_begin_at_nothing(planned):
    shown = schedule_of(planned)

    marks = shown.marks(0.2)

    assert marks[0] == (0, "0")
    assert all(b - a >= 0.2 * shown.end_hours for (a, _), (b, _) in pairwise(marks))


def test_that_a_quota_counts_only_what_it_is_about(planned):
    offer = planned.jobs[0].offer
    quotas = ({"gpus": 6, "provider": offer.provider}, {"gpus": 2, "provider": "elsewhere"})
    limits = planned.question.limits.replace(quotas=quotas)

    shown = schedule_of(
        planned.model_copy(update={"question": planned.question.replace(limits=limits)})
    )

    assert shown.machines.rows[1:] == (
        (f"quota of {offer.provider}", "4", "6"),
        ("quota of elsewhere", "0", "2"),
    )


def test_that_parts_of_a_machine_stand_for_their_pool_and_its_busy_times(planned):
    pool = OwnedMachines(
        name="lab",
        accelerator="A100",
        gpus_per_machine=8,
        busy=({"from_hours": 1, "to_hours": 2},),
    )
    jobs = tuple(
        job.model_copy(
            update={
                "offer": job.offer.model_copy(update={"pricing": "owned", "sku": f"lab.{n}of8"})
            }
        )
        for n, job in zip((2, 4), planned.jobs, strict=True)
    )

    shown = schedule_of(
        planned.model_copy(
            update={"jobs": jobs, "question": planned.question.replace(owned=(pool,))}
        )
    )

    assert shown.places == ("lab",)
    assert {bar.busy for bar in shown.bars} == {((1, 2),)}
    assert ("lab", "4", "8") in shown.machines.rows


def test_that_an_answer_of_the_first_version_runs_every_job_from_the_start():
    shown = schedule_of(answer("solved"))

    assert shown.bars[0].start_hours == 0
    assert shown.bars[0].end_hours == answer("solved").jobs[0].hours.at_confidence


def test_that_there_is_no_timeline_without_a_plan():
    assert schedule_of(answer("impossible")) is None


def test_that_a_line_leads_only_to_jobs_that_follow(planned):
    third = planned.jobs[0].model_copy(
        update={
            "name": "third",
            "start_hours": 6.0,
            "end_hours": 7.0,
            "waits_for": ("first", "second"),
        }
    )
    asked = planned.question.jobs[0].replace(name="third", after=("first",))
    question = planned.question.replace(jobs=(*planned.question.jobs, asked))

    bars = schedule_of(
        planned.model_copy(update={"jobs": (*planned.jobs, third), "question": question})
    ).bars

    assert [bar.follows for bar in bars] == [(), ("first",), ("first",)]
