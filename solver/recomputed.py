"""The plan of an answer once more, from the facts that the answer embeds."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from catalog.problems import Problem
from solver.candidates import candidates, columns_at
from solver.limits import limits_of
from solver.outcome.facts import catalog_in, constants_in
from solver.outcome.planned import placed, planned_job
from solver.outcome.verify import out_of_order, overbooked
from solver.plan import LEFT_OUT, Impossible, Solved, Stopped, Unknown
from solver.program import Program, purchases_usd, quantity
from solver.shared import shared_by
from solver.simulate import SEED, simulated
from solver.timetable import Task, at_once, timing_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.constants import EstimateConstants
    from solver.plan import Move, PlannedJob
    from solver.program import JobColumns, Limit
    from solver.simulate import Draws
    from solver.timetable import Timing

    Planned = Solved | Impossible | Unknown | Stopped

AGAIN = "Plan the question again."


def jobs_of(answer: Planned) -> tuple[PlannedJob, ...]:
    """The planned jobs; none where there is no plan."""
    return answer.jobs if isinstance(answer, Solved | Stopped) else ()


class Recomputed:
    """The plan of an answer, computed from the facts that the answer embeds."""

    def __init__(self, answer: Planned) -> None:
        catalog, constants = catalog_in(answer.facts), constants_in(answer.facts)
        self.moment = datetime.fromisoformat(answer.asked_at)
        self.limits = limits_of(answer.question, self.moment)
        self.question = answer.question
        self.missing: list[Problem] = []
        self.quantile = answer.margin_quantile
        self.candidates = [
            candidates(
                job, answer.question, catalog, constants, self.moment.date(), keep_beaten=True
            )
            for job in answer.question.jobs
        ]
        self.shared = shared_by(answer.question)
        self.jobs: tuple[PlannedJob, ...] = ()
        self.slots: tuple[PlannedJob | None, ...] = ()
        self.bought_usd = 0.0
        self.wrong = ""
        self.draws: Draws | None = None
        self._simulated: partial[Draws] | None = None
        keys, starts = self._told(answer)
        if not self.missing and any(key != LEFT_OUT for key in keys):
            self._plan(keys, starts, constants)

    def _told(self, answer: Planned) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Keys and starts of the plan, one a job of the question."""
        told = {job.name: job for job in jobs_of(answer)}
        left = {job.name for job in getattr(answer, "left_out", ())}
        keys, starts = [], []
        for job, some in zip(self.question.jobs, self.candidates, strict=True):
            planned = told.pop(job.name, None)
            keys.append(LEFT_OUT if planned is None else planned.key)
            starts.append(0.0 if planned is None else planned.start_hours)
            if planned is None and jobs_of(answer) and job.name not in left:
                self.missing.append(Problem(job.name, "the plan says nothing about it", AGAIN))
            elif planned is not None and some.find(planned.key) is None:
                self.missing.append(Problem(job.name, f"{planned.key} is no candidate", AGAIN))
            elif planned is None and jobs_of(answer) and job.value_usd is None:
                self.missing.append(Problem(job.name, "it is left out but must be done", AGAIN))
        self.missing.extend(Problem(name, "it is no job of the question", AGAIN) for name in told)
        return tuple(keys), tuple(starts)

    def _plan(
        self, keys: tuple[str, ...], starts: tuple[float, ...], constants: EstimateConstants
    ) -> None:
        columns = self._columns(keys)
        timing, used = self._timing(columns, starts)
        places = [
            None if key == LEFT_OUT else some.find(key)
            for some, key in zip(self.candidates, keys, strict=True)
        ]
        self.slots = tuple(
            None
            if place is None
            else placed(planned_job(some, place, self.quantile), timing, j, self.question)
            for j, (some, place) in enumerate(zip(self.candidates, places, strict=True))
        )
        self.jobs = tuple(job for job in self.slots if job is not None)
        self.bought_usd = purchases_usd(self.shared.resources, timing.bought)
        self.wrong = out_of_order(self.shared.chain, self.slots) or overbooked(
            self.shared.resources, used, self.slots, timing.bought
        )
        uncertain = [
            None if place is None else some.uncertain(place)
            for some, place in zip(self.candidates, places, strict=True)
        ]
        self._simulated = partial(
            simulated, uncertain, constants.assumptions, timing, self.bought_usd
        )
        self.draws = self.drawn()

    def drawn(self, count: int | None = None, seed: int = SEED) -> Draws | None:
        """Outcomes of the plan, as many as assumed unless said otherwise; None without a plan."""
        return None if self._simulated is None else self._simulated(count=count, seed=seed)

    def _timing(
        self, columns: Sequence[JobColumns | None], starts: tuple[float, ...]
    ) -> tuple[Timing, list[tuple[float, ...]]]:
        """The timetable that follows from the starts, and what each job uses of each resource."""
        known = [column for column in columns if column is not None]
        program = Program(tuple(known), self.limits, self.shared.resources)
        uses = iter([tuple(program.uses(j)[:, 0].tolist()) for j in range(len(known))])
        nothing = (0.0,) * len(self.shared.resources)
        used = [nothing if column is None else next(uses) for column in columns]
        tasks = [
            Task(0.0, nothing, 0.0, ())
            if column is None
            else Task(float(column.hours[0]), use, float(column.gpus[0]), before)
            for column, use, before in zip(columns, used, self.shared.chain.earlier, strict=True)
        ]
        scarce = self.shared.has_moments and program.limits_gpus
        begun = starts or (0.0,) * len(tasks)
        timing = timing_from(tasks, self.shared.resources, begun, gpus_are_scarce=scarce)
        if not self.shared.is_timed:
            timing = at_once(tasks, self.shared.resources)
        return timing, used

    def figures(
        self, keys: tuple[str, ...], starts: tuple[float, ...]
    ) -> dict[str, float | None] | None:
        """Hours, dollars and accuracy of another plan; None where a candidate does not exist."""
        columns = self._columns(keys)
        if not columns:
            return None
        timing, _ = self._timing(columns, starts)
        done = [column for column in columns if column is not None]
        known = [float(c.accuracy[0]) for c in done if np.isfinite(c.accuracy[0])]
        bought = purchases_usd(self.shared.resources, timing.bought)
        return {
            "hours": timing.last_end,
            "usd": sum((float(c.usd[0]) for c in done), bought),
            "accuracy": min(known) if known else None,
        }

    def reached(self, limit: Limit, move: Move) -> float | None:
        """What counts against a limit in another plan; None where a candidate does not exist."""
        columns = self._columns(move.keys)
        if not columns:
            return None
        timing, _ = self._timing(columns, move.starts)
        concerned = range(len(columns)) if limit.job is None else (limit.job,)
        done = [(j, column) for j in concerned if (column := columns[j]) is not None]
        if limit.name == "deadline":
            return max((timing.ends[j] for j, _ in done), default=0.0)
        if limit.name == "max_gpus":
            return timing.peak_gpus
        values = [float(quantity(column, limit.name)[0]) for _, column in done]
        if limit.is_minimum:
            return min(values, default=1.0)
        bought = purchases_usd(self.shared.resources, timing.bought)
        return sum(values) + (bought if limit.name == "budget" else 0.0)

    def owner(self, limit: Limit) -> str | None:
        """Name of the job that a limit belongs to; None: all jobs together."""
        return None if limit.job is None else self.question.jobs[limit.job].name

    def _columns(self, keys: tuple[str, ...]) -> tuple[JobColumns | None, ...]:
        """Quantities of the named candidates, one a job; empty where one does not exist."""
        if len(keys) != len(self.candidates):
            return ()
        made: list[JobColumns | None] = []
        for some, key in zip(self.candidates, keys, strict=True):
            place = None if key == LEFT_OUT else some.find(key)
            if place is None and key != LEFT_OUT:
                return ()
            made.append(
                None if place is None else columns_at(some, self.quantile, np.array([place]))
            )
        return tuple(made)
