"""Faults of a question that only the catalogue shows: names it does not know, empty choices."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from catalog.problems import Problem, did_you_mean
from solver.question import MAX_HOURS, SIXTEEN_BITS, TaskFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from catalog.tables import Catalog
    from solver.question import Job, Limits, ModelChoice, OwnedMachines, Question


def problems_with(question: Question, catalog: Catalog, now: datetime) -> tuple[Problem, ...]:
    """Every fault of a question against the catalogue and the clock."""
    found = [*_of_limits(question, catalog, now), *_of_machines(question, catalog)]
    found += _of_quotas(question.limits, catalog)
    for position, job in enumerate(question.jobs, start=1):
        found.extend(_of_job(job, f"jobs[{position}]", catalog))
    return tuple(found)


def _of_limits(question: Question, catalog: Catalog, now: datetime) -> Iterator[Problem]:
    limits = question.limits
    hours = limits.hours_until_deadline(now)
    if hours is not None and hours <= 0:
        yield Problem(
            "limits.deadline", "it lies before the start", "Give a later date, or an earlier start."
        )
    if hours is not None and hours > MAX_HOURS:
        yield Problem(
            "limits.deadline", "it lies more than five years after the start", "Correct the year."
        )
    offers = catalog.offers.values()
    providers = {offer.provider for offer in offers}
    regions = {offer.region for offer in offers}
    spelt = {provider.lower(): provider for provider in providers}
    yield from _unlisted(
        limits.providers,
        "limits.providers",
        "provider",
        lambda name: spelt.get(name.lower()) or catalog.key_in("providers", name),
        providers,
    )
    yield from _unknown(limits.regions, "limits.regions", "region", regions)
    yield from _unlisted(
        limits.accelerators,
        "limits.accelerators",
        "accelerator",
        partial(catalog.key_in, "accelerators"),
        catalog.accelerators,
    )
    if limits.rent and not question.pools and not _rentable(limits, catalog):
        yield Problem(
            "limits",
            "no offer of the catalogue is of these providers, regions and accelerators",
            "Allow more of them.",
        )


def _rentable(limits: Limits, catalog: Catalog) -> bool:
    """Whether any offer is left; true too where a name is unknown, which is told elsewhere."""
    parts = [catalog.accelerator_named(name) for name in limits.accelerators]
    offers = [
        offer
        for offer in catalog.offers.values()
        if not parts or any(part is not None and part.id == offer.accelerator for part in parts)
    ]
    for name, values in (("provider", limits.providers), ("region", limits.regions)):
        wanted = {value.lower() for value in values}
        known = {getattr(offer, name).lower() for offer in catalog.offers.values()}
        if not wanted <= known:
            return True
        offers = [o for o in offers if not wanted or getattr(o, name).lower() in wanted]
    return bool(offers) or any(part is None for part in parts)


def _pools(question: Question) -> Iterator[tuple[str, OwnedMachines]]:
    """Every pool and where it stands in the question."""
    for position, pool in enumerate(question.owned, start=1):
        yield f"owned[{position}]", pool
    for position, pool in enumerate(question.commitments, start=1):
        yield f"commitments[{position}]", pool


def _of_quotas(limits: Limits, catalog: Catalog) -> Iterator[Problem]:
    providers = {offer.provider for offer in catalog.offers.values()}
    for position, quota in enumerate(limits.quotas, start=1):
        where = f"limits.quotas[{position}]"
        named = (quota.provider,) if quota.provider else ()
        yield from _unknown(named, f"{where}.provider", "provider", providers)
        named = (quota.accelerator,) if quota.accelerator else ()
        key = partial(catalog.key_in, "accelerators")
        yield from _unlisted(
            named, f"{where}.accelerator", "accelerator", key, catalog.accelerators
        )


def _of_machines(question: Question, catalog: Catalog) -> Iterator[Problem]:
    known = catalog.accelerators
    places = [*catalog.grids, *(grid.place for grid in catalog.grids.values())]
    skus: dict[str, str] = {}
    for where, pool in _pools(question):
        yield from _unnamed(
            (pool.accelerator,),
            f"{where}.accelerator",
            "accelerator",
            catalog.accelerator_named,
            known,
        )
        twin = skus.setdefault(pool.sku, pool.name)
        if twin != pool.name:
            yield Problem(
                f"{where}.name",
                f"in keys, which have no / and :, it is written as {twin!r} is",
                "Give it another name.",
            )
        regions = (pool.region,) if pool.region else ()
        grid = partial(catalog.key_in, "grids")
        yield from _unnamed(regions, f"{where}.region", "the grid of", grid, places)


def _of_job(job: Job, where: str, catalog: Catalog) -> Iterator[Problem]:
    if job.family is None and catalog.task_named(job.task or "") is None:
        near = did_you_mean(job.task or "", catalog.tasks)
        families = ", ".join(family.value for family in TaskFamily)
        yield Problem(
            f"{where}.task",
            f"{job.task!r} is not in the catalogue",
            f"{near} For a task of your own, add family = one of {families}.",
        )
    named = [(name, f"{where}.models.names") for name in job.models.names]
    named += [
        (p.model, f"{where}.pilots[{i}].model") for i, p in enumerate(job.pilots, 1) if p.model
    ]
    named += [(s.model, f"{where}.own_scores[{i}].model") for i, s in enumerate(job.own_scores, 1)]
    named += [(job.teacher, f"{where}.teacher")] if job.teacher else []
    for name, place in named:
        yield from _unnamed((name,), place, "model", catalog.model_named, catalog.models)
    models = catalog.models.values()
    families_known = {model.family for model in models}
    licences = {model.licence for model in models if model.licence}
    yield from _unknown(job.models.families, f"{where}.models.families", "family", families_known)
    yield from _unknown(job.models.licences, f"{where}.models.licences", "licence", licences)
    if not _choosable(job.models, catalog):
        yield Problem(
            f"{where}.models",
            "no model of the catalogue is of these names, families, licences and sizes",
            "Allow more of them.",
        )
    method, precision = partial(catalog.key_in, "methods"), partial(catalog.key_in, "precisions")
    yield from _unlisted(job.methods, f"{where}.methods", "method", method, catalog.methods)
    training = {p.id for p in catalog.precisions.values() if p.role == "training"}
    yield from _unlisted(
        job.precisions, f"{where}.precisions", "training precision", precision, training
    )
    narrow = [p.id for p in catalog.precisions.values() if p.deployed_bits is not None]
    formats = [SIXTEEN_BITS, *narrow]
    yield from _unknown(job.formats, f"{where}.formats", "deployment format", formats)
    if job.deploy_on is not None:
        device = partial(catalog.key_in, "accelerators")
        yield from _unnamed(
            (job.deploy_on,), f"{where}.deploy_on", "accelerator", device, catalog.accelerators
        )
    yield from _contradictions(job, where, catalog)


def _choosable(choice: ModelChoice, catalog: Catalog) -> bool:
    """Whether any model is left; true too where a name is unknown, which is told elsewhere."""
    named = [catalog.model_named(name) for name in choice.names]
    models = list(catalog.models.values())
    left = [m for m in named if m is not None] if named else models
    for field, values in (("family", choice.families), ("licence", choice.licences)):
        wanted = {value.lower() for value in values}
        if not wanted <= {str(getattr(model, field)).lower() for model in models}:
            return True
        left = [m for m in left if not wanted or str(getattr(m, field)).lower() in wanted]
    left = [m for m in left if choice.min_parameters <= m.parameters <= choice.max_parameters]
    return bool(left) or None in named


def _contradictions(job: Job, where: str, catalog: Catalog) -> Iterator[Problem]:
    kinds = {
        catalog.methods[name.lower()].kind.value
        for name in job.methods
        if name.lower() in catalog.methods
    }
    if "distillation" in kinds and job.teacher is None:
        yield Problem(f"{where}.methods", "distillation needs a teacher", "Add teacher = a model.")
    if kinds == {"prompting"} and job.serving is None:
        yield Problem(
            f"{where}.methods",
            "prompting trains nothing and costs when it serves",
            "Add serving = { tokens_per_month = …, months = … }.",
        )
    if job.phases and job.epochs not in ((1, 2, 3), (1,)):
        yield Problem(f"{where}.epochs", "a recipe of phases is run once", "Remove epochs.")
    largest = max((pilot.examples for pilot in job.pilots), default=0)
    if job.examples is not None and largest > job.examples:
        yield Problem(
            f"{where}.pilots",
            f"a pilot saw {largest:,} examples, the job has {job.examples:,}",
            "Correct one of the two numbers.",
        )
    if job.min_accuracy is not None and job.family is TaskFamily.LANGUAGE_MODELLING:
        yield Problem(
            f"{where}.min_accuracy",
            "language modelling is judged by its loss, which has no accuracy",
            "Remove min_accuracy.",
        )


def _unknown(
    names: Iterable[str], where: str, what: str, known: Iterable[str]
) -> Iterator[Problem]:
    lower = {name.lower() for name in known}
    for name in names:
        if name.lower() not in lower:
            yield Problem(
                where, f"{what} {name!r} is not in the catalogue", did_you_mean(name, known)
            )


def _unlisted(
    names: Iterable[str],
    where: str,
    what: str,
    key: Callable[[str], str | None],
    known: Iterable[str],
) -> Iterator[Problem]:
    """Names that are no keys; of another spelling that is known the key is told."""
    for name in names:
        meant = key(name)
        if meant is None or meant not in known:
            yield from _unknown([name], where, what, known)
        elif meant.lower() != name.lower():
            yield Problem(where, f"{what} {name!r} is listed as {meant!r}", f"Write {meant!r}.")


def _unnamed(
    names: Iterable[str],
    where: str,
    what: str,
    lookup: Callable[[str], object | None],
    known: Iterable[str],
) -> Iterator[Problem]:
    for name in names:
        if lookup(name) is None:
            yield Problem(
                where, f"{what} {name!r} is not in the catalogue", did_you_mean(name, known)
            )
