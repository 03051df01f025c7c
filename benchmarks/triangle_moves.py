"""Moves on the triangle of time, cost and accuracy: one change of a stated case, planned twice.

Every state is a candidate of the planner on machines of the catalogue at their price on demand; a
layout that the planner would not choose is estimated by the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.triangle_words import (
    DATA_PARALLEL,
    DISTILLED,
    MIXED,
    MODEL_PARALLEL,
    ONCE,
    QUANTISED,
    SHORT,
    SMALLER,
    TOGETHER,
)
from solver.candidates import candidates
from solver.estimate.configurations import Checkpointing, Sharding
from solver.estimate.duration import work_hours
from solver.estimate.memory import memory
from solver.estimate.throughput import throughput
from solver.outcome.planned import accuracy_spread, planned_job, spread
from solver.question import Question
from solver.space.layouts import laid_out, software_of

if TYPE_CHECKING:
    from datetime import date

    from catalog.tables import Catalog
    from solver.candidates import Candidates
    from solver.constants import EstimateConstants
    from solver.plan import Spread

CONFIDENCE = 0.9
"""At which spreads state limits; intervals do not depend on it."""

SMALL_GPUS = {"providers": ["gcp"], "regions": ["us-central1"], "accelerators": ["A100-40-SXM"]}

LARGE_GPUS = {"providers": ["gcp"], "regions": ["us-central1"], "accelerators": ["A100-80-SXM"]}

SCRIPT: dict[str, Any] = {
    "task": "MNLI",
    "examples": 392_702,
    "tokens_per_example": 512,
    "epochs": [3],
    "models": {"names": ["BERT-large"]},
    "methods": ["full"],
    "precisions": ["fp32"],
}
"""BERT-large on MNLI as a first script does it: numbers of 32 bits, every pair of sentences padded
to the longest that the model takes, three passes, one GPU."""

ADAPTER: dict[str, Any] = {
    "task": "GSM8K",
    "examples": 7_473,
    "tokens_per_example": 512,
    "epochs": [3],
    "models": {"names": ["Llama-2-70b"]},
    "methods": ["lora"],
    "precisions": ["bf16-mixed"],
}
"""Llama-2-70B on the training set of GSM8K by LoRA."""

WHOLE: dict[str, Any] = {
    **ADAPTER,
    "models": {"names": ["Llama-2-13b"]},
    "methods": ["full"],
}
"""Llama-2-13B on the same, every weight trained."""


@dataclass(frozen=True, slots=True)
class State:
    """One way to do the work."""

    name: str
    gpus: int
    hours: Spread
    usd: Spread
    accuracy: Spread | None
    upper_bytes: float
    """Upper end of the memory of one GPU. [byte]"""
    capacity_bytes: float

    @property
    def fits(self) -> bool:
        """True where the memory suffices."""
        return self.upper_bytes <= self.capacity_bytes


@dataclass(frozen=True, slots=True)
class Move:
    """A change of one thing: the states from before to after, and what it teaches."""

    slug: str
    title: str
    states: tuple[State, ...]
    text: str
    shown: int = -1
    """Position of the state that the picture shows as changed."""

    @property
    def before(self) -> State:
        """The case as it stood."""
        return self.states[0]

    @property
    def after(self) -> State:
        """The case with the change."""
        return self.states[self.shown]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every state is planned with."""

    catalog: Catalog
    constants: EstimateConstants
    today: date

    def candidates(self, job: dict[str, Any], limits: dict[str, Any]) -> Candidates:
        """Everything the job may become on the machines that the limits allow."""
        question = Question.model_validate({"limits": limits, "jobs": [job]})
        return candidates(question.jobs[0], question, self.catalog, self.constants, self.today)

    def state(self, name: str, job: dict[str, Any], limits: dict[str, Any], gpus: int = 1) -> State:
        """The cheapest candidate on so many GPUs of one machine.

        Raises:
            ValueError: nothing fits.
        """
        made = self.candidates(job, limits)
        index = np.flatnonzero(made.rents.gpus[made.rent] == gpus)
        if len(index) == 0:
            raise ValueError(f"{name}: nothing fits on {gpus} GPUs")
        usd = made.billing(index).usd_at(made.duration(index), 0.5)
        plan = planned_job(made, int(index[np.argmin(usd)]), CONFIDENCE)
        return State(
            name,
            plan.gpus,
            plan.hours,
            plan.usd,
            plan.accuracy,
            plan.memory.upper,
            plan.memory.capacity,
        )


