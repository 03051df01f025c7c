"""Wishes about lists of a question: jobs, machines, pilots come, go and are named; no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.changes import Change, FieldPath, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from solver.question import Aim, Entry, Job, Question

NEW_JOB: dict[str, Any] = {
    "family": "classification",
    "classes": 2,
    "examples": 10_000,
    "tokens_per_example": 128,
}
"""A small piece of work to begin with: every figure of it is the user's to change."""

NEW_POOLS: dict[str, dict[str, Any]] = {
    "owned": {"gpus_per_machine": 8, "machines": 1},
    "commitments": {"gpus_per_machine": 8, "machines": 1, "usd_each": 0, "to_hours": 24},
}
"""The same of machines."""

NEW_NAMES = {"owned": "lab", "commitments": "block"}

PARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "serving": ("tokens_per_month", {"tokens_per_month": 1e6, "months": 12}),
    "running": ("key", {"key": "", "done": 0.0, "pace": 1.0}),
    "hold": ("aim", {"aim": "fastest", "within": 0.05}),
}
"""Parts that may be left out: the field without which there is none, and what they begin with."""

WORDS = {"serving": "service", "running": "run under way", "hold": "aim held"}
"""What undo calls a change of each."""

WORK = ("examples", "tokens_per_example", "tokens")
"""Fields of a job that state its work, besides its phases."""

NAMING = ("after", "starts_from")
"""Fields of a job that name other jobs."""


def with_job(question: Question) -> Change:
    """One more job, with a name of its own."""
    name = free_name("job", (job.name for job in question.jobs))
    return _listed("job added", ("jobs",), (*_plain(question.jobs), {**NEW_JOB, "name": name}))


def with_copy_of_job(question: Question, position: int) -> Change:
    """One more job like another, right below it."""
    jobs = _plain(question.jobs)
    name = free_name(str(jobs[position]["name"]), (job.name for job in question.jobs))
    jobs.insert(position + 1, {**jobs[position], "name": name})
    return _listed("job duplicated", ("jobs",), jobs)


def without_job(question: Question, position: int) -> Change:
    """One job less; who waited for it waits no more."""
    jobs = _plain(question.jobs)
    gone = jobs.pop(position)["name"]
    return _listed("job removed", ("jobs",), [_renamed(job, gone, None) for job in jobs])


def with_job_named(question: Question, position: int, name: str) -> Change:
    """A job under another name, wherever it is named."""
    jobs = _plain(question.jobs)
    before = jobs[position]["name"]
    jobs[position]["name"] = name
    return _listed("job renamed", ("jobs",), [_renamed(job, before, name) for job in jobs])


def with_job_moved(question: Question, position: int, by: int) -> Change:
    """A job further up or down in the list."""
    jobs = _plain(question.jobs)
    target = min(max(position + by, 0), len(jobs) - 1)
    jobs.insert(target, jobs.pop(position))
    return _listed("job moved", ("jobs",), jobs)


def with_pool(question: Question, table: str, accelerator: str) -> Change:
    """One more pool of machines: of the user's own (`owned`) or to be bought (`commitments`)."""
    name = free_name(NEW_NAMES[table], (pool.name for pool in question.pools))
    new = {**NEW_POOLS[table], "name": name, "accelerator": accelerator}
    return _listed(f"{name} added", (table,), (*_plain(getattr(question, table)), new))


def with_copy_of_pool(question: Question, table: str, position: int) -> Change:
    """One more pool like another, right below it."""
    pools = _plain(getattr(question, table))
    name = free_name(str(pools[position]["name"]), (pool.name for pool in question.pools))
    pools.insert(position + 1, {**pools[position], "name": name})
    return _listed("machines duplicated", (table,), pools)


def without_pool(question: Question, table: str, position: int) -> Change:
    """One pool less; without any, machines must be rented."""
    pools = _plain(getattr(question, table))
    gone = pools.pop(position)["name"]
    change = _listed(f"{gone} removed", (table,), pools)
    if len(question.pools) > 1 or question.limits.rent:
        return change
    return Change(change.words, (*change.edits, (("limits", "rent"), True)))


