"""Whole cases of `trilemma score`, a tenth of (model, task) pairs left out at a time.

    python -m benchmarks.quality_cases --data FOLDER [--every N] [--whole-models]

Published fine-tunings and base scores of the left-out pairs are taken out of the tables that are
fitted and out of the catalogue, so that no score of that model on that task is known. Every second
case states what else is published of its model, up to `STATED` scores on tasks of other folds; the
others state nothing. Prior and curves are those shipped, for no curve is asked for. With
`--whole-models` all tasks of a tenth of the models are left out, and cases state nothing.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import quality_decoders, quality_fit, quality_tuned
from benchmarks import quality_tables as tables
from benchmarks.quality_report import Miss, summaries, table
from catalog.load import load_catalog
from catalog.tables import catalog_of
from solver.estimate.quality_constants import quality_constants
from solver.scored.case import read_cases
from solver.scored.cases import score_case
from solver.scored.forecast import Forecast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catalog.tables import Catalog
    from solver.estimate.quality_constants import QualityConstants

FOLDS = 10

STATED = 5

Folds = Callable[[str, str], int]

CATALOG = load_catalog()

UNSCALED = ("avg", "score10", "loss")
"""Metrics that are no share of right answers on one task."""


def fold_of(model: str, task: str) -> int:
    """Which fold a model and task belong to, the same in every run and spelling."""
    known, named = CATALOG.model_named(model), CATALOG.task_named(task)
    pair = f"{known.name if known else model}|{named.id if named else task}"
    return _fold(pair)


def fold_of_model(model: str, task: str) -> int:  # noqa: ARG001 - as the other
    """Which fold a model belongs to, whatever the task."""
    known = CATALOG.model_named(model)
    return _fold(known.name if known else model)


def _fold(pair: str) -> int:
    return int(hashlib.sha256(pair.encode()).hexdigest(), 16) % FOLDS


def without(folder: Path, fold: int, into: Path, fold_of: Folds = fold_of) -> QualityConstants:
    """Constants fitted to tables that lack a fold."""
    for name, task in (("finetune_results.csv", "task"), ("base_scores.csv", "benchmark")):
        rows = tables.rows(folder, name)
        with (into / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(row for row in rows if fold_of(row["model"], row[task]) != fold)
    shipped = quality_constants()
    pairs = tables.method_pairs(into)
    decoders = quality_decoders.decoders(into)
    factors = [
        [
            b.inflation_cold,
            b.inflation_line,
            b.inflation_siblings,
            b.inflation_alone,
            b.inflation_own,
        ]
        for b in shipped.benchmarks.benchmarks
    ]
    encoder = quality_fit.fit_encoders(tables.encoder_table(into))
    return shipped.model_copy(
        update={
            "encoder": encoder.model_copy(update={"carry_large": shipped.encoder.carry_large}),
            "methods": quality_fit.fit_methods(pairs),
            "ranks": quality_fit.fit_ranks(pairs),
            "benchmarks": quality_decoders.fit_benchmarks(decoders, factors, shipped.benchmarks),
            "tuned": quality_tuned.fit_tuned(*quality_tuned.tuned_scores(into)),
            "maths": quality_tuned.fit_maths(
                {m: s for m, s in quality_tuned.maths_scores(into).items() if "SFT" in s}
            ),
        }
    )


def catalog_without(fold: int, fold_of: Folds = fold_of) -> Catalog:
    """The catalogue without the published scores of a fold."""
    names = ("accelerators", "models", "methods", "precisions", "tasks", "sources")
    return catalog_of(
        **{name: getattr(CATALOG, name).values() for name in names},
        scores=[s for s in CATALOG.scores if fold_of(s.model, s.task) != fold],
        aliases=CATALOG.aliases,
    )


def published(folder: Path) -> list[dict[str, str]]:
    """Verified fine-tunings and base scores as cases, each with its score and family."""
    found = []
    for row in tables.rows(folder, "finetune_results.csv"):
        if row["verified"] == "yes" and row["metric"] not in UNSCALED:
            named = CATALOG.task_named(row["task"])
            kind = named.kind if named else "a task outside the catalogue"
            found.append({**row, "case_id": row["row_id"], "family": f"{row['method']}, {kind}"})
    for row in tables.rows(folder, "base_scores.csv"):
        if row["kind"] == "base" and row["verified"] == "yes":
            told = {"task": row["benchmark"], "metric": "acc", "method": "few_shot"}
            family = "few_shot, base decoders"
            found.append({**row, **told, "case_id": row["row_id"], "family": family})
    return found


def asked(
    rows: Sequence[dict[str, str]], fold: int, every: int, fold_of: Folds = fold_of
) -> list[dict[str, str]]:
    """The cases of a fold, every second one with other scores of its model.

    Args:
        rows: all that is published.
        fold: which of them is asked for.
        every: only each so-manieth case.
        fold_of: which fold a model and task belong to.
    """
    others: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if fold_of(row["model"], row["task"]) != fold:
            others[row["model"]].append(row)
    cases = [row for row in rows if fold_of(row["model"], row["task"]) == fold][::every]
    return [
        {**row, "known_scores": json.dumps([_stated(r) for r in others[row["model"]][:STATED]])}
        if place % 2
        else row
        for place, row in enumerate(cases)
    ]


def _stated(row: dict[str, str]) -> dict[str, str | float]:
    names = ("model", "task", "metric", "method", "precision", "train_examples", "epochs")
    return {**{name: row.get(name, "") for name in names}, "score": float(row["score"])}


def judged(folder: Path, every: int, fold_of: Folds = fold_of) -> Iterator[tuple[str, Miss | None]]:
    """Family and miss of each case; None where it is refused.

    Args:
        folder: bulk tables.
        every: only each so-manieth case.
        fold_of: which fold a model and task belong to.
    """
    every_row = published(folder)
    for fold in range(FOLDS):
        rows = asked(every_row, fold, every, fold_of)
        with tempfile.TemporaryDirectory() as place:
            constants = without(folder, fold, Path(place), fold_of)
            path = Path(place) / "cases.csv"
            _write(rows, path)
            cases = read_cases(path)
        catalog = catalog_without(fold, fold_of)
        for row, case in zip(rows, cases, strict=True):
            found = score_case(case, catalog, constants)
            yield row["family"], _miss(row, found) if isinstance(found, Forecast) else None


def _miss(row: dict[str, str], found: Forecast) -> Miss:
    ends = (found.score, found.low80, found.high80, found.low90, found.high90)
    return Miss(row["family"], float(row["score"]), *(100.0 * end for end in ends))


COLUMNS = (
    "case_id",
    "model",
    "params",
    "pretrain_tokens",
    "task",
    "metric",
    "method",
    "lora_rank",
    "precision",
    "train_examples",
    "epochs",
    "known_scores",
)


def _write(rows: Sequence[dict[str, str]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the bulk tables")
    parser.add_argument("--every", type=int, default=1, help="only each so-manieth case")
    parser.add_argument("--whole-models", action="store_true", help="leave out models, not pairs")
    arguments = parser.parse_args()
    folds = fold_of_model if arguments.whole_models else fold_of
    found = list(judged(arguments.data, arguments.every, folds))
    answered = [miss for _, miss in found if miss is not None]
    every = [
        Miss("all answered cases", m.actual, m.predicted, m.low80, m.high80, m.low90, m.high90)
        for m in answered
    ]
    print(f"{len(found)} cases, {len(found) - len(answered)} refused\n")
    rows = [*summaries(every), *sorted(summaries(answered), key=lambda row: row.family)]
    print(table(row for row in rows if row.cases >= 10))


if __name__ == "__main__":
    main()
