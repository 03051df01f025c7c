"""The question a person asks: jobs, limits, machines and an aim; frozen, validated as a whole."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from solver.question_parts import (
    MAX_HOURS,
    PLAIN,
    Aim,
    Busy,
    Commitment,
    Count,
    Entry,
    Hold,
    Hours,
    LimitKind,
    Limits,
    Name,
    OwnedMachines,
    Quota,
    Ratio,
    Tokens,
    Usd,
)

__all__ = [
    "MAX_HOURS",
    "QUESTION_VERSION",
    "SIXTEEN_BITS",
    "Aim",
    "Busy",
    "Commitment",
    "Entry",
    "Hold",
    "Job",
    "LimitKind",
    "Limits",
    "ModelChoice",
    "OwnScore",
    "OwnedMachines",
    "Phase",
    "Pilot",
    "Published",
    "Question",
    "Quota",
    "Running",
    "Serving",
    "TaskFamily",
    "question_schema",
]

QUESTION_VERSION: Literal[2] = 2
"""Of the form of question files; 2 has chains, calendars, quotas and optional jobs."""

WINDOW_MARK = "~"
"""In keys of candidates, between the number of spot machines and how long they are used."""

SIXTEEN_BITS = "fp16"
"""The format in which a finished model is handed over unless a job asks for others."""


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
    done: Ratio
    """Share of its work that is done; 1: it has ended, and nothing more is to be paid."""
    pace: Annotated[float, PLAIN, Field(ge=0.02, le=50)] = 1.0
    """Hours that the work done has taken, relative to those predicted. [1]"""


class Software(StrEnum):
    """Training software whose speed and memory differ by more than the hardware tells."""

    HF_TRAINER = "hf-trainer"
    PYTORCH_FSDP = "pytorch-fsdp"
    MEGATRON = "megatron"
    MLPERF = "mlperf"
    JAX = "jax"


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
    software: Software | None = None
    """What trains; None: Hugging Face's trainer for fine-tuning, PyTorch's FSDP for pre-training,
    Megatron where layers are split, JAX on TPUs."""
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
