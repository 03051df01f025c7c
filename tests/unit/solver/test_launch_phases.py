import pytest
import yaml

from solver.export.launch.recipes import recipe_for
from solver.export.launch.refusals import LaunchError
from solver.export.launch.settings import settings_of
from solver.export.launch.targets import TARGETS, launch_files
from tests.support.launchable import DECODER, ENCODER, in_phases, launchable

HUGGING_FACE = ("skypilot", "dstack", "slurm", "kubernetes", "torchrun", "accelerate")

SCRATCH = {"method": "from-scratch", "family": "language-modelling", "sharding": "none"}


def bert(**kind):
    """The published recipe: nine tenths of the steps with short sequences."""
    one = launchable(model=ENCODER, gpus_per_instance=8, micro_batch=32, accumulation=1, **SCRATCH)
    return in_phases(one, ((900, 256, 128), (100, 256, 512)), **kind)


def texts(answer, target):
    return {file.path: file.text for file in launch_files(answer, target)}


def settings(answer, target="accelerate"):
    made = texts(answer, target)
    return [yaml.safe_load(made[f"phase-{number}.yaml"]) for number in (1, 2)]


def refusals(answer, target):
    with pytest.raises(LaunchError) as caught:
        launch_files(answer, target)
    return " ".join(problem.what for problem in caught.value.problems)


@pytest.mark.parametrize("target", ["accelerate", "torchrun"])
def test_that_each_phase_has_its_own_shape_and_all_share_one_schedule(target):
    first, second = settings(bert(), target)

    assert (first["max_length"], second["max_length"]) == (128, 512)
    assert (first["stop_at"], second["stop_at"]) == (900, 1000)
    assert first["max_steps"] == second["max_steps"] == 1000
    assert first["warmup_steps"] == second["warmup_steps"] == 10
    assert (first["learning_rate"], first["lr_scheduler_type"]) == (1e-4, "linear")
    assert "num_train_epochs" not in first


@pytest.mark.parametrize("target", HUGGING_FACE)
def test_that_phases_are_started_one_after_the_other(target):
    (start,) = [t for p, t in texts(bert(), target).items() if STARTS[target] == p]

    assert start.index("train.py phase-1.yaml") < start.index("train.py phase-2.yaml")


STARTS = {
    "skypilot": "skypilot.yaml",
    "dstack": "task.dstack.yml",
    "slurm": "slurm.sbatch",
    "kubernetes": "kubernetes.yaml",
    "torchrun": "torchrun.sh",
    "accelerate": "accelerate.sh",
}


def test_that_phases_may_be_sharded_differently():
    answer = bert(shardings=("optimizer", "none"))

    made = texts(answer, "accelerate")

    kinds = [yaml.safe_load(made[f"accelerate-{n}.yaml"])["distributed_type"] for n in (1, 2)]
    assert kinds == ["DEEPSPEED", "MULTI_GPU"]
    assert "deepspeed" in made["requirements.txt"]


def test_that_a_recipe_of_one_phase_counts_its_steps():
    one = launchable(model=DECODER, **SCRATCH)

    made = yaml.safe_load(texts(in_phases(one, ((500, 64, 2048),)), "accelerate")["run.yaml"])

    assert made["max_steps"] == 500
    assert "stop_at" not in made


@pytest.mark.parametrize("target", ["axolotl", "llama-factory"])
def test_that_a_configuration_of_one_shape_refuses_phases(target):
    one = launchable(model=DECODER, **SCRATCH)

    assert "2 phases" in refusals(in_phases(one, ((9, 64, 512), (1, 64, 2048))), target)


def test_that_a_phase_that_the_gpus_do_not_share_evenly_is_refused():
    assert "sequences a step" in refusals(bert(batches=(250, 256)), "slurm")


def test_that_passes_through_a_recipe_of_steps_are_refused():
    answer = bert()
    twice = answer.jobs[0].model_copy(update={"epochs": 2})

    assert "passed through 2 times" in refusals(
        answer.model_copy(update={"jobs": (twice,)}), "slurm"
    )


def test_that_an_encoder_fills_gaps_and_a_decoder_continues_text():
    encoder, decoder = bert(), launchable(model=DECODER, **SCRATCH)

    assert [settings_of(answer)[0].work for answer in (encoder, decoder)] == ["masked", "text"]
    assert "DataCollatorForLanguageModeling" in texts(encoder, "slurm")["train.py"]
    assert "SFTTrainer" in texts(decoder, "slurm")["train.py"]


def test_that_warm_up_of_the_published_recipe_is_a_hundredth_of_its_steps():
    recipe = recipe_for("from-scratch", "masked", 1.1e8)

    # 10,000 of 1,000,000 steps.
    assert recipe.warmup_ratio * 1_000_000 == pytest.approx(10_000)


@pytest.mark.parametrize("vendor", ["google"])
def test_that_other_accelerators_are_refused_with_a_program_that_knows_them(vendor):
    with pytest.raises(LaunchError, match="MaxText"):
        launch_files(launchable(vendor=vendor), "slurm")


def test_that_no_target_is_left_out_here():
    assert {*HUGGING_FACE, "axolotl", "llama-factory"} == set(TARGETS)
