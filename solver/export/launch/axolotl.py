"""The run as a configuration of Axolotl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solver.export.launch.chain import one_by_one
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.hugging_face import (
    ZERO_STAGES,
    deepspeed_settings,
    is_fully_sharded,
)
from solver.export.launch.promise import promise
from solver.export.launch.refusals import against_text_trainers
from solver.export.launch.settings import CHECKPOINTS_KEPT, LOW_RANK
from solver.export.launch.text import yaml_text
from solver.export.launch.torchrun import nodes, script

if TYPE_CHECKING:
    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped

NAME = "axolotl.yaml"

READ_BY = "Read by Axolotl 0.19.0 on 2026-11-25."


def axolotl_settings(run: Settings) -> dict[str, Any]:
    """Axolotl's configuration of a run."""
    planned, recipe = run.planned, run.recipe
    by_pass = run.checkpoint_steps is None
    return {
        "base_model": run.base,
        "reinit_weights": True if planned.method == "from-scratch" else None,
        "datasets": [_dataset(run)],
        "chat_template": None if _is_plain(run) else "tokenizer_default_fallback_chatml",
        "dataset_prepared_path": "prepared",
        "val_set_size": 0.0,
        "output_dir": "output",
        "sequence_len": planned.layout.sequence,
        "sample_packing": run.is_packed,
        "pad_to_sequence_len": run.is_packed,
        "attn_implementation": "flash_attention_2" if run.is_packed else "sdpa",
        **_method(run),
        "micro_batch_size": planned.layout.micro_batch,
        "gradient_accumulation_steps": planned.layout.accumulation,
        "num_epochs": float(planned.epochs),
        "learning_rate": run.learning_rate,
        "lr_scheduler": recipe.schedule if recipe else "linear",
        "warmup_steps": run.warmup_steps,
        "weight_decay": recipe.weight_decay if recipe else 0.0,
        "max_grad_norm": recipe.max_grad_norm if recipe else 1.0,
        "optimizer": "adamw_torch",
        "bf16": "full" if planned.precision == "bf16-pure" else _is_bf16(run),
        "fp16": planned.precision == "fp16-mixed",
        "fp8": True if planned.precision == "fp8" else None,
        "tf32": planned.precision == "tf32",
        "gradient_checkpointing": _checkpoints(run) and not is_fully_sharded(run),
        **_sharding(run),
        "saves_per_epoch": 1 if by_pass else None,
        "save_steps": run.checkpoint_steps,
        "save_total_limit": CHECKPOINTS_KEPT,
        "auto_resume_from_checkpoints": True,
        "logging_steps": 10,
        "seed": 42,
    }


def _is_plain(run: Settings) -> bool:
    """True for plain text, False for conversations."""
    return run.family == "language-modelling"


def _is_bf16(run: Settings) -> bool:
    return run.planned.precision in {"bf16-mixed", "fp8"}


def _checkpoints(run: Settings) -> bool:
    return run.planned.layout.checkpointing == "full"


def _dataset(run: Settings) -> dict[str, Any]:
    path = {"path": "data/train.jsonl", "ds_type": "json"}
    if _is_plain(run):
        return {**path, "type": "completion", "field": "text"}
    return {**path, "type": "chat_template", "field_messages": "messages"}


def _method(run: Settings) -> dict[str, Any]:
    planned, recipe = run.planned, run.recipe
    if planned.method not in LOW_RANK or planned.rank is None or recipe is None:
        return {}
    return {
        "adapter": "qlora" if planned.storage == "nf4" else "lora",
        "load_in_4bit": planned.storage == "nf4",
        "load_in_8bit": planned.storage == "int8",
        "lora_r": planned.rank,
        "lora_alpha": recipe.alpha_of(planned.rank),
        "lora_dropout": recipe.dropout,
        "lora_target_linear": True,
        "peft_use_dora": True if planned.method == "dora" else None,
    }


def _sharding(run: Settings) -> dict[str, Any]:
    if is_fully_sharded(run):
        config = {
            "reshard_after_forward": True,
            "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "activation_checkpointing": _checkpoints(run),
            "offload_params": False,
            "cpu_ram_efficient_loading": True,
            "state_dict_type": "FULL_STATE_DICT",
        }
        return {"fsdp_version": 2, "fsdp_config": config}
    if run.planned.gpus > 1 and run.planned.layout.sharding in ZERO_STAGES:
        return {"deepspeed": deepspeed_settings(run)}
    return {}


def _files(answer: Solved | Stopped, run: Settings) -> tuple[LaunchFile, ...]:
    header = (*promise(answer, run), READ_BY)
    line = f"torchrun {nodes(run)} -m axolotl.cli.train {NAME}"
    return (
        LaunchFile(NAME, yaml_text(axolotl_settings(run), header)),
        LaunchFile("axolotl.sh", script(header, run, line)),
    )


AXOLOTL = Target(
    name="axolotl",
    title="Axolotl",
    start="bash axolotl.sh",
    against=against_text_trainers,
    files=_files,
    chain=lambda runs: one_by_one(runs, lambda _: "bash axolotl.sh"),
)
