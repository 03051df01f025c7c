"""Spellings of accelerators that sources use."""

from __future__ import annotations

import pytest

from catalog.load import load_catalog
from solver.measured.parts import part_meant


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("NVIDIA A100-SXM4-80GB", "A100-80-SXM"),
        ("A100-SXM4-40GB", "A100-40-SXM"),
        ("A100 80GB PCIe", "A100-80-PCIe"),
        ("8xA100-80GB", "A100-80-SXM"),
        ("H200", "H200-SXM"),
        ("H100 NVL", "H100-NVL"),
        ("V100 16GB", "V100-16"),
        ("V100-PCIE-16GB", "V100-16-PCIe"),
        ("RTX4090", "RTX-4090"),
        ("NVIDIA GeForce RTX 2080 Ti", "RTX-2080-Ti"),
        ("A6000", "RTX-A6000"),
        ("RTX-3080-Laptop-16GB", "RTX-3080-Laptop"),
        ("RTX 3080", "RTX-3080"),
        ("RTX 6000 Ada Generation", "RTX-6000-Ada"),
        ("AMD Instinct MI300X", "MI300X"),
        ("TPU v3-8", "TPU-v3"),
    ],
)
def test_that_a_spelling_means_one_part(catalog, name, key):
    assert part_meant(name, catalog).id == key


@pytest.mark.parametrize(
    "name", ["", "GPU", "48GB-GPU (unspecified)", "RTX 3070 Laptop GPU", "RTX 2080", "abacus"]
)
def test_that_a_spelling_of_no_part_means_none(catalog, name):
    assert part_meant(name, catalog) is None


def test_that_a_longer_number_is_not_taken_for_a_shorter_one(catalog):
    # A100 begins like A10, H200 like H20
    assert part_meant("A100", catalog).id.startswith("A100")
    assert part_meant("H200 141GB", catalog).id == "H200-SXM"


def test_that_every_id_of_the_catalogue_means_itself(catalog):
    for key, part in catalog.accelerators.items():
        if part.trains:
            assert part_meant(key, catalog).id == key
