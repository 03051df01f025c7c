"""Every field of the question form: where it stands, how it is read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.reading import (
    count_of,
    hours_of,
    names_of,
    ratio_of,
    usd_of,
    whole_of,
    wholes_of,
)
from gui.views.fields import Field
from solver.export.words import accuracy_text, count_text, hours_text, short_count_text, usd_text
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

AIMS = (
    (Aim.CHEAPEST, "Cheapest"),
    (Aim.FASTEST, "Fastest"),
    (Aim.MOST_ACCURATE, "Accurate"),
    (Aim.BALANCED, "Balanced"),
)

NO_LIMIT = "no limit"


def exact_hours(hours: float) -> str:
    """A time that reads back as it was: the short words where they lose nothing."""
    words = hours_text(hours)
    back = hours_of(words)
    return words if back is not None and abs(back - hours) < 1e-6 * hours else f"{hours:.6g} h"


def exact_usd(usd: float) -> str:
    """A sum that reads back as it was."""
    words = usd_text(usd)
    is_exact = "<" not in words and usd_of(words) == usd
    return words if is_exact else f"${usd:,.12g}"


def exact_ratio(ratio: float) -> str:
    """A share in percent that reads back as it was."""
    words = accuracy_text(ratio)
    back = ratio_of(words)
    return words if back == round(ratio, 6) else f"{ratio * 100:.6g} %"


def exact_count(count: float) -> str:
    """A count that reads back as it was."""
    words = count_text(count) if count < 1e7 else short_count_text(count)  # noqa: PLR2004 - width
    return words if count_of(words) == count else f"{count:.12g}"


def listed_names(names: Sequence[Any]) -> str:
    """Names between commas."""
    return ", ".join(map(str, names))


DEADLINE = Field(("limits", "deadline_hours"), "&Deadline", hours_of, exact_hours, NO_LIMIT)
BUDGET = Field(("limits", "budget_usd"), "&Budget", usd_of, exact_usd, NO_LIMIT)
ACCURACY = Field(("jobs", 0, "min_accuracy"), "Minimum &accuracy", ratio_of, exact_ratio, NO_LIMIT)
CONFIDENCE = Field(
    ("limits", "confidence"),
    "&Confidence",
    ratio_of,
    lambda ratio: f"{ratio * 100:.4g} %",
    "90 %",
    "Chance that all limits hold together.",
)

DATA = (
    Field(("title",), "Title", str.strip, str, "after the jobs"),
    Field(("jobs", 0, "task"), "Task", lambda t: t.strip() or None, str, "its name"),
    Field(("jobs", 0, "classes"), "Classes", whole_of, count_text),
    Field(("jobs", 0, "examples"), "Examples", whole_of, exact_count, "or tokens"),
    Field(("jobs", 0, "tokens_per_example"), "Tokens per example", count_of, exact_count),
    Field(("jobs", 0, "tokens"), "Tokens in all", count_of, exact_count, "or examples"),
    Field(("jobs", 0, "sequence"), "Sequence length", whole_of, count_text, "by the data"),
    Field(("jobs", 0, "epochs"), "Passes allowed", wholes_of, listed_names),
    Field(("jobs", 0, "trials"), "Trials of settings", whole_of, count_text),
)

MODELS = (
    Field(("jobs", 0, "models", "names"), "Base models", names_of, listed_names, "all"),
    Field(("jobs", 0, "models", "families"), "Model families", names_of, listed_names, "all"),
    Field(("jobs", 0, "methods"), "Methods", names_of, listed_names, "all that suit"),
    Field(("jobs", 0, "precisions"), "Precisions", names_of, listed_names, "the fast ones"),
)

MACHINES = (
    Field(("limits", "max_gpus"), "Most GPUs", whole_of, count_text, NO_LIMIT),
    Field(("limits", "providers"), "Providers", names_of, listed_names, "all"),
    Field(("limits", "regions"), "Regions", names_of, listed_names, "all"),
    Field(("limits", "accelerators"), "Accelerators", names_of, listed_names, "all"),
)

SWITCHES = (
    (("limits", "spot"), "&Spot machines"),
    (("limits", "rent"), "Rent machines"),
    (("limits", "include_marked_prices"), "Prices marked as doubtful"),
)

MORE_LIMITS = (
    Field(("limits", "co2_kg"), "CO₂ cap in kg", count_of, exact_count, NO_LIMIT),
    Field(("jobs", 0, "max_deployed_gb"), "Deployed size in GB", count_of, exact_count, NO_LIMIT),
)

WIDE = {
    "title",
    "names",
    "families",
    "methods",
    "precisions",
    "providers",
    "regions",
    "accelerators",
}
"""Fields whose text takes a line of its own."""
