"""Jobs that share one machine of the user's own: which of its accelerators each of them gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver.export.launch.settings import Settings
    from solver.plan import PlannedJob

SHARE = re.compile(r"(?P<pool>.*)\.(?P<cards>\d+)of(?P<whole>\d+)", re.DOTALL)
"""Of a machine with so many accelerators: lab.2of8."""


def share_of(planned: PlannedJob) -> tuple[str, int, int] | None:
    """The pool, accelerators and the whole machine's accelerators of a job that has only some."""
    offer = planned.offer
    found = SHARE.fullmatch(offer.sku) if offer.pricing == "owned" else None
    if found is None or planned.instances > 1:
        return None
    return found["pool"], int(found["cards"]), int(found["whole"])


def devices(runs: Iterable[Settings]) -> dict[str, tuple[int, ...]]:
    """Numbers of the accelerators of each job that has a share of a machine, by its name.

    Jobs that run at once get different ones, as far as there are so many.

    Args:
        runs: in the order of their start.
    """
    given: dict[str, tuple[int, ...]] = {}
    held: list[tuple[str, float, tuple[int, ...]]] = []
    for run in runs:
        share = share_of(run.planned)
        if share is None:
            continue
        pool, cards, whole = share
        start = run.planned.start_hours
        busy = {n for name, end, numbers in held if name == pool and end > start for n in numbers}
        # Those that are taken come last: a plan has room, an edited file may not.
        order = sorted(range(whole), key=lambda number: (number in busy, number))
        given[run.planned.name] = tuple(sorted(order[:cards]))
        end = max(run.planned.end_hours, start)
        held.append((pool, end, given[run.planned.name]))
    return given


def collide(one: Settings, other: Settings, numbers: dict[str, tuple[int, ...]]) -> bool:
    """True unless both have accelerators of one machine and none in common."""
    first, second = (share_of(run.planned) for run in (one, other))
    if first is None or second is None or first[0] != second[0]:
        return True
    return bool({*numbers[one.planned.name]} & {*numbers[other.planned.name]})
