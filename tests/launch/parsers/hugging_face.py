"""What Accelerate and TRL understand of a folder of launch files, as JSON."""

import json
import sys
from pathlib import Path

import yaml


def read_accelerate():
    from accelerate.commands.config.config_args import load_config_from_file
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    config = load_config_from_file("accelerate.yaml")
    words = ["--config_file", "accelerate.yaml", "train.py"]
    launch = _validate_launch_command(launch_command_parser().parse_args(words))[0]
    return {
        "distributed": str(config.distributed_type).rpartition(".")[2],
        "processes": launch.num_processes,
        "machines": launch.num_machines,
        "mixed": launch.mixed_precision,
        "fsdp": launch.use_fsdp,
        "zero": launch.zero_stage if launch.use_deepspeed else None,
    }


def read_trl():
    from trl.scripts.sft import make_parser

    settings = yaml.safe_load(Path("run.yaml").read_text())
    settings.pop("method", None)
    formats = settings.pop("bf16"), settings.pop("fp16")
    settings.pop("tf32", None)
    # Only what asks for a GPU is taken out.
    Path("cpu.yaml").write_text(yaml.safe_dump({**settings, "use_cpu": True, "deepspeed": None}))
    script, training, model, mixture = make_parser().parse_args_and_config(
        args=["--config", "cpu.yaml"], fail_with_unknown_args=True
    )
    return {
        "model": model.model_name_or_path,
        "rate": training.learning_rate,
        "schedule": training.lr_scheduler_type.value,
        "warmup": training.warmup_steps,
        "micro_batch": training.per_device_train_batch_size,
        "accumulation": training.gradient_accumulation_steps,
        "epochs": training.num_train_epochs,
        "sequence": training.max_length,
        "packing": training.packing,
        "rank": model.lora_r if model.use_peft else None,
        "alpha": model.lora_alpha if model.use_peft else None,
        "targets": model.lora_target_modules if model.use_peft else None,
        "four_bits": model.load_in_4bit,
        "save_steps": training.save_steps if training.save_strategy.value == "steps" else None,
        "bf16": formats[0],
        "data": [entry.data_files for entry in mixture.datasets],
        "other": script.dataset_name,
    }


if __name__ == "__main__":
    understood = read_trl()
    if Path("accelerate.yaml").exists():
        understood |= read_accelerate()
    sys.stdout.write("\n" + json.dumps(understood))
