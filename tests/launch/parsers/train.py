"""Trains a tiny model of the plan's kind on the CPU with the very files of a launch, twice.

The second start must go on from the last checkpoint. Weights, tokenizer and data are made here:
nothing is loaded from elsewhere.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import yaml

WORDS = [f"word{i}" for i in range(60)]


def tokenizer():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    names = ["[UNK]", "[PAD]", "</s>", "[MASK]", *WORDS]
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(names)}, "[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        unk_token="[UNK]",
        pad_token="[PAD]",
        eos_token="</s>",
        mask_token="[MASK]",
    )


def model(encoder):
    from transformers import BertConfig, BertForMaskedLM, LlamaConfig, LlamaForCausalLM

    size = {"vocab_size": 64, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    if encoder:
        return BertForMaskedLM(BertConfig(**size, num_attention_heads=2))
    return LlamaForCausalLM(LlamaConfig(**size, num_attention_heads=2, num_key_value_heads=2))


def data(labels):
    random.seed(0)
    for _ in range(64):
        words = random.choices(WORDS, k=12)
        text = " ".join(words)
        yield {"text": text, "label": int(words[0][4:]) % 2} if labels else {"text": text}


def answers():
    random.seed(0)
    for number in range(64):
        words = random.choices(WORDS, k=12)
        text = " ".join(words)
        start = text.index(words[5]) if number % 4 else -1
        yield {"question": words[5], "context": text, "answer": words[5], "start": start}


def main():
    files = sorted(Path().glob("phase-*.yaml")) or [Path("run.yaml")]
    settings = [yaml.safe_load(file.read_text()) for file in files]
    program = Path("train.py").read_text()
    labels = "outputs" in settings[0]
    tokenizer().save_pretrained("tiny")
    model("train_file" in settings[0]).save_pretrained("tiny")
    Path("data").mkdir(exist_ok=True)
    rows = answers() if "QuestionAnswering" in program else data(labels)
    Path("data/train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for file, one in zip(files, settings, strict=True):
        file.write_text(yaml.safe_dump(changed(one)))
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    for _ in range(2):
        for file in files:
            words = [sys.executable, "train.py", *([] if file.name == "run.yaml" else [file.name])]
            subprocess.run(words, check=True, env=environment, stdout=2)
    steps = sorted(int(path.name.split("-")[1]) for path in Path("output").glob("checkpoint-*"))
    state = json.loads(Path(f"output/checkpoint-{steps[-1]}/trainer_state.json").read_text())
    losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
    rates = {
        entry["step"]: entry["learning_rate"] for entry in state["log_history"] if "loss" in entry
    }
    saved = sorted(path.name for path in Path("output").iterdir() if path.is_file())
    told = {"steps": steps, "losses": losses, "rates": rates, "saved": saved}
    sys.stdout.write("\n" + json.dumps(told))


def changed(settings):
    """A CPU has neither these formats nor several accelerators; all else is the plan's."""
    other = {
        "model_name_or_path": "tiny",
        "use_cpu": True,
        "dtype": "float32",
        "bf16": False,
        "per_device_train_batch_size": 4,
        "max_length": min(settings["max_length"], 16),
        "warmup_steps": 1,
        "logging_steps": 1,
    }
    if settings["model_name_or_path"].startswith("../"):
        # The finished model of an earlier job.
        del other["model_name_or_path"]
    if "max_steps" not in settings:
        other["save_strategy"] = "epoch"
    for key in ("fsdp", "fsdp_config", "deepspeed"):
        settings.pop(key, None)
    return {**settings, **other}


if __name__ == "__main__":
    main()
