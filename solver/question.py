"""The question a person asks: jobs, limits, machines and an aim; frozen, validated as a whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

QUESTION_VERSION: Literal[2] = 2
"""Of the form of question files; 2 has chains, calendars, quotas and optional jobs."""

SIXTEEN_BITS = "fp16"
"""The format in which a finished model is handed over unless a job asks for others."""

MAX_HOURS = 24 * 365 * 5
"""Longer deadlines than five years are typing errors. [h]"""


def _plain_number(value: object) -> object:
    """Refuses true and "20", which would pass for 1 and 20: both are slips of the pen."""
    if isinstance(value, bool | str):
        raise PydanticCustomError("number_wanted", "Write a number, without quotes")
    return value


PLAIN = BeforeValidator(_plain_number)

Hours = Annotated[float, PLAIN, Field(gt=0, le=MAX_HOURS)]
Usd = Annotated[float, PLAIN, Field(ge=0, le=1e11)]
Ratio = Annotated[float, PLAIN, Field(ge=0, le=1)]
Tokens = Annotated[float, PLAIN, Field(gt=0, le=1e15)]
Count = Annotated[int, PLAIN, Field(ge=1, le=10**12)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Entry(BaseModel):
    """A part of a question: immutable, unknown keys refused, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - any field may change
        """The same entry with some fields exchanged, validated as a whole.

        Raises:
            pydantic.ValidationError: the changed entry is not valid.
        """
        return type(self).model_validate({**self.model_dump(), **changes})


class Aim(StrEnum):
    """What is best among the plans that keep every limit."""

    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    MOST_ACCURATE = "most-accurate"
    BALANCED = "balanced"


class TaskFamily(StrEnum):
    """Kinds of task; they choose the metric, the chance level and the quality tables."""

    CLASSIFICATION = "classification"
    PAIR_CLASSIFICATION = "pair-classification"
    REGRESSION = "regression"
    QUESTION_ANSWERING = "qa"
    GENERATION = "generation"
    KNOWLEDGE = "knowledge"
    MATHS = "maths"
    CODE = "code"
    CHAT = "chat"
    LANGUAGE_MODELLING = "language-modelling"


class Pilot(Entry):
    """A small run already measured: so many examples gave this score."""

    examples: Count
    score: Ratio
    model: Name | None = None
    """Base model of the pilot; the job must then know it. None: stated nowhere."""
    method: Name = "full"
    epochs: Annotated[int, PLAIN, Field(ge=1, le=1000)] = 3
    evaluated_on: Count = 1000
    """Examples in the evaluation set: fewer make a noisier pilot. [1]"""


class OwnScore(Entry):
    """A score of the user's own: a model on this task with all its data."""

    model: Name
    score: Ratio
    method: Name = "full"
    evaluated_on: Count = 1000


class ModelChoice(Entry):
    """Which base models may be chosen; empty lists allow everything."""

    names: tuple[Name, ...] = ()
    families: tuple[Name, ...] = ()
    licences: tuple[Name, ...] = ()
    min_parameters: Annotated[float, PLAIN, Field(ge=0, le=1e14)] = 0
    max_parameters: Annotated[float, PLAIN, Field(gt=0, le=1e14)] = 1e14
    open_weights_only: bool = True

    @model_validator(mode="after")
    def _sizes_in_order(self) -> Self:
        if self.min_parameters > self.max_parameters:
            raise ValueError(
                f"min_parameters {self.min_parameters:g} exceeds "
                f"max_parameters {self.max_parameters:g}: no model can be allowed"
            )
        return self


class Phase(Entry):
    """A part of a published recipe: so many optimiser steps of one shape."""

    steps: Count
    batch_sequences: Count
    sequence: Annotated[int, PLAIN, Field(ge=8, le=10**7)]


class Published(Entry):
    """What a source says such a run took: shown beside the prediction, never used for it."""

    hours: Hours
    source: Annotated[str, Field(min_length=1, max_length=500)]


class Serving(Entry):
    """How much the finished model will be asked, and for how long."""

    tokens_per_month: Tokens
    months: Annotated[float, PLAIN, Field(gt=0, le=120)]


