"""Values as YAML, shell words, comments and names: a user's text stays data in each of them."""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from solver.export.tables import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMENT_WIDTH = 98

LONGEST_SLUG = 28
"""Short enough for every target: dstack allows 41 letters of a run's name, with our prefix. [1]"""

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
"""Strings that YAML reads as strings without quotes, but for the words below."""

NOT_STRINGS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
"""Words that YAML 1.1 reads as something else, in any case."""

SCRIPT = re.compile(
    r"(?![ \n])([\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*(?<! )\n)+"
)
"""Lines that a YAML block can hold as they are: no control letters, no spaces at their ends."""

BREAKS = "\u2028\u2029"
"""Line breaks for YAML, not for most editors; a comment must not end at one."""


def yaml_text(value: Mapping[str, object], header: Iterable[str] = ()) -> str:
    """A mapping as YAML in block style, under comment lines.

    Args:
        value: what JSON can hold, with our own words as keys; entries that are None are left out.
        header: sentences of the comment above it.
    """
    lines = _mapping(
        {key: _present(inner) for key, inner in value.items() if inner is not None}, ""
    )
    return comment(header) + "\n".join(lines) + "\n"


def comment(lines: Iterable[str], sign: str = "#") -> str:
    """Sentences as comment lines, whatever they hold."""
    out: list[str] = []
    for line in lines:
        clean = printable(line).translate(dict.fromkeys(map(ord, BREAKS), " ")).strip()
        wrapped = textwrap.wrap(clean, COMMENT_WIDTH - len(sign), break_on_hyphens=False)
        out.extend(f"{sign} {part}" for part in wrapped)
    return "".join(f"{line}\n" for line in out)


def quoted(text: str) -> str:
    """A text in double quotes that YAML 1.1, YAML 1.2 and JSON read alike."""
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def number_text(value: float) -> str:
    """A number without an exponent, which YAML 1.1 would take for a word: 0.00002."""
    if isinstance(value, int):
        return str(value)
    text = format(Decimal(repr(value)), "f")
    return text if "." in text else f"{text}.0"


def slug(text: str, default: str = "job") -> str:
    """A name of lower-case letters, digits and hyphens, as files and clusters take it."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
    return words[:LONGEST_SLUG].strip("-") or default


def _escaped(letter: str) -> str:
    code = ord(letter)
    harmless = 0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0xE000 <= code < 0xFFFE  # noqa: PLR2004
    if (harmless or code > 0xFFFF) and letter not in BREAKS + "\ufeff":  # noqa: PLR2004
        return letter
    return f"\\u{code:04x}"


def _present(value: object) -> object:
    """A value without the entries of mappings and lists that are None."""
    if isinstance(value, Mapping):
        return {key: _present(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_present(inner) for inner in value if inner is not None]
    return value


def _mapping(value: Mapping[str, object], indent: str) -> list[str]:
    out: list[str] = []
    for key, inner in value.items():
        out.extend(_entry(f"{indent}{_scalar(key)}:", inner, indent))
    return out


def _entry(head: str, value: object, indent: str) -> list[str]:
    if isinstance(value, Mapping) and value:
        return [head, *_mapping(value, indent + "  ")]
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return [head, *(line for item in value for line in _item(item, indent + "  "))]
    if isinstance(value, str) and value.count("\n") > 1 and SCRIPT.fullmatch(value):
        lines = value.removesuffix("\n").split("\n")
        return [f"{head} |", *(f"{indent}  {line}".rstrip() for line in lines)]
    return [f"{head} {_scalar(value)}"]


def _item(value: object, indent: str) -> list[str]:
    if isinstance(value, Mapping) and value:
        lines = _mapping(value, indent + "  ")
        return [f"{indent}- {lines[0].lstrip()}", *lines[1:]]
    return _entry(f"{indent}-", value, indent)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, str):
        plain = PLAIN.fullmatch(value) and value.lower() not in NOT_STRINGS
        return value if plain else quoted(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, Sequence):
        return "[]"
    raise TypeError(f"{type(value).__name__} has no place in a launch file")
