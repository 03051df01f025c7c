"""Wishes of a question: a held aim, a second aim, and what the answer says of its program."""

import pytest

from solver.question import Aim
from tests.support.questions import SMALL, answered, asked, question

PLANNED = [name for name in SMALL if asked(name).outcome == "solved"]


def usd(made):
    return made.total_usd.at_confidence


@pytest.mark.parametrize("within", [0.05, 0.5])
def test_that_the_fastest_plan_costs_little_more_than_the_cheapest(within):
    cheapest = answered(question())

    held = answered(question("fastest", hold={"aim": "cheapest", "within": within}))

    assert held.outcome == "solved"
    assert usd(held) <= (1 + within) * usd(cheapest) * (1 + 1e-6)


def test_that_more_room_for_what_is_held_never_worsens_the_aim():
    times = [
        answered(question("fastest", hold={"aim": "cheapest", "within": within}))
        for within in (0.0, 0.1, 1.0)
    ]

    hours = [made.total_hours.at_confidence for made in times]
    assert hours == sorted(hours, reverse=True)


def test_that_several_jobs_keep_what_is_held():
    jobs = ({"name": "a"}, {"name": "b", "examples": 60_000})
    cheapest = answered(question(jobs=jobs))

    held = answered(question("fastest", jobs=jobs, hold={"aim": "cheapest", "within": 0.2}))

    assert usd(held) <= 1.2 * usd(cheapest) * (1 + 1e-6)
    assert held.total_hours.at_confidence <= cheapest.total_hours.at_confidence


def test_that_a_second_aim_is_followed_among_plans_that_the_first_finds_equal():
    jobs = ({"min_accuracy": None, "pilots": (), "epochs": [1]},)

    plain = answered(question("fastest", jobs=jobs))
    frugal = answered(question("fastest", jobs=jobs, second_aim=Aim.CHEAPEST))

    assert frugal.total_hours.at_confidence == pytest.approx(
        plain.total_hours.at_confidence, rel=1e-5
    )
    assert usd(frugal) <= usd(plain) * (1 + 1e-9)


@pytest.mark.parametrize("name", PLANNED)
def test_that_the_answer_says_how_far_the_numbers_of_its_program_lie_apart(name):
    told = asked(name).solver.coefficients

    for part in (told.rows, told.aim, told.sides):
        if part is not None:
            smallest, largest = part
            assert 1e-6 < smallest <= largest < 1e5


def test_that_the_plan_says_what_was_wished():
    made = answered(
        question("fastest", hold={"aim": "cheapest", "within": 0.05}, second_aim=Aim.MOST_ACCURATE)
    )

    assert "within 5 % of the cheapest plan" in made.why
    assert "Of equal plans it is the most accurate." in made.why
