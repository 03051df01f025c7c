"""Predicted accuracy of a job's combinations: what it stands on, and when there is none."""

from itertools import pairwise

import numpy as np
import pytest

from catalog.load import load_catalog
from solver.estimate.quality import accuracy, pilot_sizes, scores_used
from solver.estimate.quality_constants import quality_constants
from solver.question import Job, TaskFamily
from solver.space.variants import variants_for

NAMES = ("BERT-tiny", "DistilBERT-base", "BERT-base", "RoBERTa-base", "RoBERTa-large")
EPOCHS = (1, 2, 3, 4, 6)


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


def pilots(*points, model="DistilBERT-base", method="full"):
    return [{"examples": n, "score": s, "model": model, "method": method} for n, s in points]


def tickets(**changes):
    """A new task: 12 kinds of support ticket."""
    stated = {
        "task": "support tickets",
        "family": "classification",
        "classes": 12,
        "examples": 40_000,
        "tokens_per_example": 128,
        "pilots": pilots((500, 0.78), (2_000, 0.85), (8_000, 0.893)),
    }
    return Job(**{**stated, **changes})


def sst2(**changes):
    return Job(**{"task": "SST-2", "examples": 67_349, "tokens_per_example": 32, **changes})


def predicted(job, catalog, names=NAMES, methods=()):
    """The prediction for some models and, of each method, the first variant."""
    family = job.family or TaskFamily(catalog.task_named(job.task).family)
    asked = job.replace(methods=methods) if methods else job
    variants = {v.method_label: v for v in variants_for(asked, family, catalog)[0]}
    models = [catalog.models[name] for name in names]
    return accuracy(job, family, models, list(variants.values()), EPOCHS, catalog), list(variants)


def test_that_more_passes_never_lower_a_prediction_and_their_gain_shrinks(catalog):
    for job in (sst2(), tickets()):
        found = predicted(job, catalog)[0].median[:, 0, :4]

        gains = np.diff(found, axis=1)
        assert (gains >= -1e-9).all()
        assert (np.diff(gains, axis=1) <= 1e-9).all()


def test_that_passes_beyond_the_fourth_add_nothing(catalog):
    found = predicted(tickets(), catalog)[0].median

    np.testing.assert_allclose(found[..., 3], found[..., 4], rtol=1e-12)


def test_that_more_examples_never_lower_a_prediction(catalog):
    few, many = (predicted(tickets(examples=n), catalog)[0].median for n in (20_000, 40_000))

    assert (many[np.isfinite(many)] >= few[np.isfinite(few)]).all()


def test_that_larger_and_newer_encoders_are_expected_to_do_better(catalog):
    found = predicted(sst2(), catalog, methods=("full",))[0].median[:, 0, 2]

    assert list(found) == sorted(found)


def test_that_a_published_score_is_reproduced_where_it_was_measured(catalog):
    found, _ = predicted(sst2(), catalog, ("RoBERTa-base",), ("full",))

    published = [
        s.score
        for s in catalog.scores
        if (s.model, s.task, s.split, s.method) == ("RoBERTa-base", "SST-2", "dev", "full")
    ]
    assert found.evidence[0, 0] == 0
    assert found.median[0, 0, 2] == pytest.approx(np.median(published), abs=0.004)


def test_that_the_pilots_own_model_is_surer_than_those_they_are_carried_to(catalog):
    found, _ = predicted(tickets(), catalog, methods=("full",))
    sd = found.sd[:, 0, 2]

    assert NAMES[int(np.argmin(sd))] == "DistilBERT-base"


def test_that_a_pilot_of_a_second_model_moves_that_model(catalog):
    alone, _ = predicted(tickets(), catalog, ("RoBERTa-base",), ("full",))
    bad = pilots((8_000, 0.80), model="RoBERTa-base")
    measured, _ = predicted(
        tickets(pilots=[*pilots((500, 0.78), (2_000, 0.85), (8_000, 0.893)), *bad]),
        catalog,
        ("RoBERTa-base",),
        ("full",),
    )

    assert measured.median[0, 0, 2] < alone.median[0, 0, 2] - 0.05
    assert measured.sd[0, 0, 2] < alone.sd[0, 0, 2]


def test_that_predictions_are_the_same_from_the_few_rows_an_answer_embeds(catalog):
    for job in (sst2(), tickets(), Job(task="MNLI", examples=9_000, tokens_per_example=64)):
        whole, labels = predicted(job, catalog)
        for place, name in enumerate(NAMES):
            models = [name, *{p.model for p in job.pilots}]
            kept = [catalog.models[model] for model in models]
            small = catalog.subset(
                models=models,
                methods=list(catalog.methods),
                precisions=list(catalog.precisions),
                tasks=[t.id] if (t := catalog.task_named(job.task)) else [],
                scores=scores_used(job, kept[:1], catalog),
            )

            alone, same_labels = predicted(job, small, (name,))

            assert labels == same_labels
            np.testing.assert_array_equal(alone.median[0], whole.median[place])
            np.testing.assert_array_equal(alone.sd[0], whole.sd[place])
            assert alone.common_ratio == whole.common_ratio


