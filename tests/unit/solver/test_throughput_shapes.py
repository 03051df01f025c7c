"""What stages, heads, experts, links and releases do to the speed of training."""

from __future__ import annotations

import numpy as np
import pytest

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Sharding,
    Stack,
    Storage,
    Tuning,
)
from solver.estimate.throughput import throughput
from tests.support.configured import LLAMA_8B, LLAMA_70B, lora, one

MIXTURE = {
    **LLAMA_8B,
    "parameters": 30.5e9,
    "active_parameters": 3.3e9,
    "layers": 48.0,
    "hidden": 2048.0,
    "ffn_hidden": 6144.0,
    "experts": 128.0,
    "experts_per_token": 8.0,
}


def staged(layers, stages, **changes):
    return one(
        **{**LLAMA_70B, "layers": layers, **changes},
        tuning=int(Tuning.PRETRAIN),
        stack=int(Stack.MEGATRON),
        gpus=8.0 * stages,
        tensor_parallel=8.0,
        pipeline_parallel=stages,
        accumulation=64.0,
        checkpointing=int(Checkpointing.NONE),
    )


def parts(c):
    return throughput(c).parts


def mixture(**changes):
    settings = {"tuning": int(Tuning.PRETRAIN), "stack": int(Stack.MEGATRON), "gpus": 8.0}
    return one(**{**MIXTURE, **settings, **changes})


def test_that_stages_that_do_not_divide_the_layers_are_as_slow_as_the_fullest():
    # 78 layers on 12 stages: eleven hold seven, and the last, with one, has time for the head
    seconds = throughput(staged(78.0, 12.0)).step_seconds[0]

    even = throughput(staged(84.0, 12.0)).step_seconds[0]
    assert seconds == pytest.approx(even * 0.96, rel=0.05)


def test_that_a_last_stage_with_fewer_layers_hides_the_head():
    assert parts(staged(78.0, 12.0))["head"][0] == 0
    assert parts(staged(84.0, 12.0))["head"][0] > 0


def test_that_heads_of_odd_width_slow_attention_that_stores_its_scores():
    aligned, odd = (
        parts(one(**{**LLAMA_70B, "head_dim": width}, flash=False))["attention"][0]
        for width in (112.0, 108.0)
    )

    assert odd > 1.5 * aligned


def test_that_heads_of_odd_width_do_not_matter_to_flash_attention():
    aligned, odd = (
        parts(one(**{**LLAMA_70B, "head_dim": width}, flash=True))["attention"][0] / width
        for width in (112.0, 108.0)
    )

    assert odd == pytest.approx(aligned)


def test_that_newer_releases_do_everything_but_products_and_attention_faster():
    older, newer = (
        parts(staged(80.0, 2.0).replace(release=np.array([year]))) for year in (2024.0, 2026.0)
    )

    assert newer["elementwise"][0] < older["elementwise"][0]
    assert newer["tensor_parallel"][0] < older["tensor_parallel"][0]
    assert newer["matmul"][0] == pytest.approx(older["matmul"][0])
    assert newer["attention"][0] == pytest.approx(older["attention"][0])


def test_that_layers_of_experts_wait_in_every_micro_step_whatever_its_size():
    small, large = (parts(mixture(micro_batch=size))["experts"][0] for size in (1.0, 8.0))

    assert small > 1.5 * large / 8.0


def test_that_compiled_experts_do_not_wait():
    waiting = parts(mixture())["experts"][0]

    assert parts(mixture(stack=int(Stack.JAX)))["experts"][0] < 0.5 * waiting


def test_that_a_pair_of_parts_without_a_switch_shares_few_links():
    def share(generation):
        made = parts(
            one(
                generation=int(generation),
                gpus=8.0,
                tensor_parallel=2.0,
                compute=int(Compute.FP16_MIXED),
                flash=False,
            )
        )
        return made["tensor_parallel"][0]

    assert share(Generation.VOLTA) > 3 * share(Generation.AMPERE)


def test_that_gptq_takes_longer_to_unpack_than_nf4():
    def seconds(storage):
        return parts(lora(tuning=int(Tuning.QLORA), storage=int(storage)))["dequantise"][0]

    assert seconds(Storage.GPTQ) > 1.5 * seconds(Storage.NF4)


def test_that_adapters_that_rebuild_matrices_are_slower_where_launches_rule():
    def speed(level):
        made = lora(micro_batch=1.0, sequence=256.0).replace(rebuilds=np.array([level]))
        return throughput(made).tokens_per_s[0]

    assert speed(0.0) > 1.2 * speed(1.0)
    assert speed(1.0) > 1.2 * speed(2.0)


def test_that_sharded_optimisers_of_recent_software_gather_behind_the_next_forward_pass():
    def seconds(sharding):
        c = one(
            **LLAMA_70B,
            tuning=int(Tuning.PRETRAIN),
            stack=int(Stack.MEGATRON),
            gpus=64.0,
            tensor_parallel=8.0,
            accumulation=1.0,
            sharding=int(sharding),
            node_network_bytes_per_s=2e11,
        )
        return parts(c)["data_parallel"][0]

    assert seconds(Sharding.OPTIMIZER) < seconds(Sharding.NONE)
