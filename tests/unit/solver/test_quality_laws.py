"""The parts of accuracy prediction, each against its source or a property."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.estimate.quality_benchmarks import (
    Asked,
    Scored,
    generation_name,
    line_of,
    untrained,
)
from solver.estimate.quality_constants import quality_constants
from solver.estimate.quality_deltas import Recipe, format_delta, method_delta
from solver.estimate.quality_encoders import Belief, features_of, generation_of, quality
from solver.estimate.quality_loss import loss_forecast
from solver.estimate.quality_pretraining import compute_optimum, fresh_tokens, pretraining_loss
from solver.estimate.quality_scale import from_logit, to_logit
from solver.estimate.quality_tuned import tuned, tuned_task

CONSTANTS = quality_constants()
MMLU = 0


@given(st.floats(0.3, 0.95))
def test_that_the_log_odds_scale_is_undone(score):
    assert from_logit(to_logit(score, 0.25, 1.0), 0.25, 1.0) == pytest.approx(score)


@given(st.floats(-3, 3), st.floats(0.01, 5), st.floats(-3, 3), st.floats(0.01, 5))
def test_that_an_observation_pulls_a_belief_towards_it_and_never_widens_it(mean, doubt, value, sd):
    after = Belief(mean, doubt).seen(value, sd)

    assert after.variance < doubt
    assert min(mean, value) - 1e-9 <= after.mean <= max(mean, value) + 1e-9


def test_that_generations_are_read_from_names():
    names = ("BERT-base", "RoBERTa-large", "XLM-R-base", "DeBERTa-v3-small", "ModernBERT-base")

    assert [generation_of(name) for name in names] == [0, 1, 1, 2, 2]


def test_that_size_and_generation_raise_the_expected_quality():
    def expected(name, parameters):
        return quality(features_of(name, parameters), {}, CONSTANTS.encoder).mean

    assert expected("BERT-x", 3e8) > expected("BERT-x", 3e7)
    assert expected("DeBERTa-x", 1e8) > expected("RoBERTa-x", 1e8) > expected("BERT-x", 1e8)


def test_that_full_fine_tuning_costs_nothing_and_a_linear_probe_much():
    assert method_delta("full", "nlu_large", CONSTANTS).mean == 0.0
    assert method_delta("linear_probe", "nlu_large", CONSTANTS).mean < -0.05


@given(st.sampled_from(("math", "code")), st.integers(2, 7), st.integers(1, 8))
def test_that_a_higher_rank_never_falls_further_short(kind, power, epochs):
    low, high = (
        method_delta("lora", kind, CONSTANTS, Recipe(rank=2.0**p, epochs=epochs)).mean
        for p in (power, power + 1)
    )

    assert high >= low


def test_that_small_maths_data_leave_adapters_no_shortfall():
    small, large = (
        method_delta("lora", "math", CONSTANTS, Recipe(rank=16, epochs=1, examples=n)).mean
        for n in (7_000, 400_000)
    )

    assert small > -0.01
    assert large < -0.05


def test_that_coarser_formats_cost_more_and_sixteen_bits_nothing():
    costs = [
        format_delta(name, "math", CONSTANTS).mean
        for name in ("bf16", "fp8-block", "int4-g128 calibrated", "int3-g128 calibrated")
    ]

    assert costs[0] == 0.0
    assert costs == sorted(costs, reverse=True)


def test_that_a_format_nobody_measured_has_no_cost():
    assert format_delta("int1", "math", CONSTANTS) is None


def test_that_larger_and_longer_trained_decoders_are_expected_to_know_more():
    def expected(parameters, tokens):
        asked = Asked("new", "", parameters, tokens)
        return untrained(asked, MMLU, [], CONSTANTS.benchmarks).mean

    assert expected(7e10, 2e12) > expected(7e9, 2e12) > expected(7e9, 2e11)


def test_that_other_benchmarks_of_a_decoder_sharpen_and_siblings_move_it():
    asked = Asked("new-7b", "", 7e9, 2e12)
    cold = untrained(asked, MMLU, [], CONSTANTS.benchmarks)
    own = [Scored("new-7b", 7e9, 2e12, place, 0.8) for place in (1, 2, 3, 4)]
    sibling = [Scored("new-13b", 1.3e10, 2e12, MMLU, 0.75)]

    told = untrained(asked, MMLU, own, CONSTANTS.benchmarks)
    related = untrained(asked, MMLU, sibling, CONSTANTS.benchmarks)

    assert told.variance < cold.variance
    assert related.mean > cold.mean


def test_that_a_lines_published_scores_never_make_a_prediction_wild():
    for line in {line_of(decoder.name) for decoder in CONSTANTS.benchmarks.decoders}:
        own = [Scored("x", 7e9, 2e12, place, 0.5) for place in (0, 1, 2, 3)]
        found = untrained(Asked("x", line, 7e9, 2e12), 4, own, CONSTANTS.benchmarks)

        assert -6 < found.mean < 4
        assert 0 < found.variance < 9


def test_that_a_model_between_two_published_ones_of_its_line_lies_between_their_scores():
    kin = {decoder.name: decoder for decoder in CONSTANTS.benchmarks.decoders}
    small, large = (kin[name].scores[MMLU] for name in ("Qwen1.5-7B", "Qwen1.5-32B"))
    row = CONSTANTS.benchmarks.benchmarks[MMLU]

    between = untrained(Asked("Qwen1.5-20B", "", 20e9, 4e12), MMLU, [], CONSTANTS.benchmarks)
    stranger = untrained(Asked("Unheard-20B", "", 20e9, 4e12), MMLU, [], CONSTANTS.benchmarks)

    assert small < float(from_logit(between.mean, row.floor, row.ceiling)) < large
    assert between.variance < stranger.variance / 4


def test_that_a_score_that_is_stated_and_published_counts_once():
    published = next(d for d in CONSTANTS.benchmarks.decoders if d.name == "Qwen1.5-7B")
    asked = Asked("Qwen1.5-7B", "", published.parameters, published.tokens)
    stated = [Scored("Qwen1.5-7B", asked.parameters, asked.tokens, 1, published.scores[1])]

    alone = untrained(asked, MMLU, [], CONSTANTS.benchmarks)
    told = untrained(asked, MMLU, stated, CONSTANTS.benchmarks)

    assert told.variance == pytest.approx(alone.variance, rel=1e-6)
    assert told.mean == pytest.approx(alone.mean, rel=1e-6)


def test_that_names_of_one_line_and_generation_are_joined_over_their_spellings():
    assert line_of("meta-llama/Meta-Llama-3-8B") == line_of("Llama-2-7b") == line_of("Llama 2")
    assert line_of("codellama/CodeLlama-7b-hf") != line_of("Llama-2-7b")
    assert generation_name("Qwen/Qwen1.5-7B") == generation_name("Qwen1.5-72B")
    assert generation_name("Qwen1.5-7B") != generation_name("Qwen2-7B")


def test_that_small_decoders_are_expected_below_larger_ones_after_tuning():
    row = tuned_task("LL:viggo", CONSTANTS.tuned)

    small, large = (tuned(row, size, {}, CONSTANTS.tuned).mean for size in (2e9, 7e9))

    assert small < large


def test_that_a_loss_forecast_falls_with_data_and_widens_with_distance():
    sizes, losses = [1_000, 2_000, 5_000], [2.9, 2.7, 2.55]

    near, far = (loss_forecast(sizes, losses, n, CONSTANTS.loss) for n in (10_000, 300_000))

    assert far.mean < near.mean < 2.55
    assert far.log_sd > near.log_sd


def test_that_the_pretraining_loss_is_that_of_its_source():
    # 70e9 parameters on 1.4e12 tokens, by hand from L = E + A/N^alpha + B/D^beta
    by_hand = 1.8172 + 482.01 / 70e9**0.3478 + 2085.43 / 1.4e12**0.3658

    assert pretraining_loss(70e9, 1.4e12) == pytest.approx(by_hand)
    assert 1.9 < by_hand < 2.0


def test_that_a_compute_budget_is_best_spent_at_about_twenty_tokens_a_parameter():
    best = compute_optimum(5.76e23)

    assert 10 < best.tokens / best.parameters < 40
    for shift in (0.5, 2.0):
        parameters = best.parameters * shift
        other = pretraining_loss(parameters, 5.76e23 / (6.0 * parameters))
        assert other > best.loss


def test_that_repeated_tokens_are_worth_less_each_time_and_sixteen_times_at_most():
    worth = [fresh_tokens(1.0, epochs) for epochs in (1, 2, 4, 8, 1e6)]

    assert worth[0] == 1.0
    assert worth == sorted(worth)
    assert worth[2] == pytest.approx(1 + 15.387756 * (1 - math.exp(-3 / 15.387756)))
    assert worth[-1] == pytest.approx(16.387756)
