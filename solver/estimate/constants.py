"""The fitted constants of throughput and memory, each set dated and with its errors.

A set is one JSON file in `solver/estimate/fitted/`. An answer embeds the sets it used, so that a
check recomputes from the answer alone.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Factor = Annotated[float, Field(gt=0)]
Seconds = Annotated[float, Field(ge=0)]
Bytes = Annotated[float, Field(ge=0)]
LogSd = Annotated[float, Field(gt=0)]


class Constants(BaseModel):
    """Numbers fitted together: immutable, exact keys, finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SourceError(Constants):
    """How far predictions missed the rows of one source that the fit had not seen."""

    source: str
    rows: int
    median_error: float
    """Median of |predicted / measured - 1|. [ratio]"""
    mean_error: float
    p90_error: float


class Origin(Constants):
    """Where a set of constants comes from."""

    fitted_on: date
    command: str
    rows: int
    rows_left_out: str
    """Which rows no fit may see, and why."""
    by_left_out_source: tuple[SourceError, ...]


class Spread80(Constants):
    """An interval that held 80 % of left-out measurements, as log-normal half-widths."""

    slow_log_sd: LogSd
    """Half-width towards a longer time (or more memory), divided by 1.2816. [1]"""
    fast_log_sd: LogSd
    """The same towards a shorter time (or less memory). [1]"""


class ThroughputConstants(Constants):
    """Constants of the time of a step; formulas in `docs/estimates.md`.

    Factors are ratios, rates are bytes or FLOP each second, `_bytes` are per element named.
    """

    origin: Origin
    # matrix products
    matmul_of_measured: Factor
    """Rate in training over the highest measured rate."""
    measured_of_peak: Factor
    """Highest measurable rate over the dense peak, where nobody measured."""
    measured_of_peak_old: Factor
    """The same for Turing and older."""
    measured_of_peak_consumer: Factor
    """The same for GeForce parts with matrix units, whose peak is that of sums in fp32."""
    fp32_of_peak: Factor
    tf32_of_peak: Factor
    fp8_gain: Factor
    fp4_gain: Factor
    cast_bytes: Factor
    """Traffic of scaling and casting one input of a product in fp8 or fp4. [byte]"""
    gaudi_factor: Factor
    gaudi3_factor: Factor
    trainium_factor: Factor
    tpu_factor: Factor
    token_loss: Factor
    """Loss by few tokens: 1 + token_loss · ρ / T."""
    width_loss: Factor
    """Loss by narrow matrices: 1 + width_loss · ρ · tp / h."""
    peft_passes: Factor
    """Forward-equivalents of a step that trains few weights."""
    recompute_passes: Factor
    """Forward-equivalents that full checkpointing adds."""
    expert_loss: Factor
    """Time of experts over dense layers of the same shape and load."""
    expert_bytes: Factor
    """Traffic of one token, hidden unit and chosen expert for sorting. [byte]"""
    # attention
    attention_flash: Factor
    """Rate of flash attention over the matmul rate."""
    attention_flash_fused: Factor
    """The same on Hopper and later with a fused stack."""
    attention_flash_recent: Factor
    """The same on Hopper and later with any other stack."""
    attention_plain: Factor
    """Rate without flash attention over the matmul rate."""
    attention_unaligned: Factor
    """The same for heads whose width is no multiple of eight."""
    score_bytes: Factor
    """Traffic of one attention score that is stored. [byte]"""
    # memory-bound work
    elementwise_bytes: Factor
    """Traffic of one token and hidden unit in a layer's forward pass. [byte]"""
    replicated_tensor_parallel: Factor
    """Share of the elementwise traffic that tensor parallelism does not split."""
    replicated_sequence_parallel: Factor
    """The same where the sequence is split outside the matrix products (korthikanti2022)."""
    elementwise_fused: Factor
    """Share that fused stacks leave."""
    elementwise_fused_old: Factor
    """The same of stacks that fuse some kernels, without flash attention."""
    elementwise_amp: Factor
    """Factor of PyTorch autocast."""
    logit_bytes: Factor
    """Traffic of one token and vocabulary entry. [byte]"""
    logit_fused: Factor
    dequantise_bytes: Factor
    """Traffic of one quantised weight and pass. [byte]"""
    dequantise_bytes_gptq: Factor
    """The same with GPTQ, which unpacks, masks, shifts and scales in kernels of their own."""
    dora_bytes: Factor
    """Traffic of one weight and pass for the norms of DoRA. [byte]"""
    # launches
    launch_seconds: Seconds
    """Floor of one layer's pass. [s]"""
    launch_hf: Factor
    launch_peft: Factor
    launch_rebuilt: Factor
    """Adapters that build whole matrices in every pass; squared for those that transform them."""
    launch_fused: Factor
    launch_compiled: Factor
    """JAX and TPUs."""
    launch_tensor_parallel_seconds: Seconds
    """Added for each doubling of tensor parallelism, times a third. [s]"""
    # communication
    tensor_parallel_rate: Factor
    """Rate of tensor-parallel collectives over the link's achievable rate."""
    tensor_parallel_latency_seconds: Seconds
    tensor_parallel_exposed: Factor
    """Share that fused stacks do not hide."""
    network_rate: Factor
    """Achieved over line rate between machines."""
    reduce_hidden: Factor
    """Share of the backward pass behind which gradients are reduced."""
    reduce_hidden_fused: Factor
    """The same with stacks that overlap both directions."""
    gather_hidden: Factor
    """Share of a micro-step behind which sharded weights are gathered."""
    gather_hidden_plain: Factor
    """The same with other stacks."""
    gather_latency_seconds: Seconds
    """Collective of one sharded layer that nothing hides. [s]"""
    bubble_plain: Factor
    bubble_interleaved: Factor
    all_to_all: Factor
    """Time of sending tokens to their experts that nothing hides, over bytes by rate."""
    expert_wait_seconds: Seconds
    """What one pass of a layer of experts waits for the host. [s]"""
    all_to_all_hidden: Factor
    """Share of the computation behind which tokens travel between domains."""
    straggling: Factor
    """Loss for each doubling beyond one domain."""
    yearly_gain: Factor
    """Log by which everything beside matrix products and attention gets faster in a year of
    releases. [1]"""
    # once a step
    optimizer_bytes: Factor
    """Traffic of one local trainable weight in the optimiser. [byte]"""
    step_seconds: Seconds
    """Everything else once a step. [s]"""
    offload_bytes_per_s: Factor
    """Rate of optimiser state to host memory and back. [byte/s]"""
    stack_factors: dict[str, Factor]
    """Speed over what the formulas say, by stack; " flash" is added to the name for runs with
    flash attention, that is, of recent software."""
    spreads: dict[str, Spread80]
    """By regime; "all" for any other."""
    evidence: dict[str, int]
    """Code of `EvidenceCode` by generation and kind of run, e.g. "AMPERE large"; others unseen."""
    unseen_widening: Factor
    """Spreads grow by this factor where no run of the generation and kind was measured."""


