"""The layout that is chosen fits, feeds every accelerator, and is missed only where none fits."""

import numpy as np
import pytest

from solver.estimate.configurations import (
    Checkpointing,
    Compute,
    Generation,
    Sharding,
    Stack,
    Tuning,
)
from solver.estimate.memory import memory
from solver.space.configure import UPDATES_ALL
from solver.space.layouts import OPTIONS, best_layouts, laid_out, most_gpus, software_of
from tests.support.configured import BERT_BASE, LLAMA_70B, one

GIB = 2.0**30

CASES = {
    "bert on one T4": {**BERT_BASE, "gpus": 1.0, "sequence": 128.0, "memory_bytes": 15 * GIB},
    "bert on eight": {**BERT_BASE, "gpus": 8.0, "sequence": 512.0},
    "8B full on eight": {"gpus": 8.0},
    "8B full on 64": {"gpus": 64.0},
    "8B full on one": {"gpus": 1.0},
    "8B LoRA on 24 GB": {
        "gpus": 1.0,
        "tuning": int(Tuning.LORA),
        "rank": 16.0,
        "memory_bytes": 23.6 * GIB,
        "sequence": 2048.0,
    },
    "70B pre-training on 512": {**LLAMA_70B, "gpus": 512.0, "tuning": int(Tuning.PRETRAIN)},
    "70B full on eight": {**LLAMA_70B, "gpus": 8.0},
}

BATCH = 64


def chosen(case, batch=BATCH, **changes):
    base = one(**{**CASES[case], **changes})
    return base, best_layouts(base, batch)


@pytest.mark.parametrize("case", CASES)
def test_that_a_chosen_layout_fits_in_memory(case):
    base, layouts = chosen(case)
    fits = layouts.fits

    used = memory(laid_out(base.take(fits), layouts_at(layouts, fits))).upper

    assert (used <= base.memory_bytes[fits] * (1 + 1e-9)).all()


def layouts_at(layouts, index):
    """The layouts of some configurations."""
    names = layouts.__dataclass_fields__
    return type(layouts)(**{name: getattr(layouts, name)[index] for name in names})


def fits_somehow(base, batch):
    """Whether any layout with micro-batch 1 fits, tried one by one."""
    for option in OPTIONS:
        parallel = option.tensor * option.pipeline
        gpus = float(base.gpus[0])
        if gpus < parallel or option.tensor > base.domain[0] or base.heads[0] % option.tensor:
            continue
        if parallel > 1 and not (UPDATES_ALL[base.tuning[0]] and base.parameters[0] >= 5e9):
            continue
        if option.pipeline > 1 and base.parameters[0] < 3e10:
            continue
        if option.sharding is not Sharding.NONE and gpus == 1:
            continue
        replicas = gpus / parallel
        if batch < replicas:
            continue
        both = parallel > 1 and option.sharding is Sharding.WEIGHTS
        if both and (gpus == parallel or base.parameters[0] < 3e10):
            continue
        splitting = int(Stack.PYTORCH_FSDP if both else Stack.MEGATRON)
        stack = splitting if parallel > 1 else int(base.stack[0])
        laid = base.replace(
            tensor_parallel=np.array([float(option.tensor)]),
            pipeline_parallel=np.array([float(option.pipeline)]),
            sharding=np.array([int(option.sharding)]),
            checkpointing=np.array([int(option.checkpointing)]),
            micro_batch=np.array([1.0]),
            accumulation=np.array([np.floor(batch / replicas)]),
            stack=np.array([stack]),
        )
        if memory(laid).upper[0] <= base.memory_bytes[0]:
            return True
    return False


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("gib", [4.0, 15.0, 40.0, 79.6])
def test_that_nothing_is_refused_that_some_layout_fits(case, gib):
    base, layouts = chosen(case, memory_bytes=gib * GIB)

    assert bool(layouts.fits[0]) == fits_somehow(base, BATCH)


@pytest.mark.parametrize("batch", [3, 5, 50, 63, 64, 100, 977])
@pytest.mark.parametrize("gpus", [1.0, 2.0, 8.0, 32.0, 512.0])
def test_that_every_sequence_of_any_batch_is_computed(batch, gpus):
    base, layouts = chosen("8B full on eight", batch, gpus=gpus)
    if not layouts.fits[0]:
        return
    laid = laid_out(base, layouts)

    assert laid.data_parallel * laid.micro_batch * laid.accumulation >= batch


@pytest.mark.parametrize("gpus", [8.0, 64.0])
def test_that_a_batch_that_divides_badly_is_no_faster(gpus):
    even, odd = (chosen("8B full on eight", batch, gpus=gpus)[1] for batch in (64, 65))

    assert odd.tokens_per_s[0] <= even.tokens_per_s[0] * (65 / 64) * (1 + 1e-9)
    assert odd.tokens_per_s[0] <= even.tokens_per_s[0] * 1.02


