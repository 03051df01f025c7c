"""What pydantic finds wrong with a row, in the words of the person who edits the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_NUMBER = "Write a number with a decimal point, without unit."
_WHOLE = "Write a whole number."
_DAY = "Write the day as YYYY-MM-DD."
_YES_NO = "Write yes or no."

_SAID = {
    "float_parsing": ("is not a number", _NUMBER),
    "float_type": ("is not a number", _NUMBER),
    "finite_number": ("is not a finite number", "Leave the cell empty where nothing is known."),
    "int_parsing": ("is not a whole number", _WHOLE),
    "int_from_float": ("is not a whole number", _WHOLE),
    "int_type": ("is not a whole number", _WHOLE),
    "bool_parsing": ("is neither yes nor no", _YES_NO),
    "bool_type": ("is neither yes nor no", _YES_NO),
    "date_parsing": ("is not a day", _DAY),
    "date_from_datetime_parsing": ("is not a day", _DAY),
    "date_from_datetime_inexact": ("is not a day", _DAY),
    "date_type": ("is not a day", _DAY),
    "string_type": ("is not text", "Put it in quotation marks."),
    "string_pattern_mismatch": ("is not allowed here", "Leave out colons and, in offers, slashes."),
    "tuple_type": ("is not a list", "Write a list, e.g. [16, 64]."),
}

_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}

_LONGEST = 60


def problems_of(error: ValidationError, where: str, columns: Collection[str]) -> list[Problem]:
    """One problem for each fault of a row.

    Args:
        error: what pydantic raised.
        where: file and line of the row.
        columns: the columns that the table knows.
    """
    return [_problem(detail, where, columns) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, where: str, columns: Collection[str]) -> Problem:
    column = str(detail["loc"][0]) if detail["loc"] else "row"
    place = f"{where}, {column}"
    kind = detail["type"]
    if kind == "missing":
        return Problem(place, "it is empty", "Fill it in, or delete the row.")
    if kind == "extra_forbidden":
        return Problem(place, "this column is not known", did_you_mean(column, columns))
    found = _shown(detail["input"])
    if kind in ("enum", "literal_error"):
        known = [word.strip(" '") for word in _expected(detail).replace(" or ", ",").split(",")]
        return Problem(place, f"{found} is not known", did_you_mean(str(detail["input"]), known))
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        bound = detail["ctx"][key]
        return Problem(
            place, f"{found} is not {word} {bound}", f"Give a value {word} {bound} or delete it."
        )
    what, remedy = _SAID.get(kind, ("cannot stand here", f"{detail['msg']}."))
    return Problem(place, f"{found} {what}", remedy)


def _expected(detail: ErrorDetails) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    return str(context.get("expected", ""))


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
