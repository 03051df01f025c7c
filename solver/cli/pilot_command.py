"""`trilemma pilot`: which small runs would make an accuracy known, and what they cost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from catalog.units import PERCENT
from solver.cli.commands import Command, add_command, overlay_of, with_overlay
from solver.cli.json_output import with_json, write_json
from solver.cli.plan_command import own_constants, with_calibration
from solver.cli.terminal import say, say_sentence, say_table
from solver.export.words import accuracy_text, count_text, hours_text, usd_text
from solver.outcome.pilot_plans import pilot_plans
from solver.question_check import problems_with
from solver.question_faults import read_known_question
from solver.question_file import QuestionError

if TYPE_CHECKING:
    import argparse

    from solver.outcome.pilot_plans import PilotPlan

COMMAND = Command(
    "pilot",
    "which pilots to measure, and what they cost",
    "Say for every job of a question whether small training runs would help, which ones, what each "
    "costs and how much it narrows the interval of the accuracy.",
    """\
examples:
  trilemma pilot examples/5-new-task.toml
  trilemma pilot question.toml --json pilots.json
""",
)

HEADERS = ("Examples", "Runs", "Time", "Cost", "Accuracy then within")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("question", type=Path, help="file of the question, .toml or .json")
    with_json(made)
    with_overlay(made)
    with_calibration(made)


def run(arguments: argparse.Namespace) -> int:
    """Plan the pilots, print them."""
    catalog = load_catalog(overlay_of(arguments))
    question = read_known_question(arguments.question, catalog)
    constants = own_constants(arguments)
    moment = datetime.now(UTC)
    problems = problems_with(question, catalog, moment)
    if problems:
        raise QuestionError("The question cannot be used", list(problems))
    plans = pilot_plans(question, catalog, constants, moment)
    if arguments.json is not None:
        write_json({"pilots": [plan.model_dump(mode="json") for plan in plans]}, arguments.json)
        return 0
    if not plans:
        say("Nothing that the question allows can run: `trilemma plan` says why.")
    for position, plan in enumerate(plans):
        if position:
            say()
        _say(plan)
    return 0


def _say(plan: PilotPlan) -> None:
    needed = {
        "unknown": "pilots are needed",
        "unsure": "pilots can help",
        "none": "no pilot is needed",
        "useless": "no pilot helps",
    }
    say_sentence(f"{plan.job}: {needed[plan.need]}. {plan.reason}")
    if not plan.runs:
        return
    say()
    rows = [
        (
            count_text(run.examples),
            str(run.runs),
            hours_text(run.hours),
            usd_text(run.usd),
            _within(run.half_width),
        )
        for run in plan.runs
    ]
    total = str(sum(run.runs for run in plan.runs))
    rows.append(("together", total, hours_text(plan.hours), usd_text(plan.usd), ""))
    say_table(HEADERS, rows, "rrrrr")
    say()
    now = "not predicted"
    if plan.median is not None:
        now = f"{accuracy_text(plan.median)} {_within(plan.half_width)}"
    say_sentence(f"Now: {now} (80 % interval, full run of {plan.key}).")
    say_sentence(plan.text)
    say_sentence(
        "The intervals are those that follow if the pilots come out as foreseen; what is measured "
        "may widen them. Enter the scores as pilots of the job and plan again."
    )


def _within(half_width: float | None) -> str:
    return "still unknown" if half_width is None else f"± {half_width * PERCENT:.1f} points"
