"""Answers seeded questions over the shipped catalogue and compares each with trying every plan.

    python -m benchmarks.brute_force
    python -m benchmarks.brute_force --once

Prints one line for each question and every disagreement; ends with 1 where there was one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.every_plan import (
    FIRST_FIRST,
    SECOND_FIRST,
    TIE,
    TOGETHER,
    Bound,
    EveryPlan,
)
from benchmarks.seeded_questions import seeded_question
from catalog.load import load_catalog
from solver.answer import answer
from solver.candidates import candidates, columns_at
from solver.constants import shipped_constants
from solver.plan import Impossible, Solved, Unknown
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.tables import Catalog
    from solver.plan import Answer, Move
    from solver.question import Question

QUESTIONS = 200
FEW = 5

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A fixed hour: prices have the same age in every run."""

STEPS = {"max_gpus": 1.0, "max_deployed": 0.01, "max_latency": 0.01}
"""The finest change of the limits that are certain, in their units."""

FIELDS = {"budget": "budget_usd", "co2": "co2_kg", "max_gpus": "max_gpus"}
JOB_FIELDS = {
    "deadline": "deadline_hours",
    "min_accuracy": "min_accuracy",
    "max_deployed": "max_deployed_gb",
    "max_latency": "max_latency_ms",
}


def answered(question: Question, catalog: Catalog) -> Answer:
    """The answer at the fixed hour."""
    return answer(question, catalog, now=NOW)


def disagreements(question: Question, found: Answer, catalog: Catalog) -> list[str]:
    """How an answer differs from trying every plan; empty where they agree."""
    match found:
        case Solved() | Impossible():
            every = EveryPlan(question, catalog, shipped_constants(), NOW, found.margin_quantile)
            if isinstance(found, Solved):
                return list(_of_plan(found, every, catalog))
            return list(_of_impossible(found, every, catalog))
        case Unknown():
            every = EveryPlan(question, catalog, shipped_constants(), NOW, 0.5)
            known = [bool(np.isfinite(c.accuracy).any()) for c in every.columns]
            return ["every accuracy is known"] if all(known) else []
    return [f"it ended as {found.outcome}"]


def _of_plan(found: Solved, every: EveryPlan, catalog: Catalog) -> Iterator[str]:
    places = [job.find(planned.key) for job, planned in zip(every.jobs, found.jobs, strict=True)]
    if None in places:
        yield "the plan is not among all plans"
        return
    plan = int(np.ravel_multi_index([*(int(p or 0) for p in places), _way(found)], every.shape))
    hours = max(job.end_hours for job in found.jobs)
    usd = sum(job.usd.at_confidence for job in found.jobs)
    if not np.isclose(hours, np.max(every.ends, axis=0)[plan], rtol=1e-6):
        yield "the plan's hours differ"
    if not np.isclose(usd, every.usd[plan], rtol=1e-6, atol=1e-9):
        yield "the plan's dollars differ"
    inside = every.inside(every.bounds)
    if not inside[plan]:
        yield "the plan does not keep every limit"
        return
    if found.joint_chance < found.question.limits.confidence:
        yield f"the plan holds in {found.joint_chance:.3f} of the outcomes only"
    yield from _against_best(
        found.question.aim, every, plan, inside, _sizes(found.question, catalog)
    )


def _way(found: Solved) -> int:
    """Whether two jobs run at once or which of them comes first."""
    starts = [job.start_hours for job in found.jobs]
    if len(starts) == 1 or starts[0] == starts[1]:
        return TOGETHER
    return FIRST_FIRST if starts[0] < starts[1] else SECOND_FIRST


def _against_best(
    aim: Aim, every: EveryPlan, plan: int, inside: np.ndarray, sizes: tuple[float, float]
) -> Iterator[str]:
    second = every.second(*sizes)
    if aim is Aim.BALANCED:
        regret = every.regret(inside, second, *sizes)
        least = float(regret[inside].min())
        if regret[plan] > least + 1e-5:
            yield f"its regret is {regret[plan]:g}, the least {least:g}"
        return
    best = every.corner(aim, inside, second)
    first = every.first(aim)
    if first[plan] > first[best] + 2 * TIE * max(1.0, abs(first[best])):
        yield f"{aim}: {first[plan]:g}, the best is {first[best]:g}"
    elif second[plan] > second[best] + 1e-5 * max(1.0, abs(second[best])):
        yield f"of equal plans the second aim is {second[plan]:g}, the best {second[best]:g}"


