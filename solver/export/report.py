"""From an answer to a report: what the page says for each kind of outcome."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, assert_never

from solver.export.detail_risk import mix_table
from solver.export.details import details
from solver.export.grounds import footer, grounds
from solver.export.plan_sections import (
    alternative_table,
    bought_table,
    excluded_table,
    figures,
    job_table,
    left_out_table,
    limit_table,
    machine_price_words,
    method_words,
    move_table,
    plan_card,
)
from solver.export.question_words import deadline_hours, question_sentences, title_of
from solver.export.region_plot import RegionChart
from solver.export.sections import Report, Section, Table
from solver.export.words import (
    LIMIT_WORDS,
    count_text,
    gap_text,
    listed,
    moment_text,
    plural,
    sentence,
    usd_text,
)
from solver.plan import Failed, Impossible, Solved, Stopped, Unknown
from solver.plan_values import BEST_TRIED, NONE_TRIED

if TYPE_CHECKING:
    from solver.export.sections import Figure, Tone
    from solver.plan import Answer, Facts, PlannedJob, Spread

TIES_SHOWN = 3


def report_of(answer: Answer) -> Report:
    """The report of an answer, whatever its outcome."""
    match answer:
        case Solved():
            return _solved(answer)
        case Impossible():
            return _impossible(answer)
        case Unknown():
            return _unknown(answer)
        case Stopped():
            return _stopped(answer)
        case Failed():
            return _failed(answer)
        case _ as never:
            assert_never(never)


def region_chart(answer: Answer) -> RegionChart | None:
    """The region of an answer with its plan and limits; None for questions of several jobs."""
    if answer.region is None:
        return None
    question = answer.question
    job = answer.jobs[0] if isinstance(answer, Solved | Stopped) and answer.jobs else None
    return RegionChart(
        answer.region,
        None if job is None else (job.hours.at_confidence, job.usd.at_confidence),
        deadline_hours(question, answer.asked_at),
        question.limits.budget_usd,
        question.jobs[0].min_accuracy,
        title_of(question),
    )


def _solved(answer: Solved) -> Report:
    jobs = answer.jobs
    alone = len(jobs) == 1
    plan = _plan(jobs, answer.facts)
    limits = limit_table(answer.limits, answer.joint_chance, one_job=alone)
    right: list[Table | Section] = [limits] if alone else []
    if answer.worth:
        right.append(move_table("What more would buy", answer.worth))
    if answer.alternatives:
        title = "Other plans worth a look"
        right.append(alternative_table(title, answer.alternatives, whole_width=True))
    if answer.ties:
        shown = answer.ties[:TIES_SHOWN]
        more = (
            "" if len(shown) == len(answer.ties) else f" and {len(answer.ties) - len(shown)} more"
        )
        right.append(
            Section("Equally good", (f"Taken by key order before {listed(shown)}{more}.",))
        )
    unproven = answer.solver.status == BEST_TRIED
    return _report(
        answer,
        ("Best of the plans tried", "warning") if unproven else ("Proven plan", "good"),
        _headline(jobs, answer.facts),
        answer.why,
        figures=_figures(answer),
        wide=_beside_jobs(answer) if alone else (plan, *_beside_jobs(answer)),
        left=(plan,) if alone else (limits,),
        right=tuple(right),
    )


def _beside_jobs(answer: Solved | Stopped) -> tuple[Table, ...]:
    """What a plan leaves out and what it buys, where it does."""
    out = (left_out_table(answer.left_out),) if answer.left_out else ()
    return (*out, bought_table(answer.bought)) if answer.bought else out


def _figures(answer: Solved) -> tuple[Figure, ...]:
    known = [job.accuracy for job in answer.jobs if job.accuracy is not None]
    lowest: Spread | None = min(known, key=lambda spread: spread.median) if known else None
    one_job = len(answer.question.jobs) == 1
    return figures(answer.total_hours, answer.total_usd, lowest, answer.limits, one_job=one_job)


def _impossible(answer: Impossible) -> Report:
    limits = [LIMIT_WORDS.get(name, name) for name in answer.conflict]
    limits += [name.replace("_", " ") for name in answer.conflict_switches]
    reach = "Out of reach" if len(limits) == 1 else "These cannot hold together"
    conflict = f"{reach}: {listed(limits)}" if limits else ""
    right: tuple[Table | Section, ...] = ()
    if answer.nearest:
        right = (alternative_table("The nearest plans", answer.nearest),)
    left = move_table("The smallest single changes that help", answer.relaxations)
    none = Section("No single change helps", ("Change several limits or switches together.",))
    mixed = (mix_table(answer.mix),) if answer.mix else ()
    if not answer.conflict:
        wider = "Allow more base models, methods, precisions or machines."
        none = Section("What would help", (wider,))
    untold = answer.solver.status == NONE_TRIED
    return _report(
        answer,
        ("No plan was found" if untold else "No plan keeps every limit", "bad"),
        conflict or "Nothing that the question allows can run",
        answer.why,
        left=(left if answer.relaxations else none, *mixed),
        right=(*right, excluded_table(answer.counts)),
    )


def _unknown(answer: Unknown) -> Report:
    rows = tuple(
        (
            pilot.model,
            listed([f"{n:,}" for n in pilot.examples]),
            "" if pilot.usd is None else usd_text(pilot.usd),
        )
        for pilot in answer.pilots
    )
    pilots = Table("Pilots to measure", ("Model", "Examples", "Cost"), rows, "llr")
    said = tuple(
        dict.fromkeys(f"{sentence(pilot.reason)} {sentence(pilot.text)}" for pilot in answer.pilots)
    )
    left_out = excluded_table(answer.counts)
    right: tuple[Table | Section, ...] = ()
    if answer.ranking:
        right = (alternative_table("Cheapest first, no promise of accuracy", answer.ranking),)
    return _report(
        answer,
        ("Not known yet", "warning"),
        "Measure before you decide: nothing known predicts this accuracy",
        answer.why,
        left=(pilots, Section("Why these", said), left_out) if rows else (left_out,),
        right=right,
    )


def _stopped(answer: Stopped) -> Report:
    solver = answer.solver
    proof = f"Solver: {solver.status}; distance to the bound: {gap_text(solver.gap)}."
    found = answer.jobs
    one = found[0] if len(found) == 1 else None
    plan: tuple[Table | Section, ...] = (_plan(found, answer.facts),) if found else ()
    limits = limit_table(answer.limits, answer.joint_chance, one_job=one is not None)
    return _report(
        answer,
        ("Stopped before the proof", "warning"),
        f"Best so far: {_headline(found, answer.facts)}" if found else "No plan was found in time",
        answer.why,
        figures=() if one is None else figures(one.hours, one.usd, one.accuracy, answer.limits),
        wide=_beside_jobs(answer) if one else (*plan, *_beside_jobs(answer)),
        left=plan if one else (Section("Proof", (proof,)),),
        right=(limits, Section("Proof", (proof,))) if one else (limits,) if found else (),
    )


def _failed(answer: Failed) -> Report:
    kept = "The question is kept in the answer file and can be asked again."
    return _report(
        answer,
        ("Failed", "bad"),
        "The program failed, not the question",
        answer.why,
        left=(Section("What to do", (kept, "Please report the message above with the file.")),),
    )


def _report(
    answer: Answer,
    outcome: tuple[str, Tone],
    headline: str,
    why: str,
    *,
    figures: tuple[Figure, ...] = (),
    wide: tuple[Table | Section, ...] = (),
    left: tuple[Table | Section, ...] = (),
    right: tuple[Table | Section, ...] = (),
) -> Report:
    counts = answer.counts
    note = (
        f"{plural(counts.combinations, 'combination')} looked at,"
        f" {plural(counts.candidates, 'candidate')} can run,"
        f" {plural(counts.feasible, 'candidate keeps', 'candidates keep')} every limit."
        " Time and cost as counted against the limits."
    )
    return Report(
        title=title_of(answer.question),
        subtitle=f"Asked {moment_text(answer.asked_at)}",
        outcome=outcome[0],
        tone=outcome[1],
        headline=headline,
        why=sentence(why),
        question=question_sentences(answer.question, answer.asked_at),
        figures=figures,
        chart=region_chart(answer),
        chart_note=note,
        wide=wide,
        left=left,
        right=right,
        grounds=grounds(answer, _planned(answer)),
        footer=footer(answer),
        made_at=answer.asked_at,
        details=partial(details, answer),
    )


def _planned(answer: Answer) -> tuple[str, ...]:
    """The prices that a plan rests on."""
    jobs = answer.jobs if isinstance(answer, Solved | Stopped) else ()
    return tuple(dict.fromkeys(machine_price_words(offer) for job in jobs for offer in job.offers))


def _plan(jobs: tuple[PlannedJob, ...], facts: Facts) -> Table:
    return plan_card(jobs[0], facts) if len(jobs) == 1 else job_table(jobs, facts)


def most_gpus(jobs: tuple[PlannedJob, ...]) -> int:
    """Accelerators in use at any one time, at most. [1]"""
    return max(
        (
            sum(
                other.total_gpus
                for other in jobs
                if other.start_hours <= job.start_hours < max(other.end_hours, other.start_hours)
                or other is job
            )
            for job in jobs
        ),
        default=0,
    )


def _headline(jobs: tuple[PlannedJob, ...], facts: Facts) -> str:
    if not jobs:
        return "Nothing is worth doing"
    if len(jobs) != 1:
        at_once = f"{plural(most_gpus(jobs), 'GPU')} at once"
        return f"{plural(len(jobs), 'job')} on at most {at_once}"
    job = jobs[0]
    machines = f"{count_text(job.total_gpus)} × {job.offer.accelerator_name}"
    return f"{job.model} by {method_words(job, facts)} on {machines}"
