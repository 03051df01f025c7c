"""The same choice handed to other solvers in one run: who finds which optimum, how fast.

    python -m benchmarks.beside_others
    python -m benchmarks.beside_others --once
    python -m benchmarks.beside_others --sky PYTHON

Jobs share a budget and the last shall end early. Everyone gets the reduced program: HiGHS alone
its arrays, SCIP its MPS file, PuLP with CBC its rows, plain enumeration every combination where
they are few. PuLP and SCIP are left out where they are not installed. SkyPilot is asked where
`--sky` names a Python that has it; it knows no budget, so it gets what the candidates within the
jobs' own limits cost, and is compared with the cheapest plan. Times are the best of three, but for
long ones.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.portfolio import NOW, estimated, quietly
from benchmarks.portfolio_questions import portfolio, with_room
from catalog.load import load_catalog
from solver.decide import decide
from solver.limits import limits_of
from solver.mip import formulation
from solver.mip.export import Labels, Stating
from solver.mip.highs import loaded
from solver.mip.matrix import Matrix
from solver.mip.solve import Chooser
from solver.mip.statement import mps_text
from solver.program import natural_size
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.mip.highs import Run
    from solver.mip.matrix import Linear
    from solver.mip.statement import Statement
    from solver.program import JobColumns, Program

SIZES = (2, 10, 40)

FEW = 30_000_000
"""Combinations that plain enumeration still tries. [1]"""

GAP = 1e-6

RUNS, LONG_S = 3, 2.0
"""Runs of each solver, unless they took so long already. [1], [s]"""

SKY = """
import json, sys, time
import networkx
from sky.optimizer import Optimizer

class Node:
    def __init__(self, name):
        self.name = name

usd = json.load(sys.stdin)
nodes = [Node(f"job{i}") for i in range(len(usd))]
graph = networkx.DiGraph()
graph.add_nodes_from(nodes)
costs = {node: dict(enumerate(row)) for node, row in zip(nodes, usd)}
started = time.perf_counter()
_, total = Optimizer._optimize_by_ilp(graph, nodes, costs, True)
print(json.dumps([total, time.perf_counter() - started]))
"""
"""SkyPilot's integer program over tasks and what each would cost where."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one solver made of a program."""

    who: str
    optimum: float | None
    seconds: float


class First(Chooser):
    """Stops after the first aim: the other solvers break no ties."""

    linear: Linear | None = None

    def _run(self) -> Run:
        if self.linear is None:
            self.linear = Matrix().read(self._model)
        return super()._run()

    def _then_second(self, first: Any) -> Any:  # noqa: ANN401 - as its base
        formulation.minimise(self._model, first)
        run = self._run()
        return self._selection(run, run)


def told(who: str, find: Callable[[], float | None]) -> Told:
    """Time one solver, the best of a few runs."""
    times: list[float] = []
    optimum = None
    while len(times) < RUNS and sum(times) < LONG_S:
        started = time.perf_counter()
        optimum = find()
        times.append(time.perf_counter() - started)
    return Told(who, optimum, min(times))


def by_trilemma(program: Program, aim: Aim) -> float | None:
    """Built with Pyomo and solved."""
    return First(program).best(aim).objective


def by_highs(linear: Linear) -> float:
    """From arrays."""
    highs = loaded(linear)
    highs.run()
    return float(highs.getInfo().objective_function_value)


def by_scip(path: Path) -> float:
    """From an MPS file."""
    import pyscipopt  # noqa: PLC0415 - left out where it is not installed

    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.setParam("limits/gap", GAP)
    model.optimize()
    return float(model.getObjVal())


def by_pulp(statement: Statement) -> float:
    """Built row by row, solved by CBC."""
    import pulp  # noqa: PLC0415 - left out where it is not installed

    problem = pulp.LpProblem("program", pulp.LpMinimize)
    columns = [
        pulp.LpVariable(
            f"c{i}",
            None if np.isinf(column.low) else column.low,
            None if np.isinf(column.high) else column.high,
            cat="Integer" if column.whole else "Continuous",
        )
        for i, column in enumerate(statement.columns)
    ]
    problem += pulp.LpAffineExpression(
        [(columns[i], column.aim) for i, column in enumerate(statement.columns) if column.aim]
    )
    for row in statement.rows:
        value = pulp.LpAffineExpression([(columns[i], factor) for i, factor in row.terms])
        for name, sense, side in row.sides():
            problem += pulp.LpConstraint(value, {"L": -1, "G": 1, "E": 0}[sense], name, side)
    problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=GAP))
    return float(pulp.value(problem.objective))


