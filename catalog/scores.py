"""Published scores on one task for a reader: best first, with method, data, source and year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.show import Listing, text_of
from catalog.units import PERCENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Score, Task
    from catalog.tables import Catalog

HEADERS = (
    "model",
    "score",
    "metric",
    "method",
    "format",
    "examples",
    "passes",
    "split",
    "year",
    "verified",
    "source",
)


def published_on(catalog: Catalog, task: Task, words: Sequence[str] = ()) -> tuple[Score, ...]:
    """The scores on a task in which every word occurs, by metric and split, best first.

    Args:
        catalog: where to look.
        task: one of its tasks.
        words: what must occur in a row, in any case; none: all rows.
    """
    wanted = [word.lower() for word in words]
    found = [score for score in catalog.scores if score.task == task.id and _holds(score, wanted)]
    return tuple(sorted(found, key=lambda s: (s.metric, s.split, -s.score, s.model, s.method)))


def score_listing(scores: Sequence[Score]) -> Listing:
    """Scores as a table of text; scores in percent, as their sources print them.

    Args:
        scores: rows of the catalogue.
    """
    return Listing(HEADERS, tuple(_row(score) for score in scores))


def _row(score: Score) -> tuple[str, ...]:
    return (
        score.model,
        f"{score.score * PERCENT:.1f}",
        score.metric,
        score.method if score.rank is None else f"{score.method}-r{score.rank}",
        score.precision,
        text_of(score.train_examples),
        text_of(score.epochs),
        score.split,
        text_of(score.year),
        score.verified.value,
        score.source,
    )


def _holds(score: Score, wanted: Sequence[str]) -> bool:
    haystack = "\n".join(text_of(value) for value in score.model_dump().values()).lower()
    return all(word in haystack for word in wanted)
