"""The user's own training runs as the window shows them: what they change, in words; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.problems import Problem
from solver.export.sections import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RUN_HEADERS = ("Run", "Tokens/s", "Peak memory")

MOST_RUNS = 40
"""Longer lists are cut: nobody reads them. [1]"""


@dataclass(frozen=True, slots=True)
class LogsChosen:
    """Logs to be read, and what they say otherwise than planned."""

    logs: tuple[Path, ...]
    tokens_per_step: float | None
    """None: as planned. [token]"""
    gpus: int | None
    """None: as planned. [1]"""


@dataclass(frozen=True, slots=True)
class RunsShown:
    """Own runs, kept or about to be."""

    runs: Table
    changes: Table
    count: int
    read: int
    """Runs that the chosen logs hold. [1]"""
    left_out: tuple[Problem, ...]

    @property
    def words(self) -> str:
        """What there is, in a sentence."""
        if not self.count:
            return "No runs of your own are kept: plans stand on published measurements alone."
        new = f" {self.read} of them are in the chosen logs." if self.read else ""
        are = "run of your own corrects" if self.count == 1 else "runs of your own correct"
        return f"{self.count} {are} the estimates of every plan.{new}"


def measure_words(fields: dict[str, Any]) -> str:
    """What to measure of the plan on screen before it is started, as the worker told it."""
    fewer = fields["fewer_gpus"]
    typed = [] if fewer is None else [f"Its log is of {fewer} GPUs: say so when you choose it."]
    return " ".join([*fields["lines"], *typed])


def runs_of(fields: dict[str, Any]) -> RunsShown:
    """The runs that the worker told."""
    runs = [
        (str(name), _times(speed), _times(peak)) for name, speed, peak in fields["runs"][:MOST_RUNS]
    ]
    rest = len(fields["runs"]) - len(runs)
    note = "Measured over predicted, without any correction."
    if rest > 0:
        note += f" {rest} more runs are not listed."
    alone = len(fields["runs"]) == 1
    errors = (
        "One run alone cannot say how well it corrects others; read a second one."
        if alone
        else "Corrected errors are of each run predicted from the others alone."
    )
    return RunsShown(
        Table("Your runs", RUN_HEADERS, tuple(runs), "lrr", note),
        Table("Before and after", _heads(fields), _rows(fields["changes"]), "lrrrll", errors),
        len(fields["runs"]),
        int(fields["read"]),
        tuple(Problem(*told) for told in fields["left_out"]),
    )


def _heads(fields: dict[str, Any]) -> tuple[str, ...]:
    return tuple(word[:1].upper() + word[1:] for word in fields["headers"])


def _rows(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in rows)


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"× {ratio:.2f}"
