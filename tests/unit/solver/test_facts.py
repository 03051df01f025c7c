"""An answer embeds the facts it rests on, and no more."""

import json

import pytest

from solver.outcome.facts import catalog_in, constants_in
from solver.outcome.seal import digest_of, sealed
from tests.support.questions import DESK, answered, asked, question, the_catalog


@pytest.mark.parametrize("name", ["cheapest", "several-jobs", "spot", "out-of-reach"])
def test_that_embedded_facts_are_those_of_the_catalogue(name):
    small = catalog_in(asked(name).facts)

    for offer in small.offers.values():
        assert offer == the_catalog().offers[offer.key]
    for model in small.models.values():
        assert model == the_catalog().models[model.name]


@pytest.mark.parametrize("name", ["cheapest", "several-jobs", "spot", "out-of-reach"])
def test_that_every_key_of_an_answer_is_embedded(name):
    made = asked(name)
    plans = [*getattr(made, "alternatives", made.nearest if name == "out-of-reach" else ())]
    keys = {key for plan in plans for key in plan.keys}
    keys |= {job.key for job in getattr(made, "jobs", ())}

    small = catalog_in(made.facts)

    assert {key.split(":")[0] for key in keys} <= set(small.models)
    assert {key.split(":")[3] for key in keys} <= set(small.offers)


def test_that_an_answer_embeds_few_of_many_facts():
    small = catalog_in(asked("1-tickets.toml").facts)

    assert len(small.offers) < len(the_catalog().offers) / 10
    assert len(small.models) < len(the_catalog().models) / 2


def test_that_the_grid_of_ones_own_machines_is_embedded():
    made = answered(question(limits={"rent": False, "co2_kg": 50}, owned=[DESK]))

    assert [grid.place for grid in catalog_in(made.facts).grids.values()] == ["Germany"]


def test_that_the_factors_are_embedded_whole():
    read = constants_in(asked("cheapest").facts)

    assert read.model_dump(mode="json") == asked("cheapest").facts.constants


def test_that_a_seal_covers_everything_but_itself():
    made = asked("cheapest")

    assert digest_of(made) == made.digest
    assert sealed(made.model_copy(update={"digest": "other"})).digest == made.digest
    assert digest_of(made.model_copy(update={"why": made.why + " "})) != made.digest


def test_that_a_seal_does_not_depend_on_the_layout_of_the_file():
    made = asked("cheapest")
    tree = json.loads(made.model_dump_json())

    again = type(made).model_validate_json(json.dumps(dict(reversed(tree.items())), indent=7))

    assert digest_of(again) == made.digest
