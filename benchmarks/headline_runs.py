"""Writes the page on the impossible triangle: moves on it, and famous runs beside predictions.

    python -m benchmarks.headline_runs
    python -m benchmarks.headline_runs --check

Writes `docs/impossible-triangle.md` and its pictures; the same facts and constants give the same
bytes. `--check` writes nothing and fails where the page is stale; `--out` names another folder.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.headline_predictions import (
    as_planned,
    as_run,
    as_run_tokens_per_s,
    cheapest_offer,
    facts,
    headlines,
    usd_per_accelerator_hour,
)
from benchmarks.triangle_moves import SCRIPT, SMALL_GPUS, Desk, moves
from benchmarks.triangle_page import (
    IMAGES,
    attention_section,
    case_text,
    glance,
    move_section,
    table,
)
from benchmarks.triangle_pictures import Compared, move_svg, runs_svg
from benchmarks.triangle_words import (
    CASE,
    INTRODUCTION,
    MADE,
    MARKED,
    MOVES,
    PRICES,
    RUNS,
    SPEED,
)
from catalog.load import load_catalog
from solver.constants import shipped_constants
from solver.export.words import (
    count_text,
    hours_text,
    interval_text,
    listed,
    usd_text,
)

if TYPE_CHECKING:
    from benchmarks.headline_predictions import Headline, Hours
    from catalog.tables import Catalog
    from solver.constants import EstimateConstants
    from solver.plan import PlannedJob

DOCS = Path(__file__).parents[1] / "docs"

PAGE = "impossible-triangle.md"

AS_OF = date(2026, 11, 25)
"""The day on which the age of prices is counted, so that the page does not change by itself."""

MARKS = {"published": "", "not published": "", "derived": " †", "third parties": " ‡"}
"""Behind the name of a run, by who says what it took."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A famous run with what is predicted of it."""

    run: Headline
    was: Hours | None
    plan: PlannedJob | None

    @property
    def name(self) -> str:
        """The run with the mark of who says what it took; TPUs are told apart."""
        return f"{self.plain_name}{MARKS[self.run.first['standing']]}"

    @property
    def plain_name(self) -> str:
        """The same without the mark."""
        part = self.run.first["accelerator"]
        return f"{self.run.name}, {part}" if part.startswith("TPU") else self.run.name

    @property
    def is_inside(self) -> bool:
        """True where the published time lies in the interval of the run as it was."""
        stated = self.run.published_hours
        if self.was is None or stated is None:
            return False
        return self.was.low80 <= stated <= self.was.high80


