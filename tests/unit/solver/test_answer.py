"""The one use case: what an answer promises whatever the question."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from solver.answer import answer
from solver.answer_file import to_json
from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.outcome.totals import longest, total_usd
from solver.plan import ANSWER
from solver.plan_values import BEST_TRIED
from tests.support.questions import DESK, NOW, SMALL, answered, asked, question, the_catalog

PLANNED = [name for name in SMALL if asked(name).outcome == "solved"]


@pytest.mark.parametrize("name", SMALL)
def test_that_a_file_holds_the_whole_answer(name):
    assert ANSWER.validate_json(to_json(asked(name))) == asked(name)


@pytest.mark.parametrize("name", PLANNED)
def test_that_every_limit_is_kept_at_its_confidence_and_together(name):
    made = asked(name)

    assert all(kept.slack >= 0 for kept in made.limits)
    assert all(kept.chance >= made.joint_chance for kept in made.limits)
    assert made.joint_chance >= made.question.limits.confidence
    if made.solver.status != BEST_TRIED:
        assert made.solver.gap == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", PLANNED)
def test_that_totals_are_those_of_all_jobs(name):
    made = asked(name)

    assert made.total_usd == total_usd(made.jobs)
    assert made.total_hours == longest(made.jobs)
    assert made.total_usd.median == pytest.approx(sum(job.usd.median for job in made.jobs))
    assert made.total_hours.at_confidence == max(job.end_hours for job in made.jobs)


@pytest.mark.parametrize("name", PLANNED)
def test_that_parts_add_up_to_their_whole(name):
    for job in asked(name).jobs:
        assert sum(job.cost.model_dump().values()) == pytest.approx(job.usd.median)
        assert sum(job.time.model_dump().values()) == pytest.approx(job.hours.median)
        parts = job.memory.model_dump(exclude={"total", "upper", "capacity"})
        assert sum(parts.values()) == pytest.approx(job.memory.total)
        assert job.memory.total <= job.memory.upper <= job.memory.capacity


@pytest.mark.parametrize("name", PLANNED)
def test_that_the_layout_accounts_for_every_accelerator_and_sequence(name):
    for job in asked(name).jobs:
        lay = job.layout
        assert lay.data_parallel * lay.tensor_parallel * lay.pipeline_parallel == job.gpus
        assert job.gpus == job.instances * job.offer.gpus_per_instance
        batch = lay.micro_batch * lay.accumulation * lay.data_parallel
        assert batch >= lay.batch_sequences


def test_that_the_plan_of_a_rented_machine_follows_by_hand():
    job = asked("cheapest").jobs[0]
    offer = the_catalog().offers[job.offer.key]
    provider = the_catalog().provider_of(offer)

    tokens = 40_000 * 128 * job.epochs
    training = tokens / job.tokens_per_s.median / 3600
    paid = sum(job.time.model_dump().values())
    grains = -(-paid // provider.billing_grain_hours)
    bill = job.instances * offer.usd_per_hour * grains * provider.billing_grain_hours

    assert job.tokens == tokens
    assert job.time.training == pytest.approx(training, rel=1e-6)
    assert job.cost.machines + job.cost.idle == pytest.approx(bill, rel=1e-6)


@pytest.mark.parametrize("name", PLANNED)
def test_that_alternatives_keep_every_limit_and_are_no_better_by_the_aim(name):
    made = asked(name)
    aim = {"cheapest": "usd", "fastest": "hours", "most-accurate": "accuracy"}.get(
        made.question.aim.value
    )

    plan = {
        "usd": made.total_usd.at_confidence,
        "hours": made.total_hours.at_confidence,
        "accuracy": min((j.accuracy.at_confidence for j in made.jobs if j.accuracy), default=None),
    }
    limits = made.question.limits
    for other in made.alternatives:
        assert other.usd <= limits.budget_usd * (1 + 1e-6)
        assert other.hours <= (limits.deadline_hours or 24) * (1 + 1e-6)
        if aim == "accuracy":
            assert other.accuracy <= plan[aim] + 1e-6
        elif aim:
            assert getattr(other, aim) >= plan[aim] * (1 - 1e-6)


def test_that_an_answer_does_not_depend_on_when_it_is_asked_but_for_the_age_of_prices():
    later = answer(SMALL["cheapest"], the_catalog(), now=NOW + timedelta(hours=3))

    assert later.jobs == asked("cheapest").jobs


def test_that_a_price_grows_less_certain_with_its_age():
    later = answer(SMALL["cheapest"], the_catalog(), now=NOW + timedelta(days=700))
    key = asked("cheapest").jobs[0].key

    assert later.jobs[0].key == key
    assert later.jobs[0].usd.at_confidence > asked("cheapest").jobs[0].usd.at_confidence


def test_that_a_deadline_as_a_date_is_counted_from_now():
    made = asked("dated")

    (kept,) = [kept for kept in made.limits if kept.name == "deadline"]
    assert kept.value == pytest.approx(6)


def test_that_a_deadline_as_a_date_is_counted_from_the_start():
    dated = {"deadline_hours": None, "deadline": "2026-12-02T00:00:00Z"}

    made = answered(question(limits={**dated, "start": "2026-12-01T00:00:00Z"}))

    (kept,) = [kept for kept in made.limits if kept.name == "deadline"]
    assert kept.value == 24


def test_that_a_spent_time_limit_stops_with_no_plan_or_a_verified_one():
    made = answered(SMALL["several-jobs"], time_limit_s=0.0)

    assert made.outcome == "stopped"
    assert all(kept.slack >= 0 for kept in made.limits)
    assert ANSWER.validate_json(to_json(made)) == made


def test_that_no_pool_gives_more_machines_than_it_has():
    one = {**DESK, "machines": 1}
    made = answered(
        question(
            "fastest",
            {"rent": False},
            ({"name": "a"}, {"name": "b"}),
            owned=[one, DESK | {"name": "b"}],
        )
    )

    used = [job.offer.key for job in made.jobs if "desk" in job.offer.key]
    assert sum(job.instances for job in made.jobs if job.offer.key in used) <= 1


def test_that_every_relaxation_makes_the_question_possible():
    made = asked("out-of-reach")
    moves = {move.limit: move for move in made.relaxations if move.value is not None}

    assert moves
    fields = {"budget": "budget_usd", "deadline": "deadline_hours"}
    for name, move in moves.items():
        limits = made.question.limits.replace(**{fields[name]: move.value})
        again = answered(made.question.replace(limits=limits))
        assert again.outcome == "solved"
        assert tuple(job.key for job in again.jobs) == move.keys


def test_that_progress_never_goes_back():
    told = []

    answered(SMALL["cheapest"], progress=lambda stage, share: told.append((stage, share)))

    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_that_candidates_that_a_caller_keeps_give_the_same_answer():
    constants, day = shipped_constants(), NOW.date()

    made = answered(
        SMALL["cheapest"],
        estimates=lambda job, of: candidates(job, of, the_catalog(), constants, day),
    )

    assert untimed(made) == untimed(asked("cheapest"))


def test_that_the_moment_is_kept_with_its_zone():
    assert datetime.fromisoformat(asked("cheapest").asked_at) == NOW.astimezone(UTC)


def untimed(made):
    """An answer as a file holds it, but for how long it took."""
    tree = json.loads(to_json(made))
    tree.pop("digest")
    tree["solver"].pop("seconds")
    return tree
