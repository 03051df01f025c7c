"""A predicted score for every case of `trilemma score`, by the surest way its facts allow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_case import LABEL_KINDS
from solver.estimate.quality_curve import Observation, posterior
from solver.estimate.quality_loss import loss_forecast
from solver.estimate.quality_pilots import ANCHOR_SD, HEAD_EXAMPLES, discrepancy_for
from solver.estimate.quality_pilots import RUN_SD as PILOT_RUN_SD
from solver.scored.case import INSTRUCT, UNTRAINED
from solver.scored.delta import from_known
from solver.scored.forecast import WIDTH80, Forecast, Refused, around, forecast_of
from solver.scored.published import from_publications
from solver.scored.task import Subject, subject_of, task_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_constants import QualityConstants
    from solver.scored.case import Case, Known, Measured

REACH, REACH_SIX, MANY = 16.0, 64.0, 6
"""Sizes beyond so many times the largest pilot are refused, with six pilots or more later."""

ABOVE_CHANCE = 0.05
"""[ratio]"""

FEW_PASSES = 64
"""Pilots at sizes up to this are passes where the case states passes and no examples."""


def score_case(case: Case, catalog: Catalog, constants: QualityConstants) -> Forecast | Refused:
    """Predict one case.

    Args:
        case: what is asked and known.
        catalog: tasks, models and published scores.
        constants: fitted numbers.
    """
    if case.faults:
        return Refused("; ".join(case.faults))
    if not case.task:
        return Refused("no task is named")
    if case.is_loss:
        return _loss(case, constants)
    subject = subject_of(case, catalog, constants)
    if case.pilots:
        return _from_pilots(case, subject, catalog, constants)
    known = _nearest(case, subject, catalog)
    refused = _without_itself(case.method)
    if known is None or (refused is not None and known.method != case.method):
        return refused or from_publications(case, subject, catalog, constants)
    found = from_known(case, subject, known, constants)
    return Refused(found) if isinstance(found, str) else found


ALONE = {
    "pruning": ("prun", "spars"),
    "training from scratch": ("scratch",),
    "continued pre-training": ("continued", "domain_adapt"),
}
"""Methods of which no table states the difference to fine-tuning, with words of their names."""


def _without_itself(method: str) -> Refused | None:
    """Why a method is not predicted without a score or pilots of its own; None where it may be."""
    for name, words in ALONE.items():
        if any(word in method.lower() for word in words):
            return Refused(
                f"what {name} brings is predicted by nothing published: give a score or pilots of "
                "a model made so"
            )
    return None


def _loss(case: Case, constants: QualityConstants) -> Forecast | Refused:
    wanted = case.examples
    if len(case.pilots) < 2 or wanted is None:  # noqa: PLR2004 - a curve needs two points
        return Refused("a loss is predicted from two pilots or more of the same run alone")
    found = loss_forecast(
        [pilot.examples for pilot in case.pilots],
        [pilot.score for pilot in case.pilots],
        wanted,
        constants.loss,
    )
    ends = [
        found.mean * math.exp(away * found.log_sd)
        for away in (0.0, -WIDTH80, WIDTH80, -LOSS_WIDTH90, LOSS_WIDTH90)
    ]
    return forecast_of(ends, "interpolated", f"{len(case.pilots)} pilots of the loss")


LOSS_WIDTH90 = 1.9
"""Half-width of the 90 % interval in standard deviations."""


def _from_pilots(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> Forecast | Refused:
    pilots = case.pilots
    largest = pilots[-1]
    wanted = case.examples
    if wanted is None and case.epochs is not None and largest.examples <= FEW_PASSES:
        wanted = case.epochs
    if wanted is None:
        return Refused("train_examples is empty: a curve needs to know where to be read")
    noise = math.sqrt(0.25 / case.evaluated_on)
    if max(p.score for p in pilots) - subject.chance <= max(ABOVE_CHANCE, 2.0 * noise):
        return Refused(
            "no pilot is clearly above chance: where the curve leaves chance cannot be foreseen"
        )
    if subject.known_task is None or case.metric == "f1":
        flat = _flat(pilots, noise)
        if flat:
            return Refused(flat)
    anchor = _anchor(case, subject, catalog, constants)
    reach = REACH_SIX if len(pilots) >= MANY else REACH
    if anchor is None and wanted > reach * largest.examples * (1.0 + 1e-9):
        return Refused(f"beyond {reach:.0f} times the largest pilot: measure a larger one")
    observed = [_observation(pilot, case.evaluated_on) for pilot in pilots]
    jumps = _gets_head(case, subject) and largest.examples < HEAD_EXAMPLES
    spread = discrepancy_for(len(pilots), constants.curve, jumps=jumps)
    if anchor is not None:
        observed.append(anchor)
        spread = spread.model_copy(update={"damping": 1.0, "trust": 0.0})
    found = posterior(observed, subject.chance, constants.curve.examples, spread)
    at = _array(wanted)
    count = f"{len(pilots)} pilot{'s' * (len(pilots) > 1)}"
    where = "a published score with all data" if anchor else "no published score"
    return around(
        min(float(found.mean(at)[0]), subject.ceiling),
        float(found.sd(at)[0]),
        "interpolated",
        f"{count} and {where}",
    )


def _gets_head(case: Case, subject: Subject) -> bool:
    """True where a classification head is trained anew."""
    if case.form:
        return "head" in case.form
    return subject.encoder and subject.kind in LABEL_KINDS


FLAT, LEARNT = 0.02, 0.8
"""Pilots that rise by less and stay below say nothing where chance is not known. [ratio]"""


def _flat(pilots: Sequence[Measured], noise: float) -> str:
    """Why pilots may all be at a chance level that nothing states; empty where they rise."""
    if len(pilots) < 2:  # noqa: PLR2004 - one point has no slope
        return ""
    rise = pilots[-1].score - pilots[0].score
    if pilots[-1].score < LEARNT and rise < max(FLAT, 2.0 * noise):
        return "the pilots do not rise: they may all be guessing; measure a larger one"
    return ""


def _anchor(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> Observation | None:
    """A score with more data than every pilot: stated, or published with the task's full data."""
    largest = case.pilots[-1].examples
    for known in case.known:
        same = _is_same(known, case, subject, catalog) and known.method == case.method
        if same and known.examples is not None and known.examples > 2.0 * largest:
            return Observation(known.examples, known.score, ANCHOR_SD)
    task = subject.known_task
    if subject.item is None or task is None or task.train_examples is None:
        return None
    if task.train_examples <= 2.0 * largest or not subject.encoder or "head" in case.form:
        return None
    full = from_publications(case, subject, catalog, constants, at_full_data=True)
    if isinstance(full, Refused):
        return None
    sd = max((full.high80 - full.low80) / (2.0 * WIDTH80), ANCHOR_SD)
    return Observation(float(task.train_examples), full.score, sd)


