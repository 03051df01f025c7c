"""Values in words: the one place that turns internal units into what people read.

Every function takes a value in its internal unit and answers a short text. The command line, the
report and the window print the same words for the same value.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.units import BYTES_PER_GIB, HOURS_PER_DAY, PERCENT, SECONDS_PER_HOUR
from solver.export.tables import printable, shortened
from solver.plan import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from solver.plan import Layout, LimitKept, MachineUsed, PlannedJob, SpotWindow

MINUTES_PER_HOUR = SECONDS_PER_HOUR / 60.0

DAYS_FROM_HOURS = 72.0
"""Longer times are written in days: three days are easier to picture than 80 hours. [h]"""

MINUS = "−"

NAME_WIDTH = 34
"""Columns of a job's name beside a chart or in a table. [1]"""

LIMIT_WORDS = {
    "deadline": "deadline",
    "budget": "budget",
    "min_accuracy": "minimum accuracy",
    "co2": "CO₂ cap",
    "max_gpus": "GPU cap",
    "max_deployed": "deployed size",
    "max_latency": "latency",
}
"""What people call each limit of `solver.plan.LimitName`."""

SHARDING_WORDS = {
    "none": "replicated on every GPU",
    "optimizer": "optimizer state sharded (ZeRO-1)",
    "gradients": "optimizer and gradients sharded (ZeRO-2)",
    "weights": "weights sharded (ZeRO-3, FSDP)",
}

CHECKPOINTING_WORDS = {
    "none": "activations kept",
    "selective": "selective activation checkpointing",
    "full": "full activation checkpointing",
}


def hours_text(hours: float) -> str:
    """A time in the unit that suits it: 35 s, 22 min, 3.3 h, 4.2 days.

    Args:
        hours: any finite time; a negative one gets a minus sign. [h]
    """
    if hours < 0:
        return MINUS + hours_text(-hours)
    minutes = hours * MINUTES_PER_HOUR
    if round(hours * SECONDS_PER_HOUR) < 60:  # noqa: PLR2004 - seconds of a minute
        return f"{hours * SECONDS_PER_HOUR:.0f} s"
    if round(minutes) < 60:  # noqa: PLR2004 - minutes of an hour
        return f"{_tenths(minutes)} min"
    if hours < DAYS_FROM_HOURS:
        return f"{_tenths(hours, from_whole=100.0)} h"
    return f"{_tenths(hours / HOURS_PER_DAY, from_whole=100.0)} days"


def usd_text(usd: float) -> str:
    """Dollars: $0, < $0.01, $4.63, $20, $355, $12,400, $1.24 million.

    Args:
        usd: any finite sum; cents are shown below 100 dollars unless they are zero. [USD]
    """
    if usd < 0:
        return MINUS + usd_text(-usd)
    if 0 < usd < 0.005:  # noqa: PLR2004 - rounds to less than a cent
        return "< $0.01"
    if round(usd, 2) < 100:  # noqa: PLR2004 - see above
        cents = f"{usd:.2f}"
        return "$" + (cents.removesuffix(".00") if _is_whole(usd) else cents)
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if usd >= size:
            return f"${usd / size:,.2f} {word}"
    return f"${usd:,.0f}"


def usd_per_hour_text(usd_per_hour: float) -> str:
    """A price: $2.19/h. Zero, as for an owned machine without a rate, is "$0/h"."""
    return f"{usd_text(usd_per_hour)}/h"


def accuracy_text(ratio: float | None) -> str:
    """An accuracy in percent with one decimal; "unknown" where it is not predicted."""
    return "unknown" if ratio is None else f"{ratio * PERCENT:.1f} %"


def points_text(difference: float) -> str:
    """A difference of accuracies in percentage points, always signed: +1.3 points."""
    points = f"{abs(difference) * PERCENT:.1f}"
    return f"{MINUS if difference < 0 else '+'}{points} points"


def chance_text(ratio: float) -> str:
    """A probability in whole percent; never a certainty that was only simulated."""
    if ratio > 0.995:  # noqa: PLR2004 - would round to 100 %
        return "> 99 %"
    if 0 <= ratio < 0.005:  # noqa: PLR2004 - would round to 0 %
        return "< 1 %"
    return f"{ratio * PERCENT:.0f} %"


def count_text(count: float) -> str:
    """A whole number with thousands separated: 40,000."""
    return f"{count:,.0f}".replace("-", MINUS)


