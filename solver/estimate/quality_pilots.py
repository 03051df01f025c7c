"""The user's pilots: a curve for each model and method measured, carried over to all others.

The curve is fitted to the pilots of one model and method. Other models differ by their latent
quality, other methods by the published differences; both are added in score at the planned size,
never as ratios, and their uncertainty joins the curve's.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_curve import (
    Observation,
    Posterior,
    effective_examples,
    posterior,
)
from solver.estimate.quality_ground import MANY_EXAMPLES, MANY_PILOTS
from solver.estimate.quality_scale import from_logit, slope_at, to_logit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import (
        CurveConstants,
        Discrepancy,
        Item,
        QualityConstants,
    )
    from solver.estimate.quality_encoders import Belief
    from solver.estimate.quality_ground import Ground
    from solver.question import Job, Pilot

RUN_SD = 0.02
"""Run-to-run noise of a pilot at even odds, beside the evaluation's sampling. [ratio]"""

HEAD_EXAMPLES = 500.0
"""A new classification head that saw fewer may still jump: MNLI rises from 44 to 59 % between 320
and 1,000 examples, CB from 49 to 83 between 50 and 200 (lescao2021). [1]"""

OWN_CURVE = 3
"""Pilots of one model and method from which a curve of its own is fitted."""

ANCHOR_SD = 0.02
"""A published score binds a curve no closer than this. [ratio]"""


@dataclass(frozen=True, slots=True)
class Group:
    """Pilots of one model under one method."""

    model: str
    """The catalogue's name, the user's where the catalogue has none, empty where unstated."""
    method: str
    pilots: tuple[Pilot, ...]


@dataclass(frozen=True, slots=True)
class Slope:
    """How a task answers to the quality of a model, in z for each unit of quality."""

    mean: float
    sd: float
    noise: float
    """Spread of models around the line, in z."""
    floor: float
    ceiling: float
    carry: float
    """Factor on the doubt, from left-out tasks of the size."""


def groups_of(pilots: Sequence[Pilot], catalog: Catalog) -> tuple[Group, ...]:
    """Pilots by model and method, the largest group first."""
    found: dict[tuple[str, str], list[Pilot]] = defaultdict(list)
    for pilot in pilots:
        model = catalog.model_named(pilot.model) if pilot.model else None
        method = catalog.method_named(pilot.method)
        found[
            model.name if model else pilot.model or "",
            method.id if method else pilot.method.lower().replace("_", "-"),
        ].append(pilot)
    made = [
        Group(model, method, tuple(sorted(those, key=lambda p: (p.examples, p.epochs))))
        for (model, method), those in found.items()
    ]
    return tuple(sorted(made, key=lambda g: (-len(g.pilots), -g.pilots[-1].examples, g.model)))


def observation(pilot: Pilot, constants: CurveConstants) -> Observation:
    """A pilot as a point of the curve, with binomial and run-to-run noise."""
    held = min(max(pilot.score, 0.03), 0.97)
    binomial = held * (1.0 - held)
    sd = math.sqrt(binomial / pilot.evaluated_on + 4.0 * binomial * RUN_SD**2)
    size = float(effective_examples(pilot.examples, pilot.epochs, constants))
    return Observation(size, pilot.score, sd)


def group_curve(
    group: Group,
    ground: Ground,
    constants: QualityConstants,
    anchor: Observation | None,
    *,
    new_head: bool = False,
) -> Posterior:
    """The curve of a group, bound by a published full-data score where there is one.

    Args:
        group: pilots of one model under one method.
        ground: the task.
        constants: fitted numbers.
        anchor: a published score with more data.
        new_head: the model gets a classification head that no pre-training has seen.
    """
    observed = [observation(pilot, constants.curve) for pilot in group.pilots]
    jumps = new_head and max(pilot.examples for pilot in group.pilots) < HEAD_EXAMPLES
    found = discrepancy_for(len(observed), constants.curve, jumps=jumps)
    if anchor is not None:
        held = Observation(anchor.examples, anchor.score, max(anchor.sd, ANCHOR_SD))
        observed.append(held)
        found = found.model_copy(update={"damping": 1.0, "trust": 0.0})
    return posterior(observed, ground.chance, constants.curve.examples, found)


def discrepancy_for(pilots: int, constants: CurveConstants, *, jumps: bool = False) -> Discrepancy:
    """The row of the table of discrepancies for so many pilots.

    Args:
        pilots: of one curve.
        constants: the table.
        jumps: a new head saw fewer than `HEAD_EXAMPLES`: when it leaves its plateau cannot be
            foreseen from less than `MANY_PILOTS`, so no gain is promised and the doubt is larger.
    """
    fitting = [row for row in constants.discrepancies if row.pilots <= pilots]
    found = max(fitting, key=lambda row: row.pilots)
    if not jumps or pilots >= MANY_PILOTS:
        return found
    base = math.hypot(found.base, constants.head_base)
    return found.model_copy(update={"damping": 0.0, "base": base})


