"""The value that accuracy prediction gives: median, spread and evidence of every combination."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from catalog.schema import Architecture, MethodKind
from solver.estimate.quality_full import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from catalog.schema import Model
    from solver.estimate.configurations import FloatArray, IntArray
    from solver.estimate.quality_basis import Basis
    from solver.estimate.quality_ground import Ground
    from solver.space.variants import Variant

FAILED_DECODERS = 23 / 310
"""Share of published 4-bit fine-tunings of 2B to 7B decoders that ended at chance (LoRA Land,
predibase2024, 10 models on 31 tasks). Encoders: no such table, so none is assumed."""


NEVER_AT_CHANCE = (
    MethodKind.PROMPTING,
    MethodKind.FROM_SCRATCH,
    MethodKind.CONTINUED_PRETRAINING,
)
"""Methods of which that table says nothing: they do not tune a model on a task."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Predicted accuracy of every (model, variant, passes)."""

    median: FloatArray
    """Shape (models, variants, epochs). [ratio]; NaN: not predicted."""
    sd: FloatArray
    """Same shape: the outcome is normal around the median, clipped to 0..ceiling. [ratio]"""
    common_ratio: float
    """Share of the variance that all candidates have in common. [0..1]"""
    failure_ratio: FloatArray
    """Chance that a run ends at chance level. [0..1], shape (models, variants)"""
    evidence: IntArray
    """0 measured, 1 interpolated, 2 unseen, 3 none. Shape (models, variants)"""
    chance: float
    ceiling: float
    unknown_because: str
    """Why nothing at all can be predicted; empty where something can."""
    notes: tuple[str, ...]
    """Assumptions in words, with source keys."""
    basis: tuple[tuple[str, ...], ...]
    """For every model and variant one line: what its prediction stands on."""

    def at(self, quantile: float) -> FloatArray:
        """Accuracy that is reached with this probability: the lower quantile, clipped.

        Args:
            quantile: probability of reaching it, 0.5 gives the median. (0..1)
        """
        away = NormalDist().inv_cdf(quantile)
        return np.clip(self.median - away * self.sd, 0.0, self.ceiling)

    def note(self, model_index: int, variant_index: int) -> str:
        """One line: what this prediction stands on."""
        return self.basis[model_index][variant_index]


def failures(models: Sequence[Model], variants: Sequence[Variant]) -> FloatArray:
    """Chance that a run ends at chance level. Shape (models, variants)."""
    decoder = np.array([m.architecture is Architecture.DECODER for m in models])
    trains = np.array([v.method.kind not in NEVER_AT_CHANCE for v in variants])
    return frozen(FAILED_DECODERS * decoder[:, None] * trains[None, :])


def nothing(
    ground: Ground,
    models: Sequence[Model],
    variants: Sequence[Variant],
    epochs: Sequence[int],
    because: str,
    basis: Basis | None = None,
) -> Accuracy:
    """The prediction that nothing can be predicted, and why."""
    shape = (len(models), len(variants), len(epochs))
    nan = frozen(np.full(shape, np.nan))
    return Accuracy(
        median=nan,
        sd=nan,
        common_ratio=0.0,
        failure_ratio=failures(models, variants),
        evidence=frozen(np.full(shape[:2], NONE)),
        chance=ground.chance,
        ceiling=ground.ceiling,
        unknown_because=because,
        notes=(because,),
        basis=basis or tuple(tuple(because for _ in variants) for _ in models),
    )


A = TypeVar("A", bound=np.generic)


def frozen(array: NDArray[A]) -> NDArray[A]:
    """The array, made read-only."""
    array.flags.writeable = False
    return array
