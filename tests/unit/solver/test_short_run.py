"""What to measure before a plan is started: the plan itself, shorter and on fewer machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from solver.answer_file import to_json
from solver.calibration.logs import LEAST_STEPS, Observed
from solver.calibration.plan import PlanError, run_plan
from solver.calibration.profile import profile_path, read_profile
from solver.calibration.runs import compared
from solver.calibration.short_run import STEPS, fewest_gpus, short_run, short_run_words
from solver.cli.main import main
from solver.constants import shipped_constants
from tests.support.questions import DESK, answered, asked, question


@cache
def spread_out():
    """A plan on several machines of two GPUs."""
    made = answered(question("fastest", {"rent": False}, owned=[DESK]))
    assert made.jobs[0].instances > 1
    return made


@pytest.fixture
def first():
    """Its job."""
    return spread_out().jobs[0]


def as_fast_as_predicted(made):
    """A log of the short run in which every step takes what is predicted."""
    predicted = compared([made.run("probe", Observed(tokens_per_s=1.0), date(2026, 11, 25))])
    return float(np.exp(-predicted.log_speed[0]))


def test_that_the_plan_is_measured_on_the_fewest_machines_that_hold_it(first):
    made = short_run(spread_out(), first.name, "answer.json")

    assert (made.instances, made.gpus, made.steps) == (1, 2, STEPS)
    assert made.tokens_per_step == 2 * first.layout.micro_batch * first.layout.accumulation * (
        first.layout.sequence
    )
    assert 0.0 < made.usd < first.usd.median
    assert f"on 1 of {first.instances} machines" in short_run_words(made)[0]


def long_steps(examples):
    """A plan whose steps take minutes each."""
    steps = {"batch_sequences": 4096, "tokens_per_example": 512}
    job = {"examples": examples, "pilots": (), "min_accuracy": None, **steps}
    limits = {"accelerators": ["T4"], "deadline_hours": 900, "budget_usd": 900}
    return answered(question(limits=limits, jobs=(job,)))


def test_that_slow_steps_are_measured_as_few_as_a_log_needs():
    assert short_run(long_steps(400_000), None, "answer.json").steps == LEAST_STEPS


def test_that_a_plan_of_fewer_steps_than_a_log_needs_is_refused():
    with pytest.raises(PlanError, match="has 9 steps"):
        short_run(long_steps(40_000), None, "answer.json")


def test_that_a_plan_on_one_machine_is_measured_as_it_is():
    job = asked("cheapest").jobs[0]

    made = short_run(asked("cheapest"), None, "answer.json")

    assert (made.instances, made.gpus) == (1, job.gpus)
    assert made.tokens_per_step == job.layout.batch_sequences * job.layout.sequence


@pytest.mark.parametrize("planned", [lambda: asked("cheapest"), spread_out])
def test_that_the_interval_of_the_plan_narrows_around_its_median(planned):
    made = short_run(planned(), None, "answer.json")

    assert made.before[0] < made.after[0] < 0.0 < made.after[1] < made.before[1]


def test_that_no_machines_are_named_whose_memory_would_not_do(first):
    planned = run_plan(spread_out(), first.name, "answer.json")
    small = np.array([1e6])
    crowded = replace(planned, configuration=planned.configuration.replace(memory_bytes=small))

    assert fewest_gpus(planned, shipped_constants()) < first.gpus
    assert fewest_gpus(crowded, shipped_constants()) == first.gpus


def test_that_accelerators_that_hold_no_whole_replicas_are_refused(first):
    planned = run_plan(spread_out(), first.name, "answer.json")
    split = planned.configuration.replace(tensor_parallel=np.array([4.0]))

    with pytest.raises(PlanError, match="multiple of 4"):
        replace(planned, configuration=split).on(6, "answer.json")


def test_that_a_log_of_fewer_accelerators_is_compared_with_their_speed(first, tmp_path):
    plan, log = tmp_path / "answer.json", tmp_path / "log.csv"
    plan.write_text(to_json(spread_out()), encoding="utf-8")
    made = run_plan(spread_out(), first.name, "answer.json", gpus=2)
    seconds = made.tokens_per_step / as_fast_as_predicted(made)
    rows = [f"{1.7e9 + i * seconds},{i},0.5" for i in range(60)]
    log.write_text("\n".join(["Wall time,Step,Value", *rows]), encoding="utf-8")
    profile = ["--profile-dir", str(tmp_path / "profile")]

    words = [str(log), "--plan", str(plan), "--job", first.name, "--gpus", "2"]
    assert main(["calibrate", *words, *profile]) == 0

    kept = read_profile(profile_path(tmp_path / "profile"))
    assert kept.runs[0].configuration["gpus"] == 2
    assert compared(kept.runs).log_speed == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    ("planned", "end"), [(lambda: asked("cheapest"), ""), (spread_out, " --gpus 2")]
)
def test_that_the_command_tells_what_to_measure_and_keeps_nothing(planned, end, tmp_path, capsys):
    plan, job = tmp_path / "my answer.json", planned().jobs[0].name
    plan.write_text(to_json(planned()), encoding="utf-8")
    words = ["--plan", str(plan), "--job", job, "--profile-dir", str(tmp_path / "profile")]

    code = main(["calibrate", *words])

    told = capsys.readouterr().out
    assert code == 0
    assert f"Measure {STEPS} steps of {job} on 1 " in told
    assert told.rstrip().endswith(f"calibrate LOG --plan '{plan}' --job {job}{end}")
    assert not (tmp_path / "profile").exists()
