"""Every candidate is one combination, and no combination is counted twice or lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.schema import Pricing
from solver.candidates import candidates, columns_at
from solver.constants import shipped_constants
from solver.program import JobColumns
from tests.support.questions import question
from tests.support.small_catalog import TODAY, grid, market, offer, provider

FACTS = market(
    [
        offer(sku="a", gpus_per_instance=1),
        offer(sku="b", gpus_per_instance=4, usd_per_hour=3.5, inter_node_gbit_per_s=100.0),
        offer(sku="c", usd_per_hour=1.5),
        offer(sku="d", pricing=Pricing.SPOT, usd_per_hour=0.4),
        offer(sku="e", accelerator="A100-40-SXM", usd_per_hour=2.0, region="there"),
        offer("south", sku="f", accelerator="V100-16", usd_per_hour=1.2),
    ],
    [provider("north"), provider("south", billing_grain_hours=1.0, egress_usd_per_gb=0.1)],
    (grid("here", 300.0),),
)

ASKED = question(limits={"providers": (), "accelerators": (), "spot": True, "max_gpus": 16})


def made_of(asked=ASKED, **how):
    return candidates(asked.jobs[0], asked, FACTS, shipped_constants(), TODAY, **how)


@pytest.fixture(scope="module")
def every():
    return made_of(keep_beaten=True)


@pytest.fixture(scope="module")
def best():
    return made_of()


def keys(made):
    return [made.key(i) for i in range(len(made))]


WITH_BOTH = market(
    [
        offer(sku="d", inter_node_gbit_per_s=100.0),
        offer(sku="dear", usd_per_hour=1.1),
        offer(sku="d", pricing=Pricing.SPOT, usd_per_hour=0.4, inter_node_gbit_per_s=100.0),
        offer(sku="far", region="there", pricing=Pricing.SPOT, usd_per_hour=0.4),
    ],
    [provider("north")],
    (grid("here", 300.0),),
)


def rents_of(**limits):
    asked = question(
        limits={"providers": (), "accelerators": (), "spot": True, "max_gpus": 2, **limits}
    )
    made = candidates(asked.jobs[0], asked, WITH_BOTH, shipped_constants(), TODAY, keep_beaten=True)
    return [rent for rent in made.rents.rents if rent.then is not None]


def test_that_spot_machines_fall_back_on_the_cheapest_like_them_at_their_place():
    found = rents_of()

    assert {rent.machine.offer.key for rent in found} == {"north/d/here/spot"}
    assert {rent.then.offer.key for rent in found} == {"north/d/here/on-demand"}
    assert {rent.label.partition(":")[2] for rent in found} == {
        f"{n}x~{window}" for n in (1, 2) for window in ("0.5", "1", "2")
    }


def test_that_what_takes_over_counts_against_a_quota_of_its_own():
    quota = {"provider": "north", "spot": False, "gpus": 1}

    assert {rent.instances for rent in rents_of(quotas=[quota])} == {1}


def test_that_keys_are_unique_and_lead_back(every):
    labels = keys(every)

    assert len(set(labels)) == len(labels) > 0
    assert [every.find(key) for key in labels] == list(range(len(labels)))


@pytest.mark.parametrize("key", ["", "a:b", "BERT-base:full:fp16-mixed:x/y/z/w:1x:1e", "漢:" * 6])
def test_that_a_key_of_nothing_is_found_nowhere(every, key):
    assert every.find(key) is None


def test_that_candidates_are_in_order_of_their_parts(every):
    parts = zip(
        every.physics.model[every.row],
        every.physics.variant[every.row],
        every.rent,
        every.epoch,
        strict=True,
    )
    rows = [tuple(int(part) for part in row) for row in parts]

    assert rows == sorted(rows)


def test_that_every_combination_is_a_candidate_or_excluded_for_a_reason(best):
    tally = best.tally

    assert tally.combinations == len(best) + sum(tally.excluded.values())
    assert all(number >= 0 for number in tally.excluded.values())


def test_that_what_is_beaten_is_never_cheaper_faster_or_more_accurate(every, best):
    kept = set(keys(best))
    columns = columns_at(every, 0.9)
    left_out = [i for i, key in enumerate(keys(every)) if key not in kept]

    assert left_out
    for i in left_out:
        winner = every.rents.beaten_by[every.rent[i]]
        same = (every.row == every.row[i]) & (every.epoch == every.epoch[i])
        (w,) = np.flatnonzero(same & (every.rent == winner))
        assert columns.hours[w] <= columns.hours[i]
        assert columns.usd[w] <= columns.usd[i]
        assert columns.accuracy[w] == columns.accuracy[i] or np.isnan(columns.accuracy[i])


def test_that_a_part_of_the_columns_is_the_same_as_in_the_whole(every):
    whole = columns_at(every, 0.8)
    index = np.arange(0, len(every), 7)

    part = columns_at(every, 0.8, index)

    assert isinstance(part, JobColumns)
    for name in (
        "hours",
        "usd",
        "accuracy",
        "co2_kg",
        "gpus",
        "deployed_gb",
        "latency_ms",
        "pool",
        "level",
    ):
        assert np.array_equal(getattr(part, name), getattr(whole, name)[index], equal_nan=True)


def test_that_equal_levels_are_equal_accuracies(every):
    columns = columns_at(every, 0.9)

    for level in np.unique(columns.level):
        values = columns.accuracy[columns.level == level]
        assert np.isnan(values).all() or len(np.unique(values)) == 1


@settings(max_examples=20, deadline=None)
@given(low=st.floats(0.5, 0.98), high=st.floats(0.5, 0.98))
def test_that_a_higher_quantile_promises_no_more(every, low, high):
    few, many = columns_at(every, min(low, high)), columns_at(every, max(low, high))

    assert (many.hours >= few.hours * (1 - 1e-12)).all()
    assert (many.usd >= few.usd * (1 - 1e-12)).all()
    known = np.isfinite(few.accuracy)
    assert (many.accuracy[known] <= few.accuracy[known]).all()


def test_that_more_passes_take_longer_and_learn_no_less(every):
    columns = columns_at(every, 0.5)
    once, twice = every.epoch == 0, every.epoch == 1

    assert (columns.hours[twice] > columns.hours[once]).all()
    assert (columns.usd[twice] >= columns.usd[once]).all()
    known = np.isfinite(columns.accuracy[once])
    assert (columns.accuracy[twice][known] >= columns.accuracy[once][known] - 1e-12).all()


def test_that_trials_repeat_the_work():
    asked = question(
        limits={"providers": (), "accelerators": (), "spot": True, "max_gpus": 16},
        jobs=({"trials": 4},),
    )
    one, four = made_of(), made_of(asked)

    in_turn = np.flatnonzero(four.rents.at_once[four.rent] == 1)
    assert keys(one) == [four.key(i) for i in in_turn.tolist()]
    hours = four.duration(in_turn).work_hours
    assert hours == pytest.approx(4 * one.duration(slice(None)).work_hours, rel=1e-4)


def test_that_an_unknown_grid_leaves_emissions_unknown(every):
    there = np.array([rent.machine.offer.region == "there" for rent in every.rents.rents])

    columns = columns_at(every, 0.9)

    assert np.isnan(columns.co2_kg[there[every.rent]]).all()
    assert np.isfinite(columns.co2_kg[~there[every.rent]]).all()


def test_that_a_question_without_a_machine_has_no_candidate():
    asked = question(limits={"providers": ["nobody"], "accelerators": ()})

    assert len(made_of(asked)) == 0
