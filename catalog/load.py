"""Reading the catalogue: shipped tables, then the user's overlay folder, whose rows win."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from catalog.faults import problems_of
from catalog.problems import CatalogError, Problem, did_you_mean
from catalog.reading import Row, read_csv, read_toml
from catalog.rows import ALIASES, ROW_TYPES, key_of
from catalog.tables import Catalog, catalog_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from catalog.schema import Fact

SHIPPED = Path(__file__).parent / "data"
"""The folder of the shipped tables."""

CSV_TABLES = ("accelerators", "offers", "models", "scores", "grids", "providers")
"""Tables that people edit in a spreadsheet."""

TOML_TABLES = {"methods": "id", "precisions": "id", "tasks": "id", "sources": "key"}
"""Tables whose rows are sections, and the column that the section's name fills."""

FILES = (
    *(f"{name}.csv" for name in CSV_TABLES),
    *(f"{name}.toml" for name in TOML_TABLES),
    f"{ALIASES}.toml",
)

Tables = dict[str, dict[str, "Fact"]]
Aliases = dict[str, dict[str, str]]


def load_catalog(overlay: Path | None = None) -> Catalog:
    """The shipped catalogue, changed by the tables of an overlay folder.

    The overlay holds files of the same names with the same columns, any of them; a row whose key
    is in the shipped table replaces it whole, other rows join.

    Args:
        overlay: the user's folder; None: only what is shipped.

    Raises:
        CatalogError: rows cannot be used; it names every one of them.
    """
    if overlay is None:
        return _shipped()
    if not overlay.is_dir():
        problem = Problem(str(overlay), "there is no such folder", "Give a folder with tables.")
        raise CatalogError("The overlay cannot be used", [problem])
    added, spellings, problems = _read(overlay, f"{overlay.name}/")
    problems += _strangers(overlay)
    if problems:
        raise CatalogError("The overlay cannot be used", problems)
    tables, aliases = _shipped_facts()
    return _catalog(
        {name: {**rows, **added[name]} for name, rows in tables.items()},
        {name: {**aliases.get(name, {}), **spellings.get(name, {})} for name in ROW_TYPES},
    )


