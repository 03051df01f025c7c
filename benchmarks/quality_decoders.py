"""Fits and judges what pre-trained decoders score on benchmarks, leaving whole lines out."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import least_squares

from benchmarks import quality_tables as tables
from benchmarks.quality_kinship import Line, fit_kinship
from benchmarks.quality_report import Z80, Miss
from catalog.load import load_catalog
from solver.estimate import quality_constants as qc
from solver.estimate.quality_benchmarks import (
    Asked,
    Scored,
    conditional,
    generation_name,
    is_same,
    likeness,
    line_of,
    published_kin,
    residual_of,
    sampling_sd,
    sampling_variance,
)
from solver.estimate.quality_scale import from_logit, slope_at, to_logit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from solver.estimate.configurations import FloatArray
    from solver.estimate.quality_encoders import Belief

TASKS = ("MMLU", "ARC-c", "HellaSwag", "WinoGrande", "GSM8K", "HumanEval")

USUAL_TOKENS, TOKENS_SD = 10**12.2, 0.5

MODES = ("cold", "line", "siblings", "alone", "own")

FEWEST_OWN = 2
"""Other benchmarks of a model that make a cell of those with its own scores known."""

OTHER_FORM = ("ARC-c",)
"""Benchmarks that a report asks in a form of its own, twenty points above the usual one, where its
rows say that they are not comparable."""

PARTS = 3
"""Parts of kinship: line, generation, near neighbours."""

GRID, OF_GRID = "openlm-", 3
"""Models of one study that trained a grid of sizes and tokens: every so-manieth is kept."""


@dataclass(frozen=True, slots=True)
class Decoders:
    """Few-shot scores of base decoders, condensed to one a model and benchmark."""

    models: tuple[qc.Decoder, ...]

    def without(self, line: str) -> Decoders:
        """All but one line."""
        return Decoders(tuple(m for m in self.models if line_of(m.name) != line))

    def cells(self) -> list[Scored]:
        """Every score."""
        return [
            Scored(m.name, m.parameters, m.tokens, place, score)
            for m in self.models
            for place, score in enumerate(m.scores)
            if score is not None
        ]


def decoders(folder: Path, *, every: bool = False) -> Decoders:
    """Verified scores of base models, in whatever harness.

    Args:
        folder: with `base_scores.csv`.
        every: True keeps all models of the grid study.
    """
    catalog = load_catalog()
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    facts: dict[str, tuple[float, float | None]] = {}
    for row in tables.rows(folder, "base_scores.csv"):
        if row["kind"] != "base" or row["verified"] != "yes" or row["benchmark"] not in TASKS:
            continue
        if row["benchmark"] in OTHER_FORM and "not comparable" in row["harness"]:
            continue
        name = row["model"].rsplit("/", maxsplit=1)[-1]
        known = catalog.model_named(row["model"])
        tokens = float(row["pretrain_tokens"]) if row["pretrain_tokens"] else None
        facts[name] = (float(row["params"]), tokens or (known.pretrain_tokens if known else None))
        scores[name][row["benchmark"]].append(float(row["score"]) / 100.0)
    names = sorted(facts)
    grid = [name for name in names if name.startswith(GRID)]
    dropped = set() if every else set(grid) - set(grid[::OF_GRID])
    return Decoders(
        tuple(
            qc.Decoder(
                name=name,
                parameters=facts[name][0],
                tokens=facts[name][1],
                scores=tuple(
                    _short(statistics.median(scores[name][task])) if scores[name][task] else None
                    for task in TASKS
                ),
            )
            for name in names
            if name not in dropped
        )
    )


def fit_benchmarks(
    data: Decoders,
    inflations: Sequence[Sequence[float]] | None = None,
    kinship: qc.BenchmarkConstants | None = None,
) -> qc.BenchmarkConstants:
    """Planes, covariances and the table of scores.

    Args:
        data: scores.
        inflations: by benchmark and mode, ones while they are being measured.
        kinship: covariances to take over; fitted where None.
    """
    factors = inflations or [[1.0] * len(MODES)] * len(TASKS)
    cells = data.cells()
    zeros = tuple((0.0,) * len(TASKS) for _ in TASKS)
    made = qc.BenchmarkConstants(
        benchmarks=tuple(_row(cells, place, factors[place]) for place in range(len(TASKS))),
        line=kinship.line if kinship else zeros,
        generation=kinship.generation if kinship else zeros,
        near=kinship.near if kinship else zeros,
        noise=kinship.noise if kinship else (0.0,) * len(TASKS),
        usual_tokens=USUAL_TOKENS,
        tokens_sd=TOKENS_SD,
        decoders=data.models,
    )
    if kinship is not None:
        return made
    found = fit_kinship(_lines(cells, made), len(TASKS), PARTS)
    line, generation, near = (
        tuple(tuple(_short(x) for x in row) for row in part) for part in found.parts
    )
    noise = tuple(_short(x) for x in found.noise)
    return made.model_copy(
        update={"line": line, "generation": generation, "near": near, "noise": noise}
    )


def _row(cells: Sequence[Scored], place: int, factors: Sequence[float]) -> qc.Benchmark:
    level, size, amount = _plane(cells, place)
    floor, ceiling = tables.LIMITS[TASKS[place]]
    return qc.Benchmark(
        task=TASKS[place],
        floor=floor,
        ceiling=ceiling,
        level=_short(level),
        per_decade_parameters=_short(size),
        per_decade_tokens=_short(amount),
        inflation_cold=_short(factors[0]),
        inflation_line=_short(factors[1]),
        inflation_siblings=_short(factors[2]),
        inflation_alone=_short(factors[3]),
        inflation_own=_short(factors[4]),
    )


def _plane(cells: Sequence[Scored], place: int) -> FloatArray:
    floor, ceiling = tables.LIMITS[TASKS[place]]
    here = [cell for cell in cells if cell.benchmark == place and cell.tokens is not None]
    size = np.log10([cell.parameters for cell in here]) - 9.8
    amount = np.log10([cell.tokens or USUAL_TOKENS for cell in here]) - 12.0
    wanted = np.array([cell.score for cell in here])

    def misses(p: FloatArray) -> FloatArray:
        return np.asarray(
            100.0 * (from_logit(p[0] + p[1] * size + p[2] * amount, floor, ceiling) - wanted)
        )

    return np.asarray(least_squares(misses, [0.0, 1.0, 1.0], loss="soft_l1", f_scale=5.0).x)


def _lines(cells: Sequence[Scored], constants: qc.BenchmarkConstants) -> list[Line]:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for cell in cells:
        groups[line_of(cell.model)].append(cell)
    return [
        Line(
            places=np.array([cell.benchmark for cell in group]),
            residual=np.array([residual_of(cell, constants) for cell in group]),
            sampling=np.array(
                [sampling_variance(c.score, constants.benchmarks[c.benchmark]) for c in group]
            ),
            alike=likeness(group, USUAL_TOKENS),
        )
        for _, group in sorted(groups.items())
    ]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cell predicted without its line, its model or itself."""

    line: str
    mode: str
    place: int
    actual: float
    """[ratio]"""
    belief: Belief
    """As fitted, in z."""


