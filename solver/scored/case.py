"""Cases of `trilemma score`: one row a model on a task, with what is known and measured.

Unknown is empty. Spellings of methods and formats are joined here; scores become 0..1.
"""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

UNTRAINED = "none"
"""Method of a model that is only prompted."""

METHODS = {
    "": "",
    "full_ft": "full",
    "distil": "full",
    "distilled": "full",
    "distillation": "full",
    "few_shot": UNTRAINED,
    "zero_shot": UNTRAINED,
    "prompting": UNTRAINED,
    "base": UNTRAINED,
    "none": UNTRAINED,
    "prompt": "prompt_tuning",
    "adapters": "adapter",
    "linear": "linear_probe",
}
"""Other spellings of methods; the table of differences has the rest."""

INSTRUCT = "instruct"
"""Method of a model that its makers tuned to follow instructions, and that is only prompted."""

SIXTEEN_BITS = ("", "fp32", "tf32", "fp16", "bf16", "fp16_mixed", "bf16_mixed", "bf16_pure")
"""Formats in which scores are the same."""


class CasesError(ProblemsError):
    """A file of cases cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Known:
    """A score that is known, of this model or another."""

    model: str
    task: str
    metric: str
    method: str
    rank: float | None
    precision: str
    examples: float | None
    epochs: float | None
    score: float
    """[ratio], losses in nats."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A pilot."""

    examples: float
    score: float
    """[ratio], losses in nats."""


@dataclass(frozen=True, slots=True)
class Case:
    """One score that is asked for."""

    id: str
    model: str
    parameters: float | None
    tokens: float | None
    """Pre-training tokens. [token]"""
    task: str
    metric: str
    method: str
    form: str
    """What stands in brackets after the method, e.g. "classification head"."""
    rank: float | None
    precision: str
    examples: float | None
    epochs: float | None
    known: tuple[Known, ...]
    pilots: tuple[Measured, ...]
    """Ascending in examples."""
    evaluated_on: float
    faults: tuple[str, ...]
    """Values that cannot be read; such a case is refused."""

    @property
    def is_loss(self) -> bool:
        """True where less is better and no scale ends at 1."""
        return self.metric == "loss" or self.task.lower().endswith("loss")

    @property
    def trains(self) -> bool:
        """False for a model that is only prompted."""
        return self.method not in {UNTRAINED, INSTRUCT}


def read_cases(path: Path) -> tuple[Case, ...]:
    """Every row of a file, in order.

    Raises:
        CasesError: the file is missing, is not text, or has no header with `case_id`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "case_id" not in (reader.fieldnames or ()):
                raise _error(path, "the first line has no column `case_id`")
            return tuple(_case(row) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _error(path, str(getattr(error, "strerror", None) or error)) from error


def method_of(text: str) -> tuple[str, str]:
    """Method and form of a spelling: "full (prompt PVP 0)" is full, in the form in brackets."""
    name, _, rest = text.strip().lower().partition("(")
    key = name.strip().replace("-", "_").replace(" ", "_")
    if key.startswith("pretrain"):
        key = UNTRAINED
    return METHODS.get(key, key), rest.rstrip(") ").strip()


def number(value: object) -> float | None:
    """A finite number, None where there is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = float(str(value).strip())
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def parameters_in(name: str) -> float | None:
    """Size that a model's name states: 7b, 350M, 1_6b, 8x7B counts its experts. [1]"""
    found = re.findall(r"(?<![a-z\d])(?:(\d+)x)?(\d+(?:[._]\d+)?)\s?([bm])(?![a-z])", name.lower())
    if not found:
        return None
    times, digits, unit = found[-1]
    size = float(digits.replace("_", ".")) * (1e9 if unit == "b" else 1e6)
    return size * float(times or 1)


def _case(row: Mapping[str, Any]) -> Case:
    faults: list[str] = []
    metric = _text(row.get("metric")).lower()
    method, form = method_of(_text(row.get("method")))
    task = _text(row.get("task"))
    loss = metric == "loss" or task.lower().endswith("loss")
    pilots = [
        Measured(examples, score if loss else score / 100.0)
        for entry in _entries(row.get("pilots"), "pilots", faults)
        if (examples := number(entry.get("n"))) is not None
        and (score := number(entry.get("score"))) is not None
        and examples > 0
    ]
    known = tuple(
        _known(entry, score, loss)
        for entry in _entries(row.get("known_scores"), "known_scores", faults)
        if (score := number(entry.get("score"))) is not None
    )
    _against_scores([pilot.score for pilot in pilots], "pilots", loss, faults)
    _against_scores(
        [entry.score for entry in known if entry.metric != "loss"], "known_scores", loss, faults
    )
    return Case(
        id=_text(row.get("case_id")),
        model=_text(row.get("model")),
        parameters=_positive(row.get("params")),
        tokens=_positive(row.get("pretrain_tokens")),
        task=task,
        metric=metric,
        method=method,
        form=form,
        rank=_positive(row.get("lora_rank")),
        precision=_text(row.get("precision")).lower(),
        examples=_positive(row.get("train_examples")),
        epochs=_positive(row.get("epochs")),
        known=known,
        pilots=tuple(sorted(pilots, key=lambda pilot: pilot.examples)),
        evaluated_on=_positive(row.get("n_eval")) or 1000.0,
        faults=tuple(faults),
    )


def _against_scores(
    scores: Sequence[float],
    name: str,
    loss: bool,  # noqa: FBT001 - a fact
    faults: list[str],
) -> None:
    """Note scores that cannot be: losses at or below 0, others beyond -1..1."""
    if loss and any(score <= 0.0 for score in scores):
        faults.append(f"{name} holds a loss that is not above 0")
    if not loss and any(abs(score) > 1.0 for score in scores):
        faults.append(f"{name} holds a score beyond -100..100")


def _known(entry: Mapping[str, Any], score: float, loss: bool) -> Known:  # noqa: FBT001 - a fact
    method, _ = method_of(_text(entry.get("method")))
    metric = _text(entry.get("metric")).lower()
    scale = 10.0 if metric == "score10" else 100.0
    return Known(
        model=_text(entry.get("model")),
        task=_text(entry.get("task")),
        metric=metric,
        method=method,
        rank=_positive(entry.get("lora_rank")),
        precision=_text(entry.get("precision")).lower(),
        examples=_positive(entry.get("train_examples")),
        epochs=_positive(entry.get("epochs")),
        score=score if loss or metric == "loss" else score / scale,
    )


def _entries(cell: object, name: str, faults: list[str]) -> list[Mapping[str, Any]]:
    text = _text(cell)
    if not text:
        return []
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        faults.append(f"{name} is not a JSON list of objects")
        return []
    return found


def _positive(value: object) -> float | None:
    found = number(value)
    return found if found is not None and found > 0 else None


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _error(path: Path, what: str) -> CasesError:
    problem = Problem(path.name, what, "Give a CSV file with one case a row.")
    return CasesError("The cases cannot be read", [problem])
