"""The shipped examples end as their files say they end."""

import pytest

from catalog.schema import Pricing
from solver.answer_file import EXIT_CODES
from solver.examples import folder
from solver.question_file import read_question
from tests.support.questions import EXAMPLES, asked


@pytest.mark.parametrize(
    ("start", "outcome", "code"),
    [
        ("1-", "solved", 0),
        ("2-", "solved", 0),
        ("3-", "solved", 0),
        ("4-", "impossible", 3),
        ("5-", "unknown", 5),
    ],
)
def test_that_an_example_ends_as_intended(start, outcome, code):
    (name,) = [name for name in EXAMPLES if name.startswith(start)]

    assert asked(name).outcome == outcome
    assert EXIT_CODES[asked(name).outcome] == code


@pytest.mark.parametrize("name", EXAMPLES)
def test_that_an_example_says_what_it_is_and_has_a_title(name):
    text = (folder() / name).read_text(encoding="utf-8")

    assert text.startswith("# ")
    assert read_question(folder() / name).title


def test_that_tickets_keep_their_limits_by_three_pilots():
    made = asked("1-tickets.toml")

    assert len(made.question.jobs[0].pilots) == 3
    assert {kept.name for kept in made.limits} == {"deadline", "budget", "min_accuracy"}
    assert all(kept.slack >= 0 for kept in made.limits)
    assert made.joint_chance >= 0.9
    assert made.jobs[0].accuracy.at_confidence >= 0.9
    assert made.jobs[0].evidence.accuracy != "none"


def test_that_the_quality_of_the_chat_model_is_unknown_and_not_compared():
    made = asked("2-chat-8b.toml")

    assert made.jobs[0].accuracy is None
    assert 7e9 <= made.jobs[0].parameters <= 9e9
    assert all(other.accuracy is None for other in made.alternatives)


def test_that_bert_is_predicted_beside_what_was_published():
    made = asked("3-bert-base.toml")
    job = made.jobs[0]

    assert (job.published_hours, job.gpus) == (96, 16)
    assert job.hours.low80 < job.hours.median < job.hours.high80
    assert job.offer.pricing == Pricing.OWNED.value
    assert {key.split(":")[3] for other in made.alternatives for key in other.keys} == {
        "owned/tpu-v2-16/own/owned"
    }
    assert [layout.sequence for layout in (job.layout, *job.other_phases)] == [512, 128]


def test_that_deadline_and_budget_conflict_and_several_changes_would_help():
    made = asked("4-too-little.toml")

    assert set(made.conflict) == {"deadline", "budget"}
    assert {"deadline", "budget"} <= {move.limit for move in made.relaxations}
    assert all(move.keys and move.text for move in made.relaxations)


def test_that_a_task_that_nobody_scored_is_answered_with_pilots():
    made = asked("5-new-task.toml")
    (advice,) = made.pilots

    assert len(advice.examples) >= 3
    assert advice.usd < made.question.limits.budget_usd
    assert list(advice.examples) == sorted(advice.examples)
    assert [plan.usd for plan in made.ranking] == sorted(plan.usd for plan in made.ranking)
    assert all(plan.accuracy is None for plan in made.ranking)


def test_that_the_model_at_the_edge_is_larger_in_fewer_bits_and_keeps_its_limits():
    made = asked("8-on-device.toml")
    job = made.jobs[0]

    assert (job.model, job.key.split(":")[-1]) == ("BERT-base", "int8")
    assert job.latency_ms <= 3
    assert job.deployed_gb <= 0.15
    assert any("DistilBERT-base" in key for other in made.alternatives for key in other.keys)


def test_that_the_second_stage_of_the_chain_is_served_in_eight_bits():
    made = asked("7-chain.toml")

    assert [job.key.split(":")[-1] for job in made.jobs] == ["1e", "int8"]
