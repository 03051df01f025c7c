"""From an answer to what the window says: labels, rows and gauges as values; no Qt.

Words and tables are those of the report (`solver/export/report.py`), so that screen and paper
never disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.export.plan_sections import (
    OWN_LIMITS,
    job_table,
    limit_of_all,
    limit_table,
    plan_card,
)
from solver.export.report import report_of
from solver.export.sections import Section, Table
from solver.export.words import (
    accuracy_text,
    bytes_text,
    chance_text,
    hours_text,
    interval_text,
    limit_text,
    listed,
    places_text,
    slack_text,
    usd_text,
)
from solver.plan import Impossible, Solved, Stopped, Unknown
from solver.question import WINDOW_MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.export.sections import Tone
    from solver.plan import Alternative, Answer, LimitKept, LimitName, Move, PlannedJob, Spread
    from solver.plan_values import Mix

ROOM = 1.12
"""A gauge reaches beyond the largest value on it by this factor. [1]"""

NOT_THE_PLAN = "Not the plan: a candidate of the region."

MEMORY_WORDS = {
    "weights": "weights",
    "gradients": "gradients",
    "optimizer": "optimizer",
    "activations": "activations",
    "logits": "logits",
    "buffers": "buffers",
    "context": "CUDA context",
}


@dataclass(frozen=True, slots=True)
class Gauge:
    """A predicted quantity against its limit, as places on a line from 0 to 1."""

    low: float
    high: float
    median: float
    counted: float | None
    """The value that is held against the limit."""
    limit: float | None
    is_minimum: bool


@dataclass(frozen=True, slots=True)
class FigureShown:
    """Time, cost or accuracy of a plan."""

    label: str
    value: str
    interval: str
    room: str
    tone: Tone
    gauge: Gauge | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be clicked: another plan or a change of the question."""

    title: str
    detail: str
    figures: str
    key: str = ""
    """The candidate of another plan; empty for several jobs and for changes."""
    move: Move | Mix | None = None


@dataclass(frozen=True, slots=True)
class MemoryShown:
    """Memory of one GPU: parts in bytes, largest first, and what there is."""

    parts: tuple[tuple[str, float], ...]
    capacity: float
    words: str


@dataclass(frozen=True, slots=True)
class CardShown:
    """Everything on the plan card."""

    badge: str
    tone: Tone
    headline: str
    why: str
    figures: tuple[FigureShown, ...] = ()
    tables: tuple[Table, ...] = ()
    """Folded away below the figures."""
    moves_title: str = ""
    moves: tuple[Choice, ...] = ()
    others_title: str = ""
    others: tuple[Choice, ...] = ()
    memory: MemoryShown | None = None
    grounds: tuple[Section, ...] = ()
    is_a_look: bool = False
    """A candidate that was clicked, not the plan."""


def card_of(answer: Answer) -> CardShown:
    """The plan card of an answer."""
    report = report_of(answer)
    jobs = answer.jobs if isinstance(answer, Solved | Stopped) else ()
    one = jobs[0] if len(jobs) == 1 else None
    blocks = (*report.wide, *report.left, *report.right)
    elsewhere = {"What more would buy", "Other plans worth a look", "The nearest plans"}
    elsewhere |= {"The smallest single changes that help", "Cheapest first, no promise of accuracy"}
    if len(jobs) > 1:
        elsewhere.add("The plan")  # it stands in the middle of the window
    tables = tuple(b for b in blocks if isinstance(b, Table) and b.title not in elsewhere)
    said = tuple(b for b in blocks if isinstance(b, Section))
    title, others = _others(answer)
    moves = answer.worth if isinstance(answer, Solved) else ()
    return CardShown(
        badge=report.outcome,
        tone=report.tone,
        headline=report.headline,
        why=report.why,
        figures=_answer_figures(answer),
        tables=tables,
        moves_title="What more would buy",
        moves=tuple(choice_of(move) for move in moves),
        others_title=title,
        others=tuple(_other(other) for other in others),
        memory=None if one is None else memory_of(one),
        grounds=(*said, *report.grounds),
    )


def job_tables(answer: Answer) -> tuple[Table, ...]:
    """The plan of several jobs, job by job, and what each limit leaves."""
    if not isinstance(answer, Solved | Stopped) or len(answer.jobs) < 2:  # noqa: PLR2004 - one needs no table
        return ()
    plan = job_table(answer.jobs, answer.facts)
    # Keys stand in the card and machines on the timeline; here they would widen the table.
    kept = [at for at, header in enumerate(plan.headers) if header != "Machines"]
    rows = tuple(tuple(row[at].partition("\n")[0] for at in kept) for row in plan.rows)
    headers = tuple(plan.headers[at] for at in kept)
    align = "".join(plan.align[at] for at in kept)
    return (
        replace(plan, headers=headers, rows=rows, align=align),
        limit_table(answer.limits, answer.joint_chance, one_job=False),
    )


