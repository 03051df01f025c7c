"""The core holds every candidate that can matter at some quantile, and few others."""

import numpy as np
import pytest

from solver import core as module
from solver.candidates import candidates, columns_at
from solver.constants import shipped_constants
from solver.core import LEAST, MOST, core
from solver.reduce import reduced
from tests.support.questions import NOW, SMALL, chained, question, the_catalog

WIDE = {"providers": [], "accelerators": [], "budget_usd": 40, "deadline_hours": 20}

FIRST = 0.9
"""The quantile whose reduction gives the beaters."""

QUESTIONS = {
    "one-of-everything": question(limits={**WIDE, "spot": True, "co2_kg": 5, "max_gpus": 16}),
    "own-and-rented": question(limits={**WIDE, "quotas": [{"provider": "aws", "gpus": 8}]})
    .replace(owned=SMALL["owned"].owned)
    .replace(jobs=SMALL["owned-for-several"].jobs),
    "a-chain": chained(),
    "no-accuracy": SMALL["unmeasured"],
    "handed-over": question(
        jobs=(
            {"formats": ["int8", "bf16"], "deploy_on": "T4", "max_latency_ms": 200}
            | {"max_deployed_gb": 1, "models": {"names": ["BERT-base", "BERT-large"]}},
        )
    ),
}


def made_of(asked):
    return [
        candidates(job, asked, the_catalog(), shipped_constants(), NOW.date()) for job in asked.jobs
    ]


def names_of(asked):
    names = {"deadline", "budget"}
    names |= {"co2"} if asked.limits.co2_kg else set()
    names |= {"max_gpus"} if asked.limits.max_gpus else set()
    for job in asked.jobs:
        names |= {"min_accuracy"} if job.min_accuracy else set()
        names |= {"max_deployed"} if job.max_deployed_gb else set()
        names |= {"max_latency"} if job.max_latency_ms else set()
    return names


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("quantile", [LEAST, 0.8, FIRST, 0.975, 0.9995, MOST])
def test_that_reduction_leaves_of_the_core_what_it_leaves_of_all(name, quantile):
    asked = QUESTIONS[name]
    names = names_of(asked)

    for job in made_of(asked):
        of_all = reduced(columns_at(job, quantile), names)
        positions = core(job, names, reduced(columns_at(job, FIRST), names))

        of_core = positions[reduced(columns_at(job, quantile, positions), names)]

        assert of_core.tolist() == of_all.tolist()


def test_that_the_core_is_a_small_part_of_all():
    asked = question(limits={**WIDE, "spot": False})
    (job,), names = made_of(asked), names_of(asked)

    positions = core(job, names, reduced(columns_at(job, FIRST), names))

    assert len(positions) < len(job) / 2


def test_that_no_candidate_is_left_out_without_any_beater():
    (job,) = made_of(SMALL["cheapest"])

    positions = core(job, ["budget"], np.empty(0, dtype=np.int64))

    assert positions.tolist() == list(range(len(job)))


def test_that_the_core_does_not_depend_on_how_candidates_are_cut_into_pieces(monkeypatch):
    asked = QUESTIONS["own-and-rented"]
    job, names = made_of(asked)[0], names_of(asked)
    likely = reduced(columns_at(job, FIRST), names)
    whole = core(job, names, likely)

    monkeypatch.setattr(module, "CHUNK", 97)
    monkeypatch.setattr(module, "FIRST", 3)

    assert core(job, names, likely).tolist() == whole.tolist()
