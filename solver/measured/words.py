"""What the words of a measured run mean: precision, method, stack, sharding, network."""

from __future__ import annotations

import re
from enum import IntEnum

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Optimizer,
    Sharding,
    Stack,
    Storage,
    Tuning,
)


class MemoryMeasure(IntEnum):
    """Whose peak a figure is."""

    ALLOCATED = 0
    """What the framework's allocator handed out."""
    RESERVED = 1
    """What it took from the device."""
    DEVICE = 2
    """What the device sees, context included."""
    UNSTATED = 3
    """Nobody says; taken as what the device sees."""


KINDS = {
    "pretrain": Tuning.PRETRAIN,
    "full_ft": Tuning.FULL,
    "full": Tuning.FULL,
    "lora": Tuning.LORA,
    "qlora": Tuning.QLORA,
    "adapter": Tuning.ADAPTER,
    "distil": Tuning.DISTILLATION,
    "distillation": Tuning.DISTILLATION,
    "dora": Tuning.DORA,
    "prefix": Tuning.PREFIX,
    "ia3": Tuning.IA3,
    "bitfit": Tuning.BITFIT,
    "prompt_tuning": Tuning.PROMPT_TUNING,
    "linear_probe": Tuning.LINEAR_PROBE,
}
"""Kinds of the contract, and methods that the contract files under `adapter`."""

ADAPTER_WORDS = (
    (r"peft IA3|; IA3\b|adapter[_ -]v2", Tuning.IA3),
    (r"method adapter\b", Tuning.PREFIX),
    (r"PROMPT_TUNING|P_TUNING", Tuning.PROMPT_TUNING),
    (r"PREFIX_TUNING|CARTRIDGE", Tuning.PREFIX),
    (r"LN_TUNING|LN-tuning|BEFT|ROAD", Tuning.BITFIT),
)
"""Words in `notes` that say which of the methods filed under `adapter` was run."""

STACKS = (
    (r"mlperf", Stack.MLPERF),
    (r"megatron|nemo|deepspeed", Stack.MEGATRON),
    (r"nvidia_dle|deeplearningexamples", Stack.NVIDIA_EXAMPLES),
    (r"jax|xla|maxtext|paxml", Stack.JAX),
    (r"fsdp|torchtitan|composer|foundry", Stack.PYTORCH_FSDP),
    (r"hf|hugging|trainer|torchtune|axolotl|unsloth|trl|peft|litgpt", Stack.HF_TRAINER),
)
"""Words of `stack`, the first that fits."""

NETWORKS_BYTES_PER_S = {
    Generation.PASCAL: 6.25e9,
    Generation.VOLTA: 6.25e9,
    Generation.TURING: 3.0e9,
    Generation.AMPERE: 25e9,
    Generation.ADA: 3.0e9,
    Generation.HOPPER: 50e9,
    Generation.BLACKWELL: 50e9,
    Generation.CDNA: 50e9,
    Generation.TPU: 90e9,
    Generation.TRAINIUM: 6.0e9,
    Generation.GAUDI: 9.0e9,
    Generation.OTHER: 3.0e9,
}
"""Network of one accelerator in the clusters that were common for its generation. [byte/s]"""


OMNI_PATH_BYTES_PER_S = 54.2e9 / 8.0 / 0.78
"""Line rate that stands for the four Omni-Path links of a machine: NCCL has no driver of their own
and reached 54 of 400 Gbit/s in all-reduces of 4 GB on 16 machines (bigscience2021); the rest of
the formulas take 0.78 of a line rate. [byte/s]"""


def tuning_of(kind: str, notes: str) -> Tuning | None:
    """The method of a kind, refined by what the notes say; None where the kind is not known."""
    tuning = KINDS.get(kind.lower())
    if tuning is Tuning.ADAPTER:
        for pattern, found in ADAPTER_WORDS:
            if re.search(pattern, notes):
                return found
    if tuning is Tuning.LORA and re.search(r"\bdora\b", notes, re.IGNORECASE):
        return Tuning.DORA
    return tuning


def compute_of(precision: str, generation: Generation) -> Compute:
    """Format of the products; empty: what the generation is trained in."""
    word = precision.lower()
    by_beginning = (
        ("fp32", Compute.FP32),
        ("tf32", Compute.TF32),
        ("fp8", Compute.FP8),
        ("mxfp8", Compute.FP8),
        ("int8_aqt", Compute.FP8),
        ("nvfp4", Compute.FP4),
        ("mxfp4", Compute.FP4),
        ("bf16_pure", Compute.BF16_PURE),
        ("nf4", Compute.BF16_PURE),
        ("int4", Compute.BF16_PURE),
        ("int8", Compute.BF16_PURE),
        ("4bit", Compute.BF16_PURE),
        ("8bit", Compute.BF16_PURE),
        ("fp16", Compute.FP16_MIXED),
        ("float16", Compute.FP16_MIXED),
        ("bf16", Compute.BF16_MIXED),
        ("bfloat16", Compute.BF16_MIXED),
        ("float32", Compute.FP32),
    )
    for beginning, compute in by_beginning:
        if word.startswith(beginning):
            return compute
    return Compute.FP16_MIXED if generation <= Generation.TURING else Compute.BF16_MIXED


