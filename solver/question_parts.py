"""Parts of a question besides its jobs: numbers, aims, machines, limits; frozen and validated."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

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

    @property
    def sku(self) -> str:
        """The name as keys print it, which have no / and : inside a part."""
        return self.name.replace("/", "-").replace(":", "-")


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