def test_that_more_memory_never_slows_a_run():
    base = one(gpus=np.full(12, 8.0), memory_bytes=np.linspace(20, 192, 12) * GIB)

    layouts = best_layouts(base, BATCH)

    assert (np.diff(layouts.fits.astype(int)) >= 0).all()
    assert (np.diff(layouts.tokens_per_s) >= -1e-6 * layouts.tokens_per_s[1:]).all()


def test_that_a_run_that_fits_easily_needs_no_trick():
    _, layouts = chosen("bert on one T4")
    option = OPTIONS[layouts.option[0]]

    assert (option.sharding, option.checkpointing) == (Sharding.NONE, Checkpointing.NONE)


def test_that_small_models_are_not_split():
    _, layouts = chosen("bert on eight")
    option = OPTIONS[layouts.option[0]]

    assert option.tensor * option.pipeline == 1


def test_that_a_batch_feeds_no_more_replicas_than_it_has_sequences():
    _, layouts = chosen("8B LoRA on 24 GB", batch=4, gpus=np.array([4.0, 8.0]))

    assert layouts.enough_sequences.tolist() == [True, False]
    assert layouts.fits.tolist() == [True, False]


def test_that_the_bound_on_accelerators_leaves_out_none_that_could_run():
    counts = 2.0 ** np.arange(0, 11)
    base = one(**{**CASES["8B full on eight"], "gpus": counts})

    layouts = best_layouts(base, BATCH)

    bound = most_gpus(base.parameters, np.ones(len(base), dtype=bool), BATCH)
    assert not layouts.enough_sequences[counts > bound].any()


def test_that_each_of_many_is_laid_out_as_alone():
    counts = np.array([1.0, 8.0, 64.0])
    together = best_layouts(one(gpus=counts, compute=int(Compute.BF16_MIXED)), BATCH)

    alone = [best_layouts(one(gpus=gpus), BATCH) for gpus in counts]

    assert together.option.tolist() == [int(a.option[0]) for a in alone]
    assert together.tokens_per_s.tolist() == pytest.approx(
        [float(a.tokens_per_s[0]) for a in alone]
    )


PALM = {
    **LLAMA_70B,
    "parameters": 540e9,
    "active_parameters": 540e9,
    "layers": 118.0,
    "hidden": 18_432.0,
    "heads": 48.0,
    "kv_heads": 1.0,
    "head_dim": 256.0,
    "ffn_hidden": 73_728.0,
    "vocabulary": 256_000.0,
    "tied": True,
}


def on_chips(count, **changes):
    """PaLM pre-trained by JAX on TPU v4 chips of 32 GB in one pod."""
    given = {
        "generation": int(Generation.TPU),
        "peak_flop_per_s": 275e12,
        "measured_flop_per_s": np.nan,
        "memory_bytes": 31.75 * GIB,
        "bandwidth_bytes_per_s": 1.2e12,
        "link_bytes_per_s": 150e9,
        "gpus_per_node": 4.0,
        "domain": float(count),
        "gpus": float(count),
        "tuning": int(Tuning.PRETRAIN),
        "sequence": 2048.0,
        "stack": int(Stack.JAX),
    }
    return one(**{**PALM, **given, **changes})


def test_that_the_largest_models_fit_small_chips_split_and_sharded():
    layouts = best_layouts(on_chips(6144), 2048)
    option = OPTIONS[layouts.option[0]]

    assert layouts.fits[0]
    assert option.tensor > 1
    assert option.sharding is Sharding.WEIGHTS
    assert layouts.stack[0] == Stack.JAX


def test_that_layers_split_and_sharded_are_the_trade_of_fsdp():
    base = on_chips(64, stack=int(Stack.HF_TRAINER))
    megatron, fsdp = (software_of(base, 8, sharded=sharded)[0] for sharded in (False, True))

    assert (megatron, fsdp) == (Stack.MEGATRON, Stack.PYTORCH_FSDP)
    assert software_of(base, 8, keep=True, sharded=True)[0] == Stack.HF_TRAINER


def test_that_stages_without_tensor_parallelism_are_for_experts_only():
    staged = [i for i, o in enumerate(OPTIONS) if o.tensor == 1 and o.pipeline > 1]
    experts = {**LLAMA_70B, "experts": 8.0, "experts_per_token": 2.0, "active_parameters": 2e10}
    given = {"gpus": 512.0, "tuning": int(Tuning.PRETRAIN), "link_bytes_per_s": 10e9}

    dense, sparse = (
        best_layouts(one(**{**network, **given}), 4096) for network in (LLAMA_70B, experts)
    )

    assert dense.option[0] not in staged
    assert sparse.option[0] in staged
