"""Which machines may be used: offers that the limits allow, the user's own, and their shapes.

Offers that differ only in price, region or provider share a shape; physics is estimated once for
each shape and number of machines, prices are joined after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.schema import Accelerator, Offer, Pricing, Verified
from solver.estimate.hardware import link_bytes_per_s
from solver.question import Commitment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from catalog.tables import Catalog
    from solver.question import Limits, OwnedMachines, Question

OWNED_PROVIDER = "owned"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the physics of a machine depends on."""

    accelerator: Accelerator
    gpus_per_instance: int
    link_bytes_per_s: float | None
    """One-way rate between accelerators of one machine; None where it has one. [byte/s]"""
    node_network_bytes_per_s: float | None


@dataclass(frozen=True, slots=True)
class Machine:
    """An offer that may be used, how often, and its shape."""

    offer: Offer
    shape: Shape
    pool: int
    """Position of the owned pool, -1 where rented."""
    available: int
    """Instances that can be had at most. [1]"""
    share: float = 1.0
    """Part of a machine of the pool that one instance is, in (0, 1]."""
    in_pool: int = 0
    """Machines of the pool, where it is one: jobs and trials may use them apart. [1]"""
    usd_each: float = 0.0
    """Paid once for an instance, whatever the hours: a commitment of a single job. [USD]"""

    @property
    def is_owned(self) -> bool:
        """True for the user's own."""
        return self.pool >= 0


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something left out, and why."""

    key: str
    reason: str


def machines(
    question: Question, catalog: Catalog, today: date
) -> tuple[tuple[Machine, ...], tuple[Rejected, ...]]:
    """The machines that the question allows, owned first, and the offers it does not."""
    allowed: list[Machine] = []
    rejected: list[Rejected] = []
    for position, pool in enumerate(question.pools):
        accelerator = catalog.accelerator_named(pool.accelerator)
        if accelerator is not None:
            single = len(question.jobs) == 1
            usd_each = pool.usd_each if single and isinstance(pool, Commitment) else 0.0
            allowed.extend(_owned(pool, position, accelerator, today, usd_each))
    for offer in catalog.offers.values():
        reason = reason_against(offer, question.limits, catalog)
        if reason:
            rejected.append(Rejected(offer.key, reason))
            continue
        accelerator = catalog.accelerators[offer.accelerator]
        most = 1 if offer.inter_node_gbit_per_s is None else MAX_INSTANCES
        allowed.append(Machine(offer, _shape(offer, accelerator), -1, most))
    return tuple(allowed), tuple(rejected)


def _owned(
    pool: OwnedMachines, position: int, accelerator: Accelerator, today: date, usd_each: float
) -> Iterator[Machine]:
    """The machines of a pool, and where it is a single one its parts of 1, 2, 4 … cards.

    Parts of several machines are left out: jobs that come and go could leave free cards scattered
    over machines, so that their sum says nothing.
    """
    offer = owned_offer(pool, accelerator, today)
    most = pool.machines if offer.inter_node_bytes_per_s is not None else 1
    yield Machine(offer, _shape(offer, accelerator), position, most, 1.0, pool.machines, usd_each)
    whole = pool.gpus_per_machine
    for cards in counts_up_to(whole)[:-1] if pool.machines == 1 else ():
        part = offer.model_copy(
            update={
                "sku": f"{offer.sku}.{cards}of{whole}",
                "gpus_per_instance": cards,
                "usd_per_hour": offer.usd_per_hour * cards / whole,
            }
        )
        yield Machine(part, _shape(part, accelerator), position, 1, cards / whole, 1, usd_each)


MAX_INSTANCES = 4096
"""More rented machines than this are a negotiation, not an offer."""


def reason_against(offer: Offer, limits: Limits, catalog: Catalog) -> str:  # noqa: PLR0911 - one test a line
    """Why an offer may not be used; empty where it may."""
    accelerator = catalog.accelerators.get(offer.accelerator)
    if accelerator is None:
        return f"accelerator {offer.accelerator} is not in the catalogue"
    if not limits.rent:
        return "renting is switched off"
    if not accelerator.trains:
        return f"no training software is assumed for {accelerator.name}"
    if limits.providers and not _named(offer.provider, limits.providers):
        return f"provider {offer.provider} is not among those allowed"
    if limits.regions and not _named(offer.region, limits.regions):
        return f"region {offer.region} is not among those allowed"
    if limits.accelerators and not _named(offer.accelerator, limits.accelerators):
        return f"accelerator {offer.accelerator} is not among those allowed"
    if offer.pricing is Pricing.SPOT and not limits.spot:
        return "spot machines are switched off"
    if offer.pricing in (Pricing.RESERVED_1Y, Pricing.RESERVED_3Y):
        return "a reserved price is charged for its whole term"
    if offer.marked and not limits.include_marked_prices:
        return f"its price is marked: {offer.marked}"
    return ""


def owned_offer(pool: OwnedMachines, accelerator: Accelerator, today: date) -> Offer:
    """The user's machines as an offer at the user's own rate."""
    return Offer(
        provider=OWNED_PROVIDER,
        sku=pool.sku,
        region=pool.region or "own",
        pricing=Pricing.OWNED,
        accelerator=accelerator.id,
        gpus_per_instance=pool.gpus_per_machine,
        intra_node_link=pool.link or accelerator.link,
        inter_node_gbit_per_s=pool.network_gbit_per_s,
        usd_per_hour=pool.usd_per_hour,
        price_date=today,
        source="stated in the question",
        verified=Verified.YES,
    )


def shapes_of(allowed: Iterable[Machine]) -> tuple[Shape, ...]:
    """The distinct shapes, in order of first appearance."""
    return tuple(dict.fromkeys(machine.shape for machine in allowed))


def counts_up_to(most: int) -> tuple[int, ...]:
    """Powers of two, and the whole pool where it is none."""
    powers = [2**k for k in range(most.bit_length()) if 2**k <= most]
    return tuple(powers if powers[-1] == most else [*powers, most])


def _shape(offer: Offer, accelerator: Accelerator) -> Shape:
    link = link_bytes_per_s(accelerator, offer.intra_node_link)
    return Shape(
        accelerator,
        offer.gpus_per_instance,
        link if offer.gpus_per_instance > 1 else None,
        offer.inter_node_bytes_per_s,
    )


def _named(name: str, allowed: Iterable[str]) -> bool:
    return name.lower() in {word.lower() for word in allowed}
