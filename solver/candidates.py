"""Candidates of a job: model × method × precision × machines × passes, with what each is made of.

A candidate joins a row of physics (model, variant, slot) with a rent of that slot and a number of
passes. Its hours, dollars, accuracy and emissions at a quantile are computed in `columns_at`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.units import BYTES_PER_GB
from solver.estimate.chunks import THREADS
from solver.estimate.cost import Billing
from solver.estimate.duration import Duration
from solver.estimate.fallback import Fallback
from solver.estimate.quality import Accuracy, accuracy
from solver.estimate.quality_ground import ground_of
from solver.program import LOWEST_HOURS, JobColumns, empty_columns
from solver.question import SIXTEEN_BITS
from solver.simulate import Uncertain
from solver.space.begun import begun_at
from solver.space.deployed import deployed, files_gb, in_all_formats
from solver.space.machines import machines
from solver.space.physics import Physics, Workbench, workbench
from solver.space.physics_cache import remembered_physics
from solver.space.rents import Rents, rents
from solver.space.serving import serving_offers, serving_usd
from solver.space.stages import as_far_as_made, feeds_another
from solver.space.tally import Tally, tally_of
from solver.space.variants import formats_for, models_for, variants_for
from solver.space.work import allowed_epochs, family_of, phases_of

if TYPE_CHECKING:
    from datetime import date

    from catalog.schema import Model
    from catalog.tables import Catalog
    from solver.constants import EstimateConstants
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.question import Job, Question, TaskFamily
    from solver.space.begun import Begun

CHUNK = 65_536
"""Candidates whose quantities are computed together: their columns stay in the cache. [1]"""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everything one job may become; arrays have one entry for each candidate.

    Candidates are ordered by key: model, method, precision, offer, instances, passes.
    """

    job: Job
    family: TaskFamily
    bench: Workbench
    rents: Rents
    epochs: tuple[int, ...]
    physics: Physics
    accuracy: Accuracy
    tally: Tally
    row: IntArray
    """Position of the physics."""
    rent: IntArray
    epoch: IntArray
    """Position in `epochs`."""
    stored_gb: FloatArray
    """What is kept in paid storage, by model and variant. [GB]"""
    result_gb: FloatArray
    """What is downloaded at the end, by model and variant. [GB]"""
    serving_usd: FloatArray
    """Of the whole serving volume, by model and variant. [USD]"""
    deployed_gb: FloatArray
    """Weights of the finished model, by model and variant. [GB]"""
    latency_ms: FloatArray
    """One answer on the device that the job names, by model and variant; 0 without one, NaN where
    the weights do not fit there. [ms]"""
    takes: IntArray
    """By model, its number where an earlier job makes it; -1 where none does."""
    gives: IntArray
    """By model, its number where a later job trains on it; -1 where none does."""
    begun: Begun | None = None
    served_by: tuple[tuple[str, ...], ...] = ()
    """By model, the offers on which it is served afterwards in one format or another."""

    def __len__(self) -> int:
        return len(self.row)

    def key(self, position: int) -> str:
        """The candidate's name: MODEL:METHOD:PRECISION:OFFER:COUNTx:EPOCHSe.

        The format follows, after one more colon, where the model is not deployed in 16 bits.
        """
        row = self.row[position]
        model = self.bench.models[self.physics.model[row]]
        variant = self.bench.variants[self.physics.variant[row]]
        rent = self.rents.rents[self.rent[position]]
        key = f"{model.name}:{variant.label}:{rent.label}:{self.passes(position)}e"
        return key if variant.deployed == SIXTEEN_BITS else f"{key}:{variant.deployed}"

    def passes(self, position: int) -> int:
        """Passes over the data, 0 for a model that is only prompted."""
        variant = self.bench.variants[self.physics.variant[self.row[position]]]
        return self.epochs[self.epoch[position]] if variant.method.trains else 0

    def find(self, key: str) -> int | None:
        """Position of the candidate of that name; None where there is none."""
        try:
            model, method, precision, offer, count, passes, *rest = key.split(":")
            (format_,) = rest or [SIXTEEN_BITS]
            wanted = f"{offer}:{count}"
            row_model = [m.name for m in self.bench.models].index(model)
            labels = [(v.label, v.deployed) for v in self.bench.variants]
            row_variant = labels.index((f"{method}:{precision}", format_))
            rent = [r.label for r in self.rents.rents].index(wanted)
            trains = self.bench.variants[row_variant].method.trains
            epoch = self.epochs.index(int(passes.removesuffix("e"))) if trains else 0
        except ValueError:
            return None
        same = (self.rent == rent) & (self.epoch == epoch)
        positions = np.flatnonzero(same)
        rows = self.row[positions]
        here = (self.physics.model[rows] == row_model) & (self.physics.variant[rows] == row_variant)
        found = positions[here]
        return int(found[0]) if len(found) else None

    def duration(self, index: IntArray | slice) -> Duration:
        """Hours of the candidates at `index` as distributions."""
        row, rent = self.row[index], self.rent[index]
        model, variant = self.physics.model[row], self.physics.variant[row]
        passes = np.array(self.epochs, dtype=np.float64)[self.epoch[index]]
        breaks = self.rents.interruption_log_sd[rent]
        one_by_one = self.physics.pass_hours[row] * passes * self.rents.stretch[rent]
        made = Duration(
            startup_hours=self.rents.startup_hours[rent],
            work_hours=one_by_one * self.rents.turns_ratio[rent],
            slow_log_sd=np.hypot(self.physics.slow_log_sd[row], breaks),
            fast_log_sd=np.hypot(self.physics.fast_log_sd[row], breaks),
            failure_ratio=self.accuracy.failure_ratio[model, variant],
            fallback=self._fallback(rent, one_by_one * self.rents.turns_ratio[rent]),
        )
        if self.begun is None:
            return made
        return self.begun.gone_on(made, np.stack([model, variant, self.epoch[index]]), rent)

    def _fallback(self, rent: IntArray, work_hours: FloatArray) -> Fallback | None:
        """What follows the windows on spot machines; None where no candidate has one."""
        r = self.rents
        if np.isinf(r.window_ratio[rent]).all():
            return None
        restart = self.bench.constants.assumptions.restart_hours
        return Fallback(
            window_hours=np.maximum(work_hours, LOWEST_HOURS)
            / r.stretch[rent]
            * r.window_ratio[rent],
            stretch=r.stretch[rent],
            switch_hours=r.startup_hours[rent] + restart,
            break_log_sd=r.interruption_log_sd[rent],
        )

    def billing(self, index: IntArray | slice) -> Billing:
        """What the hours of the candidates at `index` cost."""
        row, rent = self.row[index], self.rent[index]
        model, variant = self.physics.model[row], self.physics.variant[row]
        r = self.rents
        egress_gb = np.maximum(self.result_gb[model, variant] - r.egress_free_gb[rent], 0.0)
        made = Billing(
            usd_per_hour=r.usd_per_hour[rent],
            paid_ratio=r.paid_ratio[rent],
            grain_hours=r.grain_hours[rent],
            minimum_hours=r.minimum_hours[rent],
            fixed_usd=self.serving_usd[model, variant]
            + r.once_usd[rent]
            + self.stored_gb[model, variant] * r.storage_usd_per_gb[rent]
            + egress_gb * r.egress_usd_per_gb[rent],
            price_log_sd=r.price_log_sd[rent],
            fallback_usd_per_hour=r.then_usd_per_hour[rent],
        )
        if self.begun is None:
            return made
        return self.begun.paid(made, np.stack([model, variant, self.epoch[index]]), rent)

    def uncertain(self, position: int) -> Uncertain:
        """What is random about the candidate at a position."""
        index = np.array([position])
        row, rent = int(self.row[position]), int(self.rent[position])
        model, variant = int(self.physics.model[row]), int(self.physics.variant[row])
        where = model, variant, int(self.epoch[position])
        return Uncertain(
            duration=self.duration(index),
            billing=self.billing(index),
            kg_co2_per_hour=float(self.rents.kw[rent] * self.rents.kg_co2_per_kwh[rent]),
            accuracy=float(self.accuracy.median[where]),
            accuracy_sd=float(self.accuracy.sd[where]),
            ceiling=self.accuracy.ceiling,
        )


