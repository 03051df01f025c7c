"""A case without pilots and without a score of its own model and task: from publications."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_benchmarks import position_of
from solver.estimate.quality_decoders import as_on_line
from solver.estimate.quality_encoders import Belief
from solver.estimate.quality_prompted import FACTS_SD, FACTS_TASK
from solver.estimate.quality_scale import from_logit, slope_at, to_logit
from solver.estimate.quality_tuned import maths_after_tuning, tuned, tuned_task
from solver.scored.benchmarks import benchmark_belief, untrained_forecast
from solver.scored.case import UNTRAINED, parameters_in
from solver.scored.delta import (
    OTHER_DATA_SD,
    SAME_SIZE,
    format_step,
    is_listed,
    listed_delta,
    recipe_of,
    resized,
)
from solver.scored.encoder import from_encoders
from solver.scored.forecast import Forecast, Refused, moved, on_scale, scaled
from solver.scored.task import is_own, task_named

if TYPE_CHECKING:
    from catalog.schema import Score
    from catalog.tables import Catalog
    from solver.estimate.quality_constants import QualityConstants
    from solver.scored.case import Case
    from solver.scored.forecast import Evidence
    from solver.scored.task import Subject

EVALUATION_SD = 0.005
"""Sampling of the evaluation sets, which near perfect scores is all there is. [ratio]"""

MATHS_EXAMPLES = 7473
"""Training examples of GSM8K, on which the line from few-shot scores is fitted. [1]"""

MATHS_REACH = 3.0
"""Data sets larger by more than this factor are of other data."""

AUGMENTED_GAIN, AUGMENTED_SD = 0.3, 0.4
"""What larger data bring to GSM8K, in z for each decade beyond its own training set: six published
runs on MetaMath and MAmmoTH data gain 0.16 to 0.60, a mix that holds little maths loses 0.3."""

OTHER_SIZE_VARIANCE = 0.3**2
"""Of data of another size than its own training set, in z squared; judgement."""

FEW_SHOT_VARIANCE = 0.05**2
"""Of a measured few-shot score, in z squared."""

RECIPE_GAIN, RECIPE_VARIANCE = 0.5, 0.6**2
"""Of GSM8K after training on data that the case does not state, in z: most such results come from
augmented data sets, which the line has not seen; judgement."""

FEWEST_PEERS = 3
"""Other models on the same task from which a typical score is taken."""

PEER_DECADES = 0.5
"""Peers count by exp(-|log10 size ratio| / this)."""

LEAST_PEER_SD = 0.15
"""In z."""


def from_publications(
    case: Case,
    subject: Subject,
    catalog: Catalog,
    constants: QualityConstants,
    *,
    at_full_data: bool = False,
) -> Forecast | Refused:
    """The first way that applies: benchmark, encoder line, tuned decoder, maths, peers.

    Args:
        case: what is asked and known.
        subject: its task and model.
        catalog: published scores.
        constants: fitted numbers.
        at_full_data: True leaves the case's own amount of data out of account.
    """
    if not case.trains:
        return untrained_forecast(case, subject, catalog, constants)
    if subject.parameters is None and subject.model not in constants.encoder.features:
        return Refused("the model's size is not known: give params")
    ways = (from_encoders, _tuned, _maths, _known_facts, _peers)
    for way in ways:
        full = way(case, subject, catalog, constants)
        if full is not None:
            return _adapted(case, subject, full, constants, at_full_data=at_full_data)
    return Refused(
        "nothing published on this task supports a number: measure three pilots, the largest at "
        "a sixteenth of the data or more"
    )


def _adapted(
    case: Case,
    subject: Subject,
    full: Forecast,
    constants: QualityConstants,
    *,
    at_full_data: bool,
) -> Forecast | Refused:
    """From full fine-tuning with all data to the case's method, format and data."""
    found = full if "4-bit LoRA" in full.reason else _by_method(case, subject, full, constants)
    if isinstance(found, Refused):
        return found
    task = subject.known_task
    published = float(task.train_examples) if task and task.train_examples else None
    if at_full_data or published is None or case.examples is None:
        return found
    if case.examples > MIXED * published and subject.kind not in RECIPE_KINDS:
        return moved(found, 0.0, OTHER_DATA_SD, "more examples than the task has, so of others too")
    if case.examples >= 0.7 * published:
        return found
    if case.examples * FARTHEST < published:
        return Refused(
            f"{case.examples:,.0f} examples are too few against the {published:,.0f} behind the "
            "published scores: measure pilots"
        )
    return resized(case, subject, found.score, published, case.epochs, found, constants)


