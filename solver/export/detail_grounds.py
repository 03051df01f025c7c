"""Details of an answer: assumptions, evidence, prices, facts and sources, how to make it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solver.export.fact_rows import grid_row, row
from solver.export.grounds import shared_notes
from solver.export.sections import Section, Table
from solver.export.tables import lines, printable
from solver.export.words import (
    count_text,
    date_text,
    gap_text,
    moment_text,
    name_text,
    usd_per_hour_text,
)
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.plan import Answer, MachineUsed, PlannedJob, SolverReport

CHECKED = {"yes": "at its source", "partial": "in part", "no": "no"}
"""How far a fact was checked, in words."""


def assumption_section(answer: Answer) -> Section | None:
    """What the plan assumes, each once, with the jobs it holds for."""
    if not isinstance(answer, Solved | Stopped):
        return None
    said = shared_notes(
        answer.jobs, lambda job: (job.accuracy_note, *job.evidence.notes, job.energy_note)
    )
    return Section("Assumptions", said) if said else None


def evidence_table(answer: Answer) -> Table | None:
    """What each number of each job stands on."""
    if not isinstance(answer, Solved | Stopped) or not answer.jobs:
        return None
    rows = tuple(
        (
            name_text(job.name),
            *(_evidence(word) for word in _scopes(job)),
            printable(job.evidence.price),
        )
        for job in answer.jobs
    )
    note = (
        "measured: runs like this one are among the measurements; interpolated: it lies between"
        " them; unseen: it lies beyond them, and intervals are wider."
    )
    headers = ("Job", "Speed", "Memory", "Accuracy", "Price")
    return Table("Evidence", headers, rows, "lsssl", note)


def price_table(answer: Answer) -> Table | None:
    """Every price of the plan with its date and source."""
    if not isinstance(answer, Solved | Stopped):
        return None
    rows = tuple(dict.fromkeys(_price(offer) for job in answer.jobs for offer in job.offers))
    headers = ("Offer", "One machine", "Read on", "Checked", "Source")
    return Table("Prices", headers, rows, "lrssl") if rows else None


def fact_table(answer: Answer) -> Table | None:
    """Where the facts of the plan come from."""
    if not isinstance(answer, Solved | Stopped):
        return None
    rows = tuple(dict.fromkeys(fact for job in answer.jobs for fact in _facts(answer, job)))
    headers = ("Fact", "Checked", "Source")
    return Table("Facts", headers, rows, "ssl", _scores(answer)) if rows else None


def solver_table(solver: SolverReport) -> Table:
    """What was searched and what the solver proved."""
    rows = [
        ("Ended", solver.status),
        ("Gap to the bound", gap_text(solver.gap)),
        ("Program", f"{count_text(solver.columns)} columns, {count_text(solver.rows)} rows"),
        ("Solves", count_text(solver.solves)),
    ]
    return Table("Solver", ("", ""), tuple(rows), "ll")


def search_table(answer: Answer) -> Table:
    """How many combinations were left after each step."""
    counts = answer.counts
    rows = [
        ("Combinations looked at", count_text(counts.combinations)),
        ("Candidates that can run", count_text(counts.candidates)),
        ("Candidates that keep every limit of their job", count_text(counts.feasible)),
        ("Columns after exact reduction", count_text(counts.reduced)),
    ]
    return Table("Search", ("Step", "Number"), tuple(rows), "lr")


def reproduction(answer: Answer) -> Table:
    """Commands and identities with which the answer can be made again."""
    made = answer.provenance
    versions = [f"{name} {version}" for name, version in sorted(made.versions.items())]
    constants = [f"{name} of {day}" for name, day in sorted(made.constants.items())]
    rows = [
        ("Plan it again", "trilemma plan QUESTION.toml --json answer.json"),
        ("Recompute every figure", "trilemma check answer.json"),
        ("Compare two answers", "trilemma diff answer.json again.json"),
        ("Asked", moment_text(answer.asked_at)),
        ("Trilemma", made.app),
        ("Catalogue", f"{made.catalog_revision}, SHA-256 {made.catalog_sha256}"),
        ("Answer file", f"SHA-256 {answer.digest}" if answer.digest else ""),
        ("Fitted constants", ", ".join(constants)),
        ("Versions", ", ".join(versions)),
        ("Seed", str(made.seed)),
    ]
    return Table("To make it again", ("", ""), tuple(line for line in rows if line[1]), "ll")


def _scopes(job: PlannedJob) -> tuple[str, str, str]:
    return job.evidence.throughput, job.evidence.memory, job.evidence.accuracy


def _evidence(word: str) -> str:
    return "not predicted" if word == "none" else word


def _price(offer: MachineUsed) -> tuple[str, str, str, str, str]:
    price = usd_per_hour_text(offer.usd_per_hour)
    if offer.pricing == "owned":
        return printable(f"{offer.sku}, your own"), price, "", "", printable(offer.source)
    named = lines(offer.key, *([f"doubtful: {offer.marked}"] if offer.marked else []))
    checked = CHECKED.get(offer.verified, offer.verified)
    return named, price, date_text(offer.price_date), checked, printable(offer.source)


def _facts(answer: Solved | Stopped, job: PlannedJob) -> Iterator[tuple[str, str, str]]:
    facts = answer.facts
    for kind, table, column, key in (
        ("model", "models", "name", job.model),
        ("accelerator", "accelerators", "id", job.offer.accelerator),
        ("method", "methods", "id", job.method),
        ("precision", "precisions", "id", job.precision),
        ("provider", "providers", "id", job.offer.provider),
    ):
        found = row(facts, table, column, key)
        if found.get("source"):
            yield _fact(kind, str(found.get("name") or key), found)
    grid = grid_row(facts, job.offer)
    if grid.get("source"):
        yield _fact("grid", str(grid.get("place", "")), grid)


def _fact(kind: str, name: str, found: dict[str, Any]) -> tuple[str, str, str]:
    verified = str(found.get("verified", ""))
    source = printable(str(found["source"]))
    return printable(f"{kind} {name}"), printable(CHECKED.get(verified, verified)), source


def _scores(answer: Answer) -> str:
    count = len(answer.facts.catalog.get("scores", []))
    return f"{count_text(count)} published scores stand in the answer file." if count else ""