def short_count_text(count: float) -> str:
    """A large number in three digits: 850, 40 k, 110 M, 8.03 B, 1.5 T."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(count) >= size * 0.9995:
            return f"{_three_digits(count / size)} {letter}"
    return _three_digits(count)


def tokens_text(tokens: float) -> str:
    """An amount of text: 15.4 M tokens."""
    return f"{short_count_text(tokens)} tokens"


def tokens_per_s_text(tokens_per_s: float) -> str:
    """A throughput: 12,300 tokens/s, to three digits."""
    return f"{count_text(_rounded(tokens_per_s, 3))} tokens/s"


def bytes_text(size_bytes: float) -> str:
    """A memory size in GiB, the unit accelerators are sold in: 14.2 GiB."""
    gib = size_bytes / BYTES_PER_GIB
    if gib and abs(gib) < 0.095:  # noqa: PLR2004 - one decimal would say 0.1 or 0.0
        return f"{gib * 1024:.0f} MiB".replace("-", MINUS)
    return f"{gib:.1f} GiB".replace("-", MINUS)


def gb_text(gigabytes: float) -> str:
    """The size of a file of weights in decimal gigabytes: 0.44 GB, 16.1 GB."""
    return f"{_three_digits(gigabytes)} GB"


def milliseconds_text(milliseconds: float) -> str:
    """The time of one answer: 0.42 ms, 12.4 ms, 1.3 s."""
    return (
        _scaled(milliseconds, ((1e3, "s"), (1.0, "ms")))
        if milliseconds >= 1.0
        else (f"{_three_digits(milliseconds)} ms")
    )


def energy_text(kwh: float) -> str:
    """Electrical energy: 850 Wh, 12.4 kWh, 3.1 MWh."""
    return _scaled(kwh, ((1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh"), (1e-3, "Wh")))


def co2_text(kg: float) -> str:
    """A mass of CO₂: 85 g, 3.1 kg, 2.4 t."""
    return _scaled(kg, ((1e3, "t"), (1.0, "kg"), (1e-3, "g")))


def seconds_text(seconds: float) -> str:
    """A short duration of the program itself: 40 ms, 1.3 s."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"  # noqa: PLR2004


def gap_text(ratio: float | None) -> str:
    """How far the bound is from the plan: "0 (proven)", 0.4 %, or "none known"."""
    if ratio is None:
        return "none known"
    return "0 (proven)" if ratio <= 1e-6 else f"{ratio * PERCENT:.2g} %"  # noqa: PLR2004 - MIP gap


def date_text(day: date) -> str:
    """A day, the same in every language: 2026-11-23."""
    return day.isoformat()


def moment_text(iso: str) -> str:
    """A time as the answer holds it, to the minute and with its zone: 2026-11-25 11:04 UTC.

    A text that is no ISO 8601 time comes back as it is: exports must not fail on an old file.
    """
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    zone = moment.strftime("%Z") or "local time"
    return f"{moment:%Y-%m-%d %H:%M} {zone}"


def interval_text(low: float, high: float, text: Callable[[float], str]) -> str:
    """Two ends in one unit where they share it: 2.9–3.8 h, 45 min–1.2 h, $28–$33.

    Args:
        low: lower end, in the unit of `text`.
        high: upper end.
        text: one of the functions above.
    """
    first, last = text(low), text(high)
    if first == last:
        return first
    number, space, unit = first.rpartition(" ")
    if space and last.endswith(space + unit):
        return f"{number}–{last}"
    return f"{first}–{last}"


def plural(count: float, noun: str, nouns: str | None = None) -> str:
    """A count with its noun: 1 job, 3 jobs, 2 batches (`nouns` where adding s is wrong)."""
    return f"{count_text(count)} {noun if count == 1 else nouns or noun + 's'}"


def listed(words: tuple[str, ...] | list[str], last: str = "and") -> str:
    """Words in a sentence: "a", "a and b", "a, b and c"."""
    if len(words) < 2:  # noqa: PLR2004 - one word needs no joining
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def name_text(name: str) -> str:
    """A job's name where room is short: its first letters and an ellipsis."""
    return shortened(printable(name), NAME_WIDTH)


def key_text(key: str) -> str:
    """A candidate's key, or that the job is left out."""
    return "left out" if key == LEFT_OUT else key


