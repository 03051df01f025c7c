"""Checking an answer from itself alone: every figure again from the embedded facts, no solver.

The seal shows that something was edited; the recomputation shows what. A catalogue that has moved
on since is only a warning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np
from pydantic import ValidationError

from catalog.billing import OWN_MACHINES, UNKNOWN_PROVIDER
from catalog.problems import CatalogError, Problem
from solver.answer_file import parse_answer
from solver.limits import UNCERTAIN
from solver.outcome.frequency import simulation_of
from solver.outcome.moves import rounded_out
from solver.outcome.seal import digest_of
from solver.outcome.totals import longest, total_usd
from solver.outcome.verify import holds, reached_by, same
from solver.plan import Answer, Failed, Impossible, Solved, Stopped, Unknown
from solver.recomputed import AGAIN, Recomputed, jobs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.tables import Catalog
    from solver.plan import Alternative, LimitKept, Move
    from solver.program import Limit

    Planned = Solved | Impossible | Unknown | Stopped


RESTORE = "Restore the file as it was written."


def read_answer(text: str) -> Answer | tuple[Problem, ...]:
    """The answer in a JSON text, or what is wrong with its form."""
    try:
        return parse_answer(text)
    except ValidationError as error:
        return tuple(
            Problem(
                ".".join(str(part) for part in detail["loc"]) or "the file",
                detail["msg"],
                RESTORE,
            )
            for detail in error.errors(include_url=False)
        )
    except (ValueError, RecursionError) as error:  # also NaN, numbers of too many digits
        return (Problem("the file", f"it is not valid JSON: {error}", RESTORE),)


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
    if isinstance(answer, Failed) or not (jobs_of(answer) or any(_plans(answer).values())):
        return
    try:
        again = Recomputed(answer)
    except ValidationError as error:
        names = [".".join(map(str, detail["loc"])) for detail in error.errors(include_url=False)]
        what = f"its factors are not those of this release ({', '.join(names[:3])})"
        yield Problem("facts", what, f"{AGAIN[:-1]}, or check it with the release that made it.")
        return
    except (CatalogError, ValueError, KeyError) as error:
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
        yield from _simulation(answer, again)
    if isinstance(answer, Solved):
        usd = total_usd(again.jobs, again.bought_usd).model_dump()
        hours = longest(again.jobs).model_dump()
        yield from _differences(answer.total_usd.model_dump(), usd, "total_usd")
        yield from _differences(answer.total_hours.model_dump(), hours, "total_hours")
        yield from _ties(answer, again)
    yield from _other_plans(answer, again)
    yield from _moves(answer, again)
    yield from _mix(answer, again)


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
    limits = _by_name(again)
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


def _mix(answer: Planned, again: Recomputed) -> Iterator[Problem]:
    """Limits that move together: that the question sets them, and how far each moves."""
    mix = answer.mix if isinstance(answer, Impossible) else None
    limits = _by_name(again)
    for position, told in enumerate(() if mix is None else mix.changes, start=1):
        where = f"mix.changes[{position}]"
        limit = limits.get((told.limit, told.job))
        if limit is None:
            yield Problem(where, "the question sets no such limit", AGAIN)
        elif not same(told.change, told.value - limit.bound):
            yield _differs(f"{where}.change", told.change, told.value - limit.bound)


def _by_name(again: Recomputed) -> dict[tuple[str, str | None], Limit]:
    """Limits by name and the job that each belongs to."""
    return {(limit.name, again.owner(limit)): limit for limit in again.limits}


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


def _simulation(answer: Solved | Stopped, again: Recomputed) -> Iterator[Problem]:
    told = answer.simulation
    if told is None:
        return
    outcomes = again.drawn(told.draws, told.seed)
    if outcomes is not None:
        names = [job.name for job in answer.question.jobs]
        promised = answer.question.limits.confidence
        anew = simulation_of(outcomes, again.limits, names, promised, told.seed)
        yield from _differences(told.model_dump(), anew.model_dump(), "simulation")


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
