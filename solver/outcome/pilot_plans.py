"""Whether pilots are worth their money: what is undecided, and how much each would narrow it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from solver.candidates import candidates, columns_at
from solver.estimate.quality import accuracy, foreseen_pilots, pilot_sizes
from solver.estimate.quality_ground import pilots_cannot_help, with_kept
from solver.export.words import accuracy_text, sentence, usd_text
from solver.limits import limits_of
from solver.outcome.pilots import (
    SEEDS,
    advice_text,
    candidate_in_doubt,
    pilot_bill,
    pilot_candidate,
)
from solver.plan import Value
from solver.question import Aim
from solver.region import missed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from catalog.tables import Catalog
    from solver.candidates import Candidates
    from solver.constants import EstimateConstants
    from solver.estimate.configurations import IntArray
    from solver.program import JobColumns
    from solver.question import Job, Question

    Estimates = Callable[[Job, Question], Candidates]

HALF_80 = 1.2816
"""Half of an 80 % interval in standard deviations. [1]"""

LITTLE = 0.8
"""Share of an interval that pilots must leave behind to be worth the words. [ratio]"""

Need = Literal["unknown", "unsure", "none", "useless"]
"""unknown: nothing can be promised without; unsure: they could change the plan; none: they could
not, or cost more than they save; useless: no pilot makes this accuracy predictable."""


class PilotRun(Value):
    """One size to measure."""

    examples: int
    runs: int
    """Trainings of that size, each with a seed of its own."""
    hours: float
    """What it adds, at the median. [h]"""
    usd: float
    half_width: float | None
    """Half of the 80 % interval of the job's accuracy once this and all smaller sizes came out as
    foreseen; None: still not predictable. [0..1]"""


class PilotPlan(Value):
    """Which measurements would make one job's accuracy surer, and whether they are needed."""

    job: str
    need: Need
    reason: str
    key: str = ""
    """The candidate that trains them; empty where nothing is to be measured."""
    model: str = ""
    method: str = ""
    epochs: int = 0
    evaluated_on: int = 0
    median: float | None = None
    """Accuracy of that candidate in the full run as now predicted. [0..1]"""
    half_width: float | None = None
    """Half of its 80 % interval now; None: not predicted. [0..1]"""
    runs: tuple[PilotRun, ...] = ()
    hours: float = 0.0
    """Of all runs, one after the other, at the median. [h]"""
    usd: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Stakes:
    """The candidates within all limits but the minimum accuracy, by what is known of them."""

    kept: IntArray
    sure: IntArray
    """Those that reach the minimum at the asked confidence."""
    open: IntArray
    """Those that may or may not reach it; without a minimum none."""


def pilot_plans(
    question: Question,
    catalog: Catalog,
    constants: EstimateConstants,
    moment: datetime,
    estimates: Estimates | None = None,
) -> tuple[PilotPlan, ...]:
    """A pilot plan for every job of a question that has candidates.

    Args:
        question: jobs, limits and aim; checked before.
        catalog: the facts.
        constants: fitted and assumed factors.
        moment: when it is asked.
        estimates: gives a job's candidates where the caller keeps them.
    """
    made = []
    limits = tuple(x for x in limits_of(question, moment) if x.name != "min_accuracy")
    for position, job in enumerate(question.jobs):
        if estimates is not None:
            space = estimates(job, question)
        else:
            space = candidates(job, question, catalog, constants, moment.date())
        if len(space):
            space = replace(space, job=with_kept(space.job, catalog, constants.quality))
            own = tuple(limit for limit in limits if limit.job in (None, position))
            columns = columns_at(space, question.limits.confidence)
            stakes = _stakes(space, columns, missed(columns, own) == 0, question)
            made.append(_plan(space, columns, stakes, question, catalog))
    return tuple(made)


def _plan(
    space: Candidates, columns: JobColumns, stakes: _Stakes, question: Question, catalog: Catalog
) -> PilotPlan:
    job = space.job
    because = pilots_cannot_help(job, space.family)
    if because:
        return PilotPlan(job=job.name, need="useless", reason=sentence(because))
    need, reason = _need(space, columns, stakes, question)
    if need == "none":
        return PilotPlan(job=job.name, need=need, reason=reason)
    chosen, examples = _measured_next(space, columns, stakes, question.aim, catalog)
    if not examples:
        return PilotPlan(job=job.name, need="none", reason="Pilots reach the job's own size.")
    bill = pilot_bill(space, chosen, examples)
    usd = float(bill.usd.sum())
    evaluated_on = pilot_sizes(job).evaluated_on
    saved = _saved_usd(columns, stakes, question.aim)
    if saved is not None and saved < usd:
        need = "none"
        reason += f" That would save {usd_text(saved)}; pilots cost {usd_text(usd)}."
    model, variant, epoch = place = _place(space, chosen)
    median, sd = float(space.accuracy.median[place]), float(space.accuracy.sd[place])
    known = bool(np.isfinite(median))
    widths = _widths(space, chosen, examples, evaluated_on, catalog)
    if known and widths[-1] is not None and widths[-1] > LITTLE * HALF_80 * sd:
        reason += " Pilots would narrow its interval by less than a fifth."
    name = space.bench.models[model].name
    return PilotPlan(
        job=job.name,
        need=need,
        reason=reason,
        key=space.key(chosen),
        model=name,
        method=space.bench.variants[variant].method.id,
        epochs=space.epochs[epoch],
        evaluated_on=evaluated_on,
        median=median if known else None,
        half_width=HALF_80 * sd if known else None,
        runs=tuple(
            PilotRun(
                examples=n,
                runs=SEEDS if n == examples[-1] else 1,
                hours=float(bill.hours[i]),
                usd=float(bill.usd[i]),
                half_width=widths[i],
            )
            for i, n in enumerate(examples)
        ),
        hours=float(bill.hours.sum()),
        usd=usd,
        text=advice_text(name, examples, evaluated_on),
    )


