"""Which models, methods and precisions a job may combine, and why others may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.schema import Architecture, Method, MethodKind, Model, Precision
from solver.question import SIXTEEN_BITS, TaskFamily
from solver.space.machines import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.tables import Catalog
    from solver.question import Job

DEFAULT_PRECISIONS = ("bf16-mixed", "fp16-mixed", "fp8")
"""Considered where the user states none; fp16 only where the hardware lacks bf16."""

FP8_METHODS = (
    MethodKind.FROM_SCRATCH,
    MethodKind.CONTINUED_PRETRAINING,
    MethodKind.FULL,
)
"""Methods for which common software trains in fp8; for others the question has to ask for it."""

WIDE_BITS = 16.0
"""Of one weight in the usual format. [bit]"""

PRETRAINING = (MethodKind.FROM_SCRATCH, MethodKind.CONTINUED_PRETRAINING)


@dataclass(frozen=True, slots=True)
class Variant:
    """A method with its rank, training precision and storage of frozen weights."""

    method: Method
    rank: int | None
    precision: Precision
    storage: str
    """Format of frozen base weights; empty where they follow the precision."""
    deployed: str = SIXTEEN_BITS
    """Format in which the finished model is handed over."""

    @property
    def method_label(self) -> str:
        """The method with its rank, as keys print it."""
        return self.method.id if self.rank is None else f"{self.method.id}-r{self.rank}"

    @property
    def label(self) -> str:
        """The variant as keys print it: method:precision."""
        return f"{self.method_label}:{self.precision.id}"


def models_for(
    job: Job, family: TaskFamily, sequence: int, catalog: Catalog
) -> tuple[tuple[Model, ...], tuple[Rejected, ...]]:
    """The base models that the job allows, and those it does not."""
    allowed: list[Model] = []
    rejected: list[Rejected] = []
    named = {model.name for name in job.models.names if (model := catalog.model_named(name))}
    for model in catalog.models.values():
        reason = _against_model(model, job, named, family, sequence)
        if reason:
            rejected.append(Rejected(model.name, reason))
        else:
            allowed.append(model)
    return tuple(allowed), tuple(rejected)


def variants_for(
    job: Job, family: TaskFamily, catalog: Catalog
) -> tuple[tuple[Variant, ...], tuple[Rejected, ...]]:
    """The methods with ranks and precisions that the job allows, and those it does not."""
    allowed: list[Variant] = []
    rejected: list[Rejected] = []
    for method in catalog.methods.values():
        reason = _against_method(method, job, family)
        if reason:
            rejected.append(Rejected(method.id, reason))
            continue
        for precision in _precisions(job, method, family, catalog):
            for rank in _ranks(job, method, family):
                allowed.extend(
                    Variant(method, rank, precision, storage)
                    for storage in (method.storage_formats or ("",))
                )
    return tuple(allowed), tuple(rejected)


def formats_for(job: Job, catalog: Catalog) -> tuple[str, ...]:
    """Formats in which the finished model may be handed over, the catalogue's spelling."""
    known = {name.lower(): name for name in deployable(catalog)}
    found = [known[name.lower()] for name in job.formats if name.lower() in known]
    return tuple(dict.fromkeys(found)) or (SIXTEEN_BITS,)


def deployable(catalog: Catalog) -> tuple[str, ...]:
    """Every format in which a model may be deployed."""
    narrow = [p.id for p in catalog.precisions.values() if p.deployed_bits is not None]
    return (SIXTEEN_BITS, *narrow)


def suits(model: Model, variant: Variant, job: Job) -> str:
    """Why a model cannot be trained by a variant; empty where it can."""
    kind = variant.method.kind
    if model.architecture not in variant.method.architectures:
        return f"{variant.method.name} is not made for {model.architecture.value} models"
    if kind is not MethodKind.FROM_SCRATCH and not model.open_weights:
        return "its weights are not public: only training from scratch is possible"
    if kind is MethodKind.DISTILLATION and job.teacher == model.name:
        return "a model cannot be its own teacher"
    return ""


def _against_model(  # noqa: PLR0911 - one test a line
    model: Model, job: Job, named: set[str], family: TaskFamily, sequence: int
) -> str:
    choice = job.models
    if named and model.name not in named:
        return "not among the models allowed"
    if choice.families and not _named(model.family, choice.families):
        return f"family {model.family} is not among those allowed"
    if choice.licences and not _named(model.licence, choice.licences):
        return f"licence {model.licence or 'unknown'} is not among those allowed"
    if not choice.min_parameters <= model.parameters <= choice.max_parameters:
        return "its size is outside the sizes allowed"
    if choice.open_weights_only and not model.open_weights and not named:
        return "its weights are not public"
    if model.formula_disagrees:
        return "its shape does not explain its published parameter count"
    if sequence > model.max_sequence:
        return f"it reads {model.max_sequence:,} tokens at most"
    if family in _GENERATIVE and model.architecture is Architecture.ENCODER:
        return "an encoder cannot generate text"
    return ""


_GENERATIVE = (
    TaskFamily.GENERATION,
    TaskFamily.CHAT,
    TaskFamily.MATHS,
    TaskFamily.CODE,
    TaskFamily.KNOWLEDGE,
)


def _against_method(method: Method, job: Job, family: TaskFamily) -> str:
    if method.kind is MethodKind.PROMPTING and job.serving is None:
        return "it costs when it serves: without a serving volume it cannot be compared"
    if job.methods:
        return "" if _named(method.id, job.methods) else "not among the methods allowed"
    pretrains = method.kind in PRETRAINING
    if pretrains != (family is TaskFamily.LANGUAGE_MODELLING):
        return "not meant for this kind of task"
    if method.kind is MethodKind.DISTILLATION and job.teacher is None:
        return "no teacher is named"
    if method.task_families and family.value not in method.task_families:
        return "not meant for this kind of task"
    return ""


def _precisions(job: Job, method: Method, family: TaskFamily, catalog: Catalog) -> list[Precision]:
    training = [p for p in catalog.precisions.values() if p.role == "training"]
    if job.precisions:
        return [p for p in training if _named(p.id, job.precisions)]
    defaults = [p for p in training if p.id in DEFAULT_PRECISIONS]
    if method.kind in FP8_METHODS and family not in _ENCODER_TASKS:
        return defaults
    return [p for p in defaults if p.id != "fp8"]


_ENCODER_TASKS = (
    TaskFamily.CLASSIFICATION,
    TaskFamily.PAIR_CLASSIFICATION,
    TaskFamily.REGRESSION,
    TaskFamily.QUESTION_ANSWERING,
)


def _ranks(job: Job, method: Method, family: TaskFamily) -> tuple[int | None, ...]:
    """Ranks that become candidates; for labels the lowest one is enough (hu2021)."""
    if not method.ranks:
        return (None,)
    return job.ranks or (method.ranks[:1] if family in _ENCODER_TASKS else method.ranks)


def _named(name: str, allowed: Iterable[str]) -> bool:
    return name.lower() in {word.lower() for word in allowed}
