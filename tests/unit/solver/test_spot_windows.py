"""Plans on spot machines for a while and then on lasting ones: checked, told, launched."""

import subprocess
from functools import cache

import pytest
import yaml

from catalog.load import load_catalog
from solver.check import broken
from solver.constants import shipped_constants
from solver.export.launch.targets import TARGETS, launch_files, start_of
from solver.export.markdown import report_markdown
from solver.export.report import report_of
from solver.outcome.why_not import why_not
from solver.replan import Progress, replanned
from tests.support.questions import answered, question

TUNING = {
    "name": "tune",
    "family": "chat",
    "classes": None,
    "examples": 800_000,
    "tokens_per_example": 600,
    "epochs": [3],
    "pilots": (),
    "min_accuracy": None,
    "methods": ["lora"],
    "models": {"names": ["Qwen2.5-7B"]},
}


@cache
def spot_plan(deadline_hours=None):
    limits = {
        "deadline_hours": deadline_hours,
        "budget_usd": None,
        "providers": ["gcp"],
        "accelerators": ["A100-40-SXM"],
        "spot": True,
        "confidence": 0.9,
    }
    return answered(question(limits=limits, jobs=(TUNING,)))


@pytest.fixture(scope="module")
def unhurried():
    return spot_plan()


@pytest.fixture(scope="module")
def plan(unhurried):
    """With two thirds of the time that spot machines alone may need."""
    return spot_plan(round(0.67 * unhurried.jobs[0].hours.at_confidence, 1))


def test_that_a_deadline_turns_spot_machines_into_a_window_on_them(unhurried, plan):
    job, before = plan.jobs[0], unhurried.jobs[0]

    assert before.spot_window is None
    assert before.offer.pricing == job.offer.pricing == "spot"
    assert job.spot_window.then.pricing == "on-demand"
    assert job.spot_window.then.region == job.offer.region
    assert 0.0 < job.spot_window.hours < job.hours.at_confidence
    assert job.hours.at_confidence <= plan.question.limits.deadline_hours
    assert before.usd.at_confidence < job.usd.at_confidence


def test_that_the_plan_is_checked_from_its_own_facts(plan):
    assert broken(plan) == ()


def test_that_plain_spot_is_told_to_be_too_slow(unhurried, plan):
    key = unhurried.jobs[0].key

    said = why_not(key, plan, load_catalog(), shipped_constants())

    assert said.startswith("It is a candidate, but")
    assert "deadline" in said


def test_that_reports_name_both_machines_and_both_prices(plan):
    job, text = plan.jobs[0], report_markdown(report_of(plan))

    assert "spot, then on-demand" in text
    for offer in job.offers:
        assert f"{offer.key}: " in text


def test_that_half_of_the_window_is_left_after_half_of_it(plan):
    job = plan.jobs[0]
    gone = job.spot_window.hours / 2
    done = gone / job.spot_window.alone_hours

    found = replanned(
        plan,
        {job.name: Progress(done, job.time.startup + gone)},
        job.time.startup + gone,
        0.0,
        load_catalog(),
        shipped_constants(),
    )

    assert found.holds
    assert found.best.jobs[0].key == job.key
    assert found.best.jobs[0].spot_window.hours == pytest.approx(gone, rel=0.05)


def test_that_skypilot_gives_spot_machines_up_when_the_window_is_over(plan):
    files = launch_files(plan, "skypilot")
    texts = {file.path: file.text for file in files}
    first, then = (yaml.safe_load(texts[f"skypilot{name}.yaml"]) for name in ("", "-lasting"))

    assert (first["resources"]["use_spot"], then["resources"]["use_spot"]) == (True, False)
    assert first["file_mounts"] == then["file_mounts"]
    assert first["run"] == then["run"]
    assert start_of(TARGETS["skypilot"], files) == "bash skypilot.sh"


@pytest.mark.parametrize(("ended", "calls"), [(0, 1), (7, 1), (124, 3)])
def test_that_only_the_end_of_the_window_calls_for_lasting_machines(plan, tmp_path, ended, calls):
    script = next(f.text for f in launch_files(plan, "skypilot") if f.path == "skypilot.sh")
    (tmp_path / "skypilot.sh").write_text(script, encoding="utf-8")
    for name, code in (("timeout", ended), ("sky", 0)):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{tmp_path}/calls"\nexit {code}\n')
        program.chmod(0o755)

    done = subprocess.run(
        ["/bin/bash", str(tmp_path / "skypilot.sh")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
    )

    assert done.returncode == (0 if ended == 124 else ended)
    assert len((tmp_path / "calls").read_text().splitlines()) == calls