def with_table(job: Job, position: int, field: str, entries: Iterable[Any]) -> Change:
    """A job with another list of pilots, scores or phases; the work stays stated once."""
    listed = tuple(entries)
    edits: list[tuple[FieldPath, Any]] = [(("jobs", position, field), listed)]
    if field == "phases" and bool(listed) != bool(job.phases):
        stated = dict.fromkeys(WORK) if listed else {key: NEW_JOB.get(key) for key in WORK}
        edits += [(("jobs", position, key), value) for key, value in stated.items()]
    return Change(field.replace("_", " "), tuple(edits))


def stated_once(job: Job, field: str, value: object) -> dict[str, Any]:
    """What else changes in a job when one way of stating its work is given a value."""
    if value is None or field not in WORK:
        return {}
    others: dict[str, Any] = {"phases": ()} if job.phases else {}
    if field == "tokens":
        return {**others, "examples": None, "tokens_per_example": None}
    if job.tokens is None and not job.phases:
        return {}
    missing = {key: NEW_JOB[key] for key in ("examples", "tokens_per_example") if key != field}
    return {**others, "tokens": None, **missing}


def with_part(
    question: Question, path: FieldPath, value: object, first: dict[str, Any] | None = None
) -> Change:
    """A field of a part that may be left out: one alone brings the part, its leading one ends it.

    Args:
        question: what is asked.
        path: of the field; the part is what holds it.
        value: None takes the leading field's part out, and gives others their first value.
        first: values that the part begins with, besides those of `PARTS`.
    """
    part, field = path[:-1], str(path[-1])
    name = str(part[-1])
    leading, usual = PARTS[name]
    held = value_at(question, part)
    start = {**usual, **(first or {})}
    if value is None and field == leading:
        return Change(WORDS[name], ((part, None),))
    made = start if held is None else held.model_dump()
    return Change(WORDS[name], ((part, {**made, field: start[field] if value is None else value}),))


def with_aim(question: Question, aim: Aim) -> Change:
    """Another aim; what was held or broke ties by it does so no longer."""
    edits: list[tuple[FieldPath, Any]] = [(("aim",), aim)]
    if question.hold is not None and question.hold.aim is aim:
        edits.append((("hold",), None))
    if question.second_aim is aim:
        edits.append((("second_aim",), None))
    return Change("aim", tuple(edits))


def begun(question: Question, keys: Mapping[str, str]) -> Change:
    """Every planned job goes on as it was planned; nothing of it is done yet.

    Args:
        question: what is asked.
        keys: candidate of each planned job, by the job's name.
    """
    edits: list[tuple[FieldPath, Any]] = [
        (("jobs", at, "running"), {"key": keys[job.name], "done": 0.0})
        for at, job in enumerate(question.jobs)
        if job.name in keys and job.running is None
    ]
    return Change("begun as planned", tuple(edits))


def free_name(name: str, taken: Iterable[str]) -> str:
    """A name that none has yet: `name`, or with the first free number behind it."""
    known = set(taken)
    if name not in known:
        return name
    stem, _, number = name.rpartition(" ")
    stem = stem if stem and number.isdigit() else name
    count = 2
    while f"{stem} {count}" in known:
        count += 1
    return f"{stem} {count}"


def _plain(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [entry.model_dump() for entry in entries]


def _renamed(job: dict[str, Any], before: str, name: str | None) -> dict[str, Any]:
    """The job with another's new name where it names it; None takes the mention out."""
    made = dict(job)
    for field in NAMING:
        value = made.get(field)
        if value == before:
            made[field] = name
        elif isinstance(value, tuple | list):
            named = [name if other == before else other for other in value]
            made[field] = tuple(other for other in named if other is not None)
    return made


def _listed(words: str, path: FieldPath, entries: Iterable[dict[str, Any]]) -> Change:
    return Change(words, ((path, tuple(entries)),))