def sentence(words: str) -> str:
    """Words with a capital and a full stop, as a note may come without."""
    trimmed = words.strip()
    if not trimmed:
        return ""
    return trimmed[0].upper() + trimmed[1:] + ("" if trimmed[-1] in ".!?…:" else ".")


def limit_text(name: str, value: float) -> str:
    """A limit's value in its own words: 6 h, $20, 90.0 %, 3.1 kg, 16 GPUs, 4 GB.

    Args:
        name: a `solver.plan.LimitName`.
        value: in the limit's unit.
    """
    return _LIMIT_VALUES[name](value)


def slack_text(limit: LimitKept) -> str:
    """The room a plan leaves under a limit; "over" where the limit is not kept."""
    if limit.name == "min_accuracy":
        return points_text(limit.slack)
    room = limit_text(limit.name, abs(limit.slack))
    return f"{room} over" if limit.slack < 0 else f"{room} left"


def machine_text(offer: MachineUsed, instances: int) -> str:
    """What is rented or used, and how many: 2 × p5.48xlarge (16 H100 SXM)."""
    gpus = f"{instances * offer.gpus_per_instance} × {offer.accelerator_name}"
    return f"{count_text(instances)} × {offer.sku} ({gpus})"


def place_text(offer: MachineUsed) -> str:
    """Where and how it is paid: aws, us-east-1, spot; the user's own machines are just that."""
    if offer.pricing == "owned":
        return "your own machines"
    region = "any region" if offer.region == "any" else offer.region
    return ", ".join(word for word in (offer.provider, region, offer.pricing) if word)


def places_text(job: PlannedJob) -> str:
    """Where a job runs and how that is paid, all its machines."""
    place = place_text(job.offer)
    return place if job.spot_window is None else f"{place}, then {job.spot_window.then.pricing}"


def window_text(window: SpotWindow) -> str:
    """What follows on spot machines: after 18 h a2-highgpu-1g on-demand at $3.67/h …"""
    then = window.then
    price = f"{then.sku} {then.pricing} at {usd_per_hour_text(then.usd_per_hour)}"
    return f"after {hours_text(window.hours)} {price} (comes to it in {chance_text(window.chance)})"


def layout_text(layout: Layout) -> str:
    """How a run lies on its accelerators, in words."""
    ways = [
        f"{ways}-way {word} parallel"
        for ways, word in (
            (layout.data_parallel, "data"),
            (layout.tensor_parallel, "tensor"),
            (layout.pipeline_parallel, "pipeline"),
        )
        if ways > 1
    ]
    shards = [SHARDING_WORDS[layout.sharding]] if layout.data_parallel > 1 else []
    steps = (
        f"micro-batch {layout.micro_batch}"
        + (f" × {layout.accumulation} accumulated" if layout.accumulation > 1 else "")
        + f", {plural(layout.batch_sequences, 'sequence')} of {count_text(layout.sequence)} tokens"
        " a step"
    )
    return ", ".join(
        [*(ways or ["one GPU"]), *shards, CHECKPOINTING_WORDS[layout.checkpointing], steps]
    )


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9  # noqa: PLR2004 - the noise of floating point


def _tenths(value: float, from_whole: float = 10.0) -> str:
    """One decimal below `from_whole`, none above or where the value is whole."""
    if _is_whole(value) or round(value, 1) >= from_whole:
        return f"{value:.0f}"
    return f"{value:.1f}"


def _rounded(value: float, digits: int) -> float:
    if value == 0:
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def _three_digits(value: float) -> str:
    rounded = _rounded(value, 3)
    digits = 0 if abs(rounded) >= 100 else 1 if abs(rounded) >= 10 else 2  # noqa: PLR2004
    text = f"{rounded:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return (text or "0").replace("-", MINUS)


def _scaled(value: float, units: tuple[tuple[float, str], ...]) -> str:
    for size, unit in units:
        if abs(value) >= size * 0.9995:
            return f"{_three_digits(value / size)} {unit}"
    size, unit = units[-1]
    return f"{_three_digits(value / size)} {unit}"


def _gpus(count: float) -> str:
    return plural(count, "GPU")


_LIMIT_VALUES: dict[str, Callable[[float], str]] = {
    "deadline": hours_text,
    "budget": usd_text,
    "min_accuracy": accuracy_text,
    "co2": co2_text,
    "max_gpus": _gpus,
    "max_deployed": gb_text,
    "max_latency": milliseconds_text,
}
