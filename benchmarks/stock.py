"""How long jobs take to plan that share a laboratory's cards, its calendar and their order.

    python -m benchmarks.stock
    python -m benchmarks.stock --once

Each second job waits for the one before it; eight cards are closed for some hours, other machines
may be rented. Candidates are estimated before the clock starts. Times are of processors, all
threads together. The gap is to what no plan can beat.
"""

from __future__ import annotations

import argparse
import random
import sys
from typing import TYPE_CHECKING

from benchmarks.portfolio import NOW, estimated, timed
from benchmarks.portfolio_questions import PROVIDERS, TASKS
from catalog.load import load_catalog
from solver.decide import Search
from solver.limits import limits_of
from solver.mip.solve import Chooser
from solver.question import Aim, Busy, Job, Limits, ModelChoice, OwnedMachines, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (10, 20, 40)
AIMS = (Aim.CHEAPEST, Aim.FASTEST)
MODELS = ("BERT-base", "BERT-large", "RoBERTa-base", "RoBERTa-large")

DEADLINE_HOURS = 48.0
USD_FOR_EACH = 7.5
"""Budget for each job where the fastest plan is looked for. [USD]"""


def laboratory(jobs: int, aim: Aim, number: int = 0) -> Question:
    """So many tunings, in pairs one after the other, on eight cards and in the cloud.

    Args:
        jobs: how many. [1]
        aim: what is best.
        number: another one makes other jobs.
    """
    rng = random.Random(1000 * jobs + number)  # noqa: S311 - not for secrets
    budget = USD_FOR_EACH * jobs if aim is Aim.FASTEST else None
    return Question(
        title=f"{jobs} jobs of a laboratory",
        aim=aim,
        jobs=tuple(_jobs(rng, jobs)),
        limits=Limits(budget_usd=budget, deadline_hours=DEADLINE_HOURS, providers=PROVIDERS),
        owned=(
            OwnedMachines(
                name="lab",
                accelerator="RTX-2080-Ti",
                gpus_per_machine=8,
                usd_per_hour=0.9,
                busy=(Busy(from_hours=20, to_hours=24),),
            ),
        ),
    )


def _jobs(rng: random.Random, jobs: int) -> Iterator[Job]:
    for i in range(jobs):
        yield Job(
            name=f"job{i + 1}",
            task=rng.choice(TASKS),
            examples=rng.choice((100_000, 200_000, 400_000)) + rng.randrange(1000),
            tokens_per_example=rng.choice((128, 256)),
            models=ModelChoice(names=tuple(sorted(rng.sample(MODELS, 2)))),
            methods=("full", "lora"),
            epochs=(2, 3),
            trials=rng.choice((6, 12, 24)),
            after=(f"job{i}",) if i % 2 else (),
        )


def main(argv: list[str] | None = None) -> int:
    """Plan every size by both aims; 1 where one has no plan."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help="ten jobs only")
    options = parser.parse_args(argv)
    catalog = load_catalog()
    print("jobs  aim        columns  planned     gap      plan      bound  solves")
    found = []
    for jobs in SIZES[:1] if options.once else SIZES:
        for aim in AIMS:
            question = laboratory(jobs, aim)
            made = estimated(question, catalog)
            search = Search(question, made, limits_of(question, NOW))
            program = search.reduced_program(question.limits.confidence).program
            chooser = Chooser(program)
            seconds, plan = timed(lambda chooser=chooser, aim=aim: chooser.best(aim))
            found.append(bool(plan.chosen))
            if not plan.chosen:
                print(f"{jobs:>4}  {aim.value:<9} no plan was found")
                continue
            gap = (plan.objective - plan.bound) / plan.objective
            print(
                f"{jobs:>4}  {aim.value:<9} {sum(map(len, program.jobs)):>8,} {seconds:>7.2f}s"
                f" {gap:>7.2%} {plan.objective:>9.4f}  {plan.bound:>9.4f} {chooser.solves:>7}",
                flush=True,
            )
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
