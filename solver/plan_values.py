"""Values that answers are made of, beneath those that hold a whole plan."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

UnitName = Literal["h", "usd", "ratio", "kg", "gpus", "gb", "ms"]

LimitName = Literal[
    "deadline", "budget", "min_accuracy", "co2", "max_gpus", "max_deployed", "max_latency"
]


BEST_TRIED = "best of the plans tried"
"""Status of a plan whose jobs wait for each other: none that begins its jobs at the moments of a
grid, or that a search met, is better; the gap says how much another could bring at most."""

NONE_TRIED = "none of the plans tried"
"""Status where jobs could keep every limit beside each other, but not with what they share, at the
moments or in the orders that were tried."""


class Value(BaseModel):
    """A part of an answer: immutable, exact keys, finite numbers."""

    # Built when first used: the whole answer at once takes half as long as part by part.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Spread(Value):
    """A predicted quantity as a distribution, in the unit of the field that holds it."""

    median: float
    at_confidence: float
    """The value that is enforced against a limit."""
    low80: float
    high80: float
    """Ends of the interval that holds 80 % of outcomes."""


class MachineUsed(Value):
    """What is rented or used, as the catalogue states it."""

    key: str
    provider: str
    sku: str
    region: str
    pricing: str
    accelerator: str
    accelerator_name: str
    gpus_per_instance: int
    usd_per_hour: float
    """One instance. [USD/h]"""
    price_date: date
    source: str
    verified: str
    marked: str


class SpotWindow(Value):
    """How long spot machines are used, and what takes over after that."""

    hours: float
    """From the end of the start-up until they are given up, if the run lasts so long. [h]"""
    then: MachineUsed
    """As many instances, on demand."""
    alone_hours: float
    """What spot machines alone would take after the start-up, at the median. [h]"""
    chance: float
    """That the run is not done within the window. [0..1]"""


class Layout(Value):
    """How the run lies on the accelerators."""

    data_parallel: int
    tensor_parallel: int
    pipeline_parallel: int
    sharding: Literal["none", "optimizer", "gradients", "weights"]
    checkpointing: Literal["none", "selective", "full"]
    micro_batch: int
    accumulation: int
    batch_sequences: int
    sequence: int


class MemoryUse(Value):
    """Memory of one accelerator by part. [byte]"""

    weights: float
    gradients: float
    optimizer: float
    activations: float
    logits: float
    buffers: float
    context: float
    total: float
    upper: float
    """Upper end of the 80 % interval: what must fit."""
    capacity: float


class CostParts(Value):
    """Where the dollars go, at the median. [USD]"""

    machines: float
    storage: float
    egress: float
    serving: float
    """Answering the stated volume afterwards."""
    idle: float
    """Paid but unused: the rest of the last billed grain."""


class TimeParts(Value):
    """Where the hours go, at the median. [h]"""

    startup: float
    training: float
    evaluation: float
    interruptions: float


class Evidence(Value):
    """What each number stands on: measured, interpolated, unseen, or not predicted."""

    throughput: Literal["measured", "interpolated", "unseen", "none"]
    memory: Literal["measured", "interpolated", "unseen", "none"]
    accuracy: Literal["measured", "interpolated", "unseen", "none"]
    price: str
    notes: tuple[str, ...] = ()
    """Assumptions that this plan rests on, in words."""


class Change(Value):
    """One limit of several that change together."""

    limit: LimitName
    job: str | None
    value: float
    """The limit's new value in its unit."""
    change: float
    """New minus old value."""
    text: str


class Mix(Value):
    """Changes of several limits that together make a plan possible, and what they bring."""

    changes: tuple[Change, ...]
    text: str
    keys: tuple[str, ...]
    """The candidates that the changed question would choose, one a job; `LEFT_OUT` for none."""
    hours: float
    usd: float
    accuracy: float | None
    starts: tuple[float, ...] = ()
    """When each job begins; empty where all begin at once. [h]"""


class Frequency(Value):
    """How often something held among simulated outcomes."""

    times: int
    share: float
    low95: float
    high95: float
    """Ends of the 95 % interval of the chance that it holds (Wilson's score interval)."""


class LimitFrequency(Value):
    """How often one limit held."""

    name: LimitName
    job: str | None
    kept: Frequency


class Simulation(Value):
    """A plan tried on outcomes that its choice has not seen."""

    draws: int
    seed: int
    promised: float
    """The asked confidence. [0..1]"""
    together: Frequency
    """All limits at once."""
    limits: tuple[LimitFrequency, ...]
    """Uncertain limits; the others hold always."""


class Coefficients(Value):
    """Smallest and largest number of each part of the program, signs and zeros aside."""

    rows: tuple[float, float] | None
    """Coefficients of the constraints; None: there is none."""
    aim: tuple[float, float] | None
    sides: tuple[float, float] | None
    """Right-hand sides."""
