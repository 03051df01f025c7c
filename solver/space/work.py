"""How much a job computes: phases of equal sequences and batches, from what the user stated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.question import TaskFamily

if TYPE_CHECKING:
    from catalog.tables import Catalog
    from solver.question import Job

PACKED_SEQUENCE = 2048
"""Sequence into which a stream of tokens is packed where the user says nothing. [token]"""

TUNING_BATCH = {
    TaskFamily.CLASSIFICATION: 32,
    TaskFamily.PAIR_CLASSIFICATION: 32,
    TaskFamily.REGRESSION: 32,
    TaskFamily.QUESTION_ANSWERING: 32,
}
"""Sequences of one optimiser step: devlin2019 recommends 16 or 32. Other families: 64."""

OTHER_TUNING_BATCH = 64
"""Common in published instruction tuning (biderman2024 uses 32 to 192). [sequence]"""


@dataclass(frozen=True, slots=True)
class WorkPhase:
    """A stretch of training with one shape."""

    tokens: float
    """Computed tokens of one pass, padding included. [token]"""
    sequence: int
    batch_sequences: int


def family_of(job: Job, catalog: Catalog) -> TaskFamily:
    """The job's task family: stated, or the catalogue's for its task."""
    if job.family is not None:
        return job.family
    task = catalog.task_named(job.task or "")
    return TaskFamily(task.family) if task else TaskFamily.LANGUAGE_MODELLING


def phases_of(job: Job, family: TaskFamily) -> tuple[WorkPhase, ...]:
    """What one pass of the job computes, phase by phase.

    A recipe's phases are taken as stated. Examples are padded to the job's sequence, or to their
    own length rounded up to 8; a stream of tokens is packed without padding.
    """
    if job.phases:
        return tuple(
            WorkPhase(
                float(p.steps * p.batch_sequences * p.sequence), p.sequence, p.batch_sequences
            )
            for p in job.phases
        )
    if job.tokens is not None:
        sequence = job.sequence or PACKED_SEQUENCE
        tokens = job.tokens
    else:
        length = job.tokens_per_example or 1.0
        sequence = job.sequence or 8 * math.ceil(length / 8)
        tokens = float(job.examples or 0) * sequence
    return (WorkPhase(tokens, sequence, job.batch_sequences or _batch(family, tokens, sequence)),)


def _batch(family: TaskFamily, tokens: float, sequence: int) -> int:
    """Sequences of one step where the user states none.

    Pre-training follows B = 0.58 D^0.571 tokens (li2025steplaw), rounded to a power of two.
    """
    if family is TaskFamily.LANGUAGE_MODELLING:
        wanted = 0.58 * tokens**0.571 / sequence
        return max(8, 1 << round(math.log2(max(wanted, 1.0))))
    return TUNING_BATCH.get(family, OTHER_TUNING_BATCH)


def allowed_epochs(job: Job) -> tuple[int, ...]:
    """Passes over the data that may be chosen, ascending; a recipe of phases is run once."""
    return (1,) if job.phases else tuple(sorted(set(job.epochs)))
