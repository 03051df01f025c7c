"""Pilots on published learning curves: what a curve fitted to the first points says of the rest."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import quality_fit as fit
from benchmarks import quality_tables as tables
from benchmarks.quality_report import Z80, Miss, normal_miss
from solver.estimate.quality_anchor import carried_to
from solver.estimate.quality_constants import quality_constants
from solver.estimate.quality_curve import Observation, posterior
from solver.estimate.quality_ground import LARGEST_RATIO, MANY_PILOTS
from solver.estimate.quality_pilots import HEAD_EXAMPLES, RUN_SD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from solver.estimate.configurations import FloatArray

PILOTS = (1, 2, 3, 4, 6)

TAIL = 1.75
"""Half-width of 90 % intervals in standard deviations: curves leave their fit by jumps."""

GROUPS = {1: (1,), 2: (2, 3, 4), 3: (2, 3, 4), 4: (2, 3, 4), 6: (6,)}
"""Numbers of pilots whose spread is calibrated together."""

GRID = tuple(
    itertools.product(
        (0.01, 0.015, 0.02, 0.025, 0.03, 0.04),
        (0.0, 0.005, 0.01, 0.015, 0.02),
        (0.5, 0.75, 1.0),
    )
)
"""Candidates for (base, per doubling, shrink)."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A point of a published curve, predicted from the first pilots of that curve."""

    task: str
    method: str
    pilots: int
    ratio: float
    """Size over that of the largest pilot. [1]"""
    actual: float
    predicted: float
    own: float
    """Spread of the posterior. [ratio]"""
    even: float
    """2 sqrt(p(1-p))"""
    lifted: bool
    """Some pilot is clearly above chance."""
    best: float
    """Best pilot: what the last value would predict. [ratio]"""
    jumps: bool
    """A new head that saw few examples: no gain is promised, and its doubt is fitted apart."""

    def sd(self, spread: tuple[float, float, float], head: float = 0.0) -> float:
        """Spread with (base, per doubling, shrink), and what joins base for new heads. [ratio]"""
        base, per_doubling, shrink = spread
        base = math.hypot(base, head) if self.jumps else base
        doublings = max(math.log2(self.ratio), 0.0)
        return math.hypot(shrink * self.own, self.even * math.hypot(base, per_doubling * doublings))


def rests(folder: Path, *, other_models: bool = False) -> list[Rest]:
    """All points beyond 1, 2, 3, 4 and 6 pilots, the prior made from other tasks alone.

    Args:
        folder: bulk tables.
        other_models: also leave the curve's model out of the prior.
    """
    published = tables.curves(folder)
    parameters = {c.id: fit.curve_parameters(c) for c in published}
    found: list[Rest] = []
    for data in published:
        others = [
            c
            for c in published
            if task_of(c) != task_of(data) and not (other_models and c.model == data.model)
        ]
        alike = [c for c in others if c.kind == data.kind]
        used = alike if len(alike) >= 5 else others
        found += _rests_of(data, [parameters[c.id] for c in used])
    return found


def task_of(data: tables.Curve) -> str:
    """The task whatever the training data are called."""
    return data.task.split(" ", maxsplit=1)[0]


def observed(data: tables.Curve, count: int) -> list[Observation]:
    """The first points of a curve as pilots."""
    found = []
    for size, score in zip(data.sizes[:count], data.scores[:count], strict=True):
        held = min(max(float(score), 0.03), 0.97)
        binomial = held * (1.0 - held)
        sd = math.sqrt(binomial / data.evaluated_on + 4.0 * binomial * RUN_SD**2)
        found.append(Observation(float(size), float(score), sd))
    return found


def _rests_of(data: tables.Curve, parameters: list[FloatArray]) -> Iterator[Rest]:
    prior = fit.fit_prior(parameters)
    for count in PILOTS:
        if count >= len(data.sizes):
            continue
        # the spread of the posterior alone: base and per doubling are calibrated after
        bare = fit.discrepancy(count, (0.0, 0.0, 1.0))
        few = count < MANY_PILOTS and float(data.sizes[count - 1]) < HEAD_EXAMPLES
        jumps = few and "head" in data.method
        if jumps:
            bare = bare.model_copy(update={"damping": 0.0})
        found = posterior(observed(data, count), data.chance, prior, bare, 3000)
        sizes = data.sizes[count:]
        best = float(data.scores[:count].max())
        noise = math.sqrt(0.25 / data.evaluated_on)
        for size, actual, mean, own in zip(
            sizes, data.scores[count:], found.mean(sizes), found.sd(sizes), strict=True
        ):
            held = min(max(float(mean), 0.03), 0.97)
            yield Rest(
                task=task_of(data),
                method=data.method,
                pilots=count,
                ratio=float(size / data.sizes[count - 1]),
                actual=float(actual),
                predicted=float(mean),
                own=float(own),
                even=2.0 * math.sqrt(held * (1.0 - held)),
                lifted=best - data.chance > max(0.05, 2.0 * noise),
                best=best,
                jumps=jumps,
            )


HEADS = tuple(round(0.005 * step, 3) for step in range(51))
"""Candidates for what joins the base of new heads. [ratio]"""


