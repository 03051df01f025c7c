"""How often plans of seeded questions keep every limit in new outcomes, against the promise.

    python -m benchmarks.joint_chance
    python -m benchmarks.joint_chance --once

Outcomes are drawn with another seed than plans are chosen with. A question falls short where the
share of outcomes lies below its asked confidence by more than luck explains (one-sided binomial
test, 5 % over all questions together: Bonferroni). It is overcautious where the share lies more
than 5 points above and another candidate, better by the aim at the asked confidence, keeps every
limit as often as asked too: among all candidates of a single job, and for several jobs among the
best plans at lower quantiles.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.seeded_questions import seeded_question
from catalog.load import load_catalog
from solver.candidates import candidates, columns_at
from solver.constants import shipped_constants
from solver.decide import decide
from solver.limits import limits_of, uncertain_limits
from solver.mip.solve import Chooser
from solver.program import natural_sizes, normalised_accuracy
from solver.question import Aim
from solver.region import missed
from solver.search import Search, joint_chance, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.tables import Catalog
    from solver.decide import Decision
    from solver.program import JobColumns
    from solver.question import Question

QUESTIONS, FEW = 100, 5
DRAWS, SEED = 20_000, 7
ABOVE = 0.05
"""More than so far above the promise is overcautious, where something better holds too. [1]"""

MOST_TRIED = 400
"""Better candidates that are drawn for, best first. [1]"""

QUANTILES = 8
"""Lower quantiles that are tried for several jobs. [1]"""

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A fixed hour: prices have the same age in every run."""


def quietly(stage: str, share: float) -> None:
    """No one is told."""
    del stage, share


def decided(question: Question, catalog: Catalog) -> Decision | None:
    """The decision of a question that has uncertain limits and a plan; None else."""
    constants = shipped_constants()
    limits = limits_of(question, NOW)
    if not uncertain_limits(limits):
        return None
    jobs = tuple(candidates(job, question, catalog, constants, NOW.date()) for job in question.jobs)
    if any(len(job) == 0 for job in jobs):
        return None
    decision = decide(question, jobs, limits, quietly)
    return decision if decision.chosen else None


def share_kept(decision: Decision, positions: tuple[int, ...]) -> float:
    """Share of new outcomes in which a plan keeps every limit."""
    outcomes = outcomes_of(
        decision.jobs,
        positions,
        decision.timing_of(positions),
        decision.reduced.program,
        count=DRAWS,
        seed=SEED,
    )
    return joint_chance(outcomes, decision.limits)


def value(aim: Aim, columns: JobColumns, sizes: dict[str, float]) -> np.ndarray:
    """What an aim minimises, candidate by candidate of a single job."""
    if aim is Aim.CHEAPEST:
        return columns.usd / sizes["budget"]
    if aim is Aim.FASTEST:
        return columns.hours / sizes["deadline"]
    return -normalised_accuracy(columns)


def better(question: Question, decision: Decision) -> Iterator[int]:
    """Candidates of a single job, better by the aim, that keep each limit alone; best first."""
    confidence = question.limits.confidence
    columns = columns_at(decision.jobs[0], confidence)
    sizes = {str(name): size for name, size in natural_sizes((columns,)).items()}
    values = value(question.aim, columns, sizes)
    now = values[decision.chosen[0]]
    inside = missed(columns, decision.limits) == 0
    found = np.flatnonzero(inside & (values < now - 1e-3 * max(abs(float(now)), 1e-3)))
    yield from found[np.argsort(values[found], kind="stable")][:MOST_TRIED].tolist()


def better_together(question: Question, decision: Decision) -> Iterator[tuple[int, ...]]:
    """Best plans of several jobs at lower quantiles, where they are better by the aim."""
    search = Search(question, decision.jobs, decision.limits)
    asked = search.reduced_program(question.limits.confidence)
    sizes = {str(name): size for name, size in natural_sizes(asked.columns).items()}

    def worth(positions: tuple[int, ...]) -> float:
        each = [
            float(value(question.aim, columns, sizes)[position])
            for columns, position in zip(asked.columns, positions, strict=True)
        ]
        return sum(each) if question.aim is Aim.CHEAPEST else max(each)

    now = worth(decision.chosen)
    for quantile in np.linspace(0.5, question.limits.confidence, QUANTILES, endpoint=False):
        lower = search.reduced_program(float(quantile))
        found = Chooser(lower.program).best(question.aim)
        positions = lower.positions(found.chosen)
        if positions and worth(positions) < now - 1e-3 * max(abs(now), 1e-3):
            if found.timing is not None:
                decision.timings[positions] = found.timing
            yield positions


def overcautious(question: Question, decision: Decision, share: float) -> str:
    """The better plan that holds as often as asked too; empty where there is none."""
    confidence = question.limits.confidence
    if share <= confidence + ABOVE or question.aim is Aim.BALANCED:
        return ""
    single = len(decision.jobs) == 1
    others: Iterator[tuple[int, ...]] = (
        ((position,) for position in better(question, decision))
        if single
        else better_together(question, decision)
    )
    for positions in others:
        if share_kept(decision, positions) >= confidence:
            return " ".join(job.key(i) for job, i in zip(decision.jobs, positions, strict=True))
    return ""


def main(argv: list[str] | None = None) -> int:
    """Draw for every question; 1 where a plan falls short of its promise or is overcautious."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help=f"{FEW} questions only")
    options = parser.parse_args(argv)
    wanted = FEW if options.once else QUESTIONS
    catalog = load_catalog()
    started = time.perf_counter()
    margins: list[float] = []
    short = careful = above = seed = 0
    below = NormalDist().inv_cdf(1.0 - 0.05 / wanted)
    while len(margins) < wanted:
        question = seeded_question(seed, catalog)
        decision = decided(question, catalog)
        seed += 1
        if decision is None:
            continue
        p = question.limits.confidence
        share = share_kept(decision, decision.chosen)
        margins.append(share - p)
        if share < p - below * np.sqrt(p * (1.0 - p) / DRAWS):
            short += 1
            print(f"{seed - 1:4} FALLS SHORT: {share:.4f} where {p:g} is promised")
        above += share > p + ABOVE
        other = overcautious(question, decision, share)
        if other:
            careful += 1
            print(f"{seed - 1:4} OVERCAUTIOUS: {share:.4f} where {p:g} is asked, {other} would do")
    low, middle, high = np.quantile(margins, [0.05, 0.5, 0.95])
    print(
        f"{wanted} questions with a plan among {seed}, {DRAWS:,} outcomes each: "
        f"{short} fall short, {above} more than 5 points above, {careful} of them with something "
        "better that holds; "
        f"share less promise {low:+.3f}, {middle:+.3f}, {high:+.3f} (5, 50, 95 % of questions), "
        f"least {min(margins):+.4f}; {time.perf_counter() - started:.0f} s"
    )
    return 1 if short or careful else 0


if __name__ == "__main__":
    sys.exit(main())
