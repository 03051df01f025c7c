"""`trilemma score`: every case of a file comes out, predicted or refused with the reason."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from catalog.units import PERCENT
from solver.estimate.quality_constants import quality_constants
from solver.files import write_atomically
from solver.scored.case import read_cases
from solver.scored.cases import score_case
from solver.scored.forecast import Forecast, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from catalog.tables import Catalog
    from solver.scored.case import Case

COLUMNS = ("case_id", "score", "low80", "high80", "low90", "high90", "evidence", "status", "reason")
"""Columns of the file that is written, in order."""


def score_file(path: Path, out: Path, catalog: Catalog) -> tuple[int, int]:
    """Predict every case of a file and write one row for each, in order.

    Args:
        path: CSV file of cases.
        out: where to write.
        catalog: tasks, models and published scores.

    Returns:
        Rows written, and how many of them are refused.

    Raises:
        CasesError: the file cannot be read.
    """
    cases = read_cases(path)
    constants = quality_constants()
    found = [(case, score_case(case, catalog, constants)) for case in cases]
    write_atomically(out, predictions_csv(found))
    return len(found), sum(isinstance(forecast, Refused) for _, forecast in found)


def predictions_csv(found: Iterable[tuple[Case, Forecast | Refused]]) -> str:
    """The rows as CSV text; scores in 0..100, losses in nats."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for case, forecast in found:
        writer.writerow(_row(case, forecast))
    return text.getvalue()


def _row(case: Case, forecast: Forecast | Refused) -> tuple[str, ...]:
    if isinstance(forecast, Refused):
        return (case.id, "", "", "", "", "", "", "refused", forecast.reason)
    scale = 1.0 if case.is_loss else 10.0 if case.metric == "score10" else PERCENT
    ends = (forecast.score, forecast.low80, forecast.high80, forecast.low90, forecast.high90)
    numbers = tuple(f"{scale * end:.4g}" for end in ends)
    return (case.id, *numbers, forecast.evidence, "ok", forecast.reason)
