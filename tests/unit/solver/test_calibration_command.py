"""`trilemma calibrate` keeps a user's runs, and plans are corrected by them."""

from __future__ import annotations

import csv
import json
import re

import numpy as np
import pytest

from solver.calibration.logs import Observed
from solver.calibration.plan import PlanError, run_plan
from solver.calibration.profile import ProfileError, profile_path, read_profile
from solver.calibration.runs import compared
from solver.cli.main import main
from solver.estimate.configurations import USUAL
from tests.support.questions import asked, asked_text

ROW = {
    "kind": "lora",
    "model": "llama2-7b",
    "gpu": "A100-SXM-80GB",
    "n_gpus": "1",
    "precision": "bf16_pure",
    "seq_len": "2048",
    "micro_batch": "4",
    "activation_checkpointing": "full",
    "lora_rank": "8",
    "tokens_per_s_per_gpu": "3000",
    "peak_mem_gb": "22",
}


@pytest.fixture
def desk(tmp_path):
    """Runs the command with a profile of its own and gives its exit code."""

    def calibrate(*words):
        return main(["calibrate", *map(str, words), "--profile-dir", str(tmp_path / "profile")])

    calibrate.folder = tmp_path
    calibrate.profile = profile_path(tmp_path / "profile")
    return calibrate


