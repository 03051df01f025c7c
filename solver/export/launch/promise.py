"""The comment above every launch file: what was promised, for what, and on what it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.grounds import HASH_SHOWN
from solver.export.words import (
    accuracy_text,
    chance_text,
    count_text,
    hours_text,
    interval_text,
    layout_text,
    listed,
    moment_text,
    plural,
    tokens_text,
    usd_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Spread, Stopped


def promise(answer: Solved | Stopped, run: Settings) -> tuple[str, ...]:
    """Sentences of the header, one comment line each."""
    made, planned = answer.provenance, run.planned
    origin = (
        f"Planned by Trilemma {made.app}, asked {moment_text(answer.asked_at)}; catalogue"
        f" {made.catalog_revision}, SHA-256 {made.catalog_sha256[:HASH_SHOWN]}."
    )
    promised = (
        f"Promise, 80 % of outcomes in brackets: {_spread(planned.hours, hours_text)},"
        f" {_spread(planned.usd, usd_text)}, accuracy {_accuracy(planned.accuracy)}."
    )
    return (
        origin,
        f"Job {run.position}: {planned.name}",
        f"Plan: {planned.key}",
        promised,
        *_chance(answer),
        _work(run),
        *(f"Layout: {layout_text(stage.layout)}." for stage in run.stages),
        *_rate(run),
        *_interruptions(run),
    )


def _spread(spread: Spread, text: Callable[[float], str]) -> str:
    return f"{text(spread.median)} ({interval_text(spread.low80, spread.high80, text)})"


def _accuracy(spread: Spread | None) -> str:
    return "unknown, nothing predicts it" if spread is None else _spread(spread, accuracy_text)


def _chance(answer: Solved | Stopped) -> tuple[str, ...]:
    if answer.joint_chance is None or not answer.limits:
        return ()
    return (f"All limits together hold in {chance_text(answer.joint_chance)} of outcomes.",)


def _work(run: Settings) -> str:
    planned = run.planned
    over = "" if planned.examples is None else f" over {count_text(planned.examples)} examples"
    said = (
        f"It holds for {plural(planned.epochs, 'pass', 'passes')}{over},"
        f" {tokens_text(planned.tokens)} in {plural(run.steps, 'step')}."
    )
    if planned.trials > 1:
        said += (
            f" The figures are for {planned.trials} trials: start this so often, each with another"
            " seed or learning rate."
        )
    return said


def _rate(run: Settings) -> tuple[str, ...]:
    if run.recipe is None:
        return ()
    recipe = run.recipe
    read = "cited from the paper" if recipe.read_on is None else f"read {recipe.read_on}"
    said = (
        f"Learning rate {run.learning_rate:g}, {recipe.schedule}, {run.warmup_steps} steps of"
        f" warm-up: {recipe.source}; {read}."
    )
    assumed = f"Assumed, as the source does not say: {listed(recipe.assumed)}."
    return (said, assumed) if recipe.assumed else (said,)


def _interruptions(run: Settings) -> tuple[str, ...]:
    if run.checkpoint_hours is None:
        return ()
    steps = plural(run.checkpoint_steps or 1, "step")
    said = (
        f"Interruptible machines: a checkpoint every {hours_text(run.checkpoint_hours)} ({steps})"
        " loses least (young1974); a restart goes on from the last one."
    )
    window = run.planned.spot_window
    if window is None:
        return (said,)
    then = (
        f"If it is not done after {hours_text(window.hours)} ({chance_text(window.chance)} of"
        f" outcomes), stop it and start it again on {run.planned.instances} × {window.then.sku}"
        f" {window.then.pricing}, with the same folder of checkpoints: the promise counts on that."
    )
    return (said, then)
