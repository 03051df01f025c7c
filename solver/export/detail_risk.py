"""Details of a plan: chances and margins, runs that fail, and how other plans compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.units import PERCENT
from solver.export.bars import Segment, axis_svg, bar_svg
from solver.export.detail_sums import cost_of
from solver.export.sections import Bar, Bars, Section, Table
from solver.export.tables import lines
from solver.export.themes import LIGHT
from solver.export.words import (
    LIMIT_WORDS,
    MINUS,
    accuracy_text,
    chance_text,
    count_text,
    hours_text,
    interval_text,
    key_text,
    limit_text,
    name_text,
    points_text,
    slack_text,
    usd_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.plan import Alternative, LimitKept, LimitName, PlannedJob, Solved, Stopped
    from solver.plan_values import Frequency, Mix, Simulation

LIMITS_SHOWN = 16
"""The least likely ones; each has a bar. [1]"""

LEAST_FAILURE = 0.001
"""Smaller chances of a failed run are not worth a line. [0..1]"""

FIFTHS = 0.2


def chance_bars(answer: Solved | Stopped) -> Bars | None:
    """The chance that each limit holds beside the confidence asked for; None without limits."""
    if not answer.limits:
        return None
    asked = answer.question.limits.confidence
    order = sorted(answer.limits, key=lambda kept: kept.chance)
    one_job = len(answer.jobs) == 1
    bars = [_chance(_limit_label(kept, one_job=one_job), kept.chance, asked) for kept in order]
    bars = bars[:LIMITS_SHOWN]
    if answer.joint_chance is not None:
        bars.append(_chance("all limits together", answer.joint_chance, asked))
    marks = ((asked, LIGHT.deadline),)
    note = f"The blue line is the confidence asked for, {chance_text(asked)}."
    if len(order) > LIMITS_SHOWN:
        note += f" {len(order) - LIMITS_SHOWN} limits that hold more surely are not drawn."
    axis = axis_svg(1.0, FIFTHS, lambda share: f"{share * PERCENT:.0f} %", LIGHT, marks)
    return Bars("Risk: the chance that each limit holds", (), tuple(bars), axis, note)


def margin_words(answer: Solved | Stopped) -> Section:
    """How margins were set, and what a failed run costs, in sentences."""
    counted = (
        f"Uncertain quantities count against limits at their {answer.margin_quantile:.3f} quantile,"
        " the least at which all limits together hold with the confidence asked for."
    )
    said = [counted]
    if answer.joint_chance is not None:
        held = chance_text(answer.joint_chance)
        said.append(f"In {held} of simulated outcomes every limit holds.")
    failing = [job for job in answer.jobs if job.failure_ratio >= LEAST_FAILURE]
    if not failing:
        said.append("No run is likely to end at chance level and be repeated.")
    return Section("How sure it is", tuple(said))


def failure_table(answer: Solved | Stopped) -> Table | None:
    """Runs that may end at chance level, and what repeating one takes; None where there is none."""
    rows = [_failure(job) for job in answer.jobs if job.failure_ratio >= LEAST_FAILURE]
    if not rows:
        return None
    return Table(
        "Runs that may fail",
        ("Job", "Chance", "One repeat takes", "and costs"),
        tuple(rows),
        "lrrr",
        "A failed run ends at chance level and is repeated. Repeats are not in the median; what is"
        " counted against the limits reserves them.",
    )


def comparison(answer: Solved) -> Table:
    """The plan beside its alternatives, as counted against the limits."""
    known = [job.accuracy.at_confidence for job in answer.jobs if job.accuracy is not None]
    hours, usd = answer.total_hours.at_confidence, answer.total_usd.at_confidence
    accuracy = min(known) if known else None
    first = ("this plan", hours_text(hours), "", usd_text(usd), "", accuracy_text(accuracy), "")
    rows = [first, *(_compared(o, hours, usd, accuracy) for o in answer.alternatives)]
    headers = ("Plan", "Time", "Δ", "Cost", "Δ", "Accuracy", "Δ")
    note = "Figures as counted against the limits; Δ is the difference to this plan."
    return Table("Alternatives compared", headers, tuple(rows), "lrrrrrr", note)


def margin_table(answer: Solved | Stopped) -> Table:
    """Every limit with the room that the plan leaves under it."""
    one_job = len(answer.jobs) == 1
    rows = tuple(
        (
            _limit_name(kept, one_job=one_job),
            limit_text(kept.name, kept.value),
            limit_text(kept.name, kept.at_confidence),
            slack_text(kept),
            "yes" if kept.binds else "",
        )
        for kept in answer.limits
    )
    return Table("Margins", ("Limit", "Value", "Counted", "Room", "Binds"), rows, "lrrrs")


def _limit_name(kept: LimitKept, *, one_job: bool) -> str:
    return LIMIT_WORDS[kept.name] + (
        f" of {name_text(kept.job)}" if kept.job and not one_job else ""
    )


def _limit_label(kept: LimitKept, *, one_job: bool) -> str:
    value = limit_text(kept.name, kept.value)
    return f"{_limit_name(kept, one_job=one_job)} {value}"


def _chance(label: str, chance: float, asked: float) -> Bar:
    colour = LIGHT.good if chance >= asked else LIGHT.near_miss
    words = f"holds in {chance_text(chance)} of outcomes"
    marks = ((asked, LIGHT.deadline),)
    picture = bar_svg([Segment(chance, colour)], 1.0, words, LIGHT, marks=marks)
    return Bar(label, picture, words, chance_text(chance))


def _failure(job: PlannedJob) -> tuple[str, str, str, str]:
    time = job.time
    hours = time.training + time.evaluation + time.interruptions
    return (
        name_text(job.name),
        f"{job.failure_ratio * PERCENT:.1f} %",
        hours_text(hours),
        usd_text(cost_of(job)["compute"]),
    )


def _compared(
    other: Alternative, hours: float, usd: float, accuracy: float | None
) -> tuple[str, ...]:
    gained = ""
    if other.accuracy is not None and accuracy is not None:
        gained = points_text(other.accuracy - accuracy)
    return (
        lines(other.why, *map(key_text, other.keys)),
        hours_text(other.hours),
        _difference(other.hours - hours, hours_text),
        usd_text(other.usd),
        _difference(other.usd - usd, usd_text),
        accuracy_text(other.accuracy),
        gained,
    )


def _difference(value: float, text: Callable[[float], str]) -> str:
    words = text(abs(value))
    if value == 0 or words.startswith("<"):
        return "same"
    return f"{MINUS if value < 0 else '+'}{words}"


def simulation_table(simulation: Simulation) -> Table:
    """How often limits held in outcomes that the choice has not seen."""
    rows = [(_held_name(held.name, held.job), *_frequency(held.kept)) for held in simulation.limits]
    rows.append(("all limits together", *_frequency(simulation.together)))
    note = (
        f"{count_text(simulation.draws)} outcomes, seed {simulation.seed};"
        f" asked for {chance_text(simulation.promised)}."
    )
    headers = ("Tried on fresh outcomes", "Held", "Chance", "95 % of it")
    return Table("Simulation", headers, tuple(rows), "lrrr", note)


def mix_table(mix: Mix) -> Table:
    """Changes of several limits that together make a plan possible."""
    rows = [
        (_held_name(change.limit, change.job), limit_text(change.limit, change.value), change.text)
        for change in mix.changes
    ]
    brings = f"{hours_text(mix.hours)}, {usd_text(mix.usd)}, accuracy {accuracy_text(mix.accuracy)}"
    title = "The smallest changes of several limits together"
    return Table(title, ("Limit", "To", "Change"), tuple(rows), "lrl", f"Then: {brings}.")


def _held_name(name: LimitName, job: str | None) -> str:
    return LIMIT_WORDS[name] + (f" of {name_text(job)}" if job else "")


def _frequency(kept: Frequency) -> tuple[str, str, str]:
    interval = interval_text(kept.low95, kept.high95, chance_text)
    return count_text(kept.times), chance_text(kept.share), interval
