"""Portfolios of jobs that share a budget, drawn by number: equal numbers give equal questions."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from solver.question import Aim, Job, Limits, ModelChoice, Question

if TYPE_CHECKING:
    from solver.decide import Decision

MODELS = ("BERT-base", "BERT-large", "RoBERTa-base", "RoBERTa-large", "DistilBERT-base")
TASKS = ("SST-2", "MNLI", "QNLI", "AGNews", "IMDb", "CoLA")

PROVIDERS = ("aws", "gcp", "lambda", "runpod", "azure")

ROOM = 1.5
"""The budget over what the cheapest plans cost together. [ratio]"""


def portfolio(jobs: int, aim: Aim = Aim.FASTEST, budget_usd: float | None = None) -> Question:
    """So many fine-tuning jobs within one budget.

    Args:
        jobs: how many. [1]
        aim: what is best.
        budget_usd: for all of them; None: no limit, as when the cheapest total is looked for.
    """
    rng = random.Random(jobs)  # noqa: S311 - not for secrets
    return Question(
        title=f"{jobs} jobs",
        aim=aim,
        jobs=tuple(_job(rng, f"job{i + 1}") for i in range(jobs)),
        limits=Limits(budget_usd=budget_usd, deadline_hours=200, providers=PROVIDERS),
    )


def with_room(question: Question, cheapest: Decision) -> Question:
    """The question with a budget of `ROOM` times what the cheapest plans cost."""
    if not cheapest.chosen:
        raise ValueError("no plan at all")
    columns = zip(cheapest.reduced.columns, cheapest.chosen, strict=True)
    usd = ROOM * sum(float(some.usd[position]) for some, position in columns)
    return question.replace(limits=question.limits.replace(budget_usd=float(f"{usd:.3g}")))


def _job(rng: random.Random, name: str) -> Job:
    return Job(
        name=name,
        task=rng.choice(TASKS),
        examples=rng.choice((5_000, 20_000, 70_000, 200_000)) + rng.randrange(1000),
        tokens_per_example=rng.choice((64, 128, 256)),
        models=ModelChoice(names=tuple(sorted(rng.sample(MODELS, 2)))),
        epochs=(1, 2, 3),
    )
