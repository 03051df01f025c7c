"""The facts and factors that an answer rests on, embedded so that it can be recomputed alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.load import from_rows
from solver.constants import EstimateConstants
from solver.estimate.quality import scores_used
from solver.estimate.quality_ground import task_name
from solver.plan import LEFT_OUT, Facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.tables import Catalog
    from solver.question import Question


def facts_of(
    question: Question,
    catalog: Catalog,
    constants: EstimateConstants,
    keys: Iterable[str],
    beside: Iterable[str] = (),
) -> Facts:
    """Everything that the figures of some candidates depend on.

    Args:
        question: what was asked.
        catalog: the whole catalogue.
        constants: the factors that were used.
        keys: names of the candidates, as `Candidates.key` prints them.
        beside: offers that their keys do not name: models are served on them afterwards, or they
            take over after a window on spot machines.
    """
    parts = sorted({tuple(key.split(":")) for key in keys if key != LEFT_OUT})
    constants = _with_own_of(question, catalog, constants)
    own = constants.quality.own
    pilots = [score.model for score in own]
    pilots += [pilot.model for job in question.jobs for pilot in job.pilots if pilot.model]
    pilots += [score.model for job in question.jobs for score in job.own_scores]
    teachers = [job.teacher for job in question.jobs if job.teacher]
    named = [m.name for n in [*pilots, *teachers] if (m := catalog.model_named(n)) is not None]
    models = sorted({part[0] for part in parts} | set(named))
    facts = [catalog.models[name] for name in models if name in catalog.models]
    scores = [score for job in question.jobs for score in scores_used(job, facts, catalog)]
    tasks = [task.id for job in question.jobs if (task := catalog.task_named(job.task or ""))]
    owned = [
        part.id for pool in question.pools if (part := catalog.accelerator_named(pool.accelerator))
    ]
    chosen = catalog.subset(
        offers=sorted({part[3] for part in parts} | set(beside)),
        accelerators=sorted(set(owned) | _devices(question, catalog)),
        models=models,
        methods=sorted(
            {_method(catalog, part[1]) for part in parts}
            | _pilots(question, [score.method for score in own], catalog)
        ),
        precisions=sorted({part[2] for part in parts} | {f for part in parts for f in part[6:]}),
        tasks=sorted(set(tasks)),
        scores=list(dict.fromkeys(scores)),
        regions=sorted({pool.region for pool in question.pools if pool.region}),
    )
    return Facts(catalog=chosen.to_rows(), constants=constants.model_dump(mode="json"))


def catalog_in(facts: Facts) -> Catalog:
    """The small catalogue that an answer embeds.

    Raises:
        CatalogError: its rows cannot be used.
    """
    return from_rows(facts.catalog)


def constants_in(facts: Facts) -> EstimateConstants:
    """The factors that an answer embeds.

    Raises:
        pydantic.ValidationError: they cannot be used.
    """
    return EstimateConstants.model_validate(facts.constants)


def _with_own_of(
    question: Question, catalog: Catalog, constants: EstimateConstants
) -> EstimateConstants:
    """The factors with those of the user's kept scores that the question's tasks are about."""
    if not constants.quality.own:
        return constants
    tasks = {task_name(job.task, catalog) for job in question.jobs if job.task}
    own = tuple(score for score in constants.quality.own if score.task in tasks)
    return constants.model_copy(
        update={"quality": constants.quality.model_copy(update={"own": own})}
    )


def _devices(question: Question, catalog: Catalog) -> set[str]:
    """Accelerators that will run the finished models."""
    named = [job.deploy_on for job in question.jobs if job.deploy_on]
    return {part.id for name in named if (part := catalog.accelerator_named(name)) is not None}


def _pilots(question: Question, own: list[str], catalog: Catalog) -> set[str]:
    """Methods of the user's own measurements."""
    told = [*own]
    told += [pilot.method for job in question.jobs for pilot in job.pilots]
    told += [score.method for job in question.jobs for score in job.own_scores]
    return {method.id for name in told if (method := catalog.method_named(name)) is not None}


def _method(catalog: Catalog, label: str) -> str:
    """The id of the method of a label such as lora-r16."""
    return label if label in catalog.methods else label.rpartition("-r")[0]
