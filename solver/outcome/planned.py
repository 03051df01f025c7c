"""A candidate in full: every figure of one job of a plan, recomputed for it alone."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from solver.calibration.estimates import calibrated_memory, calibrated_throughput
from solver.estimate.configurations import Checkpointing, Sharding
from solver.outcome.planned_parts import chosen, co2_at, cost_parts, energy, evidence, time_parts
from solver.plan import (
    Layout,
    MachineUsed,
    MemoryUse,
    PlannedJob,
    SpotWindow,
    Spread,
)
from solver.program import NOT_DONE
from solver.space.layouts import OPTIONS, laid_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.candidates import Candidates
    from solver.decide import Decision
    from solver.estimate.configurations import Configurations, FloatArray
    from solver.estimate.duration import Duration
    from solver.estimate.memory import Memory
    from solver.estimate.throughput import Throughput
    from solver.outcome.planned_parts import Chosen
    from solver.question import Question
    from solver.space.machines import Machine
    from solver.space.physics import Physics
    from solver.space.work import WorkPhase
    from solver.timetable import Timing

LOW, MEDIAN, HIGH = 0.1, 0.5, 0.9

SHARDINGS: dict[Sharding, Literal["none", "optimizer", "gradients", "weights"]] = {
    Sharding.NONE: "none",
    Sharding.OPTIMIZER: "optimizer",
    Sharding.GRADIENTS: "gradients",
    Sharding.WEIGHTS: "weights",
}

CHECKPOINTINGS: dict[Checkpointing, Literal["none", "selective", "full"]] = {
    Checkpointing.NONE: "none",
    Checkpointing.SELECTIVE: "selective",
    Checkpointing.FULL: "full",
}


@dataclass(frozen=True, slots=True)
class Laid:
    """One phase of one candidate, laid out."""

    phase: WorkPhase
    configuration: Configurations
    layout: Layout
    memory: Memory
    speed: Throughput
    tokens_per_s: float
    """Idle replicas counted. [token/s]"""


def planned_job(made: Candidates, position: int, quantile: float) -> PlannedJob:
    """Every figure of one candidate.

    Args:
        made: the candidates of the job.
        position: which of them.
        quantile: at which limits are enforced.
    """
    index = np.array([position])
    row = int(made.row[position])
    parts = chosen(made, position)
    phases = [_laid(made, row, phase) for phase in made.bench.phases]
    shown = max(phases, key=lambda laid: laid.phase.sequence)
    largest = max(phases, key=lambda laid: float(laid.memory.upper[0]))
    duration, billing = made.duration(index), made.billing(index)
    hours = spread(duration.at, quantile)
    usd = spread(lambda q: billing.usd_at(duration, q), quantile)
    drawn = energy(made, position)
    tokens = sum(phase.tokens for phase in made.bench.phases) * parts.epochs
    published = made.job.published
    model, variant = int(made.physics.model[row]), int(made.physics.variant[row])
    return PlannedJob(
        name=made.job.name,
        key=made.key(position),
        model=parts.model.name,
        parameters=parts.model.parameters,
        method=parts.variant.method.id,
        rank=parts.variant.rank,
        precision=parts.variant.precision.id,
        storage=parts.variant.storage,
        offer=machine_used(parts.rent.machine),
        spot_window=_spot_window(parts, duration),
        instances=parts.rent.instances,
        gpus=parts.rent.gpus,
        layout=shown.layout,
        other_phases=tuple(laid.layout for laid in phases if laid is not shown),
        epochs=parts.epochs,
        examples=None if made.job.examples is None else float(made.job.examples),
        tokens=tokens,
        trials=made.job.trials,
        trials_at_once=parts.rent.at_once,
        tokens_per_s=_speed(phases, quantile),
        hours=hours,
        usd=usd,
        accuracy=accuracy_spread(made, position, quantile),
        accuracy_note=made.accuracy.note(model, variant),
        failure_ratio=float(made.accuracy.failure_ratio[model, variant]),
        memory=_memory_use(largest),
        deployed_gb=float(made.deployed_gb[model, variant]),
        format=parts.variant.deployed,
        deploy_on=made.job.deploy_on or "",
        latency_ms=_latency_ms(made, model, variant),
        energy_kwh=drawn[0],
        co2_kg=drawn[1],
        co2_at_confidence_kg=co2_at(made, position, quantile),
        energy_note=drawn[2],
        cost=cost_parts(made, position),
        time=time_parts(made, position),
        evidence=evidence(made, position, largest.memory, largest.configuration),
        published_hours=None if published is None else published.hours,
        published_source="" if published is None else published.source,
    )


def _spot_window(parts: Chosen, duration: Duration) -> SpotWindow | None:
    """How long spot machines are used, and what takes over; None where nothing does."""
    if parts.rent.then is None or duration.fallback is None:
        return None
    return SpotWindow(
        hours=float(duration.fallback.window_hours[0]),
        then=machine_used(parts.rent.then),
        alone_hours=float(duration.work_hours[0]),
        chance=float(duration.overrun_chance()[0]),
    )


def placed(job: PlannedJob, timing: Timing, position: int, question: Question) -> PlannedJob:
    """The job with its place in the timetable.

    Args:
        job: as computed alone.
        timing: of the plan.
        position: of the job in the question.
        question: names the jobs.
    """
    waits = tuple(question.jobs[i].name for i in timing.waits[position])
    return job.model_copy(
        update={
            "start_hours": timing.starts[position],
            "end_hours": timing.ends[position],
            "not_before_hours": timing.not_before[position],
            "waits_for": waits,
        }
    )


def _latency_ms(made: Candidates, model: int, variant: int) -> float | None:
    took = float(made.latency_ms[model, variant])
    return took if made.job.deploy_on and np.isfinite(took) else None


def spread(at: Callable[[float], FloatArray], quantile: float) -> Spread:
    """A quantity whose larger values are the bad ones, as a distribution."""
    return Spread(
        median=float(at(MEDIAN)[0]),
        at_confidence=float(at(quantile)[0]),
        low80=float(at(LOW)[0]),
        high80=float(at(HIGH)[0]),
    )


def accuracy_spread(made: Candidates, position: int, quantile: float) -> Spread | None:
    """The accuracy of one candidate as a distribution; None where it is not predicted."""
    row = int(made.row[position])
    where = int(made.physics.model[row]), int(made.physics.variant[row]), int(made.epoch[position])
    if np.isnan(made.accuracy.median[where]):
        return None

    def reached(q: float) -> float:
        return float(made.accuracy.at(q)[where])

    return Spread(
        median=float(made.accuracy.median[where]),
        at_confidence=reached(quantile),
        low80=reached(HIGH),
        high80=reached(LOW),
    )


def machine_used(machine: Machine) -> MachineUsed:
    """The offer as the catalogue states it."""
    offer = machine.offer
    return MachineUsed(
        key=offer.key,
        provider=offer.provider,
        sku=offer.sku,
        region=offer.region,
        pricing=offer.pricing.value,
        accelerator=offer.accelerator,
        accelerator_name=machine.shape.accelerator.name,
        gpus_per_instance=offer.gpus_per_instance,
        usd_per_hour=offer.usd_per_hour,
        price_date=offer.price_date,
        source=offer.source,
        verified=offer.verified.value,
        marked=offer.marked,
    )


_last_laid: dict[tuple[int, int, WorkPhase], tuple[Physics, Laid]] = {}

MOST_LAID = 40
"""Layouts that are remembered: a plan and its alternatives come again after most edits. [1]"""


def _laid(made: Candidates, row: int, phase: WorkPhase) -> Laid:
    """One phase of one row of physics, laid out; what is limited and paid plays no part."""
    key = id(made.physics), row, phase
    found = _last_laid.pop(key, None)
    if found is None:
        found = made.physics, _laid_anew(made, row, phase)
    _last_laid[key] = found  # the physics stays alive with it, so that the id stays its own
    while len(_last_laid) > MOST_LAID:
        _last_laid.pop(next(iter(_last_laid)))
    return found[1]


def _laid_anew(made: Candidates, row: int, phase: WorkPhase) -> Laid:
    bench, one = made.bench, slice(row, row + 1)
    base = bench.configurations(
        made.physics.model[one], made.physics.variant[one], made.physics.slot[one], phase
    )
    layouts = bench.layouts(base, phase)
    configuration = laid_out(base, layouts)
    option = OPTIONS[int(layouts.option[0])]
    layout = Layout(
        data_parallel=int(configuration.data_parallel[0]),
        tensor_parallel=option.tensor,
        pipeline_parallel=option.pipeline,
        sharding=SHARDINGS[option.sharding],
        checkpointing=CHECKPOINTINGS[option.checkpointing],
        micro_batch=int(layouts.micro_batch[0]),
        accumulation=int(layouts.accumulation[0]),
        batch_sequences=phase.batch_sequences,
        sequence=phase.sequence,
    )
    k = bench.constants
    return Laid(
        phase,
        configuration,
        layout,
        calibrated_memory(configuration, k.memory, k.calibration),
        calibrated_throughput(configuration, k.throughput, k.calibration),
        float(layouts.tokens_per_s[0]),
    )


def _speed(phases: list[Laid], quantile: float) -> Spread:
    """Tokens each second over all phases; here the small values are the bad ones. [token/s]"""
    tokens = sum(laid.phase.tokens for laid in phases)
    median = tokens / sum(laid.phase.tokens / laid.tokens_per_s for laid in phases)
    slow = max(float(laid.speed.slow_log_sd[0]) for laid in phases)
    fast = max(float(laid.speed.fast_log_sd[0]) for laid in phases)
    return Spread(
        median=median,
        at_confidence=median * float(np.exp(-z(quantile) * slow)),
        low80=median * float(np.exp(-z(HIGH) * slow)),
        high80=median * float(np.exp(z(HIGH) * fast)),
    )


def z(quantile: float) -> float:
    """Standard normal quantile. [1]"""
    return NormalDist().inv_cdf(quantile)


def _memory_use(laid: Laid) -> MemoryUse:
    m = laid.memory
    return MemoryUse(
        weights=float(m.weights[0]),
        gradients=float(m.gradients[0]),
        optimizer=float(m.optimizer[0]),
        activations=float(m.activations[0]),
        logits=float(m.logits[0]),
        buffers=float(m.buffers[0]),
        context=float(m.context[0]),
        total=float(m.total[0]),
        upper=float(m.upper[0]),
        capacity=float(laid.configuration.memory_bytes[0]),
    )


def planned_jobs(
    question: Question,
    decision: Decision,
    positions: tuple[int, ...],
    known: dict[tuple[int, int], PlannedJob] | None = None,
) -> tuple[PlannedJob | None, ...]:
    """The jobs of a plan in the order of the question, None for what is left out.

    Args:
        question: names the jobs.
        decision: its candidates and quantile.
        positions: the plan's candidate of each job; none for no plan.
        known: by job and candidate, those that are computed already; new ones are added.
    """
    if not positions:
        return ()
    quantile, timing = decision.reduced.quantile, decision.timing_of(positions)
    made = {} if known is None else known
    for j, position in enumerate(positions):
        if position != NOT_DONE and (j, position) not in made:
            made[j, position] = planned_job(decision.jobs[j], position, quantile)
    return tuple(
        None if position == NOT_DONE else placed(made[j, position], timing, j, question)
        for j, position in enumerate(positions)
    )
