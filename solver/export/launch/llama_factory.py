"""The run as a configuration of LLaMA-Factory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from catalog.problems import Problem
from solver.export.launch.chain import one_by_one
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.hugging_face import PORT, ZERO_STAGES, deepspeed_settings
from solver.export.launch.promise import promise
from solver.export.launch.refusals import against_text_trainers
from solver.export.launch.settings import CHECKPOINTS_KEPT, LOW_RANK
from solver.export.launch.text import yaml_text
from solver.export.launch.torchrun import script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped

NAME = "llama-factory.yaml"

READ_BY = "Read by LLaMA-Factory 0.9.5 on 2026-11-25."


def llama_factory_settings(run: Settings) -> dict[str, Any]:
    """LLaMA-Factory's configuration of a run."""
    planned, recipe = run.planned, run.recipe
    by_pass = run.checkpoint_steps is None
    plain = run.family == "language-modelling"
    return {
        "stage": "pt" if plain else "sft",
        "do_train": True,
        "model_name_or_path": run.base,
        "train_from_scratch": True if planned.method == "from-scratch" else None,
        **_method(run),
        "dataset_dir": "data",
        "dataset": "run",
        "template": None if plain else "default",
        "cutoff_len": planned.layout.sequence,
        "packing": run.is_packed,
        "output_dir": "output",
        "per_device_train_batch_size": planned.layout.micro_batch,
        "gradient_accumulation_steps": planned.layout.accumulation,
        "num_train_epochs": float(planned.epochs),
        "learning_rate": run.learning_rate,
        "lr_scheduler_type": recipe.schedule if recipe else "linear",
        "warmup_steps": run.warmup_steps,
        "weight_decay": recipe.weight_decay if recipe else 0.0,
        "max_grad_norm": recipe.max_grad_norm if recipe else 1.0,
        "optim": "adamw_torch",
        "bf16": planned.precision in {"bf16-mixed", "fp8"},
        "fp16": planned.precision == "fp16-mixed",
        "pure_bf16": True if planned.precision == "bf16-pure" else None,
        "fp8": True if planned.precision == "fp8" else None,
        "tf32": True if planned.precision == "tf32" else None,
        "disable_gradient_checkpointing": planned.layout.checkpointing == "none",
        "deepspeed": "deepspeed.json" if _stage(run) else None,
        "save_strategy": "epoch" if by_pass else "steps",
        "save_steps": run.checkpoint_steps,
        "save_total_limit": CHECKPOINTS_KEPT,
        "logging_steps": 10,
        "report_to": "none",
        "seed": 42,
    }


def _stage(run: Settings) -> int:
    """DeepSpeed's stage of sharding, 0 for none."""
    if run.planned.gpus == 1:
        return 0
    return {**ZERO_STAGES, "weights": 3}.get(run.planned.layout.sharding, 0)


def _method(run: Settings) -> dict[str, Any]:
    planned, recipe = run.planned, run.recipe
    if planned.method not in LOW_RANK or planned.rank is None or recipe is None:
        return {"finetuning_type": "full"}
    made: dict[str, Any] = {
        "finetuning_type": "lora",
        "lora_rank": planned.rank,
        "lora_alpha": recipe.alpha_of(planned.rank),
        "lora_dropout": recipe.dropout,
        "lora_target": "all",
        "use_dora": True if planned.method == "dora" else None,
    }
    if planned.storage:
        made["quantization_bit"] = 4 if planned.storage == "nf4" else 8
        made["quantization_method"] = "bnb"
    if planned.storage == "nf4":
        made |= {"quantization_type": "nf4", "double_quantization": True}
    return made


def _dataset(run: Settings) -> dict[str, Any]:
    if run.family == "language-modelling":
        return {"file_name": "train.jsonl", "columns": {"prompt": "text"}}
    return {
        "file_name": "train.jsonl",
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "system_tag": "system",
        },
    }


def _against(run: Settings) -> Iterator[Problem]:
    yield from against_text_trainers(run)
    where = f"job {run.planned.name}"
    if run.planned.storage and _stage(run) == 3:  # noqa: PLR2004 - weights sharded
        what = "quantised weights cannot be sharded by DeepSpeed"
        yield Problem(where, what, "Take --to axolotl or --to accelerate, which shard with FSDP.")
    if run.planned.precision == "bf16-pure" and _stage(run) == 3:  # noqa: PLR2004
        what = "LLaMA-Factory refuses pure bf16 with sharded weights"
        yield Problem(where, what, "Take --to axolotl or --to accelerate.")


def _files(answer: Solved | Stopped, run: Settings) -> tuple[LaunchFile, ...]:
    header, planned = (*promise(answer, run), READ_BY), run.planned
    several = ""
    if planned.instances > 1:
        several = (
            f'NNODES={planned.instances} NODE_RANK="$NODE_RANK" MASTER_ADDR="$HEAD"'
            f" MASTER_PORT={PORT} "
        )
    line = (
        f"{several}FORCE_TORCHRUN=1 NPROC_PER_NODE={planned.offer.gpus_per_instance}"
        f" llamafactory-cli train {NAME}"
    )
    stage = _stage(run)
    made = [
        LaunchFile(NAME, yaml_text(llama_factory_settings(run), header)),
        LaunchFile("llama-factory.sh", script(header, run, line)),
        LaunchFile("data/dataset_info.json", _json({"run": _dataset(run)})),
    ]
    if stage:
        zero = {**deepspeed_settings(run), "zero_optimization": {"stage": stage}}
        made.append(LaunchFile("deepspeed.json", _json(zero)))
    return tuple(made)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2) + "\n"


LLAMA_FACTORY = Target(
    name="llama-factory",
    title="LLaMA-Factory",
    start="bash llama-factory.sh",
    against=_against,
    files=_files,
    chain=lambda runs: one_by_one(runs, lambda _: "bash llama-factory.sh"),
)