@dataclass(frozen=True, slots=True)
class Laying:
    """A layout to be tried on one machine, whatever the planner would choose."""

    name: str
    tensor: int
    sharding: Sharding
    checkpointing: Checkpointing


LAYINGS = (
    Laying("a whole copy on each GPU", 1, Sharding.NONE, Checkpointing.FULL),
    Laying("copies, optimizer state split (ZeRO-1)", 1, Sharding.OPTIMIZER, Checkpointing.FULL),
    Laying("all state split, gathered by layer (FSDP)", 1, Sharding.WEIGHTS, Checkpointing.FULL),
    Laying("each layer cut in 8 (tensor parallel)", 8, Sharding.NONE, Checkpointing.FULL),
    Laying("each layer cut in 4, two replicas", 4, Sharding.OPTIMIZER, Checkpointing.SELECTIVE),
)


def laid_states(desk: Desk, job: dict[str, Any], limits: dict[str, Any]) -> tuple[State, ...]:
    """The job on one machine of eight GPUs in each of `LAYINGS`, fitting or not."""
    made = desk.candidates(job, limits)
    eight = np.flatnonzero(made.rents.gpus[made.rent] == 8)[:1]
    return tuple(_laid(made, eight, laying) for laying in LAYINGS)


def _laid(made: Candidates, index: np.ndarray[Any, np.dtype[np.int64]], laying: Laying) -> State:
    phase = made.bench.phases[0]
    row = made.row[index]
    physics = made.physics
    base = made.bench.configurations(
        physics.model[row], physics.variant[row], physics.slot[row], phase
    )
    per_replica = phase.batch_sequences / (8 / laying.tensor)
    laid = base.replace(
        tensor_parallel=np.array([float(laying.tensor)]),
        sharding=np.array([int(laying.sharding)]),
        checkpointing=np.array([int(laying.checkpointing)]),
        stack=software_of(base, laying.tensor),
    )
    for micro in (8.0, 4.0, 2.0, 1.0):
        laid = laid.replace(
            micro_batch=np.array([micro]), accumulation=np.array([np.ceil(per_replica / micro)])
        )
        peak = memory(laid)
        if peak.upper[0] <= laid.memory_bytes[0]:
            break
    speed = throughput(laid)
    passes = made.epochs[int(made.epoch[index[0]])]
    tokens = np.array([phase.tokens * passes])
    duration = replace(
        made.duration(index),
        work_hours=work_hours(tokens, speed.tokens_per_s, 1.0, made.bench.constants.assumptions),
        slow_log_sd=speed.slow_log_sd,
        fast_log_sd=speed.fast_log_sd,
    )
    billing = made.billing(index)
    return State(
        laying.name,
        8,
        spread(duration.at, CONFIDENCE),
        spread(lambda q: billing.usd_at(duration, q), CONFIDENCE),
        accuracy_spread(made, int(index[0]), CONFIDENCE),
        float(peak.upper[0]),
        float(laid.memory_bytes[0]),
    )


