"""Details of a plan: where the dollars and the hours go, and when each job runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from catalog.units import PERCENT
from solver.export.bars import Segment, axis_svg, bar_svg, hour_step, round_step, scale_of
from solver.export.question_words import deadline_hours
from solver.export.sections import Bar, Bars, Table
from solver.export.themes import LIGHT
from solver.export.words import hours_text, interval_text, listed, name_text, plural, usd_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.plan import PlannedJob, Solved, Stopped

COST_WORDS = {
    "compute": "machines while they train, evaluate and recover",
    "start-up": "machines while they are provided and load",
    "unused rest": "what is left of the last billed step",
    "storage": "keeping data, checkpoints and weights",
    "egress": "moving the finished weights out",
    "serving": "answering the stated volume afterwards",
}

TIME_WORDS = {
    "start-up": "machines are provided and load",
    "training": "all passes of all trials",
    "evaluation": "evaluating and saving",
    "interruptions": "machines are taken away and come back",
}

MOST_BARS = 40
"""More jobs are drawn together in the last bar, or left to the table of jobs. [1]"""

FAR = 8.0
"""A deadline further than this factor beyond the jobs is told, not drawn. [1]"""

PALE = 0.3
"""Opacity of what lies between the median and what is counted. [0..1]"""


class _Sum(NamedTuple):
    """One bar before it is drawn."""

    name: str
    parts: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.parts.values())


def cost_of(job: PlannedJob) -> dict[str, float]:
    """Dollars of a job by part, at the median; what the machines cost is split by time. [USD]"""
    cost = job.cost
    starting = job.offer.usd_per_hour * job.instances * job.time.startup
    startup = min(starting, cost.machines)
    return {
        "compute": cost.machines - startup,
        "start-up": startup,
        "unused rest": cost.idle,
        "storage": cost.storage,
        "egress": cost.egress,
        "serving": cost.serving,
    }


def hours_of(job: PlannedJob) -> dict[str, float]:
    """Hours of a job by part, at the median. [h]"""
    time = job.time
    return {
        "start-up": time.startup,
        "training": time.training,
        "evaluation": time.evaluation,
        "interruptions": time.interruptions,
    }


def cost_bars(answer: Solved | Stopped) -> Bars:
    """Dollars by part, a bar for each job."""
    sums = [_Sum(job.name, cost_of(job)) for job in answer.jobs]
    low, high = (sum(getattr(job.usd, end) for job in answer.jobs) for end in ("low80", "high80"))
    note = (
        f"{usd_text(sum(one.total for one in sums))} at the median; 80 % of outcomes"
        f" {interval_text(low, high, usd_text)}. Runs that fail come on top."
    )
    scale = scale_of(one.total for one in sums)
    return Bars(
        "Where the dollars go",
        _keys(COST_WORDS, sums),
        tuple(_cost_bar(one, scale) for one in _fewer(sums)),
        axis_svg(scale, round_step(scale), usd_text, LIGHT) if len(sums) > 1 else "",
        note,
    )


def timeline(answer: Solved | Stopped) -> Bars:
    """When each job runs, and what it does with its hours."""
    jobs = answer.jobs
    limit = deadline_hours(answer.question, answer.asked_at)
    last = max((max(_counted_end(job), job.hours.median) for job in jobs), default=0.0)
    drawn = [] if limit is None or limit > FAR * last else [limit]
    scale = 1.02 * scale_of([last, *drawn])
    marks = tuple((value, LIGHT.deadline) for value in drawn)
    shown = sorted(jobs, key=lambda job: (_start(job), -job.hours.median))[:MOST_BARS]
    note = "Each bar goes on, pale, to what is counted."
    if any(_start(job) for job in jobs):
        note += " Starts leave room for slow jobs before them."
    if limit is not None:
        where = "is the blue line" if drawn else "lies far to the right"
        note += f" The deadline of {hours_text(limit)} {where}."
    if len(jobs) > len(shown):
        note += f" {plural(len(jobs) - len(shown), 'job')} that start later are not drawn."
    keys = _keys(TIME_WORDS, [_Sum(job.name, hours_of(job)) for job in jobs])
    bars = tuple(_run(job, scale, marks) for job in shown)
    axis = axis_svg(scale, hour_step(scale), hours_text, LIGHT, marks)
    return Bars("Timeline", keys, bars, axis, note)


def cost_table(answer: Solved | Stopped) -> Table:
    """Dollars of all jobs by part."""
    sums = [cost_of(job) for job in answer.jobs]
    return _sum_table("Dollars by part", "Dollars", COST_WORDS, sums, usd_text)


def time_table(answer: Solved | Stopped) -> Table:
    """Hours of all jobs by part."""
    sums = [hours_of(job) for job in answer.jobs]
    title = "Hours by part" if len(sums) == 1 else "Hours by part, all jobs added"
    return _sum_table(title, "Hours", TIME_WORDS, sums, hours_text)


def _start(job: PlannedJob) -> float:
    return max(job.start_hours, 0.0)


def _counted_end(job: PlannedJob) -> float:
    return _start(job) + job.hours.at_confidence


def _fewer(sums: list[_Sum]) -> list[_Sum]:
    """The largest sums, and all others as one."""
    if len(sums) <= MOST_BARS:
        return sums
    order = sorted(sums, key=lambda one: -one.total)
    rest = order[MOST_BARS - 1 :]
    together = {name: sum(one.parts[name] for one in rest) for name in COST_WORDS}
    return [*order[: MOST_BARS - 1], _Sum(f"{len(rest)} more jobs", together)]


def _keys(names: dict[str, str], sums: list[_Sum]) -> tuple[tuple[str, str], ...]:
    """Colours of the parts that are there at all."""
    return tuple(
        (name, colour)
        for name, colour in _colours(names).items()
        if any(one.parts[name] > 0 for one in sums)
    )


def _colours(names: dict[str, str]) -> dict[str, str]:
    return dict(zip(names, LIGHT.parts, strict=False))


def _cost_bar(one: _Sum, scale: float) -> Bar:
    colours = _colours(COST_WORDS)
    segments = [Segment(value, colours[name]) for name, value in one.parts.items()]
    total = usd_text(one.total)
    words = listed([f"{name} {usd_text(v)}" for name, v in one.parts.items() if v > 0]) or total
    return Bar(name_text(one.name), bar_svg(segments, scale, words, LIGHT), words, total)


def _run(job: PlannedJob, scale: float, marks: tuple[tuple[float, str], ...]) -> Bar:
    colours, parts, start = _colours(TIME_WORDS), hours_of(job), _start(job)
    segments = [Segment(value, colours[name]) for name, value in parts.items()]
    pale = job.hours.at_confidence - sum(parts.values())
    segments.append(Segment(pale, colours["training"], PALE))
    waits = f" and {listed([*map(name_text, job.waits_for)])}" if job.waits_for else ""
    begins = f"starts after {hours_text(start)}{waits}, " if start else ""
    counted = hours_text(job.hours.at_confidence)
    words = f"{begins}takes {hours_text(job.hours.median)}, counted {counted}"
    value = hours_text(job.hours.median) + (f" from {hours_text(start)} on" if start else "")
    picture = bar_svg(segments, scale, words, LIGHT, start=start, marks=marks)
    return Bar(name_text(job.name), picture, words, value)


def _sum_table(
    title: str,
    unit: str,
    names: dict[str, str],
    sums: list[dict[str, float]],
    text: Callable[[float], str],
) -> Table:
    values = {name: sum(one[name] for one in sums) for name in names}
    total = sum(values.values())
    rows = [
        (f"{name}\n{names[name]}", text(value), f"{value / total * PERCENT:.0f} %")
        for name, value in values.items()
        if value > 0
    ]
    rows.append(("together", text(total), ""))
    return Table(title, ("Part", unit, "Share"), tuple(rows), "lrr")
