"""Two answers compared in words: what was asked, what came out, and what that stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solver.export.words import (
    LIMIT_WORDS,
    MINUS,
    accuracy_text,
    chance_text,
    hours_text,
    layout_text,
    limit_text,
    machine_text,
    place_text,
    points_text,
    usd_per_hour_text,
    usd_text,
)
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from solver.plan import Answer, PlannedJob, Spread

SAME_RATIO = 1e-6
"""Figures nearer than this are equal: the noise of floating point on other machines. [ratio]"""

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Changed:
    """Differences of one kind, a sentence each."""

    title: str
    sentences: tuple[str, ...]


def differences(before: Answer, after: Answer, within: float = SAME_RATIO) -> tuple[Changed, ...]:
    """How the second answer differs from the first, empty where nothing of weight does.

    The time of asking, the time the solver took and the digest are no differences.

    Args:
        before: the first.
        after: the second.
        within: figures nearer than this share of the larger are no difference either. [ratio], >= 0
    """
    groups = (
        Changed("Asked", tuple(_asked(before, after))),
        Changed("Outcome", tuple(_outcome(before, after, within))),
        *_plans(before, after, within),
        Changed("Limits", tuple(_limits(before, after, within))),
        Changed("Stands on", tuple(_grounds(before, after))),
    )
    return tuple(group for group in groups if group.sentences)


def _asked(before: Answer, after: Answer) -> Iterator[str]:
    one, other = before.question.model_dump(mode="json"), after.question.model_dump(mode="json")
    for path, old, new in _changes(_named(one), _named(other)):
        yield f"{path}: {_value(old)} → {_value(new)}"


def _named(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Lists of named entries by name, so that one more job is one difference."""
    if isinstance(value, dict):
        return {key: _named(inner) for key, inner in value.items()}
    if (
        isinstance(value, list)
        and value
        and all(isinstance(e, dict) and "name" in e for e in value)
    ):
        return {str(entry["name"]): _named(entry) for entry in value}
    return value