def _by_method(
    case: Case, subject: Subject, full: Forecast, constants: QualityConstants
) -> Forecast | Refused:
    """From full fine-tuning to the case's method and number format."""
    if not is_listed(case.method) and subject.kind in RECIPE_KINDS:
        return Refused(f"{case.method} is in no table of methods on such tasks: measure a pilot")
    recipe = recipe_of(case.rank, case.epochs, case.examples, case.task)
    step = listed_delta(case.method, subject.kind, constants, recipe)
    if 0 < step.models < 2 and step.sd > REFUSED_SD:  # noqa: PLR2004 - one model is no sample
        return Refused(f"{case.method} on such tasks is published for one model: measure a pilot")
    part = format_step(case.precision, case.method, subject, constants)
    if part is None:
        return Refused(f"nothing published on the format {case.precision}")
    found = moved(full, step.mean, step.sd, case.method if step.sd else "")
    found = moved(found, part.mean, part.sd, "")
    if step.sd and subject.item is not None and full.evidence == "interpolated":
        return scaled(found, TUNED_RUNS if subject.item.large else TUNED_RUNS_SMALL)
    return found


TUNED_RUNS, TUNED_RUNS_SMALL = 0.75, 0.62
"""Factors on the doubt of adapters and the like on tasks with an encoder line, with 10,000 training
examples or more and with fewer: such runs are tuned and averaged over seeds by their papers. 80 %
of 208 left-out ones of seven models lie within 0.62 of the half-width that odd runs of full
fine-tuning need, on large tasks within 0.69."""

MIXED = 3.0
"""More examples than the task's own training set by this factor come from other tasks too."""

FARTHEST = 500.0
"""Published data sets larger by more than this say nothing of so few examples. [1]"""

RECIPE_KINDS = ("math", "code")
"""Kinds of task on which the training data decide more than the model."""

RECIPE_FACTOR = 2.5
"""Factor on the variance of peers on such tasks: they were trained on other data."""

REFUSED_SD = 0.06
"""A difference known from one model and wider than this is not offered. [ratio]"""