def test_that_a_lower_quantile_is_never_above_a_higher_one_and_stays_within_the_scale(catalog):
    found, _ = predicted(tickets(), catalog)
    known = np.isfinite(found.median)
    sure, even = found.at(0.99)[known], found.at(0.5)[known]

    assert (sure <= even).all()
    assert (sure >= 0.0).all()
    assert (even <= found.ceiling).all()
    np.testing.assert_allclose(even, found.median[known])


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (tickets(pilots=[]), "new"),
        (tickets(pilots=pilots((500, 0.10), (2_000, 0.11))), "chance"),
        (tickets(pilots=pilots((500, 0.5), (1_000, 0.6))), "16 times"),
        (Job(task="talk", family="chat", examples=9_000, tokens_per_example=300), "chat"),
        (Job(task="text", family="language-modelling", tokens=1e9), "loss"),
    ],
)
def test_that_what_nothing_supports_is_refused_with_the_reason(catalog, job, words):
    found, _ = predicted(job, catalog)

    assert words in found.unknown_because
    assert np.isnan(found.median).all()
    assert (found.evidence == 3).all()


def test_that_a_method_seen_on_one_model_is_not_predicted_without_a_pilot_of_it(catalog):
    found, labels = predicted(tickets(), catalog, ("RoBERTa-base",))

    assert np.isnan(found.median[0, labels.index("linear-probe")]).all()
    assert np.isfinite(found.median[0, labels.index("lora-r16")]).all()


def test_that_low_rank_costs_more_on_large_maths_data_than_high_rank(catalog):
    job = Job(
        task="sums",
        family="maths",
        examples=400_000,
        tokens_per_example=300,
        methods=("lora",),
        pilots=pilots((30_000, 0.4), (60_000, 0.5), model="Llama-2-7b"),
    )

    found, labels = predicted(job, catalog, ("Llama-2-7b",))

    low, high = (found.median[0, labels.index(f"lora-r{rank}"), 2] for rank in (16, 64))
    assert high > low


def prompted(catalog, task, *names):
    """Models that are only prompted on a task, at one pass."""
    job = Job(
        task=task,
        examples=7_473,
        tokens_per_example=200,
        serving={"tokens_per_month": 1e6, "months": 3},
        methods=("prompting",),
    )
    return predicted(job, catalog, names)[0]


def test_that_prompting_is_what_was_published_or_follows_from_size_and_benchmarks(catalog):
    found = prompted(catalog, "GSM8K", "Llama-2-7b", "Falcon3-7B", "RoBERTa-base")

    published, expected, encoder = found.median[:, 0, 0]
    assert published == pytest.approx(0.14, abs=0.03)
    assert expected > published
    assert found.sd[1, 0, 0] > 2 * found.sd[0, 0, 0]
    assert np.isnan(encoder)
    assert "published" in found.note(0, 0)
    assert "size" in found.note(1, 0)


def test_that_prompting_on_a_task_that_is_no_benchmark_of_decoders_is_not_predicted(catalog):
    assert np.isnan(prompted(catalog, "MNLI", "Llama-2-7b").median).all()


def test_that_decoders_may_fail_and_prompting_cannot(catalog):
    job = Job(
        task="GSM8K",
        examples=7_473,
        tokens_per_example=200,
        serving={"tokens_per_month": 1e6, "months": 3},
    )

    found, labels = predicted(job, catalog, ("Llama-2-7b",))

    assert found.failure_ratio[0, labels.index("full")] == pytest.approx(23 / 310)
    assert found.failure_ratio[0, labels.index("prompting")] == 0.0


@pytest.mark.parametrize("examples", [200, 5_000, 40_000, 1_000_000])
def test_that_pilot_sizes_are_few_geometric_and_reach_near_the_job(examples):
    sizes = pilot_sizes(tickets(examples=examples, pilots=[])).examples

    assert 1 <= len(sizes) <= 4
    assert all(2.5 <= b / a <= 6 for a, b in pairwise(sizes))
    assert sizes[-1] <= examples <= 16 * sizes[-1]


def test_that_the_constants_say_when_and_how_they_were_made():
    constants = quality_constants()

    assert constants.command == "python -m benchmarks.quality fit --data FOLDER"
    assert constants.date >= "2026-11-25"


def test_that_a_student_nobody_published_follows_its_teacher_and_stays_below(catalog):
    def student(teacher):
        job = Job(task="MNLI", examples=392_702, tokens_per_example=64, teacher=teacher)
        taught = predicted(job, catalog, names=("TinyBERT-4L-312D",), methods=("distillation",))
        return taught[0].median[0, 0, 2]

    def tuned(name):
        job = Job(task="MNLI", examples=392_702, tokens_per_example=64)
        return predicted(job, catalog, names=(name,), methods=("full",))[0].median[0, 0, 2]

    assert student("BERT-base") < student("RoBERTa-large")
    assert student("BERT-base") < tuned("BERT-base")


def test_that_a_published_student_stands_for_itself(catalog):
    job = Job(task="MNLI", examples=392_702, tokens_per_example=64, teacher="RoBERTa-large")
    taught, alone = (
        predicted(job, catalog, names=("DistilBERT-base",), methods=(method,))[0].median[0, 0, 2]
        for method in ("distillation", "full")
    )

    assert taught == pytest.approx(alone)


def test_that_fine_tuning_hardly_moves_what_a_decoder_knows(catalog):
    job = Job(task="MMLU", examples=50_000, tokens_per_example=200)
    tuned = predicted(job, catalog, ("Qwen3-8B", "Llama-3-8B"), methods=("full",))[0]
    asked = prompted(catalog, "MMLU", "Qwen3-8B", "Llama-3-8B")

    np.testing.assert_allclose(tuned.median[:, 0, 2], asked.median[:, 0, 0], atol=0.02)
    assert (tuned.sd[:, 0, 2] > asked.sd[:, 0, 0]).all()
