"""Scores that people measured themselves: read, kept, and counted in later plans."""

import json
from datetime import date

import pytest

from solver.answer_file import to_json
from solver.check import broken, read_answer
from solver.cli.main import main
from solver.constants import shipped_constants
from solver.scored.own import OwnScores, OwnScoresError
from solver.scored.own_reading import Trained, read_scores
from tests.support.questions import answered, question, the_catalog

TODAY = date(2026, 11, 25)

TABLE = """task,model,method,examples,epochs,score,evaluated_on
clauses,roberta-base,full,500,3,81.2,2000
clauses,RoBERTa-base,full_ft,2000,3,87.4,2000
Clauses,RoBERTa-base,,8000,3,91.1,2000
"""

STATE = {
    "epoch": 3.0,
    "log_history": [
        {"epoch": 1.0, "loss": 0.4, "step": 100},
        {"epoch": 1.0, "eval_accuracy": 0.88, "eval_loss": 0.3, "step": 100},
        {"epoch": 3.0, "eval_accuracy": 0.912, "eval_loss": 0.2, "step": 300},
    ],
}

TRAINED = Trained("SST-2", "BERT-base", "full", 3, 5000)

TASK = {"task": "clauses", "pilots": ()}


def read(tmp_path, text, name="scores.csv", kept=None, trained=None):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_scores([path], kept or OwnScores(), the_catalog(), TODAY, trained)


def test_that_a_table_is_read_under_the_names_of_the_catalogue(tmp_path):
    made = read(tmp_path, TABLE).read

    assert {score.model for score in made} == {"RoBERTa-base"}
    assert {score.method for score in made} == {"full"}
    assert {score.task for score in made} == {"clauses"}
    assert [score.examples for score in made] == [500, 2000, 8000]


def test_that_percent_and_ratio_are_told_apart_by_the_whole_table(tmp_path):
    header = "task,model,examples,score\n"
    percent = read(tmp_path, header + "a,BERT-base,10,0.9\na,BERT-base,20,54\n").read
    ratio = read(tmp_path, header + "a,BERT-base,10,0.9\na,BERT-base,20,0.54\n").read

    assert [score.score for score in percent] == pytest.approx([0.009, 0.54])
    assert [score.score for score in ratio] == pytest.approx([0.9, 0.54])


def test_that_the_last_evaluation_of_a_trainer_counts(tmp_path):
    (score,) = read(tmp_path, json.dumps(STATE), "trainer_state.json", trained=TRAINED).read

    assert (score.score, score.epochs, score.examples) == (0.912, 3, 5000)


def test_that_results_of_a_trainer_state_their_own_samples(tmp_path):
    told = {"epoch": 2.0, "eval_accuracy": 0.9, "eval_samples": 872, "train_samples": 1234}

    (score,) = read(tmp_path, json.dumps(told), "all_results.json", trained=TRAINED).read

    assert (score.examples, score.evaluated_on, score.epochs) == (1234, 872, 2)


def test_that_the_last_evaluation_of_an_export_counts(tmp_path):
    text = '"Step","run-7 - eval/accuracy","run-7 - eval/loss"\n100,0.86,0.4\n200,0.91,0.3\n300,,\n'

    (score,) = read(tmp_path, text, "wandb.csv", trained=TRAINED).read

    assert (score.score, score.task, score.examples) == (0.91, "SST-2", 5000)


def test_that_a_metric_of_another_task_is_not_taken(tmp_path):
    told = {"eval_matthews_correlation": 0.6}

    with pytest.raises(OwnScoresError, match="eval_accuracy"):
        read(tmp_path, json.dumps(told), "eval_results.json", trained=TRAINED)


def test_that_every_wrong_cell_of_a_table_is_told_with_its_line(tmp_path):
    text = "task,model,method,examples,score\na,BERT-bas,full,10,0.5\n,BERT-base,magic,0,x\n"

    with pytest.raises(OwnScoresError) as refused:
        read(tmp_path, text)

    told = str(refused.value)
    for part in ("line 2", "'BERT-bas'", "line 3", "'magic'", "'x'", "no task", "above zero"):
        assert part in told


@pytest.mark.parametrize("text", ["", "a,b\n", "{", "[1]", "\x00"])
def test_that_a_file_of_something_else_is_refused(text, tmp_path):
    with pytest.raises(OwnScoresError):
        read(tmp_path, text, trained=TRAINED)


def test_that_a_log_without_a_plan_is_refused(tmp_path):
    with pytest.raises(OwnScoresError, match="--plan"):
        read(tmp_path, json.dumps(STATE), "trainer_state.json")


def test_that_a_file_read_again_replaces_what_it_said(tmp_path):
    first = read(tmp_path, TABLE).own

    again = read(tmp_path, TABLE.replace("91.1", "90.0"), kept=first).own

    assert len(again.scores) == 3
    assert max(score.score for score in again.scores) == pytest.approx(0.9)


def test_that_kept_scores_count_as_the_same_pilots_would(tmp_path):
    own = read(tmp_path, TABLE).own.scores
    pilots = [
        {"examples": s.examples, "score": s.score, "model": s.model, "evaluated_on": 2000}
        for s in own
    ]

    kept = answered(question(jobs=(TASK,)), constants=shipped_constants(own=own))
    stated = answered(question(jobs=({**TASK, "pilots": pilots},)))

    assert kept.outcome == "solved"
    assert kept.jobs == stated.jobs


def test_that_scores_of_another_task_change_nothing_and_are_not_told(tmp_path):
    own = read(tmp_path, TABLE.replace("lauses", "ontracts")).own.scores

    made = answered(question(jobs=(TASK,)), constants=shipped_constants(own=own))

    assert made.outcome == "unknown"
    assert made.facts.constants["quality"]["own"] == []


def test_that_an_answer_with_kept_scores_is_checked_from_itself_alone(tmp_path):
    own = read(tmp_path, TABLE).own.scores
    made = answered(question(jobs=(TASK,)), constants=shipped_constants(own=own))

    assert broken(read_answer(to_json(made))) == ()


def test_that_the_command_keeps_shows_uses_and_forgets(tmp_path, capsys):
    table, profile = tmp_path / "scores.csv", str(tmp_path / "profile")
    table.write_text(TABLE, encoding="utf-8")
    asked = tmp_path / "question.json"
    fields = question(jobs=(TASK,)).model_dump(mode="json", exclude_defaults=True)
    asked.write_text(json.dumps(fields), encoding="utf-8")
    plan = ["plan", str(asked), "--quiet", "--profile-dir", profile]

    assert main(plan) == 5
    assert main(["calibrate", "--scores", str(table), "--profile-dir", profile]) == 0
    assert "91.1 %" in capsys.readouterr().out
    assert main(plan) == 0
    assert main([*plan, "--no-calibration"]) == 5
    assert main(["calibrate", "--forget", "--profile-dir", profile]) == 0
    assert main(plan) == 5
