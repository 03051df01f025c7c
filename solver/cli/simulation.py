"""What `trilemma plan --simulate` prints: how often limits held, beside the promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.cli.terminal import say, say_sentence, say_table
from solver.export.words import chance_text
from solver.outcome.moves import LIMIT_NOUNS

if TYPE_CHECKING:
    from solver.plan_values import Frequency, Simulation


def say_simulation(told: Simulation) -> None:
    """Print the share of outcomes in which limits held, each with its 95 % interval."""
    say()
    verdict = "keeps its promise" if told.together.high95 >= told.promised else "falls short"
    say_sentence(
        f"Simulated {told.draws:,} outcomes (seed {told.seed}) with the factors that jobs share: "
        f"{chance_text(told.promised)} promised, {_share(told.together)} kept every limit; the "
        f"plan {verdict}."
    )
    rows = [
        (
            LIMIT_NOUNS[limit.name] + (f" of {limit.job}" if limit.job else ""),
            _share(limit.kept),
            _interval(limit.kept),
        )
        for limit in told.limits
    ]
    rows.append(("all together", _share(told.together), _interval(told.together)))
    say_table(("", "kept", "95 % interval"), rows, "lrr")


def _share(kept: Frequency) -> str:
    return f"{100 * kept.share:.1f} %"


def _interval(kept: Frequency) -> str:
    return f"{100 * kept.low95:.1f}–{100 * kept.high95:.1f} %"
