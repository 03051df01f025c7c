"""Rows of measured runs, as files that tests write."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ROW = {
    "id": "ex-001",
    "year": "2024",
    "kind": "lora",
    "model": "llama2-7b",
    "params_total": "6738415616",
    "n_layers": "32.0",
    "hidden": "4096",
    "n_heads": "32",
    "ffn_hidden": "11008",
    "vocab": "32000",
    "gpu": "A100-SXM-80GB",
    "n_gpus": "1",
    "precision": "bf16_pure",
    "seq_len": "2048",
    "micro_batch": "4",
    "activation_checkpointing": "full",
    "lora_rank": "8",
    "stack": "hf_or_torch_finetune",
    "tokens_per_s_per_gpu": "3000",
    "peak_mem_gb": "22",
    "temperature_of_the_room": "21",
}


def write_rows(path: Path, *rows: dict[str, str]) -> Path:
    """A file of runs with every column that any of the rows has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path
