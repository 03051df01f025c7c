"""What distilled students keep of their teachers' scores, leaving one student out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import quality_fit as fit
from benchmarks import quality_tables as tables
from benchmarks.quality_report import Z80, Miss
from solver.estimate import quality_constants as qc
from solver.estimate.quality_distilled import beside_teacher
from solver.estimate.quality_encoders import features_of, on_item, quality
from solver.estimate.quality_full import INTERPOLATED, MEASURED, Full
from solver.estimate.quality_scale import from_logit, slope_at, to_logit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TEACHERS = {
    **dict.fromkeys(("BERT4-PKD", "BERT6-PKD", "PD-6", "DistilBERT-4L"), "BERT-base"),
    **dict.fromkeys(("DistilBERT-base", "TinyBERT-6L-768D"), "BERT-base"),
    **dict.fromkeys(("MiniLM-L12-H384", "MiniLM-L6-H384 (all-MiniLM-L6-v2)"), "BERT-base"),
    "DistilBERT-base-cased": "BERT-base-cased",
    "DistilRoBERTa-base": "RoBERTa-base",
    **dict.fromkeys(("MobileBERT", "MobileBERT-tiny"), "BERT-large"),
}
"""Teacher of each student (jiao2020, sanh2019, wang2020minilm, sun2020); MobileBERT's own teacher,
a BERT-large with bottlenecks, stands as BERT-large."""

WIDER = 1.15
"""Factor on the spread: pairs of one student agree, and there are but twelve students."""

TAIL = 1.9
"""Half-width of 90 % intervals in standard deviations."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A student's score beside its teacher's, on one task and split."""

    student: str
    place: int
    large: bool
    score: float
    teacher: float
    """[ratio]"""
    gap: float
    """Student minus teacher, in z."""


def kept(table: tables.EncoderTable) -> list[Kept]:
    """All pairs that share a task and a split."""
    rows = {name: row for row, name in enumerate(table.models)}
    found = []
    for student, teacher in TEACHERS.items():
        for place, (task, _) in enumerate(table.items):
            score = float(table.scores[rows[student], place])
            above = float(table.scores[rows[teacher], place])
            if np.isfinite(score + above):
                gap = to_logit(score, *tables.LIMITS[task]) - to_logit(above, *tables.LIMITS[task])
                large = task in tables.LARGE_TASKS
                found.append(Kept(student, place, large, score, above, float(gap)))
    return found


def fit_retentions(pairs: Sequence[Kept], left_out: str = "") -> tuple[qc.Retention, ...]:
    """Median loss and the half-width that holds 80 % of students, by size of the task."""
    made = []
    for large in (False, True):
        here = [pair for pair in pairs if pair.large == large and pair.student != left_out]
        gaps = np.array([pair.gap for pair in here])
        delta = float(np.median(gaps))
        made.append(
            qc.Retention(
                large=large,
                delta=_short(delta),
                sd=_short(WIDER * float(np.quantile(np.abs(gaps - delta), 0.8)) / Z80),
                pairs=len(here),
                students=len({pair.student for pair in here}),
            )
        )
    return tuple(made)


def judge(folder: Path) -> Iterator[Miss]:
    """Leave one student out of lines and of retentions; none of its own scores is known."""
    table = tables.encoder_table(folder)
    pairs = kept(table)
    rows = {name: row for row, name in enumerate(table.models)}
    for student in TEACHERS:
        constants = fit.fit_encoders(table, left_out=student)
        retentions = fit_retentions(pairs, student)
        features = features_of(student, float(table.parameters[rows[student]]))
        for pair in [pair for pair in pairs if pair.student == student]:
            item = constants.items[pair.place]
            belief = on_item(quality(features, {}, constants), item, constants)
            alone = _full(belief.mean, belief.variance**0.5, item)
            above = _exact(pair.teacher)
            retention = next(row for row in retentions if row.large == pair.large)
            mean, sd = beside_teacher(alone, above, item, retention)
            size = "10,000 examples or more" if pair.large else "fewer examples"
            middle = to_logit(float(mean[0]), item.floor, item.ceiling)
            doubt = float(sd[0]) / float(slope_at(float(mean[0]), item.floor, item.ceiling))
            ends = [
                100 * float(from_logit(middle + away * doubt, item.floor, item.ceiling))
                for away in (0.0, -Z80, Z80, -TAIL, TAIL)
            ]
            family = f"new student, {size}, teacher's score known"
            yield Miss(family, 100 * pair.score, *ends)
            by_size = 100 * float(alone.mean[0])
            yield Miss(f"{family}: by size alone", 100 * pair.score, *[by_size] * 5)


def _full(z: float, sd: float, item: qc.Item) -> Full:
    mean = from_logit(np.array([z]), item.floor, item.ceiling)
    spread = sd * slope_at(mean, item.floor, item.ceiling)
    return Full(mean, spread, np.array([INTERPOLATED]), (), (0,))


def _exact(score: float) -> Full:
    return Full(np.array([score]), np.array([1e-6]), np.array([MEASURED]), (), (1,))


def _short(value: float) -> float:
    return float(f"{value:.6g}")