class Running(Entry):
    """A run that has begun: what of its work is done, and how fast it has been."""

    key: Name
    """The candidate that runs, as plans print it."""
    done: Annotated[float, PLAIN, Field(ge=0, lt=1)]
    """Share of its work that is done. [0..1)"""
    pace: Annotated[float, PLAIN, Field(ge=0.02, le=50)] = 1.0
    """Hours that the work done has taken, relative to those predicted. [1]"""


class Job(Entry):
    """One training run to plan.

    The work is stated by `examples` and `tokens_per_example`, by `tokens`, or by the `phases` of a
    published recipe.
    """

    name: Name = "job"
    task: Name | None = None
    """A task of the catalogue, or the user's own name for a new one."""
    family: TaskFamily | None = None
    """Needed where the catalogue does not know the task."""
    classes: Annotated[int, PLAIN, Field(ge=2, le=10**6)] | None = None
    """Classes of a classification: chance is 1 / classes."""
    examples: Count | None = None
    tokens_per_example: Annotated[float, PLAIN, Field(gt=0, le=1e8)] | None = None
    tokens: Tokens | None = None
    phases: tuple[Phase, ...] = ()
    sequence: Annotated[int, PLAIN, Field(ge=8, le=10**7)] | None = None
    """Tokens of one training sequence; default: the examples' length, or 2,048 when packed."""
    batch_sequences: Count | None = None
    """Sequences of one optimiser step; default by family, in `docs/estimates.md`."""
    epochs: tuple[Annotated[int, PLAIN, Field(ge=1, le=1000)], ...] = (1, 2, 3)
    """Passes over the data that may be chosen."""
    models: ModelChoice = ModelChoice()
    methods: tuple[Name, ...] = ()
    """Methods that may be chosen; empty: all that suit the task."""
    ranks: tuple[Annotated[int, PLAIN, Field(ge=1, le=4096)], ...] = ()
    """Ranks of low-rank methods; empty: the catalogue's."""
    precisions: tuple[Name, ...] = ()
    """Training precisions that may be chosen; empty: all but fp32 where faster ones exist."""
    teacher: Name | None = None
    """Model whose outputs a student learns; without one, distillation is no candidate."""
    trials: Annotated[int, PLAIN, Field(ge=1, le=10_000)] = 1
    """Hyper-parameter trials: the whole run is repeated so often."""
    after: tuple[Name, ...] = ()
    """Jobs that must have ended before this one begins, e.g. the training of its teacher."""
    starts_from: Name | None = None
    """The job whose finished model this one trains on: both use the same base model."""
    running: Running | None = None
    """The job has begun: candidates with its model, method and passes go on where it is."""
    value_usd: Usd | None = None
    """What the job is worth: it may be left out where it would cost more, or nothing fits. None:
    it must be done. [USD]"""
    pilots: tuple[Pilot, ...] = ()
    own_scores: tuple[OwnScore, ...] = ()
    min_accuracy: Ratio | None = None
    deadline_hours: Hours | None = None
    """A deadline of this job alone, earlier than the question's."""
    max_deployed_gb: Annotated[float, PLAIN, Field(gt=0, le=1e6)] | None = None
    """Size of the weights at inference. [GB, decimal]"""
    formats: tuple[Name, ...] = ()
    """Number formats in which the finished model may be handed over; empty: 16 bits."""
    deploy_on: Name | None = None
    """Accelerator that will run the finished model, alone."""
    max_latency_ms: Annotated[float, PLAIN, Field(gt=0, le=1e9)] | None = None
    """Longest time there for one generated token, or for one sequence of an encoder. [ms]"""
    serving: Serving | None = None
    published: Published | None = None

    @model_validator(mode="after")
    def _work_is_stated_once(self) -> Self:
        ways = [
            self.examples is not None and self.tokens_per_example is not None,
            self.tokens is not None,
            bool(self.phases),
        ]
        if sum(ways) != 1:
            raise ValueError(
                "state the work once: examples with tokens_per_example, or tokens, or phases"
            )
        if self.max_latency_ms is not None and self.deploy_on is None:
            raise ValueError("max_latency_ms needs deploy_on: name the accelerator that runs it")
        if not self.epochs:
            raise ValueError("epochs is empty: allow at least one number of passes, e.g. [1, 2, 3]")
        if self.task is None and self.family is None:
            raise ValueError("name a task of the catalogue, or give a family for a new one")
        return self

    @property
    def earlier(self) -> tuple[Name, ...]:
        """Every job that must have ended before this one begins."""
        return tuple(dict.fromkeys((*self.after, *filter(None, (self.starts_from,)))))


