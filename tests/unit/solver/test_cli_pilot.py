"""`trilemma catalog scores` and `trilemma pilot` in the test's own process."""

import json

import pytest

from solver.cli.main import main


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
