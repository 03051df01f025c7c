"""How many of which machine: every way to rent, the physics they share, and which are beaten.

A rent is a number of instances of one machine; rents of equal shape and number share a slot, the
unit for which memory and throughput are estimated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.schema import Pricing
from catalog.units import GRAMS_PER_KILOGRAM, HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_HOUR
from solver.estimate.cost import price_log_sd
from solver.estimate.duration import spot_stretch
from solver.estimate.energy import power_kw
from solver.question import WINDOW_MARK
from solver.space.machines import counts_up_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from catalog.tables import Catalog
    from solver.estimate.assumptions import Assumptions
    from solver.estimate.configurations import BoolArray, FloatArray, IntArray
    from solver.question import Limits, Quota
    from solver.space.machines import Machine, Shape

SHORTEST_GRAIN_HOURS = 1.0 / SECONDS_PER_HOUR
"""Nobody bills finer than a second; owned machines are counted by it. [h]"""

MOST_AT_ONCE = 16
"""More trials side by side than this are a cluster's business. [1]"""

SPOT_WINDOWS = (0.5, 1.0, 2.0)
"""Windows on spot machines before others take over, in hours of undisturbed work. [ratio]"""

MOST_RENTED_GPUS = 1_024
"""More than this is a contract, not an offer; a question that sets `max_gpus` may go beyond. [1]"""


@dataclass(frozen=True, slots=True)
class Slot:
    """A number of machines of one shape."""

    shape: Shape
    instances: int

    @property
    def gpus(self) -> int:
        """All accelerators together."""
        return self.shape.gpus_per_instance * self.instances


@dataclass(frozen=True, slots=True)
class Rent:
    """A number of instances of one machine."""

    machine: Machine
    instances: int
    slot: int
    """Position of its slot."""
    at_once: int = 1
    """Trials of a job that run side by side, each on so many instances. [1]"""
    then: Machine | None = None
    """What replaces spot machines once their window is over; None where nothing does."""
    window_ratio: float = math.inf
    """The window, in hours of undisturbed work. [ratio]"""

    @property
    def label(self) -> str:
        """As keys print it: OFFER:COUNTx, with the trials at once behind it where it is more.

        Behind both stands ~ and the window where other machines take over after it.
        """
        beside = "" if self.at_once == 1 else str(self.at_once)
        window = "" if self.then is None else f"{WINDOW_MARK}{self.window_ratio:g}"
        return f"{self.machine.offer.key}:{self.instances}x{beside}{window}"

    @property
    def gpus(self) -> int:
        """All accelerators of one trial together."""
        return self.machine.offer.gpus_per_instance * self.instances


@dataclass(frozen=True, slots=True)
class Rents:
    """Every rent with what it costs, one array entry each; sorted by key and number."""

    rents: tuple[Rent, ...]
    slots: tuple[Slot, ...]
    usd_per_hour: FloatArray
    """All instances together. [USD/h]"""
    startup_hours: FloatArray
    at_once: FloatArray
    """Trials that run side by side. [1]"""
    turns_ratio: FloatArray
    """Turns that this takes, relative to one trial after the other. (0..1]"""
    stretch: FloatArray
    """Factor on the working hours: above 1 on spot machines. [1]"""
    paid_ratio: FloatArray
    interruption_log_sd: FloatArray
    """Spread that interruptions add to the hours, 0 where there are none. [1]"""
    window_ratio: FloatArray
    """Window on spot machines, in hours of undisturbed work; infinite without one. [ratio]"""
    then_usd_per_hour: FloatArray
    """All instances that take over after it; 0 where none do. [USD/h]"""
    grain_hours: FloatArray
    minimum_hours: FloatArray
    price_log_sd: FloatArray
    once_usd: FloatArray
    """Paid once, whatever the hours. [USD]"""
    storage_usd_per_gb: FloatArray
    """For the time that assumptions state. [USD/GB]"""
    egress_usd_per_gb: FloatArray
    egress_free_gb: FloatArray
    gpus: FloatArray
    instances: FloatArray
    """Machines of the pool; a part of one where its cards are shared. [1]"""
    quota_gpus: FloatArray
    """GPUs that count against each quota of the question, shape (quotas, n). [1]"""
    pool: IntArray
    """Position of the owned pool, -1 where rented."""
    slot: IntArray
    kw: FloatArray
    """Power drawn in training, building included; NaN where no power is published. [kW]"""
    kg_co2_per_kwh: FloatArray
    """NaN where the place is not known. [kg/kWh]"""
    beaten_by: tuple[int, ...]
    """For each rent the position of one that is as good in everything and cheaper; -1: none."""

    def __len__(self) -> int:
        return len(self.rents)


