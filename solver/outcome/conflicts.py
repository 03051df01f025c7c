"""Which of many demands cannot hold together: few questions instead of one for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Demand = TypeVar("Demand")


def irreducible(
    demands: Sequence[Demand], possible: Callable[[tuple[Demand, ...]], bool]
) -> tuple[Demand, ...]:
    """Demands that cannot hold together while any of them left out would help, in their order.

    Where there are several such conflicts it is the one that is left when demands are left out one
    by one from the first to the last (deletion filter), with about 2k · log2(n / k) questions for
    k of n instead of n.

    Args:
        demands: they cannot hold together; none at all is possible.
        possible: whether some of them can; fewer are never harder.
    Source:
        Junker 2004, QUICKXPLAIN: preferred explanations, AAAI-04, algorithm 1; the last demand is
        the most preferred.
    """

    def ordered(some: list[Demand]) -> tuple[Demand, ...]:
        return tuple(demand for demand in demands if demand in some)

    def within(given: list[Demand], added: bool, rest: list[Demand]) -> list[Demand]:  # noqa: FBT001
        if added and not possible(ordered(given)):
            return []
        if len(rest) == 1:
            return rest
        first, second = rest[: len(rest) // 2], rest[len(rest) // 2 :]
        found = within(given + first, added=True, rest=second)
        return within(given + found, added=bool(found), rest=first) + found

    return ordered(within([], added=False, rest=list(demands)[::-1])) if demands else ()
