"""The answer: an outcome of one of five kinds, its plans, limits, alternatives and provenance.

These are the values that go into the answer file; `solver/answer.py` makes them, `solver/check.py`
recomputes them, exports and views show them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from solver.plan_values import (
    Coefficients,
    CostParts,
    Evidence,
    Layout,
    LimitName,
    MachineUsed,
    MemoryUse,
    Mix,
    Simulation,
    SpotWindow,
    Spread,
    TimeParts,
    UnitName,
    Value,
)
from solver.question import Question

__all__ = [
    "Coefficients",
    "CostParts",
    "Evidence",
    "Layout",
    "LimitName",
    "MachineUsed",
    "MemoryUse",
    "Mix",
    "SpotWindow",
    "Spread",
    "TimeParts",
    "UnitName",
    "Value",
]
"""What is also known by this module's name."""

LEFT_OUT = "-"
"""Stands for the key of a candidate where an optional job is left out."""

ANSWER_FORMAT = "trilemma-answer"
ANSWER_VERSION: Literal[2] = 2


class PlannedJob(Value):
    """One job of a plan: what is trained, how, on what, and what comes of it."""

    name: str
    key: str
    """MODEL:METHOD:PRECISION:OFFER:COUNTx:EPOCHSe, as every table prints it; COUNTx~RATIO where
    spot machines are given up after so many times the hours of undisturbed work."""
    model: str
    parameters: int
    method: str
    rank: int | None
    precision: str
    storage: str
    """Format of the frozen base weights, empty where they follow the precision."""
    offer: MachineUsed
    instances: int
    gpus: int
    layout: Layout
    """Of the phase with the longest sequences."""
    other_phases: tuple[Layout, ...]
    """Layouts of a recipe's other phases, in their order."""
    epochs: int
    examples: float | None
    tokens: float
    """Tokens computed in all passes of one trial. [token]"""
    trials: int
    """Each on `instances` machines."""
    trials_at_once: int = 1
    """Trials that run side by side, each on machines of its own. [1]"""
    tokens_per_s: Spread
    """All accelerators together. [token/s]"""
    hours: Spread
    usd: Spread
    accuracy: Spread | None
    """None: not predicted ("unknown, not compared")."""
    accuracy_note: str
    failure_ratio: float
    """Chance that one run ends at chance level and must be repeated. [0..1]"""
    memory: MemoryUse
    deployed_gb: float
    energy_kwh: float | None
    co2_kg: float | None
    """At the median. [kg]"""
    co2_at_confidence_kg: float | None
    energy_note: str
    cost: CostParts
    time: TimeParts
    evidence: Evidence
    published_hours: float | None = None
    published_source: str = ""
    start_hours: float = 0.0
    """When it begins, counted from the start of all work, with every job as slow as at the enforced
    quantile. [h]"""
    end_hours: float = 0.0
    """`start_hours` and the hours at the enforced quantile. [h]"""
    not_before_hours: float = 0.0
    """End of the last time before it in which its machines are not free. [h]"""
    waits_for: tuple[str, ...] = ()
    """Jobs whose end it waits for: earlier stages, and those that use its machines before it."""
    format: str = "fp16"
    """Number format in which the finished model is handed over."""
    deploy_on: str = ""
    """Accelerator that will run it; empty: none is named."""
    latency_ms: float | None = None
    """One generated token there, or one sequence of an encoder, on the safe side; None: no device
    is named, or the weights do not fit in its memory. [ms]"""
    spot_window: SpotWindow | None = None
    """None: the same machines to the end."""

    @property
    def offers(self) -> tuple[MachineUsed, ...]:
        """Everything that is rented or used, in that order."""
        return (self.offer,) if self.spot_window is None else (self.offer, self.spot_window.then)

    @property
    def total_instances(self) -> int:
        """Machines of all trials that run side by side. [1]"""
        return self.instances * self.trials_at_once

    @property
    def total_gpus(self) -> int:
        """Accelerators of all trials that run side by side. [1]"""
        return self.gpus * self.trials_at_once


class LimitKept(Value):
    """A limit against the plan."""

    name: LimitName
    job: str | None
    """The job it belongs to; None: all jobs together."""
    unit: UnitName
    value: float
    at_confidence: float
    slack: float
    """Room left, positive when the limit is kept, in the limit's unit."""
    binds: bool
    """True where no better plan exists unless this limit is moved."""
    chance: float
    """Probability that this limit alone holds. [0..1]"""


class Move(Value):
    """A change of one limit or switch and what it brings."""

    limit: str
    """Name of the limit (`LimitName`) or switch (spot, providers, methods …)."""
    job: str | None
    value: float | None
    """The limit's new value in its unit; None for switches."""
    change: float | None
    """New minus old value; None for switches."""
    text: str
    """The change and its effect in words."""
    keys: tuple[str, ...]
    """The candidates that the changed question would choose, one a job; `LEFT_OUT` for none."""
    hours: float | None
    usd: float | None
    accuracy: float | None
    starts: tuple[float, ...] = ()
    """When each job begins; empty where all begin at once. [h]"""


class Alternative(Value):
    """Another plan worth a look."""

    keys: tuple[str, ...]
    """One candidate a job; `LEFT_OUT` for none."""
    why: str
    """How it differs, in words."""
    hours: float
    usd: float
    accuracy: float | None
    """At the enforced quantile; hours until the last job ends, accuracy the lowest."""
    starts: tuple[float, ...] = ()
    """When each job begins; empty where all begin at once. [h]"""


