import os
import re
import shutil
import subprocess

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.export.launch.chain import in_order
from solver.export.launch.refusals import LaunchError
from solver.export.launch.settings import settings_of
from solver.export.launch.targets import TARGETS, launch_files
from solver.export.launch.text import slug
from tests.support.launchable import chained, launchable

BASH = shutil.which("bash")

PROGRAMS = ("sbatch", "sky", "kubectl", "torchrun", "accelerate")

HELD = ("run", "start")
"""Volumes of a pod that outlive it."""


def plan(*jobs, **kind):
    """Jobs of one plan: name, start, what each comes after, starts from and waits for."""
    made = [launchable(name=name, **kind) for name, *_ in jobs]
    planned, asked = [], []
    for answer, (name, start, after, base, waits) in zip(made, jobs, strict=True):
        del name
        moved = {"start_hours": start, "waits_for": tuple(waits)}
        planned.append(answer.jobs[0].model_copy(update=moved))
        job = answer.question.jobs[0].replace(after=after, starts_from=base)
        asked.append(job.model_dump())
    question = made[0].question.replace(jobs=asked)
    return made[0].model_copy(update={"jobs": tuple(planned), "question": question})


def full_chain(**kind):
    return plan(
        ("second", 3.0, (), "first", ("first",)),
        ("first", 0.0, (), None, ()),
        ("third", 3.0, (), None, ("first",)),
        **{"method": "full", **kind},
    )


def texts(answer, target):
    return {file.path: file.text for file in launch_files(answer, target)}


def refusals(answer, target):
    with pytest.raises(LaunchError) as caught:
        launch_files(answer, target)
    return " ".join(problem.what for problem in caught.value.problems)


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "dstack"])
def test_that_several_jobs_come_with_a_script_that_starts_them_in_order(target):
    script = texts(full_chain(), target)["run.sh"]

    places = [script.index(folder) for folder in ("02-first", "01-second", "03-third")]
    assert places == sorted(places)
    assert subprocess.run([BASH, "-n"], input=script.encode(), check=False).returncode == 0


def test_that_one_job_needs_no_script():
    assert "run.sh" not in texts(launchable(), "slurm")


def test_that_slurm_minds_how_an_earlier_stage_ended_but_not_who_had_the_machines():
    script = texts(full_chain(), "slurm")["run.sh"]

    assert re.search(
        r"01-second && sbatch --parsable --dependency=afterok:\$\{job_02%%;\*}", script
    )
    assert re.search(
        r"03-third && sbatch --parsable --dependency=afterany:\$\{job_02%%;\*}", script
    )


@pytest.mark.parametrize(
    ("target", "file", "weights"),
    [
        ("slurm", "01-second/run.yaml", "../02-first/output"),
        ("torchrun", "01-second/run.yaml", "../02-first/output"),
        ("axolotl", "01-second/axolotl.yaml", "../02-first/output"),
        ("llama-factory", "01-second/llama-factory.yaml", "../02-first/output"),
        ("skypilot", "01-second/run.yaml", "/start"),
    ],
)
def test_that_a_later_stage_trains_on_the_finished_model_of_the_earlier_one(target, file, weights):
    settings = yaml.safe_load(texts(full_chain(), target)[file])

    assert weights in {settings.get("model_name_or_path"), settings.get("base_model")}


def test_that_skypilot_hands_the_model_over_in_a_bucket():
    made = texts(full_chain(), "skypilot")

    first, second = (
        yaml.safe_load(made[f"{folder}/skypilot.yaml"]) for folder in ("02-first", "01-second")
    )

    kept = first["file_mounts"]["/checkpoints"]["name"]
    assert second["file_mounts"]["/start"] == {"name": kept, "mode": "MOUNT"}
    assert "ln -sfn /checkpoints output" in first["run"]


