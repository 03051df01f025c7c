"""Checking an answer from itself alone: every figure again from the embedded facts, no solver.

The seal shows that something was edited; the recomputation shows what. A catalogue that has moved
on since is only a warning.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np
from pydantic import ValidationError

from catalog.billing import OWN_MACHINES, UNKNOWN_PROVIDER
from catalog.problems import CatalogError, Problem
from solver.answer_file import parse_answer
from solver.candidates import candidates, columns_at
from solver.limits import UNCERTAIN, limits_of
from solver.outcome.facts import catalog_in, constants_in
from solver.outcome.moves import rounded_out
from solver.outcome.planned import placed, planned_job
from solver.outcome.seal import digest_of
from solver.outcome.totals import longest, total_usd
from solver.outcome.verify import holds, out_of_order, overbooked, reached_by, same
from solver.plan import LEFT_OUT, Answer, Failed, Impossible, Solved, Stopped, Unknown
from solver.program import Program, purchases_usd, quantity
from solver.shared import shared_by
from solver.simulate import simulated
from solver.timetable import Task, at_once, timing_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catalog.tables import Catalog
    from solver.constants import EstimateConstants
    from solver.plan import Alternative, LimitKept, Move, PlannedJob
    from solver.program import JobColumns, Limit
    from solver.simulate import Draws
    from solver.timetable import Timing

    Planned = Solved | Impossible | Unknown | Stopped


AGAIN = "Plan the question again."
RESTORE = "Restore the file as it was written."


def read_answer(text: str) -> Answer | tuple[Problem, ...]:
    """The answer in a JSON text, or what is wrong with its form."""
    try:
        return parse_answer(text)
    except json.JSONDecodeError as error:
        return (Problem("the file", f"it is not valid JSON: {error}", RESTORE),)
    except ValidationError as error:
        return tuple(
            Problem(
                ".".join(str(part) for part in detail["loc"]) or "the file",
                detail["msg"],
                RESTORE,
            )
            for detail in error.errors(include_url=False)
        )


def broken(answer: Answer) -> tuple[Problem, ...]:
    """Every figure of an answer that does not follow from its own facts."""
    found = list(_figures(answer))
    if digest_of(answer) != answer.digest:
        found.append(Problem("digest", "the file was changed after it was written", AGAIN))
    return tuple(found)


def outdated(answer: Answer, catalog: Catalog) -> tuple[Problem, ...]:
    """Embedded facts that today's catalogue states otherwise."""
    if answer.provenance.catalog_sha256 == catalog.sha256:
        return ()
    today = catalog.to_rows()
    stand_ins = {OWN_MACHINES.id, UNKNOWN_PROVIDER.id}
    found: list[Problem] = []
    for table, rows in answer.facts.catalog.items():
        known = {json.dumps(row, sort_keys=True) for row in today.get(table, [])}
        gone = [
            row
            for row in rows
            if json.dumps(row, sort_keys=True) not in known and row.get("id") not in stand_ins
        ]
        found.extend(
            Problem(
                f"{table} {_name(row)}",
                "today's catalogue states it otherwise",
                "Plan the question again to use today's facts.",
            )
            for row in gone
        )
    return tuple(found)


def _figures(answer: Answer) -> Iterator[Problem]:
    if isinstance(answer, Failed) or not (_jobs(answer) or any(_plans(answer).values())):
        return
    try:
        again = Recomputed(answer)
    except (CatalogError, ValidationError, ValueError, KeyError) as error:
        yield Problem("facts", f"they cannot be used: {error}", AGAIN)
        return
    yield from again.missing
    if again.missing:
        return
    if again.wrong:
        yield Problem("jobs", again.wrong, AGAIN)
    if isinstance(answer, Solved | Stopped) and answer.jobs:
        for position, (job, anew) in enumerate(zip(answer.jobs, again.jobs, strict=True), start=1):
            yield from _differences(job.model_dump(), anew.model_dump(), f"jobs[{position}]")
        yield from _limits(answer, again)
    if isinstance(answer, Solved):
        usd = total_usd(again.jobs, again.bought_usd).model_dump()
        hours = longest(again.jobs).model_dump()
        yield from _differences(answer.total_usd.model_dump(), usd, "total_usd")
        yield from _differences(answer.total_hours.model_dump(), hours, "total_hours")
        yield from _ties(answer, again)
    yield from _other_plans(answer, again)
    yield from _moves(answer, again)


def _jobs(answer: Planned) -> tuple[PlannedJob, ...]:
    return answer.jobs if isinstance(answer, Solved | Stopped) else ()


def _plans(answer: Planned) -> dict[str, tuple[Alternative | Move, ...]]:
    """Other plans of an answer, whose figures are those at the enforced quantile."""
    match answer:
        case Solved():
            return {"alternatives": answer.alternatives, "worth": answer.worth}
        case Impossible():
            return {"nearest": answer.nearest}
        case Unknown():
            return {"ranking": answer.ranking}
        case Stopped():
            return {}
        case _ as never:
            assert_never(never)


def _other_plans(answer: Planned, again: Recomputed) -> Iterator[Problem]:
    for name, plans in _plans(answer).items():
        for position, plan in enumerate(plans, start=1):
            where = f"{name}[{position}]"
            anew = again.figures(plan.keys, plan.starts)
            if anew is None:
                yield Problem(where, "its candidates do not exist", AGAIN)
                continue
            told = {"hours": plan.hours, "usd": plan.usd, "accuracy": plan.accuracy}
            yield from _differences(told, anew, where)