def look_of(job: PlannedJob, answer: Answer) -> CardShown:
    """The card of a candidate that was clicked, or of one of several jobs."""
    solved = answer if isinstance(answer, Solved | Stopped) else None
    every = () if solved is None else solved.limits
    limits = tuple(limit for limit in every if limit.job in (None, job.name))
    is_planned = solved is not None and len(solved.jobs) > 1 and job in solved.jobs
    machines = f"{job.total_gpus} × {job.offer.accelerator_name}"
    where = f"{places_text(job)}."
    return CardShown(
        badge="One job of the plan" if is_planned else "A closer look",
        tone="good" if is_planned else "warning",
        headline=f"{job.model}, {job.method}, on {machines}",
        why=f"{where} {_when(job)}" if is_planned else f"{where} {NOT_THE_PLAN}",
        figures=tuple(
            _figure(label, spread, name, _bound(limits, name), None)
            for label, spread, name in _quantities(job.hours, job.usd, job.accuracy)
        ),
        tables=(plan_card(job, answer.facts),),
        memory=memory_of(job),
        is_a_look=True,
    )


def _when(job: PlannedJob) -> str:
    """When a job of a plan runs, and after what."""
    # Answers of the first version know no starts.
    end = job.end_hours or job.start_hours + job.hours.at_confidence
    after = f", after {listed(list(job.waits_for))}" if job.waits_for else ""
    return (
        f"{job.name} begins {hours_text(job.start_hours)} after the start of all work{after}, "
        f"and has ended after {hours_text(end)} with the asked confidence."
    )


def memory_of(job: PlannedJob) -> MemoryShown:
    """Memory of one GPU by part."""
    use = job.memory
    parts = [(words, float(getattr(use, name))) for name, words in MEMORY_WORDS.items()]
    shown = sorted((part for part in parts if part[1] > 0), key=lambda part: -part[1])
    words = f"at most {bytes_text(use.upper)} of {bytes_text(use.capacity)} a GPU"
    return MemoryShown(tuple(shown), use.capacity, words)


def spoken(card: CardShown) -> str:
    """The card as text, for screen readers and the clipboard."""
    lines = [card.badge, card.headline]
    lines += [f"{f.label}: {f.value}, {f.interval}; {f.room}" for f in card.figures]
    return "\n".join([*lines, card.why])


def _answer_figures(answer: Answer) -> tuple[FigureShown, ...]:
    if not isinstance(answer, Solved | Stopped) or not answer.jobs:
        return ()
    jobs = answer.jobs
    hours = answer.total_hours if isinstance(answer, Solved) else jobs[0].hours
    usd = answer.total_usd if isinstance(answer, Solved) else jobs[0].usd
    known = [job.accuracy for job in jobs if job.accuracy is not None]
    accuracy = min(known, key=lambda spread: spread.median) if known else None
    one_job = len(answer.question.jobs) == 1

    def figure(label: str, spread: Spread | None, name: LimitName) -> FigureShown:
        kept = limit_of_all(answer.limits, name, one_job=one_job)
        shown = _figure(label, spread, name, None, kept)
        owned = kept is None and any(limit.name == name for limit in answer.limits)
        return replace(shown, room=OWN_LIMITS) if owned else shown

    return tuple(
        figure(label, spread, name)
        for label, spread, name in _quantities(hours, usd, accuracy, one_job=one_job)
    )


def _quantities(
    hours: Spread, usd: Spread, accuracy: Spread | None, *, one_job: bool = True
) -> tuple[tuple[str, Spread | None, LimitName], ...]:
    return (
        ("Time", hours, "deadline"),
        ("Cost", usd, "budget"),
        ("Accuracy" if one_job else "Lowest accuracy", accuracy, "min_accuracy"),
    )


TEXTS: dict[str, Callable[[float], str]] = {
    "deadline": hours_text,
    "budget": usd_text,
    "min_accuracy": accuracy_text,
}


