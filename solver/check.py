"""Checking an answer from itself alone: every figure again from the embedded facts, no solver.

The seal shows that something was edited; the recomputation shows what. A catalogue that has moved
on since is only a warning.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from catalog.billing import OWN_MACHINES, UNKNOWN_PROVIDER
from catalog.problems import CatalogError, Problem
from solver.candidates import Candidates, candidates, columns_at
from solver.facts import catalog_in, constants_in
from solver.limits import UNCERTAIN, limits_of
from solver.plan import ANSWER, Answer, Solved, Stopped
from solver.planned import planned_job
from solver.seal import digest_of
from solver.simulate import simulated
from solver.totals import longest, total_usd
from solver.verify import holds, reached_by, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.tables import Catalog
    from solver.plan import Alternative, LimitKept, Move, PlannedJob
    from solver.program import Limit
    from solver.simulate import Draws


def read_answer(text: str) -> Answer | tuple[Problem, ...]:
    """The answer in a JSON text, or what is wrong with its form."""
    try:
        return ANSWER.validate_json(text)
    except ValidationError as error:
        return tuple(
            Problem(
                ".".join(str(part) for part in detail["loc"]) or "the file",
                detail["msg"],
                "Restore the file as it was written.",
            )
            for detail in error.errors(include_url=False)
        )


def broken(answer: Answer) -> tuple[Problem, ...]:
    """Every figure of an answer that does not follow from its own facts."""
    found = list(_figures(answer)) if isinstance(answer, Solved | Stopped) else []
    if digest_of(answer) != answer.digest:
        found.append(
            Problem(
                "digest", "the file was changed after it was written", "Plan the question again."
            )
        )
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


def _figures(answer: Solved | Stopped) -> Iterator[Problem]:
    try:
        again = Recomputed(answer)
    except (CatalogError, ValidationError, ValueError, KeyError) as error:
        yield Problem("facts", f"they cannot be used: {error}", "Plan the question again.")
        return
    yield from again.missing
    if again.missing:
        return
    for position, (job, anew) in enumerate(zip(answer.jobs, again.jobs, strict=True), start=1):
        yield from _differences(job.model_dump(), anew.model_dump(), f"jobs[{position}]")
    yield from _limits(answer, again)
    if isinstance(answer, Solved):
        usd, hours = total_usd(again.jobs).model_dump(), longest(again.jobs).model_dump()
        yield from _differences(answer.total_usd.model_dump(), usd, "total_usd")
        yield from _differences(answer.total_hours.model_dump(), hours, "total_hours")
        yield from _other_plans(answer, again)


def _other_plans(answer: Solved, again: Recomputed) -> Iterator[Problem]:
    """Alternatives and moves: their figures at the enforced quantile."""
    named: dict[str, tuple[Alternative | Move, ...]] = {
        "alternatives": answer.alternatives,
        "worth": answer.worth,
    }
    for name, plans in named.items():
        for position, plan in enumerate(plans, start=1):
            where = f"{name}[{position}]"
            anew = again.figures(plan.keys)
            if anew is None:
                yield Problem(where, "its candidates do not exist", "Plan the question again.")
                continue
            told = {"hours": plan.hours, "usd": plan.usd, "accuracy": plan.accuracy}
            yield from _differences(told, anew, where)


class Recomputed:
    """The plan of an answer, computed from the facts that the answer embeds."""

    def __init__(self, answer: Solved | Stopped) -> None:
        catalog, constants = catalog_in(answer.facts), constants_in(answer.facts)
        self.moment = datetime.fromisoformat(answer.asked_at)
        self.limits = limits_of(answer.question, self.moment)
        self.missing: list[Problem] = []
        self.jobs: tuple[PlannedJob, ...] = ()
        self.quantile = answer.margin_quantile
        self.candidates: list[Candidates] = []
        made: list[tuple[Candidates, int]] = []
        for job, told in zip(answer.question.jobs, answer.jobs, strict=False):
            some = candidates(
                job, answer.question, catalog, constants, self.moment.date(), keep_beaten=True
            )
            self.candidates.append(some)
            position = some.find(told.key)
            if position is None:
                problem = Problem(told.name, f"{told.key} is no candidate", "Plan again.")
                self.missing.append(problem)
            else:
                made.append((some, position))
        self.draws: Draws | None = None
        if not self.missing and made:
            self.jobs = tuple(planned_job(c, i, answer.margin_quantile) for c, i in made)
            self.draws = simulated([c.uncertain(i) for c, i in made], constants.assumptions)

    def figures(self, keys: tuple[str, ...]) -> dict[str, float | None] | None:
        """Hours, dollars and accuracy of another plan; None where a candidate does not exist."""
        columns = []
        for some, key in zip(self.candidates, keys, strict=True):
            position = some.find(key)
            if position is None:
                return None
            columns.append(columns_at(some, self.quantile, np.array([position])))
        known = [float(c.accuracy[0]) for c in columns if np.isfinite(c.accuracy[0])]
        return {
            "hours": max(float(c.hours[0]) for c in columns),
            "usd": sum(float(c.usd[0]) for c in columns),
            "accuracy": min(known) if known else None,
        }


def _limits(answer: Solved | Stopped, again: Recomputed) -> Iterator[Problem]:
    told = {(kept.name, kept.job): kept for kept in answer.limits}
    chances = []
    for limit in again.limits:
        owner = None if limit.job is None else answer.question.jobs[limit.job].name
        where = f"limits.{limit.name}" + (f" of {owner}" if owner else "")
        kept = told.pop((limit.name, owner), None)
        if kept is None:
            yield Problem(where, "the limit is missing", "Plan the question again.")
            continue
        yield from _limit(kept, limit, again, where)
        if limit.name in UNCERTAIN and again.draws is not None:
            chances.append(again.draws.keeps(limit))
    for name, _ in told:
        yield Problem(f"limits.{name}", "the question sets no such limit", "Plan again.")
    joint = float(np.logical_and.reduce(chances).mean()) if chances else 1.0
    if answer.jobs and (answer.joint_chance is None or not same(answer.joint_chance, joint)):
        yield _differs("joint_chance", answer.joint_chance, joint)


def _limit(kept: LimitKept, limit: Limit, again: Recomputed, where: str) -> Iterator[Problem]:
    value = reached_by(limit, again.jobs)
    if value is None or not holds(limit, value):
        yield Problem(where, f"the plan does not keep it ({value})", "Plan the question again.")
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
    return Problem(where, f"it says {told}, the facts give {anew}", "Plan the question again.")


def _name(row: dict[str, Any]) -> str:
    parts = [row.get(key) for key in ("id", "name", "provider", "sku", "region", "model", "task")]
    return " ".join(str(part) for part in parts if part)
