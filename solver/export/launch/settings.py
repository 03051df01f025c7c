"""Everything that a launch file pins, read off one job of an answer."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from catalog.units import SECONDS_PER_HOUR
from solver.export.fact_rows import alias, row
from solver.export.launch.recipes import Recipe, Work, recipe_for
from solver.export.launch.text import slug

if TYPE_CHECKING:
    from solver.plan import Facts, Layout, PlannedJob, Solved, Stopped
    from solver.question import Job

LABEL_FAMILIES = ("classification", "pair-classification", "regression")

LOW_RANK = ("lora", "dora", "qlora")

UPDATES_ALL = ("full", "from-scratch", "continued-pretraining", "distillation")

SERVED_BYTES = 2.0
"""Of a weight that is not trained, and of one that is served. [byte]"""

TRAINED_BYTES = 18.0
"""Of a trained weight in a checkpoint: fp32 weight and two moments, and a copy to serve. [byte]"""

IMAGE_GIGABYTES = 40.0
"""Software and data beside the checkpoints; assumed. [GB]"""

CHECKPOINTS_KEPT = 2


@dataclass(frozen=True, slots=True)
class Earlier:
    """A job that another one goes on from."""

    planned: PlannedJob
    position: int
    weights: str
    """Where its finished model lies, seen from the other's folder."""

    @property
    def folder(self) -> str:
        """Its folder among those of all jobs."""
        return folder_name(self.position, self.planned.name)


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a run that has one shape: the whole run, or a phase of a published recipe."""

    number: int
    """From 1."""
    layout: Layout
    last_step: int
    """The optimiser step of the whole run after which it ends. [1]"""


@dataclass(frozen=True, slots=True)
class Settings:
    """One run, pinned."""

    planned: PlannedJob
    asked: Job
    """What the question says of this job."""
    position: int
    """Of the job in its answer, from 1."""
    hub_id: str
    """Where the base model's weights are found; empty where the catalogue knows none."""
    starts_from: Earlier | None
    """The job whose finished model it trains on; None: the base model."""
    feeds_others: bool
    """True where another job trains on what comes out."""
    vendor: str
    """Of the accelerator: nvidia, amd, google, …; empty where unknown."""
    generation: str
    """The accelerator's architecture as the catalogue names it; empty where unknown."""
    family: str
    """Of the task; empty where neither question nor embedded facts say."""
    architecture: str
    """encoder, decoder or encoder-decoder; empty where unknown."""
    recipe: Recipe | None
    learning_rate: float
    """At its peak; 0 without a recipe. [1]"""
    steps: int
    """Optimiser steps of one trial. [1]"""
    stages: tuple[Stage, ...]
    """Phases in their order; one where the run has one shape."""
    stage: Stage | None
    """The phase that is meant; None: the run as a whole."""
    warmup_steps: int
    checkpoint_hours: float | None
    """Between two checkpoints on interruptible machines; None: once a pass. [h]"""
    checkpoint_steps: int | None
    """The same in optimiser steps. [1]"""

    @property
    def folder(self) -> str:
        """Its folder among those of several jobs, and its name for clusters."""
        return folder_name(self.position, self.planned.name)

    @property
    def base(self) -> str:
        """Where the weights lie that it starts from; jobs share a folder."""
        return self.hub_id if self.starts_from is None else self.starts_from.weights

    def starting_at(self, weights: str) -> Settings:
        """The same where the finished model of an earlier job lies elsewhere."""
        if self.starts_from is None:
            return self
        return replace(self, starts_from=replace(self.starts_from, weights=weights))

    def phases(self) -> tuple[Settings, ...]:
        """The run, or each phase of several with its own shape and checkpoints."""
        if len(self.stages) == 1:
            return (self,)
        return tuple(self._phase(stage) for stage in self.stages)

    def _phase(self, stage: Stage) -> Settings:
        planned = self.planned.model_copy(update={"layout": stage.layout})
        hours = self.checkpoint_hours
        steps = None if hours is None else _steps_in(hours, planned)
        return replace(self, planned=planned, stage=stage, checkpoint_steps=steps)

    @property
    def suffix(self) -> str:
        """What the names of a phase's files end with; empty for a whole run."""
        return "" if self.stage is None else f"-{self.stage.number}"

    @property
    def work(self) -> Work:
        """What the run learns."""
        return _work(self.family, self.architecture)

    @property
    def is_packed(self) -> bool:
        """True where a stream of text fills every sequence, without padding."""
        return self.asked.tokens is not None or bool(self.asked.phases)

    @property
    def disk_gb(self) -> int:
        """Disk of one machine for software, weights and checkpoints. [GB, decimal]"""
        trained = self.planned.method in UPDATES_ALL
        held = self.planned.parameters * (TRAINED_BYTES if trained else SERVED_BYTES) / 1e9
        whole = self.planned.parameters * SERVED_BYTES / 1e9
        return math.ceil(IMAGE_GIGABYTES + whole + CHECKPOINTS_KEPT * held)