def _figure(
    label: str, spread: Spread | None, name: LimitName, bound: float | None, kept: LimitKept | None
) -> FigureShown:
    """One quantity; against a limit with its chance (`kept`) or against the bare `bound`."""
    if spread is None:
        return FigureShown(
            label, "unknown", "nothing known predicts it", "not compared", "warning", None
        )
    text = TEXTS[name]
    room = "no limit"
    tone: Tone = "good"
    if kept is not None:
        room = f"{slack_text(kept)} of {limit_text(name, kept.value)}"
        if name == "min_accuracy":
            room = f"{slack_text(kept)} over {limit_text(name, kept.value)}"
        room += f" · chance {chance_text(kept.chance)}" + (" · binds" if kept.binds else "")
        tone = "bad" if kept.slack < 0 else "warning" if kept.binds else "good"
        bound = kept.value
    elif bound is not None:
        misses = spread.at_confidence > bound
        if name == "min_accuracy":
            misses = spread.at_confidence < bound
        room = f"{'misses' if misses else 'keeps'} {limit_text(name, bound)}"
        tone = "bad" if misses else "good"
    interval = interval_text(spread.low80, spread.high80, text)
    return FigureShown(
        label,
        text(spread.median),
        f"80 %: {interval}",
        room,
        tone,
        _gauge(spread, bound, is_minimum=name == "min_accuracy"),
    )


def _gauge(spread: Spread, limit: float | None, *, is_minimum: bool) -> Gauge:
    values = [spread.low80, spread.high80, spread.at_confidence, *([limit] if limit else [])]
    if is_minimum:
        start, end = max(0.0, min(values) - 0.1), 1.0
    else:
        start, end = 0.0, max(values) * ROOM
    length = max(end - start, 1e-12)

    def place(value: float) -> float:
        return min(max((value - start) / length, 0.0), 1.0)

    return Gauge(
        place(spread.low80),
        place(spread.high80),
        place(spread.median),
        place(spread.at_confidence),
        None if limit is None else place(limit),
        is_minimum,
    )


def _bound(limits: tuple[LimitKept, ...], name: LimitName) -> float | None:
    kept = limit_of_all(limits, name, one_job=True)
    return None if kept is None else kept.value


def _others(answer: Answer) -> tuple[str, tuple[Alternative, ...]]:
    if isinstance(answer, Solved):
        return "Other plans worth a look", answer.alternatives
    if isinstance(answer, Impossible):
        return "The nearest plans", answer.nearest
    if isinstance(answer, Unknown):
        return "Cheapest first, no promise of accuracy", answer.ranking
    return "", ()


def _other(other: Alternative) -> Choice:
    figures = figures_text(other.hours, other.usd, other.accuracy)
    why, _, change = other.why.partition(": ")
    title = why[0].upper() + why[1:]
    key = other.keys[0] if len(other.keys) == 1 else ""
    detail = readable_key(key) if key else listed([readable_key(k) for k in other.keys[:2]])
    return Choice(title, f"{detail}\n{change}" if change else detail, figures, key)


def choice_of(move: Move) -> Choice:
    """A change of one limit or switch as something that can be clicked."""
    text = move.text[0].upper() + move.text[1:]
    title, _, gain = text.partition(": ")
    return Choice(title, gain, figures_text(move.hours, move.usd, move.accuracy), move=move)


def readable_key(key: str) -> str:
    """A candidate's name for people: model · method · precision · machines."""
    parts = key.split(":")
    if len(parts) not in (6, 7):  # MODEL:METHOD:PRECISION:OFFER:COUNT:EPOCHS and perhaps :FORMAT
        return key
    model, method, _, offer, count, passes, *narrow = parts
    provider, sku = offer.split("/")[0], "/".join(offer.split("/")[1:2])
    many = passes.removesuffix("e")
    return (
        f"{model} · {method} · {count_words(count, sku or offer)} ({provider}) · "
        f"{many} {'pass' if many == '1' else 'passes'}"
        + "".join(f" · deployed in {name}" for name in narrow)
    )


def count_words(count: str, sku: str) -> str:
    """Machines as a key counts them: 2 × p4d, 1 × g5 each of 4 at once, a while on spot."""
    machines, _, window = count.partition(WINDOW_MARK)
    instances, _, beside = machines.partition("x")
    many = f"{instances} × {sku}" + (f", {beside} at once" if beside else "")
    return many + (f", spot for {window} × the work, then on demand" if window else "")


def figures_text(hours: float | None, usd: float | None, accuracy: float | None) -> str:
    """Time, cost and accuracy in a line, without what is not known."""
    said = []
    if hours is not None:
        said.append(hours_text(hours))
    if usd is not None:
        said.append(usd_text(usd))
    if accuracy is not None:
        said.append(accuracy_text(accuracy))
    return " · ".join(said)
