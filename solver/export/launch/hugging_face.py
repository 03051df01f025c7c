"""The run for Accelerate with TRL or Transformers: settings, sharding, program, requirements."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from solver.export.launch.files import LaunchFile, program
from solver.export.launch.promise import promise
from solver.export.launch.refusals import against_hugging_face, against_trainers
from solver.export.launch.settings import CHECKPOINTS_KEPT, LOW_RANK
from solver.export.launch.shares import share_of
from solver.export.launch.text import comment, yaml_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.problems import Problem
    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped

PORT = 29_500
"""On which the machines of a run meet: torchrun's own default."""

VERSIONS = {
    "torch": "2.13.0",
    "accelerate": "1.15.0",
    "transformers": "5.24.0",
    "trl": "1.16.0",
    "peft": "0.21.2",
    "datasets": "5.2.0",
}
"""Releases whose parsers read these files, `docs/launch.md`; 2026-11-25."""

ADAPTER_VERSIONS = {"torch": "2.13.0", "adapters": "1.3.0", "datasets": "5.2.0"}
"""For bottleneck adapters: the library fixes the release of Transformers itself."""

OLD_GENERATIONS = ("Pascal", "Volta")
"""Architectures that CUDA 13, and PyTorch's usual builds with it, no longer support."""

DTYPES = {
    "fp32": "float32",
    "tf32": "float32",
    "fp16-mixed": "float16",
    "bf16-mixed": "bfloat16",
    "bf16-pure": "bfloat16",
}
"""Format of the matrix products by precision, as PyTorch calls it."""

MIXED = {"fp16-mixed": "fp16", "bf16-mixed": "bf16"}

ZERO_STAGES = {"optimizer": 1, "gradients": 2}

PHASE_CHECKPOINTS = 50
"""So often a run that counts steps is saved, unless interruptions ask for more. [1]"""

BOTTLENECK = 64
"""Width of an adapter as the plan counts it (houlsby2019). [1]"""


def against(run: Settings) -> Iterator[Problem]:
    """What these files cannot express of a run."""
    yield from against_trainers(run)
    yield from against_hugging_face(run)


def run_files(
    answer: Solved | Stopped, run: Settings, *, accelerate: bool = True
) -> tuple[LaunchFile, ...]:
    """The files that train the run in the folder they lie in.

    Args:
        answer: what the run belongs to.
        run: what is trained.
        accelerate: started by Accelerate, which then shards; False: by torchrun, where the trainer
            shards itself.
    """
    header = promise(answer, run)
    made: list[LaunchFile] = []
    for phase in run.phases():
        settings = run_settings(phase, sharded=not accelerate)
        made.append(LaunchFile(_settings_file(phase), yaml_text(settings, header)))
        if accelerate:
            around = yaml_text(accelerate_settings(phase), header)
            made.append(LaunchFile(f"accelerate{phase.suffix}.yaml", around))
        elif _zero(phase):
            around = json.dumps(deepspeed_settings(phase), indent=2) + "\n"
            made.append(LaunchFile(f"deepspeed{phase.suffix}.json", around))
    made.append(LaunchFile("train.py", program(f"train_{run.work}")))
    made.append(LaunchFile("requirements.txt", _requirements(run, header)))
    return tuple(made)


def command(run: Settings, rank: str = "", head: str = "") -> str:
    """The line that starts the run on one machine.

    Args:
        run: what is trained.
        rank: shell words for this machine's number among several.
        head: shell words for the address of the first machine.
    """
    several = ""
    if run.planned.instances > 1:
        several = f' --machine_rank "{rank}" --main_process_ip "{head}" --main_process_port {PORT}'
    return " && ".join(
        f"accelerate launch --config_file accelerate{phase.suffix}.yaml{several}"
        f" {program_words(phase)}"
        for phase in run.phases()
    )


def program_words(phase: Settings) -> str:
    """The training program with its settings, as a launcher takes them."""
    return "train.py" if phase.stage is None else f"train.py {_settings_file(phase)}"


def _settings_file(phase: Settings) -> str:
    return "run.yaml" if phase.stage is None else f"phase{phase.suffix}.yaml"


def run_settings(run: Settings, *, sharded: bool) -> dict[str, Any]:
    """Arguments of TRL's or the label program's parser, every one that the plan fixes.

    Args:
        run: what is trained.
        sharded: the trainer itself shards, as nothing around it does.
    """
    heads = {"text": _text, "labels": _labels, "masked": _encoder, "spans": _encoder}
    around = _sharding(run) if sharded else {}
    return {**heads[run.work](run), **_training(run), **_by_steps(run), **around}


