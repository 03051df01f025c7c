"""How near measured runs lie to a prediction, and how wide it is therefore."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from solver.estimate.configurations import Configurations, FloatArray, IntArray
    from solver.estimate.constants import Spread80
    from solver.estimate.shape import Sizes


class EvidenceCode(IntEnum):
    """How near measured runs lie to a prediction."""

    MEASURED = 0
    INTERPOLATED = 1
    UNSEEN = 2


GROUPS = ("large", "small", "peft", "experts")
"""Kinds of run by which evidence is kept."""

SMALL = 1e9
"""Models of fewer active parameters are small: launches and traffic rule their speed. [1]"""


def groups(c: Configurations, s: Sizes) -> IntArray:
    """Position of each configuration's kind in `GROUPS`."""
    by_size = np.where(c.active_parameters < SMALL, 1, 0)
    made: IntArray = np.where(s.experts, 3, np.where(s.peft, 2, by_size))
    return made


def evidence_codes(
    c: Configurations,
    s: Sizes,
    places: IntArray,
    names: Sequence[str],
    known: Mapping[str, int],
) -> IntArray:
    """Evidence of each configuration. [code]

    Args:
        c: configurations.
        s: their sizes, which give the kind.
        places: position in `names` of each configuration's hardware or software, shape (n,).
        names: what the first words of the keys of `known` are.
        known: code by name and kind, e.g. "AMPERE large"; what is missing is unseen.
    """
    unseen = int(EvidenceCode.UNSEEN)
    codes = np.array(
        [[known.get(f"{name} {group}", unseen) for group in GROUPS] for name in names],
        dtype=np.int64,
    )
    made: IntArray = codes[places, groups(c, s)]
    return made


def spread_of(
    regime: IntArray,
    names: Sequence[str],
    spreads: Mapping[str, Spread80],
    evidence: IntArray,
    widening: float,
) -> tuple[FloatArray, FloatArray]:
    """Half-widths towards more and towards less, wider where nothing was measured. [1]

    Args:
        regime: position in `names`, shape (n,).
        names: regimes in the order of their codes.
        spreads: half-widths by regime, with "all" for any other.
        evidence: codes of `EvidenceCode`, shape (n,).
        widening: factor where unseen.
    """
    chosen = [spreads.get(name, spreads["all"]) for name in names]
    slow = np.array([spread.slow_log_sd for spread in chosen])
    fast = np.array([spread.fast_log_sd for spread in chosen])
    wider = np.where(evidence == EvidenceCode.UNSEEN, widening, 1.0)
    return slow[regime] * wider, fast[regime] * wider
