"""From a known score of the same model and task to another method, format or amount of data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_anchor import carried_to
from solver.estimate.quality_curve import effective_examples
from solver.estimate.quality_delta import Delta
from solver.estimate.quality_deltas import (
    LOW_RANK,
    METHOD_KEYS,
    Recipe,
    format_delta,
    method_delta,
)
from solver.estimate.quality_formats import ENCODER_INT8
from solver.estimate.quality_rank import shortfall
from solver.scored.case import SIXTEEN_BITS
from solver.scored.forecast import Forecast, around, moved

if TYPE_CHECKING:
    from solver.estimate.quality_constants import QualityConstants
    from solver.scored.case import Case, Known
    from solver.scored.task import Subject

CHOICES = (
    "ARC-c",
    "ARC-e",
    "HellaSwag",
    "WinoGrande",
    "PIQA",
    "OBQA",
    "BoolQ",
    "RTE",
    "TruthfulQA",
    "CSQA",
    "SIQA",
)
"""Choices among few: coarse formats cost little there."""

FORMATS = (
    ("fp8", "fp8-block"),
    ("mxfp4", "mxfp4 RTN"),
    ("nvfp4-qat", "nvfp4-qat"),
    ("nvfp4", "nvfp4 RTN"),
    ("int8", "int8-w8a16 calibrated"),
    ("w8a", "int8-w8a16 calibrated"),
    ("int2", "int2-g128"),
    ("int3", "int3-g128"),
    ("int4-perchannel", "int4-perchannel"),
    ("int4", "int4-g128"),
    ("w4a16", "int4-g128"),
    ("gptq", "int4-g128"),
    ("awq", "int4-g128"),
)
"""First match of a spelling of a deployed format; integers come calibrated unless RTN is said."""

TUNED_FORMATS = {"nf4": "qlora-nf4", "fp4": "qlora-fp4", "int8": "qlora-int8", "4bit": "qlora-nf4"}
"""Formats of frozen base weights while adapters train."""

RUN_SD = 0.004
"""Spread of a repeated fine-tuning at even odds, beside what the task's size brings. [ratio]"""

UNLISTED_SD = {"math": 0.12, "code": 0.12}
"""Doubt about a method that is in no table, taken for a low-rank one. [ratio]"""

UNLISTED_ELSEWHERE = 0.03
"""The same on other kinds of task. [ratio]"""

OTHER_DATA_SD = 0.12
"""Doubt in maths and code where two scores do not state the same training examples. [ratio]"""

WEAK = ("prefix", "prompt_tuning", "linear_probe", "bitfit")
"""Methods that fail at times: a score by them says less of another method."""

WEAK_SD = 0.10
"""[ratio]"""

SAME_SIZE = 1.3
"""Amounts of data within this factor count as equal."""


def from_known(
    case: Case, subject: Subject, known: Known, constants: QualityConstants
) -> Forecast | str:
    """The case from one known score of the same model and task; a string says why not."""
    held = min(max(known.score, 0.03), 0.97)
    noise = 2.0 * math.sqrt(held * (1.0 - held)) * RUN_SD
    forecast = around(known.score, noise, "measured", f"the same model's {_what(known)}")
    forecast = resized(
        case, subject, known.score, known.examples, known.epochs, forecast, constants
    )
    if case.trains and _other_data(case, known, subject):
        forecast = moved(forecast, 0.0, OTHER_DATA_SD, "perhaps other training data")
    if case.trains:
        step = method_step(case, known, subject, constants)
        forecast = moved(forecast, step.mean, step.sd, f"{case.method} against {known.method}")
    for sign, entry in ((1.0, case), (-1.0, known)):
        part = format_step(entry.precision, entry.method, subject, constants)
        if part is None:
            return f"nothing published on the format {entry.precision}"
        forecast = moved(forecast, sign * part.mean, part.sd, "")
    return forecast


def _other_data(case: Case, known: Known, subject: Subject) -> bool:
    """True where the training data of two scores may differ in what matters most."""
    return subject.kind in {"math", "code"} and known.examples != case.examples


