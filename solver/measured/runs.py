"""Measured training runs in the contract of `trilemma estimate` and `trilemma validate`.

One row a run; unknown is empty. Every row becomes a `Run`; what cannot be used is said in it.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COUNTS = (
    "params_total",
    "params_active",
    "n_layers",
    "hidden",
    "n_heads",
    "n_kv_heads",
    "ffn_hidden",
    "vocab",
    "n_gpus",
    "gpus_per_node",
    "seq_len",
    "micro_batch",
    "global_batch_seqs",
    "dp",
    "tp",
    "pp",
    "cp",
    "lora_rank",
    "ep",
    "vp",
)
"""Columns of positive numbers that describe a run; the last two are optional."""

MEASURED = ("tokens_per_s_per_gpu", "tokens_per_s_total", "peak_mem_gb")
"""Columns of positive numbers that were measured."""

TEXTS = (
    "id",
    "kind",
    "model",
    "gpu",
    "accelerator",
    "interconnect",
    "precision",
    "zero_stage_or_fsdp",
    "activation_checkpointing",
    "optimizer",
    "flash_attention",
    "stack",
    "notes",
    "source_name",
    "year",
)
"""Columns of words."""

LARGEST = 1e16
"""No count of a real run exceeds this. [1]"""


class RunsError(ProblemsError):
    """A file of runs cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Run:
    """One row: what is known of a run, as the file states it."""

    texts: Mapping[str, str]
    counts: Mapping[str, float]
    """Only what is stated."""
    measured: Mapping[str, float]
    faults: tuple[str, ...]
    """Values that cannot be right; such a run is refused."""

    @property
    def id(self) -> str:
        """Name of the row."""
        return self.texts["id"]

    @property
    def source(self) -> str:
        """Beginning of the id up to the first hyphen: rows of one source share it."""
        return self.id.split("-", 1)[0]

    @property
    def tokens_per_s_per_gpu(self) -> float | None:
        """Measured speed of one accelerator. [token/s]"""
        if "tokens_per_s_per_gpu" in self.measured:
            return self.measured["tokens_per_s_per_gpu"]
        total, gpus = self.measured.get("tokens_per_s_total"), self.counts.get("n_gpus")
        return None if total is None or gpus is None else total / gpus


def read_runs(path: Path) -> tuple[Run, ...]:
    """Every row of a file, in order.

    Raises:
        RunsError: the file is missing, is not text, or has no header with `id`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "id" not in (reader.fieldnames or ()):
                what = "the first line has no column `id`"
                raise RunsError("The runs cannot be read", [_problem(path, what)])
            return tuple(_run(row) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise RunsError("The runs cannot be read", [_problem(path, what)]) from error


def _problem(path: Path, what: str) -> Problem:
    return Problem(path.name, what, "Give a CSV file with one measured run a row.")


def _run(row: Mapping[str, str | None]) -> Run:
    faults: list[str] = []
    texts = {name: (row.get(name) or "").strip() for name in TEXTS}
    counts = _numbers(row, COUNTS, faults)
    measured = _numbers(row, MEASURED, [])
    return Run(texts, counts, measured, tuple(faults))


def _numbers(
    row: Mapping[str, str | None], names: tuple[str, ...], faults: list[str]
) -> dict[str, float]:
    made: dict[str, float] = {}
    for name in names:
        text = (row.get(name) or "").strip()
        if not text:
            continue
        try:
            value = float(text)
        except ValueError:
            faults.append(f"{name} is {text!r}, not a number")
            continue
        if math.isfinite(value) and 0.0 < value < LARGEST:
            made[name] = value
        else:
            faults.append(f"{name} is {text}, not a positive number of this world")
    return made
