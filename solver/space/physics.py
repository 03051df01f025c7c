"""Memory and time of every model, variant and slot that can run, estimated once for each.

Prices, regions and numbers of passes are joined after; nothing here depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Self

import numpy as np

from solver.estimate.configurations import Stack, Storage
from solver.estimate.duration import failure_stretch, work_hours
from solver.estimate.hardware import supports
from solver.question import Software
from solver.space.configure import STORAGE, UPDATES_ALL, tables
from solver.space.layouts import Layouts, best_layouts, most_gpus
from solver.space.variants import suits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model
    from solver.constants import EstimateConstants
    from solver.estimate.configurations import BoolArray, Configurations, FloatArray, IntArray
    from solver.question import Job
    from solver.space.configure import Tables
    from solver.space.rents import Slot
    from solver.space.variants import Variant
    from solver.space.work import WorkPhase


STACKS = {
    Software.HF_TRAINER: Stack.HF_TRAINER,
    Software.PYTORCH_FSDP: Stack.PYTORCH_FSDP,
    Software.MEGATRON: Stack.MEGATRON,
    Software.MLPERF: Stack.MLPERF,
    Software.JAX: Stack.JAX,
}
"""Code of each software that a question may state."""

CHUNK = 65_536
"""Rows laid out together; estimates split them further and use two threads. [1]"""


class Exclusion(IntEnum):
    """Why a model, variant and slot make no candidate."""

    NONE = 0
    METHOD_AND_MODEL = 1
    PRECISION_AND_HARDWARE = 2
    BATCH = 3
    MEMORY = 4


@dataclass(frozen=True, slots=True)
class Physics:
    """What can run, one array entry for each model, variant and slot."""

    model: IntArray
    variant: IntArray
    slot: IntArray
    pass_hours: FloatArray
    """Median of one pass over the data in one trial, evaluation included, undisturbed. [h]"""
    slow_log_sd: FloatArray
    fast_log_sd: FloatArray
    evidence: IntArray
    """Of the throughput: 0 measured, 1 interpolated, 2 unseen."""

    def __len__(self) -> int:
        return len(self.model)

    def take(self, index: IntArray | BoolArray) -> Self:
        """The entries at `index`, in that order."""
        return type(self)(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything that the physics of one job is computed from."""

    job: Job
    phases: tuple[WorkPhase, ...]
    models: tuple[Model, ...]
    variants: tuple[Variant, ...]
    slots: tuple[Slot, ...]
    teacher: Model | None
    """Whose outputs a distilled student learns."""
    tables: Tables
    constants: EstimateConstants

    def configurations(
        self, model: IntArray, variant: IntArray, slot: IntArray, phase: WorkPhase
    ) -> Configurations:
        """The configurations of a phase, their layouts still to be chosen."""
        return self.tables.join(model, variant, slot, phase.sequence)

    def layouts(self, base: Configurations, phase: WorkPhase) -> Layouts:
        """The fastest layouts that fit, for the batch of a phase."""
        return best_layouts(
            base,
            phase.batch_sequences,
            self.constants.memory,
            self.constants.throughput,
            self.constants.calibration,
            keep_software=self.tables.software is not None,
        )


def workbench(
    job: Job,
    phases: tuple[WorkPhase, ...],
    models: tuple[Model, ...],
    variants: tuple[Variant, ...],
    slots: tuple[Slot, ...],
    teacher: Model | None,
    constants: EstimateConstants,
) -> Workbench:
    """Lay out the tables of one job."""
    software = None if job.software is None else STACKS[job.software]
    joined = tables(models, variants, slots, teacher, job.classes or 2, software)
    return Workbench(job, phases, models, variants, slots, teacher, joined, constants)


def physics(bench: Workbench) -> tuple[Physics, dict[Exclusion, IntArray]]:
    """What can run, and for each slot how many pairs of model and variant cannot, by reason.

    Returns:
        The physics, ordered by model, variant and slot; and counts of shape (slots,) by exclusion.
    """
    shape = (len(bench.models), len(bench.variants), len(bench.slots))
    state = np.full(shape, Exclusion.NONE, dtype=np.int8)
    runs = hardware_runs(bench.variants, bench.slots, choose=not bench.job.precisions)
    state[np.broadcast_to(~runs, shape)] = Exclusion.PRECISION_AND_HARDWARE
    state[too_big(bench)] = Exclusion.MEMORY
    state[too_many(bench)] = Exclusion.BATCH
    state[prompts_elsewhere(bench)] = Exclusion.BATCH
    state[~pairs_suit(bench.models, bench.variants, bench.job)] = Exclusion.METHOD_AND_MODEL
    model, variant, slot = (axis.astype(np.int64) for axis in np.nonzero(state == Exclusion.NONE))
    pieces = [slice(start, start + CHUNK) for start in range(0, len(model), CHUNK)]
    made = [_evaluated(bench, model[p], variant[p], slot[p]) for p in pieces]
    reasons = [reason for _, reason in made]
    state[model, variant, slot] = np.concatenate(reasons) if reasons else Exclusion.NONE
    counts: dict[Exclusion, IntArray] = {
        code: (state == code).sum(axis=(0, 1)) for code in Exclusion if code is not Exclusion.NONE
    }
    return _joined([rows for rows, _ in made]), counts


