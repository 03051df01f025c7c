import pytest
import yaml

from solver.export.launch.chain import in_order
from solver.export.launch.settings import settings_of
from solver.export.launch.shares import devices
from solver.export.launch.targets import launch_files
from solver.export.report import most_gpus, report_of
from tests.support.launchable import launchable


def shared(*jobs, whole=8):
    """Jobs of a plan on one machine: name, cards, start and end."""
    made = [
        launchable(
            name=name,
            provider="owned",
            pricing="owned",
            sku=f"lab.{cards}of{whole}" if cards < whole else "lab",
            gpus_per_instance=cards,
            sharding="none",
        )
        for name, cards, *_ in jobs
    ]
    planned = tuple(
        one.jobs[0].model_copy(update={"start_hours": start, "end_hours": end})
        for one, (_, _, start, end) in zip(made, jobs, strict=True)
    )
    asked = [one.question.jobs[0].model_dump() for one in made]
    question = made[0].question.replace(jobs=asked)
    return made[0].model_copy(update={"jobs": planned, "question": question, "region": None})


def texts(answer, target):
    return {file.path: file.text for file in launch_files(answer, target)}


def given(answer):
    return devices(in_order(settings_of(answer)))


def test_that_jobs_that_run_at_once_get_accelerators_of_their_own():
    numbers = given(shared(("a", 2, 0, 5), ("b", 4, 1, 3), ("c", 2, 2, 4)))

    assert sorted(n for job in numbers.values() for n in job) == list(range(8))
    assert {name: len(job) for name, job in numbers.items()} == {"a": 2, "b": 4, "c": 2}


def test_that_a_later_job_takes_the_accelerators_of_one_that_ended():
    numbers = given(shared(("a", 4, 0, 1), ("b", 4, 0, 5), ("c", 4, 1, 2)))

    assert numbers["c"] == numbers["a"]


def test_that_an_edited_plan_without_room_still_gets_numbers_of_the_machine():
    numbers = given(shared(*((name, 4, 0, 5) for name in "abc")))

    assert all(set(job) <= set(range(8)) for job in numbers.values())


def test_that_the_script_runs_sharers_at_once_and_others_after_each_other():
    script = texts(shared(("a", 4, 0, 2), ("b", 4, 0, 3), ("c", 8, 3, 4)), "torchrun")["run.sh"]

    assert "begin 01-a 'export CUDA_VISIBLE_DEVICES=0,1,2,3 && bash torchrun.sh'" in script
    assert "begin 02-b 'export CUDA_VISIBLE_DEVICES=4,5,6,7 && bash torchrun.sh'" in script
    assert [line for line in script.split("\n") if line.startswith("  room")] == [
        "  room 01-a",
        "  room 02-b",
    ]


@pytest.mark.parametrize(("cards", "exclusive"), [(4, False), (8, True)])
def test_that_slurm_leaves_the_rest_of_a_shared_node_to_its_neighbours(cards, exclusive):
    made = texts(shared(("a", cards, 0, 2), ("b", cards, 2, 3)), "slurm")["01-a/slurm.sbatch"]

    assert ("--exclusive" in made) == exclusive
    assert f"--gpus-per-node={cards}" in made


def test_that_sharers_meet_on_ports_of_their_own():
    made = texts(shared(("a", 4, 0, 2), ("b", 4, 0, 3)), "accelerate")

    ports = [
        yaml.safe_load(made[f"{folder}/accelerate.yaml"])["main_process_port"]
        for folder in ("01-a", "02-b")
    ]
    assert len(set(ports)) == 2


def test_that_the_headline_counts_accelerators_in_use_at_once():
    answer = shared(("a", 4, 0, 2), ("b", 4, 1, 3), ("c", 8, 3, 4))

    assert most_gpus(answer.jobs) == 8
    assert report_of(answer).headline == "3 jobs on at most 8 GPUs at once"