def accelerate_settings(run: Settings) -> dict[str, Any]:
    """Accelerate's own configuration."""
    planned = run.planned
    made: dict[str, Any] = {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": "MULTI_GPU" if planned.gpus > 1 else "NO",
        "mixed_precision": MIXED.get(planned.precision, "no"),
        "num_machines": planned.instances,
        "num_processes": planned.gpus,
        "machine_rank": 0,
        # Jobs that share a machine must not meet on one port.
        "main_process_port": PORT + run.position if share_of(planned) else None,
        "main_training_function": "main",
        "rdzv_backend": "static",
        "same_network": True,
        "use_cpu": False,
    }
    stage = ZERO_STAGES.get(planned.layout.sharding)
    if planned.gpus > 1 and stage is not None:
        made["distributed_type"] = "DEEPSPEED"
        made["deepspeed_config"] = {
            "zero_stage": stage,
            "gradient_accumulation_steps": planned.layout.accumulation,
            "gradient_clipping": run.recipe.max_grad_norm if run.recipe else 1.0,
            "offload_optimizer_device": "none",
            "offload_param_device": "none",
            "zero3_init_flag": False,
            "deepspeed_multinode_launcher": "standard",
        }
    if planned.gpus > 1 and planned.layout.sharding == "weights":
        made["distributed_type"] = "FSDP"
        made["fsdp_config"] = {
            "fsdp_version": 2,
            "fsdp_reshard_after_forward": True,
            "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "fsdp_activation_checkpointing": _checkpoints(run),
            "fsdp_offload_params": False,
            "fsdp_cpu_ram_efficient_loading": True,
            "fsdp_state_dict_type": "FULL_STATE_DICT",
        }
    return made


def deepspeed_settings(run: Settings) -> dict[str, Any]:
    """DeepSpeed's configuration; "auto" takes what the trainer is told."""
    return {
        "zero_optimization": {"stage": ZERO_STAGES.get(run.planned.layout.sharding, 3)},
        "bf16": {"enabled": "auto"},
        "fp16": {"enabled": "auto"},
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
    }


def is_fully_sharded(run: Settings) -> bool:
    """True where every GPU holds a share of the weights."""
    return run.planned.gpus > 1 and run.planned.layout.sharding == "weights"


def _zero(run: Settings) -> bool:
    """True where DeepSpeed shards the optimizer's state."""
    return run.planned.gpus > 1 and run.planned.layout.sharding in ZERO_STAGES


def _checkpoints(run: Settings) -> bool:
    return run.planned.layout.checkpointing == "full"


def _training(run: Settings) -> dict[str, Any]:
    planned, recipe = run.planned, run.recipe
    by_pass = run.checkpoint_steps is None
    # Fully sharded layers are checkpointed by what shards them, never twice.
    checkpoints = _checkpoints(run) and not is_fully_sharded(run)
    return {
        "output_dir": "output",
        "per_device_train_batch_size": planned.layout.micro_batch,
        "gradient_accumulation_steps": planned.layout.accumulation,
        "num_train_epochs": planned.epochs,
        "learning_rate": run.learning_rate,
        "lr_scheduler_type": recipe.schedule if recipe else "linear",
        "warmup_steps": run.warmup_steps,
        "weight_decay": recipe.weight_decay if recipe else 0.0,
        "max_grad_norm": recipe.max_grad_norm if recipe else 1.0,
        "optim": "adamw_torch",
        "bf16": planned.precision == "bf16-mixed",
        "fp16": planned.precision == "fp16-mixed",
        "tf32": True if planned.precision == "tf32" else None,
        "gradient_checkpointing": checkpoints,
        "gradient_checkpointing_kwargs": {"use_reentrant": False} if checkpoints else None,
        "save_strategy": "epoch" if by_pass else "steps",
        "save_steps": run.checkpoint_steps,
        "save_total_limit": CHECKPOINTS_KEPT,
        "eval_strategy": "no",
        "logging_steps": 10,
        "report_to": "none",
        "seed": 42,
    }


