"""What an answer stands on: assumptions, prices, constants, and how to make it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.sections import Section
from solver.export.words import listed, name_text, plural, sentence
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.plan import Answer, Evidence, PlannedJob

NOTES_SHOWN = 8
NAMES_SHOWN = 3
PRICES_SHOWN = 4
HASH_SHOWN = 12
"""First letters of a SHA-256 that are enough to tell catalogues apart."""


def grounds(answer: Answer, prices: tuple[str, ...]) -> tuple[Section, ...]:
    """Assumptions, sources and the commands that make the answer again.

    Args:
        answer: of any outcome.
        prices: the prices that the plan rests on, in words.
    """
    return tuple(
        section
        for section in (
            Section("Assumptions", _assumptions(answer)),
            Section("Sources", _sources(answer, prices)),
            Section("To make it again", _again(answer)),
        )
        if section.sentences
    )


def footer(answer: Answer) -> str:
    """One line that identifies the answer."""
    made = answer.provenance
    return (
        f"Trilemma {made.app} · catalogue {made.catalog_revision},"
        f" SHA-256 {made.catalog_sha256[:HASH_SHOWN]}… · seed {made.seed}"
    )


def _evidence(evidence: Evidence) -> str:
    """What each number of a job stands on, in a sentence."""
    numbers = {
        "throughput": evidence.throughput,
        "memory": evidence.memory,
        "accuracy": evidence.accuracy,
    }
    said = [
        f"{name} {word if word != 'none' else 'not predicted'}" for name, word in numbers.items()
    ]
    return f"Evidence: {', '.join(said)}, price {evidence.price}."


def _assumptions(answer: Answer) -> tuple[str, ...]:
    if not isinstance(answer, Solved | Stopped):
        return ()
    notes = list(shared_notes(answer.jobs, lambda job: (_evidence(job.evidence), *_notes(job))))
    if isinstance(answer, Solved):
        notes.append(f"Uncertain limits are counted at the {answer.margin_quantile:.3f} quantile.")
    return _shown(tuple(dict.fromkeys(notes)), NOTES_SHOWN, "assumption")


def shared_notes(
    jobs: tuple[PlannedJob, ...], notes_of: Callable[[PlannedJob], tuple[str, ...]]
) -> tuple[str, ...]:
    """Sentences about jobs, each once, with the jobs it holds for where it is not all of them.

    Args:
        jobs: of a plan.
        notes_of: what is said of one; empty notes are left out.
    """
    whose: dict[str, list[str]] = {}
    for job in jobs:
        for note in dict.fromkeys(sentence(note) for note in notes_of(job) if note):
            whose.setdefault(note, []).append(name_text(job.name))
    return tuple(
        note if len(names) == len(jobs) else f"{_some(names)}: {note}"
        for note, names in whose.items()
    )


def _some(names: list[str]) -> str:
    if len(names) <= NAMES_SHOWN:
        return listed(names)
    return f"{', '.join(names[:NAMES_SHOWN])} and {len(names) - NAMES_SHOWN} more"


def _notes(job: PlannedJob) -> tuple[str, ...]:
    energy = f"energy: {job.energy_note}" if job.energy_note else ""
    return (job.accuracy_note, *job.evidence.notes, energy)


def _sources(answer: Answer, prices: tuple[str, ...]) -> tuple[str, ...]:
    by_day: dict[str, list[str]] = {}
    for name, day in sorted(answer.provenance.constants.items()):
        by_day.setdefault(day, []).append(name)
    fitted = [f"Constants of {day}: {listed(names)}." for day, names in sorted(by_day.items())]
    return (*_shown(prices, PRICES_SHOWN, "price"), *_facts(answer), *fitted)


def _facts(answer: Answer) -> tuple[str, ...]:
    """Where the facts about the planned models and accelerators come from."""
    if not isinstance(answer, Solved | Stopped):
        return ()
    used = {job.model for job in answer.jobs} | {job.offer.accelerator for job in answer.jobs}
    rows = [*answer.facts.catalog.get("models", []), *answer.facts.catalog.get("accelerators", [])]
    named = [
        f"{name}: {row['source']}."
        for row in rows
        if (name := str(row.get("name") if "hub_id" in row else row.get("id"))) in used
        and row.get("source")
    ]
    scores = len(answer.facts.catalog.get("scores", []))
    published = (f"{plural(scores, 'published score')}, in the answer file.",) if scores else ()
    return (*_shown(tuple(named), PRICES_SHOWN, "fact"), *published)


def _again(answer: Answer) -> tuple[str, ...]:
    made = answer.provenance
    versions = ", ".join(f"{name} {version}" for name, version in sorted(made.versions.items()))
    return (
        "trilemma plan QUESTION.toml --json answer.json",
        "trilemma check answer.json",
        f"Catalogue {made.catalog_revision}, SHA-256 {made.catalog_sha256}.",
        *((f"{versions}.",) if versions else ()),
    )


def _shown(sentences: tuple[str, ...], most: int, noun: str) -> tuple[str, ...]:
    more = len(sentences) - most
    if more <= 0:
        return sentences
    return (*sentences[:most], f"{plural(more, noun)} more in the details.")
