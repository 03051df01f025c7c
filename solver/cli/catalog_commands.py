"""`trilemma catalog`: what is known, with source and date, and whether it is consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.check import check_catalog
from catalog.load import load_catalog
from catalog.problems import Problem, ProblemsError, did_you_mean
from catalog.rows import ROW_TYPES
from catalog.show import facts_of, rows_for
from solver.cli.commands import Command, add_command, overlay_of, with_overlay
from solver.cli.terminal import complain, say, say_table
from solver.export.tables import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

COMMAND = Command(
    "catalog",
    "list, show or check the facts",
    "Facts about accelerators, offers, models, methods, precisions, tasks and scores, each with "
    "its source and date.",
    """\
examples:
  trilemma catalog list                   the tables and how many rows they hold
  trilemma catalog list offers H100 aws   rows in which every word occurs
  trilemma catalog show A100-80-SXM       everything known under a name
  trilemma catalog check                  consistency of the facts
""",
)


LIST = Command(
    "list",
    "tables, or the rows of one",
    "List the tables and how many rows they hold, or the rows of one table.",
    """\
examples:
  trilemma catalog list
  trilemma catalog list offers H100 aws
""",
)

SHOW = Command(
    "show",
    "everything known under a name",
    "Show every fact known under a name, with its source and date.",
    """\
examples:
  trilemma catalog show A100-80-SXM
  trilemma catalog show Llama-3.1-8B
""",
)

CHECK = Command(
    "check",
    "consistency of all facts",
    "Check the shipped facts and your own against each other; exit code 1 where any disagree.",
    """\
examples:
  trilemma catalog check
  trilemma catalog check --overlay my-facts
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, _list)
    actions = made.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = add_command(actions, LIST, _list)
    listing.add_argument("table", nargs="?", help=f"one of {', '.join(ROW_TYPES)}")
    listing.add_argument("words", nargs="*", help="only rows in which every word occurs")
    showing = add_command(actions, SHOW, _show)
    showing.add_argument("name", help="id, name, alias or key")
    checking = add_command(actions, CHECK, _check)
    for parser in (listing, showing, checking):
        with_overlay(parser)


def _list(arguments: argparse.Namespace) -> int:
    catalog = load_catalog(overlay_of(arguments))
    if arguments.table is None:
        rows = [(name, f"{len(catalog.table(name)):,}") for name in ROW_TYPES]
        say_table(("table", "rows"), rows, "lr")
        say(f"\nNewest fact of {catalog.revision}, sha256 {catalog.sha256[:12]}.")
        return 0
    if arguments.table not in ROW_TYPES:
        problem = Problem(
            "table", f"{arguments.table!r} is no table", did_you_mean(arguments.table, ROW_TYPES)
        )
        raise ProblemsError("Nothing to list", [problem])
    listing = rows_for(catalog, arguments.table, arguments.words)
    say_table(listing.headers, listing.rows, _sides(listing.headers, listing.rows))
    say(f"\n{len(listing.rows):,} of {len(catalog.table(arguments.table)):,} rows.")
    return 0


def _sides(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of numbers end at the right."""
    columns = [[row[i] for row in rows if row[i]] for i in range(len(headers))]
    return "".join("r" if cells and all(map(_is_number, cells)) else "l" for cells in columns)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).isdigit()


def _show(arguments: argparse.Namespace) -> int:
    catalog = load_catalog(overlay_of(arguments))
    sheets = facts_of(catalog, arguments.name)
    if not sheets:
        known = [key for table in ROW_TYPES if table != "scores" for key in catalog.table(table)]
        problem = Problem(
            "name", f"nothing is known as {arguments.name!r}", did_you_mean(arguments.name, known)
        )
        raise ProblemsError("Nothing to show", [problem])
    for position, sheet in enumerate(sheets):
        say(("\n" if position else "") + printable(f"{sheet.table}: {sheet.key}"))
        say_table(("", ""), sheet.pairs)
    return 0


def _check(arguments: argparse.Namespace) -> int:
    problems = check_catalog(load_catalog(overlay_of(arguments)))
    for problem in problems:
        complain(str(problem))
    say(f"{len(problems)} problems." if problems else "The catalogue is consistent.")
    return 1 if problems else 0
