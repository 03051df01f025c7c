import json

import pytest

from catalog.load import from_rows, load_catalog
from catalog.problems import CatalogError
from catalog.schema import Pricing

SHIPPED = load_catalog()
P5 = "aws/p5.48xlarge/us-east-1/on-demand"


def small(**changes):
    wanted = {"offers": [P5], "models": ["BERT-base"], "methods": ["lora"], "tasks": ["SST-2"]}
    return SHIPPED.subset(**{**wanted, **changes})


def test_that_names_are_known_in_any_case_and_with_spaces_around():
    assert SHIPPED.accelerator_named(" h100-sxm ").id == "H100-SXM"
    assert SHIPPED.precision_named("BF16-Mixed").id == "bf16-mixed"


def test_that_an_unknown_name_is_none():
    assert SHIPPED.model_named("no such model") is None


def test_that_a_small_catalogue_holds_what_its_offers_refer_to():
    catalog = small()

    assert list(catalog.accelerators) == ["H100-SXM"]
    assert catalog.grid_for(catalog.offers[P5]).place == "Virginia"
    assert catalog.provider_of(catalog.offers[P5]).id == "aws"


def test_that_a_small_catalogue_keeps_the_spellings_of_what_it_holds():
    assert small().accelerator_named("NVIDIA H100 80GB HBM3").id == "H100-SXM"
    assert small().method_named("full_ft") is None


def test_that_a_region_is_kept_by_any_of_its_spellings():
    assert list(small(regions=["france"]).grids) == ["aws/us-east-1", "FRA"]


def test_that_rows_written_as_json_make_the_same_catalogue_again():
    catalog = small(scores=SHIPPED.scores[:3], sources=["devlin2019"])

    again = from_rows(json.loads(json.dumps(catalog.to_rows())))

    assert again == catalog
    assert again.sha256 == catalog.sha256


def test_that_the_whole_catalogue_survives_being_written_as_rows():
    assert from_rows(SHIPPED.to_rows()).sha256 == SHIPPED.sha256


def test_that_the_hash_depends_on_every_figure_and_not_on_the_order_of_rows():
    rows = small(models=["BERT-base", "BERT-large"]).to_rows()
    dearer = json.loads(json.dumps(rows))
    dearer["offers"][0]["usd_per_hour"] += 0.01
    turned = {**rows, "models": rows["models"][::-1]}

    assert from_rows(dearer).sha256 != from_rows(rows).sha256
    assert from_rows(turned).sha256 == from_rows(rows).sha256


def test_that_the_hash_depends_on_the_spellings():
    rows = small().to_rows()
    fewer = {**rows, "aliases": rows["aliases"][1:]}

    assert from_rows(fewer).sha256 != from_rows(rows).sha256


def test_that_the_revision_is_the_day_of_the_newest_fact():
    assert small().revision == "2026-07-20"


def test_that_rows_which_are_no_facts_are_all_named():
    rows = {
        "offers": [{"provider": "mine", "usd_per_hour": -1}],
        "ofers": [],
        "aliases": [{"table": "models"}],
    }

    with pytest.raises(CatalogError) as caught:
        from_rows(rows)

    text = str(caught.value)
    assert "offers[1], usd_per_hour: -1 is not at least 0" in text
    assert "ofers: there is no such table. Did you mean 'offers'?" in text
    assert "aliases[1]: it is not a spelling" in text


def test_that_one_region_name_of_two_providers_is_two_places():
    regions = {
        o.provider: SHIPPED.grid_for(o).place
        for o in SHIPPED.offers.values()
        if o.region == "us-central1"
    }

    assert regions == {"gcp": "Iowa", "nebius": "United States"}


def test_that_a_place_nobody_stated_has_no_grid():
    anywhere = next(o for o in SHIPPED.offers.values() if o.region == "any")

    assert SHIPPED.grid_for(anywhere) is None


def test_that_an_unknown_provider_is_billed_by_the_whole_hour():
    stranger = SHIPPED.offers[P5].model_copy(update={"provider": "stranger"})

    assert SHIPPED.provider_of(stranger).billing_grain_hours == 1.0


def test_that_a_small_catalogue_keeps_how_providers_without_a_row_are_billed():
    nebius = next(o.key for o in SHIPPED.offers.values() if o.provider == "nebius")

    kept = small(offers=[nebius]).providers

    assert "nebius" not in SHIPPED.providers
    assert kept["nebius"].billing_grain_hours == 1.0
    assert kept["owned"].pue == 1.63


def test_that_own_machines_cost_nothing_beyond_their_rate():
    own = SHIPPED.offers[P5].model_copy(update={"provider": "owned", "pricing": Pricing.OWNED})

    provider = SHIPPED.provider_of(own)

    assert (provider.storage_usd_per_gb_month, provider.egress_usd_per_gb) == (0.0, 0.0)
    assert provider.billing_grain_hours < 1.0


def test_that_the_catalogue_cannot_be_changed_in_place():
    with pytest.raises(TypeError):
        SHIPPED.offers[P5] = None
    with pytest.raises(AttributeError):
        SHIPPED.revision = "today"
