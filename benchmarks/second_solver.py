"""The program of examples and seeded questions, written as MPS and LP, solved again by SCIP.

    python -m benchmarks.second_solver
    python -m benchmarks.second_solver --once

Prints every question whose optimum SCIP does not confirm, and how far the numbers of all programs
lie apart; ends with 1 where an optimum differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.seeded_questions import seeded_question
from catalog.load import load_catalog
from catalog.problems import ProblemsError
from solver.examples import folder
from solver.mip.highs import Ending
from solver.mip.statement import lp_text, mps_text
from solver.program_export import program_export
from solver.question import Aim
from solver.question_file import read_question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.tables import Catalog
    from solver.program_export import ProgramExport
    from solver.question import Question

SEEDED, FEW = 60, 5

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A fixed hour: prices have the same age in every run."""


def scip_optimum(path: Path) -> float | None:
    """What SCIP finds in a file; None where it proves that nothing keeps the rows."""
    import pyscipopt  # noqa: PLC0415 - left out where it is not installed

    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.setParam("numerics/feastol", 1e-9)
    model.setParam("limits/gap", 1e-6)
    model.optimize()
    return None if model.getStatus() == "infeasible" else float(model.getObjVal())


def confirmed(made: ProgramExport, files: Path) -> bool:
    """Whether both files have the optimum that HiGHS found."""
    for name, text in (("program.mps", mps_text), ("program.lp", lp_text)):
        path = files / name
        path.write_text(text(made.statement), encoding="ascii")
        found = scip_optimum(path)
        if made.selection.ending is Ending.INFEASIBLE:
            if found is not None:
                return False
        elif found is None or not np.isclose(
            found, made.selection.objective or 0.0, rtol=2e-6, atol=2e-6
        ):
            return False
    return True


def questions(catalog: Catalog, seeded: int) -> Iterator[tuple[str, Question]]:
    """Every shipped example of one job by every aim, and other questions by their own."""
    for path in sorted(folder().glob("*.toml")):
        question = read_question(path)
        for aim in Aim if len(question.jobs) == 1 else (question.aim,):
            yield f"{path.name} {aim}", question.replace(aim=aim)
    for seed in range(seeded):
        question = seeded_question(seed, catalog)
        yield f"{seed} {question.aim}", question


def main(argv: list[str] | None = None) -> int:
    """Solve everything twice; 1 where two optima differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help=f"{FEW} seeded questions only")
    options = parser.parse_args(argv)
    if not find_spec("pyscipopt"):
        print("left out: pyscipopt is not installed")
        return 0
    catalog = load_catalog()
    outcomes: Counter[str] = Counter()
    apart: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as made_in:
        for name, question in questions(catalog, FEW if options.once else SEEDED):
            try:
                made = program_export(question, catalog, now=NOW, solve=True)
            except ProblemsError:
                outcomes["no program"] += 1
                continue
            same = confirmed(made, Path(made_in))
            outcomes[f"{made.selection.ending} confirmed" if same else "DIFFERS"] += 1
            if not same:
                print(f"{name}: SCIP does not find {made.selection.objective}")
            for part, ends in made.statement.ranges._asdict().items():
                apart.setdefault(part, []).extend(ends or ())
    print(", ".join(f"{number} {what}" for what, number in outcomes.most_common()))
    for part, ends in apart.items():
        print(f"{part}: {min(ends):.3g} to {max(ends):.3g}")
    return 1 if outcomes["DIFFERS"] else 0


if __name__ == "__main__":
    sys.exit(main())