def test_that_kubernetes_mounts_the_claim_of_the_earlier_job():
    documents = list(
        yaml.safe_load_all(texts(full_chain(), "kubernetes")["01-second/kubernetes.yaml"])
    )

    config, _, job = documents
    pod = job["spec"]["template"]["spec"]
    claims = [
        v["persistentVolumeClaim"]["claimName"]
        for v in pod["volumes"]
        if "persistentVolumeClaim" in v
    ]
    assert claims == ["trilemma-01-second", "trilemma-02-first"]
    assert yaml.safe_load(config["data"]["run.yaml"])["model_name_or_path"] == "/start/output"


def test_that_dstack_says_that_it_hands_no_model_over():
    assert "hands a finished model" in refusals(full_chain(), "dstack")


def test_that_nothing_goes_on_from_an_adapter():
    answer = plan(("a", 0.0, (), None, ()), ("b", 1.0, (), "a", ()))

    assert "ends with an adapter (lora)" in refusals(answer, "slurm")


def test_that_an_edited_answer_with_a_circle_still_has_an_order():
    answer = plan(("a", 0.0, (), None, ("b",)), ("b", 0.0, (), None, ("a",)))

    assert len(in_order(settings_of(answer))) == 2


def ran(folder, answer, target, *words, fails=""):
    """What a script starts: in place of the real programs some that write their folder down."""
    tools = folder / "tools"
    tools.mkdir()
    for name in PROGRAMS:
        tool = tools / name
        tool.write_text(
            f'#!/bin/bash\necho "${{PWD##*/}}" >> "{folder}/log"\n'
            'if [[ "$0" == */sbatch ]]; then echo "7;main"; fi\n'
            f'[[ "${{PWD##*/}}" != "{fails}" ]]\n'
        )
        tool.chmod(0o755)
    for path, text in texts(answer, target).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    run = subprocess.run(
        [BASH, str(folder / "run.sh"), *words],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    log = folder / "log"
    started = list(dict.fromkeys(log.read_text().split())) if log.exists() else []
    return run.returncode, started


@pytest.mark.parametrize("target", ["slurm", "skypilot", "kubernetes", "torchrun", "accelerate"])
def test_that_the_script_starts_every_job_after_what_it_waits_for(target, tmp_path):
    code, started = ran(tmp_path, full_chain(), target)

    assert code == 0
    assert started[0] == "02-first"
    assert set(started) == {"02-first", "01-second", "03-third"}


@pytest.mark.parametrize("target", ["skypilot", "kubernetes"])
def test_that_a_failed_stage_starts_nothing_that_needs_it(target, tmp_path):
    code, started = ran(tmp_path, full_chain(), target, fails="02-first")

    assert code == 1
    assert "01-second" not in started


def test_that_a_machine_starts_only_the_jobs_that_are_named(tmp_path):
    code, started = ran(tmp_path, full_chain(), "torchrun", "02-first")

    assert (code, started) == (0, ["02-first"])
    assert (tmp_path / "02-first" / "finished").exists()


@settings(max_examples=20)
@given(name=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200))
@pytest.mark.parametrize("target", ["slurm", "skypilot", "torchrun"])
def test_that_no_name_changes_what_the_script_says(target, name):
    def script(word):
        answer = chained(launchable(method="full", name=word), launchable(method="full", name="z"))
        text = texts(answer, target)["run.sh"].replace(f"01-{slug(word)}", "01-job")
        return [line for line in text.split("\n") if not line.startswith("# ")]

    assert script(name if name != "z" else "y") == script("tame")


def test_that_some_jobs_of_a_plan_can_be_launched_alone():
    made = {file.path for file in launch_files(full_chain(), "slurm", ("first", "third"))}

    assert {path.split("/")[0] for path in made} == {"02-first", "03-third", "run.sh"}


@pytest.mark.parametrize(
    ("jobs", "reason"), [(("second",), "which is left out"), (("frist",), "no job of the plan")]
)
def test_that_only_jobs_that_can_stand_alone_are(jobs, reason):
    with pytest.raises(LaunchError, match=reason):
        launch_files(full_chain(), "slurm", jobs)
