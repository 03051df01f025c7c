"""How long accuracy prediction takes: one posterior, the whole catalogue, a curve to draw.

    python -m benchmarks.quality_pace [--once]

Processor time of this process, the least of some runs, so that a busy machine changes little. The
exit code is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from solver.constants import shipped_constants
from solver.estimate.quality import accuracy
from solver.estimate.quality_curve import Observation, posterior
from solver.estimate.quality_pilots import discrepancy_for
from solver.examples import example
from solver.outcome.curves import curve_of
from solver.question_file import read_question
from solver.space.variants import models_for, variants_for
from solver.space.work import allowed_epochs, family_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.question import Job

RUNS = 7
"""Of which the fastest counts. [1]"""

CATALOG, CONSTANTS = load_catalog(), shipped_constants()


def one_posterior() -> None:
    """Three pilots to a curve."""
    curve = CONSTANTS.quality.curve
    points = ((500, 0.812), (2_000, 0.874), (8_000, 0.911))
    seen = [Observation(float(n), score, 0.015) for n, score in points]
    posterior(seen, 1 / 12, curve.examples, discrepancy_for(len(seen), curve))


def all_curves(job: Job) -> None:
    """Every model and variant that a job allows, at all its passes."""
    family = family_of(job, CATALOG)
    models, _ = models_for(job, family, 128, CATALOG)
    variants, _ = variants_for(job, family, CATALOG)
    accuracy(job, family, models, variants, allowed_epochs(job), CATALOG, CONSTANTS.quality)


def least_ms(work: Callable[[], object], runs: int) -> float:
    """Processor time of the fastest of some runs. [ms]"""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return 1000.0 * min(taken)


def main(argv: list[str] | None = None) -> int:
    """Measure and print; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help="one run each")
    runs = 1 if parser.parse_args(argv).once else RUNS
    tickets = read_question(example("1-tickets.toml")).jobs[0]
    published = tickets.replace(task="MNLI", family=None, classes=None, pilots=())
    rows: tuple[tuple[str, Callable[[], object], float], ...] = (
        ("one posterior", one_posterior, 100.0),
        ("whole catalogue, three pilots", lambda: all_curves(tickets), 500.0),
        ("whole catalogue, published scores", lambda: all_curves(published), 500.0),
        (
            "a curve with its band, to draw",
            lambda: curve_of(tickets, "RoBERTa-base", "full", CATALOG, CONSTANTS),
            100.0,
        ),
    )
    print("| what | processor time | goal |\n|---|---|---|")
    taken = [(name, least_ms(work, runs), goal) for name, work, goal in rows]
    for name, spent, goal in taken:
        print(f"| {name} | {spent:.0f} ms | {goal:.0f} ms |")
    return int(any(spent > goal for _, spent, goal in taken))


if __name__ == "__main__":
    sys.exit(main())
