"""Which machines may be used, and why not others."""

import pytest

from catalog.schema import Pricing
from solver.question import Limits, Question
from solver.space.machines import MAX_INSTANCES, counts_up_to, machines, reason_against
from tests.support.small_catalog import TODAY, catalog, offer

JOB = {"family": "chat", "tokens": 1e6}


def asked(owned=(), **limits):
    return Question.model_validate({"jobs": [JOB], "limits": limits, "owned": owned})


def reason(of, **limits):
    return reason_against(of, Limits(**limits), catalog([of]))


@pytest.mark.parametrize(
    ("given", "limits", "word"),
    [
        ({}, {"rent": False}, "switched off"),
        ({}, {"providers": ["south"]}, "provider north"),
        ({}, {"regions": ["there"]}, "region here"),
        ({}, {"accelerators": ["L4"]}, "accelerator T4"),
        ({"pricing": Pricing.SPOT}, {}, "spot"),
        ({"pricing": Pricing.RESERVED_1Y}, {"spot": True}, "whole term"),
        ({"pricing": Pricing.RESERVED_3Y}, {"spot": True}, "whole term"),
        ({"marked": "far off"}, {}, "far off"),
        ({"accelerator": "Inferentia2"}, {}, "no training software"),
        ({"accelerator": "Abacus"}, {}, "not in the catalogue"),
    ],
)
def test_that_an_offer_is_left_out_for_a_stated_reason(given, limits, word):
    assert word in reason(offer(**given), **limits)


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ({}, {}),
        ({}, {"providers": ["NORTH"], "regions": ["Here"], "accelerators": ["t4"]}),
        ({"pricing": Pricing.SPOT}, {"spot": True}),
        ({"marked": "far off"}, {"include_marked_prices": True}),
    ],
)
def test_that_an_offer_is_used_in_whatever_case_it_is_allowed(given, limits):
    assert reason(offer(**given), **limits) == ""


def test_that_every_offer_is_either_allowed_or_told_why_not():
    facts = catalog([offer(sku="a"), offer(sku="b", marked="far off"), offer(sku="c")])

    allowed, rejected = machines(asked(), facts, TODAY)

    assert [m.offer.sku for m in allowed] == ["a", "c"]
    assert [r.key for r in rejected] == ["north/b/here/on-demand"]


def test_that_an_offer_without_a_known_network_is_had_once():
    facts = catalog([offer(sku="a"), offer(sku="b", inter_node_gbit_per_s=100.0)])

    allowed, _ = machines(asked(), facts, TODAY)

    assert [m.available for m in allowed] == [1, MAX_INSTANCES]


@pytest.mark.parametrize(("network", "available"), [(None, 1), (10.0, 6)])
def test_that_owned_machines_join_only_over_a_network(network, available):
    pool = {"name": "desk", "accelerator": "t4", "gpus_per_machine": 2, "machines": 6}
    pool |= {"usd_per_hour": 0.3, "network_gbit_per_s": network}

    allowed, _ = machines(asked([pool], rent=False), catalog([offer()]), TODAY)

    assert [(m.pool, m.available, m.is_owned) for m in allowed] == [(0, available, True)]
    assert allowed[0].offer.key == "owned/desk/own/owned"
    assert allowed[0].offer.usd_per_hour == 0.3


def test_that_no_name_of_a_pool_breaks_the_keys_of_candidates():
    pool = {"name": "lab/1:a", "accelerator": "T4", "gpus_per_machine": 1}

    allowed, _ = machines(asked([pool]), catalog([offer()]), TODAY)

    assert allowed[0].offer.sku == "lab-1-a"


@pytest.mark.parametrize(
    ("most", "counts"), [(1, (1,)), (2, (1, 2)), (6, (1, 2, 4, 6)), (8, (1, 2, 4, 8))]
)
def test_that_machines_are_counted_in_powers_of_two_and_as_a_whole_pool(most, counts):
    assert counts_up_to(most) == counts
