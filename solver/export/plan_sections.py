"""The parts of a report that show a plan: its figures, its card, its limits, what else there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.bullets import Bullet, bullet_svg
from solver.export.sections import Figure, Table
from solver.export.tables import lines, printable
from solver.export.themes import LIGHT
from solver.export.words import (
    LIMIT_WORDS,
    accuracy_text,
    bytes_text,
    chance_text,
    co2_text,
    count_text,
    date_text,
    energy_text,
    gb_text,
    hours_text,
    interval_text,
    key_text,
    layout_text,
    limit_text,
    machine_text,
    milliseconds_text,
    name_text,
    place_text,
    places_text,
    plural,
    short_count_text,
    slack_text,
    tokens_per_s_text,
    tokens_text,
    usd_per_hour_text,
    usd_text,
    window_text,
)
from solver.question import SIXTEEN_BITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.export.sections import Tone
    from solver.plan import (
        Alternative,
        Bought,
        Counts,
        Facts,
        LeftOut,
        LimitKept,
        LimitName,
        MachineUsed,
        Move,
        PlannedJob,
        Spread,
    )

# Room that one page has; other media show everything.
JOBS_ON_PAGE = 10
LIMITS_ON_PAGE = 8
MOVES_ON_PAGE = 5
ALTERNATIVES_ON_PAGE = 4
KEYS_ON_PAGE = 2


def figures(
    hours: Spread,
    usd: Spread,
    accuracy: Spread | None,
    limits: tuple[LimitKept, ...],
    *,
    one_job: bool = True,
) -> tuple[Figure, ...]:
    """Time, cost and accuracy, each with its interval and its limit; of several jobs the lowest."""

    def figure(label: str, spread: Spread, text: Callable[[float], str], name: LimitName) -> Figure:
        kept = limit_of_all(limits, name, one_job=one_job)
        others = any(limit.name == name for limit in limits)
        return _figure(label, spread, text, kept, OWN_LIMITS if others else "no limit is set")

    accuracy_label = "Accuracy" if one_job else "Lowest accuracy"
    out = [
        figure("Time, median", hours, hours_text, "deadline"),
        figure("Cost, median", usd, usd_text, "budget"),
    ]
    if accuracy is None:
        note = "nothing published or measured predicts it, so it is not compared"
        return (*out, Figure(accuracy_label, "unknown", "", note, "warning", ""))
    return (
        *out,
        figure(f"{accuracy_label}, median", accuracy, accuracy_text, "min_accuracy"),
    )


def plan_card(job: PlannedJob, facts: Facts) -> Table:
    """One job of a plan, line by line."""
    rows = [
        ("Base model", f"{job.model}, {short_count_text(job.parameters)} parameters"),
        ("Method", f"{method_words(job, facts)}, {precision_words(job, facts)}"),
        ("Machines", machine_text(job.offer, job.total_instances)),
        ("From", f"{place_text(job.offer)} at {usd_per_hour_text(job.offer.usd_per_hour)} each"),
        ("Then", "" if job.spot_window is None else window_text(job.spot_window)),
        ("Work", _work(job)),
        ("Layout", "\n".join(map(layout_text, (job.layout, *job.other_phases)))),
        ("Speed", f"{tokens_per_s_text(job.tokens_per_s.median)} ({job.evidence.throughput})"),
        ("Memory", _memory(job)),
        ("Hours", _parts(job.time.model_dump(), hours_text)),
        ("Dollars", _parts(job.cost.model_dump(), usd_text)),
        ("Energy", _energy(job)),
        ("Result", _result(job)),
    ]
    if job.published_hours is not None:
        published = f"{hours_text(job.published_hours)} ({job.published_source})"
        rows.append(("Published", f"{published}; predicted {_interval(job.hours, hours_text)}"))
    shown = tuple(
        (name, words if name == "Layout" else printable(words)) for name, words in rows if words
    )
    return Table("The plan", ("", ""), shown, "ll", job.key)


def _result(job: PlannedJob) -> str:
    """What is handed over, and how fast it answers where a device is named."""
    said = f"weights of {gb_text(job.deployed_gb)}"
    if job.format != SIXTEEN_BITS:
        said += f" in {job.format}"
    if job.latency_ms is not None:
        said += f", an answer in {milliseconds_text(job.latency_ms)} on {job.deploy_on}"
    return said


def job_table(jobs: tuple[PlannedJob, ...], facts: Facts, *, whole_names: bool = False) -> Table:
    """Several jobs of a plan, a row each.

    Args:
        jobs: of the plan.
        facts: where methods have their names.
        whole_names: long names are not shortened.
    """
    rows: tuple[tuple[str, ...], ...] = tuple(
        (
            lines(job.name if whole_names else name_text(job.name), job.key),
            printable(f"{job.model}, {method_words(job, facts)}"),
            printable(f"{machine_text(job.offer, job.total_instances)}, {places_text(job)}"),
            hours_text(job.hours.median),
            usd_text(job.usd.median),
            accuracy_text(None if job.accuracy is None else job.accuracy.median),
        )
        for job in jobs
    )
    headers: tuple[str, ...] = ("Job", "What is trained", "Machines", "Time", "Cost", "Accuracy")
    align = "lllrrr"
    if any(job.start_hours > 0 for job in jobs):
        starts = (
            "at once" if job.start_hours <= 0 else hours_text(job.start_hours) for job in jobs
        )
        rows = tuple((*row[:3], start, *row[3:]) for row, start in zip(rows, starts, strict=True))
        headers, align = (*headers[:3], "Starts after", *headers[3:]), "lllrrrr"
    return Table("The plan", headers, rows, align, page_rows=JOBS_ON_PAGE, page_lines=1)


def left_out_table(left_out: tuple[LeftOut, ...]) -> Table:
    """Optional jobs that the plan does without."""
    rows = tuple(
        (name_text(job.name), usd_text(job.value_usd), printable(job.why)) for job in left_out
    )
    return Table("Left out", ("Job", "Worth", "Why"), rows, "srl", page_rows=LIMITS_ON_PAGE)


def bought_table(bought: tuple[Bought, ...]) -> Table:
    """Capacity that is paid for whole, used or not."""
    rows = tuple((name_text(it.name), count_text(it.machines), usd_text(it.usd)) for it in bought)
    return Table("Bought whole", ("Capacity", "Machines", "Cost"), rows, "lrr")


def limit_table(
    limits: tuple[LimitKept, ...], joint_chance: float | None, *, one_job: bool
) -> Table:
    """Each limit, what counts against it, the room left and the chance that it holds.

    Args:
        limits: those of all jobs together and of each job.
        joint_chance: that all hold together; None where it was not simulated. [0..1]
        one_job: then a limit needs no job's name.
    """
    first = sorted(limits, key=lambda kept: (kept.job is not None, not kept.binds, kept.chance))
    rows = tuple(
        (
            _limit_words(kept, one_job=one_job) + (" (binds)" if kept.binds else ""),
            limit_text(kept.name, kept.value),
            limit_text(kept.name, kept.at_confidence),
            slack_text(kept),
            chance_text(kept.chance),
        )
        for kept in first
    )
    note = ""
    if joint_chance is not None:
        note = f"All together hold in {chance_text(joint_chance)} of simulated outcomes."
    headers = ("Limit", "Value", "Counted", "Room", "Chance")
    title = "What binds" if any(kept.binds for kept in limits) else "No limit binds"
    return Table(title, headers, rows, "lrrrr", note, page_rows=LIMITS_ON_PAGE)


def move_table(title: str, moves: tuple[Move, ...]) -> Table:
    """Changes of the question and what they bring."""
    rows = tuple(
        (
            printable(move.text),
            "" if move.hours is None else hours_text(move.hours),
            "" if move.usd is None else usd_text(move.usd),
            "" if move.hours is None else accuracy_text(move.accuracy),
        )
        for move in moves
    )
    headers = ("Change", "Time", "Cost", "Accuracy")
    return Table(title, headers, rows, "lrrr", page_rows=MOVES_ON_PAGE)


def alternative_table(
    title: str, others: tuple[Alternative, ...], *, whole_width: bool = False
) -> Table:
    """Other plans and how they differ; the keys are the small print of the first column."""
    rows = tuple(
        (
            lines(other.why, *map(key_text, other.keys)),
            hours_text(other.hours),
            usd_text(other.usd),
            accuracy_text(other.accuracy),
        )
        for other in others
    )
    return Table(
        title,
        ("Plan", "Time", "Cost", "Accuracy"),
        rows,
        "lrrr",
        whole_width=whole_width,
        page_rows=ALTERNATIVES_ON_PAGE,
        page_lines=1 + KEYS_ON_PAGE,
    )


def excluded_table(counts: Counts) -> Table:
    """Why combinations are no candidates, the most frequent reasons first."""
    reasons = sorted(counts.excluded.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple((reason, count_text(count)) for reason, count in reasons if count)
    return Table("What was left out, and why", ("Reason", "Combinations"), rows, "lr")


def method_words(job: PlannedJob, facts: Facts) -> str:
    """The method as people call it: LoRA of rank 16, full fine-tuning."""
    name = _name(facts, "methods", job.method)
    return name if job.rank is None else f"{name} of rank {job.rank}"


def precision_words(job: PlannedJob, facts: Facts) -> str:
    """The precision as people call it, with the storage of frozen weights."""
    name = _name(facts, "precisions", job.precision)
    return f"{name}, frozen weights in {job.storage}" if job.storage else name


def machine_price_words(offer: MachineUsed) -> str:
    """The price that a job was planned with, and how far it was checked."""
    if offer.pricing == "owned":
        return f"{offer.sku}: your own rate of {usd_per_hour_text(offer.usd_per_hour)}"
    checked = {"yes": "checked at its source", "partial": "partly checked", "no": "not checked"}
    price = f"{usd_per_hour_text(offer.usd_per_hour)} on {date_text(offer.price_date)}"
    marked = f"; doubtful: {offer.marked}" if offer.marked else ""
    said = checked.get(offer.verified, offer.verified)
    return f"{offer.key}: {price}, {said}{marked} ({offer.source})"


def _name(facts: Facts, table: str, key: str) -> str:
    for row in facts.catalog.get(table, []):
        if row.get("id") == key:
            return str(row.get("name") or key)
    return key


def _figure(
    label: str,
    spread: Spread,
    text: Callable[[float], str],
    kept: LimitKept | None,
    without: str,
) -> Figure:
    interval = _interval(spread, text)
    tone: Tone = "good"
    if kept is None:
        said = without
    else:
        counted, chance = text(kept.at_confidence), chance_text(kept.chance)
        said = f"limit {text(kept.value)} · counted {counted} · chance {chance}"
        tone = "bad" if kept.slack < 0 else "warning" if kept.binds else "good"
    is_accuracy = text is accuracy_text
    bullet = Bullet(spread, kept.value if kept else None, is_accuracy, not is_accuracy)
    words = f"{label} {text(spread.median)}, 80 % of outcomes {interval}; {said}"
    return Figure(
        label, text(spread.median), interval, said, tone, bullet_svg(bullet, LIGHT, words)
    )


OWN_LIMITS = "jobs have limits of their own"
"""Beside a figure of all jobs, which the limit of one says nothing about."""


def limit_of_all(
    limits: tuple[LimitKept, ...], name: LimitName, *, one_job: bool
) -> LimitKept | None:
    """The tightest limit of a name on all jobs together; that of a single job is no other."""
    found = [limit for limit in limits if limit.name == name and (one_job or limit.job is None)]
    return min(found, key=lambda limit: limit.slack) if found else None


def _limit_words(kept: LimitKept, *, one_job: bool) -> str:
    return LIMIT_WORDS[kept.name] + (
        f" of {name_text(kept.job)}" if kept.job and not one_job else ""
    )


def _interval(spread: Spread, text: Callable[[float], str]) -> str:
    return interval_text(spread.low80, spread.high80, text)


def _parts(parts: dict[str, float], text: Callable[[float], str]) -> str:
    """The parts of a sum, largest first, without what rounds to nothing."""
    total = sum(parts.values())
    large = [(name, value) for name, value in parts.items() if value > total / 1000]
    return ", ".join(f"{name} {text(value)}" for name, value in sorted(large, key=lambda p: -p[1]))


def _work(job: PlannedJob) -> str:
    passes = plural(job.epochs, "pass", "passes")
    over = "" if job.examples is None else f" over {count_text(job.examples)} examples"
    trials = f", {plural(job.trials, 'trial')}" if job.trials > 1 else ""
    if job.trials_at_once > 1:
        trials += f", {job.trials_at_once} at once"
    return f"{passes}{over}, {tokens_text(job.tokens)}{trials}"


def _memory(job: PlannedJob) -> str:
    use = job.memory
    most = f"at most {bytes_text(use.upper)} of {bytes_text(use.capacity)} a GPU"
    return f"{bytes_text(use.total)}, {most} ({job.evidence.memory})"


def _energy(job: PlannedJob) -> str:
    if job.energy_kwh is None:
        return "not known"
    co2 = "CO₂ not known" if job.co2_kg is None else f"{co2_text(job.co2_kg)} of CO₂"
    return f"{energy_text(job.energy_kwh)}, {co2}"