def storage_of(precision: str, tuning: Tuning) -> Storage:
    """Format of frozen weights."""
    word = precision.lower()
    if "gptq" in word:
        return Storage.GPTQ
    if word.startswith("nf4") and re.search(r"dq|double", word):
        return Storage.NF4_DOUBLE
    if word.startswith(("nf4", "int4", "4bit")):
        return Storage.NF4
    if word.startswith(("int8", "8bit")) and "aqt" not in word:
        return Storage.INT8
    return Storage.NF4 if tuning is Tuning.QLORA else Storage.AS_COMPUTED


def sharding_of(words: str) -> Sharding:
    """What replicas split."""
    word = words.lower()
    stage = re.search(r"(?:zero|stage)[- _]*(?:stage[- _]*)?([123])", word)
    if re.search(r"grad_op|hybrid_shard_zero2", word) or (stage and stage[1] == "2"):
        return Sharding.GRADIENTS
    if "fsdp" in word or (stage and stage[1] == "3"):
        return Sharding.WEIGHTS
    if stage or re.search(r"zero$|distributed-opt", word):
        return Sharding.OPTIMIZER
    return Sharding.NONE


def optimizer_of(words: str) -> Optimizer:
    """State that a trained weight carries."""
    word = words.lower()
    if "paged" in word:
        return Optimizer.PAGED
    if "8bit" in word or "8-bit" in word:
        return Optimizer.ADAMW_8BIT
    if "adafactor" in word:
        return Optimizer.ADAFACTOR
    if "sgd" in word:
        return Optimizer.SGD
    return Optimizer.LAMB if "lamb" in word else Optimizer.ADAMW


def checkpointing_of(word: str) -> Checkpointing | None:
    """Which activations are kept; None where not known."""
    return {
        "none": Checkpointing.NONE,
        "no": Checkpointing.NONE,
        "false": Checkpointing.NONE,
        "selective": Checkpointing.SELECTIVE,
        "full": Checkpointing.FULL,
        "yes": Checkpointing.FULL,
        "true": Checkpointing.FULL,
    }.get(word.lower())


def stack_of(word: str, sharding: str = "") -> Stack | None:
    """The software family; None where not stated.

    Args:
        word: of the column `stack`.
        sharding: of the column `zero_stage_or_fsdp`, which may name it more exactly.
    """
    if re.search(r"\bjax\b|paxml|maxtext", sharding.lower()):
        return Stack.JAX
    for pattern, stack in STACKS:
        if re.search(pattern, word.lower()):
            return stack
    return Stack.OTHER if word else None


def flash_of(word: str) -> bool | None:
    """Whether attention never stores its scores; None where not known."""
    return {
        "yes": True,
        "true": True,
        "sdpa": True,
        "flash": True,
        "xformers": True,
        "no": False,
        "false": False,
        "eager": False,
    }.get(word.lower())


def network_bytes_per_s(interconnect: str, generation: Generation, gpus_per_node: float) -> float:
    """Network of one machine: as the text states it, else as was common. [byte/s]"""
    if "omni-path" in interconnect.lower():
        return OMNI_PATH_BYTES_PER_S
    each = re.search(r"(\d+) ?Gb/?s?[^,;)]* per GPU", interconnect)
    if each:
        return float(each[1]) * 1e9 / 8.0 * gpus_per_node
    cards = re.search(r"(\d+) ?x ?(\d+) ?Gb", interconnect)
    if cards:
        return float(cards[1]) * float(cards[2]) * 1e9 / 8.0
    node = re.search(r"(\d{3,4}) ?Gb(?:ps|/s)?/node", interconnect)
    if node:
        return float(node[1]) * 1e9 / 8.0
    return NETWORKS_BYTES_PER_S[generation] * gpus_per_node


def parameters_in_name(model: str) -> float | None:
    """Parameters that a name such as "llama2-7b" states. [1]"""
    found = re.findall(r"(?<![a-z0-9.])(\d+\.?\d*)\s*([bm])(?![a-z0-9])", model.lower())
    if not found:
        return None
    number, unit = found[-1]
    return float(number) * (1e9 if unit == "b" else 1e6)


def is_encoder(model: str) -> bool:
    """True for names of the BERT family."""
    return re.search(r"bert|electra|deberta|mpnet|minilm", model.lower()) is not None


def is_encoder_decoder(model: str) -> bool:
    """True for names of the T5 and BART families, of translators, and for layers such as 6+6."""
    words = r"\bm?t5|flan-t5|\bul2|(?<!s)bart\b|pegasus|marian|nllb|m2m|\d ?\+ ?\d"
    return re.search(words, model.lower()) is not None


def memory_measure(source: str, notes: str) -> MemoryMeasure:
    """Whose peak a row states."""
    words = f"{source} {notes}".lower()
    if re.search(r"nvidia-smi|device memory", words):
        return MemoryMeasure.DEVICE
    if "reserved" in words:
        return MemoryMeasure.RESERVED
    if re.search(r"allocat|max_memory|litgpt|torchtune", words):
        return MemoryMeasure.ALLOCATED
    return MemoryMeasure.UNSTATED
