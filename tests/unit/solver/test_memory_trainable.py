"""How many weights each method trains, against published counts."""

from __future__ import annotations

import numpy as np
import pytest

from solver.estimate.configurations import Tuning
from tests.support.configured import BERT_BASE, LLAMA_8B, trainable

LLAMA_7B = {
    **LLAMA_8B,
    "parameters": 6_738_415_616.0,
    "kv_heads": 32.0,
    "ffn_hidden": 11_008.0,
    "vocabulary": 32_000.0,
}


def count(network, tuning, rank=0.0):
    return trainable({**network, "tuning": int(tuning), "rank": rank}, 1)[0]


def test_that_lora_of_rank_8_on_every_map_of_llama_2_7b_trains_20_million_weights():
    assert count(LLAMA_7B, Tuning.LORA, 8.0) == 19_988_480


def test_that_adapters_of_64_train_about_two_percent_of_bert_base():
    assert count(BERT_BASE, Tuning.ADAPTER) / 109_482_240 == pytest.approx(0.022, abs=0.002)


def test_that_bitfit_trains_about_a_thousandth_of_bert_base():
    assert count(BERT_BASE, Tuning.BITFIT) / 109_482_240 == pytest.approx(0.001, abs=0.0003)


def test_that_a_soft_prompt_is_its_length_times_the_width():
    assert count(LLAMA_8B, Tuning.PROMPT_TUNING) == 20 * 4096


@pytest.mark.parametrize("tuning", list(Tuning))
def test_that_no_method_trains_more_than_the_model_has(tuning):
    tiny = {**BERT_BASE, "parameters": 1000.0}

    assert 0 < count(tiny, tuning, 4096.0) <= 1000


def test_that_only_full_methods_train_every_weight():
    whole = [t for t in Tuning if count(LLAMA_8B, t, 16.0) == LLAMA_8B["parameters"]]

    assert whole == [Tuning.PRETRAIN, Tuning.FULL, Tuning.DISTILLATION]


def test_that_methods_are_told_apart_inside_one_array():
    tunings = np.array([int(Tuning.LORA), int(Tuning.FULL)])

    made = trainable({**LLAMA_8B, "tuning": tunings, "rank": 16.0}, 2)

    assert made[0] < made[1] / 100