def _sizes(question: Question, catalog: Catalog) -> tuple[float, float]:
    """Medians of dollars and hours over the candidates at the asked confidence."""
    columns = [
        columns_at(
            candidates(job, question, catalog, shipped_constants(), NOW.date()),
            question.limits.confidence,
        )
        for job in question.jobs
    ]
    usd = np.concatenate([c.usd for c in columns])
    hours = np.concatenate([c.hours for c in columns])
    return _median(usd), _median(hours)


def _median(values: np.ndarray) -> float:
    positive = values[np.isfinite(values) & (values > 0)]
    return float(np.median(positive)) if len(positive) else 1.0


def _of_impossible(found: Impossible, every: EveryPlan, catalog: Catalog) -> Iterator[str]:
    if every.inside(every.bounds).any():
        yield "some plan keeps every limit"
        return
    yield from _of_conflict(found, every)
    moves = {(move.limit, move.job): move for move in found.relaxations}
    for bound in every.bounds:
        job = None if bound.job is None else found.question.jobs[bound.job].name
        move, least = moves.get((bound.name, job)), every.least(bound)
        if (move is None) != (least is None):
            yield f"{bound}: moved to {move and move.value}, the least is {least}"
        elif move is not None and least is not None:
            yield from _of_move(found.question, bound, move, least, catalog)


def _of_conflict(found: Impossible, every: EveryPlan) -> Iterator[str]:
    held = [bound for bound in every.bounds if bound.name in found.conflict]
    if every.many and every.inside(held).any():
        yield f"{found.conflict} can hold together"
    for bound in held:
        alone = sum(other.name == bound.name for other in held) == 1
        if alone and not every.inside([other for other in held if other != bound]).any():
            yield f"{found.conflict} conflict without {bound.name} too"


def _of_move(
    question: Question, bound: Bound, move: Move, least: float, catalog: Catalog
) -> Iterator[str]:
    value = move.value or 0.0
    short = value - least if bound.name == "min_accuracy" else least - value
    if short > 1e-9 * max(1.0, abs(least)):
        yield f"{bound} moved to {value:g}, but no plan reaches more than {least:g}"
    if bound.name in STEPS and abs(value - least) > STEPS[bound.name] * (1 + 1e-9):
        yield f"{bound} moved to {value:g}, {least:g} would do"
    again = answered(moved(question, bound, value), catalog)
    if again.outcome != "solved":
        yield f"{bound} moved to {value:g} is {again.outcome}"


def moved(question: Question, bound: Bound, value: float) -> Question:
    """The question with one limit at another value."""
    if bound.job is None:
        field = FIELDS.get(bound.name, "deadline_hours")
        number = round(value) if field == "max_gpus" else value
        return question.replace(limits=question.limits.replace(**{field: number}))
    jobs = list(question.jobs)
    jobs[bound.job] = jobs[bound.job].replace(**{JOB_FIELDS[bound.name]: value})
    return question.replace(jobs=tuple(jobs))


def main(argv: list[str] | None = None) -> int:
    """Compare answers with brute force; 1 where any of them disagrees."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help=f"{FEW} questions only")
    parser.add_argument("--first", type=int, default=0, help="number of the first question")
    options = parser.parse_args(argv)
    catalog = load_catalog()
    outcomes: Counter[str] = Counter()
    wrong = 0
    started = time.perf_counter()
    for seed in range(options.first, options.first + (FEW if options.once else QUESTIONS)):
        question = seeded_question(seed, catalog)
        found = answered(question, catalog)
        outcomes[found.outcome] += 1
        differ = disagreements(question, found, catalog)
        wrong += bool(differ)
        print(f"{seed:4} {question.aim:14} {found.outcome:10} {found.counts.candidates:9,}")
        for line in differ:
            print(f"     DIFFERS: {line}")
    counts = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common())
    print(f"{counts}; {wrong} disagree; {time.perf_counter() - started:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
