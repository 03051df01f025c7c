"""A case that asks for a model as it was pre-trained: a benchmark without any fine-tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.estimate.quality_benchmarks import (
    Asked,
    Scored,
    is_same,
    line_of,
    position_of,
    published_kin,
    sampling_sd,
    untrained,
)
from solver.estimate.quality_encoders import Belief
from solver.scored.case import INSTRUCT, UNTRAINED, parameters_in
from solver.scored.delta import format_step
from solver.scored.forecast import Evidence, Forecast, Refused, moved, on_scale
from solver.scored.task import is_own, task_named

if TYPE_CHECKING:
    from catalog.tables import Catalog
    from solver.estimate.quality_constants import QualityConstants
    from solver.scored.case import Case, Known
    from solver.scored.task import Subject


def untrained_forecast(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> Forecast | Refused:
    """A benchmark without training, from size, tokens, other benchmarks and the family.

    Args:
        case: what is asked and known.
        subject: its task and model.
        catalog: published scores.
        constants: fitted numbers.
    """
    place = position_of(subject.task, constants.benchmarks)
    if place is None:
        return Refused("scores without training are predicted on six benchmarks alone")
    if case.method == INSTRUCT and len(_own_benchmarks(case, subject, catalog, constants)) < 2:  # noqa: PLR2004
        return Refused(
            "an instruction-tuned model scores by its makers' recipe: state two of its scores"
        )
    belief = benchmark_belief(case, subject, place, catalog, constants)
    if belief is None:
        return Refused("the model's size is not known: give params")
    row = constants.benchmarks.benchmarks[place]
    if case.method == INSTRUCT:
        belief = Belief(belief.mean, belief.variance + INSTRUCT_VARIANCE)
    evidence, reason = _grounds(case, subject, place, constants)
    found = on_scale(belief, row.floor, row.ceiling, evidence, reason)
    found = moved(found, 0.0, sampling_sd(found.score, row), "")
    part = format_step(case.precision, UNTRAINED, subject, constants)
    if part is None:
        return Refused(f"nothing published on the format {case.precision}")
    return moved(found, part.mean, part.sd, "")


def _grounds(
    case: Case, subject: Subject, place: int, constants: QualityConstants
) -> tuple[Evidence, str]:
    """What a prediction stands on."""
    asked = Asked(subject.model, subject.family, subject.parameters or 7e9, subject.tokens)
    kin = published_kin(asked, constants.benchmarks)
    own = [score for score in kin if is_same(asked, score)]
    if case.method != INSTRUCT and any(score.benchmark == place for score in own):
        return "measured", "its published score, other benchmarks and its line"
    if own or case.known:
        return "interpolated", "its other benchmarks and its line"
    if kin:
        return "interpolated", "size, tokens and other models of its line"
    return "unseen", "size and tokens alone"


INSTRUCT_VARIANCE = 0.6**2
"""Of models tuned to follow instructions, in z squared: their makers report each benchmark in a
form of its own, by up to 28 points from the usual one; judgement."""


def benchmark_belief(
    case: Case, subject: Subject, place: int, catalog: Catalog, constants: QualityConstants
) -> Belief | None:
    """Log-odds on a benchmark; None where the model's size is not known.

    Args:
        case: what is asked and known.
        subject: its task and model.
        place: position of the benchmark.
        catalog: published scores.
        constants: fitted numbers.
    """
    if subject.parameters is None:
        return None
    own = [
        score
        for score in _own_benchmarks(case, subject, catalog, constants)
        if score.benchmark != place
        and (case.method != INSTRUCT or _alike(score.benchmark, place, constants))
    ]
    siblings = _sibling_benchmarks(case, subject, catalog, constants)
    if case.method != INSTRUCT:
        stated = {score.benchmark for score in own}
        own += _published_own(subject, place, catalog, constants, stated)
    asked = Asked(subject.model, subject.family, subject.parameters, subject.tokens)
    return untrained(asked, place, [*own, *siblings], constants.benchmarks)


WRITTEN = ("GSM8K", "HumanEval")
"""Benchmarks whose answers are written, not chosen."""


def _alike(one: int, other: int, constants: QualityConstants) -> bool:
    """False for maths or code beside choices: instruction tuning lifts those far more."""
    names = [constants.benchmarks.benchmarks[place].task for place in (one, other)]
    return (names[0] in WRITTEN) == (names[1] in WRITTEN)


def _own_benchmarks(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> list[Scored]:
    """Stated scores of the case's model on benchmarks, before training."""
    doubt = INSTRUCT_VARIANCE if case.method == INSTRUCT else 0.0
    size = subject.parameters or 7e9
    return [
        Scored(subject.model, size, subject.tokens, at, known.score, doubt)
        for known in case.known
        if (at := _benchmark_place(known, catalog, constants)) is not None
        and is_own(known, case, subject, catalog)
    ]


def _sibling_benchmarks(
    case: Case, subject: Subject, catalog: Catalog, constants: QualityConstants
) -> list[Scored]:
    """Stated scores of other models, taken for the case's line unless they are of a known other."""
    found = []
    lines = {line_of(decoder.name) for decoder in constants.benchmarks.decoders}
    line = line_of(subject.model)
    for known in case.known:
        at = _benchmark_place(known, catalog, constants)
        if at is None or is_own(known, case, subject, catalog):
            continue
        if (other := line_of(known.model)) in lines and other != line:
            continue
        model = catalog.model_named(known.model)
        size = float(model.parameters) if model else parameters_in(known.model)
        tokens = model.pretrain_tokens if model and model.pretrain_tokens else subject.tokens
        if size is not None:
            found.append(Scored(known.model, size, tokens, at, known.score))
    return found


def _benchmark_place(known: Known, catalog: Catalog, constants: QualityConstants) -> int | None:
    if known.method not in {UNTRAINED, INSTRUCT, ""}:
        return None
    task = task_named(known.task, catalog)
    return position_of(task.id if task else known.task, constants.benchmarks)


def _published_own(
    subject: Subject,
    place: int,
    catalog: Catalog,
    constants: QualityConstants,
    stated: set[int],
) -> list[Scored]:
    """The catalogue's few-shot scores of the model on other benchmarks than those stated."""
    found = []
    for score in catalog.scores:
        at = position_of(score.task, constants.benchmarks)
        if score.model != subject.model or score.method != "prompting" or at is None:
            continue
        if at != place and at not in stated and subject.parameters is not None:
            found.append(Scored(subject.model, subject.parameters, subject.tokens, at, score.score))
            stated.add(at)
    return found
