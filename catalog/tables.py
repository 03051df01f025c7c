"""The catalogue as one frozen value: facts by table and key, with lookups by any known name."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from catalog.billing import OWN_MACHINES, UNKNOWN_PROVIDER
from catalog.rows import ALIASES, ROW_TYPES, digest, key_of, newest_day
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
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

F = TypeVar("F", bound=Fact)


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
        key = self.key_in("accelerators", name)
        return None if key is None else self.accelerators[key]

    def model_named(self, name: str) -> Model | None:
        """The model of that name, hub id or alias, in any case; None if unknown."""
        key = self.key_in("models", name)
        return None if key is None else self.models[key]

    def task_named(self, name: str) -> Task | None:
        """The task of that id, full name or alias, in any case; None if unknown."""
        key = self.key_in("tasks", name)
        return None if key is None else self.tasks[key]

    def method_named(self, name: str) -> Method | None:
        """The method of that id, full name or alias, in any case; None if unknown."""
        key = self.key_in("methods", name)
        return None if key is None else self.methods[key]

    def precision_named(self, name: str) -> Precision | None:
        """The precision of that id, full name or alias, in any case; None if unknown."""
        key = self.key_in("precisions", name)
        return None if key is None else self.precisions[key]

    def grid_for(self, offer: Offer) -> Grid | None:
        """The grid that feeds an offer's region; None where the place is not known."""
        for name in (f"{offer.provider}/{offer.region}", offer.region):
            key = self.key_in("grids", name)
            if key is not None:
                return self.grids[key]
        return None

    def provider_of(self, offer: Offer) -> Provider:
        """How the offer's provider bills.

        `OWN_MACHINES` and `UNKNOWN_PROVIDER` stand in where the catalogue has no row.
        """
        key = self.key_in("providers", offer.provider)
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
        provider and the grid of each offer, how the user's own machines are billed, and the
        aliases of everything kept.

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
        places = [self.grids[key] for name in regions if (key := self.key_in("grids", name))]
        # Stand-ins too, under the provider's own id: they are factors of the plan like any row.
        billing = {
            offer.provider: self.provider_of(offer).model_copy(update={"id": offer.provider})
            for offer in rented
        }
        billing[OWN_MACHINES.id] = self.providers.get(OWN_MACHINES.id, OWN_MACHINES)
        kept: dict[str, list[Any]] = {
            "accelerators": _some(self.accelerators, parts),
            "offers": rented,
            "models": _some(self.models, models),
            "methods": _some(self.methods, methods),
            "precisions": _some(self.precisions, precisions),
            "tasks": _some(self.tasks, tasks),
            "scores": list(scores),
            "grids": list(dict.fromkeys([*filter(None, feeding), *places])),
            "providers": list(billing.values()),
            "sources": _some(self.sources, sources),
        }
        keys = {table: {key_of(fact) for fact in facts} for table, facts in kept.items()}
        aliases = {
            table: {alias: key for alias, key in names.items() if key in keys[table]}
            for table, names in self.aliases.items()
        }
        return catalog_of(aliases=aliases, **kept)

    def key_in(self, table: str, name: str) -> str | None:
        """The key that a spelling stands for in a table, in any case; None if unknown.

        Raises:
            KeyError: there is no such table.
        """
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
    published = _by_key(scores)
    spellings = {table: MappingProxyType(dict(n)) for table, n in (aliases or {}).items() if n}
    every = {**tables, "scores": published}
    rows = {name: tuple(table.values()) for name, table in every.items()}
    return Catalog(
        **tables,
        scores=tuple(published.values()),
        aliases=MappingProxyType(spellings),
        revision=newest_day(rows["offers"], rows["sources"]),
        sha256=digest(rows, spellings),
        _index=MappingProxyType(
            {name: _spellings(table, spellings.get(name, {})) for name, table in every.items()}
        ),
    )


def _by_key(facts: Iterable[F]) -> Mapping[str, F]:
    return MappingProxyType({key_of(fact): fact for fact in facts})


def _some(table: Mapping[str, F], keys: Iterable[str]) -> list[F]:
    return [table[key] for key in dict.fromkeys(keys) if key in table]


def _spellings(table: Mapping[str, Any], aliases: Mapping[str, str]) -> Mapping[str, str]:
    """Lower-case spelling -> key: aliases give way to full names, full names to keys.

    Of two rows with one full name, e.g. of a place, the earlier one is meant.
    """
    known = {alias.lower(): key for alias, key in aliases.items() if key in table}
    for label in ("hub_id", "place", "name"):
        known |= {
            spelt.lower(): key
            for key, row in reversed(list(table.items()))
            if (spelt := getattr(row, label, ""))
        }
    known |= {key.lower(): key for key in table}
    return MappingProxyType(known)