def from_rows(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Catalog:
    """The catalogue that plain values hold, as `Catalog.to_rows` gives them.

    Args:
        rows: for a table its rows, each a mapping of column to value.

    Raises:
        CatalogError: a table is not known or rows cannot be used; it names every one of them.
    """
    tables: Tables = {}
    aliases: Aliases = {}
    problems: list[Problem] = []
    for name, entries in rows.items():
        if name not in {*ROW_TYPES, ALIASES}:
            remedy = did_you_mean(name, [*ROW_TYPES, ALIASES])
            problems.append(Problem(name, "there is no such table", remedy))
        elif not isinstance(entries, list | tuple) or not all(isinstance(e, dict) for e in entries):
            problems.append(Problem(name, "it is not a list of rows", "Give one mapping a row."))
        elif name == ALIASES:
            problems += _alias_rows(entries, aliases)
        else:
            numbered = [Row(f"{name}[{n}]", entry) for n, entry in enumerate(entries, start=1)]
            tables[name], wrong = _facts(name, numbered)
            problems += wrong
    if problems:
        raise CatalogError("The facts cannot be used", problems)
    return _catalog(tables, aliases)


def _alias_rows(entries: Sequence[Mapping[str, Any]], aliases: Aliases) -> list[Problem]:
    """Adds spellings given as rows to `aliases`; says which rows are none."""
    problems: list[Problem] = []
    for number, entry in enumerate(entries, start=1):
        table, alias, key = (entry.get(part, "") for part in ("table", "alias", "key"))
        texts = all(isinstance(part, str) and part for part in (table, alias, key))
        if texts and table in ROW_TYPES:
            aliases.setdefault(table, {})[alias] = key
        else:
            where = f"{ALIASES}[{number}]"
            problems.append(Problem(where, "it is not a spelling", "Give table, alias and key."))
    return problems


@lru_cache(maxsize=1)
def _shipped() -> Catalog:
    return _catalog(*_shipped_facts())


@lru_cache(maxsize=1)
def _shipped_facts() -> tuple[Tables, Aliases]:
    """What is shipped, validated once: the files do not change while the program runs."""
    tables, aliases, problems = _read(SHIPPED, "catalog/data/")
    if problems:
        raise CatalogError("The shipped catalogue cannot be used", problems)
    return tables, aliases


def _catalog(tables: Tables, aliases: Aliases) -> Catalog:
    facts: dict[str, Any] = {name: rows.values() for name, rows in tables.items()}
    return catalog_of(aliases=aliases, **facts)


def _read(folder: Path, prefix: str) -> tuple[Tables, Aliases, list[Problem]]:
    """All tables of a folder; files that are not there are empty tables."""
    tables: Tables = {name: {} for name in ROW_TYPES}
    problems: list[Problem] = []
    for name in CSV_TABLES:
        path = folder / f"{name}.csv"
        if path.exists():
            label = f"{prefix}{path.name}"
            rows, wrong = read_csv(path, label, ROW_TYPES[name].model_fields)
            tables[name], broken = _facts(name, rows)
            problems += [*wrong, *broken]
    for name, column in TOML_TABLES.items():
        path = folder / f"{name}.toml"
        if path.exists():
            rows, wrong = _sections(path, f"{prefix}{path.name}", column)
            tables[name], broken = _facts(name, rows)
            problems += [*wrong, *broken]
    aliases, wrong = _aliases(folder / f"{ALIASES}.toml", f"{prefix}{ALIASES}.toml")
    return tables, aliases, [*problems, *wrong]


def _facts(table: str, rows: Iterable[Row]) -> tuple[dict[str, Fact], list[Problem]]:
    """Validated rows by key, and what is wrong with the others."""
    kind = ROW_TYPES[table]
    facts: dict[str, Fact] = {}
    places: dict[str, str] = {}
    problems: list[Problem] = []
    for row in rows:
        try:
            fact = kind.model_validate(row.cells)
        except ValidationError as error:
            problems += problems_of(error, row.where, kind.model_fields)
            continue
        key = key_of(fact)
        if key in facts:
            what = f"{key} stands here and at {places[key]}"
            problems.append(Problem(row.where, what, "Remove one of the two."))
        facts[key] = fact
        places[key] = row.where
    return facts, problems


def _sections(path: Path, label: str, column: str) -> tuple[list[Row], list[Problem]]:
    """Each section of a TOML file as a row; its name is the value of `column`."""
    sections, problems = read_toml(path, label)
    rows: list[Row] = []
    for name, cells in sections.items():
        where = f"{label} [{name}]"
        if isinstance(cells, dict):
            rows.append(Row(where, {**cells, column: name}))
        else:
            remedy = "Write a section: its name in brackets, then its values."
            problems.append(Problem(where, f"{cells!r} is not a section", remedy))
    return rows, problems


def _aliases(path: Path, label: str) -> tuple[Aliases, list[Problem]]:
    if not path.exists():
        return {}, []
    sections, problems = read_toml(path, label)
    for table, names in sections.items():
        if table not in ROW_TYPES:
            remedy = did_you_mean(table, ROW_TYPES)
            problems.append(Problem(f"{label} [{table}]", "there is no such table", remedy))
        elif not isinstance(names, dict) or not all(isinstance(k, str) for k in names.values()):
            remedy = 'Write lines like "other spelling" = "key".'
            problems.append(Problem(f"{label} [{table}]", "not a list of spellings", remedy))
    return ({}, problems) if problems else (sections, [])


def _strangers(folder: Path) -> list[Problem]:
    """Tables in an overlay that nobody would read: a misspelt name must not pass in silence."""
    return [
        Problem(
            f"{folder.name}/{path.name}", "no table has this name", did_you_mean(path.name, FILES)
        )
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in {".csv", ".toml"} and path.name not in FILES
    ]
