"""`trilemma export`: the program of a question for any other solver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from catalog.problems import Problem, ProblemsError
from solver.cli.commands import Command, add_command, overlay_of, with_overlay
from solver.cli.outputs import write_new
from solver.cli.plan_command import own_constants, with_calibration
from solver.cli.terminal import native_prints_nowhere, say, say_table
from solver.question import Aim
from solver.question_faults import read_known_question

if TYPE_CHECKING:
    import argparse

    from solver.mip.statement import Range
    from solver.program_export import ProgramExport

COMMAND = Command(
    "export",
    "write the program of a question for another solver",
    "Write the mixed-integer program that is solved for a question: reduced, at the decided "
    "quantile, under its aim, with readable names. Without a file its size is printed.",
    """\
examples:
  trilemma export examples/1-tickets.toml --lp tickets.lp --mps tickets.mps
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("question", type=Path, help="file of the question, .toml or .json")
    made.add_argument("--lp", type=Path, metavar="OUT", help="the LP format")
    made.add_argument("--mps", type=Path, metavar="OUT", help="the free MPS format")
    made.add_argument("--aim", choices=[aim.value for aim in Aim], help="instead of the question's")
    made.add_argument("--force", action="store_true", help="replace files that exist")
    with_overlay(made)
    with_calibration(made)


def run(arguments: argparse.Namespace) -> int:
    """Decide, write, print what was written."""
    # Pyomo and what it loads take 250 ms that no other command should pay.
    from solver.mip.statement import lp_text, mps_text  # noqa: PLC0415
    from solver.program_export import program_export  # noqa: PLC0415

    if arguments.lp is not None and arguments.lp == arguments.mps:
        problem = Problem("--lp, --mps", "two formats share a file", "Name one for each.")
        raise ProblemsError("Nothing was written", [problem])
    catalog = load_catalog(overlay_of(arguments))
    question = read_known_question(arguments.question, catalog)
    if arguments.aim is not None:
        question = question.replace(aim=Aim(arguments.aim))
    with native_prints_nowhere():
        made = program_export(
            question,
            catalog,
            constants=own_constants(arguments),
        )
    files: dict[Path, bytes | str] = {}
    for path, text in ((arguments.lp, lp_text), (arguments.mps, mps_text)):
        if path is not None:
            files[path] = text(made.statement, made.remarks)
    write_new(files, force=arguments.force)
    _say(made)
    for path in files:
        say(str(path))
    return 0


def _say(made: ProgramExport) -> None:
    for remark in made.remarks:
        say(remark)
    statement, ranges = made.statement, made.statement.ranges
    say_table(
        ("", "number", "smallest", "largest"),
        [
            ("columns", f"{len(statement.columns):,}", "", ""),
            ("rows", f"{len(statement.rows):,}", "", ""),
            ("coefficients", f"{statement.nonzeros:,}", *_ends(ranges.rows)),
            ("objective", "", *_ends(ranges.aim)),
            ("right-hand sides", "", *_ends(ranges.sides)),
        ],
        "lrrr",
    )


def _ends(found: Range | None) -> tuple[str, str]:
    return ("", "") if found is None else (f"{found[0]:.3g}", f"{found[1]:.3g}")
