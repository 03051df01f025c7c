"""Why a plan cannot be written as launch files: reasons that hold for many targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.problems import Problem, ProblemsError
from solver.export.launch.settings import LOW_RANK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.export.launch.settings import Settings

GPU_VENDORS = ("nvidia", "amd")


SAVES_WHOLE = ("full", "from-scratch", "continued-pretraining", "bitfit")
"""Methods after which a whole model lies in `output`."""


OTHER_ACCELERATORS = {
    "google": "Plan with GPUs, or train with MaxText on the figures of the report.",
    "aws": "Plan with GPUs, or train with Optimum Neuron on the figures of the report.",
    "intel": "Plan with GPUs, or train with Optimum for Intel Gaudi on the figures of the report.",
}
"""Ways out where no trainer's files are written: programs that their vendors document."""


MEGATRON_CHECKPOINTING = {
    "selective": ("--recompute-activations",),
    "full": ("--recompute-granularity full --recompute-method uniform --recompute-num-layers 1",),
}
"""Arguments of Megatron-LM, megatron/training/arguments.py."""


class LaunchError(ProblemsError):
    """A target cannot express the plan; nothing is written."""


def against_every_target(run: Settings) -> Iterator[Problem]:
    """What no launch file can express."""
    planned = run.planned
    where = f"job {planned.name}"
    if planned.method == "prompting":
        yield Problem(where, "prompting trains nothing", "There is nothing to launch.")
        return
    if planned.method == "distillation":
        what = "distillation needs the teacher's outputs, which no launch file describes"
        yield Problem(where, what, "Plan with other methods, or write the training program.")
    if run.vendor not in GPU_VENDORS:
        what = f"{planned.offer.accelerator_name} is no GPU of NVIDIA or AMD"
        yield Problem(where, what, OTHER_ACCELERATORS.get(run.vendor, "Plan with GPUs of theirs."))
    if not run.hub_id:
        what = f"the catalogue knows no address of the weights of {planned.model}"
        yield Problem(where, what, "Add its hub_id to your overlay of models.csv.")
    before = run.starts_from
    if before is not None and before.planned.method not in SAVES_WHOLE:
        what = (
            f"job {before.planned.name} ends with an adapter ({before.planned.method}), not a model"
        )
        yield Problem(where, what, "Plan it with full training, or merge the adapter and ask anew.")
    if planned.other_phases and len(run.stages) == 1:
        what = f"the plan has {len(planned.other_phases) + 1} phases, the question another number"
        yield Problem(where, what, "Plan again.")
    if run.asked.phases and planned.epochs > 1:
        what = f"a recipe of steps cannot be passed through {planned.epochs} times"
        yield Problem(where, what, "Give epochs = [1], or more steps.")
    for phase in run.phases():
        yield from _against_layout(phase)


def against_trainers(run: Settings) -> Iterator[Problem]:
    """What no trainer's configuration can express: all but the cluster's side."""
    planned = run.planned
    where = f"job {planned.name}"
    if run.recipe is None and planned.method not in {"prompting", "distillation"}:
        what = f"no published learning rate is known for {planned.method} on {run.work}"
        yield Problem(where, what, "Plan with another method; a default could break the promise.")


def against_hugging_face(run: Settings) -> Iterator[Problem]:
    """What Transformers, PEFT and TRL do not offer."""
    planned = run.planned
    where = f"job {planned.name}"
    if planned.precision == "fp8":
        what = "fp8 is no setting of TRL and Transformers"
        yield Problem(where, what, "Take --to axolotl or --to llama-factory.")
    if run.work in {"masked", "spans"}:
        # Their recipes say which methods there are.
        return
    if run.work == "labels":
        allowed: tuple[str, ...] = ("full", "bitfit", "adapter", "lora", "ia3")
    else:
        allowed = ("full", "continued-pretraining", "ia3", *LOW_RANK, "from-scratch")
        yield from text_only_decoders(run)
    if planned.method not in {*allowed, "prompting", "distillation"}:
        what = f"{planned.method} on {run.work} has no place in the training program"
        yield Problem(where, what, f"Plan with {', '.join(allowed)}.")


