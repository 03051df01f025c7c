"""Fits and judges decoders after fine-tuning: LoRA Land's tasks and GSM8K under one recipe."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import quality_tables as tables
from benchmarks.quality_report import Z80, Miss
from solver.estimate import quality_constants as qc
from solver.estimate.quality_encoders import Belief
from solver.estimate.quality_scale import from_logit, to_logit
from solver.estimate.quality_tuned import SMALL, maths_after_tuning, tuned, tuned_task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAIL = 1.9
"""Half-width of 90 % intervals in standard deviations."""

POOL_SHARE, OWN_FACTOR = 0.6, 1.6
"""An interval is the larger of a share of the pooled 80 % error and a multiple of the task's own
robust spread: with ten models neither alone is enough."""

Tuned = dict[tuple[str, str], float]


def tuned_scores(folder: Path) -> tuple[Tuned, dict[str, float]]:
    """Scores [ratio] by (model, task) and parameters by model, of one 4-bit LoRA recipe."""
    scores: Tuned = {}
    parameters: dict[str, float] = {}
    for row in tables.rows(folder, "finetune_results.csv"):
        lora_land = row["task"].startswith("LL:") and not row["model"].startswith("gpt")
        if lora_land and row["method"] == "qlora":
            scores[row["model"], row["task"]] = float(row["score"]) / 100.0
            parameters[row["model"]] = tables.number(row["params"])
    return scores, parameters


def fit_tuned(scores: Tuned, parameters: dict[str, float], left_out: str = "") -> qc.TunedConstants:
    """Medians by task, an offset for small models, and spreads."""
    models = [m for m in sorted(parameters) if m != left_out]
    tasks = sorted({task for _, task in scores})
    z = np.array([[_z(scores.get((m, t), math.nan)) for t in tasks] for m in models])
    small = np.array([parameters[m] <= SMALL for m in models])
    typical = np.nanmedian(z[~small], axis=0)
    apart = np.nanmedian(z - typical, axis=1)
    small_offset = float(np.median(apart[small]))
    offset = np.where(small, small_offset, 0.0)
    residual = z - typical - offset[:, None]
    pooled = float(np.nanquantile(np.abs(residual), 0.8))
    own = 1.4826 * np.nanmedian(np.abs(residual), axis=0)
    spreads = np.maximum(POOL_SHARE * pooled, OWN_FACTOR * own) / Z80
    return qc.TunedConstants(
        tasks=tuple(
            qc.TunedTask(
                task=task,
                typical=_short(typical[i]),
                sd=_short(spreads[i]),
                models=int(np.isfinite(z[:, i]).sum()),
            )
            for i, task in enumerate(tasks)
        ),
        small_offset=_short(small_offset),
        model_sd=_short(float(np.std(apart - offset))),
    )


def judge_tuned(folder: Path) -> Iterator[Miss]:
    """Leave one model out, its other tasks unknown and known."""
    scores, parameters = tuned_scores(folder)
    for model in sorted(parameters):
        constants = fit_tuned(scores, parameters, left_out=model)
        mine = {task: score for (name, task), score in scores.items() if name == model}
        for task, score in mine.items():
            row = tuned_task(task, constants)
            if row is None:
                continue
            for label, known in (("", {}), (", its other tasks known", mine)):
                belief = tuned(row, parameters[model], known, constants)
                yield _miss(f"4-bit LoRA of a new decoder, known task{label}", score, belief)


MathsRows = dict[str, dict[str, float]]


def maths_scores(folder: Path) -> MathsRows:
    """Few-shot and fine-tuned scores on GSM8K of one recipe. [ratio]"""
    found: MathsRows = {}
    for row in tables.rows(folder, "finetune_results.csv"):
        if "ScRel README" in row["source"] and row["task"] == "GSM8K":
            found.setdefault(row["model"], {})[row["notes"]] = float(row["score"]) / 100.0
    return {m: s for m, s in found.items() if "ICL-8shot" in s}


def fit_maths(scores: MathsRows, left_out: str = "", recipe: str = "SFT") -> qc.MathsLine:
    """A line in z through the models of one recipe."""
    kept = [s for m, s in sorted(scores.items()) if m != left_out and recipe in s]
    before = np.array([_z(s["ICL-8shot"]) for s in kept])
    after = np.array([_z(s[recipe]) for s in kept])
    slope, level = np.polyfit(before, after, 1)
    residual = after - level - slope * before
    # two parameters are fitted; small samples leave heavier tails than the normal
    variance = float((residual**2).sum()) / (len(kept) - 2) + 0.03**2
    return qc.MathsLine(
        level=_short(level),
        slope=_short(slope),
        sd=_short(math.sqrt(variance) * 1.44 / Z80),
        models=len(kept),
    )


def judge_maths(folder: Path) -> Iterator[Miss]:
    """Leave one model out of the line."""
    scores = maths_scores(folder)
    for recipe in ("SFT", "RFT-U13B", "RFT-U33B"):
        for model, mine in scores.items():
            if recipe in mine:
                line = fit_maths(scores, model, recipe)
                belief = maths_after_tuning(Belief(_z(mine["ICL-8shot"]), 0.0), line)
                yield _miss(f"GSM8K {recipe} from few-shot, same recipe", mine[recipe], belief)


def _miss(family: str, score: float, belief: Belief) -> Miss:
    sd = belief.variance**0.5
    ends = [
        100 * float(from_logit(belief.mean + away * sd, 0.0, 1.0))
        for away in (0.0, -Z80, Z80, -TAIL, TAIL)
    ]
    return Miss(family, 100 * score, *ends)


def _z(score: float) -> float:
    return float(to_logit(score, 0.0, 1.0)) if not math.isnan(score) else math.nan


def _short(value: float) -> float:
    return float(f"{value:.6g}")
