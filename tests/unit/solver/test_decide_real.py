"""Answers over the shipped catalogue equal trying every unreduced candidate."""

import pytest

from benchmarks.brute_force import answered, disagreements
from benchmarks.seeded_questions import seeded_question
from catalog.load import load_catalog

CATALOG = load_catalog()


@pytest.mark.parametrize("seed", range(20))
def test_that_the_answer_equals_trying_every_candidate(seed):
    question = seeded_question(seed, CATALOG)

    found = answered(question, CATALOG)

    assert disagreements(question, found, CATALOG) == []


def test_that_a_plan_that_is_not_the_best_is_noticed():
    answers = (answered(seeded_question(seed, CATALOG), CATALOG) for seed in range(20))
    found = next(a for a in answers if a.outcome == "solved" and a.alternatives)
    best, other = found.jobs[0], found.alternatives[0]
    hours = best.hours.model_copy(update={"at_confidence": other.hours})
    usd = best.usd.model_copy(update={"at_confidence": other.usd})
    job = best.model_copy(update={"key": other.keys[0], "hours": hours, "usd": usd})

    worse = found.model_copy(update={"jobs": (job, *found.jobs[1:])})

    assert disagreements(found.question, worse, CATALOG) != []