class Busy(Entry):
    """A time in which machines serve someone else, in hours from the start of the work."""

    from_hours: Annotated[float, PLAIN, Field(ge=0, le=MAX_HOURS)]
    to_hours: Hours

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to_hours <= self.from_hours:
            raise ValueError(
                f"busy from {self.from_hours:g} h to {self.to_hours:g} h has no length: "
                "let to_hours be the later one"
            )
        return self


class OwnedMachines(Entry):
    """Machines the user has: a pool of equal ones."""

    name: Name
    accelerator: Name
    gpus_per_machine: Annotated[int, PLAIN, Field(ge=1, le=10_000)]
    machines: Annotated[int, PLAIN, Field(ge=1, le=100_000)] = 1
    link: str = ""
    """What joins the accelerators of one machine; empty: the accelerator's own link."""
    network_gbit_per_s: Annotated[float, PLAIN, Field(gt=0, le=1e6)] | None = None
    """Network of one machine; without it only one machine is used at a time. [Gbit/s]"""
    usd_per_hour: Usd = 0.0
    """The user's own rate for one machine, power and wear. [USD/h]"""
    region: str = ""
    """Place whose grid feeds them, for CO2."""
    busy: tuple[Busy, ...] = ()
    """When none of them is free."""


class Commitment(OwnedMachines):
    """Machines that can be bought whole for a fixed time, e.g. a capacity block.

    `machines` is the most that can be had; each one that is used at any time is paid once.
    """

    usd_each: Usd
    """One machine for the whole time. [USD]"""
    from_hours: Annotated[float, PLAIN, Field(ge=0, le=MAX_HOURS)] = 0
    to_hours: Hours


class Quota(Entry):
    """How many GPUs of a kind may be rented at once."""

    gpus: Annotated[int, PLAIN, Field(ge=0, le=1_000_000)]
    provider: Name | None = None
    """None: all providers together."""
    accelerator: Name | None = None
    """None: all accelerators together."""
    spot: bool | None = None
    """True: only spot machines count; False: only the others; None: all."""


LimitKind = Literal[
    "deadline", "budget", "min_accuracy", "co2", "max_gpus", "max_deployed", "max_latency"
]


class Limits(Entry):
    """What a plan must keep, all jobs together."""

    deadline_hours: Hours | None = None
    deadline: datetime | None = None
    """A date and time with its zone instead of hours; needs `start`."""
    start: datetime | None = None
    """When work can begin; default: when the question is asked."""
    budget_usd: Usd | None = None
    confidence: Annotated[float, PLAIN, Field(ge=0.5, le=0.95)] = 0.9
    """Chance that all uncertain limits hold together."""
    max_gpus: Annotated[int, PLAIN, Field(ge=1, le=1_000_000)] | None = None
    """In use at any one time."""
    quotas: tuple[Quota, ...] = ()
    providers: tuple[Name, ...] = ()
    regions: tuple[Name, ...] = ()
    accelerators: tuple[Name, ...] = ()
    spot: bool = False
    rent: bool = True
    """False: only the owned machines may be used."""
    include_marked_prices: bool = False
    """Also offers whose price is marked as doubtful."""
    firm: tuple[LimitKind, ...] = ()
    """Limits that give way last where nothing fits, those of single jobs too."""
    soft: tuple[LimitKind, ...] = ()
    """Limits that give way first."""
    co2_kg: Annotated[float, PLAIN, Field(ge=0, le=1e12)] | None = None

    @model_validator(mode="after")
    def _firm_or_soft(self) -> Self:
        both = sorted(set(self.firm) & set(self.soft))
        if both:
            raise ValueError(f"{', '.join(both)} cannot be firm and soft: name each once")
        return self

    @model_validator(mode="after")
    def _deadline_is_stated_once(self) -> Self:
        if self.deadline is not None:
            if self.deadline_hours is not None:
                raise ValueError("state the deadline once: deadline_hours or deadline")
            for label, moment in (("deadline", self.deadline), ("start", self.start)):
                if moment is not None and moment.tzinfo is None:
                    raise ValueError(f"{label} needs a time zone, e.g. 2026-12-24T18:00:00+01:00")
        return self

    def hours_until_deadline(self, now: datetime) -> float | None:
        """The deadline in hours from `start` (or `now`). [h]"""
        if self.deadline is None:
            return self.deadline_hours
        return (self.deadline - (self.start or now)) / timedelta(hours=1)


