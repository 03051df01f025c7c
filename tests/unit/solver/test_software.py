"""A question may state the software that trains; its speed is then counted on, and said."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from solver.candidates import candidates
from solver.check import broken, read_answer
from solver.constants import shipped_constants
from solver.estimate.configurations import Stack
from solver.question import Software
from solver.space.physics import STACKS
from tests.support.questions import SMALL, answered, question, the_catalog

LARGE = {
    "name": "large",
    "family": "chat",
    "examples": 10_000,
    "tokens_per_example": 1024,
    "models": {"names": ["Llama-2-13b"]},
    "methods": ["full"],
    "epochs": [1],
    "pilots": (),
    "min_accuracy": None,
}

WIDE = {"deadline_hours": 500, "budget_usd": 1e6, "providers": ["gcp"], "max_gpus": 8}


TPUS = {"name": "tpus", "accelerator": "TPU-v6e", "gpus_per_machine": 64}


def made_by(software, **fields):
    """Candidates of a job on eight A100, by the software that is stated."""
    asked = question(
        limits={**WIDE, "accelerators": ["A100-80-SXM"], **fields.pop("limits", {})},
        jobs=({**LARGE, "software": software},),
        **fields,
    )
    return candidates(asked.jobs[0], asked, the_catalog(), shipped_constants(), date(2026, 11, 25))


def stacks_of(made):
    bench, rows = made.bench, made.physics
    base = bench.configurations(rows.model, rows.variant, rows.slot, bench.phases[0])
    return set(bench.layouts(base, bench.phases[0]).stack.tolist())


def test_that_every_software_of_a_question_has_a_factor():
    assert set(STACKS) == set(Software)


def test_that_software_is_usual_unless_stated():
    assert Stack.MEGATRON in stacks_of(made_by(None))
    assert stacks_of(made_by("jax")) == {Stack.JAX}
    assert stacks_of(made_by("pytorch-fsdp")) == {Stack.PYTORCH_FSDP}


def test_that_the_trainer_of_hugging_face_splits_no_layers():
    trained = made_by("hf-trainer")

    assert stacks_of(trained) == {Stack.HF_TRAINER}
    assert trained.physics.pass_hours.min() > made_by("megatron").physics.pass_hours.min()


def test_that_tpus_run_what_is_compiled_for_them():
    made = made_by("megatron", owned=[TPUS], limits={"rent": False, "max_gpus": 64})

    assert len(made) > 0
    assert stacks_of(made) == {Stack.JAX}


def test_that_an_answer_says_whose_speed_it_counts_on_and_survives_its_check():
    asked = SMALL["cheapest"]
    stated = asked.replace(jobs=(asked.jobs[0].replace(software="pytorch-fsdp"),))

    usual, made = answered(asked), answered(stated)

    assert any("trainer (usual" in note for note in usual.jobs[0].evidence.notes)
    assert any("FSDP (as stated)" in note for note in made.jobs[0].evidence.notes)
    assert made.jobs[0].hours.median != usual.jobs[0].hours.median
    assert np.isfinite(made.jobs[0].usd.median)
    assert broken(read_answer(made.model_dump_json())) == ()


def test_that_unknown_software_is_refused():
    with pytest.raises(ValidationError, match="hf-trainer"):
        made_by("excel")