def candidates(
    job: Job,
    question: Question,
    catalog: Catalog,
    constants: EstimateConstants,
    today: date,
    *,
    keep_beaten: bool = False,
) -> Candidates:
    """Every candidate of one job.

    Args:
        job: what is trained.
        question: its limits and machines bound what may be used.
        catalog: the facts.
        constants: fitted and assumed factors.
        today: the day on which the age of prices is counted.
        keep_beaten: also candidates on offers that another offer of the same machines beats in
            everything; they can be no part of a best plan.
    """
    family = family_of(job, catalog)
    phases = phases_of(job, family)
    models, wrong_models = models_for(job, family, max(p.sequence for p in phases), catalog)
    variants, wrong_methods = variants_for(job, family, catalog)
    models = tuple(sorted(models, key=lambda model: model.name))
    variants = tuple(sorted(variants, key=lambda variant: variant.label))
    allowed, wrong_offers = machines(question, catalog, today)
    all_rents = rents(allowed, question.limits, catalog, constants.assumptions, today, job.trials)
    teacher = catalog.model_named(job.teacher) if job.teacher else None
    bench = workbench(job, phases, models, variants, all_rents.slots, teacher, constants)
    rows, excluded = remembered_physics(bench)
    epochs = allowed_epochs(job)
    predicted = accuracy(job, family, models, variants, epochs, catalog, constants.quality)
    predicted = as_far_as_made(predicted, job, question, models, catalog)
    kind = ground_of(job, family, catalog, constants.quality).kind
    bench, rows, excluded, predicted = in_all_formats(
        bench, rows, excluded, predicted, kind, formats_for(job, catalog)
    )
    finished = deployed(bench, catalog)
    begun = begun_at(job, bench.models, bench.variants, epochs, all_rents)
    row, rent, epoch = _joined(rows, all_rents, len(epochs), begun, keep_beaten=keep_beaten)
    stored_bytes = finished.gb * BYTES_PER_GB
    served = serving_usd(bench, all_rents, constants.assumptions, stored_bytes)
    kept = _runs_count(bench, rows.variant[row], epoch, all_rents.window_ratio[rent])
    kept &= np.isfinite(served[rows.model[row], rows.variant[row]])
    row, rent, epoch = row[kept], rent[kept], epoch[kept]
    stored_gb, result_gb = files_gb(bench)
    tally = tally_of(
        bench,
        all_rents,
        len(epochs),
        excluded,
        len(row),
        (wrong_models, wrong_methods, wrong_offers),
    )
    return Candidates(
        job,
        family,
        bench,
        all_rents,
        epochs,
        rows,
        predicted,
        tally,
        row,
        rent,
        epoch,
        stored_gb,
        result_gb,
        served,
        finished.gb,
        finished.latency_ms,
        _numbers(models, catalog, linked=job.starts_from is not None),
        _numbers(models, catalog, linked=feeds_another(job, question)),
        begun,
        serving_offers(bench, all_rents, constants.assumptions, stored_bytes),
    )