def left_out(data: Decoders) -> Iterator[LeftOut]:
    """Every cell, without its line, with more and more of its line, with the model's others too.

    Planes and covariances are fitted without the line.
    """
    shipped = fit_benchmarks(data)
    for line in sorted({line_of(model.name) for model in data.models}):
        others = fit_benchmarks(data.without(line), kinship=shipped)
        known = others.model_copy(update={"decoders": data.models})
        for cell in data.cells():
            if line_of(cell.model) == line:
                yield from _modes(cell, line, known)


def _modes(cell: Scored, line: str, constants: qc.BenchmarkConstants) -> Iterator[LeftOut]:
    asked = Asked(cell.model, "", cell.parameters, cell.tokens)
    kin = published_kin(asked, constants)
    own = [k for k in kin if is_same(asked, k) and k.benchmark != cell.benchmark]
    others = [k for k in kin if not is_same(asked, k)]
    name = generation_name(cell.model)
    cousins = [k for k in others if generation_name(k.model) != name]
    known = {"line": cousins, "alone": [*own, *cousins]} | (
        {"siblings": others, "own": [*own, *others]} if len(others) > len(cousins) else {}
    )
    for mode, seen in {"cold": [], **known}.items():
        if (mode != "cold" and not seen) or (mode in {"alone", "own"} and len(own) < FEWEST_OWN):
            continue
        belief = conditional(asked, cell.benchmark, seen, constants)
        yield LeftOut(line, mode, cell.benchmark, cell.score, belief)