def rents(
    allowed: Sequence[Machine],
    limits: Limits,
    catalog: Catalog,
    assumptions: Assumptions,
    today: date,
    trials: int = 1,
) -> Rents:
    """Every number of every allowed machine, within the GPUs the question allows.

    Args:
        allowed: machines that the question allows.
        limits: bounds on GPUs; a CO2 cap makes emissions count when offers are compared.
        catalog: providers and grids.
        assumptions: spot behaviour, spreads of prices, storage time.
        today: day on which the age of a price is counted.
        trials: of one job, which may run side by side. [1]
    """
    made: list[Rent] = []
    slots: dict[Slot, int] = {}
    lasting = _cheapest_lasting(allowed)
    for machine in sorted(allowed, key=lambda machine: machine.offer.key):
        bound = limits.max_gpus or (None if machine.is_owned else MOST_RENTED_GPUS)
        most = machine.available
        if bound is not None:
            most = min(most, bound // machine.offer.gpus_per_instance)
        for instances in counts_up_to(most) if most else ():
            if not _within_quotas(machine, instances, limits):
                continue
            alone = replace(machine.shape, node_network_bytes_per_s=None)
            shape = machine.shape if instances > 1 else alone
            slot = slots.setdefault(Slot(shape, instances), len(slots))
            beside = [
                Rent(machine, instances, slot, at_once)
                for at_once in sides_of(trials)
                if at_once == 1 or _has_room(machine, instances * at_once, limits)
            ]
            made.extend(beside)
            for rent in beside:
                made.extend(_with_windows(rent, lasting, limits))
    priced = _with_costs(made, tuple(slots), catalog, assumptions, today, limits.quotas)
    priced = replace(priced, turns_ratio=np.ceil(trials / priced.at_once) / trials)
    return replace(priced, beaten_by=_beaten(priced, co2=limits.co2_kg is not None))


def _cheapest_lasting(allowed: Sequence[Machine]) -> dict[tuple[str, str, Shape], Machine]:
    """By provider, region and shape, the cheapest rented machine that nobody takes away."""
    found: dict[tuple[str, str, Shape], Machine] = {}
    for machine in sorted(allowed, key=lambda machine: machine.offer.key):
        offer = machine.offer
        if machine.is_owned or offer.pricing is Pricing.SPOT:
            continue
        there = offer.provider, offer.region, machine.shape
        best = found.setdefault(there, machine)
        if offer.usd_per_hour < best.offer.usd_per_hour:
            found[there] = machine
    return found


def _with_windows(
    rent: Rent, lasting: dict[tuple[str, str, Shape], Machine], limits: Limits
) -> Iterator[Rent]:
    """The same spot machines for a while, and then others of the same shape at the same place."""
    offer = rent.machine.offer
    then = lasting.get((offer.provider, offer.region, rent.machine.shape))
    if offer.pricing is not Pricing.SPOT or then is None:
        return
    if then.available < rent.instances:
        return
    if not _has_room(then, rent.instances * rent.at_once, limits):
        return
    for ratio in SPOT_WINDOWS:
        yield replace(rent, then=then, window_ratio=ratio)


def sides_of(trials: int) -> tuple[int, ...]:
    """Numbers of trials that may run side by side: one, about the root of all, all up to 16."""
    return tuple(sorted({1, round(math.sqrt(trials)), min(trials, MOST_AT_ONCE)}))


def _has_room(machine: Machine, instances: int, limits: Limits) -> bool:
    """Whether so many instances of a machine may be used at once."""
    gpus = instances * machine.offer.gpus_per_instance
    if not _within_quotas(machine, instances, limits):
        return False
    if machine.is_owned:
        fits = instances * machine.share <= machine.in_pool
        return fits and (limits.max_gpus is None or gpus <= limits.max_gpus)
    return gpus <= (limits.max_gpus or MOST_RENTED_GPUS)


def _within_quotas(machine: Machine, instances: int, limits: Limits) -> bool:
    """Whether so many instances alone are within every quota: else nothing can use them."""
    gpus = instances * machine.offer.gpus_per_instance
    return not any(counts(quota, machine) and gpus > quota.gpus for quota in limits.quotas)


def _quota_gpus(made: list[Rent], quotas: Sequence[Quota]) -> FloatArray:
    def taken(rent: Rent, quota: Quota) -> float:
        one_or_other = counts(quota, rent.machine) or (
            rent.then is not None and counts(quota, rent.then)
        )
        return float(rent.gpus * rent.at_once) if one_or_other else 0.0

    counted = [[taken(rent, quota) for rent in made] for quota in quotas]
    return np.reshape(np.array(counted, dtype=float), (len(quotas), len(made)))


def counts(quota: Quota, machine: Machine) -> bool:
    """Whether a machine's GPUs count against a quota; the user's own never do."""
    offer = machine.offer
    wanted = (
        (quota.provider, offer.provider.lower()),
        (quota.accelerator, offer.accelerator.lower()),
    )
    named = all(name is None or name.lower() == actual for name, actual in wanted)
    is_spot = offer.pricing is Pricing.SPOT
    return named and not machine.is_owned and quota.spot in (None, is_spot)


def _with_costs(
    made: list[Rent],
    slots: tuple[Slot, ...],
    catalog: Catalog,
    assumptions: Assumptions,
    today: date,
    quotas: Sequence[Quota],
) -> Rents:
    offers = [rent.machine.offer for rent in made]
    owned = np.array([rent.machine.is_owned for rent in made], dtype=bool)
    providers = [catalog.provider_of(offer) for offer in offers]
    grids = [catalog.grid_for(offer) for offer in offers]
    alone = np.array([rent.instances for rent in made], dtype=float)
    at_once = np.array([rent.at_once for rent in made], dtype=float)
    instances = alone * at_once
    gpus = instances * np.array([offer.gpus_per_instance for offer in offers], dtype=float)
    is_spot = np.array([offer.pricing is Pricing.SPOT for offer in offers], dtype=bool)
    stretch, up = spot_stretch(alone > 1, assumptions)
    age_days = np.array([(today - offer.price_date).days for offer in offers], dtype=float)
    tdp = [rent.machine.shape.accelerator.tdp_watts for rent in made]
    pue = np.array([provider.pue for provider in providers])

    def of_provider(field: str) -> FloatArray:
        values = np.array([getattr(provider, field) for provider in providers], dtype=float)
        return np.where(owned, 0.0, values)

    months = assumptions.storage_days_after * HOURS_PER_DAY / HOURS_PER_MONTH
    return Rents(
        tuple(made),
        slots,
        usd_per_hour=instances * np.array([offer.usd_per_hour for offer in offers], dtype=float),
        startup_hours=of_provider("startup_hours"),
        at_once=at_once,
        turns_ratio=np.ones(len(made)),
        stretch=np.where(is_spot, stretch, 1.0),
        paid_ratio=np.where(is_spot, up, 1.0),
        interruption_log_sd=np.where(is_spot, assumptions.spot_log_sd, 0.0),
        window_ratio=np.array([rent.window_ratio for rent in made], dtype=float),
        then_usd_per_hour=instances
        * np.array([rent.then.offer.usd_per_hour if rent.then else 0.0 for rent in made]),
        grain_hours=np.maximum(of_provider("billing_grain_hours"), SHORTEST_GRAIN_HOURS),
        minimum_hours=of_provider("billing_minimum_hours"),
        price_log_sd=price_log_sd(age_days, is_spot, owned, assumptions),
        once_usd=instances * np.array([rent.machine.usd_each for rent in made], dtype=float),
        storage_usd_per_gb=of_provider("storage_usd_per_gb_month") * months,
        egress_usd_per_gb=of_provider("egress_usd_per_gb"),
        egress_free_gb=of_provider("egress_free_gb"),
        gpus=gpus,
        instances=instances * np.array([rent.machine.share for rent in made], dtype=float),
        quota_gpus=_quota_gpus(made, quotas),
        pool=np.array([rent.machine.pool for rent in made], dtype=np.int64),
        slot=np.array([rent.slot for rent in made], dtype=np.int64),
        kw=power_kw(gpus, np.array([np.nan if w is None else w for w in tdp]), pue, assumptions),
        kg_co2_per_kwh=np.array(
            [np.nan if g is None else g.grams_co2_per_kwh / GRAMS_PER_KILOGRAM for g in grids]
        ),
        beaten_by=(),
    )


def _beaten(all_rents: Rents, *, co2: bool) -> tuple[int, ...]:
    """For each rent one of the same slot that is no worse in every quantity, -1 where none is.

    What a candidate costs, takes and emits rises with each of these at every quantile, so the
    beaten rent can be no part of the best plan whatever the limits are. Owned machines are a pool
    of their own and are compared with nothing.
    """
    rows = [
        all_rents.usd_per_hour,
        all_rents.then_usd_per_hour,
        all_rents.startup_hours,
        all_rents.stretch,
        all_rents.stretch * all_rents.paid_ratio,
        all_rents.interruption_log_sd,
        all_rents.grain_hours,
        all_rents.minimum_hours,
        all_rents.price_log_sd,
        all_rents.storage_usd_per_gb,
        all_rents.egress_usd_per_gb,
        -all_rents.egress_free_gb,
        *all_rents.quota_gpus,
        all_rents.turns_ratio,
        all_rents.gpus,
    ]
    if co2:
        rows.append(np.nan_to_num(all_rents.kw * all_rents.kg_co2_per_kwh, nan=np.inf))
    table, grain = np.array(rows), all_rents.grain_hours
    beaten = np.full(len(all_rents), -1, dtype=np.int64)
    for slot in range(len(all_rents.slots)):
        members = np.flatnonzero((all_rents.slot == slot) & (all_rents.pool < 0))
        for i in members.tolist():
            no_worse = (table[:, members] <= table[:, [i]]).all(axis=0)
            no_worse &= _divides(grain[members], grain[i])
            no_worse &= all_rents.window_ratio[members] == all_rents.window_ratio[i]
            better = (table[:, members] < table[:, [i]]).any(axis=0) | (members < i)
            winners = members[no_worse & better & (members != i)]
            if len(winners):
                beaten[i] = winners[0]
    return tuple(beaten.tolist())


def _divides(finer: FloatArray, coarser: float) -> BoolArray:
    """Where whole grains of one size make up a grain of another: only then is finer cheaper.

    Two grains that differ by less than the shortest one are the same.
    """
    rest = np.abs(np.round(coarser / finer) * finer - coarser)
    return np.asarray(rest < SHORTEST_GRAIN_HOURS)
