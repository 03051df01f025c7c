"""`trilemma estimate`, `validate` and `score`: predictions for files of runs and of cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from solver.cli.commands import Command, add_command, overlay_of, with_overlay
from solver.cli.terminal import say, say_table
from solver.measured.predict import estimate_file
from solver.measured.validate import validate_file
from solver.scored.file import score_file

if TYPE_CHECKING:
    import argparse

ESTIMATE = Command(
    "estimate",
    "predict throughput and memory of runs in a CSV file",
    "Predict tokens per second and peak memory of every run of a CSV file, with 10 %-90 % "
    "intervals; rows that cannot be predicted come out with the reason.",
    """\
examples:
  trilemma estimate runs.csv --out predictions.csv
""",
)

VALIDATE = Command(
    "validate",
    "compare predictions with measured runs",
    "Predict the runs of a CSV file and compare with what was measured: error by kind, "
    "accelerator family and stack, share inside the interval, rank correlation.",
    """\
examples:
  trilemma validate runs.csv
""",
)

SCORE = Command(
    "score",
    "predict accuracies of cases in a CSV file",
    "Predict the score of every case of a CSV file (task, model, method, examples, known scores, "
    "pilots), with 80 % and 90 % intervals; what cannot be known comes out with the reason.",
    """\
examples:
  trilemma score cases.csv --out predictions.csv
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the grammar."""
    estimate = add_command(commands, ESTIMATE, _estimate)
    estimate.add_argument("--out", type=Path, required=True, metavar="CSV", help="where to write")
    validate = add_command(commands, VALIDATE, _validate)
    for parser in (estimate, validate):
        parser.add_argument("runs", type=Path, help="CSV file of measured runs")
        with_overlay(parser)
    score = add_command(commands, SCORE, _score)
    score.add_argument("cases", type=Path, help="CSV file of cases")
    score.add_argument("--out", type=Path, required=True, metavar="CSV", help="where to write")
    with_overlay(score)


def _estimate(arguments: argparse.Namespace) -> int:
    catalog = load_catalog(overlay_of(arguments))
    rows, refused = estimate_file(arguments.runs, arguments.out, catalog)
    say(f"{rows:,} rows, {refused:,} of them refused: {arguments.out}")
    return 0


def _score(arguments: argparse.Namespace) -> int:
    catalog = load_catalog(overlay_of(arguments))
    rows, refused = score_file(arguments.cases, arguments.out, catalog)
    say(f"{rows:,} rows, {refused:,} of them refused: {arguments.out}")
    return 0


def _validate(arguments: argparse.Namespace) -> int:
    catalog = load_catalog(overlay_of(arguments))
    for position, table in enumerate(validate_file(arguments.runs, catalog)):
        say(("\n" if position else "") + table.title)
        say_table(table.headers, table.rows, table.align)
    return 0