def _tuned(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> Forecast | None:
    row = tuned_task(subject.task, constants.tuned)
    if row is None:
        return None
    known = {
        task.id: entry.score
        for entry in case.known
        if entry.method == case.method
        and (not entry.model or entry.model.lower() == case.model.lower())
        and (task := task_named(entry.task, catalog)) is not None
    }
    belief = tuned(row, subject.parameters or 7e9, known, constants.tuned)
    reason = f"4-bit LoRA of {row.models} other decoders on this task"
    score = float(from_logit(belief.mean, 0.0, 1.0))
    sampling = (EVALUATION_SD / float(slope_at(score, 0.0, 1.0))) ** 2
    belief = Belief(belief.mean, belief.variance + sampling)
    return on_scale(belief, 0.0, 1.0, "interpolated", reason)


def _maths(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> Forecast | None:
    place = position_of("GSM8K", constants.benchmarks)
    if subject.task != "GSM8K" or subject.encoder or place is None:
        return None
    stated = _few_shot(case, subject, catalog)
    if stated is not None:
        few_shot = Belief(float(to_logit(stated, 0.0, 1.0)), FEW_SHOT_VARIANCE)
    else:
        found = benchmark_belief(case, subject, place, catalog, constants)
        if found is None:
            return None
        row = constants.benchmarks.benchmarks[place]
        score = float(np.clip(from_logit(found.mean, row.floor, row.ceiling), 0.005, 0.995))
        steeper = float(slope_at(score, row.floor, row.ceiling) / slope_at(score, 0.0, 1.0))
        few_shot = as_on_line(Belief(float(to_logit(score, 0.0, 1.0)), found.variance * steeper**2))
    belief = _on_its_data(maths_after_tuning(few_shot, constants.maths), case.examples)
    evidence: Evidence = "interpolated" if stated is not None else "unseen"
    return on_scale(belief, 0.0, 1.0, evidence, "its score before fine-tuning")


def _on_its_data(belief: Belief, examples: float | None) -> Belief:
    """From GSM8K's own training set to a case's amount of data, which may be of other data."""
    if examples is None:
        return Belief(belief.mean + RECIPE_GAIN, belief.variance + RECIPE_VARIANCE)
    larger = examples / MATHS_EXAMPLES
    if larger <= SAME_SIZE:
        return belief
    decades = float(np.log10(larger)) if larger > MATHS_REACH else 0.0
    return Belief(
        belief.mean + AUGMENTED_GAIN * decades,
        belief.variance + OTHER_SIZE_VARIANCE + (AUGMENTED_SD * decades) ** 2,
    )


def _known_facts(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> Forecast | None:
    """Knowledge after fine-tuning: what the model knew before."""
    place = position_of(subject.task, constants.benchmarks)
    if subject.task != FACTS_TASK or subject.encoder or place is None:
        return None
    row = constants.benchmarks.benchmarks[place]
    stated = _few_shot(case, subject, catalog)
    if stated is not None:
        belief = Belief(float(to_logit(stated, row.floor, row.ceiling)), FEW_SHOT_VARIANCE)
    else:
        found = benchmark_belief(case, subject, place, catalog, constants)
        if found is None:
            return None
        belief = found
    belief = Belief(belief.mean, belief.variance + FACTS_SD**2)
    evidence: Evidence = "interpolated" if stated is not None else "unseen"
    return on_scale(belief, row.floor, row.ceiling, evidence, "what it knew before fine-tuning")


def _few_shot(case: Case, subject: Subject, catalog: Catalog) -> float | None:
    """The model's own score on the task before training, stated or published."""
    stated = [
        k.score
        for k in case.known
        if k.method == UNTRAINED
        and (task := task_named(k.task, catalog)) is not None
        and task.id == subject.task
        and is_own(k, case, subject, catalog)
    ]
    stated += [s.score for s in _own_rows(subject, catalog) if s.method == "prompting"]
    return stated[0] if stated else None


def _own_rows(subject: Subject, catalog: Catalog) -> list[Score]:
    return [s for s in catalog.scores if s.model == subject.model and s.task == subject.task]


def _peers(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> Forecast | None:
    """The typical score of other models on the task, nearer sizes counting more."""
    found: dict[str, list[tuple[float, float]]] = {}
    for name, size, method, score in _others(case, subject, catalog):
        recipe = recipe_of(None, None, None, case.task)
        full = score - listed_delta(method, subject.kind, constants, recipe).mean
        z = float(to_logit(full, subject.chance, 1.0))
        away = abs(np.log10(size / (subject.parameters or size)))
        found.setdefault(name, []).append((z, float(np.exp(-away / PEER_DECADES))))
    if len(found) < FEWEST_PEERS:
        return None
    typical = np.array([statistics.median(v for v, _ in values) for values in found.values()])
    weight = np.array([values[0][1] for values in found.values()])
    mean = float(np.average(typical, weights=weight))
    spread = float(np.sqrt(np.average((typical - mean) ** 2, weights=weight)))
    count = 1.0 + 1.0 / len(typical)
    factor = RECIPE_FACTOR if subject.kind in RECIPE_KINDS else 1.2
    belief = Belief(mean, max(spread, LEAST_PEER_SD) ** 2 * count * factor)
    reason = f"{len(found)} other models on this task"
    return on_scale(belief, subject.chance, 1.0, "unseen", reason)


def _others(case: Case, subject: Subject, catalog: Catalog) -> list[tuple[str, float, str, float]]:
    """(model, size, method, score) of other models on the case's task, trained."""
    found = []
    for known in case.known:
        task = task_named(known.task, catalog)
        model = catalog.model_named(known.model) if known.model else None
        size = float(model.parameters) if model else parameters_in(known.model)
        same = (task.id if task else known.task) == subject.task
        if same and size is not None and known.method != UNTRAINED:
            found.append((known.model, size, known.method, known.score))
    metric = case.metric or (subject.known_task.metric if subject.known_task else "")
    for row in catalog.scores:
        if row.task != subject.task or row.model == subject.model or row.metric != metric:
            continue
        model = catalog.models.get(row.model)
        if model is not None and row.method not in {"prompting", "from-scratch"}:
            found.append(
                (row.model, float(model.parameters), row.method.replace("-", "_"), row.score)
            )
    return found
