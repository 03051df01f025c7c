"""`trilemma demo`: the main job on a shipped example, with every file it can write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from solver.answer_file import EXIT_CODES, to_json
from solver.cli.commands import Command, add_command
from solver.cli.terminal import Progress, native_prints_nowhere, say, say_report
from solver.examples import example
from solver.export.charts import region_svg
from solver.export.paper import png_of
from solver.export.pdf import report_pdf
from solver.export.report import report_of
from solver.export.themes import LIGHT
from solver.files import write_atomically
from solver.question_file import read_question

if TYPE_CHECKING:
    import argparse

    from solver.plan import Answer

FOLDER = Path("trilemma-demo")

CHART_WIDTH = 760.0
"""Of the picture of the region. [px]"""

COMMAND = Command(
    "demo",
    "plan an example and write its files",
    "Plan the first shipped example and write the answer (JSON), a page for print (PDF) and the "
    f"region (SVG, PNG) into ./{FOLDER}/; then, where there is a display, open it in the window.",
    """\
examples:
  trilemma demo
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument(
        "--no-window", action="store_true", help="do not open the window where there is a display"
    )
    made.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(arguments: argparse.Namespace) -> int:
    """Plan, print, write every file."""
    # Pyomo and what it loads take 250 ms that no other command should pay.
    from solver.answer import answer  # noqa: PLC0415

    question = read_question(example("1-tickets.toml"))
    progress = Progress(quiet=arguments.quiet)
    try:
        with native_prints_nowhere():
            made = answer(question, load_catalog(), progress=progress)
        progress("drawing", 0.9)
        written = _write(made)
    finally:
        progress.done()
    if not arguments.quiet:
        say_report(report_of(made))
        say()
        say("Written:")
        for path in written:
            say(f"  {path}")
        say("\nAsk your own: copy the example, change it, and run `trilemma plan FILE`.")
    return EXIT_CODES[made.outcome]


def _write(made: Answer) -> list[Path]:
    report = report_of(made)
    files: dict[str, bytes | str] = {
        "answer.json": to_json(made),
        "report.pdf": report_pdf(report),
        "question.toml": example("1-tickets.toml").read_text(encoding="utf-8"),
    }
    if report.chart is not None:
        svg = region_svg(report.chart, LIGHT, CHART_WIDTH)
        files["region.svg"] = svg
        files["region.png"] = png_of(svg, CHART_WIDTH)
    for name, content in files.items():
        write_atomically(FOLDER / name, content)
    return [FOLDER / name for name in files]
