"""What LLaMA-Factory understands of a folder of launch files, as JSON."""

import json
import sys
from pathlib import Path

import yaml
from llamafactory.hparams.parser import _parse_train_args

if __name__ == "__main__":
    settings = yaml.safe_load(Path("llama-factory.yaml").read_text())
    # Only what asks for a GPU is taken out.
    stage = 0
    if settings.pop("deepspeed", None):
        stage = json.loads(Path("deepspeed.json").read_text())["zero_optimization"]["stage"]
    settings |= {"bf16": False, "fp16": False, "use_cpu": True}
    model, data, training, tuning, _ = _parse_train_args(settings)
    understood = {
        "model": model.model_name_or_path,
        "rate": training.learning_rate,
        "schedule": str(getattr(training.lr_scheduler_type, "value", training.lr_scheduler_type)),
        "warmup": training.warmup_steps,
        "micro_batch": training.per_device_train_batch_size,
        "accumulation": training.gradient_accumulation_steps,
        "epochs": training.num_train_epochs,
        # With packing it counts one token less, and pads to it again.
        "sequence": data.cutoff_len + bool(data.packing),
        "packing": data.packing,
        "rank": tuning.lora_rank if tuning.finetuning_type == "lora" else None,
        "alpha": tuning.lora_alpha if tuning.finetuning_type == "lora" else None,
        "four_bits": model.quantization_bit == 4,
        "fp8": training.fp8,
        "from_scratch": model.train_from_scratch,
        "zero": stage,
        "known_data": data.dataset[0] in json.loads(Path("data/dataset_info.json").read_text()),
    }
    sys.stdout.write("\n" + json.dumps(understood))
