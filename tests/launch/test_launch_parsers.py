"""Launch files read by the programs they are for. `docs/launch.md` says how to ask for these."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from solver.export.launch.settings import settings_of
from solver.export.launch.targets import launch_files
from tests.support.launchable import DECODER, ENCODER, chained, in_phases, launchable

PARSERS = os.environ.get("TRILEMMA_PARSERS", "")

SCRIPTS = Path(__file__).parent / "parsers"

pytestmark = [
    pytest.mark.launch,
    pytest.mark.skipif(not PARSERS, reason="TRILEMMA_PARSERS names no folder of environments"),
    pytest.mark.timeout(300),
]

TEXTS = {
    "sharded LoRA": {},
    "DoRA on one GPU": {"method": "dora", "gpus_per_instance": 1, "sharding": "none"},
    "QLoRA": {"method": "qlora", "storage": "nf4", "sharding": "none", "checkpointing": "full"},
    "full with ZeRO-1": {"method": "full", "sharding": "optimizer", "checkpointing": "none"},
    "full on two machines": {"method": "full", "instances": 2},
    "spot": {"pricing": "spot"},
    "continued": {"method": "continued-pretraining", "family": "language-modelling"},
}

SCRATCH = {"method": "from-scratch", "family": "language-modelling"}


def understood(environment, script, folder, *words):
    """What a parser in an environment of its own makes of the files in a folder."""
    python = Path(PARSERS) / environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no environment {environment} in {PARSERS}")
    run = subprocess.run(
        [python, SCRIPTS / f"{script}.py", *words],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.rpartition("\n")[2])


def written(answer, target, folder):
    for file in launch_files(answer, target):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return folder


def pinned(answer):
    (run,) = settings_of(answer)
    layout, recipe, rank = run.planned.layout, run.recipe, run.planned.rank
    return {
        "model": run.hub_id,
        "rate": run.learning_rate,
        "schedule": recipe.schedule,
        "warmup": run.warmup_steps,
        "micro_batch": layout.micro_batch,
        "accumulation": layout.accumulation,
        "epochs": run.planned.epochs,
        "sequence": layout.sequence,
        "packing": run.is_packed,
        "rank": rank,
        "alpha": None if rank is None else recipe.alpha_of(rank),
        "four_bits": run.planned.storage == "nf4",
    }


@pytest.mark.parametrize("plan", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("target", ["accelerate", "torchrun"])
def test_that_accelerate_and_trl_read_what_was_planned(plan, target, tmp_path):
    answer = launchable(**plan)
    (run,) = settings_of(answer)

    got = understood("hf", "hugging_face", written(answer, target, tmp_path))

    assert got.items() >= pinned(answer).items()
    assert got["save_steps"] == run.checkpoint_steps
    assert got["data"] == ["data/train.jsonl"]
    if target == "accelerate":
        sharding = run.planned.layout.sharding
        assert got["processes"] == run.planned.gpus
        assert got["machines"] == run.planned.instances
        assert got["fsdp"] == (sharding == "weights")
        assert got["zero"] == (1 if sharding == "optimizer" else None)


@pytest.mark.parametrize(
    "plan",
    [*TEXTS.values(), SCRATCH, {"method": "full", "precision": "fp8", "sharding": "none"}],
    ids=[*TEXTS, "from scratch", "fp8"],
)
def test_that_axolotl_reads_what_was_planned(plan, tmp_path):
    answer = launchable(**plan)

    got = understood("ax", "axolotl", written(answer, "axolotl", tmp_path))

    assert got.items() >= pinned(answer).items()
    assert not got["unknown"]
    assert got["from_scratch"] == (plan.get("method") == "from-scratch")
    assert got["fp8"] == (plan.get("precision") == "fp8")


@pytest.mark.parametrize(
    "plan",
    [*TEXTS.values(), SCRATCH, {"method": "full", "precision": "fp8", "sharding": "none"}],
    ids=[*TEXTS, "from scratch", "fp8"],
)
def test_that_llama_factory_reads_what_was_planned(plan, tmp_path):
    answer = launchable(**plan)

    got = understood("lf", "llama_factory", written(answer, "llama-factory", tmp_path))

    assert got.items() >= pinned(answer).items()
    assert got["known_data"]
    assert got["from_scratch"] == (plan.get("method") == "from-scratch")
    assert got["fp8"] == (plan.get("precision") == "fp8")


@pytest.mark.parametrize("pricing", ["on-demand", "spot"])
@pytest.mark.parametrize("instances", [1, 2])
def test_that_skypilot_loads_the_task(pricing, instances, tmp_path):
    answer = launchable(pricing=pricing, instances=instances, name="a: b # c")

    got = understood("ops", "clusters", written(answer, "skypilot", tmp_path), "skypilot")

    assert (got["cloud"], got["region"], got["machine"]) == ("aws", "us-east-1", "p5.48xlarge")
    assert (got["machines"], got["spot"]) == (instances, pricing == "spot")
    assert bool(got["mounts"]) == (pricing == "spot")
    assert "accelerate launch" in got["run"]


@pytest.mark.parametrize("pricing", ["on-demand", "spot"])
def test_that_dstack_loads_the_task(pricing, tmp_path):
    answer = launchable(pricing=pricing, name="a: b # c")

    got = understood("ops", "clusters", written(answer, "dstack", tmp_path), "dstack")

    assert (got["cloud"], got["region"], got["machine"]) == (
        ["aws"],
        ["us-east-1"],
        ["p5.48xlarge"],
    )
    assert got["spot"] == pricing
    assert got["gpus"] == {"min": 8, "max": 8}
    assert got["volume"] == (got["name"] if pricing == "spot" else None)


@pytest.mark.parametrize("instances", [1, 2])
def test_that_kubernetes_knows_every_field(instances, tmp_path):
    answer = launchable(instances=instances, name="a: b # c")

    got = understood("ops", "clusters", written(answer, "kubernetes", tmp_path), "kubernetes")

    job = "Job" if instances == 1 else "PyTorchJob"
    assert got["kinds"] == ["ConfigMap", "PersistentVolumeClaim", job]


def a_chain():
    return chained(launchable(method="full", name="a"), launchable(method="full", name="b"))


def test_that_skypilot_mounts_the_model_of_the_job_before(tmp_path):
    folder = written(a_chain(), "skypilot", tmp_path)

    first, second = (
        understood("ops", "clusters", folder / name, "skypilot") for name in ("01-a", "02-b")
    )

    assert list(first["mounts"]) == ["/checkpoints"]
    assert list(second["mounts"]) == ["/start"]


def test_that_kubernetes_knows_every_field_of_a_chain(tmp_path):
    folder = written(a_chain(), "kubernetes", tmp_path)

    got = understood("ops", "clusters", folder / "02-b", "kubernetes")

    assert got["kinds"] == ["ConfigMap", "PersistentVolumeClaim", "Job"]


@pytest.mark.skipif("SLURM_CONF" not in os.environ, reason="SLURM_CONF names no controller")
@pytest.mark.parametrize("plan", [{}, {"instances": 2}, {"pricing": "spot"}, {"name": "$(x) 'y'"}])
def test_that_slurm_would_start_the_script(plan, tmp_path):
    folder = written(launchable(**plan), "slurm", tmp_path)

    run = subprocess.run(
        [shutil.which("sbatch"), "--test-only", "slurm.sbatch"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stderr
    assert "to start at" in run.stderr


@pytest.mark.skipif("SLURM_CONF" not in os.environ, reason="SLURM_CONF names no controller")
def test_that_slurm_takes_the_jobs_of_a_chain_with_their_dependency(tmp_path):
    folder = written(a_chain(), "slurm", tmp_path)

    run = subprocess.run(
        [shutil.which("bash"), "run.sh"], cwd=folder, check=False, capture_output=True, text=True
    )

    assert run.returncode == 0, run.stderr
    numbers = [line.rpartition(" ")[2] for line in run.stdout.splitlines()]
    command = [shutil.which("squeue"), "--noheader", "--format=%i %E"]
    queue = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    subprocess.run([shutil.which("scancel"), *numbers], check=True)
    waiting = dict(line.split(None, 1) for line in queue.splitlines())
    assert f"afterok:{numbers[0]}" in waiting[numbers[1]]


@pytest.mark.parametrize("method", ["full", "lora", "dora", "ia3"])
def test_that_the_text_program_trains_and_resumes(method, tmp_path):
    answer = launchable(method=method, gpus_per_instance=1, sharding="none", precision="fp32")

    got = understood("hf", "train", written(answer, "torchrun", tmp_path))

    assert len(got["steps"]) == 1
    assert {"model.safetensors", "adapter_model.safetensors"} & set(got["saved"])


def test_that_a_decoder_is_trained_from_scratch_and_resumes(tmp_path):
    answer = launchable(gpus_per_instance=1, sharding="none", precision="fp32", **SCRATCH)

    got = understood("hf", "train", written(answer, "torchrun", tmp_path))

    assert len(got["steps"]) == 1
    assert "model.safetensors" in got["saved"]


def test_that_a_later_stage_trains_on_the_finished_model_of_the_earlier_one(tmp_path):
    kind = {"gpus_per_instance": 1, "sharding": "none", "precision": "fp32"}
    first, second = launchable(method="full", name="a", **kind), launchable(name="b", **kind)
    folder = written(chained(first, second), "torchrun", tmp_path)

    understood("hf", "train", folder / "01-a")
    got = understood("hf", "train", folder / "02-b")

    adapter = json.loads((folder / "02-b/output/adapter_config.json").read_text())
    assert adapter["base_model_name_or_path"] == "../01-a/output"
    assert "adapter_model.safetensors" in got["saved"]


def test_that_an_encoder_is_trained_to_find_answers_and_resumes(tmp_path):
    answer = launchable(
        family="qa",
        model=ENCODER,
        method="full",
        gpus_per_instance=1,
        sharding="none",
        precision="fp32",
        checkpointing="none",
    )

    got = understood("hf", "train", written(answer, "torchrun", tmp_path))

    assert len(got["steps"]) == 1
    assert "model.safetensors" in got["saved"]


@pytest.mark.parametrize("model", [ENCODER, DECODER], ids=["gaps", "text"])
def test_that_phases_go_on_with_one_schedule(model, tmp_path):
    one = launchable(
        model=model,
        gpus_per_instance=1,
        sharding="none",
        precision="fp32",
        checkpointing="none",
        accumulation=1,
        **SCRATCH,
    )
    answer = in_phases(one, ((6, 4, 8), (4, 4, 16)))

    got = understood("hf", "train", written(answer, "torchrun", tmp_path))

    rates = {int(step): rate for step, rate in got["rates"].items()}
    assert got["steps"][-1] == 10
    assert sorted(rates) == list(range(1, 11))
    assert rates[7] < rates[6] < rates[2]


@pytest.mark.parametrize(
    ("environment", "method"),
    [("hf", "full"), ("hf", "lora"), ("hf", "bitfit"), ("hf", "ia3"), ("ad", "adapter")],
)
def test_that_the_label_program_trains_and_resumes(environment, method, tmp_path):
    answer = launchable(
        family="classification",
        method=method,
        gpus_per_instance=1,
        sharding="none",
        precision="fp32",
        checkpointing="none",
    )

    got = understood(environment, "train", written(answer, "torchrun", tmp_path))

    assert len(got["steps"]) == 1
