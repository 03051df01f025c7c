"""The catalogue as one frozen value: facts by table and key, with lookups by any known name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from catalog.schema import (
    Accelerator,
    Fact,
    Grid,
    Method,
    Model,
    Offer,
    Precision,
    Pricing,
    Provider,
    Score,
    Source,
    Task,
    Verified,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

F = TypeVar("F", bound=Fact)

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

UNKNOWN_PROVIDER = Provider(
    id="unknown",
    name="a provider without a row of its own",
    billing_grain_hours=1.0,
    billing_minimum_hours=1.0,
    startup_hours=0.3,
    storage_usd_per_gb_month=0.10,
    egress_usd_per_gb=0.12,
    pue=1.25,
    source="assumed: whole hours, the dearest storage and egress of the providers known",
    verified=Verified.NO,
)
"""Stands in where the catalogue does not know how a provider bills; its PUE is the average of
public clouds (idc2025)."""

OWN_MACHINES = Provider(
    id="owned",
    name="the user's own machines",
    billing_grain_hours=1.0 / 60.0,
    startup_hours=0.1,
    storage_usd_per_gb_month=0.0,
    egress_usd_per_gb=0.0,
    pue=1.63,
    source="assumed: no bill but the stated rate; PUE of enterprise buildings, idc2025",
    verified=Verified.NO,
)
"""Stands in for the user's own machines unless the overlay has a provider `owned`."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every fact a plan may rest on. Read-only; made by `catalog_of`, read by `load_catalog`."""

    accelerators: Mapping[str, Accelerator]
    """By id."""
    offers: Mapping[str, Offer]
    """By provider/sku/region/pricing."""
    models: Mapping[str, Model]
    """By name."""
    methods: Mapping[str, Method]
    """By id."""
    precisions: Mapping[str, Precision]
    """By id."""
    tasks: Mapping[str, Task]
    """By id."""
    scores: tuple[Score, ...]
    grids: Mapping[str, Grid]
    """By region."""
    providers: Mapping[str, Provider]
    """By id."""
    sources: Mapping[str, Source]
    """By key."""
    aliases: Mapping[str, Mapping[str, str]]
    """For a table: other spelling -> key."""
    revision: str
    """Date of the newest fact, ISO 8601."""
    sha256: str
    """Over all facts in canonical form: equal exactly where every fact is equal."""
    _index: Mapping[str, Mapping[str, str]] = field(repr=False, compare=False)
    """For a table: any spelling in lower case -> key."""

    def accelerator_named(self, name: str) -> Accelerator | None:
        """The accelerator of that id, full name or alias, in any case; None if unknown."""
        key = self._key("accelerators", name)
        return None if key is None else self.accelerators[key]

    def model_named(self, name: str) -> Model | None:
        """The model of that name, hub id or alias, in any case; None if unknown."""
        key = self._key("models", name)
        return None if key is None else self.models[key]

    def task_named(self, name: str) -> Task | None:
        """The task of that id, full name or alias, in any case; None if unknown."""
        key = self._key("tasks", name)
        return None if key is None else self.tasks[key]

    def method_named(self, name: str) -> Method | None:
        """The method of that id, full name or alias, in any case; None if unknown."""
        key = self._key("methods", name)
        return None if key is None else self.methods[key]

    def precision_named(self, name: str) -> Precision | None:
        """The precision of that id, full name or alias, in any case; None if unknown."""
        key = self._key("precisions", name)
        return None if key is None else self.precisions[key]

    def grid_for(self, offer: Offer) -> Grid | None:
        """The grid that feeds an offer's region; None where the place is not known."""
        for name in (f"{offer.provider}/{offer.region}", offer.region):
            key = self._key("grids", name)
            if key is not None:
                return self.grids[key]
        return None

    def provider_of(self, offer: Offer) -> Provider:
        """How the offer's provider bills.

        `OWN_MACHINES` and `UNKNOWN_PROVIDER` stand in where the catalogue has no row.
        """
        key = self._key("providers", offer.provider)
        if key is not None:
            return self.providers[key]
        return OWN_MACHINES if offer.pricing is Pricing.OWNED else UNKNOWN_PROVIDER

    def table(self, name: str) -> Mapping[str, Fact]:
        """All rows of one table of `ROW_TYPES` by key.

        Raises:
            KeyError: there is no such table.
        """
        if name == "scores":
            return {key_of(score): score for score in self.scores}
        if name not in ROW_TYPES:
            raise KeyError(name)
        rows: Mapping[str, Fact] = getattr(self, name)
        return rows

    def to_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every fact as plain values that JSON can hold, by table; `from_rows` takes them back."""
        rows: dict[str, list[dict[str, Any]]] = {
            name: [fact.model_dump(mode="json", exclude_defaults=True) for fact in facts]
            for name in ROW_TYPES
            if (facts := tuple(self.table(name).values()))
        }
        spellings = [
            {"table": table, "alias": alias, "key": key}
            for table, names in self.aliases.items()
            for alias, key in names.items()
        ]
        return {**rows, ALIASES: spellings} if spellings else rows

    def subset(
        self,
        *,
        offers: Iterable[str] = (),
        accelerators: Iterable[str] = (),
        models: Iterable[str] = (),
        methods: Iterable[str] = (),
        precisions: Iterable[str] = (),
        tasks: Iterable[str] = (),
        scores: Iterable[Score] = (),
        regions: Iterable[str] = (),
        sources: Iterable[str] = (),
    ) -> Catalog:
        """A small catalogue of the named facts and of those that they refer to.

        Keys that the catalogue does not hold are passed over. Along come the accelerator, the
        provider and the grid of each offer, and the aliases of everything kept.

        Args:
            offers: keys of offers.
            accelerators: ids besides those of the offers.
            models: names.
            methods: ids.
            precisions: ids.
            tasks: ids.
            scores: published scores to keep.
            regions: regions, besides those of the offers, whose grid is kept.
            sources: keys of sources.
        """
        rented = [self.offers[key] for key in offers if key in self.offers]
        parts = [*accelerators, *(offer.accelerator for offer in rented)]
        feeding = [self.grid_for(offer) for offer in rented]
        places = [self.grids[key] for name in regions if (key := self._key("grids", name))]
        billing = {offer.provider for offer in rented} | {"owned"}
        kept: dict[str, list[Any]] = {
            "accelerators": _some(self.accelerators, parts),
            "offers": rented,
            "models": _some(self.models, models),
            "methods": _some(self.methods, methods),
            "precisions": _some(self.precisions, precisions),
            "tasks": _some(self.tasks, tasks),
            "scores": list(scores),
            "grids": list(dict.fromkeys([*filter(None, feeding), *places])),
            "providers": _some(self.providers, sorted(billing)),
            "sources": _some(self.sources, sources),
        }
        keys = {table: {key_of(fact) for fact in facts} for table, facts in kept.items()}
        aliases = {
            table: {alias: key for alias, key in names.items() if key in keys[table]}
            for table, names in self.aliases.items()
        }
        return catalog_of(aliases=aliases, **kept)

    def _key(self, table: str, name: str) -> str | None:
        return self._index[table].get(name.strip().lower())


def catalog_of(
    *,
    accelerators: Iterable[Accelerator] = (),
    offers: Iterable[Offer] = (),
    models: Iterable[Model] = (),
    methods: Iterable[Method] = (),
    precisions: Iterable[Precision] = (),
    tasks: Iterable[Task] = (),
    scores: Iterable[Score] = (),
    grids: Iterable[Grid] = (),
    providers: Iterable[Provider] = (),
    sources: Iterable[Source] = (),
    aliases: Mapping[str, Mapping[str, str]] | None = None,
) -> Catalog:
    """The catalogue of these facts, a table each; where two share a key the later one stands.

    `aliases` holds for a table: other spelling -> key.
    """
    tables: dict[str, Mapping[str, Any]] = {
        "accelerators": _by_key(accelerators),
        "offers": _by_key(offers),
        "models": _by_key(models),
        "methods": _by_key(methods),
        "precisions": _by_key(precisions),
        "tasks": _by_key(tasks),
        "grids": _by_key(grids),
        "providers": _by_key(providers),
        "sources": _by_key(sources),
    }
    listed = tuple(_by_key(scores).values())
    spellings = {table: MappingProxyType(dict(n)) for table, n in (aliases or {}).items() if n}
    rows = {**{name: tuple(table.values()) for name, table in tables.items()}, "scores": listed}
    return Catalog(
        **tables,
        scores=listed,
        aliases=MappingProxyType(spellings),
        revision=_newest(rows["offers"], rows["sources"]),
        sha256=_digest(rows, spellings),
        _index=MappingProxyType(
            {name: _spellings(table, spellings.get(name, {})) for name, table in tables.items()}
        ),
    )


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


def _by_key(facts: Iterable[F]) -> Mapping[str, F]:
    return MappingProxyType({key_of(fact): fact for fact in facts})


def _some(table: Mapping[str, F], keys: Iterable[str]) -> list[F]:
    return [table[key] for key in dict.fromkeys(keys) if key in table]


def _newest(offers: Iterable[Offer], sources: Iterable[Source]) -> str:
    days = [*(o.price_date for o in offers), *(s.read_on for s in sources if s.read_on)]
    return max(days).isoformat() if days else ""


_ADAPTERS: dict[str, TypeAdapter[list[Any]]] = {}  # a list of any one fact


def _digest(rows: Mapping[str, tuple[Fact, ...]], aliases: Mapping[str, Mapping[str, str]]) -> str:
    """SHA-256 over all rows in order of their keys, defaults left out."""
    total = hashlib.sha256()
    for name, kind in ROW_TYPES.items():
        adapter = _ADAPTERS.setdefault(name, TypeAdapter(list[kind]))  # type: ignore[valid-type]  # a type made at run time
        facts = sorted(rows[name], key=key_of)
        total.update(name.encode() + adapter.dump_json(facts, exclude_defaults=True))
    for table in sorted(aliases):
        total.update(f"{table}{sorted(aliases[table].items())}".encode())
    return total.hexdigest()


def _spellings(table: Mapping[str, Any], aliases: Mapping[str, str]) -> Mapping[str, str]:
    """Lower-case spelling -> key: aliases give way to full names, full names to keys."""
    known = {alias.lower(): key for alias, key in aliases.items() if key in table}
    for label in ("hub_id", "place", "name"):
        known |= {
            spelt.lower(): key for key, row in table.items() if (spelt := getattr(row, label, ""))
        }
    known |= {key.lower(): key for key in table}
    return MappingProxyType(known)