@pytest.fixture
def runs(tmp_path):
    def write(*changes, name="runs.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["id", *ROW])
            writer.writeheader()
            writer.writerows(
                {"id": f"own-{i}", **ROW, **change} for i, change in enumerate(changes)
            )
        return path

    return write


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(asked_text("cheapest"), encoding="utf-8")
    return path


def tensorboard(path, seconds_per_step):
    rows = [f"{1.7e9 + i * seconds_per_step},{i},0.5" for i in range(60)]
    path.write_text("\n".join(["Wall time,Step,Value", *rows]), encoding="utf-8")
    return path


def predicted_seconds(answer):
    job = answer.jobs[0]
    return job.layout.batch_sequences * job.layout.sequence / job.tokens_per_s.median


def test_that_runs_are_kept_shown_and_forgotten(desk, runs, capsys):
    assert desk(runs({}, {"micro_batch": "8"})) == 0
    told = capsys.readouterr().out
    assert "2 of them new" in told
    assert "Before and after" in told

    assert desk("--show") == 0
    assert "runs.csv own-1" in capsys.readouterr().out

    assert desk("--forget") == 0
    assert not desk.profile.exists()
    assert desk("--show") == 0
    assert "No runs are kept" in capsys.readouterr().out


def test_that_a_dry_run_shows_what_would_change_and_keeps_nothing(desk, runs, capsys):
    desk(runs({}))
    before = desk.profile.read_bytes()
    capsys.readouterr()

    assert desk(runs({}, {"micro_batch": "8"}, name="more.csv"), "--dry-run") == 0

    told = capsys.readouterr().out
    assert "nothing is kept" in told
    assert "more.csv own-1" in told
    assert desk.profile.read_bytes() == before


def test_that_a_dry_run_keeps_no_scores_either(desk, capsys):
    table = desk.folder / "scores.csv"
    header, row = "task,model,method,examples,epochs,score", "SST-2,BERT-base,full,500,3,0.88"
    table.write_text(f"{header}\n{row}\n", encoding="utf-8")

    assert desk("--scores", table, "--dry-run") == 0

    assert "nothing is kept" in capsys.readouterr().out
    assert not desk.profile.parent.exists()


def test_that_reading_a_log_again_replaces_what_it_said(desk, runs):
    desk(runs({}))
    desk(runs({"tokens_per_s_per_gpu": "2500"}))

    kept = read_profile(desk.profile)

    assert [run.tokens_per_s for run in kept.runs] == [2500.0]


def test_that_kept_runs_are_judged_as_they_were_when_read(desk, runs):
    desk(runs({"gpu": "RTX A4500", "peak_mem_gb": "", "tokens_per_s_per_gpu": "900"}, {}))

    kept = read_profile(desk.profile)

    assert kept.with_runs(kept.runs) == kept
    assert np.isnan(compared(kept.runs).configurations.measured_flop_per_s).any()
    assert np.isfinite(compared(kept.runs).log_speed).all()


def test_that_runs_kept_by_an_earlier_release_stand_beside_new_ones(desk, runs):
    desk(runs({}, {"micro_batch": "8"}))
    kept = json.loads(desk.profile.read_text(encoding="utf-8"))
    for name in USUAL:
        del kept["runs"][0]["configuration"][name]
    desk.profile.write_text(json.dumps(kept), encoding="utf-8")

    read = read_profile(desk.profile)

    assert np.isfinite(compared(read.runs).log_speed).all()
    del kept["runs"][0]["configuration"]["layers"]
    desk.profile.write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(ProfileError, match="another release"):
        read_profile(desk.profile)


def test_that_rows_that_cannot_be_used_are_told_and_left_out(desk, runs, capsys):
    wrong = {"tokens_per_s_per_gpu": "3000000"}, {"kind": "magic"}, {"n_gpus": "-3"}

    assert desk(runs({}, *wrong)) == 0

    told = capsys.readouterr().err
    assert len(read_profile(desk.profile).runs) == 1
    assert all(f"own-{i}" in told for i in (1, 2, 3))


def test_that_every_fault_of_every_log_is_told_and_nothing_is_kept(desk, runs, capsys):
    one = runs({"kind": "magic"}, {"gpu": "", "peak_mem_gb": ""}, name="one.csv")
    other = runs({}, name="other.csv")
    broken = desk.folder / "trainer_state.json"
    broken.write_text("{", encoding="utf-8")

    assert desk(one, other, broken, desk.folder / "missing.csv") == 2

    told = capsys.readouterr().err
    assert all(name in told for name in ("own-0", "own-1", "trainer_state", "missing.csv"))
    assert not desk.profile.exists()


def test_that_a_log_is_read_beside_the_plan_that_was_run(desk, plan):
    seconds = predicted_seconds(asked("cheapest"))
    log = tensorboard(desk.folder / "loss.csv", 1.3 * seconds)

    assert desk(log, "--plan", plan) == 0

    made = read_profile(desk.profile).calibration.throughput
    assert made.groups[0].log_ratio == pytest.approx(-0.25, abs=0.02)


def test_that_a_log_without_a_plan_is_refused_with_the_way_out(desk, capsys):
    assert desk(tensorboard(desk.folder / "loss.csv", 1.0)) == 2
    assert "--plan" in capsys.readouterr().err


def test_that_tokens_of_a_step_may_be_stated(desk, plan):
    answer = asked("cheapest")
    log = tensorboard(desk.folder / "loss.csv", predicted_seconds(answer))
    planned = answer.jobs[0].layout.batch_sequences * answer.jobs[0].layout.sequence

    assert desk(log, "--plan", plan, "--tokens-per-step", planned // 2) == 0

    run = read_profile(desk.profile).runs[0]
    assert run.tokens_per_s == pytest.approx(answer.jobs[0].tokens_per_s.median / 2, rel=1e-3)


def test_that_several_jobs_need_a_name():
    answer = asked("several-jobs")

    with pytest.raises(PlanError, match="several jobs"):
        run_plan(answer, None, "answer.json")
    with pytest.raises(PlanError, match="no job 'sing'"):
        run_plan(answer, "sing", "answer.json")
    assert run_plan(answer, "route", "answer.json").tokens_per_step > 0


def test_that_an_answer_without_a_plan_is_refused():
    with pytest.raises(PlanError, match="holds no plan"):
        run_plan(asked("nothing-fits"), None, "answer.json")


@pytest.mark.parametrize("name", ["cheapest", "owned", "spot"])
def test_that_a_run_as_planned_is_predicted_as_planned(name):
    answer = asked(name)
    made = run_plan(answer, None, "answer.json")

    rate = 1.0 / predicted_seconds(answer)
    run = made.run("log", Observed(steps_per_s=rate), answer.jobs[0].offer.price_date)

    assert run.tokens_per_s * made.used_ratio == pytest.approx(answer.jobs[0].tokens_per_s.median)


def test_that_plans_are_corrected_by_the_kept_runs_unless_told_otherwise(desk, plan, tmp_path):
    question = tmp_path / "question.json"
    question.write_text(asked("cheapest").question.model_dump_json(), encoding="utf-8")
    seconds = predicted_seconds(asked("cheapest"))
    for number in range(3):
        desk(
            tensorboard(tmp_path / f"{number}.csv", (1.3 + number / 100) * seconds), "--plan", plan
        )

    def planned(*words):
        out = tmp_path / "new.json"
        profile = ["--profile-dir", str(tmp_path / "profile")]
        assert main(["plan", str(question), "--json", str(out), "--quiet", *profile, *words]) == 0
        assert main(["check", str(out)]) == 0
        return json.loads(out.read_text(encoding="utf-8"))

    corrected, plain = planned(), planned("--no-calibration")

    assert "calibration" in corrected["provenance"]["constants"]
    assert "calibration" not in plain["provenance"]["constants"]
    notes = corrected["jobs"][0]["evidence"]["notes"]
    assert any(re.search(r"throughput 0\.\d\d times \(3 runs\)", note) for note in notes)


def test_that_a_broken_profile_is_no_reason_not_to_plan(desk, tmp_path, capsys):
    question = tmp_path / "question.json"
    question.write_text(asked("cheapest").question.model_dump_json(), encoding="utf-8")
    desk.profile.parent.mkdir()
    desk.profile.write_text('{"format": "trilemma-calibration", "version": 7}', encoding="utf-8")

    code = main(["plan", str(question), "--quiet", "--profile-dir", str(desk.profile.parent)])

    assert code == 0
    assert "Planned without them" in capsys.readouterr().err
    with pytest.raises(ProfileError, match="--forget"):
        read_profile(desk.profile)
