"""Questions drawn by number over the shipped catalogue: equal numbers give equal questions."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

from catalog.schema import Pricing
from solver.question import Aim, Job, Limits, ModelChoice, OwnedMachines, Pilot, Question, Serving

if TYPE_CHECKING:
    from catalog.tables import Catalog

ENCODERS = ("BERT-base", "BERT-large", "RoBERTa-base", "RoBERTa-large", "DistilBERT-base")
DECODERS = ("Llama-3.1-8B", "Qwen2.5-7B", "Qwen2.5-1.5B", "Mistral-7B-v0.1", "GPT-2 medium")
TASKS = ("SST-2", "MNLI", "QNLI", "AGNews", "IMDb", "CoLA")
OWNED = (("RTX-4090", 4), ("A100-80-SXM", 8), ("H100-SXM", 8), ("T4", 1))
"""Accelerators of own machines and how many one machine has; names unknown are left out."""

WELL_STOCKED = 8
"""Providers with fewer unmarked on-demand offers leave most questions without a candidate. [1]"""


def seeded_question(seed: int, catalog: Catalog) -> Question:
    """The question of a number: one job, or two every fifth time."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    two = seed % 5 == 4
    jobs = tuple(_job(rng, f"job{i + 1}", catalog, small=two) for i in range(2 if two else 1))
    owned = _owned(rng, catalog)
    return Question(
        title=f"question {seed}",
        aim=rng.choice(tuple(Aim)),
        limits=_limits(rng, catalog, can_stay_home=bool(owned), small=two),
        jobs=jobs,
        owned=owned,
    )


def _maybe(rng: random.Random, chance: float, value: Any) -> Any:  # noqa: ANN401 - any field
    return value if rng.random() < chance else None


def _spread(rng: random.Random, low: float, high: float) -> float:
    """A value between two, each order of magnitude as likely, two digits of it."""
    return float(f"{low * (high / low) ** rng.random():.2g}")


def _job(rng: random.Random, name: str, catalog: Catalog, *, small: bool) -> Job:
    common: dict[str, Any] = {
        "name": name,
        "epochs": tuple(sorted(rng.sample((1, 2, 3, 5), 1 if small else rng.randint(1, 3)))),
        "methods": rng.choice(((), ("full",), ("full", "lora"), ("lora", "qlora"))),
        "precisions": rng.choice(((), (), ("bf16-mixed",), ("fp16-mixed", "fp32"))),
        "trials": rng.choice((1, 1, 4)),
        "max_deployed_gb": _maybe(rng, 0.25, _spread(rng, 0.2, 30.0)),
        "deadline_hours": _maybe(rng, 0.2, _spread(rng, 0.3, 60.0)),
    }
    return (
        _classifier(rng, common, small)
        if rng.random() < 0.7
        else _chat(rng, common, catalog, small)
    )


def _classifier(rng: random.Random, common: dict[str, Any], small: bool) -> Job:  # noqa: FBT001
    examples = rng.choice((5_000, 40_000, 200_000))
    names = tuple(rng.sample(ENCODERS, 1 if small else rng.randint(1, 3)))
    pilots: tuple[Pilot, ...] = ()
    task: dict[str, Any] = {"task": rng.choice(TASKS)}
    if rng.random() < 0.4:
        task = {"task": "own task", "family": "classification", "classes": 8}
        pilots = tuple(
            Pilot(examples=n, score=round(0.95 - 2.2 * n**-0.4, 3), model=names[0])
            for n in (examples // 40, examples // 10, examples // 3)
        )
    return Job(
        **common,
        **task,
        pilots=pilots,
        examples=examples,
        tokens_per_example=rng.choice((64, 128, 384)),
        models=ModelChoice(names=names),
        min_accuracy=_maybe(rng, 0.6, round(rng.uniform(0.6, 0.97), 3)),
    )


def _chat(rng: random.Random, common: dict[str, Any], catalog: Catalog, small: bool) -> Job:  # noqa: FBT001
    known = [name for name in DECODERS if catalog.model_named(name)]
    return Job(
        **common,
        family="chat",
        tokens=_spread(rng, 1e6, 3e8),
        sequence=rng.choice((512, 2048)),
        models=ModelChoice(names=tuple(rng.sample(known, 1 if small else rng.randint(1, 2)))),
        serving=_maybe(rng, 0.2, Serving(tokens_per_month=1e8, months=6)),
    )


def _limits(rng: random.Random, catalog: Catalog, *, can_stay_home: bool, small: bool) -> Limits:
    plain = Counter(
        offer.provider
        for offer in catalog.offers.values()
        if offer.pricing is Pricing.ON_DEMAND and not offer.marked
    )
    providers = sorted(name for name, offers in plain.items() if offers >= WELL_STOCKED)
    chosen = tuple(rng.sample(providers, 1 if small else rng.randint(2, 6)))
    return Limits(
        deadline_hours=_maybe(rng, 0.7, _spread(rng, 0.2, 100.0)),
        budget_usd=_maybe(rng, 0.8, _spread(rng, 0.2, 1000.0)),
        confidence=rng.choice((0.6, 0.8, 0.9, 0.95)),
        max_gpus=rng.choice((4, 8, 64)) if small else _maybe(rng, 0.4, rng.choice((1, 8, 64, 512))),
        providers=chosen if small else (_maybe(rng, 0.7, chosen) or ()),
        spot=rng.random() < 0.4,
        rent=not can_stay_home or rng.random() < 0.8,
        include_marked_prices=rng.random() < 0.3,
        co2_kg=_maybe(rng, 0.2, _spread(rng, 0.05, 50.0)),
    )


def _owned(rng: random.Random, catalog: Catalog) -> tuple[OwnedMachines, ...]:
    known = [pair for pair in OWNED if catalog.accelerator_named(pair[0])]
    pools = rng.sample(known, rng.choice((0, 0, 0, 1, 2)))
    return tuple(
        OwnedMachines(
            name=f"pool{i}",
            accelerator=accelerator,
            gpus_per_machine=gpus,
            machines=rng.choice((1, 2, 3)),
            network_gbit_per_s=_maybe(rng, 0.6, 100.0),
            usd_per_hour=rng.choice((0.0, 0.5)),
            region=rng.choice(("", "Germany")),
        )
        for i, (accelerator, gpus) in enumerate(pools)
    )