def _nearest(case: Case, subject: Subject, catalog: Catalog) -> Known | None:
    """The known score of the same model and task that differs least from what is asked."""
    same = [k for k in case.known if _is_same(k, case, subject, catalog)]
    prompted = {UNTRAINED, INSTRUCT}
    usable = [
        k
        for k in same
        if (k.method not in prompted) == case.trains
        and (case.trains or k.precision != case.precision)
    ]
    if not usable:
        return None

    def apart(known: Known) -> tuple[bool, bool, float, float]:
        size = abs(math.log((case.examples or 1.0) / (known.examples or case.examples or 1.0)))
        rank = abs(math.log((case.rank or 1.0) / (known.rank or case.rank or 1.0)))
        return (
            known.method not in (case.method, "full"),
            known.precision != case.precision,
            size,
            rank,
        )

    return min(usable, key=apart)


def _is_same(known: Known, case: Case, subject: Subject, catalog: Catalog) -> bool:
    """True for a score of the same model on the same task in the same metric."""
    task = task_named(known.task, catalog) if known.task else subject.known_task
    model = catalog.model_named(known.model) if known.model else None
    name = model.name if model else known.model or subject.model
    same_task = (task.id if task else known.task) == subject.task
    same_metric = not known.metric or not case.metric or known.metric == case.metric
    return same_task and same_metric and name.lower() in {subject.model.lower(), case.model.lower()}


def _observation(pilot: Measured, evaluated_on: float) -> Observation:
    held = min(max(pilot.score, 0.03), 0.97)
    binomial = held * (1.0 - held)
    sd = math.sqrt(binomial / evaluated_on + 4.0 * binomial * PILOT_RUN_SD**2)
    return Observation(pilot.examples, pilot.score, sd)


def _array(value: float) -> FloatArray:
    return np.array([value])
