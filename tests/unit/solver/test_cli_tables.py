"""Tables on a terminal: nothing is cut, and what has to be copied stays whole."""

from hypothesis import given
from hypothesis import strategies as st

from solver.cli.tables import laid_table, wrapped
from solver.export.tables import cell_width

KEY = "RoBERTa-base:lora-r16:fp16-mixed:aws/g4dn.xlarge/us-east-1/on-demand:1x:1e"

words = st.text(st.sampled_from("ab é漢字%>:- "), max_size=30)


@given(text=words, width=st.integers(2, 12))
def test_that_wrapping_keeps_every_letter_within_the_width(text, width):
    lines = wrapped(text, width)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_width(line) <= width for line in lines)


def test_that_a_number_stays_with_its_sign_and_its_per_cent():
    assert wrapped("chance > 99 %", 10) == ["chance", "> 99 %"]


def test_that_a_long_cell_goes_on_below_itself():
    told = laid_table(("plan", "cost"), [("the fastest of all the others", "$1")], "lr", width=24)

    assert told.splitlines()[2:] == ["the fastest of all    $1", "the others"]


def test_that_the_key_of_a_candidate_is_never_broken():
    told = laid_table(("plan", "time", "cost"), [(f"cheapest\n{KEY}", "1 h", "$1")], width=30)

    assert f"  {KEY}" in told.splitlines()


def test_that_small_print_of_another_column_stays_in_it():
    told = laid_table(("", ""), [("Layout", "one GPU\ntwo GPUs")])

    assert told.splitlines() == ["Layout  one GPU", "          two GPUs"]


def test_that_rows_too_long_for_a_line_stand_below_their_name():
    rows = [("aws/p5.48xlarge/us-east-1", "H100-SXM-80GB", "2026-07-20")]

    told = laid_table(("offer", "accelerator", "read"), rows, width=40)

    assert told.splitlines() == [
        "offer",
        "  accelerator    read",
        "  ─────────────  ──────────",
        "aws/p5.48xlarge/us-east-1",
        "  H100-SXM-80GB  2026-07-20",
    ]


def test_that_a_program_reads_every_row_on_one_line():
    long = "a " * 200

    told = laid_table(("", "what"), [("x", long)], plain=True)

    assert told.splitlines()[2] == f"x  {long}".rstrip()
    assert told.isascii()


def test_that_an_empty_table_shows_its_head():
    assert laid_table(("offer", "price"), [], width=80).splitlines()[0] == "offer  price"
