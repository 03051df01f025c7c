"""Logs in, a profile to keep and what it changes out: what command line and window share.

Nothing is written here: `write_profile` keeps what is shown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.problems import Problem, ProblemsError
from solver.calibration.logs import LogError, read_log
from solver.calibration.report import changes, run_lines
from solver.calibration.runs import compared, run_of, strange
from solver.files import read_text
from solver.measured.runs import read_runs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from catalog.tables import Catalog
    from solver.calibration.plan import RunPlan
    from solver.calibration.profile import Profile
    from solver.calibration.report import Change, RunLine
    from solver.calibration.runs import MeasuredRun

MOST_BYTES = 200_000_000
"""Longer logs are refused. [byte]"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What some logs say, beside what was known."""

    profile: Profile
    """Every run, those read included: what is to be kept."""
    read: tuple[MeasuredRun, ...]
    new: int
    """Runs that were not known. [1]"""
    left_out: tuple[Problem, ...]
    """Rows that cannot be used, and why."""
    changes: tuple[Change, ...]
    """Errors and intervals before and after, over all runs of the profile."""
    lines: tuple[RunLine, ...]
    """Every run of the profile against the uncorrected estimates."""


def read_own_runs(
    logs: Sequence[Path],
    kept: Profile,
    catalog: Catalog,
    today: date,
    plan: RunPlan | None = None,
) -> Reading:
    """What some logs change; nothing is kept yet.

    Args:
        logs: CSV files in the contract of measured runs, and, where a plan is given,
            trainer_state.json of Hugging Face's trainer and CSV exports of Weights & Biases and of
            TensorBoard.
        kept: the runs known so far; a log that was read before replaces what it said.
        catalog: resolves accelerators and models by any known name.
        today: the day that is kept with the runs.
        plan: what was trained, for logs that do not say it (`solver.calibration.plan.run_plan`).

    Raises:
        LogError: some log cannot be used; all faults of all logs at once.
    """
    read: list[MeasuredRun] = []
    left_out: list[Problem] = []
    faults: list[Problem] = []
    for log in logs:
        try:
            if _is_contract(log):
                usable, refused = _rows(log, catalog, today)
                read.extend(usable)
                left_out.extend(refused)
            else:
                read.append(_logged(log, plan, today))
        except ProblemsError as error:
            faults.extend(error.problems)
    if faults:
        raise LogError("Nothing was kept", faults)
    profile = kept.with_runs(read)
    return Reading(
        profile,
        tuple(read),
        len(profile.runs) - len(kept.runs),
        tuple(left_out),
        changes(profile.runs) if profile.runs else (),
        run_lines(profile.runs) if profile.runs else (),
    )


def _is_contract(log: Path) -> bool:
    """True for a table whose header has an `id`."""
    first = read_text(log, MOST_BYTES).lstrip()[:1000].splitlines()
    return bool(first) and "id" in [name.strip().strip('"') for name in first[0].split(",")]


def _rows(
    log: Path, catalog: Catalog, today: date
) -> tuple[tuple[MeasuredRun, ...], tuple[Problem, ...]]:
    """The rows of a table that can be used, and why others cannot."""
    made = [(run.id, run_of(run, log.name, catalog, today)) for run in read_runs(log)]
    runs = [run for _, run in made if not isinstance(run, str)]
    refused = {f"{log.name} {name}": why for name, why in made if isinstance(why, str)}
    beside = compared(runs) if runs else None
    for position, run in enumerate(runs):
        why = strange(beside, position) if beside else ""
        if why:
            refused[run.name] = why
    usable = tuple(run for run in runs if run.name not in refused)
    problems = tuple(Problem(name, why, "Mend the row.") for name, why in refused.items())
    if not usable:
        nothing = (Problem(log.name, "it has no row", "Give one measured run a row."),)
        raise LogError("Nothing was kept", list(problems or nothing))
    return usable, problems


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
