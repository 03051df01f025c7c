"""What each model scores on a task with all its data: full fine-tuning, by latent quality."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.schema import Architecture
from solver.estimate.quality_decoders import decoder_score, own_score
from solver.estimate.quality_encoders import (
    FULL_METHODS,
    Belief,
    features_of,
    known_scores,
    on_item,
    quality,
    scores_elsewhere,
)
from solver.estimate.quality_prompted import facts_score
from solver.estimate.quality_scale import from_logit, slope_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.schema import Model, Score
    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray, IntArray
    from solver.estimate.quality_constants import EncoderConstants, Item, QualityConstants
    from solver.estimate.quality_ground import Ground

MEASURED, INTERPOLATED, UNSEEN, NONE = range(4)
"""What a prediction stands on: codes of `Accuracy.evidence`."""

UNLIKE_ENCODERS = 4.0
"""Factor on the variance of the quality of a decoder, which the fit has not seen."""

Rows = dict[str, tuple["Score", ...]]


@dataclass(frozen=True, slots=True)
class Full:
    """Scores of full fine-tuning with the published data, one entry a model."""

    mean: FloatArray
    """[ratio]; NaN where nothing supports a number."""
    sd: FloatArray
    """[ratio]"""
    evidence: IntArray
    quality: tuple[Belief, ...]
    """Latent quality of each model, whatever the task."""
    rows: tuple[int, ...]
    """Published rows behind each model."""


def rows_by_model(catalog: Catalog) -> Rows:
    """The catalogue's scores by model name."""
    found: dict[str, list[Score]] = defaultdict(list)
    for score in catalog.scores:
        found[score.model].append(score)
    return {name: tuple(scores) for name, scores in found.items()}


def full_scores(
    models: Sequence[Model], ground: Ground, rows: Rows, constants: QualityConstants
) -> Full:
    """What full fine-tuning of each model reaches with the published data.

    Args:
        models: base models.
        ground: the task.
        rows: published scores by model.
        constants: fitted numbers.
    """
    beliefs = tuple(
        quality_of(m.name, m.parameters, rows, constants.encoder, decoder=_is_decoder(m))
        for m in models
    )
    mean, sd = np.full(len(models), np.nan), np.full(len(models), np.nan)
    evidence = np.full(len(models), NONE)
    counts = []
    for place, model in enumerate(models):
        own = rows.get(model.name, ())
        unlisted = len(constants.encoder.elsewhere.get(model.name, ()))
        counts.append(sum(score.method in FULL_METHODS for score in own) + unlisted)
        if ground.item is None:
            found = (
                decoder_score(model, ground, own, constants)
                or facts_score(model, ground.task, own, constants.benchmarks)
                if _is_decoder(model)
                else own_score(ground, own)
            )
            if found is not None:
                mean[place], sd[place] = found.mean, found.sd
                evidence[place] = (
                    MEASURED if found.measured else UNSEEN if found.unseen else INTERPOLATED
                )
            continue
        without = quality_of(
            model.name,
            model.parameters,
            {model.name: tuple(s for s in own if s.task != ground.item.task)},
            constants.encoder,
            decoder=_is_decoder(model),
            task=ground.item.task,
        )
        here = _here(model.name, own, ground.item, constants.encoder)
        at = constants.encoder.items.index(ground.item)
        belief = on_task(without, here, at, ground.item, constants.encoder)
        mean[place] = float(from_logit(belief.mean, ground.item.floor, ground.item.ceiling))
        slope = float(slope_at(mean[place], ground.item.floor, ground.item.ceiling))
        sd[place] = slope * belief.variance**0.5
        evidence[place] = MEASURED if at in here else INTERPOLATED if counts[-1] else UNSEEN
    return Full(mean, sd, evidence, beliefs, tuple(counts))


def quality_of(
    name: str,
    parameters: float | None,
    rows: Mapping[str, Sequence[Score]],
    constants: EncoderConstants,
    *,
    decoder: bool = False,
    task: str = "",
) -> Belief:
    """Latent quality of a model by name, from its size where the fit has not seen it.

    Args:
        name: the catalogue's name.
        parameters: size where known. [1]
        rows: published scores by model.
        constants: fitted numbers.
        decoder: True for models of a kind that the fit has not seen.
        task: on which scores that the catalogue does not list are left out.
    """
    features = constants.features.get(name)
    if features is None:
        features = features_of(name, parameters or 1e8)
    spread = UNLIKE_ENCODERS if decoder or parameters is None else 1.0
    if name in constants.features:
        spread = 1.0
    elsewhere = scores_elsewhere(name, constants).items()
    known = {place: z for place, z in elsewhere if constants.items[place].task != task}
    known.update(known_scores(rows.get(name, ()), constants))
    return quality(features, known, constants, spread=spread)


def _here(
    name: str, own: Sequence[Score], item: Item, constants: EncoderConstants
) -> dict[int, float]:
    """A model's scores on the item's task, in z by item."""
    elsewhere = scores_elsewhere(name, constants).items()
    found = {place: z for place, z in elsewhere if constants.items[place].task == item.task}
    found.update(known_scores([score for score in own if score.task == item.task], constants))
    return found


def on_task(
    without: Belief, here: Mapping[int, float], at: int, item: Item, constants: EncoderConstants
) -> Belief:
    """Log-odds on the item: from other tasks, from its other split, then from itself."""
    belief = without
    for place, z in here.items():
        if place != at:
            other = constants.items[place]
            belief = belief.seen(z - other.offset, other.noise**2, other.slope)
    predicted = on_item(belief, item, constants)
    repeat = constants.repeat_sd**2
    if at in here:
        predicted = predicted.seen(here[at], repeat)
        predicted = Belief(predicted.mean, predicted.variance + repeat)
    return predicted


def _is_decoder(model: Model) -> bool:
    return model.architecture is Architecture.DECODER