def own(program: Program) -> list[JobColumns]:
    """Columns of each job that reach its own minimum accuracy."""
    least = {limit.job: limit.bound for limit in program.limits if limit.is_minimum}
    return [
        columns.take(columns.accuracy >= least[j]) if j in least else columns
        for j, columns in enumerate(program.jobs)
    ]


def by_enumeration(program: Program, aim: Aim) -> float:
    """Every combination, in NumPy: the cheapest, or the end of the last job within the budget."""
    hours, usd = np.zeros(1), np.zeros(1)
    for columns in own(program):
        hours = np.maximum.outer(hours, columns.hours).ravel()
        usd = np.add.outer(usd, columns.usd).ravel()
    most = {limit.name: limit.bound for limit in program.limits if limit.job is None}
    kept = (usd <= most.get("budget", np.inf)) & (hours <= most.get("deadline", np.inf))
    if aim is Aim.CHEAPEST:
        return float(usd[kept].min() / natural_size(program, "budget"))
    return float(hours[kept].min() / natural_size(program, "deadline"))


def by_sky(program: Program, python: str) -> Told:
    """SkyPilot's integer program, timed by itself without starting Python."""
    usd = [columns.usd.tolist() for columns in own(program)]
    done = subprocess.run(
        [python, "-c", SKY], input=json.dumps(usd), capture_output=True, text=True, check=True
    )
    total, seconds = json.loads(done.stdout.splitlines()[-1])
    return Told("SkyPilot (CBC)", total / natural_size(program, "budget"), seconds)


def compared(program: Program, aim: Aim) -> list[Told]:
    """Everyone on one program."""
    labels = Labels(
        [f"j{j}" for j in range(len(program.jobs))],
        [[str(c) for c in range(len(columns))] for columns in program.jobs],
    )
    chooser = First(program)
    chooser.best(aim)
    linear = chooser.linear
    if linear is None:
        raise ValueError("the program was not solved")
    statement, _ = Stating(program, labels).stated(aim, solve=False)
    if statement is None:
        raise ValueError("the program was not stated")
    rows = [
        told("Trilemma (Pyomo, HiGHS)", lambda: by_trilemma(program, aim)),
        told("HiGHS alone", lambda: by_highs(linear)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.mps"
        path.write_text(mps_text(statement), encoding="ascii")
        if find_spec("pyscipopt"):
            rows.append(told("SCIP", lambda: by_scip(path)))
    if find_spec("pulp"):
        rows.append(told("PuLP, CBC", lambda: by_pulp(statement)))
    if np.prod([float(len(columns)) for columns in program.jobs]) <= FEW:
        rows.append(told("every combination", lambda: by_enumeration(program, aim)))
    return rows


def printed(title: str, program: Program, rows: list[Told]) -> bool:
    """Say who found what; whether all agree."""
    size = sum(len(columns) for columns in program.jobs)
    print(f"{title}, {size:,} columns")
    ours = rows[0]
    agree = True
    for row in rows:
        same = row.optimum is not None and np.isclose(
            row.optimum, ours.optimum or 0.0, rtol=5e-6, atol=1e-6
        )
        agree &= bool(same)
        print(
            f"  {row.who:<26} {row.optimum:>14.8f} {row.seconds:>9.4f}s"
            f" {row.seconds / ours.seconds:>7.2f} {'' if same else '  DIFFERS'}",
            flush=True,
        )
    return agree


def main(argv: list[str] | None = None) -> int:
    """Compare on every size; 1 where two optima differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help="two jobs only")
    parser.add_argument("--sky", metavar="PYTHON", help="a Python that has SkyPilot")
    options = parser.parse_args(argv)
    catalog = load_catalog()
    agree = True
    for size in SIZES[:1] if options.once else SIZES:
        question = portfolio(size, Aim.CHEAPEST)
        jobs = estimated(question, catalog)
        cheapest = decide(question, jobs, limits_of(question, NOW), quietly)
        asked = with_room(question, cheapest).replace(aim=Aim.FASTEST)
        decision = decide(asked, jobs, limits_of(asked, NOW), quietly)
        program = decision.reduced.program
        agree &= printed(
            f"{size} jobs, fastest in a budget", program, compared(program, Aim.FASTEST)
        )
        program = cheapest.reduced.program
        rows = compared(program, Aim.CHEAPEST)
        if options.sky:
            rows.append(by_sky(program, options.sky))
        agree &= printed(f"{size} jobs, cheapest", program, rows)
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
