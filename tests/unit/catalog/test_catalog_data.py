from datetime import date, timedelta

import pytest

from catalog.check import check_catalog
from catalog.load import load_catalog
from catalog.schema import MethodKind, Pricing, Verified

CATALOG = load_catalog()
REVISION = date.fromisoformat(CATALOG.revision)


def newest_day(offer):
    return offer.price_date_to or offer.price_date


def unmarked():
    return [offer for offer in CATALOG.offers.values() if not offer.marked]


def test_that_the_shipped_facts_agree_with_each_other():
    assert check_catalog(CATALOG, REVISION + timedelta(days=7)) == ()


@pytest.mark.parametrize(
    ("accelerator", "tflops"),
    [("H100-SXM", 989.4), ("A100-80-SXM", 312), ("L4", 121), ("MI300X", 1307), ("TPU-v3", 123)],
)
def test_that_bf16_peaks_are_the_dense_ones_of_the_data_sheets(accelerator, tflops):
    assert CATALOG.accelerators[accelerator].bf16_tflops == tflops


@pytest.mark.parametrize(
    ("key", "usd_per_hour", "day"),
    [
        ("aws/p5.48xlarge/us-east-1/on-demand", 55.04, date(2026, 7, 20)),
        ("gcp/a2-highgpu-8g/europe-west4/spot", 13.5427, date(2026, 8, 3)),
        ("azure/Standard_ND96isr_H100_v5/eastus/on-demand", 98.32, date(2026, 6, 18)),
        ("crusoe/MI300X-x8/any/on-demand", 27.6, date(2026, 3, 3)),
    ],
)
def test_that_a_price_stands_as_its_source_printed_it_with_its_day(key, usd_per_hour, day):
    offer = CATALOG.offers[key]

    assert (offer.usd_per_hour, offer.price_date) == (usd_per_hour, day)


def test_that_no_unmarked_price_is_older_than_a_year():
    old = [o.key for o in unmarked() if REVISION - newest_day(o) > timedelta(days=366)]

    assert old == []


def test_that_a_range_of_days_is_unmarked_only_where_it_is_short_and_verified():
    ranges = [o for o in unmarked() if o.price_date_to is not None]

    assert ranges
    assert all(o.price_date_to - o.price_date <= timedelta(days=450) for o in ranges)
    assert all(o.verified is Verified.YES for o in ranges)


def test_that_no_unmarked_price_comes_from_a_marketplace_or_is_unverified():
    doubtful = [o.key for o in unmarked() if o.provider == "vast" or o.verified is Verified.NO]

    assert doubtful == []


def test_that_every_unmarked_host_states_memory_that_holds_its_accelerators():
    starved = [
        offer.key
        for offer in unmarked()
        if (offer.ram_gb or 0.0)
        < CATALOG.accelerators[offer.accelerator].memory_gib * offer.gpus_per_instance
    ]

    assert starved == []


def test_that_common_accelerators_can_be_rented_at_an_unmarked_price():
    rented = {o.accelerator for o in unmarked() if o.pricing is Pricing.ON_DEMAND}

    assert {"T4", "L4", "A10G", "L40S", "A100-80-SXM", "H100-SXM", "H200-SXM", "MI300X"} <= rented


def test_that_machines_sold_without_a_cluster_stand_alone():
    assert CATALOG.offers["lambda/gpu_8x_h100_sxm5/any/on-demand"].inter_node_gbit_per_s is None


def test_that_reserved_prices_are_unverified_to_the_end():
    reserved = [
        o
        for o in CATALOG.offers.values()
        if o.pricing in (Pricing.RESERVED_1Y, Pricing.RESERVED_3Y)
    ]

    assert reserved
    assert all(o.marked and o.verified is Verified.NO for o in reserved)


def test_that_small_a3_machines_are_offered_as_google_rents_them_only_on_spot():
    kinds = {o.pricing for o in CATALOG.offers.values() if o.sku == "a3-highgpu-1g"}

    assert kinds == {Pricing.SPOT}


def test_that_every_kind_of_method_has_a_row():
    assert {method.kind for method in CATALOG.methods.values()} == set(MethodKind)


def test_that_a_deployed_weight_takes_no_fewer_bits_than_its_format_says():
    deployed = {p.id: p.deployed_bits for p in CATALOG.precisions.values() if p.deployed_bits}

    assert {"int8", "fp8", "int4", "int3", "int2", "mxfp4", "nvfp4"} <= set(deployed)
    for name, bits in deployed.items():
        (stated,) = [int(letter) for letter in name if letter.isdigit()]
        assert stated <= bits < stated + 1


def test_that_training_and_storage_formats_are_all_there():
    roles = {p.id: p.role for p in CATALOG.precisions.values() if p.role != "deployment"}

    assert roles == {
        "fp32": "training",
        "tf32": "training",
        "fp16-mixed": "training",
        "bf16-mixed": "training",
        "bf16-pure": "training",
        "fp8": "training",
        "int8": "storage",
        "nf4": "storage",
    }


def test_that_qlora_stores_the_base_in_a_format_that_the_catalogue_has():
    formats = CATALOG.methods["qlora"].storage_formats

    assert formats == ("nf4",)
    assert all(CATALOG.precisions[name].role == "storage" for name in formats)


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("NVIDIA H100 80GB HBM3", "H100-SXM"),
        ("A100-SXM-80GB", "A100-80-SXM"),
        ("tpu-v3-chip", "TPU-v3"),
        ("rtx-4090", "RTX-4090"),
    ],
)
def test_that_tools_and_sources_may_spell_an_accelerator_their_way(spelling, key):
    assert CATALOG.accelerator_named(spelling).id == key


def test_that_a_name_that_could_be_two_accelerators_is_not_guessed():
    assert CATALOG.accelerator_named("A100") is None


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("google-bert/bert-base-uncased", "BERT-base"),
        ("GPT-3-175B", "GPT-3 175B"),
        ("meta-llama/Meta-Llama-3.1-8B", "Llama-3.1-8B"),
        ("EleutherAI/pythia-410m-deduped", "Pythia-410m"),
    ],
)
def test_that_models_are_known_by_hub_id_and_other_spellings(spelling, key):
    assert CATALOG.model_named(spelling).name == key


def test_that_tasks_methods_and_precisions_join_their_spellings():
    assert CATALOG.task_named("MR:sst2").id == "SST-2"
    assert CATALOG.method_named("full_ft").id == "full"
    assert CATALOG.method_named("distilled").id == "distillation"
    assert CATALOG.method_named("zero_shot").id == "prompting"
    assert CATALOG.precision_named("bf16_mixed").id == "bf16-mixed"
    assert CATALOG.precision_named("nf4-dq (bf16 compute)").id == "nf4"


def test_that_shapes_which_miss_the_published_count_are_flagged():
    flagged = {model.name for model in CATALOG.models.values() if model.formula_disagrees}

    assert flagged == {
        "GPT-3 XL",
        "Qwen3.5-35B-A3B",
        "Qwen3.5-9B",
        "Gemma-4-31b",
        "Gemma-4-E2B",
        "Gemma-4-E4B",
    }
