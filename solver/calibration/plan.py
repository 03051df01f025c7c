"""The configuration that a plan's job runs with, for logs that do not say what was trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from pydantic import ValidationError

from catalog.problems import CatalogError, Problem, ProblemsError
from solver.calibration.runs import MeasuredRun, columns_of
from solver.candidates import candidates
from solver.outcome.facts import catalog_in, constants_in
from solver.outcome.planned import CHECKPOINTINGS, SHARDINGS
from solver.plan import Solved, Stopped
from solver.space.layouts import software_of

if TYPE_CHECKING:
    from datetime import date

    from solver.calibration.logs import Observed
    from solver.estimate.configurations import Configurations
    from solver.plan import Answer, PlannedJob

SHARDING_CODES = {name: int(code) for code, name in SHARDINGS.items()}
CHECKPOINTING_CODES = {name: int(code) for code, name in CHECKPOINTINGS.items()}


class PlanError(ProblemsError):
    """A plan does not say what was trained."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a job of a plan trains, as the estimates see it."""

    configuration: Configurations
    tokens_per_step: float
    """Of all accelerators. [token]"""
    used_ratio: float
    """Share of the sequences of all replicas that a step uses: the last micro-step may idle."""
    planned: PlannedJob
    """The job as the answer tells it."""

    def on(self, gpus: int, where: str) -> RunPlan:
        """The same micro-batches in as many replicas as some accelerators hold.

        Args:
            gpus: accelerators. [1]
            where: name of the answer's file, for messages.

        Raises:
            PlanError: they hold no whole number of replicas.
        """
        c, layout = self.configuration, self.planned.layout
        each = int((c.tensor_parallel * c.pipeline_parallel * c.context_parallel)[0])
        if gpus < each or gpus % each:
            what = f"{gpus} accelerators do not hold whole replicas of {each}"
            _refuse(where, what, f"Give a multiple of {each}.")
        tokens = gpus // each * layout.micro_batch * layout.accumulation * layout.sequence
        fewer = c.replace(gpus=np.array([float(gpus)]))
        return replace(self, configuration=fewer, tokens_per_step=float(tokens), used_ratio=1.0)

    def run(self, name: str, seen: Observed, today: date) -> MeasuredRun:
        """What was seen of the job as a measured run."""
        gpus = float(self.configuration.gpus[0])
        rates = (
            seen.tokens_per_s,
            None if seen.tokens_per_s_per_gpu is None else seen.tokens_per_s_per_gpu * gpus,
            None if seen.steps_per_s is None else seen.steps_per_s * self.tokens_per_step,
        )
        rate = next((rate for rate in rates if rate is not None), None)
        return MeasuredRun(
            name=name,
            read_on=today,
            configuration=columns_of(self.configuration),
            mean_sequence=float(self.configuration.sequence[0]),
            tokens_per_s=None if rate is None else rate / self.used_ratio,
            peak_bytes=seen.peak_bytes,
            memory_measure=seen.memory_measure,
        )


def run_plan(
    answer: Answer,
    job: str | None,
    where: str,
    tokens_per_step: float | None = None,
    gpus: int | None = None,
) -> RunPlan:
    """What a job of an answer trains, rebuilt from the facts that the answer embeds.

    Args:
        answer: with a plan.
        job: name of the job; None where the plan has but one.
        where: name of the answer's file, for messages.
        tokens_per_step: what the run really computed in a step, where not as planned. [token]
        gpus: accelerators of the run, where not as planned: with fewer replicas of the same
            micro-batches. [1]

    Raises:
        PlanError: there is no such job, or its phases differ, or the facts are broken, or its
            layout does not go with so many accelerators.
    """
    if not isinstance(answer, Solved | Stopped) or not answer.jobs:
        _refuse(where, "it holds no plan", "Give an answer that `trilemma plan --json` solved.")
    told = _job(answer, job, where)
    if told.other_phases:
        _refuse(
            where,
            f"{told.name} has phases of several lengths, and a log does not say which it shows",
            "Give the run as a row of a CSV file in the contract of measured runs.",
        )
    configuration = _configuration(answer, told, where)
    layout = told.layout
    full = layout.data_parallel * layout.micro_batch * layout.accumulation
    made = RunPlan(
        configuration,
        float(layout.batch_sequences * layout.sequence),
        layout.batch_sequences / full,
        told,
    )
    if gpus is not None and gpus != told.gpus:
        made = made.on(gpus, where)
    return made if tokens_per_step is None else replace(made, tokens_per_step=tokens_per_step)


def _job(answer: Solved | Stopped, name: str | None, where: str) -> PlannedJob:
    names = [told.name for told in answer.jobs]
    if name is None and len(names) > 1:
        _refuse(where, f"it plans several jobs: {', '.join(names)}", "Say which with --job NAME.")
    if name is not None and name not in names:
        _refuse(where, f"it plans no job {name!r}", f"Its jobs are {', '.join(names)}.")
    return answer.jobs[0 if name is None else names.index(name)]


def _configuration(answer: Solved | Stopped, told: PlannedJob, where: str) -> Configurations:
    job = next(job for job in answer.question.jobs if job.name == told.name)
    moment = datetime.fromisoformat(answer.asked_at)
    try:
        catalog, constants = catalog_in(answer.facts), constants_in(answer.facts)
        made = candidates(job, answer.question, catalog, constants, moment.date(), keep_beaten=True)
    except (CatalogError, ValidationError, ValueError, KeyError) as error:
        what = "its facts cannot be used: it was edited, or written by another release"
        problem = Problem(where, what, "Plan the question again.")
        raise PlanError("The plan cannot be used", [problem]) from error
    position = made.find(told.key)
    if position is None:
        _refuse(where, f"{told.key} does not follow from its facts", "Plan the question again.")
    row = made.row[[position]]
    base = made.bench.configurations(
        made.physics.model[row],
        made.physics.variant[row],
        made.physics.slot[row],
        made.bench.phases[0],
    )
    layout = told.layout
    return base.replace(
        tensor_parallel=np.array([float(layout.tensor_parallel)]),
        pipeline_parallel=np.array([float(layout.pipeline_parallel)]),
        sharding=np.array([SHARDING_CODES[layout.sharding]]),
        checkpointing=np.array([CHECKPOINTING_CODES[layout.checkpointing]]),
        micro_batch=np.array([float(layout.micro_batch)]),
        accumulation=np.array([float(layout.accumulation)]),
        stack=software_of(
            base,
            layout.tensor_parallel * layout.pipeline_parallel,
            keep=job.software is not None,
        ),
    )


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    raise PlanError("The plan cannot be used", [Problem(where, what, remedy)])