def _numbers(models: tuple[Model, ...], catalog: Catalog, *, linked: bool) -> IntArray:
    """Each model's place in the catalogue, by which stages of a chain match; -1 without a link."""
    place = {name: i for i, name in enumerate(catalog.models)}
    return np.array([place[model.name] if linked else -1 for model in models], dtype=np.int64)


def columns_at(made: Candidates, quantile: float, index: IntArray | None = None) -> JobColumns:
    """What limits and aims bound, at the quantile at which limits are enforced.

    Args:
        made: the candidates.
        quantile: chance with which each uncertain quantity alone is kept, in (0, 1).
        index: positions of the candidates wanted; None: all.
    """
    wanted = np.arange(len(made)) if index is None else index
    reached = made.accuracy.at(quantile)
    _, levels = np.unique(np.nan_to_num(reached, nan=-1.0), return_inverse=True)
    tables = reached, levels.reshape(reached.shape)
    pieces = [slice(start, start + CHUNK) for start in range(0, len(wanted), CHUNK)]
    if len(pieces) <= 1:
        return _columns(made, wanted, quantile, *tables)
    whole = empty_columns(
        len(wanted), len(made.rents.quota_gpus), made.accuracy.chance, made.accuracy.ceiling
    )

    def fill(piece: slice) -> None:
        whole.put(piece, _columns(made, wanted[piece], quantile, *tables))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(fill, pieces))
    return whole


