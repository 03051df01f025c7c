"""How time and memory grow with the number of jobs that share a budget, and one job in detail.

    python -m benchmarks.portfolio
    python -m benchmarks.portfolio --once
    python -m benchmarks.portfolio --out docs/images

Each number of jobs has a process of its own; candidates are estimated before the clock starts. The
baseline in the same process is HiGHS alone, handed the arrays of the reduced program. Times are of
processors, both threads together. With --out a plot is written there.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.growth_plot import growth_svg
from benchmarks.portfolio_questions import portfolio, with_room
from catalog.load import load_catalog
from solver.answer import answer
from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.decide import decide
from solver.examples import example
from solver.limits import limits_of
from solver.mip.highs import loaded
from solver.mip.matrix import Matrix
from solver.mip.solve import Chooser
from solver.question import Aim, Question
from solver.question_file import read_question

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.candidates import Candidates
    from solver.decide import Decision
    from solver.mip.matrix import Linear
    from solver.question import Job

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A fixed hour: prices have the same age in every run."""

SIZES = (2, 10, 40, 100)
AIMS = (Aim.FASTEST, Aim.MOST_ACCURATE)

EDITS = 7
"""Budgets that are tried one after the other, for the median of an edit. [1]"""


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time of all threads [s], which other programs hardly change, and result."""
    started = time.process_time()
    made = run()
    return time.process_time() - started, made


def quietly(stage: str, share: float) -> None:
    """No one is told."""
    del stage, share


class Capturing(Chooser):
    """Keeps the arrays that HiGHS got, solve by solve."""

    programs: list[Linear]

    def _run(self) -> Any:  # noqa: ANN401 - as its base
        self.programs = [*getattr(self, "programs", []), Matrix().read(self._model)]
        return super()._run()


def bare_seconds(decision: Decision, aim: Aim) -> tuple[float, int]:
    """HiGHS alone on the reduced program of a decision: time and number of solves."""
    chooser = Capturing(decision.reduced.program)
    chooser.best(aim)
    seconds, _ = timed(lambda: [loaded(linear).run() for linear in chooser.programs])
    return seconds, len(chooser.programs)


def estimated(question: Question, catalog: Any) -> tuple[Candidates, ...]:  # noqa: ANN401 - Catalog
    """Candidates of every job, made anew."""
    constants = shipped_constants()
    return tuple(candidates(job, question, catalog, constants, NOW.date()) for job in question.jobs)


def many_jobs(jobs: int) -> list[dict[str, Any]]:
    """One row for each aim: decision, whole answer, HiGHS alone, memory."""
    catalog = load_catalog()
    question = portfolio(jobs)
    estimating, made = timed(lambda: estimated(question, catalog))
    by_name = {one.job.name: one for one in made}

    def kept(job: Job, _: Question) -> Candidates:
        return by_name[job.name]

    cheapest = decide(question.replace(aim=Aim.CHEAPEST), made, limits_of(question, NOW), quietly)
    question = with_room(question, cheapest)
    rows = []
    for aim in AIMS:
        asked = question.replace(aim=aim)
        seconds, decision = timed(
            lambda asked=asked: decide(asked, made, limits_of(asked, NOW), quietly)
        )
        whole, told = timed(lambda asked=asked: answer(asked, catalog, now=NOW, estimates=kept))
        bare, solves = bare_seconds(decision, aim)
        rows.append(
            {
                "jobs": jobs,
                "aim": aim.value,
                "outcome": told.outcome,
                "candidates": sum(map(len, made)),
                "columns": told.solver.columns,
                "estimating": estimating,
                "decide": seconds,
                "answer": whole,
                "bare": bare,
                "solves": solves,
                "gap": told.solver.gap,
                "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
            }
        )
    return rows


def one_job() -> dict[str, Any]:
    """The first example over the whole catalogue: cold, cached, one limit changed, impossible."""
    catalog = load_catalog()
    question = read_question(example("1-tickets.toml"))
    cold, made = timed(lambda: estimated(question, catalog))
    cached, _ = timed(lambda: estimated(question, catalog))

    def kept(_: Job, __: Question) -> Candidates:
        return made[0]

    first, told = timed(lambda: answer(question, catalog, now=NOW, estimates=kept))
    edits, deciding = [], []
    for step in range(EDITS):
        budget = (question.limits.budget_usd or 100.0) * (1.0 + 0.01 * (step + 1))
        moved = question.replace(limits=question.limits.replace(budget_usd=budget))
        edits.append(timed(lambda moved=moved: answer(moved, catalog, now=NOW, estimates=kept))[0])
        deciding.append(
            timed(lambda moved=moved: decide(moved, made, limits_of(moved, NOW), quietly))
        )
    bare, solves = bare_seconds(deciding[-1][1], question.aim)
    tight = question.replace(limits=question.limits.replace(budget_usd=0.05))
    answer(tight, catalog, now=NOW, estimates=kept)
    relaxing, refused = timed(lambda: answer(tight, catalog, now=NOW, estimates=kept))
    return {
        "candidates": len(made[0]),
        "columns": told.solver.columns,
        "estimated cold": cold,
        "estimated again": cached,
        "first answer": first,
        "answer after one limit changed": sorted(edits)[len(edits) // 2],
        "of it deciding": sorted(seconds for seconds, _ in deciding)[len(deciding) // 2],
        f"HiGHS alone, {solves} solves": bare,
        f"{refused.outcome} answer, relaxations and all": relaxing,
    }


def child(what: str) -> Any:  # noqa: ANN401 - JSON
    """What a process of its own measures."""
    command = [sys.executable, "-m", "benchmarks.portfolio", "--measure", what]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(argv: list[str] | None = None) -> int:
    """Measure every size; 1 where an answer was not solved."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help="two jobs only")
    parser.add_argument("--out", type=Path, help="folder for the plot")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.measure:
        made = one_job() if options.measure == "one" else many_jobs(int(options.measure))
        print(json.dumps(made))
        return 0
    if not options.once:
        for what, value in child("one").items():
            count = isinstance(value, int)
            told = f"{value:>12,}" if count else f"{value:>11.4f}s"
            print(f"{what:<46} {told}", flush=True)
    print(
        "jobs  aim            candidates columns estimated   decided  answered  HiGHS alone"
        "  ratio      gap     MB"
    )
    rows: list[dict[str, Any]] = []
    for size in SIZES[:1] if options.once else SIZES:
        for row in child(str(size)):
            rows.append(row)
            print(
                f"{row['jobs']:>4}  {row['aim']:<14} {row['candidates']:>10,} {row['columns']:>7,}"
                f" {row['estimating']:>8.2f}s {row['decide']:>8.3f}s {row['answer']:>8.3f}s"
                f" {row['bare']:>9.3f}s {row['decide'] / row['bare']:>8.1f} {row['gap']:>8.1e}"
                f" {row['mb']:>6.0f}",
                flush=True,
            )
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "portfolio.svg").write_text(growth_svg(rows), encoding="utf-8")
    return 0 if all(row["outcome"] == "solved" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
