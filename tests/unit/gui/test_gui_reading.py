"""What people type becomes internal units, and comes back as it was."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.reading import (
    UnreadableError,
    count_of,
    hours_of,
    moment_of,
    names_of,
    ratio_of,
    usd_of,
    whole_of,
    wholes_of,
)
from gui.views.form_fields import exact_count, exact_hours, exact_ratio, exact_usd


@pytest.mark.parametrize(
    ("text", "hours"),
    [("6", 6), ("90 min", 1.5), ("2d", 48), ("1.5 h", 1.5), ("36 s", 0.01), ("", None)],
)
def test_that_times_are_read_in_their_unit(text, hours):
    assert hours_of(text) == (None if hours is None else pytest.approx(hours))


@pytest.mark.parametrize(("text", "usd"), [("$1,234.50", 1234.5), ("1.5k", 1500), ("2 M", 2e6)])
def test_that_sums_are_read_with_signs_and_thousands(text, usd):
    assert usd_of(text) == usd


@pytest.mark.parametrize(("text", "ratio"), [("90", 0.9), ("90 %", 0.9), ("0.9", 0.9), ("1", 1)])
def test_that_shares_are_read_as_percent_or_ratio(text, ratio):
    assert ratio_of(text) == ratio


@pytest.mark.parametrize(
    ("read", "text"),
    [(hours_of, "soon"), (usd_of, "-5"), (ratio_of, "120"), (whole_of, "1.5"), (hours_of, "6 kg")],
)
def test_that_what_is_no_value_is_refused_with_a_hint(read, text):
    with pytest.raises(UnreadableError, match="Type"):
        read(text)


def test_that_lists_are_read_between_commas():
    assert names_of(" aws, lambda ,,") == ("aws", "lambda")
    assert wholes_of("1, 2,3") == (1, 2, 3)


@given(st.floats(min_value=0.01, max_value=40_000))
def test_that_a_shown_time_reads_back_as_it_was(hours):
    assert hours_of(exact_hours(hours)) == pytest.approx(hours, rel=1e-5)


@given(st.integers(min_value=0, max_value=10**9))
def test_that_a_shown_sum_reads_back_as_it_was(cents):
    assert usd_of(exact_usd(cents / 100)) == cents / 100


@given(st.integers(min_value=0, max_value=1000))
def test_that_a_shown_share_reads_back_as_it_was(thousandths):
    assert ratio_of(exact_ratio(thousandths / 1000)) == thousandths / 1000


@given(st.integers(min_value=1, max_value=10**12))
def test_that_a_shown_count_reads_back_as_it_was(count):
    assert count_of(exact_count(count)) == count


def test_that_a_date_is_read_in_the_zone_that_is_typed_or_that_of_the_machine():
    typed = moment_of("2026-12-24 18:00+01:00")
    local = moment_of("2026-12-24")

    assert typed == datetime(2026, 12, 24, 17, 0, tzinfo=UTC)
    assert local.tzinfo is not None
    assert moment_of(" ") is None


def test_that_what_is_no_date_is_told_with_an_example():
    with pytest.raises(UnreadableError, match="2026-12-24"):
        moment_of("Christmas")
