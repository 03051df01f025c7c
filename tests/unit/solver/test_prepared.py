"""What is kept of a question's candidates at a quantile, and which of them can matter."""

import numpy as np

from solver import prepared as module
from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.prepared import prepared, with_a_maker
from tests.support.programs import columns_of
from tests.support.questions import NOW, chained, the_catalog


def made_jobs(asked):
    constants = shipped_constants()
    return tuple(candidates(job, asked, the_catalog(), constants, NOW.date()) for job in asked.jobs)


def stage(**models):
    return columns_of(hours=[1.0] * 3, usd=[1.0] * 3, **models)


def test_that_a_stage_is_left_only_models_that_another_makes():
    first, second = stage(gives=[4, 5, 5]), stage(takes=[3, 4, 5])

    assert [some.tolist() for some in with_a_maker((first, second))] == [[0, 1, 2], [1, 2]]


def test_that_a_stage_that_nobody_feeds_keeps_everything():
    assert [some.tolist() for some in with_a_maker((stage(), stage()))] == [[0, 1, 2]] * 2


def test_that_a_stage_without_any_match_keeps_everything_for_the_program_to_refuse():
    first, second = stage(gives=[1, 1, 1]), stage(takes=[7, 8, 9])

    assert [some.tolist() for some in with_a_maker((first, second))] == [[0, 1, 2]] * 2


def test_that_what_is_kept_of_a_chain_is_what_some_stage_makes():
    asked = chained()
    some = prepared(made_jobs(asked), 0.9, ["deadline", "budget"])
    first, second = (
        columns.take(kept) for columns, kept in zip(some.columns, some.kept, strict=True)
    )

    assert set(second.takes.tolist()) <= set(first.gives.tolist())
    assert len(second) > 0


def test_that_columns_of_many_candidates_are_forgotten_but_for_the_last_two(monkeypatch):
    monkeypatch.setattr(module, "_recent", {})
    monkeypatch.setattr(module, "MOST_REMEMBERED", 1)
    jobs = made_jobs(chained())

    for quantile in (0.8, 0.9, 0.95, 0.97):
        assert np.isfinite(prepared(jobs, quantile, ["deadline"]).columns[0].hours).all()
    prepared(jobs, 0.97, ["deadline"])

    held = {key[-2]: some.columns.made > 0 for key, some in module._recent.items()}
    assert held == {0.8: False, 0.9: False, 0.95: True, 0.97: True}


def test_that_what_was_forgotten_is_made_again(monkeypatch):
    monkeypatch.setattr(module, "_recent", {})
    jobs = made_jobs(chained())
    some = prepared(jobs, 0.9, ["deadline"])
    before = some.columns[0].hours

    some.columns.forget()

    assert some.columns[0].hours.tolist() == before.tolist()


def test_that_a_second_quantile_keeps_and_sizes_what_it_would_as_the_first(monkeypatch):
    jobs, names = made_jobs(chained()), ["deadline", "budget", "min_accuracy"]
    monkeypatch.setattr(module, "_recent", {})
    monkeypatch.setattr(module, "_known", {})
    first = prepared(jobs, 0.95, names)
    monkeypatch.setattr(module, "_recent", {})
    monkeypatch.setattr(module, "_known", {})
    prepared(jobs, 0.8, names)

    second = prepared(jobs, 0.95, names)

    assert [kept.tolist() for kept in second.kept] == [kept.tolist() for kept in first.kept]
    assert second.sizes == first.sizes
    assert second.columns.made == 0
