"""Fits and judges what pre-trained decoders score on benchmarks, leaving whole families out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import least_squares

from benchmarks import quality_tables as tables
from benchmarks.quality_report import Z80, Miss
from solver.estimate import quality_constants as qc
from solver.estimate.quality_benchmarks import Asked, Scored, family_key, untrained
from solver.estimate.quality_scale import from_logit, to_logit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from solver.estimate.configurations import FloatArray

TASKS = ("MMLU", "ARC-c", "HellaSwag", "WinoGrande", "GSM8K", "HumanEval")

CLIP = 3.0
"""Residuals beyond so many robust standard deviations count as that far."""

NOISE = 0.01
USUAL_TOKENS, TOKENS_SD = 10**12.2, 0.5

MODES = ("cold", "siblings", "own")


@dataclass(frozen=True, slots=True)
class Decoders:
    """Few-shot scores of base decoders under one harness."""

    models: tuple[str, ...]
    families: tuple[str, ...]
    parameters: FloatArray
    tokens: FloatArray
    """NaN where unknown. [token]"""
    scores: FloatArray
    """[ratio], shape (models, benchmarks), NaN where not measured."""

    def scored(self, row: int, place: int) -> Scored:
        """One cell as the solver takes it."""
        return Scored(
            self.models[row],
            float(self.parameters[row]),
            None if math.isnan(self.tokens[row]) else float(self.tokens[row]),
            place,
            float(self.scores[row, place]),
        )


def decoders(folder: Path) -> Decoders:
    """The table of one harness (OpenLLM v1 style), base models alone."""
    cells: dict[tuple[str, str], float] = {}
    facts: dict[str, tuple[str, float, float]] = {}
    for row in tables.rows(folder, "base_scores.csv"):
        fits = row["kind"] == "base" and "base_llm_benchmark_eval" in row["source"]
        if fits and row["benchmark"] in TASKS:
            cells[row["model"], row["benchmark"]] = float(row["score"]) / 100.0
            facts[row["model"]] = (
                row["family"],
                tables.number(row["params"]),
                tables.number(row["pretrain_tokens"]),
            )
    models = tuple(sorted(facts))
    return Decoders(
        models,
        tuple(facts[m][0] for m in models),
        np.array([facts[m][1] for m in models]),
        np.array([facts[m][2] for m in models]),
        np.array([[cells.get((m, t), np.nan) for t in TASKS] for m in models]),
    )


def fit_benchmarks(
    data: Decoders, left_out: str = "", inflations: Sequence[Sequence[float]] | None = None
) -> qc.BenchmarkConstants:
    """Planes, covariances and family means.

    Args:
        data: scores.
        left_out: a family that must not be seen.
        inflations: by mode and benchmark, ones while they are being measured.
    """
    families = np.array(data.families)
    kept = families != left_out
    size = np.log10(data.parameters) - 9.8
    amount = np.log10(data.tokens) - 12.0
    planes = np.array([_plane(data, kept, place) for place in range(len(TASKS))])
    z = np.column_stack(
        [to_logit(data.scores[:, i], *tables.LIMITS[task]) for i, task in enumerate(TASKS)]
    )
    z[np.isnan(data.scores)] = np.nan
    expected = planes[:, 0] + size[:, None] * planes[:, 1] + amount[:, None] * planes[:, 2]
    residual = (z - expected)[kept]
    bound = CLIP * 1.4826 * np.nanmedian(np.abs(residual), axis=0)
    residual = np.clip(residual, -bound, bound)
    between, within = _covariances(residual, families[kept])
    factors = inflations or [[1.0] * len(MODES)] * len(TASKS)
    return qc.BenchmarkConstants(
        benchmarks=tuple(
            qc.Benchmark(
                task=task,
                floor=tables.LIMITS[task][0],
                ceiling=tables.LIMITS[task][1],
                level=_short(planes[i, 0]),
                per_decade_parameters=_short(planes[i, 1]),
                per_decade_tokens=_short(planes[i, 2]),
                inflation_cold=_short(factors[i][0]),
                inflation_siblings=_short(factors[i][1]),
                inflation_own=_short(factors[i][2]),
            )
            for i, task in enumerate(TASKS)
        ),
        between=tuple(tuple(_short(x) for x in row) for row in between),
        within=tuple(tuple(_short(x) for x in row) for row in within),
        noise=NOISE,
        usual_tokens=USUAL_TOKENS,
        tokens_sd=TOKENS_SD,
        families=_family_means(residual, families[kept]),
    )


def _plane(data: Decoders, kept: FloatArray, place: int) -> FloatArray:
    floor, ceiling = tables.LIMITS[TASKS[place]]
    here = kept & np.isfinite(data.scores[:, place]) & np.isfinite(data.tokens)
    size = np.log10(data.parameters[here]) - 9.8
    amount = np.log10(data.tokens[here]) - 12.0
    wanted = data.scores[here, place]

    def misses(p: FloatArray) -> FloatArray:
        return np.asarray(
            100.0 * (from_logit(p[0] + p[1] * size + p[2] * amount, floor, ceiling) - wanted)
        )

    return np.asarray(least_squares(misses, [0.0, 1.0, 1.0], loss="soft_l1", f_scale=5.0).x)


def _covariances(residual: FloatArray, families: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Second moments between and within families; large families count by their root."""
    size = residual.shape[1]
    total, between = np.zeros((size, size)), np.zeros((size, size))
    total_weight, between_weight = np.zeros((size, size)), np.zeros((size, size))
    for family in sorted(set(families)):
        rows = residual[families == family]
        weight = 1.0 / math.sqrt(len(rows))
        for i, first in enumerate(rows):
            for k, second in enumerate(rows):
                product = np.outer(first, second)
                known = np.isfinite(product)
                if i == k:
                    total[known] += weight * product[known]
                    total_weight += weight * known
                else:
                    share = weight / (len(rows) - 1)
                    between[known] += share * product[known]
                    between_weight += share * known
    shared = between / between_weight
    return _definite(shared, 0.01), _definite(total / total_weight - shared, 0.02)