def method_step(case: Case, known: Known, subject: Subject, constants: QualityConstants) -> Delta:
    """Difference between two trained methods of one model."""
    wanted = recipe_of(case.rank, case.epochs or known.epochs, case.examples, case.task)
    had = recipe_of(known.rank, known.epochs or case.epochs, known.examples, known.task)
    if case.method == known.method == "full":
        return Delta(0.0, 0.0, 3)
    law = next((law for law in constants.ranks if law.kind == subject.kind), None)
    if law is not None and case.method in LOW_RANK and known.method in LOW_RANK:
        # one model's two ranks: what models differ in cancels
        gap = _factors(subject.kind, wanted) - _factors(subject.kind, had)
        variance = float(gap @ np.array(law.covariance) @ gap)
        return Delta(
            float(gap @ np.array(law.mean)), math.sqrt(variance + 2.0 * law.residual**2), law.models
        )
    first = listed_delta(case.method, subject.kind, constants, wanted)
    second = listed_delta(known.method, subject.kind, constants, had)
    if case.method == known.method:
        return Delta(0.0, 0.7 * first.sd, first.models)
    weak = WEAK_SD if known.method in WEAK and case.method not in WEAK else 0.0
    return Delta(
        first.mean - second.mean,
        math.hypot(first.sd, second.sd, weak),
        min(first.models, second.models),
    )


def listed_delta(method: str, kind: str, constants: QualityConstants, recipe: Recipe) -> Delta:
    """Difference to full fine-tuning; a method in no table is taken for a low-rank one."""
    if method in {"", "full"}:
        return Delta(0.0, 0.0, 3)
    if is_listed(method):
        # the format of frozen weights is added apart, from the case's own column
        return method_delta("lora" if method == "qlora" else method, kind, constants, recipe)
    found = method_delta("lora", kind, constants, recipe)
    return Delta(
        found.mean - 0.01, math.hypot(found.sd, UNLISTED_SD.get(kind, UNLISTED_ELSEWHERE)), 0
    )


def is_listed(method: str) -> bool:
    """True for full fine-tuning and methods of the table of differences."""
    return method in {"", "full", *METHOD_KEYS.values(), *LOW_RANK}


def format_step(
    precision: str, method: str, subject: Subject, constants: QualityConstants
) -> Delta | None:
    """Difference of a number format to 16 bits; None where nobody measured it."""
    kind = "nlu_large" if subject.task in CHOICES else subject.kind
    tuned = method in {"qlora", "lora"}
    name = precision or ("nf4" if method == "qlora" else "")
    if name in SIXTEEN_BITS or name.startswith("train-"):
        return Delta(0.0, 0.0, 3)
    if tuned:
        key = next((value for word, value in TUNED_FORMATS.items() if name.startswith(word)), "")
        return format_delta(key, kind, constants) or format_delta("qlora-nf4", "code", constants)
    key = next((value for word, value in FORMATS if word in name), "")
    if subject.encoder:
        # the tables of deployed formats are of models that generate; encoders have int8 alone
        return format_delta(ENCODER_INT8, "nlu_large", constants) if "int8" in key else None
    if key.startswith(("int2", "int3", "int4")):
        key += " RTN" if "rtn" in name else " calibrated"
    return format_delta(key, kind, constants)


def resized(
    case: Case,
    subject: Subject,
    score: float,
    examples: float | None,
    epochs: float | None,
    forecast: Forecast,
    constants: QualityConstants,
) -> Forecast:
    """The forecast at the case's amount of data, from a score with another amount."""
    if not case.trains or examples is None or case.examples is None:
        return forecast
    passes = case.epochs or epochs or 1.0
    had = float(effective_examples(examples, epochs or passes, constants.curve))
    wanted = float(effective_examples(case.examples, passes, constants.curve))
    if 1.0 / SAME_SIZE <= wanted / had <= SAME_SIZE:
        return forecast
    carried = carried_to(
        np.array([score]),
        np.array([0.0]),
        had,
        np.array([wanted]),
        subject.chance,
        constants.curve,
    )
    step = float(carried.median[0, 0]) - score
    return moved(
        forecast,
        step,
        float(carried.sd[0, 0]),
        f"{case.examples:,.0f} examples for {examples:,.0f}",
    )


def recipe_of(
    rank: float | None, epochs: float | None, examples: float | None, task: str
) -> Recipe:
    """What low rank depends on, with three passes where none are stated."""
    return Recipe(rank=rank, epochs=epochs or 3.0, examples=examples, pretraining="CPT" in task)


def _factors(kind: str, recipe: Recipe) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return shortfall(
        kind, recipe.rank, recipe.epochs, recipe.examples, pretraining=recipe.pretraining
    )


def _what(known: Known) -> str:
    words = [known.method if known.method != "none" else "prompting", known.precision]
    return "score by " + " in ".join(word for word in words if word)
