import math
import shlex
from importlib.resources import files

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.load import load_catalog
from solver.export.launch.dstack import GPU_NAMES
from solver.export.launch.recipes import recipe_for, recipes
from solver.export.launch.refusals import LaunchError
from solver.export.launch.settings import settings_of
from solver.export.launch.targets import TARGETS, launch_files
from solver.export.launch.text import comment, number_text, slug, yaml_text
from tests.support.launchable import ENCODER, launchable, stored

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)

NAMES = TEXT.filter(lambda name: name != "")

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)

PLANS = {
    "sharded LoRA": {},
    "DoRA": {"method": "dora", "gpus_per_instance": 1, "sharding": "none"},
    "QLoRA": {"method": "qlora", "storage": "nf4", "sharding": "none"},
    "full, ZeRO-1": {"method": "full", "sharding": "optimizer"},
    "two machines": {"method": "full", "instances": 2},
    "spot": {"pricing": "spot"},
}


def texts(answer, target):
    return {file.path: file.text for file in launch_files(answer, target)}


def refusals(answer, target):
    with pytest.raises(LaunchError) as caught:
        launch_files(answer, target)
    return " ".join(problem.what for problem in caught.value.problems)


def read(text):
    """The documents of a YAML text, by the fast reader where it is at hand."""
    return yaml.load_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def without_nothing(value):
    """A value as `yaml_text` writes it: entries of a mapping that are None are left out."""
    if isinstance(value, dict):
        return {key: without_nothing(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nothing(inner) for inner in value if inner is not None]
    return value


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_that_every_target_writes_every_common_plan(plan, target):
    made = texts(launchable(**plan), target)

    assert made
    for path, text in made.items():
        if path.endswith((".yaml", ".yml")):
            assert list(read(text))


@settings(max_examples=10)
@given(name=NAMES, title=TEXT)
@pytest.mark.parametrize("target", TARGETS)
def test_that_no_name_changes_what_a_file_says(target, name, title):
    name, title = name[:200], title[:200]
    tame = texts(launchable(name="job"), target)

    wild = texts(launchable(name=name, title=title), target)

    known = {f"trilemma-{slug(name)}", f"trilemma-01-{slug(name)}"}
    assert wild.keys() == tame.keys()
    for path, text in wild.items():
        if path.endswith((".yaml", ".yml")):
            got, expected = read(text), read(tame[path])
            for one, other in zip(got, expected, strict=True):
                assert said(one, known) == said(other, {"trilemma-job", "trilemma-01-job"})
        else:
            assert code(text, known) == code(tame[path], {"trilemma-job", "trilemma-01-job"})


def said(document, names):
    """A document without its comments, inner files included, and without its own name."""
    if isinstance(document, dict):
        return {key: said(value, names) for key, value in document.items()}
    if isinstance(document, list):
        return [said(value, names) for value in document]
    return code(document, names) if isinstance(document, str) else document


def code(text, names):
    lines = [line for line in text.split("\n") if not line.startswith("# ")]
    whole = "\n".join(lines)
    for name in sorted(names, key=len, reverse=True):
        whole = whole.replace(name, "NAME")
    return whole


@given(VALUES)
def test_that_yaml_reads_back_equal(value):
    written = yaml_text({"value": value if value is not None else ""}, ["a: b", "- c"])

    read = yaml.safe_load(written)["value"]

    assert read == without_nothing(value if value is not None else "")


@given(TEXT)
def test_that_a_comment_never_ends_early(text):
    for line in comment([text]).split("\n"):
        assert line == "" or line.startswith("# ")
    assert yaml.safe_load(comment([text]) + "key: value\n") == {"key": "value"}


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_that_yaml_reads_small_numbers_as_numbers(value):
    assert yaml.safe_load(number_text(value)) == value


@given(TEXT)
def test_that_a_slug_is_a_name_everywhere(text):
    made = slug(text)

    assert shlex.quote(made) == made
    assert len(f"trilemma-01-{made}") <= 63
    assert made.strip("-") == made == made.lower() != ""


def test_that_every_setting_of_the_plan_is_pinned():
    pinned = yaml.safe_load(texts(launchable(), "accelerate")["run.yaml"])

    assert pinned["per_device_train_batch_size"] == 4
    assert pinned["gradient_accumulation_steps"] == 2
    assert pinned["max_length"] == 2048
    assert pinned["num_train_epochs"] == 1
    assert (pinned["lora_r"], pinned["lora_alpha"]) == (16, 16)
    assert pinned["lora_target_modules"] == ["all-linear"]
    assert pinned["learning_rate"] == 2e-4
    assert pinned["lr_scheduler_type"] == "cosine"
    # 5e7 tokens in steps of 64 sequences of 2,048 tokens, a tenth of them to warm up.
    assert pinned["warmup_steps"] == round(0.1 * math.ceil(5e7 / (64 * 2048)))
    assert pinned["bf16"] is True


def test_that_the_header_repeats_the_promise():
    answer = launchable()

    head = texts(answer, "slurm")["slurm.sbatch"]

    joined = " ".join(line.removeprefix("# ") for line in head.split("\n"))
    assert answer.jobs[0].key in joined
    assert answer.provenance.catalog_sha256[:12] in joined
    assert "80 % of outcomes in brackets" in joined
    assert "alignment-handbook" in joined


@pytest.mark.parametrize(("vendor", "pinned"), [("nvidia", True), ("amd", False)])
def test_that_pytorch_is_pinned_only_where_its_usual_build_runs(vendor, pinned):
    needed = texts(launchable(vendor=vendor), "accelerate")["requirements.txt"]

    assert ("\ntorch==" in f"\n{needed}") == pinned
    assert "\ntransformers==" in needed


def test_that_interruptible_machines_save_at_youngs_interval():
    answer = launchable(pricing="spot")
    speed = answer.jobs[0].tokens_per_s.median

    pinned = yaml.safe_load(texts(answer, "accelerate")["run.yaml"])

    hours = math.sqrt(2 * (1 / 60) * 4.3)
    assert pinned["save_strategy"] == "steps"
    assert pinned["save_steps"] == round(hours * 3600 * speed / (64 * 2048))


def test_that_a_gang_of_interruptible_machines_saves_more_often():
    alone, gang = (settings_of(launchable(pricing="spot", instances=n))[0] for n in (1, 2))

    assert gang.checkpoint_hours < alone.checkpoint_hours


@pytest.mark.parametrize(
    ("plan", "target", "reason"),
    [
        ({"method": "prompting"}, "slurm", "trains nothing"),
        ({"method": "distillation"}, "slurm", "teacher"),
        ({"method": "prefix"}, "slurm", "no published learning rate"),
        ({"method": "ia3"}, "axolotl", "no method of its configuration"),
        ({"vendor": "google"}, "torchrun", "no GPU of NVIDIA or AMD"),
        ({"checkpointing": "selective"}, "torchrun", "selective"),
        ({"precision": "fp8", "method": "full"}, "accelerate", "fp8"),
        ({"family": "classification", "method": "full"}, "axolotl", "head of labels"),
        ({"family": "qa"}, "accelerate", "not continuing text"),
        ({"family": "qa", "model": ENCODER, "method": "full"}, "axolotl", "not continuing text"),
        ({"family": "qa", "model": ENCODER, "method": "lora"}, "slurm", "no published learning"),
        ({"provider": "hyperstack"}, "skypilot", "no cloud hyperstack"),
        ({"provider": "hyperstack"}, "dstack", "no backend for hyperstack"),
        ({"provider": "owned", "pricing": "owned"}, "skypilot", "your own"),
        ({"provider": "owned", "pricing": "owned"}, "dstack", "your own"),
        ({"provider": "runpod", "sku": "8x_H100"}, "dstack", "other forms"),
        ({"pricing": "reserved-1y"}, "skypilot", "reservation"),
        ({"pricing": "spot", "provider": "azure"}, "dstack", "no volume"),
        ({"storage": "nf4", "method": "qlora"}, "llama-factory", "DeepSpeed"),
    ],
)
def test_that_a_target_refuses_what_it_cannot_express(plan, target, reason):
    assert reason in refusals(launchable(**plan), target)


@pytest.mark.parametrize("target", TARGETS)
def test_that_split_layers_are_refused_everywhere(target):
    answer = launchable()
    job = answer.jobs[0]
    layout = job.layout.model_copy(update={"tensor_parallel": 8, "data_parallel": 1})
    split = answer.model_copy(update={"jobs": (job.model_copy(update={"layout": layout}),)})

    assert "tensor" in refusals(split, target)


def test_that_split_layers_come_with_the_arguments_of_a_program_that_knows_them():
    answer = launchable(method="full", checkpointing="selective")
    job = answer.jobs[0]
    layout = job.layout.model_copy(update={"tensor_parallel": 8, "pipeline_parallel": 4})
    split = answer.model_copy(update={"jobs": (job.model_copy(update={"layout": layout}),)})

    with pytest.raises(LaunchError) as caught:
        launch_files(split, "slurm")

    words = caught.value.problems[0].remedy
    assert "--tensor-model-parallel-size 8 --pipeline-model-parallel-size 4" in words
    assert "--global-batch-size 64 --seq-length 2048" in words
    assert "--recompute-activations --lr 2e-05 --lr-decay-style cosine" in words


def test_that_shards_of_split_layers_come_with_the_arguments_of_torchtitan():
    answer = launchable(method="full")
    job = answer.jobs[0]
    layout = job.layout.model_copy(update={"tensor_parallel": 4, "data_parallel": 2})
    split = answer.model_copy(update={"jobs": (job.model_copy(update={"layout": layout}),)})

    with pytest.raises(LaunchError) as caught:
        launch_files(split, "torchrun")

    words = caught.value.problems[0].remedy
    assert "shard_degree 2 --parallelism.tensor_parallel_degree 4" in words
    assert "--training.seq_len 2048" in words


def test_that_a_batch_the_gpus_cannot_share_is_refused():
    answer = launchable()
    job = answer.jobs[0]
    layout = job.layout.model_copy(update={"batch_sequences": 60})
    uneven = answer.model_copy(update={"jobs": (job.model_copy(update={"layout": layout}),)})

    assert "64 sequences a step, the plan has 60" in refusals(uneven, "slurm")


@pytest.mark.parametrize("outcome", ["impossible", "unknown", "failed"])
def test_that_an_answer_without_a_plan_launches_nothing(outcome):
    assert "no plan" in refusals(stored(outcome), "slurm")


def test_that_an_unknown_target_is_named_with_the_nearest():
    with pytest.raises(LaunchError, match="slurm"):
        launch_files(launchable(), "slrum")


def test_that_several_jobs_get_folders_of_their_own():
    one, other = launchable(name="a"), launchable(name="b/../c")
    jobs = (one.jobs[0], other.jobs[0])
    both = one.model_copy(
        update={
            "jobs": jobs,
            "question": one.question.replace(
                jobs=[q.model_dump() for q in (*one.question.jobs, *other.question.jobs)]
            ),
        }
    )

    folders = {path.split("/")[0] for path in texts(both, "slurm")}

    assert folders == {"01-a", "02-b-c", "run.sh"}


def test_that_every_recipe_names_its_source_and_what_it_assumes():
    known = load_catalog().methods
    cited = set(load_catalog().sources)

    for recipe in recipes():
        assert set(recipe.methods) <= known.keys()
        assert (recipe.learning_rate is None) != (recipe.law is None)
        first = recipe.source.split(":")[0].split(",")[0]
        assert first in cited or "/" in recipe.source


def test_that_the_law_of_pre_training_gives_a_rate_of_its_paper():
    recipe = recipe_for("from-scratch", "text", 1e9)

    # 1.79 · (1e9)^-0.713 · (1e11)^0.307 by hand
    assert recipe.rate(1e9, 1e11) == pytest.approx(1.63e-3, rel=0.01)


def test_that_larger_quantised_models_learn_more_slowly():
    small, large = (recipe_for("qlora", "text", size) for size in (7e9, 65e9))

    assert (small.rate(7e9, 1e7), large.rate(65e9, 1e7)) == (2e-4, 1e-4)


def test_that_an_encoder_finds_answers_at_the_published_rate():
    made = texts(launchable(family="qa", model=ENCODER, method="full"), "accelerate")

    settings = yaml.safe_load(made["run.yaml"])
    assert (settings["learning_rate"], settings["lr_scheduler_type"]) == (5e-5, "linear")
    assert "AutoModelForQuestionAnswering" in made["train.py"]


@pytest.mark.parametrize("name", ["train_text", "train_labels", "train_masked", "train_spans"])
def test_that_the_training_programs_are_python(name):
    text = files("solver.export.launch").joinpath("programs", f"{name}.py.txt").read_text("utf-8")

    compile(text, name, "exec")


def test_that_every_gpu_that_dstack_knows_is_one_of_the_catalogue():
    assert GPU_NAMES.keys() <= load_catalog().accelerators.keys()
