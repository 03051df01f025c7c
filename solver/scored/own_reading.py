"""Files of scores in, what is to be kept out: tables, and what trainers write of evaluations.

Nothing is written here: `write_own` keeps what is shown.
"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from catalog.problems import Problem, ProblemsError
from solver.estimate.quality_constants import OwnScore
from solver.estimate.quality_ground import task_name
from solver.files import read_text
from solver.scored.own import OwnScores, OwnScoresError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from catalog.tables import Catalog

MOST_BYTES = 50_000_000
"""A log of evaluations has some thousands. [byte]"""

COLUMNS = ("task", "model", "method", "examples", "epochs", "score", "evaluated_on")
"""Of a table; `train_examples` and `n_eval` stand for examples and evaluated_on too."""

OTHER_NAMES = {"train_examples": "examples", "n_eval": "evaluated_on"}

NEEDED = ("task", "examples", "score")

USUAL_EPOCHS, USUAL_EVALUATED_ON = 3, 1000

METRICS = {
    "acc": ("accuracy", "acc"),
    "f1": ("f1", "f1_score"),
    "mcc": ("matthews_correlation", "mcc"),
    "corr": ("pearson", "pearsonr", "spearmanr", "combined_score"),
    "em": ("exact_match", "exact"),
}
"""Names under which trainers write the metric of a task, behind `eval_`."""

PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Trained:
    """What a log of evaluations does not say: which job of which plan was run."""

    task: str
    model: str
    method: str
    epochs: int
    examples: int


@dataclass(frozen=True, slots=True)
class OwnReading:
    """What some files say, beside what was known."""

    own: OwnScores
    """Every score, those read included: what is to be kept."""
    read: tuple[OwnScore, ...]


def read_scores(
    files: Sequence[Path],
    kept: OwnScores,
    catalog: Catalog,
    today: date,
    trained: Trained | None = None,
) -> OwnReading:
    """What some files of scores add; nothing is kept yet.

    Args:
        files: tables with the columns `COLUMNS`, and, where it is said what was trained, Hugging
            Face's trainer_state.json, all_results.json or eval_results.json and CSV exports of
            Weights & Biases.
        kept: the scores known so far; a file that was read before replaces what it said.
        catalog: resolves tasks, models and methods by any known name.
        today: the day that is kept with the scores.
        trained: what the logs are of.

    Raises:
        OwnScoresError: some file cannot be used; all faults of all files at once.
    """
    read: list[OwnScore] = []
    faults: list[Problem] = []
    for file in files:
        try:
            text = read_text(file, MOST_BYTES)
            if text.lstrip().startswith("{"):
                read.append(_logged(text, file.name, catalog, today, trained))
            else:
                read.extend(_table(text, file.name, catalog, today, trained))
        except ProblemsError as error:
            faults.extend(error.problems)
    if faults:
        raise OwnScoresError("Nothing was kept", faults)
    return OwnReading(kept.joined(read), tuple(read))


def _table(
    text: str, where: str, catalog: Catalog, today: date, trained: Trained | None
) -> list[OwnScore]:
    rows = [
        {OTHER_NAMES.get(k.strip(), k.strip()): (v or "").strip() for k, v in row.items() if k}
        for row in csv.DictReader(text.lstrip("\ufeff").splitlines())
    ]
    header = set(rows[0]) if rows else set()
    if trained is not None and not header & set(NEEDED):
        return [_exported(rows, where, catalog, today, trained)]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        what = f"it has no rows with {', '.join(missing)}" if rows else "it is no table with rows"
        _refuse(where, what, f"Give a CSV file with the columns {', '.join(COLUMNS)}.")
    faults: list[Problem] = []
    made: list[OwnScore] = []
    scores = [_number(row["score"]) for row in rows]
    # a table with any score above 1 is in percent throughout
    scale = PERCENT if any(score is not None and score > 1.0 for score in scores) else 1.0
    for number, (row, score) in enumerate(zip(rows, scores, strict=True), start=2):
        place = f"{where}, line {number}"
        wrong = [*_wrong_names(row, place, catalog), *_wrong_numbers(row, score, place)]
        faults += wrong
        if not wrong and score is not None:
            made.append(_score(row, score / scale, where, catalog, today))
    if faults:
        raise OwnScoresError("Nothing was kept", faults)
    return made


def _score(
    row: Mapping[str, str], score: float, where: str, catalog: Catalog, today: date
) -> OwnScore:
    model = catalog.model_named(row.get("model", ""))
    method = catalog.method_named(row.get("method") or "full")
    return OwnScore(
        task=task_name(row["task"], catalog),
        model=model.name if model else "",
        method=method.id if method else "full",
        examples=int(_number(row["examples"]) or 1),
        epochs=int(_number(row.get("epochs")) or USUAL_EPOCHS),
        score=score,
        evaluated_on=int(_number(row.get("evaluated_on")) or USUAL_EVALUATED_ON),
        read_on=today,
        source=where,
    )


def _wrong_names(row: Mapping[str, str], place: str, catalog: Catalog) -> list[Problem]:
    found: list[Problem] = []
    if not row["task"]:
        found.append(Problem(place, "it names no task", "Fill the column task."))
    model, method = row.get("model", ""), row.get("method", "")
    if catalog.model_named(model) is None:
        what = f"model {model!r} is not in the catalogue" if model else "it names no model"
        found.append(Problem(place, what, "See `trilemma catalog list models`."))
    if method and catalog.method_named(method) is None:
        what = f"method {method!r} is not in the catalogue"
        found.append(Problem(place, what, "See `trilemma catalog list methods`."))
    return found


def _wrong_numbers(row: Mapping[str, str], score: float | None, place: str) -> list[Problem]:
    found: list[Problem] = []
    if score is None or not 0.0 <= score <= PERCENT:
        what = f"score {row['score']!r} is no score from 0 to 1 or from 0 to 100"
        found.append(Problem(place, what, "Give accuracies, F1 or correlations."))
    for name in ("examples", "epochs", "evaluated_on"):
        value = _number(row.get(name))
        if row.get(name) and (value is None or value < 1):
            found.append(
                Problem(place, f"{name} {row[name]!r} is no number above zero", "Correct it.")
            )
    if not row["examples"]:
        found.append(Problem(place, "examples is empty", "Say on how many it was trained."))
    return found


def _logged(
    text: str, where: str, catalog: Catalog, today: date, trained: Trained | None
) -> OwnScore:
    """The last evaluation that a trainer wrote."""
    try:
        told = json.loads(text)
    except ValueError as error:
        _refuse(where, f"it is no JSON: {error}", _KNOWN)
    if trained is None:
        _refuse(where, "a log does not say what was trained", "Name the plan with --plan ANSWER.")
    history = told.get("log_history", [told])
    entries = [entry for entry in history if isinstance(entry, dict)]
    return _evaluated(entries, where, catalog, today, trained)


def _evaluated(
    entries: Sequence[Mapping[str, Any]],
    where: str,
    catalog: Catalog,
    today: date,
    trained: Trained,
) -> OwnScore:
    """The last evaluation in the task's metric."""
    task = catalog.task_named(trained.task)
    score, names = _last_score(entries, task.metric if task else "")
    if score is None:
        metrics = ", ".join(f"eval_{name}" for name in names)
        _refuse(where, f"no evaluation states {metrics}", _KNOWN)
    scale = PERCENT if score > 1.0 else 1.0
    if not 0.0 <= score <= PERCENT:
        _refuse(where, f"the last evaluation scores {score:g}", _KNOWN)
    return OwnScore(
        task=task_name(trained.task, catalog),
        model=trained.model,
        method=trained.method,
        examples=int(_stated(entries, "train_samples") or trained.examples),
        epochs=max(1, round(_stated(entries, "epoch") or trained.epochs)),
        score=score / scale,
        evaluated_on=int(_stated(entries, "eval_samples") or USUAL_EVALUATED_ON),
        read_on=today,
        source=where,
    )