class MemoryConstants(Constants):
    """Constants of the memory of one accelerator; formulas in `docs/estimates.md`."""

    origin: Origin
    layer_factor: Factor
    """Kept activations over what the operations of a layer say."""
    selective_factor: Factor
    """Share of the activations that selective checkpointing keeps."""
    working_factor: Factor
    """Copies of the widest tensor of a layer alive in its backward pass."""
    score_bytes: Factor
    """Kept for one attention score in 16 bits without flash attention. [byte]"""
    logit_bytes: Factor
    """Kept for one token and vocabulary entry. [byte]"""
    logit_bytes_converted: Factor
    """The same where products are narrower than the rest and the loss is PyTorch's own, in fp32.
    [byte]"""
    logit_bytes_chunked: Factor
    """The same where the loss is computed in chunks. [byte]"""
    nf4_bytes: Factor
    """One weight in nf4 with its scales. [byte]"""
    int8_bytes: Factor
    quantised_embedding_bytes: Factor
    """One embedding weight beside quantised layers. [byte]"""
    quantised_input_bytes: Factor
    """Kept for one input of a quantised linear map. [byte]"""
    megatron_gradient_bytes: Factor
    """Gradient of one bf16 weight beside a master copy, with its buffers. [byte]"""
    megatron_gradient_bytes_fp16: Factor
    """The same of one fp16 weight. [byte]"""
    megatron_optimizer_bytes: Factor
    """Master weight and moments of one weight. [byte]"""
    optimizer_8bit_bytes: Factor
    step_copies: Factor
    """Copies of one moment that plain AdamW takes while it updates. [1]"""
    bucket_bytes: Bytes
    """Buffers through which software with master copies reduces gradients. [byte]"""
    gathered_blocks: Factor
    """Blocks of gathered weights and gradients that full sharding keeps. [1]"""
    fragmentation: Factor
    """Reserved by the allocator over allocated."""
    context_bytes: Bytes
    """Framework and device context, outside the allocator. [byte]"""
    collective_bytes: Bytes
    """Buffers of one kind of collective, outside the allocator. [byte]"""
    spreads: dict[str, Spread80]
    """By regime; "all" for any other."""
    evidence: dict[str, int]
    """Code of `EvidenceCode` by stack and kind of run; others unseen."""
    unseen_widening: Factor


@cache
def throughput_constants() -> ThroughputConstants:
    """The constants shipped with the program."""
    return ThroughputConstants.model_validate(_read("throughput.json"))


@cache
def memory_constants() -> MemoryConstants:
    """The constants shipped with the program."""
    return MemoryConstants.model_validate(_read("memory.json"))


def _read(name: str) -> object:
    text = files("solver.estimate").joinpath("fitted", name).read_text(encoding="utf-8")
    made: object = json.loads(text)
    return made
