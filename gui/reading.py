"""What people type, in internal units: 6 h, 2 d, $1.2k, 90 %; no Qt."""

from __future__ import annotations

import re
from datetime import datetime

from catalog.units import HOURS_PER_DAY, PERCENT, SECONDS_PER_HOUR

NUMBER = re.compile(r"([0-9][0-9 _,]*\.?[0-9]*|\.[0-9]+)\s*([a-zµ%$]*)\.?$")

HOURS = {
    "": 1.0,
    "s": 1 / SECONDS_PER_HOUR,
    "sec": 1 / SECONDS_PER_HOUR,
    "m": 60 / SECONDS_PER_HOUR,
    "min": 60 / SECONDS_PER_HOUR,
    "minutes": 60 / SECONDS_PER_HOUR,
    "h": 1.0,
    "hour": 1.0,
    "hours": 1.0,
    "d": HOURS_PER_DAY,
    "day": HOURS_PER_DAY,
    "days": HOURS_PER_DAY,
    "w": 7 * HOURS_PER_DAY,
    "week": 7 * HOURS_PER_DAY,
    "weeks": 7 * HOURS_PER_DAY,
}
TIMES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "million": 1e6, "billion": 1e9}


class UnreadableError(Exception):
    """What was typed is no value of this field; the text says what is."""


def hours_of(text: str) -> float | None:
    """A time in hours; None where nothing is typed. [h]

    Raises:
        UnreadableError: the text is no time.
    """
    return _scaled(text, HOURS, "a time such as 6 h, 90 min or 2 d")


def usd_of(text: str) -> float | None:
    """A sum in dollars; None where nothing is typed. [USD]

    Raises:
        UnreadableError: the text is no sum.
    """
    return _scaled(text.replace("$", "").replace("usd", ""), TIMES, "a sum such as 20 or 1.5k")


def count_of(text: str) -> float | None:
    """A count such as 40,000, 40k or 1.5 M; None where nothing is typed. [1]

    Raises:
        UnreadableError: the text is no count.
    """
    return _scaled(text, TIMES, "a number such as 40,000 or 40k")


def whole_of(text: str) -> int | None:
    """A whole number; None where nothing is typed. [1]

    Raises:
        UnreadableError: the text is no whole number.
    """
    count = count_of(text)
    if count is not None and count != round(count):
        raise UnreadableError("Type a whole number")
    return None if count is None else round(count)


def ratio_of(text: str) -> float | None:
    """A share typed as 90, 90 % or 0.9; None where nothing is typed. [0..1]

    Raises:
        UnreadableError: the text is no share.
    """
    value = _scaled(text, {"": 1.0, "%": 1.0}, "a percentage such as 90")
    if value is None:
        return None
    is_percent = "%" in text or value > 1
    ratio = value / PERCENT if is_percent else value
    if ratio > 1:
        raise UnreadableError("Type at most 100 %")
    return round(ratio, 6)


def optional_name(text: str) -> str | None:
    """A name; None where nothing is typed."""
    return text.strip() or None


def moment_of(text: str) -> datetime | None:
    """A date with or without a time, in the zone that is typed or else that of this machine.

    Raises:
        UnreadableError: the text is no date.
    """
    words = text.strip()
    if not words:
        return None
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise UnreadableError("Type a date such as 2026-12-24 18:00") from None
    return moment if moment.tzinfo is not None else moment.astimezone()


def names_of(text: str) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


def wholes_of(text: str) -> tuple[int, ...]:
    """Whole numbers between commas.

    Raises:
        UnreadableError: one of them is no whole number.
    """
    return tuple(n for part in names_of(text) if (n := whole_of(part)) is not None)


def _scaled(text: str, units: dict[str, float], wanted: str) -> float | None:
    words = text.strip().lower()
    if not words:
        return None
    found = NUMBER.match(words)
    if found is None or found[2] not in units:
        raise UnreadableError(f"Type {wanted}")
    return float(re.sub(r"[ _,]", "", found[1])) * units[found[2]]