def head_base(found: Sequence[Rest], spread: tuple[float, float, float]) -> float:
    """The least that lets 80 % intervals of new heads hold 80 %, tasks counted alike.

    Args:
        found: points beyond 2 to 4 pilots.
        spread: of other curves.
    """
    heads = [rest for rest in found if rest.jumps and rest.ratio <= 16.1]
    tasks = sorted({rest.task for rest in heads})

    def held(head: float) -> float:
        return float(
            np.mean(
                [
                    np.mean(
                        [
                            abs(r.actual - r.predicted) <= Z80 * r.sd(spread, head)
                            for r in heads
                            if r.task == task
                        ]
                    )
                    for task in tasks
                ]
            )
        )

    return next((head for head in HEADS if held(head) >= 0.8), HEADS[-1])


def calibrated_heads(folder: Path) -> float:
    """What joins the base of new heads, from all lifted curves."""
    found = [r for r in rests(folder) if r.lifted and r.pilots in GROUPS[3]]
    return head_base(found, calibration([r for r in found if not r.jumps]))


def calibrated(folder: Path) -> Iterator[tuple[int, tuple[float, float, float]]]:
    """(base, per doubling, shrink) by number of pilots, from all lifted curves."""
    found = [rest for rest in rests(folder) if rest.lifted and not rest.jumps]
    for count in PILOTS:
        yield count, calibration([rest for rest in found if rest.pilots in GROUPS[count]])


def calibration(found: Sequence[Rest]) -> tuple[float, float, float]:
    """The sharpest spread whose 80 % and 90 % intervals hold what they say, near and far apart."""
    error = np.array([abs(rest.actual - rest.predicted) for rest in found])
    near = np.array([rest.ratio <= 4.01 for rest in found])

    def loss(spread: tuple[float, float, float]) -> float:
        sd = np.array([rest.sd(spread) for rest in found])
        total = 0.1 * float(sd.mean())
        for part in (near, ~near):
            for away, share in ((Z80, 0.8), (TAIL, 0.9)):
                held = float(np.mean(error[part] <= away * sd[part])) if part.any() else share
                total += (held - share) ** 2 * (3.0 if held < share else 1.0)
        return total

    return min(GRID, key=loss)


def pilots(folder: Path) -> Iterator[Miss]:
    """Leave one task out of prior and calibration: points beyond the pilots."""
    found = rests(folder)
    lifted = [rest for rest in found if rest.lifted]
    spreads: dict[tuple[str, tuple[int, ...]], tuple[float, float, float]] = {}
    heads: dict[str, float] = {}
    for rest in found:
        key = rest.task, GROUPS[rest.pilots]
        if key not in spreads:
            others = [r for r in lifted if r.task != rest.task]
            smooth = [r for r in others if not r.jumps]
            spreads[key] = calibration([r for r in smooth if r.pilots in key[1]])
            few = [r for r in others if r.pilots in GROUPS[3]]
            heads.setdefault(
                rest.task, head_base(few, calibration([r for r in few if not r.jumps]))
            )
        for family in _families(rest):
            yield normal_miss(
                family,
                100 * rest.actual,
                100 * rest.predicted,
                100 * rest.sd(spreads[key], heads[rest.task]),
                TAIL,
            )
            if "new task" in family:
                yield normal_miss(f"{family}: last value", 100 * rest.actual, 100 * rest.best, 0.0)


BINS = ((2.01, "<= 2x"), (4.01, "2-4x"), (16.1, "4-16x"), (64.1, "16-64x"))


def _families(rest: Rest) -> Iterator[str]:
    if not rest.lifted:
        if rest.pilots in (3, 4):
            yield "3-4 pilots, all at chance (refused)"
        return
    if rest.pilots in (3, 4) and rest.ratio <= 16.1:
        yield "3-4 pilots, new task, up to 16x"
        yield f"3-4 pilots, {_part(rest)}"
    if rest.pilots in (3, 4) and rest.ratio <= 4.01:
        yield "3-4 pilots, new task, up to 4x"
    if rest.pilots in (2, 6):
        within = next((label for most, label in BINS if rest.ratio <= most), "")
        answered = rest.pilots >= MANY_PILOTS or rest.ratio <= LARGEST_RATIO * 1.01
        if within and answered:
            yield f"{rest.pilots} pilots, {within}"


def _part(rest: Rest) -> str:
    if "prompt" in rest.method:
        return "prompts"
    if "head" in rest.method:
        return "classification heads that jump"
    return "others"


def anchored(folder: Path, sd: float = 0.02) -> Iterator[Miss]:
    """No pilot: every smaller size from the full-data score alone, known to within `sd`."""
    published = tables.curves(folder, ("finetune_examples",))
    parameters = {c.id: fit.curve_parameters(c) for c in published}
    shipped = quality_constants().curve
    generator = np.random.default_rng(1)
    for data in [c for c in published if len(c.sizes) >= 5]:
        others = [parameters[c.id] for c in published if task_of(c) != task_of(data)]
        constants = shipped.model_copy(update={"examples": fit.fit_prior(others)})
        told = float(data.scores[-1] + generator.normal() * sd)
        carried = carried_to(
            np.array([told]),
            np.array([sd]),
            float(data.sizes[-1]),
            data.sizes[:-1],
            data.chance,
            constants,
        )
        for actual, mean, spread in zip(
            data.scores[:-1], carried.median[0], carried.sd[0], strict=True
        ):
            yield normal_miss(
                f"no pilot, full-data score within {100 * sd:g} points, every smaller size",
                100 * float(actual),
                100 * float(mean),
                100 * float(spread),
                TAIL,
            )
