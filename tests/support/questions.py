"""Questions that are answered in a moment: one of each outcome, aim and kind of machine."""

from datetime import UTC, datetime
from functools import cache

from catalog.load import load_catalog
from solver.answer import answer
from solver.answer_file import to_json
from solver.examples import example, folder
from solver.question import Question
from solver.question_file import read_question

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

PILOTS = (
    {"examples": 500, "score": 0.812, "model": "RoBERTa-base", "evaluated_on": 2000},
    {"examples": 2000, "score": 0.874, "model": "RoBERTa-base", "evaluated_on": 2000},
    {"examples": 8000, "score": 0.911, "model": "RoBERTa-base", "evaluated_on": 2000},
)

TICKETS = {
    "name": "tickets",
    "family": "classification",
    "classes": 12,
    "examples": 40_000,
    "tokens_per_example": 128,
    "models": {"names": ["BERT-base", "RoBERTa-base"]},
    "methods": ["full", "lora"],
    "epochs": [1, 2],
    "pilots": PILOTS,
    "min_accuracy": 0.86,
}

LIMITS = {
    "deadline_hours": 6,
    "budget_usd": 20,
    "providers": ["aws"],
    "accelerators": ["T4", "V100-16", "A100-40-SXM"],
}

DESK = {
    "name": "desk",
    "accelerator": "RTX-2080-Ti",
    "gpus_per_machine": 2,
    "machines": 3,
    "network_gbit_per_s": 10,
    "usd_per_hour": 0.3,
    "region": "Germany",
}


def question(aim="cheapest", limits=(), jobs=({},), **fields):
    """Tickets on a few machines of one provider, with some limits and some of each job changed."""
    told = {**LIMITS, **dict(limits)}
    return Question.model_validate(
        {"aim": aim, "limits": told, "jobs": [{**TICKETS, **job} for job in jobs], **fields}
    )


def several_jobs(**changes):
    """Three jobs that share the limits; one has a deadline, one a size and one no accuracy."""
    jobs = (
        {"name": "sort", "deadline_hours": 2},
        {"name": "route", "examples": 60_000, "max_deployed_gb": 1},
        {"name": "answer", "family": "chat", "pilots": (), "min_accuracy": None}
        | {"models": {"names": ["GPT-2 medium"]}, "methods": ["lora"]},
    )
    return question(jobs=jobs, **changes)


PRETRAIN = {
    "name": "pretrain",
    "family": "language-modelling",
    "classes": None,
    "examples": None,
    "tokens_per_example": None,
    "tokens": 137e9,
    "sequence": 128,
    "epochs": [1],
    "methods": ["from-scratch"],
    "models": {"names": ["BERT-mini", "BERT-small"]},
    "pilots": (),
    "min_accuracy": None,
}

TUNE = {
    "name": "tune",
    "family": None,
    "classes": None,
    "task": "MNLI",
    "models": {"names": ["BERT-small", "BERT-mini", "BERT-base"]},
    "methods": ["full"],
    "pilots": (),
    "starts_from": "pretrain",
    "min_accuracy": 0.66,
}

ROOM = {"deadline_hours": 400, "budget_usd": 2000}


def chained(pretrain=(), tune=(), limits=()):
    """Pre-training from scratch and a tuning of what it makes."""
    jobs = ({**PRETRAIN, **dict(pretrain)}, {**TUNE, **dict(tune)})
    return question(limits={**ROOM, **dict(limits)}, jobs=jobs)


SMALL = {
    "cheapest": question(),
    "fastest": question("fastest", {"budget_usd": 5}),
    "most-accurate": question("most-accurate"),
    "worth-more": question(
        "fastest",
        {"budget_usd": 6},
        ({"examples": 2_000_000, "pilots": (), "min_accuracy": None},),
    ),
    "balanced": question("balanced", {"max_gpus": 4}),
    "several-jobs": several_jobs(),
    "owned": question(limits={"rent": False, "co2_kg": 50}, owned=[DESK]),
    "owned-for-several": question("fastest", jobs=({}, {"name": "b"}), owned=[DESK]),
    "spot": question("fastest", {"spot": True, "co2_kg": 5}),
    "dated": question(limits={"deadline_hours": None, "deadline": "2026-11-25T20:00:00+02:00"}),
    "out-of-reach": question(limits={"deadline_hours": 0.3, "budget_usd": 0.05}),
    "nothing-fits": question(limits={"accelerators": ["T4"]}, jobs=({"precisions": ["fp8"]},)),
    "unmeasured": question(jobs=({"pilots": (), "task": "clauses"},)),
}
"""By what is asked; each takes less than a second."""

EXAMPLES = tuple(sorted(path.name for path in folder().glob("*.toml")))


@cache
def the_catalog():
    """The shipped facts."""
    return load_catalog()


def answered(of, **how):
    """The answer to a question, asked at noon."""
    return answer(of, the_catalog(), now=NOW, **how)


@cache
def asked(name):
    """The answer to a small question or to a shipped example."""
    return answered(SMALL[name] if name in SMALL else read_question(example(name)))


@cache
def asked_text(name):
    """The same as its file holds it."""
    return to_json(asked(name))
