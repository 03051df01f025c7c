"""Accuracy by examples as the window shows it: a curve, its points, what to measure; no Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gui.changes import Change
from solver.export.words import accuracy_text, count_text, hours_text, usd_text
from solver.plan import LEFT_OUT, Solved, Stopped, Unknown

if TYPE_CHECKING:
    from solver.plan import Answer, PlannedJob
    from solver.question import Question

RANK = re.compile(r"-r\d+$")
"""The rank at the end of a method in the key of a candidate."""

MOST_CHOICES = 8

NEEDS = {
    "unknown": "Measure to know",
    "unsure": "Measure to be surer",
    "none": "Nothing need be measured",
    "useless": "No pilot helps here",
}
"""What a pilot plan says, in a heading; see `solver.outcome.pilot_plans.Need`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model and a method whose accuracy is looked at."""

    model: str
    method: str

    @property
    def words(self) -> str:
        """As a list shows it."""
        return f"{self.model} · {self.method}"


@dataclass(frozen=True, slots=True)
class Point:
    """A score that was measured or published."""

    examples: float
    score: float
    kind: str
    """pilot, own or published."""
    half_width: float
    words: str


@dataclass(frozen=True, slots=True)
class Curve:
    """What a subject reaches by examples; the arrays have one entry a size."""

    subject: Subject
    examples: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    points: tuple[Point, ...]
    wanted_examples: float | None
    minimum: float | None
    unknown_because: str


@dataclass(frozen=True, slots=True)
class Run:
    """A size to measure, in words."""

    examples: int
    cells: tuple[str, ...]
    """Under `RUN_HEADERS`."""


RUN_HEADERS = ("Examples", "Runs", "Time", "Cost", "Then")


@dataclass(frozen=True, slots=True)
class PilotsShown:
    """Which pilots to measure for a job."""

    job: str
    title: str
    text: str
    subject: Subject | None
    """What trains them; None: nothing is to be measured."""
    epochs: int
    evaluated_on: int
    runs: tuple[Run, ...]
    total: str


def curve_of(fields: dict[str, Any]) -> Curve:
    """The curve that the worker sent."""
    points = tuple(
        Point(
            point["examples"],
            point["score"],
            point["kind"],
            point["half_width"],
            _point_words(point),
        )
        for point in fields["points"]
    )
    return Curve(
        Subject(fields["model"], fields["method"]),
        tuple(fields["examples"]),
        tuple(fields["median"]),
        tuple(fields["low"]),
        tuple(fields["high"]),
        points,
        fields["wanted_examples"],
        fields["minimum"],
        fields["unknown_because"],
    )


def pilots_of(fields: dict[str, Any]) -> PilotsShown:
    """The pilot plan that the worker sent."""
    runs = tuple(
        Run(
            run["examples"],
            (
                count_text(run["examples"]),
                str(run["runs"]),
                hours_text(run["hours"]),
                usd_text(run["usd"]),
                "unknown" if run["half_width"] is None else f"± {accuracy_text(run['half_width'])}",
            ),
        )
        for run in fields["runs"]
    )
    subject = Subject(fields["model"], fields["method"]) if runs else None
    now = fields["half_width"]
    width = f" Now known within ± {accuracy_text(now)}." if now is not None and runs else ""
    sums = f"All of them: {hours_text(fields['hours'])}, {usd_text(fields['usd'])}."
    return PilotsShown(
        fields["job"],
        NEEDS[fields["need"]],
        f"{fields['reason']} {fields['text']}{width}".strip(),
        subject,
        fields["epochs"],
        fields["evaluated_on"],
        runs,
        sums if runs else "",
    )


def subjects(answer: Answer, looked_at: PlannedJob | None, job: int) -> tuple[Subject, ...]:
    """Models and methods worth a look: what is shown, the job's plan, other plans, pilots.

    Args:
        answer: to the present question.
        looked_at: the candidate that was clicked.
        job: position of the job in the question.
    """
    asked = answer.question.jobs[job]
    found = [] if looked_at is None else [Subject(looked_at.model, looked_at.method)]
    keys: list[str] = []
    if isinstance(answer, Solved | Stopped):
        planned = [made for made in answer.jobs if made.name == asked.name]
        found += [Subject(made.model, made.method) for made in planned]
    if isinstance(answer, Solved):
        keys = [other.keys[job] for other in answer.alternatives if job < len(other.keys)]
    if isinstance(answer, Unknown):
        found += [
            Subject(pilot.model, "full") for pilot in answer.pilots if pilot.job == asked.name
        ]
        keys = [other.keys[job] for other in answer.ranking if job < len(other.keys)]
    found += [made for key in keys if (made := _subject_of(key)) is not None]
    found += [Subject(pilot.model, pilot.method) for pilot in asked.pilots if pilot.model]
    return tuple(dict.fromkeys(found))[:MOST_CHOICES]


def with_pilot(question: Question, job: int, plan: PilotsShown, run: Run, score: float) -> Change:
    """A pilot more, as it was planned."""
    pilots = [pilot.model_dump() for pilot in question.jobs[job].pilots]
    subject = plan.subject
    new = {
        "examples": run.examples,
        "score": score,
        "model": subject.model if subject is not None else None,
        "method": subject.method if subject is not None else "full",
        "epochs": max(plan.epochs, 1),
        "evaluated_on": max(plan.evaluated_on, 1),
    }
    path = ("jobs", job, "pilots")
    return Change(f"pilot of {count_text(run.examples)} examples", ((path, (*pilots, new)),))


def _subject_of(key: str) -> Subject | None:
    """Model and method of a candidate's key."""
    if key == LEFT_OUT or key.count(":") < 2:  # noqa: PLR2004 - MODEL:METHOD:PRECISION
        return None
    model, method = key.split(":")[:2]
    return Subject(model, RANK.sub("", method))


def _point_words(point: dict[str, Any]) -> str:
    kind = {"pilot": "pilot", "own": "own score", "published": "published"}[point["kind"]]
    subject = " · ".join(word for word in (point["model"], point["method"]) if word)
    source = f"\n{point['source']}" if point["source"] else ""
    size, score = count_text(point["examples"]), accuracy_text(point["score"])
    return f"{kind}: {score} with {size} examples\n{subject}{source}"
