"""`trilemma calibrate --scores`: scores that people measured themselves, kept for later plans."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from catalog.problems import Problem
from solver.check import read_answer
from solver.cli.commands import overlay_of, positive
from solver.cli.terminal import say, say_table
from solver.export.tables import printable
from solver.export.words import accuracy_text, count_text, plural
from solver.files import FileError, read_text
from solver.plan import Solved, Stopped
from solver.scored.own import OwnScoresError, forget_own, read_own, scores_path, write_own
from solver.scored.own_reading import Trained, read_scores

if TYPE_CHECKING:
    import argparse

MOST_BYTES = 50_000_000
"""An answer has a few millions. [byte]"""


def with_scores(parser: argparse.ArgumentParser) -> None:
    """Add the options that read scores."""
    parser.add_argument(
        "--scores",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="accuracies you measured: CSV with task, model, method, examples, epochs, score, "
        "evaluated_on; or, with --plan, what Hugging Face's trainer wrote",
    )
    parser.add_argument(
        "--examples",
        type=positive,
        metavar="N",
        help="training examples behind a log of scores, where not as planned",
    )


def keep_scores(arguments: argparse.Namespace, folder: Path) -> None:
    """Read the named files and keep what they say."""
    path = scores_path(folder)
    catalog = load_catalog(overlay_of(arguments))
    made = read_scores(
        arguments.scores,
        read_own(path),
        catalog,
        datetime.now(UTC).date(),
        _trained(arguments),
    )
    read = plural(len(made.read), "score")
    if arguments.dry_run:
        say(f"{read} read; nothing is kept.")
        return
    write_own(path, made.own)
    say(f"{read} read: {path}")
    show_scores(folder)


def show_scores(folder: Path) -> None:
    """Print the kept scores."""
    kept = read_own(scores_path(folder)).scores
    if not kept:
        return
    say("\nYour own scores, counted as pilots where a question names the task")
    rows = [
        (
            s.task,
            accuracy_text(s.score),
            s.model,
            s.method,
            count_text(s.examples),
            str(s.epochs),
            count_text(s.evaluated_on),
            printable(s.source),
        )
        for s in kept
    ]
    heads = ("task", "score", "model", "method", "examples", "passes", "evaluated on", "file")
    say_table(heads, rows, "lrllrrrl")


def forget_scores(folder: Path) -> bool:
    """Take the file of scores away; False where there was none.

    Raises:
        FileError: it cannot be taken away.
    """
    return forget_own(scores_path(folder))


def _trained(arguments: argparse.Namespace) -> Trained | None:
    """Which job of the named plan a log is of."""
    path: Path | None = arguments.plan
    if path is None:
        return None
    made = read_answer(read_text(path, MOST_BYTES))
    if isinstance(made, tuple):
        raise FileError("The plan cannot be used", made)
    if not isinstance(made, Solved | Stopped) or not made.jobs:
        problem = Problem(path.name, "it holds no plan", "Give an answer that was solved.")
        raise OwnScoresError("The plan cannot be used", [problem])
    names = [job.name for job in made.jobs]
    if arguments.job not in names and (arguments.job is not None or len(names) > 1):
        problem = Problem(
            path.name, f"its jobs are {', '.join(names)}", "Say which with --job NAME."
        )
        raise OwnScoresError("The plan cannot be used", [problem])
    told = made.jobs[0 if arguments.job is None else names.index(arguments.job)]
    job = next(job for job in made.question.jobs if job.name == told.name)
    if job.task is None:
        problem = Problem(
            path.name, f"{told.name} names no task", "Add task = a name to the question."
        )
        raise OwnScoresError("The plan cannot be used", [problem])
    examples = arguments.examples or int(told.examples or 1)
    return Trained(job.task, told.model, told.method, max(told.epochs, 1), examples)
