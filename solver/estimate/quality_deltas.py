"""What a method or a number format costs in score, against full fine-tuning in 16 bits.

Medians of paired differences by kind of task, shrunk towards all kinds together; where fewer than
three models stand behind a number, the spread between models is added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.schema import MethodKind
from solver.estimate.quality_delta import Delta
from solver.estimate.quality_rank import rank_delta, shortfall

if TYPE_CHECKING:
    from solver.estimate.quality_constants import Cell, FormatCell, QualityConstants
    from solver.space.variants import Variant

METHOD_KEYS = {
    MethodKind.FULL: "full",
    MethodKind.LORA: "lora",
    MethodKind.DORA: "dora",
    MethodKind.QLORA: "qlora",
    MethodKind.ADAPTER: "adapter",
    MethodKind.PREFIX: "prefix",
    MethodKind.IA3: "ia3",
    MethodKind.BITFIT: "bitfit",
    MethodKind.PROMPT_TUNING: "prompt_tuning",
    MethodKind.LINEAR_PROBE: "linear_probe",
}
"""Names of the methods in the tables of differences; other kinds have no difference."""

BETWEEN_MODELS = {
    "nlu_large": 0.006,
    "nlu_small": 0.015,
    "qa": 0.015,
    "generation": 0.015,
    "knowledge": 0.015,
    "math": 0.05,
    "code": 0.08,
    "chat": 0.03,
}
"""Spread between models where fewer than three stand behind a cell. [ratio], judgement."""

UNKNOWN_SPREAD = 0.04
"""The same for other kinds of task. [ratio], judgement."""

ENOUGH_MODELS = 3

SHRINKAGE = 4.0
"""Pairs at which a cell counts as much as its pool."""

NO_POOL = (-0.03, 0.06)
"""Difference and spread of a method nobody compared. [ratio], judgement."""

HARD_KINDS = ("generation", "knowledge", "math", "code", "chat")
"""Kinds of task on which coarse number formats cost more."""

KEPT_FORMATS = ("fp32", "tf32", "fp16", "bf16")
"""Formats in which a training run scores the same (train-fp16 against fp32: -0.0008)."""


NOTHING = Delta(0.0, 0.0, ENOUGH_MODELS)

DISTILLED = Delta(0.0, 0.015, ENOUGH_MODELS)
"""A student against the same student fine-tuned: distilled encoders lie where their size and
generation put them (fitted effect 0.1 standard deviations of quality)."""

LOW_RANK = ("lora", "dora", "adalora")
"""Methods that add matrices of low rank: no table sets them apart beyond its noise."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a method's price depends on besides the kind of task."""

    rank: float | None = None
    epochs: float = 3.0
    examples: float | None = None
    """None: many."""
    pretraining: bool = False


def method_delta(
    method: str,
    kind: str,
    constants: QualityConstants,
    recipe: Recipe | None = None,
) -> Delta:
    """Score of a method minus full fine-tuning, for a kind of task.

    Args:
        method: name in the tables (`METHOD_KEYS`).
        kind: key of `catalog.schema.Task.kind`.
        constants: fitted numbers.
        recipe: rank, passes and data, which matter to low-rank methods in maths and code.
    """
    if method == "full":
        return NOTHING
    if method == "qlora":
        tuned = method_delta("lora", kind, constants, recipe)
        stored = format_delta("qlora-nf4", kind, constants) or NOTHING
        return _sum(tuned, stored)
    if method in LOW_RANK:
        law = next((law for law in constants.ranks if law.kind == kind), None)
        if law is not None:
            known = recipe or Recipe()
            factors = shortfall(
                kind, known.rank, known.epochs, known.examples, pretraining=known.pretraining
            )
            return rank_delta(law, factors)
        method = "lora"
    return _cell_delta(method, kind, constants)


def _cell_delta(method: str, kind: str, constants: QualityConstants) -> Delta:
    pool = _cell(constants.methods, method, "")
    cell = _cell(constants.methods, method, kind)
    pool_mean, pool_sd = (pool.delta, pool.sd) if pool else NO_POOL
    mean, sd, pairs, models = (
        (cell.delta, cell.sd, cell.pairs, cell.models) if cell else (pool_mean, pool_sd, 0, 0)
    )
    own = pairs / (pairs + SHRINKAGE)
    variance = own * sd**2 + (1.0 - own) * (pool_sd**2 + 0.01**2) + 0.002**2
    if models < ENOUGH_MODELS:
        between = BETWEEN_MODELS.get(kind, UNKNOWN_SPREAD)
        variance += between**2 * (1.0 + 1.0 / max(models, 1))
    return Delta(own * mean + (1.0 - own) * pool_mean, math.sqrt(variance), models)


def format_delta(name: str, kind: str, constants: QualityConstants) -> Delta | None:
    """Score in a number format minus the score in 16 bits; None where nobody measured it."""
    if name in KEPT_FORMATS:
        return NOTHING
    hard = kind in HARD_KINDS
    for cell in constants.formats:
        if cell.format == name and cell.hard == hard:
            return Delta(cell.delta, format_sd(cell), cell.models)
    return None


def variant_delta(
    variant: Variant, kind: str, constants: QualityConstants, examples: float | None = None
) -> Delta | None:
    """Score of a variant minus full fine-tuning in 16 bits; None where nothing is known."""
    if variant.method.kind is MethodKind.DISTILLATION:
        return DISTILLED
    method = METHOD_KEYS.get(variant.method.kind)
    if method is None:
        return None
    total = method_delta(method, kind, constants, Recipe(rank=variant.rank, examples=examples))
    formats = [variant.precision.compute_format]
    if variant.storage == "int8":
        formats.append("qlora-int8")
    for name in formats:
        part = format_delta("fp8-block" if name == "fp8" else name, kind, constants)
        if part is None:
            return None
        total = _sum(total, part)
    return total


def _sum(first: Delta, second: Delta) -> Delta:
    return Delta(
        first.mean + second.mean,
        math.hypot(first.sd, second.sd),
        min(first.models, second.models),
    )


def _cell(cells: tuple[Cell, ...], method: str, kind: str) -> Cell | None:
    return next((cell for cell in cells if cell.method == method and cell.kind == kind), None)


def format_sd(cell: FormatCell) -> float:
    """Spread of a difference in a number format, between models included. [ratio]"""
    coarse = "fp4" in cell.format and "qlora" not in cell.format
    floor = (0.06 if cell.hard else 0.01) if coarse else 0.003
    between = floor**2 * (1.0 + 1.0 / cell.models) if cell.models < ENOUGH_MODELS else 0.0
    return math.sqrt(cell.sd**2 + 0.002**2 + between)
