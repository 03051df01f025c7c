"""Every field of the question form: where it stands, how it is read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.reading import (
    count_of,
    hours_of,
    moment_of,
    names_of,
    optional_name,
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
    from datetime import datetime

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


def aim_word(aim: Aim) -> str:
    """An aim as it is typed."""
    return Aim(aim).value


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

PARAMETERS = (count_of, exact_count)
"""How a number of parameters is read and written: 7 B."""

DATA = (
    Field(("title",), "Title", str.strip, str, "after the jobs"),
    Field(("jobs", 0, "task"), "Task", optional_name, str, "its name"),
    Field(("jobs", 0, "classes"), "Classes", whole_of, count_text),
    Field(("jobs", 0, "examples"), "Examples", whole_of, exact_count, "or tokens"),
    Field(("jobs", 0, "tokens_per_example"), "Tokens per example", count_of, exact_count),
    Field(("jobs", 0, "tokens"), "Tokens in all", count_of, exact_count, "or examples"),
    Field(("jobs", 0, "sequence"), "Sequence length", whole_of, count_text, "by the data"),
    Field(
        ("jobs", 0, "batch_sequences"), "Sequences a step", whole_of, count_text, "by the family"
    ),
    Field(("jobs", 0, "epochs"), "Passes allowed", wholes_of, listed_names),
    Field(("jobs", 0, "trials"), "Trials of settings", whole_of, count_text),
    Field(
        ("jobs", 0, "serving", "tokens_per_month"),
        "Tokens served a month",
        count_of,
        exact_count,
        "none",
    ),
    Field(("jobs", 0, "serving", "months"), "Months of service", count_of, exact_count),
)

CHAIN = (
    Field(("jobs", 0, "after"), "Begins after", names_of, listed_names, "at once"),
    Field(("jobs", 0, "starts_from"), "Trains the model of", optional_name, str, "a base model"),
    Field(("jobs", 0, "value_usd"), "May be left out, worth", usd_of, exact_usd, "must be done"),
)
"""Only of several jobs."""

AIMS_MORE = (
    Field(("hold", "aim"), "Keep another aim", optional_name, aim_word, "none"),
    Field(("hold", "within"), "Within so much of its best", ratio_of, exact_ratio, "5 %"),
    Field(("second_aim",), "Ties are broken by", optional_name, aim_word, "all three"),
    Field(("limits", "firm"), "Limits that give way last", names_of, listed_names, "none"),
    Field(("limits", "soft"), "Limits that give way first", names_of, listed_names, "none"),
)

UNDER_WAY = (
    Field(("jobs", 0, "running", "key"), "What runs", optional_name, str, "the plan's candidate"),
    Field(("jobs", 0, "running", "done"), "Done", ratio_of, exact_ratio, "not begun"),
    Field(
        ("jobs", 0, "running", "pace"),
        "Pace",
        count_of,
        exact_count,
        "as predicted",
        "Hours that the work done has taken, over those predicted.",
    ),
)

DEPLOYMENT = (
    Field(("jobs", 0, "formats"), "Formats handed over", names_of, listed_names, "16 bits"),
    Field(("jobs", 0, "deploy_on"), "Runs on", optional_name, str, "an accelerator"),
    Field(("jobs", 0, "max_latency_ms"), "Longest wait in ms", count_of, exact_count, NO_LIMIT),
    Field(("jobs", 0, "max_deployed_gb"), "Deployed size in GB", count_of, exact_count, NO_LIMIT),
)

MODELS = (
    Field(("jobs", 0, "models", "names"), "Base models", names_of, listed_names, "all"),
    Field(("jobs", 0, "models", "families"), "Model families", names_of, listed_names, "all"),
    Field(("jobs", 0, "models", "licences"), "Licences", names_of, listed_names, "all"),
    Field(("jobs", 0, "models", "min_parameters"), "Least parameters", *PARAMETERS, "none"),
    Field(("jobs", 0, "models", "max_parameters"), "Most parameters", *PARAMETERS, NO_LIMIT),
    Field(("jobs", 0, "methods"), "Methods", names_of, listed_names, "all that suit"),
    Field(("jobs", 0, "ranks"), "Ranks", wholes_of, listed_names, "as published"),
    Field(("jobs", 0, "precisions"), "Precisions", names_of, listed_names, "the fast ones"),
    Field(("jobs", 0, "teacher"), "Teacher", optional_name, str, "to distil from"),
    Field(("jobs", 0, "software"), "Software", optional_name, str, "the usual"),
)


def _machine_fields(table: str) -> tuple[Field, ...]:
    network, rate = "one at a time", "$0"
    return (
        Field((table, 0, "accelerator"), "Accelerator", optional_name, str),
        Field((table, 0, "gpus_per_machine"), "GPUs a machine", whole_of, count_text),
        Field((table, 0, "machines"), "Machines", whole_of, count_text),
        Field((table, 0, "network_gbit_per_s"), "Network, Gbit/s", count_of, exact_count, network),
        Field((table, 0, "usd_per_hour"), "Rate an hour", usd_of, exact_usd, rate),
        Field((table, 0, "region"), "Place, for CO₂", optional_name, str, "not known"),
        Field((table, 0, "link"), "Link of the GPUs", optional_name, str, "their own"),
    )


OWNED = _machine_fields("owned")

COMMITMENTS = (
    *_machine_fields("commitments"),
    Field(("commitments", 0, "usd_each"), "Price of one", usd_of, exact_usd),
    Field(("commitments", 0, "from_hours"), "From", hours_of, exact_hours, "the start"),
    Field(("commitments", 0, "to_hours"), "Until", hours_of, exact_hours),
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


def moment_words(moment: datetime) -> str:
    """A date that reads back as it was."""
    return moment.isoformat(sep=" ", timespec="minutes")


MORE_LIMITS = (
    Field(
        ("limits", "deadline"), "Deadline as a date", moment_of, moment_words, "2026-12-24 18:00"
    ),
    Field(("limits", "start"), "Work can begin", moment_of, moment_words, "now"),
    Field(("jobs", 0, "deadline_hours"), "Deadline of this job", hours_of, exact_hours, NO_LIMIT),
    Field(("limits", "co2_kg"), "CO₂ cap in kg", count_of, exact_count, NO_LIMIT),
)

WIDE = {
    "title",
    "names",
    "families",
    "licences",
    "methods",
    "precisions",
    "teacher",
    "providers",
    "regions",
    "accelerators",
    "accelerator",
    "deadline",
    "start",
    "key",
    "formats",
    "deploy_on",
    "software",
    "firm",
    "soft",
    "aim",
    "within",
    "second_aim",
}
"""Fields whose text takes a line of its own."""

UNSET: dict[str | int, Any] = {
    "min_parameters": 0.0,
    "max_parameters": 1e14,
    "trials": 1,
    "epochs": (1, 2, 3),
    "confidence": 0.9,
    "title": "",
    "link": "",
    "region": "",
    "usd_per_hour": 0.0,
    "machines": 1,
    "from_hours": 0.0,
}
"""What a field is where nothing is typed, besides nothing at all."""

UNSPOKEN = ("min_parameters", "max_parameters", "title", "link", "region", "from_hours")
"""Fields whose value is left blank where it is that of `UNSET`."""


def shown_value(name: str | int, value: Any) -> Any:  # noqa: ANN401 - of any field
    """The value as a field shows it: None where it says nothing."""
    if value == () or (name in UNSPOKEN and value == UNSET[name]):
        return None
    return value


def wished_value(name: str | int, value: Any) -> Any:  # noqa: ANN401 - of any field
    """The value as the question takes it: what stands for nothing where nothing is typed."""
    return UNSET.get(name) if value is None else value


POOLS = {
    "owned": ("pool", "Machines of your own", OWNED),
    "commitments": ("block", "To be bought for a fixed time", COMMITMENTS),
}
"""Tables of machines: what one is called, the heading, the fields."""
