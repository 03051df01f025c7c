"""What to measure before a plan is started: the plan itself, shorter and on fewer machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from solver.calibration.logs import Observed
from solver.calibration.plan import PlanError, run_plan
from solver.calibration.profile import profile_path, read_profile
from solver.calibration.runs import compared
from solver.calibration.short_run import STEPS, fewest_gpus, short_run, short_run_words
from solver.cli.main import main
from solver.constants import shipped_constants
from tests.support.questions import asked, asked_text

SEVERAL = "owned-for-several"


@pytest.fixture
def first():
    """The first of several jobs, planned on two machines of two GPUs."""
    return asked(SEVERAL).jobs[0]


def as_fast_as_predicted(made):
    """A log of the short run in which every step takes what is predicted."""
    predicted = compared([made.run("probe", Observed(tokens_per_s=1.0), date(2026, 11, 25))])
    return float(np.exp(-predicted.log_speed[0]))


def test_that_the_plan_is_measured_on_the_fewest_machines_that_hold_it(first):
    made = short_run(asked(SEVERAL), first.name, "answer.json")

    assert (first.instances, made.instances, made.gpus) == (2, 1, 2)
    assert made.steps == STEPS
    assert made.tokens_per_step == first.layout.batch_sequences * first.layout.sequence / 2
    assert 0.0 < made.usd < first.usd.median
    assert f"on 1 of {first.instances} machines" in short_run_words(made)[0]
    assert short_run_words(made)[-1].endswith("--gpus 2")


def test_that_a_plan_on_one_machine_is_measured_as_it_is():
    job = asked("cheapest").jobs[0]

    made = short_run(asked("cheapest"), None, "answer.json")

    assert (made.instances, made.gpus) == (1, job.gpus)
    assert made.tokens_per_step == job.layout.batch_sequences * job.layout.sequence


@pytest.mark.parametrize("name", ["cheapest", SEVERAL])
def test_that_the_interval_of_the_plan_narrows_around_its_median(name):
    answer = asked(name)

    made = short_run(answer, answer.jobs[0].name, "answer.json")

    assert made.before[0] < made.after[0] < 0.0 < made.after[1] < made.before[1]


def test_that_no_machines_are_named_whose_memory_would_not_do(first):
    planned = run_plan(asked(SEVERAL), first.name, "answer.json")
    small = np.array([1e6])
    crowded = replace(planned, configuration=planned.configuration.replace(memory_bytes=small))

    assert fewest_gpus(planned, shipped_constants()) < first.gpus
    assert fewest_gpus(crowded, shipped_constants()) == first.gpus


def test_that_accelerators_that_hold_no_whole_replicas_are_refused(first):
    planned = run_plan(asked(SEVERAL), first.name, "answer.json")
    split = planned.configuration.replace(tensor_parallel=np.array([4.0]))

    with pytest.raises(PlanError, match="multiple of 4"):
        replace(planned, configuration=split).on(6, "answer.json")


def test_that_a_log_of_fewer_accelerators_is_compared_with_their_speed(first, tmp_path):
    plan, log = tmp_path / "answer.json", tmp_path / "log.csv"
    plan.write_text(asked_text(SEVERAL), encoding="utf-8")
    made = run_plan(asked(SEVERAL), first.name, "answer.json", gpus=2)
    seconds = made.tokens_per_step / as_fast_as_predicted(made)
    rows = [f"{1.7e9 + i * seconds},{i},0.5" for i in range(60)]
    log.write_text("\n".join(["Wall time,Step,Value", *rows]), encoding="utf-8")
    profile = ["--profile-dir", str(tmp_path / "profile")]

    words = [str(log), "--plan", str(plan), "--job", first.name, "--gpus", "2"]
    assert main(["calibrate", *words, *profile]) == 0

    kept = read_profile(profile_path(tmp_path / "profile"))
    assert kept.runs[0].configuration["gpus"] == 2
    assert compared(kept.runs).log_speed == pytest.approx(0.0, abs=1e-3)


def test_that_the_command_tells_what_to_measure_and_keeps_nothing(tmp_path, capsys):
    plan = tmp_path / "answer.json"
    plan.write_text(asked_text("cheapest"), encoding="utf-8")

    code = main(["calibrate", "--plan", str(plan), "--profile-dir", str(tmp_path / "profile")])

    told = capsys.readouterr().out
    assert code == 0
    assert f"Measure {STEPS} steps of tickets on 1 machine" in told
    assert not (tmp_path / "profile").exists()
