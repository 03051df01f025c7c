"""Whether the facts agree with each other: one function for each kind of disagreement."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from statistics import median
from typing import TYPE_CHECKING

from catalog.parameters import TOLERANCE, formula_error, mla_widths
from catalog.problems import Problem, did_you_mean
from catalog.schema import Accelerator, Pricing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from catalog.schema import Model, Offer
    from catalog.tables import Catalog

PLACEHOLDER_PRICES_USD = (700.0, 0.0, 0.01)
"""Prices of one accelerator that stand for "no price" in public price lists. [USD/h]"""

LOWEST_SHARE_OF_MEDIAN = 0.2
HIGHEST_SHARE_OF_MEDIAN = 5.0
"""A price for one accelerator outside these multiples of the median of its accelerator and
pricing kind must be marked. [ratio]"""

PEAK_RATIO_TOLERANCE = 0.1
"""Slack in comparing peaks, because vendors round them. [ratio]"""

SPARSE_FACTOR = 2.0
"""A peak with structured sparsity is twice the dense one. [ratio]"""

HALVING_VENDORS = ("nvidia", "amd")
"""Vendors whose matrix units run a format at most twice as fast as the one twice as wide."""

_KEY = re.compile(r"[a-z]+\d{4}[a-z]*")


def check_catalog(catalog: Catalog, today: date | None = None) -> tuple[Problem, ...]:
    """Everything in a catalogue that does not agree.

    Args:
        catalog: the catalogue to check.
        today: the day against which dates are held; None: the current day.
    """
    day = today or datetime.now(tz=UTC).date()
    problems = [problem for check in CHECKS for problem in check(catalog)]
    return (*problems, *dates_in_the_future(catalog, day))


def unknown_accelerators(catalog: Catalog) -> Iterator[Problem]:
    """Offers of an accelerator that the catalogue does not hold."""
    for offer in catalog.offers.values():
        if offer.accelerator not in catalog.accelerators:
            remedy = did_you_mean(offer.accelerator, catalog.accelerators)
            yield Problem(
                f"offers [{offer.key}]", f"accelerator {offer.accelerator!r} is not known", remedy
            )


def unknown_names_in_scores(catalog: Catalog) -> Iterator[Problem]:
    """Scores of a model, a task or a method that the catalogue does not hold."""
    lookups: tuple[tuple[str, Callable[[str], object], Iterable[str]], ...] = (
        ("model", catalog.model_named, catalog.models),
        ("task", catalog.task_named, catalog.tasks),
        ("method", catalog.method_named, catalog.methods),
    )
    for field, named, known in lookups:
        for name in dict.fromkeys(getattr(score, field) for score in catalog.scores):
            if named(name) is None:
                yield Problem(
                    f"scores, {field}", f"{name!r} is not known", did_you_mean(name, known)
                )


def unknown_sources(catalog: Catalog) -> Iterator[Problem]:
    """Rows that cite a key, like newkirk2025, which no source has."""
    for table in ("methods", "precisions", "tasks", "scores", "grids", "providers"):
        for key, row in catalog.table(table).items():
            cited = str(getattr(row, "source", ""))
            if _KEY.fullmatch(cited) and cited not in catalog.sources:
                remedy = did_you_mean(cited, catalog.sources)
                yield Problem(f"{table} [{key}]", f"source {cited!r} is not known", remedy)


def rows_without_source(catalog: Catalog) -> Iterator[Problem]:
    """Rows that do not say where they come from."""
    for table in ("accelerators", "offers", "models", "methods", "tasks", "scores", "grids"):
        for key, row in catalog.table(table).items():
            if not str(getattr(row, "source", "")).strip():
                yield Problem(f"{table} [{key}]", "it names no source", "Say where it comes from.")


def aliases_to_nothing(catalog: Catalog) -> Iterator[Problem]:
    """Spellings of a key that no row has, or that are a key themselves."""
    for table, names in catalog.aliases.items():
        rows = catalog.table(table)
        for alias, key in names.items():
            where = f"aliases [{table}] {alias!r}"
            if key not in rows:
                yield Problem(where, f"there is no {key!r}", did_you_mean(key, rows))
            if alias in rows and alias != key:
                yield Problem(where, "a row has this key itself", "Remove the alias.")


def placeholder_prices(catalog: Catalog) -> Iterator[Problem]:
    """Prices that public lists use where they have none."""
    for offer in _rented(catalog):
        if offer.usd_per_accelerator_hour in PLACEHOLDER_PRICES_USD:
            yield Problem(
                f"offers [{offer.key}]",
                f"{offer.usd_per_hour:g} USD/h stands for an unknown price",
                "Give the price or delete the row.",
            )


def prices_far_from_the_median(catalog: Catalog) -> Iterator[Problem]:
    """Unmarked prices far from those of the same accelerator and pricing kind."""
    prices: dict[tuple[str, Pricing], list[float]] = defaultdict(list)
    for offer in _rented(catalog):
        prices[offer.accelerator, offer.pricing].append(offer.usd_per_accelerator_hour)
    for offer in _rented(catalog):
        middle = median(prices[offer.accelerator, offer.pricing])
        share = offer.usd_per_accelerator_hour / middle if middle else 1.0
        inside = LOWEST_SHARE_OF_MEDIAN <= share <= HIGHEST_SHARE_OF_MEDIAN
        if not inside and not offer.marked:
            yield Problem(
                f"offers [{offer.key}]",
                f"its price is {share:.2g} times the median {middle:.3g} USD/h",
                "Check it at its source, then mark it.",
            )


def spot_dearer_than_on_demand(catalog: Catalog) -> Iterator[Problem]:
    """Spot prices above the on-demand price of the same machine in the same region."""
    for offer in catalog.offers.values():
        if offer.pricing is not Pricing.SPOT:
            continue
        key = f"{offer.provider}/{offer.sku}/{offer.region}/{Pricing.ON_DEMAND.value}"
        regular = catalog.offers.get(key)
        if regular is not None and offer.usd_per_hour > regular.usd_per_hour:
            yield Problem(
                f"offers [{offer.key}]",
                f"{offer.usd_per_hour:g} USD/h is more than on demand, {regular.usd_per_hour:g}",
                "Check both at their source.",
            )


def dates_in_the_future(catalog: Catalog, today: date) -> Iterator[Problem]:
    """Prices and sources read after `today`."""
    for offer in catalog.offers.values():
        if offer.price_date > today:
            yield Problem(
                f"offers [{offer.key}]",
                f"its price date {offer.price_date} lies in the future",
                "Give the day the price was read.",
            )
    for source in catalog.sources.values():
        if source.read_on is not None and source.read_on > today:
            yield Problem(
                f"sources [{source.key}]",
                f"its date {source.read_on} lies in the future",
                "Give the day it was read.",
            )


def peaks_that_are_not_dense(catalog: Catalog) -> Iterator[Problem]:
    """Peaks that look like the figure with structured sparsity, or rise as formats widen."""
    for part in catalog.accelerators.values():
        yield from _peak_problems(part)


def shapes_that_disagree(catalog: Catalog) -> Iterator[Problem]:
    """Models whose shape does not give their published count, without saying so."""
    for model in catalog.models.values():
        error = formula_error(model)
        if abs(error) > TOLERANCE and not model.formula_disagrees:
            yield Problem(
                f"models [{model.name}]",
                f"its shape gives {1 + error:.3g} times its published parameters",
                "Correct the shape, or set formula_disagrees.",
            )


def shapes_that_cannot_be(catalog: Catalog) -> Iterator[Problem]:
    """Models whose numbers contradict each other."""
    for model in catalog.models.values():
        for what in _contradictions(model):
            yield Problem(f"models [{model.name}]", what, "Check the row at its source.")


def tasks_without_room(catalog: Catalog) -> Iterator[Problem]:
    """Tasks whose chance level is not below their ceiling."""
    for task in catalog.tasks.values():
        if task.chance >= task.ceiling:
            yield Problem(
                f"tasks [{task.id}]",
                f"chance {task.chance:g} is not below the ceiling {task.ceiling:g}",
                "Correct one of the two.",
            )


def scores_above_the_ceiling(catalog: Catalog) -> Iterator[Problem]:
    """Published scores that their task calls impossible."""
    for score in catalog.scores:
        task = catalog.task_named(score.task)
        if task is not None and task.metric == score.metric and score.score > task.ceiling:
            yield Problem(
                f"scores [{score.model}, {score.task}]",
                f"{score.score:g} is above the ceiling {task.ceiling:g}",
                "Raise the ceiling or correct the score.",
            )


def formats_without_a_peak(catalog: Catalog) -> Iterator[Problem]:
    """Precisions that compute in, or need, a format for which accelerators state no peak."""
    peaks = [name for name in Accelerator.model_fields if name.endswith("_tflops")]
    known = [name.removesuffix("_tflops") for name in peaks if not name.startswith("measured")]
    for precision in catalog.precisions.values():
        for name in (precision.compute_format, *precision.needs):
            if name not in known:
                yield Problem(
                    f"precisions [{precision.id}]",
                    f"format {name!r} is not known",
                    did_you_mean(name, known),
                )


def tables_that_are_empty(catalog: Catalog) -> Iterator[Problem]:
    """Tables without which nothing can be planned."""
    for table in ("accelerators", "models", "methods", "precisions"):
        if not catalog.table(table):
            yield Problem(table, "it has no rows", "Restore the shipped table.")


CHECKS: tuple[Callable[[Catalog], Iterator[Problem]], ...] = (
    tables_that_are_empty,
    unknown_accelerators,
    unknown_names_in_scores,
    unknown_sources,
    rows_without_source,
    aliases_to_nothing,
    placeholder_prices,
    prices_far_from_the_median,
    spot_dearer_than_on_demand,
    peaks_that_are_not_dense,
    shapes_that_disagree,
    shapes_that_cannot_be,
    formats_without_a_peak,
    tasks_without_room,
    scores_above_the_ceiling,
)
"""Every check that needs the catalogue alone."""


def _rented(catalog: Catalog) -> list[Offer]:
    return [offer for offer in catalog.offers.values() if offer.pricing is not Pricing.OWNED]


def _peak_problems(part: Accelerator) -> Iterator[Problem]:
    """Peaks against each other, and against what was ever measured."""
    where = f"accelerators [{part.id}]"
    half = part.bf16_tflops or part.fp16_tflops
    if part.vendor in HALVING_VENDORS:
        for what in _uneven_peaks(part, half):
            yield Problem(where, what, "Take dense peaks: a sparse one is twice as high.")
    measured = part.measured_max_bf16_tflops
    if not measured or not half:
        return
    if measured > half:
        what = f"{measured:g} TFLOP/s were measured, above its peak of {half:g}"
        yield Problem(where, what, "Correct the peak or the measured rate.")
    if measured < half / SPARSE_FACTOR:
        what = f"only {measured / half:.0%} of its 16-bit peak was ever measured"
        yield Problem(where, what, "Check that the peak is dense.")


def _uneven_peaks(part: Accelerator, half: float | None) -> Iterator[str]:
    slack = 1.0 + PEAK_RATIO_TOLERANCE
    bf16, fp16 = part.bf16_tflops, part.fp16_tflops
    if bf16 and fp16 and max(bf16, fp16) > min(bf16, fp16) * slack:
        yield f"its bf16 peak {bf16:g} and fp16 peak {fp16:g} differ"
    pairs = ((half, part.tf32_tflops, "16-bit", "tf32"), (part.fp8_tflops, half, "fp8", "16-bit"))
    for narrow, wide, name, other in pairs:
        if narrow and wide and narrow > wide * SPARSE_FACTOR * slack:
            yield f"its {name} peak is {narrow / wide:.2g} times its {other} peak, not twice"


def _contradictions(model: Model) -> Iterator[str]:
    if model.heads % model.kv_heads:
        yield f"{model.heads} heads do not share {model.kv_heads} key-value heads evenly"
    if model.is_moe and not 0 < model.experts_per_token <= model.experts:
        yield f"{model.experts_per_token} of {model.experts} experts for each token cannot be"
    if model.is_moe and not model.expert_ffn_hidden:
        yield "it has experts without a width"
    if not model.shared_layers and model.active_parameters > model.parameters:
        yield "more parameters are active than there are"
    if model.mla:
        try:
            names = set(mla_widths(model.mla))
        except ValueError:
            names = set()
        if names != {"q", "kv", "no", "ro", "v"}:
            yield f"mla {model.mla!r} is not of the form q=;kv=;no=;ro=;v="