def settings_of(answer: Solved | Stopped) -> tuple[Settings, ...]:
    """The settings of every job of an answer, in its order."""
    asked = {job.name: job for job in answer.question.jobs}
    earlier = {
        planned.name: Earlier(planned, position, f"../{folder_name(position, planned.name)}/output")
        for position, planned in enumerate(answer.jobs, start=1)
    }
    fed = {asked[job.name].starts_from for job in answer.jobs}
    return tuple(
        _settings(
            planned,
            asked[planned.name],
            answer.facts,
            position,
            earlier.get(asked[planned.name].starts_from or ""),
            feeds_others=planned.name in fed,
        )
        for position, planned in enumerate(answer.jobs, start=1)
    )


def folder_name(position: int, name: str) -> str:
    """A job's folder among those of several jobs."""
    return f"{position:02d}-{slug(name)}"


def _settings(
    planned: PlannedJob,
    asked: Job,
    facts: Facts,
    position: int,
    starts_from: Earlier | None,
    *,
    feeds_others: bool,
) -> Settings:
    model = row(facts, "models", "name", planned.model)
    part = row(facts, "accelerators", "id", planned.offer.accelerator)
    family = _family(asked, facts)
    architecture = str(model.get("architecture", ""))
    recipe = recipe_for(planned.method, _work(family, architecture), planned.parameters)
    stages = _stages(planned, asked)
    steps = stages[-1].last_step
    hours = _checkpoint_hours(planned, facts)
    rate = 0.0
    if recipe is not None:
        rate = recipe.rate(_beside_vocabulary(planned, model), max(planned.tokens, 1.0))
    return Settings(
        planned=planned,
        asked=asked,
        position=position,
        hub_id=str(model.get("hub_id", "")),
        starts_from=starts_from,
        feeds_others=feeds_others,
        vendor=str(part.get("vendor", "")),
        generation=str(part.get("architecture", "")),
        family=family,
        architecture=architecture,
        recipe=recipe,
        learning_rate=rate,
        steps=steps,
        stages=stages,
        stage=None,
        warmup_steps=0 if recipe is None else round(recipe.warmup_ratio * steps),
        checkpoint_hours=hours,
        checkpoint_steps=None if hours is None else _steps_in(hours, planned),
    )


def _work(family: str, architecture: str) -> Work:
    if family in LABEL_FAMILIES:
        return "labels"
    encoders: dict[str, Work] = {"language-modelling": "masked", "qa": "spans"}
    return encoders.get(family, "text") if architecture == "encoder" else "text"


def _steps_in(hours: float, planned: PlannedJob) -> int:
    """Optimiser steps in a time. [1], at least 1"""
    layout = planned.layout
    tokens = hours * planned.tokens_per_s.median * SECONDS_PER_HOUR
    return max(1, round(tokens / (layout.batch_sequences * layout.sequence)))


def _stages(planned: PlannedJob, asked: Job) -> tuple[Stage, ...]:
    """The phases of a run, each with the layout that the plan gives it.

    A plan names the layout of the longest sequences first and the others after it in their order.
    """
    if not asked.phases or len(asked.phases) != 1 + len(planned.other_phases):
        per_step = planned.layout.batch_sequences * planned.layout.sequence
        return (Stage(1, planned.layout, max(1, math.ceil(planned.tokens / per_step))),)
    longest = max(range(len(asked.phases)), key=lambda i: asked.phases[i].sequence)
    layouts = list(planned.other_phases)
    layouts.insert(longest, planned.layout)
    ends = itertools.accumulate(phase.steps for phase in asked.phases)
    return tuple(
        Stage(number, layout, end)
        for number, (layout, end) in enumerate(zip(layouts, ends, strict=True), start=1)
    )


def _checkpoint_hours(planned: PlannedJob, facts: Facts) -> float | None:
    """The interval that loses the least to interruptions, δ = √(2KU). [h]

    Source:
        young1974, with the K (writing a checkpoint) and U (mean unbroken spell) that the plan's
        hours were reckoned with.
    """
    if planned.offer.pricing != "spot":
        return None
    assumed: dict[str, Any] = facts.constants.get("assumptions", {})
    spell = "spot_gang_spell_hours" if planned.instances > 1 else "spot_spell_hours"
    if "checkpoint_hours" not in assumed or spell not in assumed:
        return 1.0
    return math.sqrt(2.0 * float(assumed["checkpoint_hours"]) * float(assumed[spell]))


def _beside_vocabulary(planned: PlannedJob, model: dict[str, Any]) -> float:
    """Parameters without those of the embeddings. [1], at least 1"""
    tables = 1 if model.get("tied_embeddings", True) else 2
    embedded = tables * float(model.get("vocabulary", 0)) * float(model.get("hidden", 0))
    return max(planned.parameters - embedded, 1.0)


def _family(asked: Job, facts: Facts) -> str:
    if asked.family is not None:
        return asked.family.value
    for key in (asked.task or "", alias(facts, "tasks", asked.task or "")):
        found = row(facts, "tasks", "id", key)
        if found:
            return str(found.get("family", ""))
    return "" if asked.task else "language-modelling"
