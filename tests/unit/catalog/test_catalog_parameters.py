import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.load import load_catalog
from catalog.parameters import (
    attention_parameters,
    formula_active_parameters,
    formula_parameters,
    mla_widths,
)

MODELS = load_catalog().models


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("Llama-2-7b", 6_738_415_616),
        ("GPT-2 small", 124_439_808),
        ("T5-11B", 11_307_321_344),
        ("BART-large", 406_291_456),
        ("Mixtral-8x7B-v0.1", 46_702_792_704),
        ("DeepSeek-V3", 671_026_404_352),
        ("Llama-4-Maverick-17B-128E", 400_711_848_960),
        ("ALBERT-xxlarge-v2", 222_595_584),
    ],
)
def test_that_the_formula_gives_counts_of_released_weights_within_half_a_percent(name, published):
    assert formula_parameters(MODELS[name]) == pytest.approx(published, rel=0.005)


@pytest.mark.parametrize(
    ("name", "published"),
    [("Mixtral-8x7B-v0.1", 12.9e9), ("DeepSeek-V3", 37e9), ("Qwen3-235B-A22B", 22e9)],
)
def test_that_only_the_chosen_experts_are_active(name, published):
    assert formula_active_parameters(MODELS[name]) == pytest.approx(published, rel=0.02)


def test_that_a_shared_layer_counts_each_time_a_token_passes_it():
    albert = MODELS["ALBERT-base-v2"]

    layers = 12 * (4 * 768**2 + 2 * 768 * 3072)
    embeddings = (30000 + 512) * 128 + 128 * 768
    assert formula_active_parameters(albert) == layers + embeddings


def test_that_dense_models_are_active_whole():
    assert formula_active_parameters(MODELS["Llama-2-7b"]) == formula_parameters(
        MODELS["Llama-2-7b"]
    )


def test_that_grouped_queries_save_key_and_value_projections():
    wide = MODELS["Llama-2-70b"]
    full = wide.model_copy(update={"kv_heads": wide.heads})

    saved = attention_parameters(full) - attention_parameters(wide)

    assert saved == 2 * 8192 * (64 - 8) * 128


@given(st.integers(1, 200))
def test_that_more_layers_never_make_a_smaller_model(layers):
    model = MODELS["Llama-2-7b"]
    shorter = model.model_copy(update={"layers": layers})
    longer = model.model_copy(update={"layers": layers + 1})

    assert formula_parameters(longer) > formula_parameters(shorter)


def test_that_a_malformed_latent_attention_is_refused():
    with pytest.raises(ValueError, match="not enough values"):
        mla_widths("q=1536;kv")
