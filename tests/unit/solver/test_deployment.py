"""Bytes and latency of finished models in narrow formats."""

import numpy as np
import pytest

from catalog.load import load_catalog
from solver.estimate.assumptions import ASSUMPTIONS
from solver.estimate.deployment import SAFETY, deployed_bytes, latency_ms

CATALOG = load_catalog()
A100 = CATALOG.accelerators["A100-80-SXM"]


def named(*names):
    return [CATALOG.models[name] for name in names]


# gptfast2023: tokens a second at batch 1 on one A100 of 80 GB; 4 bits there in groups of 32
@pytest.mark.parametrize(
    ("model", "bits", "tokens_per_s"),
    [
        ("Llama-2-7b", 16, 104.9),
        ("Llama-2-7b", 8, 155.58),
        ("Llama-2-7b", 5, 196.8),
        ("Llama-2-70b", 8, 19.13),
        ("Llama-2-70b", 5, 25.25),
    ],
)
def test_that_measured_tokens_took_no_longer_and_not_much_less(model, bits, tokens_per_s):
    (latency,) = latency_ms(named(model), [bits], A100, 200, ASSUMPTIONS)[0]

    assert 1000 / tokens_per_s <= 1.02 * latency
    assert 1000 / tokens_per_s >= 0.8 * latency / SAFETY


def test_that_sixteen_bits_are_two_bytes_a_parameter():
    models = named("BERT-base", "Llama-2-7b")

    stored = deployed_bytes(models, [16.0])[:, 0]

    assert stored == pytest.approx([2.0 * model.parameters for model in models])


def test_that_embeddings_stay_wide():
    (bert,) = named("BERT-base")

    (stored,) = deployed_bytes([bert], [4.0])[0]

    embeddings = 30_522 * 768
    assert stored > 2 * embeddings + 0.5 * (bert.parameters - 1.03 * embeddings)


def test_that_fewer_bits_are_never_larger_or_slower():
    models = list(CATALOG.models.values())
    bits = [2.140625, 4.15625, 8.0, 16.0]

    assert (np.diff(deployed_bytes(models, bits), axis=1) > 0).all()
    with np.errstate(invalid="ignore"):
        slower = np.diff(latency_ms(models, bits, A100, 128, ASSUMPTIONS), axis=1)
    assert not (slower < 0).any()


def test_that_a_longer_request_takes_longer():
    models = named("BERT-base", "Llama-2-7b")

    short, long = (latency_ms(models, [16.0], A100, n, ASSUMPTIONS) for n in (128, 4096))

    assert (long > short).all()


def test_that_a_model_that_does_not_fit_never_answers():
    assert np.isinf(latency_ms(named("Llama-2-70b"), [16.0], A100, 128, ASSUMPTIONS)).all()