def slope_on(ground: Ground, constants: QualityConstants) -> Slope:
    """How the job's task answers to quality: its own line, or those of tasks of its size."""
    if ground.item is not None:
        item = ground.item
        return Slope(item.slope, 0.0, item.noise, item.floor, item.ceiling, 1.0)
    large = (ground.examples or 0.0) >= MANY_EXAMPLES
    items = [item for item in constants.encoder.items if item.large == large]
    carry = constants.encoder.carry_large if large else 1.0
    return slope_of(items, ground.chance, carry)


def slope_of(items: Sequence[Item], chance: float, carry: float) -> Slope:
    """How a new task answers to quality, if it is one like these.

    Args:
        items: lines of tasks of its size.
        chance: score of guessing. [ratio]
        carry: factor on the doubt.
    """
    slopes = np.array([item.slope for item in items])
    noises = np.array([item.noise for item in items])
    return Slope(
        float(slopes.mean()),
        float(slopes.std()),
        float(np.sqrt((noises**2).mean())),
        chance,
        1.0,
        carry,
    )


def carried_over(
    reference: float, of: Belief, to: Sequence[Belief], same: FloatArray, slope: Slope
) -> tuple[FloatArray, FloatArray]:
    """Differences in score between other models and the pilots' model, at one size.

    Args:
        reference: score of the pilots' model at that size. [ratio]
        of: its latent quality.
        to: latent quality of each other model.
        same: 1 where that is the pilots' own model, else 0. Shape (models,).
        slope: how the task answers to quality.

    Returns:
        Mean and standard deviation of score(model) - reference. [ratio], shape (models,)
    """
    apart = np.array([belief.mean for belief in to]) - of.mean
    doubt = np.array([belief.variance for belief in to]) + of.variance
    start = to_logit(reference, slope.floor, slope.ceiling)
    there = from_logit(start + slope.mean * apart, slope.floor, slope.ceiling)
    # the log-odds scale is held off its edges: difference against the held reference
    held = from_logit(start, slope.floor, slope.ceiling)
    # one model's noise, not two: with both, 84 to 93 % of left-out pairs lay inside 80 % intervals
    variance = (apart * slope.sd) ** 2 + slope.mean**2 * doubt + slope.noise**2
    steepest = np.maximum(
        slope_at(there, slope.floor, slope.ceiling), slope_at(held, slope.floor, slope.ceiling)
    )
    other = 1.0 - same
    return (there - held) * other, slope.carry * np.sqrt(variance) * steepest * other


@dataclass(frozen=True, slots=True)
class PilotSizes:
    """Which measurements would make an accuracy predictable."""

    examples: tuple[int, ...]
    """Training examples of each pilot, ascending. [1]"""
    evaluated_on: int
    """Examples of the evaluation set that make a pilot worth its money. [1]"""
    text: str


SIZE_RATIO = 4.0
"""Geometric step between pilots: three to four."""

REACH = 5.0
"""The largest pilot is so much smaller than the job: errors grow slowly up to there."""

EVALUATION = 1000
"""Sampling error 1.6 points at even odds. [1]"""

FEWEST = 32
"""Smaller pilots rarely leave chance. [1]"""


def pilot_sizes(job: Job) -> PilotSizes:
    """Three or four sizes to measure, geometric, the largest within a fifth of the job.

    Args:
        job: needs `examples`; 10,000 are assumed where only tokens are stated.
    """
    examples = float(job.examples or 10_000)
    smallest = max(FEWEST, 8 * (job.classes or 2))
    largest = _round_size(max(examples / REACH, min(smallest, examples)))
    done = [pilot.examples for pilot in job.pilots]
    if done and largest <= max(done):
        largest = _round_size(min(examples, SIZE_RATIO * max(done)))
    sizes = [largest]
    while len(sizes) < 4 and sizes[-1] / SIZE_RATIO >= smallest:  # noqa: PLR2004 - three or four
        sizes.append(_round_size(sizes[-1] / SIZE_RATIO))
    wanted = tuple(sorted(size for size in dict.fromkeys(sizes) if size not in done))
    listed = ", ".join(f"{size:,}" for size in wanted)
    return PilotSizes(
        wanted,
        EVALUATION,
        f"Train the cheapest candidate on {listed} examples with the recipe of the full run and "
        f"evaluate each on {EVALUATION:,} examples or more; repeat the largest with another seed.",
    )


def _round_size(examples: float) -> int:
    """Two significant digits."""
    step = 10.0 ** max(math.floor(math.log10(max(examples, 1.0))) - 1, 0)
    return max(1, round(round(examples / step) * step))
