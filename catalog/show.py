"""The catalogue for a reader: tables of rows, and everything known about one name, as text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from catalog.parameters import formula_error
from catalog.rows import ROW_TYPES
from catalog.schema import Accelerator, Fact, Model, Offer, Pricing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catalog.tables import Catalog

COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "accelerators": (
        ("id", "id"),
        ("memory GiB", "memory_gib"),
        ("GB/s", "bandwidth_gb_per_s"),
        ("bf16 TFLOP/s", "bf16_tflops"),
        ("fp16 TFLOP/s", "fp16_tflops"),
        ("fp8 TFLOP/s", "fp8_tflops"),
        ("link", "link"),
        ("W", "tdp_watts"),
        ("trains", "trains"),
        ("verified", "verified"),
    ),
    "offers": (
        ("offer", "key"),
        ("accelerator", "accelerator"),
        ("GPUs", "gpus_per_instance"),
        ("USD/h", "usd_per_hour"),
        ("read", "price_date"),
        ("Gbit/s", "inter_node_gbit_per_s"),
        ("marked", "marked"),
    ),
    "models": (
        ("model", "name"),
        ("family", "family"),
        ("kind", "architecture"),
        ("parameters", "parameters"),
        ("active", "active_parameters"),
        ("longest", "max_sequence"),
        ("licence", "licence"),
        ("verified", "verified"),
    ),
    "methods": (("id", "id"), ("method", "name"), ("ranks", "ranks"), ("source", "source")),
    "precisions": (
        ("id", "id"),
        ("precision", "name"),
        ("role", "role"),
        ("bytes", "weight_bytes"),
        ("needs", "needs"),
    ),
    "tasks": (
        ("id", "id"),
        ("task", "name"),
        ("family", "family"),
        ("metric", "metric"),
        ("chance", "chance"),
        ("ceiling", "ceiling"),
        ("examples", "train_examples"),
    ),
    "scores": (
        ("model", "model"),
        ("task", "task"),
        ("metric", "metric"),
        ("score", "score"),
        ("method", "method"),
        ("rank", "rank"),
        ("split", "split"),
        ("year", "year"),
    ),
    "grids": (
        ("region", "region"),
        ("place", "place"),
        ("gCO2e/kWh", "grams_co2_per_kwh"),
        ("year", "year"),
        ("method", "method"),
    ),
    "providers": (
        ("id", "id"),
        ("provider", "name"),
        ("grain h", "billing_grain_hours"),
        ("start-up h", "startup_hours"),
        ("PUE", "pue"),
        ("verified", "verified"),
    ),
    "sources": (("key", "key"), ("title", "title"), ("where", "where"), ("read", "read_on")),
}
"""For a table: the heading and the attribute of each column shown."""


UNITS = {
    "_gb_per_s_bidirectional": "GB/s, both ways together",
    "_gb_per_s": "GB/s",
    "_gbit_per_s": "Gbit/s",
    "_gib": "GiB",
    "_tflops": "TFLOP/s",
    "_watts": "W",
    "_hours": "h",
    "_usd_per_gb_month": "USD/GB-month",
    "_usd_per_gb": "USD/GB",
    "_free_gb": "GB free",
    "_gb": "GB",
}
"""Unit that the ending of a column stands for; longer endings first."""

LABELS = {"usd_per_hour": "price [USD/h]", "grams_co2_per_kwh": "intensity [gCO2e/kWh]"}
"""Columns whose name says too little."""

FIRST_GROUPED = 10_000
"""Whole numbers from here on are written with separators, so that years are not."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A table as text."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything known about one row: label and text, in the order of the table."""

    table: str
    key: str
    pairs: tuple[tuple[str, str], ...]


def rows_for(catalog: Catalog, table: str, words: Sequence[str] = ()) -> Listing:
    """The rows of a table in which every word occurs, in any case.

    Args:
        catalog: where to look.
        table: a name of `ROW_TYPES`.
        words: what must occur in the row; none: all rows.

    Raises:
        KeyError: there is no such table.
    """
    wanted = [word.lower() for word in words]
    columns = COLUMNS[table]
    rows = tuple(
        tuple(text_of(getattr(fact, attribute)) for _, attribute in columns)
        for key, fact in catalog.table(table).items()
        if not wanted or _holds(key, fact, wanted)
    )
    return Listing(tuple(heading for heading, _ in columns), rows)


def facts_of(catalog: Catalog, name: str) -> tuple[Sheet, ...]:
    """What the catalogue knows under a name: one sheet for each table that has it.

    Args:
        catalog: where to look.
        name: a key, a full name or an alias, in any case.
    """
    sheets: list[Sheet] = []
    for table in ROW_TYPES:
        key = catalog.key_in(table, name)
        if key is not None:
            fact = catalog.table(table)[key]
            pairs = [*_stated(fact), *_derived(catalog, table, key, fact)]
            sheets.append(Sheet(table, key, tuple(pairs)))
    return tuple(sheets)


def text_of(value: object) -> str:
    """A value as a reader expects it: yes and no, digits in groups, nothing for the unknown."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case Enum():
            text = str(value.value)
        case int() if abs(value) < FIRST_GROUPED:
            text = str(value)
        case int():
            text = f"{value:,}"
        case float():
            text = f"{value:,.0f}" if value.is_integer() else f"{value:.6g}"
        case tuple():
            text = ", ".join(text_of(item) for item in value)
        case _:
            text = str(value)
    return text


def _label(column: str) -> str:
    """A column's name in words, its unit in brackets."""
    if column in LABELS:
        return LABELS[column]
    for ending, unit in UNITS.items():
        if column.endswith(ending):
            return f"{column.removesuffix(ending).replace('_', ' ')} [{unit}]"
    return column.replace("_", " ")


def _holds(key: str, fact: Fact, wanted: Sequence[str]) -> bool:
    texts = (text_of(value) for value in fact.model_dump().values())
    haystack = "\n".join([key, *texts]).lower()
    return all(word in haystack for word in wanted)


def _stated(fact: Fact) -> Iterator[tuple[str, str]]:
    for name, field in type(fact).model_fields.items():
        value = getattr(fact, name)
        if field.is_required() or value != field.default:
            yield _label(name), text_of(value)


def _derived(catalog: Catalog, table: str, key: str, fact: Fact) -> Iterator[tuple[str, str]]:
    spellings = [a for a, k in catalog.aliases.get(table, {}).items() if k == key]
    if spellings:
        yield "also written", ", ".join(spellings)
    match fact:
        case Accelerator():
            yield from _market(catalog, fact)
        case Model():
            yield "shape against published parameters", f"{formula_error(fact):+.2%}"
        case Offer():
            yield "USD/h for one accelerator", f"{fact.usd_per_accelerator_hour:.4g}"
            grid = catalog.grid_for(fact)
            known = f"{grid.grams_co2_per_kwh:g} gCO2e/kWh, {grid.place}" if grid else "not known"
            yield "grid", known
            yield "billed by", catalog.provider_of(fact).name


def _market(catalog: Catalog, part: Accelerator) -> Iterator[tuple[str, str]]:
    """How many offers there are, and the cheapest whose price is not marked."""
    offers = [offer for offer in catalog.offers.values() if offer.accelerator == part.id]
    clean = [o for o in offers if not o.marked and o.pricing is Pricing.ON_DEMAND]
    yield "offers", f"{len(offers)}, of which on demand and unmarked {len(clean)}"
    if clean:
        best = min(clean, key=lambda offer: offer.usd_per_accelerator_hour)
        price = f"{best.usd_per_accelerator_hour:.4g} USD/h, {best.key}"
        yield "cheapest for one accelerator", price
