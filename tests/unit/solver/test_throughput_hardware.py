"""What a part's facts mean: generation, links, domains, and formats it can train in."""

from __future__ import annotations

import pytest

from catalog.load import load_catalog
from solver.estimate.configurations import Generation
from solver.estimate.hardware import (
    domain_size,
    generation_of,
    is_consumer,
    link_bytes_per_s,
    supports,
    training_peak_flop_per_s,
)


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture(scope="module")
def part(catalog):
    return lambda name: catalog.accelerators[name]


@pytest.fixture(scope="module")
def precision(catalog):
    return lambda name: catalog.precisions[name]


@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("V100-32", Generation.VOLTA),
        ("A100-80-SXM", Generation.AMPERE),
        ("L40S", Generation.ADA),
        ("B300-SXM", Generation.BLACKWELL),
        ("MI300X", Generation.CDNA),
        ("TPU-v3", Generation.TPU),
        ("Trainium2", Generation.TRAINIUM),
        ("RX-7900-XTX", Generation.OTHER),
    ],
)
def test_that_a_part_belongs_to_the_generation_of_its_architecture(part, name, generation):
    assert generation_of(part(name)) is generation


def test_that_geforce_parts_are_consumer_parts_and_quadro_parts_are_not(part):
    assert is_consumer(part("RTX-4090"))
    assert is_consumer(part("GTX-1080-Ti"))
    assert not is_consumer(part("Quadro-RTX-8000"))
    assert not is_consumer(part("RTX-A6000"))


def test_that_a_link_counts_one_way(part):
    assert link_bytes_per_s(part("H100-SXM"), "NVLink4 900 (NVSwitch)") == 450e9


def test_that_an_offer_over_pcie_does_not_get_the_link_of_the_part(part):
    assert link_bytes_per_s(part("A100-80-SXM"), "PCIe") == 31.5e9


def test_that_a_bridge_between_pairs_counts_as_the_slot(part):
    assert link_bytes_per_s(part("A100-80-PCIe"), "NVLink3 bridge pairs 600") == 31.5e9


def test_that_parts_without_a_link_talk_over_their_slot(part):
    assert link_bytes_per_s(part("RTX-5090")) == 63e9
    assert link_bytes_per_s(part("RTX-4060-Ti-16")) == 31.5e9 / 2


def test_that_a_rack_of_72_and_a_pod_slice_are_one_domain(part):
    assert domain_size(part("GB200"), 4) == 72
    assert domain_size(part("TPU-v3"), 8) == 256
    assert domain_size(part("H100-SXM"), 8) == 8


@pytest.mark.parametrize(
    ("name", "number_format"),
    [
        ("V100-32", "bf16-mixed"),
        ("T4", "bf16-mixed"),
        ("A100-80-SXM", "fp8"),
        ("TPU-v3", "fp16-mixed"),
        ("V100-32", "tf32"),
    ],
)
def test_that_a_part_without_the_units_is_told_why(part, precision, name, number_format):
    assert part(name).name in supports(part(name), precision(number_format), quantised=False)


@pytest.mark.parametrize(
    ("name", "number_format"),
    [
        ("V100-32", "fp16-mixed"),
        ("A100-80-SXM", "tf32"),
        ("H100-SXM", "fp8"),
        ("MI300X", "fp8"),
        ("TPU-v3", "bf16-mixed"),
    ],
)
def test_that_a_part_with_the_units_may_train(part, precision, name, number_format):
    assert supports(part(name), precision(number_format), quantised=False) == ""


def test_that_quantised_storage_runs_on_nvidia_parts_only(part, precision):
    assert supports(part("MI300X"), precision("bf16-mixed"), quantised=True)
    assert not supports(part("RTX-4090"), precision("bf16-mixed"), quantised=True)


def test_that_narrow_formats_start_from_the_bf16_peak(part):
    assert training_peak_flop_per_s(part("H100-SXM"), "fp8") == pytest.approx(989.4e12)


def test_that_a_part_without_fast_half_precision_computes_in_fp32(part):
    card = part("GTX-1080-Ti")

    assert training_peak_flop_per_s(card, "fp16") == card.peak_flop_per_s("fp32")


def test_that_neuron_cores_compute_fp32_on_their_narrow_units(part):
    chip = part("Trainium1")

    assert training_peak_flop_per_s(chip, "fp32") == training_peak_flop_per_s(chip, "bf16")
