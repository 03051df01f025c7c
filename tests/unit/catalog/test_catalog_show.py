import pytest

from catalog.load import load_catalog
from catalog.rows import ROW_TYPES
from catalog.show import COLUMNS, facts_of, rows_for, text_of

CATALOG = load_catalog()


def test_that_every_table_can_be_listed():
    assert set(COLUMNS) == set(ROW_TYPES)
    for table in ROW_TYPES:
        listing = rows_for(CATALOG, table)
        assert len(listing.rows) == len(CATALOG.table(table))
        assert {len(row) for row in listing.rows} == {len(listing.headers)}


def test_that_every_word_asked_for_occurs_in_the_rows_listed():
    rows = rows_for(CATALOG, "offers", ["AZURE", "spot"]).rows

    assert rows
    assert all(row[0].startswith("azure/") and row[0].endswith("/spot") for row in rows)


def test_that_an_unknown_table_is_refused():
    with pytest.raises(KeyError):
        rows_for(CATALOG, "prices")


def test_that_a_name_shows_what_is_stated_and_what_follows():
    (sheet,) = facts_of(CATALOG, "nvidia a100-sxm4-80gb")

    pairs = dict(sheet.pairs)
    assert (sheet.table, sheet.key) == ("accelerators", "A100-80-SXM")
    assert pairs["bf16 [TFLOP/s]"] == "312"
    assert "NVIDIA A100-SXM4-80GB" in pairs["also written"]
    assert "USD/h" in pairs["cheapest for one accelerator"]


def test_that_an_offer_shows_its_grid_and_how_it_is_billed():
    (sheet,) = facts_of(CATALOG, "aws/g6.2xlarge/us-east-1/on-demand")

    pairs = dict(sheet.pairs)
    assert pairs["price [USD/h]"] == "0.9776"
    assert pairs["grid"] == "245 gCO2e/kWh, Virginia"
    assert pairs["billed by"] == "Amazon Web Services"


def test_that_an_unknown_name_has_no_sheet():
    assert facts_of(CATALOG, "no such thing") == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (2024, "2024"),
        (6738415616, "6,738,415,616"),
        (80.0, "80"),
        (0.54421, "0.54421"),
        ((16, 64), "16, 64"),
    ],
)
def test_that_values_read_as_people_write_them(value, text):
    assert text_of(value) == text
