"""`trilemma calibrate`: what people measured themselves, kept for the plans to come."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from catalog.problems import Problem
from solver.calibration.logs import LogError
from solver.calibration.plan import run_plan
from solver.calibration.profile import (
    forget_profile,
    profile_path,
    read_profile,
    write_profile,
)
from solver.calibration.reading import read_own_runs
from solver.calibration.report import (
    CHANGE_HEADERS,
    change_rows,
    changes,
    factor_words,
    run_lines,
)
from solver.calibration.short_run import short_run, short_run_words
from solver.check import read_answer
from solver.cli.calibrate_scores import forget_scores, keep_scores, show_scores, with_scores
from solver.cli.commands import Command, add_command, overlay_of, positive, with_overlay
from solver.cli.terminal import complain, say, say_table
from solver.files import FileError, read_text

if TYPE_CHECKING:
    import argparse

    from solver.calibration.plan import RunPlan
    from solver.calibration.profile import Profile
    from solver.plan import Answer

MOST_BYTES = 50_000_000
"""An answer has a few millions. [byte]"""

MOST_LINES = 40
"""Longer tables are cut: nobody reads them. [1]"""

COMMAND = Command(
    "calibrate",
    "correct the estimates by your own runs",
    "Read what your training software wrote, compare it with the estimates, and keep it: plans "
    "are corrected from then on. Reads CSV files in the contract of measured runs, and, with the "
    "plan that was run, Hugging Face's trainer_state.json and CSV exports of Weights & Biases or "
    "TensorBoard.",
    """\
examples:
  trilemma calibrate runs.csv
  trilemma calibrate trainer_state.json --plan answer.json
  trilemma calibrate wandb.csv --plan answer.json --tokens-per-step 65536
  trilemma calibrate --plan answer.json      what to measure before you start
  trilemma calibrate log.csv --plan answer.json --gpus 8
  trilemma calibrate --scores scores.csv
  trilemma calibrate runs.csv --dry-run      what would change
  trilemma calibrate --show
  trilemma calibrate --forget
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("logs", type=Path, nargs="*", metavar="LOG", help="what was measured")
    made.add_argument("--plan", type=Path, metavar="ANSWER", help="the plan that was run")
    made.add_argument("--job", metavar="NAME", help="which of its jobs")
    made.add_argument(
        "--tokens-per-step",
        type=positive,
        metavar="N",
        help="tokens of one optimiser step, padding included, where not as planned",
    )
    made.add_argument(
        "--gpus",
        type=positive,
        metavar="N",
        help="accelerators of the run, where fewer than planned (same micro-batches)",
    )
    with_scores(made)
    made.add_argument(
        "--dry-run", action="store_true", help="show what the logs would change, keep nothing"
    )
    made.add_argument("--show", action="store_true", help="show what is kept")
    made.add_argument("--forget", action="store_true", help="forget all of it")
    with_overlay(made)
    with_profile(made)


def with_profile(parser: argparse.ArgumentParser) -> None:
    """Add the option that names another folder of settings."""
    parser.add_argument(
        "--profile-dir",
        type=Path,
        metavar="FOLDER",
        help=f"where your own measurements lie (default: {profile_path().parent})",
    )


def run(arguments: argparse.Namespace) -> int:
    """Forget, read and keep, show."""
    path = profile_path(arguments.profile_dir)
    if arguments.forget:
        gone = forget_profile(path) | forget_scores(path.parent)
        say(f"Forgotten: {path}" if gone else "There was nothing to forget.")
        return 0
    if arguments.scores:
        keep_scores(arguments, path.parent)
        if not arguments.logs:
            return 0
    kept = read_profile(path)
    if not arguments.logs:
        if arguments.plan is not None and not arguments.show:
            _say_what_to_measure(arguments)
            return 0
        if not arguments.show:
            problem = Problem("calibrate", "no log is named", "Name one, or use --show.")
            raise LogError("There is nothing to read", [problem])
        _show(kept, path)
        show_scores(path.parent)
        return 0
    catalog, plan = load_catalog(overlay_of(arguments)), _plan(arguments)
    made = read_own_runs(arguments.logs, kept, catalog, datetime.now(UTC).date(), plan)
    for problem in made.left_out:
        complain(f"left out: {problem.where}: {problem.what}")
    if arguments.dry_run:
        say(f"{len(made.read)} read, {made.new} of them new; nothing is kept.\n")
    else:
        write_profile(path, made.profile)
        say(f"{len(made.read)} read, {made.new} of them new: {path}\n")
    _show(made.profile, path)
    return 0


def _plan(arguments: argparse.Namespace) -> RunPlan | None:
    if arguments.plan is None:
        return None
    return run_plan(
        _answer(arguments.plan),
        arguments.job,
        arguments.plan.name,
        arguments.tokens_per_step,
        arguments.gpus,
    )


def _answer(path: Path) -> Answer:
    made = read_answer(read_text(path, MOST_BYTES))
    if isinstance(made, tuple):
        raise FileError("The plan cannot be used", made)
    return made


def _say_what_to_measure(arguments: argparse.Namespace) -> None:
    """The run that tells most of a plan's speed for least, and how its log is read."""
    plan: Path = arguments.plan
    made = short_run(_answer(plan), arguments.job, plan.name)
    for line in short_run_words(made):
        say(line)
    job = "" if arguments.job is None else f" --job {shlex.quote(arguments.job)}"
    fewer = "" if made.is_on_all else f" --gpus {made.gpus}"
    say(f"Then read its log: trilemma calibrate LOG --plan {shlex.quote(str(plan))}{job}{fewer}")


def _show(kept: Profile, path: Path) -> None:
    if not kept.runs:
        say(f"No runs are kept; plans are not corrected ({path}).")
        return
    say("Measured over predicted")
    lines = [(line.name, _times(line.speed), _times(line.peak)) for line in run_lines(kept.runs)]
    say_table(("run", "tokens/s", "peak memory"), lines[:MOST_LINES], "lrr")
    if len(lines) > MOST_LINES:
        say(f"{len(lines) - MOST_LINES} more runs.")
    say("\nBefore and after")
    rows = change_rows(changes(kept.runs))
    say_table(CHANGE_HEADERS, rows, "lrrrll")
    say(
        "Corrected errors are of each run predicted from the others alone."
        if any(row[3] for row in rows)
        else "One run alone cannot say how well it corrects others; read a second one."
    )
    say("\nBy setting: measured over predicted (runs), and the factor used")
    factors = factor_words(kept.calibration)
    say_table(
        ("setting", "size", "length", "layout", "tokens/s", "used", "memory", "used"),
        factors[:MOST_LINES],
        "lrrlrrrr",
    )
    if len(factors) > MOST_LINES:
        say(f"{len(factors) - MOST_LINES} more settings.")


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"