def _text(run: Settings) -> dict[str, Any]:
    planned = run.planned
    return {
        "model_name_or_path": run.base,
        "dtype": _stored(run),
        "method": planned.method,
        "datasets": [{"path": "json", "data_files": "data/train.jsonl"}],
        "max_length": planned.layout.sequence,
        "packing": run.is_packed,
        "packing_strategy": "wrapped" if run.is_packed else None,
        **_low_rank(run),
        **_quantised(run),
    }


def _encoder(run: Settings) -> dict[str, Any]:
    return {
        "model_name_or_path": run.base,
        "dtype": _stored(run),
        "train_file": "data/train.jsonl",
        "max_length": run.planned.layout.sequence,
        "method": run.planned.method,
    }


def _by_steps(run: Settings) -> dict[str, Any]:
    """Where a recipe counts steps instead of passes; its phases share one schedule."""
    if not run.asked.phases:
        return {}
    every = run.checkpoint_steps or math.ceil(run.steps / PHASE_CHECKPOINTS)
    made: dict[str, Any] = {
        "num_train_epochs": None,
        "max_steps": run.steps,
        "save_strategy": "steps",
        "save_steps": every,
    }
    if run.stage is not None:
        # The next phase reads the data from their start, in sequences of its own length.
        made |= {"stop_at": run.stage.last_step, "ignore_data_skip": True}
    return made


def _labels(run: Settings) -> dict[str, Any]:
    regression = run.family == "regression"
    made: dict[str, Any] = {
        "model_name_or_path": run.base,
        "dtype": _stored(run),
        "train_file": "data/train.jsonl",
        "max_length": run.planned.layout.sequence,
        "method": run.planned.method,
        "outputs": 1 if regression else run.asked.classes or 2,
        "regression": regression,
        "bottleneck": BOTTLENECK if run.planned.method == "adapter" else None,
    }
    low_rank = _low_rank(run)
    return {**made, **{key: low_rank[key] for key in low_rank if key.startswith("lora_")}}


def _low_rank(run: Settings) -> dict[str, Any]:
    planned, recipe = run.planned, run.recipe
    if planned.method not in LOW_RANK or planned.rank is None or recipe is None:
        return {}
    made: dict[str, Any] = {
        "lora_r": planned.rank,
        "lora_alpha": recipe.alpha_of(planned.rank),
        "lora_dropout": recipe.dropout,
    }
    if run.work == "labels":
        return made
    return {
        "use_peft": True,
        **made,
        "lora_target_modules": ["all-linear"],
        "use_dora": True if planned.method == "dora" else None,
    }


def _quantised(run: Settings) -> dict[str, Any]:
    if run.planned.storage == "nf4":
        return {
            "load_in_4bit": True,
            "bnb_4bit_quant_type": "nf4",
            "use_bnb_nested_quant": True,
            "bnb_4bit_quant_storage": _stored(run) if is_fully_sharded(run) else None,
        }
    return {"load_in_8bit": True} if run.planned.storage == "int8" else {}


def _stored(run: Settings) -> str:
    """Weights that train lie in fp32 under mixed precision, frozen ones in the format computed."""
    planned = run.planned
    frozen = planned.method in (*LOW_RANK, "adapter", "ia3")
    if planned.precision in MIXED and not frozen:
        return "float32"
    return DTYPES.get(planned.precision, "float32")


def _sharding(run: Settings) -> dict[str, Any]:
    if is_fully_sharded(run):
        config = {
            "version": 2,
            "reshard_after_forward": True,
            "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "activation_checkpointing": _checkpoints(run),
            "cpu_ram_efficient_loading": True,
            "state_dict_type": "FULL_STATE_DICT",
        }
        return {"fsdp": True, "fsdp_config": config}
    if _zero(run):
        return {"deepspeed": f"deepspeed{run.suffix}.json"}
    return {}


def _requirements(run: Settings, header: tuple[str, ...]) -> str:
    adapter = run.planned.method == "adapter"
    versions = dict(ADAPTER_VERSIONS if adapter else VERSIONS)
    said = list(header[:3])
    if run.vendor == "amd" or run.generation in OLD_GENERATIONS:
        # The build that pip takes by itself is for newer NVIDIA GPUs.
        said.append(
            f"PyTorch {versions.pop('torch')} or near it must be there already, in a build for"
            f" {run.planned.offer.accelerator_name}."
        )
    pins = [f"{name}=={version}" for name, version in versions.items()]
    if run.planned.storage:
        pins.append("bitsandbytes")
    if any(map(_zero, run.phases())):
        pins.append("deepspeed")
    return comment(said) + "\n".join(pins) + "\n"
