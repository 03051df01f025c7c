"""The curve of a model on a task that the window draws."""

import numpy as np
import pytest

from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.outcome.curves import curve_of
from tests.support.questions import NOW, PILOTS, question, the_catalog

TICKETS = question().jobs[0]
CONSTANTS = shipped_constants()


def drawn(job=TICKETS, model="RoBERTa-base", method="full", **how):
    return curve_of(job, model, method, the_catalog(), CONSTANTS, **how)


def test_that_the_curve_is_what_a_plan_is_promised():
    asked = question(jobs=({"methods": ["full"], "models": {"names": ["BERT-base"]}},))
    made = candidates(asked.jobs[0], asked, the_catalog(), CONSTANTS, NOW.date())

    curve = drawn(asked.jobs[0], "BERT-base", epochs=2)

    at = curve.examples.index(curve.wanted_examples)
    assert curve.median[at] == pytest.approx(made.accuracy.median[0, 0, 1])


def test_that_the_curve_rises_ever_more_slowly_within_its_band():
    curve = drawn()

    slopes = np.diff(curve.median) / np.diff(curve.examples)
    assert (slopes >= 0).all()
    assert (np.diff(slopes) <= 1e-12).all()
    assert all(
        low < mid < high for low, mid, high in zip(curve.low, curve.median, curve.high, strict=True)
    )


def test_that_every_pilot_and_own_score_is_a_point():
    job = TICKETS.replace(own_scores=({"model": "BERT-base", "score": 0.9},))

    points = drawn(job).points

    found = [(p.examples, p.score) for p in points if p.kind == "pilot"]
    assert found == [(pilot["examples"], pilot["score"]) for pilot in PILOTS]
    assert [(p.examples, p.model) for p in points if p.kind == "own"] == [(40_000, "BERT-base")]


def test_that_published_scores_of_the_model_are_points_with_their_source():
    job = TICKETS.replace(task="MNLI", family=None, pilots=())

    points = drawn(job).points

    assert points
    assert all(point.kind == "published" and point.source for point in points)


def test_that_a_new_task_has_no_curve_and_says_why():
    curve = drawn(TICKETS.replace(pilots=()))

    assert curve.examples == ()
    assert "no pilot" in curve.unknown_because


def test_that_an_unknown_model_is_refused():
    with pytest.raises(KeyError):
        drawn(model="RoBERTa-bass")
