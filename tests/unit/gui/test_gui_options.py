"""Which words open the window, and what they tell it."""

from pathlib import Path

import pytest

from gui.options import Options, asks_for_window, options_of


@pytest.mark.parametrize(
    "words",
    [
        "",
        "plan.trilemma",
        "--profile-dir p",
        "--profile-dir=p plan.trilemma",
        "plan.trilemma --self-check out",
        "--profile-dir",
        "--profile-dir p plan question.toml",
    ],
)
def test_that_a_project_or_an_option_of_the_window_opens_it(words):
    assert asks_for_window(words.split())


@pytest.mark.parametrize("words", ["plan question.toml", "demo", "--help", "question.toml"])
def test_that_a_command_does_not_open_the_window(words):
    assert not asks_for_window(words.split())


def test_that_options_come_in_any_order_and_both_spellings():
    told = options_of(["--self-check=out", "a b.trilemma", "--profile-dir", "計画"])

    assert told == Options(Path("a b.trilemma"), Path("計画"), Path("out"))


@pytest.mark.parametrize("words", ["--profile-dir", "--fast", "one.trilemma two.trilemma"])
def test_that_an_unknown_word_is_refused(words):
    with pytest.raises(ValueError, match=r"needs a folder|is not known"):
        options_of(words.split())
