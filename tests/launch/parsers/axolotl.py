"""What Axolotl's schema understands of a folder of launch files, as JSON."""

import json
import sys
from pathlib import Path

import yaml

# The folder of this script comes first on the path and holds a module of the same name.
sys.path.pop(0)

if __name__ == "__main__":
    from axolotl.utils.schemas.config import AxolotlInputConfig

    settings = yaml.safe_load(Path("axolotl.yaml").read_text())
    config = AxolotlInputConfig(**settings)
    understood = {
        "model": config.base_model,
        "rate": float(config.learning_rate),
        "schedule": str(getattr(config.lr_scheduler, "value", config.lr_scheduler)),
        "warmup": config.warmup_steps,
        "micro_batch": config.micro_batch_size,
        "accumulation": config.gradient_accumulation_steps,
        "epochs": config.num_epochs,
        "sequence": config.sequence_len,
        "packing": bool(config.sample_packing),
        "rank": config.lora_r,
        "alpha": config.lora_alpha,
        "four_bits": bool(config.load_in_4bit),
        "fp8": bool(config.fp8),
        "from_scratch": bool(config.reinit_weights),
        "fsdp": config.fsdp_config is not None,
        "unknown": sorted(set(settings) - set(type(config).model_fields)),
    }
    sys.stdout.write("\n" + json.dumps(understood))
