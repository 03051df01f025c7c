"""Every kind of outcome is shown; figures are those of the answer."""

from pathlib import Path

import pytest

from gui.banners import banner_of
from gui.present import card_of, look_of, readable_key, spoken
from solver.answer_file import parse_answer

ANSWERS = Path(__file__).parents[2] / "data" / "answers"
KINDS = ("solved", "impossible", "unknown", "stopped", "failed")


def answer(kind):
    return parse_answer((ANSWERS / f"{kind}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS)
def test_that_each_outcome_has_a_card_and_only_a_plan_has_no_banner(kind):
    made = answer(kind)

    card, banner = card_of(made), banner_of(made)

    assert card.headline
    assert card.why
    assert (banner is None) == (kind == "solved")


def test_that_gauges_lie_on_their_line_and_agree_with_the_limit():
    for figure in card_of(answer("solved")).figures:
        gauge = figure.gauge
        if gauge is None or gauge.limit is None:
            continue
        assert 0 <= gauge.low <= gauge.median <= gauge.high <= 1
        keeps = gauge.counted >= gauge.limit if gauge.is_minimum else gauge.counted <= gauge.limit
        assert keeps == (figure.tone != "bad")


def test_that_a_banner_offers_every_relaxation_as_a_move():
    made = answer("impossible")

    banner = banner_of(made)

    assert [choice.move for choice in banner.moves] == list(made.relaxations)


def test_that_a_candidate_looked_at_is_no_plan():
    made = answer("solved")

    card = look_of(made.jobs[0], made)

    assert card.is_a_look
    assert card.badge == "A closer look"


def test_that_the_card_can_be_read_aloud():
    card = card_of(answer("solved"))

    text = spoken(card)

    assert card.headline in text
    assert all(figure.value in text for figure in card.figures)


def test_that_a_key_is_read_as_model_method_and_machines():
    key = "BERT-base:lora-r16:bf16-mixed:aws/g5.xlarge/us-east-1/on-demand:2x:3e"

    assert readable_key(key) == "BERT-base · lora-r16 · 2 × g5.xlarge (aws) · 3 passes"


def test_that_a_key_says_how_many_trials_run_at_once():
    assert "1 × g5, 4 at once (aws) · 2 passes" in readable_key("m:full:bf16:aws/g5/us/spot:1x4:2e")
