"""`trilemma catalog scores` and `trilemma pilot` in the test's own process."""

import json

import pytest

from solver.cli.main import main
from solver.examples import example


def test_that_scores_of_a_task_are_listed_with_method_and_source(capsys):
    assert main(["catalog", "scores", "rte", "lora"]) == 0

    told = capsys.readouterr().out
    assert "lora-r8" in told
    assert "LoRA paper" in told


def test_that_scores_for_a_program_are_the_rows_of_the_catalogue(capsys):
    assert main(["catalog", "scores", "RTE", "--json", "-"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["task"]["id"] == "RTE"
    assert {row["task"] for row in told["scores"]} == {"RTE"}
    assert all(row["source"] for row in told["scores"])


@pytest.mark.parametrize("task", ["SST-22", ""])
def test_that_an_unknown_task_is_refused(task, capsys):
    assert main(["catalog", "scores", task]) == 2
    assert "no task is known" in capsys.readouterr().err


@pytest.fixture
def new_task():
    """A question about a task that nobody has measured."""
    return str(example("5-new-task.toml"))


def test_that_a_new_task_gets_sizes_prices_and_intervals(new_task, capsys):
    assert main(["pilot", new_task]) == 0

    told = capsys.readouterr().out
    assert "pilots are needed" in told
    assert "5,000" in told
    assert "$" in told
    assert "± " in told


def test_that_a_program_reads_the_same_pilots_as_a_person(new_task, capsys):
    main(["pilot", new_task])
    text = capsys.readouterr().out
    main(["pilot", new_task, "--json", "-"])
    (plan,) = json.loads(capsys.readouterr().out)["pilots"]

    assert plan["need"] == "unknown"
    assert plan["key"] in text
    assert all(f"{run['examples']:,}" in text for run in plan["runs"])


def test_that_a_question_that_cannot_be_used_is_refused(tmp_path, capsys):
    path = tmp_path / "q.toml"
    path.write_text('[[jobs]]\nname = "x"\ntask = "SST-22"\ntokens = 1e9\n', encoding="utf-8")

    assert main(["pilot", str(path)]) == 2
    assert "SST-2" in capsys.readouterr().err
