"""Errands of the window: each brings what it names, and faults come back as words."""

import json
from pathlib import Path

import pytest

from catalog.load import load_catalog
from solver.answer_file import parse_answer
from solver.constants import shipped_constants
from solver.examples import example
from solver.question_file import read_question
from solver.serve.clerk import BROWSED, Clerk, reply
from solver.serve.estimates import Estimates
from tests.support.questions import asked

SOLVED = Path("tests/data/answers/solved.json")


@pytest.fixture(scope="module")
def facts():
    return load_catalog()


@pytest.fixture
def clerk(facts, tmp_path):
    constants = shipped_constants()
    return Clerk(facts, constants, Estimates(facts, constants), tmp_path / "calibration.json")


@pytest.fixture(scope="module")
def solved():
    return parse_answer(SOLVED.read_text()).model_dump(mode="json")


def sent(clerk, what, **fields):
    return reply(clerk, {"errand": 7, "what": what, **fields})


def test_that_launching_shows_files_or_reasons_for_every_target(clerk, solved):
    made = sent(clerk, "launch", answer=solved).fields["previews"]

    assert len(made) >= 8
    assert all(bool(target["files"]) != bool(target["problems"]) for target in made)


@pytest.mark.parametrize(
    ("form", "start"),
    [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("html", b"<!"), ("md", b"#")],
)
def test_that_a_paper_comes_in_the_format_that_was_asked_for(clerk, solved, form, start):
    made = sent(clerk, "paper", answer=solved, format=form)

    assert made.arrays["0"].tobytes().lower().startswith(start.lower())
    assert made.fields["names"] == [""]


def test_that_tables_come_as_files_with_names(clerk, solved):
    made = sent(clerk, "paper", answer=solved, format="csv")

    assert {"jobs.csv", "limits.csv"} <= set(made.fields["names"])
    assert len(made.arrays) == len(made.fields["names"])


@pytest.mark.parametrize("table", BROWSED)
def test_that_every_row_of_a_browsed_table_has_a_cell_for_every_column(clerk, facts, table):
    made = sent(clerk, "rows", table=table).fields

    assert made["keys"] == list(facts.table(table))
    assert {len(row) for row in made["rows"]} == {len(made["columns"])}
    json.dumps(made)


def test_that_the_facts_of_a_row_are_those_of_its_table(clerk):
    made = sent(clerk, "facts", table="accelerators", key="A100-80-SXM").fields

    assert made["pairs"]
    assert dict(made["pairs"])["vendor"] == "nvidia"


def test_that_pilots_are_planned_where_nothing_is_known_and_a_curve_says_why(clerk):
    question = read_question(example("5-new-task.toml"))
    asked = question.model_dump(mode="json")

    plan = sent(clerk, "pilots", question=asked).fields["plans"][0]
    curve = sent(
        clerk, "curve", question=asked, job=0, model=plan["model"], method=plan["method"]
    ).fields["curve"]

    assert plan["need"] == "unknown"
    assert plan["runs"]
    assert curve["examples"] == []
    assert curve["unknown_because"]


def test_that_what_to_measure_of_a_plan_is_told_in_words(clerk):
    answer = asked("cheapest")

    made = sent(clerk, "measure", answer=answer.model_dump(mode="json")).fields

    assert made["lines"][0].startswith("Measure 50 steps")
    assert made["fewer_gpus"] is None


def test_that_own_runs_are_shown_before_they_are_kept(clerk, tmp_path):
    log = tmp_path / "nothing.csv"
    log.write_text("id,accelerator\n")

    shown = sent(clerk, "runs").fields
    refused = sent(clerk, "runs", logs=[str(log)], keeps=True).fields

    assert shown["runs"] == []
    assert refused["problems"]
    assert not clerk.own_runs.exists()


def test_that_a_fault_is_told_and_not_raised(clerk, caplog):
    made = sent(clerk, "coffee").fields
    caplog.clear()

    assert made["errand"] == 7
    assert "coffee" in made["fault"]
