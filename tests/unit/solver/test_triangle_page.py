"""The page on the impossible triangle is made from facts and estimates, the same each time."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from benchmarks import headline_runs
from benchmarks.headline_predictions import (
    as_planned,
    as_run,
    as_run_tokens_per_s,
    facts,
    headlines,
)
from benchmarks.headline_runs import PAGE, files, main
from benchmarks.triangle_moves import SCRIPT, SMALL_GPUS, Desk, attention_table
from catalog.load import load_catalog
from solver.constants import shipped_constants
from solver.question import Question

DESK = Desk(load_catalog(), shipped_constants(), date(2026, 11, 25))


@pytest.fixture(scope="module")
def made():
    """Every file of the page."""
    return files()


def run_named(name):
    return next(run for run in headlines() if run.name == name)


def test_that_every_famous_run_names_its_source_and_the_day_it_was_read():
    rows = [run.first for run in headlines()]

    assert all(row["source_name"] and date.fromisoformat(row["read_on"]) for row in rows)
    assert {row["standing"] for row in rows} == {
        "published",
        "not published",
        "derived",
        "third parties",
    }


def test_that_a_run_is_predicted_as_it_was_and_as_it_would_be_planned():
    run, catalog = run_named("BLOOM 176B"), facts()

    was = as_run(run, catalog)
    plan = as_planned(run, catalog, shipped_constants(), date(2026, 11, 25))

    assert was.low80 < was.median < was.high80
    assert plan.gpus == run.accelerators == 384
    assert plan.usd.median > 0.0


def test_that_a_long_run_on_many_machines_meets_failures():
    run = run_named("Llama-3.1-405B")
    undisturbed = float(run.first["tokens_trained"]) / as_run_tokens_per_s(run, facts()) / 3600

    assert as_run(run, facts()).median > 1.08 * undisturbed


def test_that_phases_of_a_recipe_add_up():
    run = run_named("BERT-base")
    longest = type(run)(run.rows[:1], run.runs[:1])

    assert as_run(longest, facts()).median < as_run(run, facts()).median


def test_that_rumours_stay_out_of_the_catalogue():
    assert not any("GPT-4" in name for name in load_catalog().models)


def test_that_attention_takes_a_larger_share_the_longer_the_sequence():
    shares = [share for _, _, share in attention_table(DESK)]

    assert shares == sorted(shares)
    assert shares[-1] > 0.5 > shares[0]


def test_that_a_state_that_fits_nowhere_is_no_state():
    with pytest.raises(ValueError, match="nothing fits on 3 GPUs"):
        DESK.state("three", SCRIPT, SMALL_GPUS, 3)


def test_that_the_page_shows_every_picture_and_every_picture_can_be_read(made):
    shown = set(re.findall(r"\]\((images/[\w.-]+)\)", made[PAGE]))

    assert shown == {name for name in made if name.endswith(".svg")}
    for name in shown:
        root = ET.fromstring(made[name])
        assert root.find("{http://www.w3.org/2000/svg}title").text


def test_that_the_case_on_the_page_is_a_question(made):
    text = re.search(r"```toml\n(.*?)```", made[PAGE], re.DOTALL)[1]

    asked = Question.model_validate(tomllib.loads(text))

    assert asked.jobs == (Question.model_validate({"jobs": [SCRIPT]}).jobs[0],)


def test_that_the_page_comes_out_the_same_each_time(made):
    assert files() == made


def test_that_a_stale_page_is_told(made, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(headline_runs, "files", lambda: made)
    assert main(["--out", str(tmp_path)]) == 0
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.*")} == set(made)
    assert main(["--out", str(tmp_path), "--check"]) == 0

    (tmp_path / PAGE).write_text("older", encoding="utf-8")

    assert main(["--out", str(tmp_path), "--check"]) == 1
    assert PAGE in capsys.readouterr().out
