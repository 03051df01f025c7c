"""`trilemma calibrate`: what people measured themselves, kept for the plans to come."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from catalog.problems import Problem, ProblemsError
from solver.calibration.logs import LogError, read_log
from solver.calibration.plan import run_plan
from solver.calibration.profile import (
    forget_profile,
    profile_path,
    read_profile,
    write_profile,
)
from solver.calibration.report import changes, factor_words, interval_words, run_lines
from solver.calibration.runs import compared, run_of, strange
from solver.check import read_answer
from solver.cli.commands import Command, add_command, overlay_of, positive, with_overlay
from solver.cli.terminal import complain, say, say_table
from solver.files import FileError, read_text
from solver.measured.runs import read_runs

if TYPE_CHECKING:
    import argparse
    from datetime import date

    from catalog.tables import Catalog
    from solver.calibration.plan import RunPlan
    from solver.calibration.profile import Profile
    from solver.calibration.runs import MeasuredRun

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
        gone = forget_profile(path)
        say(f"Forgotten: {path}" if gone else "There was nothing to forget.")
        return 0
    kept = read_profile(path)
    if not arguments.logs:
        if not arguments.show:
            problem = Problem("calibrate", "no log is named", "Name one, or use --show.")
            raise LogError("There is nothing to read", [problem])
        _show(kept, path)
        return 0
    runs = _read(arguments)
    known = len(kept.runs)
    kept = kept.with_runs(runs)
    write_profile(path, kept)
    say(f"{len(runs)} read, {len(kept.runs) - known} of them new: {path}\n")
    _show(kept, path)
    return 0


def _read(arguments: argparse.Namespace) -> list[MeasuredRun]:
    """The runs of every log; all faults of all logs at once."""
    today = datetime.now(UTC).date()
    catalog = load_catalog(overlay_of(arguments))
    plan = _plan(arguments)
    runs: list[MeasuredRun] = []
    faults: list[Problem] = []
    for log in arguments.logs:
        try:
            if _is_contract(log):
                runs.extend(_rows(log, catalog, today))
            else:
                runs.append(_logged(log, plan, today))
        except ProblemsError as error:
            faults.extend(error.problems)
    if faults:
        raise LogError("Nothing was kept", faults)
    return runs


def _plan(arguments: argparse.Namespace) -> RunPlan | None:
    path: Path | None = arguments.plan
    if path is None:
        return None
    made = read_answer(read_text(path, MOST_BYTES))
    if isinstance(made, tuple):
        raise FileError("The plan cannot be used", made)
    return run_plan(made, arguments.job, path.name, arguments.tokens_per_step)


def _is_contract(log: Path) -> bool:
    """True for a table whose header has an `id`."""
    first = read_text(log, 4 * MOST_BYTES).lstrip()[:1000].splitlines()
    return bool(first) and "id" in [name.strip().strip('"') for name in first[0].split(",")]


def _rows(log: Path, catalog: Catalog, today: date) -> list[MeasuredRun]:
    """The rows of a table that can be used; those that cannot are told."""
    made = [(run.id, run_of(run, log.name, catalog, today)) for run in read_runs(log)]
    runs = [run for _, run in made if not isinstance(run, str)]
    refused = {f"{log.name} {name}": why for name, why in made if isinstance(why, str)}
    beside = compared(runs) if runs else None
    for position, run in enumerate(runs):
        why = strange(beside, position) if beside else ""
        if why:
            refused[run.name] = why
    usable = [run for run in runs if run.name not in refused]
    if not usable:
        problems = [Problem(name, why, "Mend the row.") for name, why in refused.items()]
        nothing = [Problem(log.name, "it has no row", "Give one measured run a row.")]
        raise LogError("Nothing was kept", problems or nothing)
    for name, why in refused.items():
        complain(f"left out: {name}: {why}")
    return usable


def _logged(log: Path, plan: RunPlan | None, today: date) -> MeasuredRun:
    """A log beside the plan that was run."""
    seen = read_log(log)
    if plan is None:
        problem = Problem(
            log.name, "a log does not say what was trained", "Name the plan with --plan ANSWER."
        )
        raise LogError("Nothing was kept", [problem])
    digest = hashlib.sha256(log.read_bytes()).hexdigest()[:8]
    made = plan.run(f"{log.name} {digest}", seen, today)
    why = strange(compared([made]), 0)
    if why:
        remedy = "See --tokens-per-step, and whether this is the plan that was run."
        raise LogError("Nothing was kept", [Problem(log.name, why, remedy)])
    return made


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
    rows = [
        (
            change.what,
            str(change.runs),
            f"{100 * change.before:.1f} %",
            "" if change.after is None else f"{100 * change.after:.1f} %",
            interval_words(change.interval_before),
            interval_words(change.interval_after),
        )
        for change in changes(kept.runs)
    ]
    headers = ("", "runs", "median error", "corrected", "80 % interval", "corrected")
    say_table(headers, rows, "lrrrll")
    say(
        "Corrected errors are of each run predicted from the others alone."
        if any(row[3] for row in rows)
        else "One run alone cannot say how well it corrects others; read a second one."
    )
    say("\nBy setting: measured over predicted (runs), and the factor used")
    factors = factor_words(kept.calibration)
    say_table(
        ("setting", "size", "length", "tokens/s", "used", "memory", "used"),
        factors[:MOST_LINES],
        "lrrrrrr",
    )
    if len(factors) > MOST_LINES:
        say(f"{len(factors) - MOST_LINES} more settings.")


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"
