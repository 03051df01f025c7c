"""Sections of the page on the impossible triangle about the moves, as Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.triangle_moves import attention_table
from benchmarks.triangle_words import ATTENTION
from solver.export.words import (
    accuracy_text,
    bytes_text,
    count_text,
    hours_text,
    interval_text,
    listed,
    plural,
    points_text,
    usd_text,
)

if TYPE_CHECKING:
    from benchmarks.triangle_moves import Desk, Move, State

LEAST_RATIO = 1.015
"""Smaller changes of time and cost are not told. [ratio]"""

LEAST_POINTS = 0.001
"""Smaller differences of accuracy are not told. [ratio]"""

IMAGES = "images"


def case_text(limits: dict[str, object], job: dict[str, object]) -> str:
    """A case as the file of a question, so that everybody can plan it."""
    models = job.get("models")
    lines = ["[limits]", *(f"{key} = {json.dumps(value)}" for key, value in limits.items())]
    lines += ["", "[[jobs]]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in job.items() if key != "models"]
    if isinstance(models, dict):
        lines += ["", "[jobs.models]", *(f"{k} = {json.dumps(v)}" for k, v in models.items())]
    return "\n".join(["```toml", *lines, "```"])


def move_section(move: Move) -> str:
    """One move: picture, what it wins and costs, why, and its states."""
    alt = f"{move.title}: time, cost and accuracy before and after"
    image = f"![{alt}]({IMAGES}/triangle-{move.slug}.svg)"
    told = table(
        ("", "time (80 %)", "cost (80 %)", "accuracy (80 %)", "memory of a GPU"),
        "lrrrr",
        [_state_cells(state) for state in move.states],
    )
    return f"### {move.title}\n\n{image}\n\n{_verdict(move)}\n\n{move.text}\n\n{told}"


def glance(made: tuple[Move, ...]) -> str:
    """All moves in one table, by the medians before and after."""
    rows = []
    for move in made:
        before, after = move.before, move.after
        points = ""
        if before.accuracy and after.accuracy:
            points = points_text(after.accuracy.median - before.accuracy.median)
        rows.append(
            (
                f"[{move.title}](#{_anchor(move.title)})",
                f"{hours_text(before.hours.median)} → " * before.fits
                + hours_text(after.hours.median),
                f"{usd_text(before.usd.median)} → " * before.fits + usd_text(after.usd.median),
                points.replace("+0.0", "±0.0").replace("−0.0", "±0.0"),
                "" if before.fits else "fits on no GPU without it",
            )
        )
    return table(("move", "time", "cost", "accuracy", ""), "lrrrl", rows)


def _anchor(title: str) -> str:
    """What a heading is linked by."""
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def _verdict(move: Move) -> str:
    """What the move wins and what it costs, by the medians before and after."""
    before, after = move.before, move.after
    if not before.fits:
        return f"**Won**: a run that was none. **Paid**: {usd_text(after.usd.median)}."
    won, paid = [], []
    for sooner, later, ratio in (
        ("sooner", "later", before.hours.median / after.hours.median),
        ("cheaper", "dearer", before.usd.median / after.usd.median),
    ):
        if ratio > LEAST_RATIO:
            won.append(_by(ratio, sooner))
        elif ratio < 1.0 / LEAST_RATIO:
            paid.append(_by(1.0 / ratio, later))
    if after.gpus < before.gpus:
        won.append(f"{plural(after.gpus, 'GPU')} instead of {before.gpus}")
    if before.accuracy and after.accuracy:
        points = after.accuracy.median - before.accuracy.median
        if abs(points) >= LEAST_POINTS:
            (won if points > 0 else paid).append(f"{points_text(points)} of accuracy")
    parts = [("Won", won), ("Paid", paid)]
    return " ".join(f"**{name}**: {listed(what) or 'nothing'}." for name, what in parts)


def _by(ratio: float, word: str) -> str:
    """A factor in words: 7.2 times sooner, 12 % dearer."""
    if ratio >= 1.5:
        return f"{ratio:.1f} times {word}"
    return f"{100 * (ratio - 1):.0f} % {word}"


def _state_cells(state: State) -> tuple[str, ...]:
    memory = f"{bytes_text(state.upper_bytes)} of {bytes_text(state.capacity_bytes)}"
    if not state.fits:
        return (state.name, "does not fit", "", "", memory)
    h, u, a = state.hours, state.usd, state.accuracy
    accuracy = "unknown"
    if a is not None:
        ends = interval_text(a.low80, a.high80, accuracy_text)
        accuracy = f"{accuracy_text(a.median)} ({ends})"
    return (
        state.name,
        f"{hours_text(h.median)} ({interval_text(h.low80, h.high80, hours_text)})",
        f"{usd_text(u.median)} ({interval_text(u.low80, u.high80, usd_text)})",
        accuracy,
        memory,
    )


def attention_section(desk: Desk) -> str:
    """What the length of sequences costs."""
    rows = attention_table(desk)
    first = rows[0][1]
    told = table(
        ("tokens of a sequence", "time", "against the shortest", "attention's share of a step"),
        "rrrr",
        [
            (
                count_text(length),
                hours_text(hours),
                f"{hours / first:.2f} ×",
                f"{100 * share:.0f} %",
            )
            for length, hours, share in rows
        ],
    )
    return f"### Attention is O(n²)\n\n{ATTENTION}\n\n{told}"


def table(headers: tuple[str, ...], align: str, rows: list[tuple[str, ...]]) -> str:
    """A table of Markdown; `align` has a letter a column, r for right."""
    rule = "|".join("---:" if letter == "r" else "---" for letter in align)
    lines = ["| " + " | ".join(headers) + " |", f"|{rule}|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
