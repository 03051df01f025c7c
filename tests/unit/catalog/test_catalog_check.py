import json
from datetime import date

import pytest

from catalog.check import CHECKS, check_catalog
from catalog.load import from_rows, load_catalog

P5 = "aws/p5.48xlarge/us-east-1/on-demand"
SPOT = "gcp/a3-highgpu-8g/us-central1/spot"
ROWS = (
    load_catalog()
    .subset(
        offers=[P5, SPOT, SPOT.replace("/spot", "/on-demand")],
        models=["BERT-base", "DeepSeek-V3"],
        methods=["lora"],
        precisions=["bf16-mixed"],
        tasks=["SST-2"],
        scores=[
            s
            for s in load_catalog().scores
            if (s.model, s.task, s.method) == ("BERT-base", "SST-2", "full")
        ],
        sources=["hu2021", "kalamkar2019", "wang2018glue"],
    )
    .to_rows()
)
TODAY = date(2026, 11, 25)


def changed(table, number, **cells):
    rows = json.loads(json.dumps(ROWS))
    rows.setdefault("methods", []).append(
        {
            "id": "full",
            "kind": "full",
            "name": "full",
            "trains": True,
            "updates_all_weights": True,
            "source": "hu2021",
        }
    )
    if table:
        rows[table][number].update(cells)
    return from_rows(rows)


def said(catalog):
    return [str(problem) for problem in check_catalog(catalog, TODAY)]


def test_that_a_clean_catalogue_gives_no_problem():
    assert said(changed("", 0)) == []


BROKEN = {
    "unknown_accelerators": ("offers", 0, {"accelerator": "H100-SMX"}, "Did you mean 'H100-SXM'?"),
    "unknown_names_in_scores": ("scores", 0, {"model": "BERT-bose"}, "Did you mean 'BERT-base'?"),
    "unknown_sources": ("methods", 0, {"source": "hu2012"}, "Did you mean 'hu2021'?"),
    "rows_without_source": ("offers", 0, {"source": " "}, "it names no source"),
    "aliases_to_nothing": ("aliases", 0, {"key": "H100"}, "there is no 'H100'"),
    "placeholder_prices": ("offers", 0, {"usd_per_hour": 0.08}, "stands for an unknown price"),
    "prices_far_from_the_median": ("offers", 0, {"usd_per_hour": 4.4}, "times the median"),
    "spot_dearer_than_on_demand": ("offers", 1, {"usd_per_hour": 99.0}, "more than on demand"),
    "peaks_that_are_not_dense": ("accelerators", 0, {"fp8_tflops": 3958}, "not twice"),
    "shapes_that_disagree": ("models", 0, {"layers": 11}, "times its published parameters"),
    "shapes_that_cannot_be": ("models", 1, {"experts_per_token": 300}, "cannot be"),
    "formats_without_a_peak": ("precisions", 0, {"compute_format": "bf61"}, "Did you mean 'bf16'?"),
    "tasks_without_room": ("tasks", 0, {"chance": 1.0}, "is not below the ceiling"),
    "scores_above_the_ceiling": ("scores", 0, {"score": 0.999}, "is above the ceiling 0.99"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_that_a_broken_fact_is_found_and_named(name):
    table, number, cells, expected = BROKEN[name]
    if name == "scores_above_the_ceiling":
        catalog = changed("tasks", 0, ceiling=0.99)
        rows = catalog.to_rows()
        rows[table][number].update(cells)
        catalog = from_rows(rows)
    else:
        catalog = changed(table, number, **cells)

    found = said(catalog)

    assert any(expected in line for line in found)


def test_that_every_check_is_shown_to_find_something():
    shown = {*BROKEN, "tables_that_are_empty"}

    assert {check.__name__ for check in CHECKS} == shown


def test_that_empty_tables_are_named():
    assert [line.split(":")[0] for line in said(from_rows({}))] == [
        "accelerators",
        "models",
        "methods",
        "precisions",
    ]


def test_that_a_price_of_tomorrow_is_found():
    found = said(changed("offers", 0, price_date="2026-11-26"))

    assert len(found) == 1
    assert f"offers [{P5}]: its price date 2026-11-26 lies in the future" in found[0]


def test_that_a_marked_price_may_be_far_from_the_median():
    assert said(changed("offers", 0, usd_per_hour=4.4, marked="promotional")) == []


def test_that_a_flagged_shape_may_miss_its_count():
    assert said(changed("models", 0, layers=11, formula_disagrees=True)) == []


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"bf16_tflops": 1979.0}, "bf16 peak 1979 and fp16 peak 989.4 differ"),
        ({"bf16_tflops": 1979.0, "fp16_tflops": 1979.0}, "16-bit peak is 4 times its tf32 peak"),
        ({"measured_max_bf16_tflops": 1200.0}, "above its peak"),
        ({"measured_max_bf16_tflops": 400.0}, "only 40% of its 16-bit peak"),
    ],
)
def test_that_sparse_or_impossible_peaks_are_found(cells, expected):
    assert any(expected in line for line in said(changed("accelerators", 0, **cells)))
