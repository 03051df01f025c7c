"""Rows of the facts that an answer embeds, found by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solver.plan import Facts, MachineUsed


def row(facts: Facts, table: str, column: str, key: str) -> dict[str, Any]:
    """The row of a table whose column holds a key, in any case; empty where there is none."""
    for entry in facts.catalog.get(table, []):
        if str(entry.get(column, "")).lower() == key.lower():
            return entry
    return {}


def alias(facts: Facts, table: str, name: str) -> str:
    """The key that an alias stands for; empty where there is none."""
    for entry in facts.catalog.get("aliases", []):
        if entry.get("table") == table and str(entry.get("alias", "")).lower() == name.lower():
            return str(entry.get("key", ""))
    return ""


def grid_row(facts: Facts, offer: MachineUsed) -> dict[str, Any]:
    """The grid that feeds a machine; empty where its place is not known."""
    for name in (f"{offer.provider}/{offer.region}", offer.region):
        for key in (name, alias(facts, "grids", name)):
            found = row(facts, "grids", "region", key) if key else {}
            if found:
                return found
    return {}
