"""Mixtures of experts: which weights lie where, what is sent, how fast small experts are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.estimate.configurations import Stack
from solver.estimate.memory import memory
from solver.estimate.shape import sizes
from solver.estimate.throughput import throughput
from tests.support.configured import LLAMA_8B, one

MIXTRAL = {
    **LLAMA_8B,
    "parameters": 46_702_792_704.0,
    "active_parameters": 12_879_425_536.0,
    "ffn_hidden": 2 * 14_336.0,
    "vocabulary": 32_000.0,
    "experts": 8.0,
    "experts_per_token": 2.0,
}
ROUTED = 8 * 32 * 3 * 4096 * 14_336


def mixtral(**changes):
    """Mixtral-8x7B with software that spreads experts, on 64 accelerators."""
    return one(**{**MIXTRAL, "stack": int(Stack.MEGATRON), "gpus": 64.0, "sharding": 0, **changes})


def test_that_routed_weights_follow_from_all_and_active_ones():
    assert sizes(mixtral()).routed[0] == pytest.approx(ROUTED, rel=1e-3)


def test_that_each_rank_holds_its_own_experts_only():
    alone, spread = (memory(mixtral(expert_parallel=float(n))) for n in (1, 8))

    less = 2 * ROUTED * (1 - 1 / 8)
    assert (alone.weights - spread.weights)[0] == pytest.approx(less, rel=1e-3)


def test_that_a_sharded_optimizer_is_no_smaller_for_spread_experts():
    alone, spread = (
        memory(mixtral(expert_parallel=float(n), sharding=1)).optimizer[0] for n in (1, 8)
    )

    assert spread == pytest.approx(alone)


def test_that_experts_are_spread_over_a_domain_where_nobody_says():
    usual = sizes(mixtral()).expert_parallel[0]
    unspread = sizes(mixtral(stack=int(Stack.PYTORCH_FSDP))).expert_parallel[0]

    assert (usual, unspread) == (8.0, 1.0)


def test_that_dense_models_have_no_experts_to_spread():
    dense = one(stack=int(Stack.MEGATRON), expert_parallel=8.0)

    assert sizes(dense).expert_parallel[0] == 1.0
    assert throughput(dense).parts["experts"][0] == 0.0


def test_that_experts_beyond_a_domain_cost_more_to_reach():
    near, far = (throughput(mixtral(experts=64.0, expert_parallel=n)) for n in (8.0, 64.0))

    # part of the exchange across domains hides behind computation, which one within does not
    assert far.parts["experts"][0] > near.parts["experts"][0]


def test_that_many_narrow_experts_are_slower_than_few_wide_ones():
    wide = mixtral()
    narrow = mixtral(experts=64.0, experts_per_token=16.0)

    assert throughput(narrow).tokens_per_s[0] < throughput(wide).tokens_per_s[0]


def test_that_interleaved_stages_shorten_the_bubble():
    plain, interleaved = (
        throughput(one(stack=int(Stack.MEGATRON), pipeline_parallel=4.0, virtual_stages=v))
        for v in (1.0, 8.0)
    )

    assert interleaved.parts["pipeline"][0] < plain.parts["pipeline"][0] / 2


@settings(deadline=None)
@given(st.sampled_from([1.0, 2.0, 4.0, 8.0]), st.sampled_from([0, 1, 2, 3]), st.floats(1, 64))
def test_that_spreading_experts_wider_never_takes_more_memory(tensor, sharding, times):
    degrees = np.array([1.0, min(times, 8.0), 8.0])

    made = memory(mixtral(tensor_parallel=tensor, sharding=sharding, expert_parallel=degrees))

    assert (np.diff(made.total) <= made.total[:-1] * 1e-12).all()
