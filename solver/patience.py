"""Work that somebody may want to end: a newer question waits, or a time limit is over."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Found = TypeVar("Found")


def _nothing() -> None:
    """Nobody wants to end it."""


heed: ContextVar[Callable[[], None]] = ContextVar("heed", default=_nothing)
"""Called now and then in long work, HiGHS' solves too; what it raises ends the work."""


class OutOfTimeError(Exception):
    """The time for something is over; it is no fault, and what was found until then stands."""


@contextmanager
def patient(seconds: float | None) -> Iterator[None]:
    """What is done inside ends with `OutOfTimeError` after so many seconds; None: never."""
    before, stop_at = heed.get(), time.monotonic() + (seconds or 0.0)

    def heeded() -> None:
        before()
        if time.monotonic() >= stop_at:
            raise OutOfTimeError

    token = heed.set(before if seconds is None else heeded)
    try:
        yield
    finally:
        heed.reset(token)


def in_time(find: Callable[[], Found], otherwise: Found) -> Found:
    """What is found, or something else where the time for it is over."""
    try:
        return find()
    except OutOfTimeError:
        return otherwise


def is_over() -> bool:
    """True once the time is over."""
    try:
        heed.get()()
    except OutOfTimeError:
        return True
    return False
