"""Tables of the catalogue in the window: found, ordered, linked, used."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from gui.browsing import Rows, links, uses
from gui.changes import changed
from gui.theme import LIGHT
from gui.views.row_model import RowModel
from solver.question import Job, Limits, Question


@pytest.fixture
def question():
    job = Job(family="classification", examples=100, tokens_per_example=10)
    return Question(jobs=(job,), limits=Limits(providers=("gcp",)))


@pytest.fixture
def offers():
    attributes = (
        "sku",
        "provider",
        "region",
        "pricing",
        "accelerator",
        "usd_per_hour",
        "usd_per_accelerator_hour",
        "marked",
    )
    rows = (
        ("big", "aws", "us", "on-demand", "H100", 30.0, None, ""),
        ("small", "aws", "eu", "spot", "T4", 0.5, 0.5, "far from the others"),
        ("other", "gcp", "us", "on-demand", "T4", 4.0, 4.0, ""),
    )
    return Rows(
        "offers",
        attributes,
        attributes,
        ("a", "b", "c"),
        rows,
        ("x2020", "list", "list"),
        {"x2020": ("A paper", "arXiv:2001.08361")},
    )


def test_that_every_word_of_a_search_must_occur_somewhere_in_the_row(offers):
    assert offers.ordered("AWS t4", -1, descends=False) == [1]
    assert offers.ordered("aws", -1, descends=False) == [0, 1]


@pytest.mark.parametrize("descends", [True, False])
def test_that_what_is_unknown_comes_last_in_both_orders(offers, descends):
    order = offers.ordered("", 6, descends=descends)

    assert order[-1] == 0
    assert order[:2] == ([2, 1] if descends else [1, 2])


def test_that_numbers_are_ordered_by_size(offers):
    assert offers.ordered("", 5, descends=False) == [1, 2, 0]


def test_that_sources_lead_to_where_they_can_be_read(offers):
    assert links(offers.source_words(0)) == ("https://arxiv.org/abs/2001.08361",)
    assert links("read in words") == ()


def test_that_an_offer_is_used_with_all_that_it_needs(offers, question):
    use = uses(offers, 1, question, 0)[0]

    limits = changed(question, use.change).limits

    assert (limits.providers, limits.regions, limits.accelerators) == (("aws",), ("eu",), ("T4",))
    assert limits.spot
    assert limits.include_marked_prices


def test_that_the_model_of_rows_keeps_the_rules_of_qt(offers, qtbot):
    model = RowModel(LIGHT)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)

    model.show_rows(offers)
    model.sort(5, Qt.SortOrder.DescendingOrder)
    shown = [model.index(line, 0).data() for line in range(model.rowCount())]
    model.search("t4")
    found = model.rowCount()
    model.show_rows(None)

    assert tester.model() is model
    assert shown == ["big", "other", "small"]
    assert found == 2
    assert qtbot is not None


def test_that_the_price_of_a_doubtful_offer_is_coloured(offers, qtbot):
    del qtbot
    model = RowModel(LIGHT)
    model.show_rows(offers)

    coloured = [model.index(line, 5).data(Qt.ItemDataRole.ForegroundRole) for line in range(3)]

    assert [brush is not None for brush in coloured] == [False, True, False]
