"""`trilemma report`: an answer as a page for print, for a browser, as text or as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.problems import Problem, ProblemsError
from solver.cli.commands import Command, add_command
from solver.cli.outputs import answer_in, write_new
from solver.cli.terminal import say, say_report
from solver.export.csv_tables import csv_tables
from solver.export.html import report_html
from solver.export.markdown import report_markdown
from solver.export.pdf import report_pdf
from solver.export.report import report_of

if TYPE_CHECKING:
    import argparse

COMMAND = Command(
    "report",
    "hand an answer over as PDF, HTML, Markdown, CSV",
    "Write the report of an answer, whatever its outcome: a PDF for print, an HTML file that loads "
    "nothing, Markdown, or a folder of CSV tables. Without any of them it is printed.",
    """\
examples:
  trilemma report plan.json --pdf plan.pdf --paper us-letter
  trilemma report plan.json --html plan.html --md plan.md
  trilemma report plan.json --csv tables       a folder, one file a table
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("answer", type=Path, help="answer file, as `plan --json` writes it")
    made.add_argument("--pdf", type=Path, metavar="OUT", help="a page for print, PDF/A-2b")
    made.add_argument("--html", type=Path, metavar="OUT", help="one file for a browser")
    made.add_argument("--md", type=Path, metavar="OUT", help="Markdown")
    made.add_argument("--csv", type=Path, metavar="DIR", help="folder for CSV tables")
    made.add_argument("--paper", choices=["a4", "us-letter"], default="a4", help="of the PDF")
    made.add_argument("--force", action="store_true", help="replace files that exist")


def run(arguments: argparse.Namespace) -> int:
    """Read, make, write."""
    answer = answer_in(arguments.answer)
    report = report_of(answer)
    files: list[tuple[Path, bytes | str]] = []
    if arguments.pdf is not None:
        files.append((arguments.pdf, report_pdf(report, arguments.paper)))
    if arguments.html is not None:
        files.append((arguments.html, report_html(report)))
    if arguments.md is not None:
        files.append((arguments.md, report_markdown(report)))
    if arguments.csv is not None:
        files += [(arguments.csv / name, text) for name, text in csv_tables(answer).items()]
    made = dict(files)
    if len(made) < len(files):
        problem = Problem("--pdf, --html, --md", "two formats share a file", "Name one for each.")
        raise ProblemsError("Nothing was written", [problem])
    if not files:
        say_report(report)
        return 0
    write_new(made, force=arguments.force)
    for path in made:
        say(str(path))
    return 0