def moves(desk: Desk) -> tuple[Move, ...]:
    """Every move, in the order in which the page tells them."""
    one = desk.state("32 bits, padded to 512, three passes, one GPU", SCRIPT, SMALL_GPUS)
    eight = desk.state("eight GPUs", SCRIPT, SMALL_GPUS, 8)
    light = {**SCRIPT, "precisions": ["bf16-mixed"], "tokens_per_example": 128}
    light_one = desk.state("bf16 and 128 tokens, one GPU", light, SMALL_GPUS)
    light_eight = desk.state("bf16 and 128 tokens, eight GPUs", light, SMALL_GPUS, 8)
    mixed = desk.state(
        "16-bit products, 32-bit sums (bf16)", {**SCRIPT, "precisions": ["bf16-mixed"]}, SMALL_GPUS
    )
    once = desk.state("one pass", {**SCRIPT, "epochs": [1]}, SMALL_GPUS)
    short = desk.state("padded to 128", {**SCRIPT, "tokens_per_example": 128}, SMALL_GPUS)
    base = desk.state("BERT-base", {**SCRIPT, "models": {"names": ["BERT-base"]}}, SMALL_GPUS)
    taught = {
        **SCRIPT,
        "models": {"names": ["DistilBERT-base"]},
        "methods": ["distillation"],
        "teacher": "BERT-large",
    }
    distilled = desk.state("DistilBERT, taught by BERT-large", taught, SMALL_GPUS)
    four = desk.state("LoRA over 16-bit weights, four GPUs", ADAPTER, LARGE_GPUS, 4)
    quantised = desk.state(
        "QLoRA over 4-bit weights, one GPU", {**ADAPTER, "methods": ["qlora"]}, LARGE_GPUS
    )
    together = {**light, "models": {"names": ["BERT-base"]}}
    all_three = desk.state("BERT-base, bf16, padded to 128", together, SMALL_GPUS)
    return (
        Move(
            "data-parallelism",
            "Data parallelism",
            (one, eight, light_one, light_eight),
            DATA_PARALLEL,
            shown=1,
        ),
        Move(
            "model-parallelism",
            "Model parallelism",
            laid_states(desk, WHOLE, LARGE_GPUS),
            MODEL_PARALLEL,
        ),
        Move("mixed-precision", "Mixed precision", (one, mixed), MIXED),
        Move("quantisation", "Quantisation (QLoRA)", (four, quantised), QUANTISED),
        Move("fewer-epochs", "Fewer epochs", (one, once), ONCE),
        Move("shorter-sequence", "Shorter sequences", (one, short), SHORT),
        Move("smaller-model", "A smaller model", (one, base), SMALLER),
        Move("distillation", "Distillation", (one, distilled), DISTILLED),
        Move("together", "Three moves together", (one, all_three), TOGETHER),
    )


def attention_table(desk: Desk) -> tuple[tuple[int, float, float], ...]:
    """Tokens of one sequence, hours of a billion tokens on eight GPUs, and attention's share."""
    return tuple(_with_length(desk, length) for length in LENGTHS)


LENGTHS = (512, 2_048, 8_192, 32_768, 131_072)
"""Sequences of the table. [token]"""

STEP_TOKENS = 2**20
"""Tokens of an optimiser step of the table, whatever the length."""


def _with_length(desk: Desk, length: int) -> tuple[int, float, float]:
    job = {
        "family": "language-modelling",
        "tokens": 1e9,
        "sequence": length,
        "batch_sequences": STEP_TOKENS // length,
        "epochs": [1],
        "models": {"names": ["Llama-3.1-8B"]},
        "methods": ["continued-pretraining"],
        "precisions": ["bf16-mixed"],
    }
    made = desk.candidates(job, LARGE_GPUS)
    index = np.flatnonzero(made.rents.gpus[made.rent] == 8)[:1]
    row, phase = made.row[index], made.bench.phases[0]
    physics = made.physics
    base = made.bench.configurations(
        physics.model[row], physics.variant[row], physics.slot[row], phase
    )
    speed = throughput(laid_out(base, made.bench.layouts(base, phase)))
    share = float(speed.parts["attention"][0] / speed.step_seconds[0])
    return length, float(made.duration(index).work_hours[0]), share
