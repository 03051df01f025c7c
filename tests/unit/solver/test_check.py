"""Checking an answer: what is true passes, what was edited does not."""

import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from catalog.load import from_rows
from solver.answer_file import parse_answer, to_json
from solver.check import broken, outdated, read_answer
from solver.outcome.seal import canonical_digest, digest_of
from tests.support.questions import (
    EXAMPLES,
    SMALL,
    answered,
    asked,
    asked_text,
    question,
    the_catalog,
)

PLANNED = ("cheapest", "several-jobs", "owned", "spot")

quickly = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def values(tree, path=()):
    """Path of every number, word and switch below a JSON value."""
    if isinstance(tree, dict | list):
        pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return [found for key, inner in pairs for found in values(inner, (*path, key))]
    return [] if tree is None else [path]


def at(tree, path):
    """What lies at a path."""
    for key in path:
        tree = tree[key]
    return tree


def edited(tree, path, value):
    """The same JSON value with another value at a path."""
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = edited(tree[path[0]], path[1:], value)
    return copy


def another(draw, value):
    """A value of the same kind that is not the same."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return draw(st.sampled_from([value + "x", value[:-1], "", value.upper()]))
    if isinstance(value, int):
        return value + draw(st.sampled_from([-1, 1, 10]))
    return draw(st.sampled_from([value * 1.01, value * 0.5, -value, value + 1.0, 0.0]))


def found_in(tree):
    """What `check` says about a JSON value that should be an answer."""
    read = read_answer(json.dumps(tree))
    return read if isinstance(read, tuple) else broken(read)


def resealed(tree):
    """The same after its editor has computed the seal again; None where it is no answer."""
    read = read_answer(json.dumps(tree))
    return None if isinstance(read, tuple) else read.model_copy(update={"digest": digest_of(read)})


@pytest.mark.parametrize("name", [*SMALL, *EXAMPLES])
def test_that_every_answer_follows_from_its_own_facts(name):
    read = read_answer(asked_text(name))

    assert not isinstance(read, tuple)
    assert broken(read) == ()


@quickly
@given(name=st.sampled_from([*SMALL, *EXAMPLES]), data=st.data())
def test_that_an_answer_with_any_value_edited_is_rejected(name, data):
    tree = json.loads(asked_text(name))
    path = data.draw(st.sampled_from(values(tree)))
    value = another(data.draw, at(tree, path))
    assume(value != at(tree, path))

    assert found_in(edited(tree, path, value))


@quickly
@given(name=st.sampled_from(PLANNED), data=st.data())
def test_that_a_figure_edited_under_a_new_seal_is_named(name, data):
    tree = json.loads(asked_text(name))
    parts = ("jobs", "total_usd", "total_hours", "alternatives", "joint_chance", "margin_quantile")
    figures = [path for part in parts for path in values(tree[part], (part,))]
    numbers = [path for path in figures if isinstance(at(tree, path), int | float)]
    path = data.draw(st.sampled_from(numbers))
    value = another(data.draw, at(tree, path))
    assume(abs(value - at(tree, path)) > 1e-5 * abs(value))
    made = resealed(edited(tree, path, value))
    assume(made is not None)

    wrong = broken(made)

    assert wrong
    assert all(problem.where != "digest" for problem in wrong)


@quickly
@given(name=st.sampled_from(PLANNED), data=st.data())
def test_that_a_limit_edited_under_a_new_seal_is_named(name, data):
    tree = json.loads(asked_text(name))
    limit = data.draw(st.integers(0, len(tree["limits"]) - 1))
    field = data.draw(st.sampled_from(["value", "at_confidence", "slack", "chance"]))
    before = tree["limits"][limit][field]
    value = data.draw(st.sampled_from([before * 1.01, before + 0.5, -before]))
    assume(abs(value - before) > 1e-5)

    wrong = broken(resealed(edited(tree, ("limits", limit, field), value)))

    assert any(problem.where.endswith(field) for problem in wrong)


@pytest.mark.parametrize("field", ["hours", "usd", "value", "change"])
def test_that_the_figures_of_a_move_edited_under_a_new_seal_are_named(field):
    tree = json.loads(asked_text("worth-more"))
    before = tree["worth"][0][field]

    wrong = broken(resealed(edited(tree, ("worth", 0, field), before * 1.01)))

    assert f"worth[1].{field}" in {problem.where for problem in wrong}
    assert {problem.where for problem in wrong} <= {f"worth[1].{n}" for n in (field, "change")}


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("out-of-reach", ("nearest", 0, "hours")),
        ("out-of-reach", ("nearest", 0, "usd")),
        ("out-of-reach", ("relaxations", 0, "value")),
        ("out-of-reach", ("relaxations", 0, "change")),
        ("unmeasured", ("ranking", 0, "hours")),
        ("unmeasured", ("ranking", 1, "usd")),
    ],
)
def test_that_figures_of_an_answer_without_a_plan_are_recomputed_too(name, place):
    tree = json.loads(asked_text(name))

    wrong = broken(resealed(edited(tree, place, at(tree, place) * 1.01)))

    assert len(wrong) == 1
    assert wrong[0].where.startswith(f"{place[0]}[{place[1] + 1}].")


def test_that_a_tie_that_is_none_is_named():
    tree = json.loads(asked_text("cheapest"))
    other = tree["alternatives"][0]["keys"][0]

    wrong = broken(resealed(tree | {"ties": [other]}))

    assert [problem.where for problem in wrong] == ["ties[1]"]


def test_that_a_cheaper_price_among_the_facts_changes_every_figure_that_rests_on_it():
    tree = json.loads(asked_text("cheapest"))
    rows = tree["facts"]["catalog"]["offers"]
    chosen = tree["jobs"][0]["offer"]["sku"]
    row = next(i for i, offer in enumerate(rows) if offer["sku"] == chosen)
    place = ("facts", "catalog", "offers", row, "usd_per_hour")

    wrong = broken(resealed(edited(tree, place, 0.01)))

    assert {"jobs[1].usd.median", "total_usd.median"} <= {problem.where for problem in wrong}


def test_that_a_plan_of_another_candidate_is_named():
    tree = json.loads(asked_text("cheapest"))
    key = tree["jobs"][0]["key"].replace(":1x:", ":9x:")

    wrong = broken(resealed(edited(tree, ("jobs", 0, "key"), key)))

    assert any("is no candidate" in problem.what for problem in wrong)


def test_that_a_limit_taken_out_of_an_answer_is_missed():
    tree = json.loads(asked_text("cheapest"))

    wrong = broken(resealed(tree | {"limits": tree["limits"][1:]}))

    assert any("missing" in problem.what for problem in wrong)


def test_that_facts_of_another_day_are_only_told():
    read = read_answer(asked_text("cheapest"))
    today = the_catalog()
    rows = today.to_rows()
    sku = read.jobs[0].offer.sku
    elsewhere = {"source": "elsewhere"}
    offers = [row | elsewhere if row["sku"] == sku else row for row in rows["offers"]]
    moved = from_rows(rows | {"offers": offers})

    told = outdated(read, moved)

    assert [sku in problem.where for problem in told] == [True]
    assert broken(read) == ()


def test_that_the_same_catalogue_has_nothing_to_tell():
    assert outdated(asked("cheapest"), the_catalog()) == ()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"outcome": "solved"}', "\x00", "trilemma"]
)
def test_that_what_is_no_answer_is_told_with_a_remedy(text):
    problems = read_answer(text)

    assert isinstance(problems, tuple)
    assert all(problem.remedy for problem in problems)


def test_that_what_serves_a_model_is_among_its_facts():
    serving = {"tokens_per_month": 1e9, "months": 12}
    made = answered(question(limits={"budget_usd": 5000}, jobs=({"serving": serving},)))

    assert made.outcome == "solved"
    assert made.jobs[0].cost.serving > 0
    assert broken(made) == ()


def test_that_factors_of_another_release_are_said_to_be_so():
    data = json.loads(to_json(answered(question())))
    del data["facts"]["constants"]["throughput"]["origin"]

    found = broken(parse_answer(json.dumps(data)))

    assert any("release" in problem.what for problem in found)


def test_that_a_field_that_is_new_breaks_no_seal():
    data = json.loads(to_json(answered(question())))
    for job in data["jobs"]:
        del job["trials_at_once"]
    data["digest"] = canonical_digest(data)

    assert broken(parse_answer(json.dumps(data))) == ()


@pytest.mark.parametrize("text", ['{"version": ' + "9" * 5000 + "}", "[" * 100_000, "{"])
def test_that_what_cannot_be_parsed_is_a_problem_and_no_crash(text):
    (problem,) = read_answer(text)

    assert "not valid JSON" in problem.what


def test_that_ties_hold_by_the_facts_of_the_answer():
    hardly_any = {"examples": 1, "tokens_per_example": 1, "pilots": (), "min_accuracy": None}

    made = answered(question(limits={"spot": True, "providers": ["azure"]}, jobs=(hardly_any,)))

    assert any("~" in key for key in made.ties)
    assert broken(made) == ()