def _definite(matrix: FloatArray, least: float) -> FloatArray:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return np.asarray((vectors * np.maximum(values, least)) @ vectors.T)


def _family_means(
    residual: FloatArray, families: FloatArray
) -> dict[str, tuple[tuple[float, float], ...]]:
    found = {}
    for family in sorted(set(families)):
        rows = residual[families == family]
        counts = np.isfinite(rows).sum(axis=0)
        sums = np.nansum(rows, axis=0)
        found[family_key(str(family))] = tuple(
            (_short(s / c) if c else 0.0, float(c)) for s, c in zip(sums, counts, strict=True)
        )
    return found


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cell predicted without its family."""

    family: str
    mode: str
    place: int
    actual: float
    """In z."""
    mean: float
    sd: float


def left_out(data: Decoders) -> Iterator[LeftOut]:
    """Every cell, cold, with its siblings on the benchmark, with the model's other benchmarks."""
    for family in sorted(set(data.families)):
        constants = fit_benchmarks(data, family)
        rows = [i for i, name in enumerate(data.families) if name == family]
        for row in rows:
            for place in np.flatnonzero(np.isfinite(data.scores[row])):
                yield from _cell(data, rows, row, int(place), constants)


def _cell(
    data: Decoders, rows: Sequence[int], row: int, place: int, constants: qc.BenchmarkConstants
) -> Iterator[LeftOut]:
    here = data.scored(row, place)
    asked = Asked(here.model, "", here.parameters, here.tokens)
    known = [p for p in np.flatnonzero(np.isfinite(data.scores[row])) if p != place]
    own = [data.scored(row, int(p)) for p in known]
    siblings = [
        data.scored(other, place)
        for other in rows
        if other != row and np.isfinite(data.scores[other, place])
    ]
    benchmark = constants.benchmarks[place]
    z = float(to_logit(here.score, benchmark.floor, benchmark.ceiling))
    for mode in MODES:
        if mode != "own" and here.tokens is None:
            continue
        if (mode == "siblings" and not siblings) or (mode == "own" and len(own) < 4):
            continue
        belief = untrained(
            asked,
            place,
            own if mode == "own" else [],
            siblings if mode == "siblings" else [],
            constants,
        )
        family = data.families[row]
        yield LeftOut(family, mode, place, z, belief.mean, belief.variance**0.5)


def inflations(data: Decoders) -> list[list[float]]:
    """Factors by benchmark and mode that make intervals of left-out families hold 80 %."""
    cells = list(left_out(data))
    return [[inflation(cells, place, mode) for mode in MODES] for place in range(len(TASKS))]


def inflation(cells: Sequence[LeftOut], place: int, mode: str, left_out_family: str = "") -> float:
    """The factor of one benchmark and mode, from all families but one. [1]"""
    misses = [
        abs(cell.actual - cell.mean) / cell.sd
        for cell in cells
        if (cell.place, cell.mode) == (place, mode) and cell.family != left_out_family
    ]
    return float(np.quantile(misses, 0.8)) / Z80


def judge(folder: Path) -> Iterator[Miss]:
    """Left-out families, left out of the factor on the doubt as well."""
    cells = list(left_out(decoders(folder)))
    factors: dict[tuple[str, int, str], float] = {}
    for cell in cells:
        key = cell.family, cell.place, cell.mode
        if key not in factors:
            factors[key] = inflation(cells, cell.place, cell.mode, cell.family)
        floor, ceiling = tables.LIMITS[TASKS[cell.place]]
        sd = cell.sd * factors[key]
        ends = [
            100 * float(from_logit(cell.mean + away * sd, floor, ceiling))
            for away in (0.0, -Z80, Z80, -TAIL, TAIL)
        ]
        actual = 100 * float(from_logit(cell.actual, floor, ceiling))
        yield Miss(f"base decoder, {TASKS[cell.place]}, new family, {cell.mode}", actual, *ends)


TAIL = 1.9
"""Half-width of 90 % intervals in standard deviations."""


def _short(value: float) -> float:
    return float(f"{value:.6g}")