def _columns(
    made: Candidates, index: IntArray, quantile: float, reached: FloatArray, levels: IntArray
) -> JobColumns:
    row, rent = made.row[index], made.rent[index]
    model, variant = made.physics.model[row], made.physics.variant[row]
    duration = made.duration(index)
    billing = made.billing(index)
    kwh = made.rents.kw[rent] * billing.paid_hours(duration, quantile)
    return JobColumns(
        hours=duration.at(quantile),
        usd=billing.usd_at(duration, quantile),
        accuracy=reached[model, variant, made.epoch[index]],
        level=levels[model, variant, made.epoch[index]],
        co2_kg=kwh * made.rents.kg_co2_per_kwh[rent],
        gpus=made.rents.gpus[rent],
        deployed_gb=made.deployed_gb[model, variant],
        latency_ms=made.latency_ms[model, variant],
        pool=made.rents.pool[rent],
        instances=made.rents.instances[rent],
        takes=made.takes[model],
        gives=made.gives[model],
        quota_gpus=made.rents.quota_gpus[:, rent],
        left_out=np.zeros(len(index), dtype=bool),
        chance=made.accuracy.chance,
        ceiling=made.accuracy.ceiling,
    )


def _joined(
    rows: Physics, all_rents: Rents, epochs: int, begun: Begun | None, *, keep_beaten: bool
) -> tuple[IntArray, IntArray, IntArray]:
    """Every row of physics with every rent of its slot and every number of passes, by key."""
    beaten = np.array(all_rents.beaten_by, dtype=np.int64)
    runs = np.arange(len(all_rents)) == (-1 if begun is None else begun.rent)
    usable = np.flatnonzero((beaten < 0) | keep_beaten | runs)
    by_slot = usable[np.argsort(all_rents.slot[usable], kind="stable")]
    starts = np.searchsorted(all_rents.slot[by_slot], np.arange(len(all_rents.slots) + 1))
    many = (starts[1:] - starts[:-1])[rows.slot]
    row = np.repeat(np.arange(len(rows)), many)
    within = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    rent = by_slot[starts[rows.slot[row]] + within]
    pair = (rows.model[row] * (rows.variant.max(initial=0) + 1) + rows.variant[row]) * len(
        all_rents
    )
    order = np.argsort(pair + rent, kind="stable")
    row, rent = row[order], rent[order]
    return (
        np.repeat(row, epochs),
        np.repeat(rent, epochs),
        np.tile(np.arange(epochs), len(row)),
    )


def _runs_count(
    bench: Workbench, variant: IntArray, epoch: IntArray, window_ratio: FloatArray
) -> BoolArray:
    """All runs of what trains; a model that is only prompted makes none, so it is listed once."""
    trains = np.array([v.method.trains for v in bench.variants], dtype=bool)
    return np.asarray(trains[variant] | ((epoch == 0) & np.isinf(window_ratio)))
