"""The cloud of candidates that the window draws and masks: thinned, weighted, as plain arrays.

Every candidate that can be best under any value of the limits is in it, so that the window can say
at once where the plan moves while a limit is dragged. The others are a sample; each of them stands
for `weight` candidates of its kind, so that counts stay right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.prepared import prepared
from solver.program import natural_sizes
from solver.question import SIXTEEN_BITS
from solver.region import frontier, missed
from solver.serve.frames import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solver.candidates import Candidates
    from solver.estimate.configurations import IntArray
    from solver.program import Limit

SHOWN = (4_000, 1_500, 1_500)
"""Candidates sampled that miss no limit, one limit, and more. [1]"""

MOVABLE = ("deadline", "budget", "min_accuracy")
"""Limits that the window masks by itself."""

DRAGGED = ("deadline", "budget")
"""Limits along the axes of the region."""

NEAR = 1.5
"""Up to this factor a dragged limit may move before another sample is drawn. [1]"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a cloud shows; one that serves a question as well need not be sent again."""

    candidates: object
    """An array of the candidates: edits of limits share it."""
    quantile: float
    limits: tuple[Limit, ...]

    def serves(self, other: Drawn) -> bool:
        """Whether this cloud shows what the other would, but for a sample of its own."""
        if self.candidates is not other.candidates or self.quantile != other.quantile:
            return False
        if len(self.limits) != len(other.limits):
            return False
        return all(_near(a, b) for a, b in zip(self.limits, other.limits, strict=True))


def _near(one: Limit, other: Limit) -> bool:
    if one == other:
        return True
    if (one.name, one.job) != (other.name, other.job) or one.name not in DRAGGED:
        return False
    return other.bound / NEAR <= one.bound <= other.bound * NEAR


def cloud(
    made: Candidates, limits: tuple[Limit, ...], quantile: float, ticket: int, name: str
) -> Message:
    """The cloud of one job's candidates at a quantile.

    Args:
        made: the candidates.
        limits: those of the question; their names decide what can be best.
        quantile: at which uncertain limits are enforced.
        ticket: of the question.
        name: by which the window tells what it holds.
    """
    known = prepared((made,), quantile, [limit.name for limit in limits])
    columns, kept = known.columns[0], known.kept[0]
    fixed = tuple(limit for limit in limits if limit.name not in MOVABLE)
    many = missed(columns, limits)
    # Whole, so that its part within any deadline and budget is the frontier there.
    standing = tuple(limit for limit in limits if limit.name not in DRAGGED)
    edge = frontier(columns, missed(columns, standing) == 0)
    shown, weight = _thinned(many, np.union1d(kept, edge))
    sizes = natural_sizes(known.columns)
    row, rent = made.row[shown], made.rent[shown]
    rents, rent_code = np.unique(rent, return_inverse=True)
    bench, epochs = made.bench, np.array(made.epochs, dtype=np.int32)
    trains = np.array([variant.method.trains for variant in bench.variants])
    arrays: dict[str, NDArray[Any]] = {
        "hours": columns.hours[shown].astype(np.float32),
        "usd": columns.usd[shown].astype(np.float32),
        "accuracy": columns.accuracy[shown].astype(np.float32),
        "missed_others": missed(columns, fixed)[shown].astype(np.uint8),
        "can_be_best": np.isin(shown, kept).astype(np.uint8),
        "weight": weight.astype(np.float32),
        "model": made.physics.model[row].astype(np.int32),
        "variant": made.physics.variant[row].astype(np.int32),
        "rent": rent_code.reshape(-1).astype(np.int32),
        "epochs": np.where(trains[made.physics.variant[row]], epochs[made.epoch[shown]], 0),
    }
    fields = {
        "ticket": ticket,
        "name": name,
        "quantile": quantile,
        "candidates": len(made),
        "feasible": int((many == 0).sum()),
        "models": [model.name for model in bench.models],
        "variants": [variant.label for variant in bench.variants],
        "deployed": [
            "" if variant.deployed == SIXTEEN_BITS else variant.deployed
            for variant in bench.variants
        ],
        "rents": [made.rents.rents[i].label for i in rents.tolist()],
        "chance": columns.chance,
        "ceiling": columns.ceiling,
        "hours_size": sizes["deadline"],
        "usd_size": sizes["budget"],
    }
    return Message("cloud", fields, arrays)


def _thinned(many: NDArray[np.uint8], always: IntArray) -> tuple[IntArray, NDArray[np.float64]]:
    """Positions to show, ascending, and how many candidates each of them stands for."""
    shown, weights = [always], [np.ones(len(always))]
    free = np.ones(len(many), dtype=bool)
    free[always] = False
    for state, most in enumerate(SHOWN):
        members = np.flatnonzero(free & (np.minimum(many, len(SHOWN) - 1) == state))
        taken = min(most, len(members))
        if taken:
            shown.append(members[np.linspace(0, len(members) - 1, taken).astype(np.int64)])
            weights.append(np.full(taken, len(members) / taken))
    positions, stands = np.concatenate(shown), np.concatenate(weights)
    order = np.argsort(positions, kind="stable")
    return positions[order], stands[order]
