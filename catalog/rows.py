"""What every table holds a row of, what a row is known by, and the hash over all rows."""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from catalog.schema import (
    Accelerator,
    Fact,
    Grid,
    Method,
    Model,
    Offer,
    Precision,
    Provider,
    Score,
    Source,
    Task,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROW_TYPES: Mapping[str, type[Fact]] = MappingProxyType(
    {
        "accelerators": Accelerator,
        "offers": Offer,
        "models": Model,
        "methods": Method,
        "precisions": Precision,
        "tasks": Task,
        "scores": Score,
        "grids": Grid,
        "providers": Provider,
        "sources": Source,
    }
)
"""What each table holds a row of."""

ALIASES = "aliases"
"""Name under which other spellings stand beside the tables."""


def key_of(fact: Fact) -> str:
    """What a row is known by within its table: an overlay's row with this key replaces it."""
    match fact:
        case Offer() | Source():
            return fact.key
        case Model():
            return fact.name
        case Grid():
            return fact.region
        case Score():
            return "|".join(
                str(part)
                for part in (
                    fact.model,
                    fact.task,
                    fact.metric,
                    fact.method,
                    fact.rank,
                    fact.precision,
                    fact.train_examples,
                    fact.epochs,
                    fact.split,
                    fact.source,
                )
            )
        case Accelerator() | Method() | Precision() | Task() | Provider():
            return fact.id
        case _:
            raise TypeError(f"{type(fact).__name__} is not a row of any table")


def newest_day(offers: Iterable[Offer], sources: Iterable[Source]) -> str:
    """The latest day on which a price or a source was read, ISO 8601; empty without any."""
    days = [*(o.price_date for o in offers), *(s.read_on for s in sources if s.read_on)]
    return max(days).isoformat() if days else ""


_ADAPTERS: dict[str, TypeAdapter[list[Any]]] = {}  # a list of any one fact


def digest(rows: Mapping[str, tuple[Fact, ...]], aliases: Mapping[str, Mapping[str, str]]) -> str:
    """SHA-256 over all rows in order of their keys, defaults left out."""
    total = hashlib.sha256()
    for name, kind in ROW_TYPES.items():
        adapter = _ADAPTERS.setdefault(name, TypeAdapter(list[kind]))  # type: ignore[valid-type]  # a type made at run time
        facts = sorted(rows[name], key=key_of)
        total.update(name.encode() + adapter.dump_json(facts, exclude_defaults=True))
    for table in sorted(aliases):
        total.update(f"{table}{sorted(aliases[table].items())}".encode())
    return total.hexdigest()