def inflations(data: Decoders) -> list[list[float]]:
    """Factors by benchmark and mode that make intervals of left-out cells hold 80 %."""
    cells = list(left_out(data))
    return [[inflation(cells, place, mode) for mode in MODES] for place in range(len(TASKS))]


def inflation(cells: Sequence[LeftOut], place: int, mode: str, left_out_line: str = "") -> float:
    """The factor of one benchmark and mode, from all lines but one. [1]"""
    needed = [
        _needed(cell)
        for cell in cells
        if (cell.place, cell.mode) == (place, mode) and cell.line != left_out_line
    ]
    return max(float(np.quantile(needed, 0.8)), LEAST_INFLATION)


LEAST_INFLATION = 0.2


def _needed(cell: LeftOut) -> float:
    """The factor at which a cell's own 80 % interval just holds it, its sampling taken off."""
    floor, ceiling = tables.LIMITS[TASKS[cell.place]]
    away = (float(to_logit(cell.actual, floor, ceiling)) - cell.belief.mean) / Z80
    variance = away**2 - _sampled(cell)
    return (max(variance, 0.0) / cell.belief.variance) ** 0.5


def _sampled(cell: LeftOut) -> float:
    """Variance of the evaluation's questions at the predicted score, in z squared."""
    floor, ceiling = tables.LIMITS[TASKS[cell.place]]
    score = float(from_logit(cell.belief.mean, floor, ceiling))
    row = qc.Benchmark(
        task=TASKS[cell.place],
        floor=floor,
        ceiling=ceiling,
        level=0.0,
        per_decade_parameters=0.0,
        per_decade_tokens=0.0,
        inflation_cold=1.0,
        inflation_line=1.0,
        inflation_siblings=1.0,
        inflation_alone=1.0,
        inflation_own=1.0,
    )
    return (sampling_sd(score, row) / float(slope_at(score, floor, ceiling))) ** 2


def judge(folder: Path) -> Iterator[Miss]:
    """Left-out lines, left out of the factor on the doubt as well."""
    cells = list(left_out(decoders(folder)))
    factors: dict[tuple[str, int, str], float] = {}
    for cell in cells:
        key = cell.line, cell.place, cell.mode
        if key not in factors:
            factors[key] = inflation(cells, cell.place, cell.mode, cell.line)
        floor, ceiling = tables.LIMITS[TASKS[cell.place]]
        sd = (cell.belief.variance * factors[key] ** 2 + _sampled(cell)) ** 0.5
        ends = [
            100 * float(from_logit(cell.belief.mean + away * sd, floor, ceiling))
            for away in (0.0, -Z80, Z80, -TAIL, TAIL)
        ]
        yield Miss(
            f"base decoder, {TASKS[cell.place]}, {NAMES[cell.mode]}", 100 * cell.actual, *ends
        )


NAMES = {
    "cold": "new line",
    "line": "new generation, others of its line known",
    "siblings": "new model, others of its generation known",
    "alone": "new generation, its other benchmarks known",
    "own": "new score, other benchmarks and generation known",
}

TAIL = 1.9
"""Half-width of 90 % intervals in standard deviations."""


def _short(value: float) -> float:
    return float(f"{value:.6g}")