def against_text_trainers(run: Settings) -> Iterator[Problem]:
    """What Axolotl and LLaMA-Factory do not offer, which train decoders on text only."""
    planned = run.planned
    where = f"job {planned.name}"
    yield from against_trainers(run)
    if len(run.stages) > 1:
        what = f"its configuration has one shape, the recipe {len(run.stages)} phases"
        yield Problem(where, what, "Take --to accelerate, torchrun or a cluster.")
    if run.work == "labels":
        what = f"{run.family} trains a head of labels, not text"
        yield Problem(where, what, "Take --to accelerate or a cluster, which label texts.")
        return
    yield from text_only_decoders(run)
    allowed = ("full", "continued-pretraining", "from-scratch", *LOW_RANK)
    if planned.method not in {*allowed, "prompting", "distillation"}:
        what = f"{planned.method} is no method of its configuration"
        yield Problem(where, what, f"Plan with {', '.join(allowed)}.")


def text_only_decoders(run: Settings) -> Iterator[Problem]:
    """Trainers of text expect a decoder that continues it."""
    where = f"job {run.planned.name}"
    if run.family == "qa":
        what = "finding answers in a text is not continuing text"
        trainers = (
            "Take --to accelerate or a cluster." if run.work == "spans" else "Allow encoders."
        )
        yield Problem(where, what, trainers)
    elif run.architecture != "decoder":
        what = f"{run.planned.model} is no decoder ({run.architecture or 'architecture unknown'})"
        yield Problem(where, what, "Allow decoders only, or write the training program.")


def _against_layout(run: Settings) -> Iterator[Problem]:
    planned, layout = run.planned, run.planned.layout
    where = f"job {planned.name}"
    if layout.tensor_parallel > 1 or layout.pipeline_parallel > 1:
        what = (
            f"{layout.tensor_parallel}-way tensor and {layout.pipeline_parallel}-way pipeline"
            " parallelism"
        )
        whole = planned.method in {"full", "continued-pretraining", "from-scratch"}
        if whole and layout.sharding == "weights" and layout.pipeline_parallel == 1:
            remedy = f"Train with torchtitan: {' '.join(_torchtitan_words(run))}"
        else:
            remedy = f"Train with Megatron-LM: {' '.join(_megatron_words(run))}"
        yield Problem(where, f"{what} cannot be expressed", remedy)
        return
    if layout.checkpointing == "selective":
        what = "selective checkpointing cannot be expressed"
        yield Problem(where, what, "Trainers checkpoint whole layers.")
    batch = layout.data_parallel * layout.micro_batch * layout.accumulation
    if batch != layout.batch_sequences:
        what = (
            f"{layout.data_parallel} GPUs × {layout.micro_batch} × {layout.accumulation} are"
            f" {batch} sequences a step, the plan has {layout.batch_sequences}"
        )
        yield Problem(where, what, "Give a batch_sequences that the GPUs divide evenly.")


def _torchtitan_words(run: Settings) -> Iterator[str]:
    """The plan's layout and schedule as arguments of torchtitan's train: shards of split layers."""
    layout = run.planned.layout
    yield f"--parallelism.data_parallel_shard_degree {layout.data_parallel}"
    yield f"--parallelism.tensor_parallel_degree {layout.tensor_parallel}"
    yield f"--training.local_batch_size {layout.micro_batch}"
    yield f"--training.global_batch_size {layout.batch_sequences}"
    yield f"--training.seq_len {layout.sequence} --training.steps {run.steps}"
    yield f"--activation_checkpoint.mode {layout.checkpointing}"
    if run.recipe is not None:
        yield f"--optimizer.lr {run.learning_rate:g} --lr_scheduler.warmup_steps {run.warmup_steps}"


def _megatron_words(run: Settings) -> Iterator[str]:
    """The plan's layout and schedule as arguments of Megatron-LM's pretrain_gpt.py."""
    layout = run.planned.layout
    yield f"--tensor-model-parallel-size {layout.tensor_parallel}"
    yield f"--pipeline-model-parallel-size {layout.pipeline_parallel}"
    yield f"--micro-batch-size {layout.micro_batch}"
    yield f"--global-batch-size {layout.batch_sequences}"
    yield f"--seq-length {layout.sequence}"
    yield f"--train-iters {run.steps}"
    if layout.tensor_parallel > 1:
        yield "--sequence-parallel"
    if layout.sharding != "none":
        yield "--use-distributed-optimizer"
    yield from MEGATRON_CHECKPOINTING.get(layout.checkpointing, ())
    if run.recipe is not None:
        yield f"--lr {run.learning_rate:g} --lr-decay-style {run.recipe.schedule}"
        yield f"--lr-warmup-iters {run.warmup_steps} --weight-decay {run.recipe.weight_decay:g}"
        yield f"--clip-grad {run.recipe.max_grad_norm:g}"
