"""How good a fine-tuned encoder is: one latent quality a model, one line a task.

z(model, task) = offset + slope · quality, on the log-odds scale of the task. Quality is expected
from size, generation and distillation, and sharpened by every published score of the model.
Development and test scores are separate items: they are never compared with each other.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.estimate.quality_scale import to_logit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from catalog.schema import Score
    from solver.estimate.quality_constants import EncoderConstants, Item

GENERATIONS = (
    ("albert", 1),
    ("distilroberta", 1),
    ("roberta", 1),
    ("xlm-r", 1),
    ("xlnet", 1),
    ("t5", 1),
    ("flan-t5", 1),
    ("bart", 1),
    ("electra", 2),
    ("deberta", 2),
    ("mdeberta", 2),
    ("modernbert", 2),
)
"""First letters of a name and the generation of pre-training: 0 BERT, 1 RoBERTa, 2 ELECTRA."""

DISTILLED_NAMES = ("distil", "tinybert", "minilm", "mobilebert")
"""First letters of names of models that were distilled before fine-tuning."""

FULL_METHODS = ("full", "distilled", "distillation")
"""Methods under which all weights are trained: their scores tell of the model."""


@dataclass(frozen=True, slots=True)
class Belief:
    """A normal belief about one number."""

    mean: float
    variance: float

    def seen(self, value: float, variance: float, slope: float = 1.0) -> Belief:
        """The belief after an observation of slope · number with this variance."""
        gain = self.variance * slope / (slope * slope * self.variance + variance)
        return Belief(
            self.mean + gain * (value - slope * self.mean),
            self.variance * (1.0 - gain * slope),
        )


def generation_of(name: str) -> int:
    """Generation of pre-training by the model's name: 0, 1 or 2."""
    lower = name.lower()
    return next((number for start, number in GENERATIONS if lower.startswith(start)), 0)


def is_distilled(name: str) -> bool:
    """True for models distilled before fine-tuning, by their name."""
    return name.lower().startswith(DISTILLED_NAMES)


def features_of(name: str, parameters: float) -> tuple[float, ...]:
    """What quality is expected from: (1, log10 N - 8, generation 1, generation 2, distilled)."""
    generation = generation_of(name)
    return (
        1.0,
        math.log10(parameters) - 8.0,
        float(generation == 1),
        float(generation == 2),  # noqa: PLR2004 - the second generation
        float(is_distilled(name)),
    )


def known_scores(scores: Iterable[Score], constants: EncoderConstants) -> dict[int, float]:
    """Median published score by item, in z, of the rows of one model.

    Args:
        scores: rows of one model.
        constants: fitted numbers.

    Returns:
        z by position of the item in `constants.items`.
    """
    places = {(item.task, item.split, item.metric): i for i, item in enumerate(constants.items)}
    found: dict[int, list[float]] = {}
    for score in scores:
        place = places.get((score.task, score.split, score.metric))
        if place is not None and score.method in FULL_METHODS:
            found.setdefault(place, []).append(score.score)
    return {
        place: float(to_logit(statistics.median(values), *_ends(constants.items[place])))
        for place, values in sorted(found.items())
    }


def scores_elsewhere(name: str, constants: EncoderConstants) -> dict[int, float]:
    """Z by item of a model whose scores the fit has seen and the catalogue does not list."""
    listed = constants.elsewhere.get(name, {})
    return {
        place: float(to_logit(listed[key], *_ends(item)))
        for place, item in enumerate(constants.items)
        if (key := f"{item.task} {item.split}") in listed
    }


def quality(
    features: tuple[float, ...],
    known: Mapping[int, float],
    constants: EncoderConstants,
    *,
    spread: float = 1.0,
) -> Belief:
    """Latent quality of a model.

    Args:
        features: as `features_of` gives them.
        known: z by item, as `known_scores` gives them.
        constants: fitted numbers.
        spread: factor on the variance before any score is known; above 1 for models of a kind
            that the fit has not seen.
    """
    expected = sum(w * x for w, x in zip(constants.weights, features, strict=True))
    belief = Belief(expected, constants.variance * spread)
    for place, z in known.items():
        item = constants.items[place]
        belief = belief.seen(z - item.offset, item.noise**2, item.slope)
    return belief


SMALL_TASKS = 1.08
"""Factor on the doubt on tasks of fewer than 10,000 examples, beside that on all: whole cases of
left-out pairs were 6 points short of nominal without it."""


def on_item(belief: Belief, item: Item, constants: EncoderConstants) -> Belief:
    """What a model of that quality scores on an item, in z; variance calibrated."""
    variance = item.slope**2 * belief.variance + item.noise**2
    inflation = constants.inflation * (1.0 if item.large else SMALL_TASKS)
    return Belief(item.offset + item.slope * belief.mean, inflation**2 * variance)


def _ends(item: Item) -> tuple[float, float]:
    return item.floor, item.ceiling
