import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.export.tables import cell_width, printable, shortened, text_table


def test_that_numbers_line_up_on_the_right_and_words_on_the_left():
    table = text_table(["plan", "cost"], [["a", "$4"], ["longer", "$1,200"]], "lr", plain=True)

    assert table.splitlines() == [
        "plan      cost",
        "------  ------",
        "a           $4",
        "longer  $1,200",
    ]


def test_that_wide_letters_and_accents_keep_the_columns_straight():
    table = text_table(["name", "n"], [["日本語", "1"], ["é", "2"], ["abc", "3"]], "lr")

    ends = {cell_width(line) for line in table.splitlines()}
    assert len(ends) == 1


def test_that_a_name_cannot_steer_the_terminal():
    assert printable("a\x1b[31mred\x07\u202ereversed\nline") == "a[31mredreversed line"


def test_that_a_narrow_terminal_shortens_text_but_never_numbers():
    table = text_table(["key", "usd"], [["x" * 90, "$1,234,567"]], "lr", width=40)

    assert all(cell_width(line) <= 40 for line in table.splitlines())
    assert table.endswith("…  $1,234,567")


def test_that_a_row_with_too_many_cells_is_refused():
    with pytest.raises(ValueError, match="3 cells does not fit under 2"):
        text_table(["a", "b"], [["1", "2", "3"]])


@given(st.text(max_size=40), st.integers(min_value=0, max_value=20))
def test_that_a_shortened_text_never_exceeds_its_width(text, width):
    assert cell_width(shortened(text, width)) <= width
