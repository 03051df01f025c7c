"""Why a candidate is not the plan: the first thing that excludes it, or what beats it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from catalog.problems import did_you_mean
from catalog.units import BYTES_PER_GIB
from solver.candidates import Candidates, candidates, columns_at
from solver.estimate.hardware import supports
from solver.export.words import accuracy_text, hours_text, limit_text, listed, usd_text
from solver.limits import limits_of
from solver.outcome.moves import LIMIT_NOUNS
from solver.plan import Failed, Solved, Stopped, Unknown
from solver.program import quantity
from solver.question import SIXTEEN_BITS
from solver.space.variants import suits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.schema import Model
    from catalog.tables import Catalog
    from solver.constants import EstimateConstants
    from solver.plan import Answer
    from solver.program import JobColumns, Limit
    from solver.space.rents import Rent
    from solver.space.variants import Variant

PARTS = (6, 7)
"""MODEL:METHOD:PRECISION:OFFER:COUNTx:EPOCHSe, and the format where it is not 16 bits."""


def why_not(key: str, answer: Answer, catalog: Catalog, constants: EstimateConstants) -> str:
    """Why the candidate of that name is not in the plan, in a sentence for each job.

    Args:
        key: as tables print it.
        answer: to the question.
        catalog: the facts that the answer was made with.
        constants: the factors that it was made with.
    """
    if len(key.split(":")) not in PARTS:
        return f"{key!r} is no key: they look like MODEL:METHOD:PRECISION:OFFER:COUNTx:EPOCHSe."
    moment = datetime.fromisoformat(answer.asked_at)
    many = len(answer.question.jobs) > 1
    sentences = []
    for position, job in enumerate(answer.question.jobs):
        made = candidates(job, answer.question, catalog, constants, moment.date(), keep_beaten=True)
        reason = _reason(key, position, made, answer, catalog)
        sentences.append(f"{job.name}: {reason}" if many else reason)
    return "\n".join(sentences)


def _reason(key: str, job: int, made: Candidates, answer: Answer, catalog: Catalog) -> str:
    position = made.find(key)
    if position is None:
        return next(_absent(key, made, catalog))
    columns = columns_at(made, _quantile(answer), np.array([position]))
    moment = datetime.fromisoformat(answer.asked_at)
    misses = [
        _missed(limit, columns)
        for limit in limits_of(answer.question, moment)
        if limit.job in (None, job) and not _kept(limit, columns)
    ]
    if misses:
        return f"It is a candidate, but {'; and '.join(misses)}."
    rent = int(made.rent[position])
    beaten_by = made.rents.beaten_by[rent]
    if beaten_by >= 0:
        better = made.rents.rents[beaten_by].machine.offer.key
        return f"It keeps every limit on its own, but {better} has the same machines for less."
    return _beaten(key, job, columns, answer)


def _beaten(key: str, job: int, columns: JobColumns, answer: Answer) -> str:
    figures = f"{hours_text(float(columns.hours[0]))}, {usd_text(float(columns.usd[0]))}"
    if np.isfinite(columns.accuracy[0]):
        figures += f", {accuracy_text(float(columns.accuracy[0]))}"
    if isinstance(answer, Unknown):
        return f"It keeps every limit on its own ({figures}), but nobody knows how accurate it is."
    if not isinstance(answer, Solved | Stopped) or not answer.jobs:
        return f"It keeps every limit on its own ({figures}), but no plan keeps all together."
    plan = answer.jobs[job]
    if plan.key == key:
        return "It is the plan."
    if isinstance(answer, Solved) and key in answer.ties:
        return f"It is as good as the plan in every figure ({figures}); of equals one is taken."
    told = f"{hours_text(plan.hours.at_confidence)}, {usd_text(plan.usd.at_confidence)}"
    if plan.accuracy is not None:
        told += f", {accuracy_text(plan.accuracy.at_confidence)}"
    aim = answer.question.aim.value
    return f"It keeps every limit ({figures}), but {plan.key} is better by the aim {aim} ({told})."


def _absent(key: str, made: Candidates, catalog: Catalog) -> Iterator[str]:
    """Reasons in the order in which combinations are sieved; the first one counts."""
    name, method, precision, offer, count, passes, *rest = key.split(":")
    model = catalog.models.get(name)
    if model is None:
        yield f"Model {name!r} is not in the catalogue. {did_you_mean(name, catalog.models)}"
        return
    yield from (
        f"Model {r.key} is left out: {r.reason}." for r in made.tally.models if r.key == name
    )
    labels = {(v.label, v.deployed): v for v in made.bench.variants}
    label, format_ = f"{method}:{precision}", rest[0] if rest else SIXTEEN_BITS
    variant = labels.get((label, format_))
    if variant is None and any(label == known for known, _ in labels):
        yield f"{format_} is not among the formats in which the question allows to deploy."
    if variant is None:
        yield from _no_method(method, precision, made, catalog)
        return
    yield from (f"{offer} is left out: {r.reason}." for r in made.tally.offers if r.key == offer)
    known = {rent.label: rent for rent in made.rents.rents}
    rent = known.get(f"{offer}:{count}")
    if rent is None:
        rents = [r for r in known.values() if r.machine.offer.key == offer]
        numbers = list(dict.fromkeys(f"{r.instances}x" for r in rents))
        if numbers:
            yield f"{count} of {offer} is not considered, only {listed(numbers, 'or')}."
        yield f"Offer {offer!r} is not in the catalogue. {did_you_mean(offer, catalog.offers)}"
        return
    if passes not in {f"{e}e" for e in made.epochs}:
        allowed = ", ".join(f"{e}e" for e in made.epochs)
        yield f"{passes} is not among the passes that the question allows ({allowed})."
    yield from _unfit(model, variant, rent, made)


def _no_method(method: str, precision: str, made: Candidates, catalog: Catalog) -> Iterator[str]:
    """Why no method and precision of the question have these names."""
    base = method if method in catalog.methods else method.rpartition("-r")[0]
    if base not in catalog.methods:
        yield f"Method {method!r} is not in the catalogue. {did_you_mean(method, catalog.methods)}"
    if precision not in catalog.precisions:
        near = did_you_mean(precision, catalog.precisions)
        yield f"Precision {precision!r} is not in the catalogue. {near}"
    left_out = [r for r in made.tally.methods if r.key == base]
    yield from (f"Method {r.key} is left out: {r.reason}." for r in left_out)
    labels = sorted(variant.label for variant in made.bench.variants)
    near = did_you_mean(f"{method}:{precision}", labels)
    yield f"{method} in {precision} is not among the methods of this question. {near}"


def _unfit(model: Model, variant: Variant, rent: Rent, made: Candidates) -> Iterator[str]:
    unsuited = suits(model, variant, made.job)
    if unsuited:
        yield f"{model.name} and {variant.method_label} do not go together: {unsuited}."
    part = rent.machine.shape.accelerator
    unsupported = supports(part, variant.precision, quantised=bool(variant.storage))
    if unsupported:
        yield f"The hardware does not run it: {unsupported}."
    bench = made.bench
    one = np.array([bench.models.index(model)])
    how = np.array([bench.variants.index(variant)])
    where = np.array([rent.slot])
    for phase in bench.phases:
        laid = bench.layouts(bench.configurations(one, how, where, phase), phase)
        if not laid.enough_sequences[0]:
            yield (
                f"{rent.gpus:,} accelerators are more than a batch of "
                f"{phase.batch_sequences:,} sequences feeds."
            )
        if not laid.fits[0]:
            needed = float(laid.lowest_bytes[0]) / BYTES_PER_GIB
            yield (
                f"It does not fit: at least {needed:.1f} GiB on each {part.name}, which has "
                f"{part.memory_gib:g} GiB (upper end of the interval, best layout)."
            )
    yield "fp16 is left to hardware without bf16 unless the question names it in precisions."


def _quantile(answer: Answer) -> float:
    if isinstance(answer, Failed):
        return answer.question.limits.confidence
    return answer.margin_quantile


def _kept(limit: Limit, columns: JobColumns) -> bool:
    value = float(quantity(columns, limit.name)[0])
    return value >= limit.bound if limit.is_minimum else value <= limit.bound


def _missed(limit: Limit, columns: JobColumns) -> str:
    value = float(quantity(columns, limit.name)[0])
    noun = LIMIT_NOUNS[limit.name]
    if np.isnan(value):
        return f"what counts against {noun} is not known"
    told = limit_text(limit.name, value)
    return f"it comes to {told} where {noun} is {limit_text(limit.name, limit.bound)}"
