"""What to measure before a plan is started: the plan itself, shorter and on fewer machines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.problems import Problem
from catalog.units import SECONDS_PER_HOUR
from solver.calibration.calibration import SettingRuns
from solver.calibration.estimates import calibrated_memory, calibrated_throughput
from solver.calibration.logs import LEAST_STEPS
from solver.calibration.plan import PlanError, run_plan
from solver.calibration.report import interval_words
from solver.calibration.settings import setting_codes, setting_of
from solver.export.words import count_text, hours_text, plural, usd_text
from solver.outcome.facts import constants_in

if TYPE_CHECKING:
    from solver.calibration.calibration import Correction
    from solver.calibration.plan import RunPlan
    from solver.constants import EstimateConstants
    from solver.estimate.configurations import Configurations
    from solver.plan import Answer

STEPS = 50
"""So many steps tell a speed, warm-up left out; assumed. [1]"""

ENOUGH_SECONDS = 600.0
"""Fewer steps do, but no fewer than a log needs, once they take so long; assumed. [s]"""


@dataclass(frozen=True, slots=True)
class ShortRun:
    """Some steps of a plan on the fewest machines that hold it, and what they tell."""

    job: str
    steps: int
    instances: int
    planned_instances: int
    gpus: int
    tokens_per_step: float
    """Of all accelerators. [token]"""
    hours: float
    """Start-up and steps, at the median. [h]"""
    usd: float
    """Machines for so long, without what is billed at least. [USD]"""
    before: tuple[float, float]
    """Ends of the 80 % interval of the plan's speed over its median, less 1. [ratio]"""
    after: tuple[float, float]
    """The same once the run was read, should it be as fast as predicted. [ratio]"""

    @property
    def is_on_all(self) -> bool:
        """True where it takes every machine of the plan."""
        return self.instances == self.planned_instances


def short_run(answer: Answer, job: str | None, where: str) -> ShortRun:
    """The run that tells most of a plan's speed for least.

    Of public runs those that differ in nothing but a smaller number of accelerators told most
    (`python -m benchmarks.calibration`): replicas of the same micro-batches on fewer machines.

    Args:
        answer: with a plan.
        job: name of the job; None where the plan has but one.
        where: name of the answer's file, for messages.

    Raises:
        PlanError: as `run_plan`, or the plan is too short to be measured.
    """
    planned = run_plan(answer, job, where)
    told, constants = planned.planned, constants_in(answer.facts)
    whole = int(told.tokens / planned.tokens_per_step)
    if whole < LEAST_STEPS:
        what = f"{told.name} has {plural(whole, 'step')}, and a log needs {LEAST_STEPS}"
        remedy = "Measure something longer that is like it."
        raise PlanError("There is nothing to measure", [Problem(where, what, remedy)])
    gpus = fewest_gpus(planned, constants)
    made = planned if gpus == told.gpus else planned.on(gpus, where)
    step = calibrated_throughput(
        made.configuration, constants.throughput, constants.calibration
    ).step_seconds[0]
    steps = min(whole, STEPS, max(LEAST_STEPS, math.ceil(ENOUGH_SECONDS / step)))
    instances = gpus * told.instances // told.gpus
    hours = told.time.startup + steps * float(step) / SECONDS_PER_HOUR
    speed = told.tokens_per_s
    ends = np.log([speed.low80 / speed.median, speed.high80 / speed.median])
    width = _width_after(
        constants.calibration.throughput, planned.configuration, made.configuration
    )
    low, high = np.expm1(ends).tolist()
    narrow_low, narrow_high = np.expm1(width * ends).tolist()
    return ShortRun(
        told.name,
        steps,
        instances,
        told.instances,
        gpus,
        made.tokens_per_step,
        hours,
        hours * instances * told.offer.usd_per_hour,
        (low, high),
        (narrow_low, narrow_high),
    )


def short_run_words(made: ShortRun) -> tuple[str, ...]:
    """What to measure, what it takes and what it brings: a line each."""
    machines = plural(made.planned_instances, "machine")
    where = machines if made.is_on_all else f"{count_text(made.instances)} of {machines}"
    what = f"Measure {plural(made.steps, 'step')} of {made.job} on {where}"
    tokens = f"{count_text(made.tokens_per_step)} tokens a step"
    now, then = interval_words(made.before), interval_words(made.after)
    return (
        f"{what}, software and micro-batches as planned: {tokens}.",
        f"It takes {hours_text(made.hours)} with its start-up, some {usd_text(made.usd)}.",
        f"80 % interval of the plan's tokens/s: {now} now, {then} afterwards.",
    )


def fewest_gpus(planned: RunPlan, constants: EstimateConstants) -> int:
    """Accelerators of the fewest whole machines that hold whole replicas in their memory."""
    c, told = planned.configuration, planned.planned
    each = int((c.tensor_parallel * c.pipeline_parallel * c.context_parallel)[0])
    machines = np.arange(1, told.instances + 1)
    gpus = machines * (told.gpus // told.instances)
    gpus = gpus[gpus % each == 0]
    tried = c.take(np.zeros(len(gpus), dtype=np.int64)).replace(gpus=gpus.astype(np.float64))
    peak = calibrated_memory(tried, constants.memory, constants.calibration)
    fitting = gpus[peak.upper <= tried.memory_bytes]
    return int(fitting[0]) if len(fitting) else told.gpus


def _width_after(made: Correction, plan: Configurations, run: Configurations) -> float:
    """Width of the plan's interval after a run over what it is now. [ratio]"""
    at_plan, at_run = setting_codes(plan), setting_codes(run)
    more = SettingRuns(
        setting=setting_of(int(at_run[0])), runs=1, log_ratio=float(made.log_factor(at_run)[0])
    )
    known = made.model_copy(update={"groups": (*made.groups, more)})
    return float(known.spread_factor(at_plan)[0] / made.spread_factor(at_plan)[0])