class LeftOut(Value):
    """An optional job that the plan does without."""

    name: str
    value_usd: float
    why: str


class Bought(Value):
    """Machines of a commitment that the plan pays for, used or not."""

    name: str
    machines: int
    usd: float
    """All of them for their whole time. [USD]"""


class Counts(Value):
    """How many candidates there were at each step."""

    combinations: int
    """Rows of the product of the catalogue that were looked at."""
    candidates: int
    """Those that fit and can run."""
    feasible: int
    """Those that keep every limit of their job on their own."""
    reduced: int
    """Columns of the program after exact reduction."""
    excluded: dict[str, int]
    """Combinations left out, by reason."""


class SolverReport(Value):
    """What the solver did."""

    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    columns: int
    rows: int
    solves: int
    coefficients: Coefficients | None = None


class Provenance(Value):
    """What the answer depends on besides the question."""

    app: str
    catalog_revision: str
    catalog_sha256: str
    constants: dict[str, str]
    """Date of each set of fitted constants."""
    versions: dict[str, str]
    seed: int


class PilotAdvice(Value):
    """Measurements that would make the unknown known."""

    job: str
    reason: str
    model: str
    examples: tuple[int, ...]
    usd: float | None
    """What the pilots cost on the cheapest suitable candidate. [USD]"""
    text: str


class Region(Value):
    """A thinned cloud of candidates at the enforced quantile, for charts (one job)."""

    hours: tuple[float, ...]
    usd: tuple[float, ...]
    accuracy: tuple[float | None, ...]
    state: tuple[Literal["feasible", "near-miss", "excluded"], ...]
    """near-miss: exactly one limit is missed."""
    frontier: tuple[int, ...]
    """Positions of the feasible points that no other beats in both hours and dollars, by hours."""


class Facts(Value):
    """Every fact and factor the plans rest on, as the catalogue held them."""

    catalog: dict[str, list[dict[str, Any]]]
    """Rows by table."""
    constants: dict[str, Any]
    """Fitted constants by set."""


class _Answer(Value):
    format: Literal["trilemma-answer"] = "trilemma-answer"
    version: Literal[2] = ANSWER_VERSION
    question: Question
    asked_at: str
    """ISO 8601 time at which deadlines given as dates were turned into hours."""
    provenance: Provenance
    counts: Counts
    region: Region | None = None
    """None for questions of several jobs."""
    facts: Facts
    digest: str = ""
    """SHA-256 over everything else: an edited file is recognised."""


class Solved(_Answer):
    """A proven plan."""

    outcome: Literal["solved"] = "solved"
    jobs: tuple[PlannedJob, ...]
    total_usd: Spread
    total_hours: Spread
    limits: tuple[LimitKept, ...]
    joint_chance: float
    """Simulated chance that all limits hold together. [0..1]"""
    margin_quantile: float
    """The one quantile at which every uncertain limit is enforced. [0..1]"""
    why: str
    """The plan in a sentence."""
    worth: tuple[Move, ...]
    """What moving each limit would buy."""
    alternatives: tuple[Alternative, ...]
    ties: tuple[str, ...]
    """Candidates that are equally good; the tie was broken by key."""
    left_out: tuple[LeftOut, ...] = ()
    bought: tuple[Bought, ...] = ()
    solver: SolverReport
    simulation: Simulation | None = None
    """Where it was asked for."""


class Impossible(_Answer):
    """No plan keeps every limit."""

    outcome: Literal["impossible"] = "impossible"
    margin_quantile: float
    """The quantile at which every uncertain limit was enforced. [0..1]"""
    conflict: tuple[str, ...]
    """An irreducible set of limits that cannot hold together."""
    conflict_switches: tuple[str, ...] = ()
    """Switches without any of which those limits could hold together."""
    why: str
    relaxations: tuple[Move, ...]
    """Smallest single change of each limit and switch that makes a plan possible."""
    mix: Mix | None = None
    """The smallest change of several limits at once, firm limits last; None: one alone is as good,
    or nothing helps."""
    nearest: tuple[Alternative, ...]
    solver: SolverReport


class Unknown(_Answer):
    """A limit is set on something that cannot be predicted."""

    outcome: Literal["unknown"] = "unknown"
    margin_quantile: float
    """The quantile of the figures in the ranking. [0..1]"""
    why: str
    pilots: tuple[PilotAdvice, ...]
    ranking: tuple[Alternative, ...]
    """Candidates that keep the other limits, cheapest first: no promise of accuracy."""


class Stopped(_Answer):
    """Stopped before the proof was complete; perhaps with a plan."""

    outcome: Literal["stopped"] = "stopped"
    why: str
    jobs: tuple[PlannedJob, ...]
    """Best so far, verified; empty where none was found."""
    left_out: tuple[LeftOut, ...] = ()
    bought: tuple[Bought, ...] = ()
    limits: tuple[LimitKept, ...]
    joint_chance: float | None
    margin_quantile: float
    solver: SolverReport
    simulation: Simulation | None = None
    """Where it was asked for."""


class Failed(_Answer):
    """Something that should not happen; the question is kept."""

    outcome: Literal["failed"] = "failed"
    why: str


Answer = Solved | Impossible | Unknown | Stopped | Failed

ANSWER: TypeAdapter[Answer] = TypeAdapter(
    Annotated[Solved | Impossible | Unknown | Stopped | Failed, Field(discriminator="outcome")],
    config=ConfigDict(defer_build=True),
)
"""Validates and serialises answers of every kind."""
