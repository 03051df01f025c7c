"""Which offers another one beats, whatever the question limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.schema import Pricing
from solver.estimate.assumptions import ASSUMPTIONS
from solver.estimate.cost import Billing
from solver.estimate.duration import Duration
from solver.estimate.fallback import Fallback
from solver.question import Question
from solver.space.machines import machines
from solver.space.rents import MOST_RENTED_GPUS, rents
from tests.support.small_catalog import TODAY, catalog, grid, offer, provider

QUANTILES = (0.5, 0.7, 0.9, 0.98)


def rented(facts, owned=(), **limits):
    told = {"jobs": [{"family": "chat", "tokens": 1e6}], "limits": limits, "owned": owned}
    question = Question.model_validate(told)
    allowed, _ = machines(question, facts, TODAY)
    return rents(allowed, question.limits, facts, ASSUMPTIONS, TODAY)


def beaten(found):
    """By label of each beaten rent the label of the one that beats it."""
    labels = [rent.label for rent in found.rents]
    return {labels[i]: labels[j] for i, j in enumerate(found.beaten_by) if j >= 0}


@st.composite
def markets(draw):
    """A few offers of one machine at several providers."""
    names = ("a", "b", "c")
    providers = [
        provider(
            name,
            billing_grain_hours=draw(st.sampled_from((1 / 3600, 1 / 60, 0.75, 1.0))),
            billing_minimum_hours=draw(st.sampled_from((0.0, 1.0))),
            startup_hours=draw(st.sampled_from((0.1, 0.3))),
            storage_usd_per_gb_month=draw(st.sampled_from((0.0, 0.1))),
            egress_usd_per_gb=draw(st.sampled_from((0.0, 0.12))),
            egress_free_gb=draw(st.sampled_from((0.0, 100.0))),
            pue=draw(st.sampled_from((1.1, 1.4))),
        )
        for name in names
    ]
    offers = [
        offer(
            provider=draw(st.sampled_from(names)),
            sku=f"m{i}",
            usd_per_hour=draw(st.sampled_from((0.5, 1.0, 1.1))),
            price_date=draw(st.sampled_from((TODAY, TODAY.replace(year=2025)))),
            pricing=draw(st.sampled_from((Pricing.ON_DEMAND, Pricing.SPOT))),
            region=draw(st.sampled_from(("here", "there", "nowhere"))),
        )
        for i in range(draw(st.integers(2, 5)))
    ]
    return catalog(offers, providers, (grid("here", 300.0), grid("there", 50.0)))


def figures(found, i, work, stored_gb, taken_gb, quantile):
    """Hours, dollars and kilograms of one rent, as candidates compute them."""

    def at(name):
        return getattr(found, name)[[i]]

    log_sd = np.hypot(0.3, at("interruption_log_sd"))
    after = Fallback(
        work * at("window_ratio"), at("stretch"), np.array([0.2]), at("interruption_log_sd")
    )
    d = Duration(at("startup_hours"), work * at("stretch"), log_sd, log_sd, np.array([0.05]), after)
    fixed = stored_gb * at("storage_usd_per_gb")
    fixed = fixed + np.maximum(taken_gb - at("egress_free_gb"), 0) * at("egress_usd_per_gb")
    bill = Billing(
        at("usd_per_hour"),
        at("paid_ratio"),
        at("grain_hours"),
        at("minimum_hours"),
        fixed,
        at("price_log_sd"),
        at("then_usd_per_hour"),
    )
    kg = np.nan_to_num(at("kw") * at("kg_co2_per_kwh"), nan=np.inf) * bill.paid_hours(d, quantile)
    return float(d.at(quantile)[0]), float(bill.usd_at(d, quantile)[0]), float(kg[0])


@settings(max_examples=60, deadline=None)
@given(
    facts=markets(),
    work=st.floats(0.01, 100.0),
    stored_gb=st.sampled_from((0.0, 500.0)),
    taken_gb=st.sampled_from((0.0, 40.0, 400.0)),
    co2=st.booleans(),
)
def test_that_a_beaten_rent_is_better_in_nothing(facts, work, stored_gb, taken_gb, co2):
    found = rented(facts, spot=True, co2_kg=5.0 if co2 else None)

    for loser, winner in enumerate(found.beaten_by):
        for quantile in QUANTILES if winner >= 0 else ():
            lost = figures(found, loser, work, stored_gb, taken_gb, quantile)
            won = figures(found, winner, work, stored_gb, taken_gb, quantile)
            counted = zip(won[: 3 if co2 else 2], lost, strict=False)
            assert all(w <= value * (1 + 1e-9) for w, value in counted)


@pytest.mark.parametrize("work", [0.5, 0.8, 1.2, 2.4])
def test_that_a_finer_grain_beats_only_where_it_divides_the_coarser(work):
    grains = {"a": 0.75, "b": 1.0}
    providers = [provider(name, billing_grain_hours=grain) for name, grain in grains.items()]
    found = rented(catalog([offer("a"), offer("b")], providers))

    for loser, winner in enumerate(found.beaten_by):
        if winner >= 0:
            lost, won = (figures(found, i, work, 0.0, 0.0, 0.5)[1] for i in (loser, winner))
            assert won <= lost


def test_that_the_same_machine_at_a_higher_price_is_beaten():
    found = rented(catalog([offer(sku="dear", usd_per_hour=2.0), offer(sku="cheap")]))

    assert beaten(found) == {"north/dear/here/on-demand:1x": "north/cheap/here/on-demand:1x"}


def test_that_of_equal_offers_the_first_key_stays():
    found = rented(catalog([offer(sku="b"), offer(sku="a")]))

    assert beaten(found) == {"north/b/here/on-demand:1x": "north/a/here/on-demand:1x"}


def test_that_cleaner_power_counts_only_under_a_cap():
    offers = [offer(sku="clean", region="there", usd_per_hour=2.0), offer(sku="cheap")]
    facts = catalog(offers, grids=(grid("here", 300.0), grid("there", 20.0)))

    assert len(beaten(rented(facts))) == 1
    assert beaten(rented(facts, co2_kg=1.0)) == {}


def test_that_owned_machines_are_beaten_by_nothing():
    pool = {"name": "desk", "accelerator": "T4", "gpus_per_machine": 1, "usd_per_hour": 50.0}

    found = rented(catalog([offer()]), owned=[pool])

    assert set(found.beaten_by) == {-1}


def test_that_different_machines_do_not_compare():
    offers = [offer(sku="a"), offer(sku="b", accelerator="L4", usd_per_hour=9.0)]

    assert beaten(rented(catalog(offers))) == {}


@pytest.mark.parametrize(
    ("max_gpus", "most"), [(1, 0), (4, 4), (7, 4), (32, 32), (None, MOST_RENTED_GPUS)]
)
def test_that_whole_machines_are_rented_up_to_the_gpus_allowed(max_gpus, most):
    facts = catalog([offer(gpus_per_instance=4, inter_node_gbit_per_s=100.0)])

    found = rented(facts, max_gpus=max_gpus)

    assert found.gpus.max(initial=0) == most
    assert (found.gpus == 4 * found.instances).all()


def test_that_a_number_of_machines_costs_that_many_times_one():
    found = rented(catalog([offer(inter_node_gbit_per_s=100.0)]), max_gpus=8)

    assert found.usd_per_hour.tolist() == pytest.approx([1.0, 2.0, 4.0, 8.0])
    assert found.kw.tolist() == pytest.approx((found.kw[0] * found.instances).tolist())


def test_that_an_unknown_grid_or_power_is_unknown_and_not_zero():
    found = rented(catalog([offer(region="nowhere")], grids=()))

    assert np.isnan(found.kg_co2_per_kwh).all()