def _changes(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys((*one, *other)):
            inner = f"{path}.{key}" if path else str(key)
            yield from _changes(one.get(key), other.get(key), inner)
    elif one != other:
        yield path, one, other


def _value(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.12g}".replace("-", MINUS)
    if isinstance(value, list):
        return ", ".join(_value(inner) for inner in value)
    if isinstance(value, dict):
        said = [f"{k} {_value(v)}" for k, v in value.items() if v not in (None, "", [], {})]
        return f"({'; '.join(said)})"
    return str(value)


def _outcome(before: Answer, after: Answer, within: float) -> Iterator[str]:
    if before.outcome != after.outcome:
        yield f"{before.outcome} → {after.outcome}: {after.why}"
        return
    if isinstance(before, Solved) and isinstance(after, Solved):
        if len(before.jobs) > 1 or len(after.jobs) > 1:
            hours, usd = (
                (before.total_hours, after.total_hours),
                (before.total_usd, after.total_usd),
            )
            yield from _spread("Time of all", *hours, hours_text, within)
            yield from _spread("Cost of all", *usd, usd_text, within)
        if not _same(before.joint_chance, after.joint_chance, within):
            old, new = chance_text(before.joint_chance), chance_text(after.joint_chance)
            yield f"Chance that all limits hold: {old} → {new}"
        yield from _beside_jobs(before, after)
    elif not isinstance(before, Stopped) and before.why != after.why:
        yield f"{before.why} → {after.why}"


def _beside_jobs(before: Solved, after: Solved) -> Iterator[str]:
    """Optional jobs that are left out, and capacity that is bought whole."""
    one, other = ({job.name for job in answer.left_out} for answer in (before, after))
    for name in sorted(other - one):
        yield f"{name}: left out now"
    for name in sorted(one - other):
        yield f"{name}: left out no more"
    owned, wanted = ({it.name: it.machines for it in answer.bought} for answer in (before, after))
    for name in dict.fromkeys((*owned, *wanted)):
        old, new = owned.get(name, 0), wanted.get(name, 0)
        if old != new:
            yield f"Machines of {name} bought: {old} → {new}"


def _plans(before: Answer, after: Answer, within: float) -> Iterator[Changed]:
    one, other = _jobs(before), _jobs(after)
    for name in dict.fromkeys((*one, *other)):
        title = f"Plan of {name}"
        if name not in one:
            yield Changed(title, (f"new: {other[name].key}",))
        elif name not in other:
            yield Changed(title, (f"gone, it was {one[name].key}",))
        else:
            yield Changed(title, tuple(_plan(one[name], other[name], within)))


def _jobs(answer: Answer) -> dict[str, PlannedJob]:
    jobs = answer.jobs if isinstance(answer, Solved | Stopped) else ()
    return {job.name: job for job in jobs}


def _plan(one: PlannedJob, other: PlannedJob, within: float) -> Iterator[str]:
    for label, text in _CHOICES.items():
        if text(one) != text(other):
            yield f"{label}: {text(one)} → {text(other)}"
    if not _same(one.start_hours, other.start_hours, within):
        yield f"Starts after: {hours_text(one.start_hours)} → {hours_text(other.start_hours)}"
    yield from _spread("Time", one.hours, other.hours, hours_text, within)
    yield from _spread("Cost", one.usd, other.usd, usd_text, within)
    yield from _accuracy(one.accuracy, other.accuracy, within)


_CHOICES: dict[str, Callable[[PlannedJob], str]] = {
    "Base model": lambda job: job.model,
    "Method": lambda job: job.method + ("" if job.rank is None else f" of rank {job.rank}"),
    "Precision": lambda job: job.precision + (f", {job.storage} weights" if job.storage else ""),
    "Machines": lambda job: machine_text(job.offer, job.total_instances),
    "From": lambda job: place_text(job.offer),
    "Price": lambda job: f"{usd_per_hour_text(job.offer.usd_per_hour)} on {job.offer.price_date}",
    "Passes": lambda job: str(job.epochs),
    "Layout": lambda job: "; ".join(map(layout_text, (job.layout, *job.other_phases))),
}
"""What a plan decides, in words."""


def _spread(
    label: str, one: Spread, other: Spread, text: Callable[[float], str], within: float
) -> Iterator[str]:
    for name, old, new in (
        ("median", one.median, other.median),
        ("counted", one.at_confidence, other.at_confidence),
    ):
        if not _same(old, new, within):
            more = text(abs(new - old))
            sign = "+" if new > old else MINUS
            yield f"{label}, {name}: {text(old)} → {text(new)} ({sign}{more})"


def _accuracy(one: Spread | None, other: Spread | None, within: float) -> Iterator[str]:
    if one is None or other is None:
        if (one is None) != (other is None):
            old, new = (accuracy_text(s.median if s else None) for s in (one, other))
            yield f"Accuracy, median: {old} → {new}"
        return
    for name, old_ratio, new_ratio in (
        ("median", one.median, other.median),
        ("counted", one.at_confidence, other.at_confidence),
    ):
        if not _same(old_ratio, new_ratio, within):
            change = points_text(new_ratio - old_ratio)
            old, new = accuracy_text(old_ratio), accuracy_text(new_ratio)
            yield f"Accuracy, {name}: {old} → {new} ({change})"


def _limits(before: Answer, after: Answer, within: float) -> Iterator[str]:
    if not (_jobs(before) and _jobs(after)):
        return
    one, other = _kept(before), _kept(after)
    for (name, job), (value, binds) in other.items():
        label = LIMIT_WORDS[name] + (f" of {job}" if job else "")
        old = one.get((name, job))
        if old is None:
            yield f"{label}: new, {limit_text(name, value)}"
            continue
        if not _same(old[0], value, within):
            yield f"{label}: {limit_text(name, old[0])} → {limit_text(name, value)}"
        if old[1] != binds:
            yield f"{label}: {'binds now' if binds else 'binds no more'}"
    for name, job in (key for key in one if key not in other):
        yield f"{LIMIT_WORDS[name]}{f' of {job}' if job else ''}: gone"


def _kept(answer: Answer) -> dict[tuple[str, str | None], tuple[float, bool]]:
    limits = answer.limits if isinstance(answer, Solved | Stopped) else ()
    return {(kept.name, kept.job): (kept.value, kept.binds) for kept in limits}


def _grounds(before: Answer, after: Answer) -> Iterator[str]:
    one, other = before.provenance, after.provenance
    if one.catalog_sha256 != other.catalog_sha256:
        yield (
            f"Catalogue: {one.catalog_revision} ({one.catalog_sha256[:12]}) →"
            f" {other.catalog_revision} ({other.catalog_sha256[:12]})"
        )
    for label, old, new in (
        ("Trilemma", one.app, other.app),
        ("Seed", str(one.seed), str(other.seed)),
    ):
        if old != new:
            yield f"{label}: {old} → {new}"
    for label, olds, news in (
        ("Constants of", one.constants, other.constants),
        ("Version of", one.versions, other.versions),
    ):
        for name in dict.fromkeys((*olds, *news)):
            if olds.get(name) != news.get(name):
                yield f"{label} {name}: {olds.get(name, NOTHING)} → {news.get(name, NOTHING)}"


def _same(one: float, other: float, within: float) -> bool:
    return abs(one - other) <= max(within, SAME_RATIO) * max(abs(one), abs(other), SAME_RATIO)
