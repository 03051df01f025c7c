"""`trilemma catalog`: what is known, with source and date, and whether it is consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.check import check_catalog
from catalog.load import load_catalog
from catalog.problems import Problem, ProblemsError, did_you_mean
from catalog.rows import ROW_TYPES
from catalog.scores import published_on, score_listing
from catalog.show import facts_of, rows_for
from solver.cli.commands import Command, add_command, overlay_of, with_overlay
from solver.cli.json_output import with_json, write_json
from solver.cli.terminal import complain, say, say_table
from solver.export.tables import printable
from solver.export.words import accuracy_text, count_text, plural

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
  trilemma catalog scores MNLI            published on a task, best first
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

SCORES = Command(
    "scores",
    "what is published on a task",
    "List the published scores on a task, by metric and split, the best first, each with its "
    "method, data, source and year.",
    """\
examples:
  trilemma catalog scores MNLI
  trilemma catalog scores GSM8K lora          rows in which every word occurs
  trilemma catalog scores SST-2 --json -      as JSON, for a program
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
    scoring = add_command(actions, SCORES, _scores)
    scoring.add_argument("task", help="id, name or alias of a task")
    scoring.add_argument("words", nargs="*", help="only rows in which every word occurs")
    with_json(scoring)
    checking = add_command(actions, CHECK, _check)
    for parser in (listing, showing, scoring, checking):
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


def _scores(arguments: argparse.Namespace) -> int:
    catalog = load_catalog(overlay_of(arguments))
    task = catalog.task_named(arguments.task)
    if task is None:
        problem = Problem(
            "task",
            f"no task is known as {arguments.task!r}",
            did_you_mean(arguments.task, catalog.tasks),
        )
        raise ProblemsError("Nothing to list", [problem])
    scores = published_on(catalog, task, arguments.words)
    if arguments.json is not None:
        rows = [score.model_dump(mode="json") for score in scores]
        write_json({"task": task.model_dump(mode="json"), "scores": rows}, arguments.json)
        return 0
    data = f", {count_text(task.train_examples)} training examples" if task.train_examples else ""
    say(
        printable(
            f"{task.name} ({task.id}): {task.metric}, {task.family}, guessing gives "
            f"{accuracy_text(task.chance)}, nobody exceeds {accuracy_text(task.ceiling)}{data}."
        )
    )
    if scores:
        listing = score_listing(scores)
        say()
        say_table(listing.headers, listing.rows, _sides(listing.headers, listing.rows))
    models = len({score.model for score in scores})
    say(f"\n{plural(len(scores), 'published score')} of {plural(models, 'model')}.")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    problems = check_catalog(load_catalog(overlay_of(arguments)))
    for problem in problems:
        complain(str(problem))
    say(f"{len(problems)} problems." if problems else "The catalogue is consistent.")
    return 1 if problems else 0