def _stakes(space: Candidates, columns: JobColumns, keeps: IntArray, question: Question) -> _Stakes:
    kept = np.flatnonzero(keeps)
    minimum = space.job.min_accuracy
    if minimum is None:
        return _Stakes(kept, kept[:0], kept[:0])
    surely = columns.accuracy[kept] >= minimum
    hoped = columns_at(space, 1.0 - question.limits.confidence, kept).accuracy >= minimum
    trains = np.array([variant.method.trains for variant in space.bench.variants])
    trained = trains[space.physics.variant[space.row[kept]]]
    return _Stakes(kept, kept[surely], kept[hoped & ~surely & trained])


def _need(
    space: Candidates, columns: JobColumns, stakes: _Stakes, question: Question
) -> tuple[Need, str]:
    """Whether a pilot could change the plan, and why in a sentence."""
    minimum, aim = space.job.min_accuracy, question.aim
    if minimum is None and aim in (Aim.CHEAPEST, Aim.FASTEST):
        return "none", "No minimum is set on this accuracy, and the aim does not weigh it."
    if space.accuracy.unknown_because:
        return "unknown", f"No promise can be made: {space.accuracy.unknown_because}."
    if minimum is None:
        return "unsure", "The aim weighs an accuracy that is known no closer than its interval."
    return _need_of_minimum(columns, stakes, aim, accuracy_text(minimum))


def _need_of_minimum(
    columns: JobColumns, stakes: _Stakes, aim: Aim, wanted: str
) -> tuple[Need, str]:
    if len(stakes.open) == 0:
        because = "No plan keeps the other limits, whatever its accuracy."
        if len(stakes.sure):
            because = f"No plan within the other limits is in doubt: each reaches {wanted} or not."
        elif len(stakes.kept):
            because = f"No plan within the other limits has a fair chance of {wanted}."
        return "none", because
    if len(stakes.sure) == 0:
        return "unsure", f"Plans within the other limits may reach {wanted}, none surely does."
    worth = {Aim.CHEAPEST: columns.usd, Aim.FASTEST: columns.hours}.get(aim)
    if worth is not None and worth[stakes.open].min() >= worth[stakes.sure].min():
        return "none", f"The {aim.value} plan that may reach {wanted} surely does."
    word = {Aim.CHEAPEST: "cheaper", Aim.FASTEST: "faster"}.get(aim, "better")
    return "unsure", f"A {word} plan than those that surely reach {wanted} may reach it too."


def _measured_next(
    space: Candidates, columns: JobColumns, stakes: _Stakes, aim: Aim, catalog: Catalog
) -> tuple[int, tuple[int, ...]]:
    """The candidate to measure and the sizes: a model in doubt meets the others at their largest.

    Where other models have pilots, one pilot of the same size corrects what is carried over to a
    model; sizes of its own would have to be paid for again.
    """
    job = space.job
    sizes = pilot_sizes(job).examples
    if len(stakes.open) == 0:
        some = stakes.kept if len(stakes.kept) else None
        return pilot_candidate(space, columns, catalog, some), sizes
    worth = columns.hours if aim is Aim.FASTEST else columns.usd
    chosen = candidate_in_doubt(space, worth, stakes.open)
    model = space.bench.models[_place(space, chosen)[0]].name
    named = [catalog.model_named(pilot.model) for pilot in job.pilots if pilot.model]
    if named and model not in {other.name for other in named if other is not None}:
        sizes = (max(pilot.examples for pilot in job.pilots),)
    return chosen, sizes


def _saved_usd(columns: JobColumns, stakes: _Stakes, aim: Aim) -> float | None:
    """Most that certainty could save under the aim to be cheap; None where that is no measure."""
    if aim is not Aim.CHEAPEST or not len(stakes.open) or not len(stakes.sure):
        return None
    return float(columns.usd[stakes.sure].min() - columns.usd[stakes.open].min())


def _place(space: Candidates, position: int) -> tuple[int, int, int]:
    row = int(space.row[position])
    model, variant = int(space.physics.model[row]), int(space.physics.variant[row])
    return model, variant, int(space.epoch[position])


def _widths(
    space: Candidates,
    position: int,
    examples: tuple[int, ...],
    evaluated_on: int,
    catalog: Catalog,
) -> list[float | None]:
    """Half of the 80 % interval after the first pilot, the first two, and so on."""
    model, variant, epoch = _place(space, position)
    one, by = space.bench.models[model], space.bench.variants[variant]
    passes, quality = space.epochs[epoch], space.bench.constants.quality
    foreseen = foreseen_pilots(
        space.job, space.family, one, by, passes, catalog, quality, examples, evaluated_on
    )
    seeds = foreseen[-1:] * (SEEDS - 1)
    widths: list[float | None] = []
    for many in range(1, len(examples) + 1):
        pilots = (*space.job.pilots, *foreseen[:many], *(seeds if many == len(examples) else ()))
        told = space.job.replace(pilots=pilots)
        made = accuracy(told, space.family, [one], [by], [passes], catalog, quality)
        sd = float(made.sd[0, 0, 0])
        widths.append(HALF_80 * sd if np.isfinite(sd) else None)
    return widths
