"""The worker behind the window plans with the user's own runs, as the command line does."""

from __future__ import annotations

import json
from datetime import date

import pytest

from solver.calibration.logs import Observed
from solver.calibration.plan import run_plan
from solver.calibration.profile import (
    Profile,
    forget_profile,
    profile_path,
    read_profile,
    write_profile,
)
from solver.check import broken, read_answer
from solver.cli.main import main
from solver.serve.desk import Desk
from solver.serve.frames import Message
from solver.serve.kept import Kept
from solver.serve.server import serve
from tests.support.questions import SMALL, asked


@pytest.fixture
def path(tmp_path):
    return profile_path(tmp_path / "profile")


@pytest.fixture
def planned(path):
    """The answer of a desk to a small question."""
    said = []
    desk = Desk(said.append, lambda: False, own_runs=path)

    def ask():
        said.clear()
        question = SMALL["cheapest"].model_dump(mode="json")
        desk.handle(Message("ask", {"ticket": 1, "question": question}))
        return json.loads(next(m.arrays["answer"] for m in said if m.kind == "answer").tobytes())

    return ask


def slow_runs(times=3):
    """So many runs of the plan, each a third slower than predicted."""
    answer = asked("cheapest")
    made = run_plan(answer, None, "answer.json")
    rate = 0.75 * answer.jobs[0].tokens_per_s.median
    seen = Observed(tokens_per_s=rate * made.used_ratio)
    runs = [made.run(f"run {i}", seen, date(2026, 11, 24)) for i in range(times)]
    return Profile().with_runs(runs)


def figures(answer):
    job = answer["jobs"][0]
    return job["key"], job["hours"], job["usd"], job["tokens_per_s"], job["memory"]


def test_that_window_and_command_line_plan_alike_with_the_runs_of_one_profile(
    planned, path, tmp_path
):
    question, out = tmp_path / "question.json", tmp_path / "answer.json"
    question.write_text(SMALL["cheapest"].model_dump_json(), encoding="utf-8")
    write_profile(path, slow_runs())

    words = ["plan", str(question), "--json", str(out), "--quiet"]
    assert main([*words, "--profile-dir", str(path.parent)]) == 0
    on_screen, on_paper = planned(), json.loads(out.read_text(encoding="utf-8"))

    assert figures(on_screen) == figures(on_paper)
    assert on_screen["provenance"]["constants"]["calibration"] == "2026-11-24"


def test_that_runs_kept_or_forgotten_while_the_worker_is_up_change_its_next_plan(planned, path):
    before = planned()
    write_profile(path, slow_runs())
    corrected = planned()
    forget_profile(path)
    after = planned()

    assert corrected["jobs"][0]["tokens_per_s"]["median"] < (
        0.9 * before["jobs"][0]["tokens_per_s"]["median"]
    )
    assert figures(after) == figures(before)


def test_that_an_unchanged_file_is_read_once(path):
    write_profile(path, slow_runs())
    own = Kept(path, read_profile, Profile(), "measurements")

    assert own.content is own.content
    assert own.content.runs


@pytest.mark.parametrize(("file", "what"), [("calibration.json", "measure"), ("scores.json", "sc")])
def test_that_a_broken_file_is_told_among_the_assumptions_of_the_plan(planned, path, file, what):
    path.parent.mkdir()
    kept = path.parent / file
    kept.write_text("{", encoding="utf-8")

    made = planned()
    kept.unlink()
    mended = planned()

    told = [
        note for note in made["jobs"][0]["evidence"]["notes"] if "planned without your own" in note
    ]
    assert made["outcome"] == "solved"
    assert len(told) == 1
    assert f"own {what}" in told[0]
    assert "--forget" in told[0]
    assert str(path.parent) not in json.dumps(made)
    assert not any("planned without" in note for note in mended["jobs"][0]["evidence"]["notes"])


def test_that_an_answer_says_the_same_wherever_it_is_checked(planned, path):
    path.parent.mkdir()
    path.write_text("{", encoding="utf-8")

    made = read_answer(json.dumps(planned()))

    assert not broken(made)


def test_that_the_server_refuses_words_it_does_not_know(capsys):
    assert serve(["--profile", "here"]) == 2
    assert "--profile-dir FOLDER" in capsys.readouterr().err