def hardware_runs(variants: Sequence[Variant], slots: Sequence[Slot], *, choose: bool) -> BoolArray:
    """Whether the precision of each variant runs on each slot; shape (variants, slots).

    Args:
        variants: methods with their precisions.
        slots: machines.
        choose: the precision is ours to choose: fp16, which needs loss scaling, is then left to
            hardware without bf16.
    """
    runs: dict[tuple[str, str, bool], bool] = {}
    bf16 = next((v.precision for v in variants if v.precision.id == "bf16-mixed"), None)
    for part in {slot.shape.accelerator.id: slot.shape.accelerator for slot in slots}.values():
        spare = choose and bf16 is not None and not supports(part, bf16, quantised=False)
        for v in variants:
            runs[part.id, v.precision.id, bool(v.storage)] = not (
                supports(part, v.precision, quantised=bool(v.storage))
                or (spare and v.precision.id == "fp16-mixed")
            )
    made = [
        [runs[slot.shape.accelerator.id, v.precision.id, bool(v.storage)] for slot in slots]
        for v in variants
    ]
    return np.array(made, dtype=bool).reshape(len(variants), len(slots))


def pairs_suit(models: Sequence[Model], variants: Sequence[Variant], job: Job) -> BoolArray:
    """Whether each model can be trained by each variant; shape (models, variants)."""
    made = [[not suits(model, variant, job) for variant in variants] for model in models]
    return np.array(made, dtype=bool).reshape(len(models), len(variants))


def too_big(bench: Workbench) -> BoolArray:
    """Where the weights alone, spread over all accelerators, exceed the memory.

    A cheap lower bound that spares the full estimate: two bytes a weight (one or a half where
    stored in int8 or nf4), and four more of gradients and state where every weight is trained.
    """
    stored = np.array([LEAST_BYTES[STORAGE[v.storage]] for v in bench.variants])
    trained = UPDATES_ALL[bench.tables.variants["tuning"]]
    least = bench.tables.models["parameters"][:, None] * (stored + 4.0 * trained)
    room = bench.tables.slots["memory_bytes"] * bench.tables.slots["gpus"]
    return np.asarray(least[:, :, None] > room)


def too_many(bench: Workbench) -> BoolArray:
    """Where no layout gives every replica a sequence of the smallest batch of all phases."""
    trained = UPDATES_ALL[bench.tables.variants["tuning"]]
    parameters = bench.tables.models["parameters"]
    batch = min(phase.batch_sequences for phase in bench.phases)
    most = most_gpus(parameters[:, None], trained[None, :], batch)
    return np.asarray(bench.tables.slots["gpus"] > most[:, :, None])


LEAST_BYTES = {Storage.AS_COMPUTED: 2.0, Storage.INT8: 1.0, Storage.NF4_DOUBLE: 0.5}


def prompts_elsewhere(bench: Workbench) -> BoolArray:
    """Where a model would be prompted on several machines: one is enough to answer."""
    prompted = np.array([not variant.method.trains for variant in bench.variants], dtype=bool)
    many = np.array([slot.instances > 1 for slot in bench.slots], dtype=bool)
    shape = (len(bench.models), len(bench.variants), len(bench.slots))
    return np.broadcast_to(prompted[:, None] & many, shape)


def _evaluated(
    bench: Workbench, model: IntArray, variant: IntArray, slot: IntArray
) -> tuple[Physics, IntArray]:
    """Physics of some triples, and why others of them do not run."""
    reason = np.full(len(model), Exclusion.NONE, dtype=np.int64)
    hours = np.zeros(len(model))
    slow, fast = np.zeros(len(model)), np.zeros(len(model))
    evidence = np.zeros(len(model), dtype=np.int64)
    assumptions = bench.constants.assumptions
    for phase in bench.phases:
        base = bench.configurations(model, variant, slot, phase)
        laid = bench.layouts(base, phase)
        reason[~laid.fits & (reason == Exclusion.NONE)] = Exclusion.MEMORY
        reason[~laid.enough_sequences] = Exclusion.BATCH
        rate = np.where(laid.fits, laid.tokens_per_s, 1.0)
        tokens = np.full(len(model), phase.tokens)
        hours += work_hours(tokens, rate, bench.job.trials, assumptions)
        slow, fast = np.maximum(slow, laid.slow_log_sd), np.maximum(fast, laid.fast_log_sd)
        evidence = np.maximum(evidence, laid.evidence)
    machines = np.array([place.instances for place in bench.slots], dtype=np.float64)[slot]
    stretch, spread = failure_stretch(machines, hours / bench.job.trials, assumptions)
    hours, slow = hours * stretch, np.hypot(slow, spread)
    trains = np.array([v.method.trains for v in bench.variants], dtype=bool)[variant]
    hours, slow, fast = hours * trains, slow * trains, fast * trains
    rows = Physics(model, variant, slot, hours, slow, fast, evidence)
    return rows.take(reason == Exclusion.NONE), reason


def _joined(made: list[Physics]) -> Physics:
    if not made:
        nothing, none = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Physics(nothing, nothing, nothing, none, none, none, nothing)
    return Physics(
        **{f.name: np.concatenate([getattr(m, f.name) for m in made]) for f in fields(Physics)}
    )
