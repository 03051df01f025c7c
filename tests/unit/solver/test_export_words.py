import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.export import words


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0.0, "0 s"),
        (35 / 3600, "35 s"),
        (59.7 / 3600, "1 min"),
        (3.4 / 60, "3.4 min"),
        (0.37, "22 min"),
        (59.6 / 60, "1 h"),
        (1.0, "1 h"),
        (3.31, "3.3 h"),
        (24.0, "24 h"),
        (96.0, "4 days"),
        (100.0, "4.2 days"),
        (-2.0, "−2 h"),
    ],
)
def test_that_a_time_is_written_in_the_unit_that_suits_it(hours, text):
    written = words.hours_text(hours)

    assert written.replace(".0 ", " ") == text


@given(st.floats(min_value=1 / 3600, max_value=24 * 365))
def test_that_a_written_time_is_within_six_percent_of_the_value(hours):
    number, unit = words.hours_text(hours).split(" ")

    read = float(number) * {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "days": 24.0}[unit]

    assert read == pytest.approx(hours, rel=0.06) or abs(read - hours) <= 0.51 / 3600


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0.0, "$0"),
        (0.001, "< $0.01"),
        (4.634, "$4.63"),
        (20.0, "$20"),
        (18.4, "$18.40"),
        (99.999, "$100"),
        (354.6, "$355"),
        (12_400.0, "$12,400"),
        (1_240_000.0, "$1.24 million"),
        (-3.5, "−$3.50"),
    ],
)
def test_that_dollars_show_cents_only_where_they_matter(usd, text):
    assert words.usd_text(usd) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (850, "850"), (40_000, "40 k"), (109_482_240, "109 M"), (8_030_261_248, "8.03 B")],
)
def test_that_large_counts_keep_three_digits(count, text):
    assert words.short_count_text(count) == text


def test_that_a_simulated_chance_is_never_written_as_certain():
    assert words.chance_text(1.0) == "> 99 %"
    assert words.chance_text(0.0) == "< 1 %"
    assert words.chance_text(0.913) == "91 %"


def test_that_an_accuracy_nobody_predicted_is_called_unknown():
    assert words.accuracy_text(None) == "unknown"
    assert words.accuracy_text(0.873) == "87.3 %"


def test_that_the_ends_of_an_interval_share_a_unit_where_they_can():
    assert words.interval_text(2.9, 3.84, words.hours_text) == "2.9–3.8 h"
    assert words.interval_text(0.75, 1.21, words.hours_text) == "45 min–1.2 h"
    assert words.interval_text(28.0, 33.0, words.usd_text) == "$28–$33"
    assert words.interval_text(0.9, 0.9, words.accuracy_text) == "90.0 %"


def test_that_memory_is_written_in_the_unit_accelerators_are_sold_in():
    assert words.bytes_text(80 * 2**30) == "80.0 GiB"
    assert words.bytes_text(12 * 2**20) == "12 MiB"


def test_that_a_time_without_a_zone_says_so():
    assert words.moment_text("2026-11-25T11:04:56+00:00") == "2026-11-25 11:04 UTC"
    assert words.moment_text("2026-11-25T11:04:56") == "2026-11-25 11:04 local time"


def test_that_every_limit_has_words_for_its_name_and_value():
    for name in words.LIMIT_WORDS:
        assert words.limit_text(name, 1.0)


@pytest.mark.parametrize(
    ("note", "told"),
    [("", ""), ("a note", "A note."), ("Is it?", "Is it?"), (" 3 pilots ", "3 pilots.")],
)
def test_that_a_note_becomes_a_sentence(note, told):
    assert words.sentence(note) == told