def _exported(
    rows: Sequence[Mapping[str, str]],
    where: str,
    catalog: Catalog,
    today: date,
    trained: Trained,
) -> OwnScore:
    """The last evaluation of an export: a column such as `eval/accuracy`, perhaps of a run."""
    named = [
        {name.rpartition(" - ")[2].replace("eval/", "eval_"): cell for name, cell in row.items()}
        for row in rows
    ]
    return _evaluated(named, where, catalog, today, trained)


def _last_score(
    entries: Sequence[Mapping[str, Any]], metric: str
) -> tuple[float | None, tuple[str, ...]]:
    """The last evaluation in the task's metric, in any known one where the task is new."""
    every = tuple(name for names in METRICS.values() for name in names)
    names = METRICS.get(metric, every)
    for name in names:
        found = _stated(entries, f"eval_{name}")
        if found is not None:
            return found, names
    return None, names


def _stated(entries: Sequence[Mapping[str, Any]], name: str) -> float | None:
    """The last finite number under a name."""
    values = [_number(entry.get(name)) for entry in entries]
    known = [value for value in values if value is not None]
    return known[-1] if known else None


def _number(cell: Any) -> float | None:  # noqa: ANN401 - a cell of JSON or CSV
    if isinstance(cell, bool) or cell is None:
        return None
    try:
        value = float(cell)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


_KNOWN = (
    f"Give a CSV file with the columns {', '.join(COLUMNS)}, or with --plan a trainer_state.json, "
    "all_results.json or eval_results.json of Hugging Face's trainer or an export of Weights & "
    "Biases."
)


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    raise OwnScoresError("The file cannot be used", [Problem(where, what, remedy)])
