"""`trilemma replan`: a plan that is under way; does it still hold, and what is best from here?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from catalog.problems import Problem, ProblemsError
from solver.answer_file import EXIT_CODES, to_json
from solver.cli.commands import Command, add_command, overlay_of, with_overlay
from solver.cli.outputs import answer_in
from solver.cli.plan_command import own_constants, with_calibration
from solver.cli.terminal import (
    Progress as Bar,
)
from solver.cli.terminal import (
    complain,
    native_prints_nowhere,
    say,
    say_report,
    say_sentence,
)
from solver.export.report import report_of
from solver.export.words import chance_text, hours_text, listed, usd_text
from solver.files import write_atomically
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    import argparse

    from solver.replan import Progress, Replanned

COMMAND = Command(
    "replan",
    "follow a plan that is under way",
    "Say whether a plan that has begun still keeps its limits, and plan the rest anew: with what "
    "is done, the pace so far, and the time and money that are left.",
    """\
examples:
  trilemma replan plan.json --done 0.4 --hours 5 --spent 38
  trilemma replan plan.json --done a=1 --done b=0.4 --elapsed 100 --spent 210
  trilemma replan plan.json --done 0.4 --hours 5 --spent 38 --json rest.json
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("answer", type=Path, help="answer file, as `plan --json` writes it")
    made.add_argument(
        "--done",
        action="append",
        default=[],
        metavar="[JOB=]SHARE",
        help="share of a job's work that is done, 0 to 1; may be given again",
    )
    made.add_argument(
        "--hours",
        action="append",
        default=[],
        metavar="[JOB=]H",
        help="hours since a job began: its pace",
    )
    made.add_argument(
        "--elapsed", type=float, metavar="H", help="hours since the start of all work"
    )
    made.add_argument("--spent", type=float, default=0.0, metavar="USD", help="dollars so far")
    made.add_argument("--json", metavar="OUT", help="write the new answer as JSON")
    made.add_argument("--quiet", action="store_true", help="print nothing but errors")
    with_overlay(made)
    with_calibration(made)


def run(arguments: argparse.Namespace) -> int:
    """Read, follow, plan anew."""
    # Pyomo and what it loads take 250 ms that no other command should pay.
    from solver.replan import replanned  # noqa: PLC0415

    before = answer_in(arguments.answer)
    if not isinstance(before, Solved | Stopped) or not before.jobs:
        problem = Problem(str(arguments.answer), "it holds no plan", "Plan the question first.")
        raise ProblemsError("Nothing can be continued", [problem])
    progress = _progress(arguments, [job.name for job in before.jobs])
    elapsed = arguments.elapsed
    if elapsed is None:
        elapsed = max((some.hours or 0.0 for some in progress.values()), default=0.0)
    bar = Bar(quiet=arguments.quiet)
    try:
        with native_prints_nowhere():
            made = replanned(
                before,
                progress,
                elapsed,
                arguments.spent,
                load_catalog(overlay_of(arguments)),
                own_constants(arguments),
                told=bar,
            )
    finally:
        bar.done()
    if arguments.json is not None:
        write_atomically(Path(arguments.json), to_json(made.best))
    if not arguments.quiet:
        _say(made)
    if arguments.json is not None:
        complain(f"Written: {arguments.json}")
    return EXIT_CODES[made.best.outcome]


def _progress(arguments: argparse.Namespace, jobs: list[str]) -> dict[str, Progress]:
    from solver.replan import Progress  # noqa: PLC0415 - loads Pyomo

    faults: list[Problem] = []
    done = _by_job(arguments.done, jobs, "--done", 1.0, faults)
    hours = _by_job(arguments.hours, jobs, "--hours", float("inf"), faults)
    faults += [
        Problem(f"--{name}", f"{value:g} is not a positive number", "Write 0 or more.")
        for name, value in (("elapsed", arguments.elapsed), ("spent", arguments.spent))
        if value is not None and not value >= 0
    ]
    faults += [
        Problem(f"--hours {name}", "nothing says how much of its work is done", "Add --done.")
        for name in hours
        if name not in done
    ]
    if faults:
        raise ProblemsError("The progress cannot be used", faults)
    return {name: Progress(share, hours.get(name)) for name, share in done.items()}


def _by_job(
    told: list[str], jobs: list[str], option: str, most: float, faults: list[Problem]
) -> dict[str, float]:
    made: dict[str, float] = {}
    for text in told:
        name, _, value = text.rpartition("=")
        if not name and len(jobs) > 1:
            remedy = f"Write {option} JOB={value}; the jobs are {', '.join(jobs)}."
            faults.append(Problem(f"{option} {text}", "the plan has several jobs", remedy))
            continue
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not 0 <= number <= most:
            remedy = "Write a number from 0 to 1." if most == 1.0 else "Write hours, 0 or more."
            faults.append(Problem(f"{option} {text}", f"{value!r} is not one", remedy))
            continue
        made[name or jobs[0]] = number
    return made


def _say(made: Replanned) -> None:
    now = made.as_it_is
    asked = made.question.limits.confidence
    verdict = "still holds" if made.holds else "no longer holds"
    say_sentence(
        f"The plan as it is {verdict}: it ends in {hours_text(now.hours)} and costs "
        f"{usd_text(now.usd)} more; it keeps every limit with {chance_text(now.chance)}, asked are "
        f"{chance_text(asked)}."
    )
    if now.missed:
        say_sentence(f"In danger: {listed(list(now.missed))}.")
    say()
    say("Best from here")
    say()
    say_report(report_of(made.best))
