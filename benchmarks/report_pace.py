"""How much processor time reports take, beside the compiler of pages on an empty one.

    python -m benchmarks.report_pace
    python -m benchmarks.report_pace --once

Every example, and one of thirty jobs with long names; each as a PDF on A4. The ratio is to an empty
archival page in the same run. Processor time of all threads, which other programs do not stretch.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from typing import TYPE_CHECKING

import typst
from pypdf import PdfReader

from catalog.load import load_catalog
from solver.answer import answer
from solver.examples import folder
from solver.export.html import report_html
from solver.export.paper import FONTS
from solver.export.pdf import report_pdf
from solver.export.report import report_of
from solver.plan import Solved
from solver.question_file import read_question

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.plan import Answer

RUNS = 5
"""Counted runs of each report, after one that warms fonts up. [1]"""

JOBS = 30

EMPTY = b'#set document(title: "empty")\n#set text(font: "Inter", lang: "en")\nempty'


def seconds(work: Callable[[], object], runs: int) -> float:
    """Median processor time of some work. [s]"""
    work()
    taken = []
    for _ in range(runs):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def many(one: Solved) -> Solved:
    """The answer with its job thirty times, each under a name of 200 letters."""
    names = [f"{position:02d} {'a long name ' * 17}"[:200] for position in range(JOBS)]
    asked = [one.question.jobs[0].replace(name=name).model_dump() for name in names]
    return one.model_copy(
        update={
            "question": one.question.replace(jobs=asked),
            "jobs": tuple(one.jobs[0].model_copy(update={"name": name}) for name in names),
            "region": None,
        }
    )


def answers() -> dict[str, Answer]:
    """The answer of every example by its name, and one of thirty jobs."""
    catalog = load_catalog()
    made: dict[str, Answer] = {
        path.name: answer(read_question(path), catalog) for path in sorted(folder().glob("*.toml"))
    }
    first = next(one for one in made.values() if isinstance(one, Solved))
    return {**made, f"{JOBS} jobs": many(first)}


def pages(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def main(argv: list[str] | None = None) -> int:
    """Time every report; 1 where one is not the same twice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help="one run each")
    runs = 1 if parser.parse_args(argv).once else RUNS
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
    empty = seconds(
        lambda: typst.compile(
            EMPTY, format="pdf", pdf_standards=["a-2b", "ua-1"], font_paths=fonts
        ),
        runs,
    )
    print(f"{'report':<22} {'outcome':<11} {'pages':>5} {'PDF':>8} {'ratio':>6} {'HTML':>8}  kB")
    differ = 0
    for name, made in answers().items():
        pdf = report_pdf(report_of(made))
        differ += pdf != report_pdf(report_of(made))
        taken = seconds(lambda made=made: report_pdf(report_of(made)), runs)
        html = seconds(lambda made=made: report_html(report_of(made)), runs)
        print(
            f"{name:<22} {made.outcome:<11} {pages(pdf):>5} {taken * 1e3:>5.0f} ms"
            f" {taken / empty:>6.1f} {html * 1e3:>5.0f} ms {len(pdf) / 1e3:>4.0f}"
        )
    print(f"{'an empty page':<22} {'':<11} {1:>5} {empty * 1e3:>5.1f} ms {1:>6.1f}")
    return 1 if differ else 0


if __name__ == "__main__":
    raise SystemExit(main())
