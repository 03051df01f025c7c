"""Published runs beside predictions, in loose bounds; see README.md in this folder."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from catalog.load import load_catalog
from catalog.units import BYTES_PER_GB
from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.examples import example
from solver.measured.predict import predictions
from solver.measured.runs import read_runs
from solver.question import Question
from solver.question_file import read_question

HERE = Path(__file__).parent
CATALOG = load_catalog()
TODAY = date(2026, 11, 25)

MOST = 0.7
"""Share of an 80 % interval that some twenty rows of a true one may well hold."""


def rows_of(name):
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def inside(interval, value):
    return interval.low <= value <= interval.high


@pytest.fixture(scope="module")
def speeds():
    """Interval and measured rate of every run."""
    made = predictions(read_runs(HERE / "runs.csv"), CATALOG)
    measured = [float(row["tokens_per_s_per_gpu"]) for row in rows_of("runs.csv")]
    return [(p.tokens_per_s_per_gpu, m) for p, m in zip(made, measured, strict=True)]


@pytest.fixture(scope="module")
def peaks():
    """Interval and measured memory of every run that states it."""
    made = predictions(read_runs(HERE / "runs.csv"), CATALOG)
    measured = [row["peak_mem_gb"] for row in rows_of("runs.csv")]
    return [
        (p.peak_bytes, float(m) * BYTES_PER_GB) for p, m in zip(made, measured, strict=True) if m
    ]


def test_that_every_published_run_names_its_source_and_none_is_refused(speeds):
    assert all(row["source_url_or_repo_path"] for row in rows_of("runs.csv"))
    assert all(row["source"] for row in rows_of("pretraining.csv"))
    assert None not in [interval for interval, _ in speeds]


def test_that_most_measured_rates_lie_in_the_stated_interval(speeds):
    assert np.mean([inside(*pair) for pair in speeds]) >= MOST


def test_that_hardly_any_rate_is_off_by_a_factor_of_three(speeds):
    off = [abs(np.log(interval.median / measured)) > np.log(3) for interval, measured in speeds]

    assert np.mean(off) <= 0.1


def test_that_half_of_the_rates_are_within_a_quarter(speeds):
    off = [abs(interval.median / measured - 1) for interval, measured in speeds]

    assert np.median(off) <= 0.25


def test_that_measured_memory_is_never_far_above_the_stated_interval(peaks):
    assert len(peaks) >= 4
    assert all(measured <= interval.high * 1.1 for interval, measured in peaks)
    assert all(1 / 3 < interval.median / measured < 3 for interval, measured in peaks)


def gpu_hours(question):
    """Accelerator-hours of training on all machines of the pool, the fastest way there is."""
    made = candidates(question.jobs[0], question, CATALOG, shipped_constants(), TODAY)
    whole = np.flatnonzero(
        made.rents.instances[made.rent] == max(pool.machines for pool in question.owned)
    )
    hours = made.duration(whole).work_hours * made.rents.gpus[made.rent[whole]]
    return float(hours.min())


@pytest.mark.parametrize("row", rows_of("pretraining.csv"), ids=lambda row: row["model"])
def test_that_a_whole_pretraining_is_predicted_within_a_factor_of_three(row):
    count, per_machine = int(row["gpus"]), int(row["gpus_per_machine"])
    pool = {
        "name": "cluster",
        "accelerator": row["accelerator"],
        "gpus_per_machine": per_machine,
        "machines": count // per_machine,
        "network_gbit_per_s": float(row["network_gbit_per_s"]),
    }
    job = {
        "family": "language-modelling",
        "tokens": float(row["tokens"]),
        "sequence": int(row["sequence"]),
        "batch_sequences": int(row["batch_sequences"]),
        "epochs": [1],
        "methods": ["from-scratch"],
        "precisions": [row["precision"]],
        "models": {"names": [row["model"]]},
    }
    question = Question.model_validate({"limits": {"rent": False}, "owned": [pool], "jobs": [job]})

    ratio = gpu_hours(question) / float(row["gpu_hours"])

    assert 1 / 3 < ratio < 1.5


@pytest.mark.parametrize("generation", [0, 1], ids=["TPU v2", "TPU v3"])
def test_that_the_first_bert_is_not_predicted_slower_than_it_was(generation):
    asked = read_question(example("3-bert-base.toml"))
    one = asked.replace(owned=(asked.owned[generation],))

    ratio = gpu_hours(one) / (16 * asked.jobs[0].published.hours)

    assert 1 / 20 < ratio < 1.5