def _ties(answer: Solved, again: Recomputed) -> Iterator[Problem]:
    plan = again.figures(tuple(job.key for job in answer.jobs), ())
    for position, key in enumerate(answer.ties, start=1):
        if again.figures((key,), ()) != plan:
            yield Problem(f"ties[{position}]", f"{key} is not as good as the plan", AGAIN)


def _moves(answer: Planned, again: Recomputed) -> Iterator[Problem]:
    """Moved limits: how far, and for `worth` that it is the least value that admits its plan."""
    named: dict[str, tuple[Move, ...]] = {
        "worth": answer.worth if isinstance(answer, Solved) else (),
        "relaxations": answer.relaxations if isinstance(answer, Impossible) else (),
    }
    limits: dict[tuple[str, str | None], Limit] = {
        (limit.name, again.owner(limit)): limit for limit in again.limits
    }
    for name, moves in named.items():
        for position, move in enumerate(moves, start=1):
            where = f"{name}[{position}]"
            limit = limits.get((move.limit, move.job))
            if limit is None or move.value is None:
                if name == "worth":
                    yield Problem(where, "the question sets no such limit", AGAIN)
                continue
            change = move.value - limit.bound
            if move.change is None or not same(move.change, change):
                yield _differs(f"{where}.change", move.change, change)
            reached = again.reached(limit, move) if name == "worth" else None
            if reached is not None and not same(move.value, rounded_out(limit, reached)):
                yield _differs(f"{where}.value", move.value, rounded_out(limit, reached))


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
        keys, starts = self._told(answer)
        if not self.missing and any(key != LEFT_OUT for key in keys):
            self._plan(keys, starts, constants)

    def _told(self, answer: Planned) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Keys and starts of the plan, one a job of the question."""
        told = {job.name: job for job in _jobs(answer)}
        left = {job.name for job in getattr(answer, "left_out", ())}
        keys, starts = [], []
        for job, some in zip(self.question.jobs, self.candidates, strict=True):
            planned = told.pop(job.name, None)
            keys.append(LEFT_OUT if planned is None else planned.key)
            starts.append(0.0 if planned is None else planned.start_hours)
            if planned is None and _jobs(answer) and job.name not in left:
                self.missing.append(Problem(job.name, "the plan says nothing about it", AGAIN))
            elif planned is not None and some.find(planned.key) is None:
                self.missing.append(Problem(job.name, f"{planned.key} is no candidate", AGAIN))
            elif planned is None and _jobs(answer) and job.value_usd is None:
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
        self.draws = simulated(uncertain, constants.assumptions, timing, self.bought_usd)

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


def _limits(answer: Solved | Stopped, again: Recomputed) -> Iterator[Problem]:
    told = {(kept.name, kept.job): kept for kept in answer.limits}
    chances = []
    for limit in again.limits:
        owner = again.owner(limit)
        where = f"limits.{limit.name}" + (f" of {owner}" if owner else "")
        kept = told.pop((limit.name, owner), None)
        if kept is None:
            yield Problem(where, "the limit is missing", AGAIN)
            continue
        yield from _limit(kept, limit, again, where)
        if limit.name in UNCERTAIN and again.draws is not None:
            chances.append(again.draws.keeps(limit))
    for name, _ in told:
        yield Problem(f"limits.{name}", "the question sets no such limit", AGAIN)
    if again.draws is not None:
        chances.append(again.draws.in_calendar)
    joint = float(np.logical_and.reduce(chances).mean()) if chances else 1.0
    if answer.jobs and (answer.joint_chance is None or not same(answer.joint_chance, joint)):
        yield _differs("joint_chance", answer.joint_chance, joint)


def _limit(kept: LimitKept, limit: Limit, again: Recomputed, where: str) -> Iterator[Problem]:
    value = reached_by(limit, again.slots, again.bought_usd)
    if value is None or not holds(limit, value):
        yield Problem(where, f"the plan does not keep it ({value})", AGAIN)
        return
    draws = again.draws if limit.name in UNCERTAIN else None
    for name, before, anew in (
        ("value", kept.value, limit.bound),
        ("at_confidence", kept.at_confidence, value),
        ("slack", kept.slack, value - limit.bound if limit.is_minimum else limit.bound - value),
        ("chance", kept.chance, 1.0 if draws is None else float(draws.keeps(limit).mean())),
    ):
        if not same(before, anew):
            yield _differs(f"{where}.{name}", before, anew)


def _differences(told: Any, anew: Any, where: str) -> Iterator[Problem]:  # noqa: ANN401 - any JSON value
    if isinstance(told, dict) and isinstance(anew, dict):
        for name in told:
            yield from _differences(told[name], anew[name], f"{where}.{name}")
    elif isinstance(told, float) and isinstance(anew, float):
        if not same(told, anew):
            yield _differs(where, told, anew)
    elif told != anew:
        yield _differs(where, told, anew)


def _differs(where: str, told: object, anew: object) -> Problem:
    return Problem(where, f"it says {told}, the facts give {anew}", AGAIN)


def _name(row: dict[str, Any]) -> str:
    parts = [row.get(key) for key in ("id", "name", "provider", "sku", "region", "model", "task")]
    return " ".join(str(part) for part in parts if part)
