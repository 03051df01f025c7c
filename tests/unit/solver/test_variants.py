"""Which models, methods and precisions a job may combine, and why not others."""

import pytest

from catalog.load import load_catalog
from catalog.schema import Architecture, MethodKind
from solver.question import Job
from solver.space.variants import models_for, suits, variants_for
from solver.space.work import family_of

CATALOG = load_catalog()


def job(**told):
    return Job(**{"family": "classification", "examples": 100, "tokens_per_example": 60, **told})


def models(of, sequence=64):
    allowed, rejected = models_for(of, family_of(of, CATALOG), sequence, CATALOG)
    return {m.name: m for m in allowed}, {r.key: r.reason for r in rejected}


def variants(of):
    allowed, rejected = variants_for(of, family_of(of, CATALOG), CATALOG)
    return [v.label for v in allowed], {r.key: r.reason for r in rejected}


def test_that_every_model_is_allowed_or_told_why_not():
    allowed, rejected = models(job())

    assert set(allowed) | set(rejected) == set(CATALOG.models)
    assert not set(allowed) & set(rejected)


def test_that_named_models_are_found_by_any_spelling_and_nothing_else_is():
    allowed, rejected = models(job(models={"names": ["bert-base-uncased", "ROBERTA-BASE"]}))

    assert set(allowed) == {"BERT-base", "RoBERTa-base"}
    assert rejected["BERT-large"] == "not among the models allowed"


@pytest.mark.parametrize(
    ("choice", "keeps"),
    [
        ({"families": ["bert"]}, lambda m: m.family.lower() == "bert"),
        ({"licences": ["apache-2.0"]}, lambda m: m.licence.lower() == "apache-2.0"),
        ({"max_parameters": 1e8}, lambda m: m.parameters <= 1e8),
        ({"min_parameters": 1e10}, lambda m: m.parameters >= 1e10),
        ({}, lambda m: m.open_weights),
    ],
)
def test_that_a_choice_of_models_keeps_what_it_says(choice, keeps):
    allowed, rejected = models(job(models=choice))

    assert allowed
    assert rejected
    assert all(keeps(model) for model in allowed.values())


def test_that_a_model_whose_shape_is_not_trusted_stays_out():
    allowed, rejected = models(job(models={"open_weights_only": False}))
    doubtful = {m.name for m in CATALOG.models.values() if m.formula_disagrees}

    assert doubtful <= set(rejected)
    assert not doubtful & set(allowed)


def test_that_a_model_never_reads_more_than_it_can():
    allowed, rejected = models(job(), sequence=4096)

    assert all(m.max_sequence >= 4096 for m in allowed.values())
    assert rejected["BERT-base"] == "it reads 512 tokens at most"


def test_that_an_encoder_writes_no_chat():
    allowed, _ = models(job(family="chat"))

    assert Architecture.ENCODER not in {m.architecture for m in allowed.values()}


def test_that_pretraining_methods_are_for_language_modelling_only():
    language = {"family": "language-modelling", "examples": None, "tokens_per_example": None}
    labels, _ = variants(job(**language, tokens=1e9))
    others, _ = variants(job())

    assert {label.split(":")[0] for label in labels} == {"from-scratch", "continued-pretraining"}
    assert not {"from-scratch", "continued-pretraining"} & {o.split(":")[0] for o in others}


def test_that_distillation_needs_a_teacher_and_another_student():
    labels, rejected = variants(job())
    with_teacher = job(teacher="BERT-large")
    taught, _ = variants_for(with_teacher, with_teacher.family, CATALOG)
    distils = next(v for v in taught if v.method.kind is MethodKind.DISTILLATION)

    assert rejected["distillation"] == "no teacher is named"
    assert not any(label.startswith("distillation") for label in labels)
    assert suits(CATALOG.models["BERT-large"], distils, with_teacher)
    assert not suits(CATALOG.models["BERT-base"], distils, with_teacher)


def test_that_prompting_competes_only_with_a_serving_volume():
    _, rejected = variants(job(family="chat"))
    labels, _ = variants(job(family="chat", serving={"tokens_per_month": 1e8, "months": 6}))

    assert "prompting" in rejected
    assert any(label.startswith("prompting") for label in labels)


def test_that_only_the_methods_ranks_and_precisions_asked_for_are_tried():
    labels, _ = variants(job(methods=["LoRA"], ranks=[4, 64], precisions=["BF16-mixed"]))

    assert labels == ["lora-r4:bf16-mixed", "lora-r64:bf16-mixed"]


def test_that_fp8_is_not_assumed_for_quantised_or_labelling_runs():
    chat, _ = variants(job(family="chat", methods=["full", "qlora"]))
    labelling, _ = variants(job(methods=["full"]))

    assert "full:fp8" in chat
    assert not [label for label in chat if label.startswith("qlora") and label.endswith("fp8")]
    assert "full:fp8" not in labelling


def test_that_closed_weights_can_only_be_trained_from_scratch():
    closed = next(m for m in CATALOG.models.values() if not m.open_weights)
    of = job(family="chat", methods=["full"])
    full, _ = variants_for(of, of.family, CATALOG)

    assert "not public" in suits(closed, full[0], of)