def main(argv: list[str] | None = None) -> int:
    """Write the page and its pictures, or say what is stale."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing, fail where stale")
    parser.add_argument("--out", type=Path, default=DOCS, metavar="FOLDER", help="default: docs")
    arguments = parser.parse_args(argv)
    stale = []
    for name, content in files().items():
        path: Path = arguments.out / name
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(name)
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    if stale and arguments.check:
        print(f"Stale: {', '.join(stale)}. Run `python -m benchmarks.headline_runs`.")
        return 1
    print(f"Written: {', '.join(stale)}" if stale else "Up to date.")
    return 0


def files() -> dict[str, str]:
    """Every file of the page by its name below the folder."""
    constants = shipped_constants()
    shipped, widened = load_catalog(), facts()
    desk = Desk(shipped, constants, AS_OF)
    made = moves(desk)
    judged = tuple(_judged(run, widened, constants) for run in headlines())
    pictures = {f"{IMAGES}/triangle-{move.slug}.svg": move_svg(move) for move in made}
    pictures[f"{IMAGES}/triangle-runs.svg"] = runs_svg([_compared(j) for j in _with_times(judged)])
    sections = (
        INTRODUCTION,
        "## Moves",
        MOVES,
        case_text(SMALL_GPUS, SCRIPT),
        CASE,
        glance(made),
        *(move_section(move) for move in made),
        attention_section(desk),
        "## Famous runs",
        RUNS,
        _summary(judged),
        f"![Predicted over published hours]({IMAGES}/triangle-runs.svg)",
        _runs_table(judged),
        MARKED,
        "### Speed alone",
        SPEED,
        _speed_table(judged, widened),
        "### At today's prices",
        PRICES,
        _cost_table(judged, widened),
        "### Sources",
        _sources(judged),
        "## How this page was made",
        _origin(shipped, constants),
    )
    return {PAGE: "\n\n".join(part.strip() for part in sections) + "\n", **pictures}


def _judged(run: Headline, catalog: Catalog, constants: EstimateConstants) -> Judged:
    return Judged(run, as_run(run, catalog), as_planned(run, catalog, constants, AS_OF))


def _with_times(judged: tuple[Judged, ...]) -> tuple[Judged, ...]:
    return tuple(j for j in judged if j.run.published_hours is not None)


def _compared(judged: Judged) -> Compared:
    stated = judged.run.published_hours
    if stated is None:
        raise ValueError(f"{judged.name} has no published time")
    planned = None if judged.plan is None else judged.plan.hours.median
    return Compared(judged.plain_name, stated, judged.was, planned)


def _summary(judged: tuple[Judged, ...]) -> str:
    """How many published times lie in their intervals; computed, so that it stays true."""
    told = [j for j in _with_times(judged) if j.was is not None]
    inside = [j for j in told if j.is_inside]
    laid = [j for j in told if j.run.first["tp"] and "work" not in j.run.first["assumed"]]
    laid_inside = [j for j in laid if j.is_inside]
    missed = [
        f"{j.plain_name} ({_ratio(j.was.median, j.run.published_hours)})"
        for j in laid
        if not j.is_inside and j.was is not None
    ]
    return textwrap.fill(
        f"Of {len(told)} runs with a time, {len(inside)} lie in their 80 % interval as they were "
        f"run; of the {len(laid)} whose work and layout are published, {len(laid_inside)}. Outside "
        f"of those: {listed(missed)}.",
        100,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _runs_table(judged: tuple[Judged, ...]) -> str:
    rows = []
    for j in judged:
        stated = j.run.published_hours
        was, plan = j.was, j.plan
        planned = None if plan is None else plan.hours
        rows.append(
            (
                j.name,
                f"{count_text(j.run.accelerators)} {j.run.first['accelerator']}",
                "" if stated is None else hours_text(stated),
                "" if was is None else _hours_cell(was.median, was.low80, was.high80),
                "" if was is None else _ratio(was.median, stated),
                "" if was is None or stated is None else "yes" if j.is_inside else "no",
                "" if planned is None else hours_text(planned.median),
                "" if planned is None else _ratio(planned.median, stated),
            )
        )
    headers = (
        "run",
        "accelerators",
        "published",
        "as it was run (80 %)",
        "ratio",
        "inside",
        "planned today",
        "ratio",
    )
    return table(headers, "llrrrlrr", rows)


def _speed_table(judged: tuple[Judged, ...], catalog: Catalog) -> str:
    rows = []
    for j in judged:
        measured = j.run.tracked_tokens_per_s
        if measured is not None:
            predicted = as_run_tokens_per_s(j.run, catalog)
            rows.append(
                (
                    j.name,
                    count_text(measured),
                    count_text(float(f"{predicted:.3g}")),
                    f"{predicted / measured:.2f}",
                )
            )
    return table(("run", "tracked tokens/s", "predicted", "ratio"), "lrrr", rows)


def _cost_table(judged: tuple[Judged, ...], catalog: Catalog) -> str:
    rows = []
    for j in judged:
        offer = cheapest_offer(j.run.first["accelerator"], j.run.accelerators, catalog)
        if offer is None:
            continue
        rate = usd_per_accelerator_hour(offer)
        stated = j.run.published_hours
        as_told = "" if stated is None else usd_text(stated * j.run.accelerators * rate)
        today = ""
        if j.plan is not None:
            usd = j.plan.usd
            today = f"{usd_text(usd.median)} ({interval_text(usd.low80, usd.high80, usd_text)})"
        price = f"{offer.provider} {offer.sku}, {usd_text(rate)} ({offer.price_date.isoformat()})"
        rows.append((j.name, price, as_told, today))
    headers = ("run", "price of an accelerator-hour (read)", "published hours", "planned (80 %)")
    return table(headers, "llrr", rows)


def _sources(judged: tuple[Judged, ...]) -> str:
    rows = [
        (
            j.name,
            j.run.first["source_name"],
            j.run.first["read_on"],
            j.run.first["assumed"].replace(" ", ", "),
            j.run.first["notes"],
        )
        for j in judged
        if j.run.first["accelerator"] != "TPU-v3" or not j.run.name.startswith("BERT")
    ]
    return table(("run", "source", "read", "assumed", "what it says"), "lllll", rows)


def _origin(catalog: Catalog, constants: EstimateConstants) -> str:
    dates = ", ".join(f"{name} {day}" for name, day in sorted(constants.dates.items()))
    return (
        f"`python -m benchmarks.headline_runs`, with catalogue {catalog.revision} and constants of "
        f"{dates}; prices as of {AS_OF.isoformat()}. {MADE}"
    )


def _hours_cell(median: float, low: float, high: float) -> str:
    return f"{hours_text(median)} ({interval_text(low, high, hours_text)})"


def _ratio(predicted: float, stated: float | None) -> str:
    return "" if stated is None else f"{predicted / stated:.2f}"


if __name__ == "__main__":
    sys.exit(main())