class Hold(Entry):
    """An aim that is kept near its best while the question's aim is pursued."""

    aim: Aim
    within: Ratio = 0.05
    """How much worse than its best it may be, relative to that. [ratio]"""

    @model_validator(mode="after")
    def _is_one_aim(self) -> Self:
        if self.aim is Aim.BALANCED:
            raise ValueError("balanced weighs three aims: hold cheapest, fastest or most-accurate")
        return self


class Question(Entry):
    """Everything a plan depends on, but for the catalogue."""

    format: Literal["trilemma-question"] = "trilemma-question"
    version: Literal[2] = QUESTION_VERSION
    title: Annotated[str, Field(max_length=200)] = ""
    aim: Aim = Aim.CHEAPEST
    second_aim: Aim | None = None
    """What breaks ties of the aim; None: dollars, hours and accuracy weighed together."""
    hold: Hold | None = None
    limits: Limits = Limits()
    jobs: Annotated[tuple[Job, ...], Field(min_length=1, max_length=200)]
    owned: tuple[OwnedMachines, ...] = ()
    commitments: tuple[Commitment, ...] = ()

    @property
    def pools(self) -> tuple[OwnedMachines, ...]:
        """Machines of the user's own, then those that can be bought for a fixed time."""
        return (*self.owned, *self.commitments)

    @model_validator(mode="after")
    def _aims_differ(self) -> Self:
        if self.second_aim is Aim.BALANCED:
            raise ValueError(
                "second_aim cannot be balanced: name cheapest, fastest or most-accurate"
            )
        if self.hold is not None and self.hold.aim is self.aim:
            raise ValueError(f"hold.aim is the aim itself, {self.aim.value}: hold another one")
        return self

    @model_validator(mode="after")
    def _names_differ_and_machines_exist(self) -> Self:
        for label, names in (
            ("jobs", [job.name for job in self.jobs]),
            ("owned and commitments", [pool.name for pool in self.pools]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{label} share the name {', '.join(twice)}: give each its own")
        if not self.limits.rent and not self.pools:
            raise ValueError("rent is false and no owned machines are given: nothing could train")
        return self

    @model_validator(mode="after")
    def _jobs_follow_each_other(self) -> Self:
        names = {job.name for job in self.jobs}
        for job in self.jobs:
            unknown = [name for name in job.earlier if name not in names]
            if unknown:
                raise ValueError(f"{job.name} waits for {', '.join(unknown)}, which is no job")
        done: set[Name] = set()
        left = list(self.jobs)
        while left:
            ready = [job for job in left if done.issuperset(job.earlier)]
            if not ready:
                circle = ", ".join(job.name for job in left)
                raise ValueError(f"{circle} wait for each other: none of them could begin")
            done.update(job.name for job in ready)
            left = [job for job in left if job.name not in done]
        return self


def question_schema() -> dict[str, Any]:
    """JSON Schema of question files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:trilemma:question:{QUESTION_VERSION}",
        **Question.model_json_schema(),
        "title": "Trilemma question",
    }
