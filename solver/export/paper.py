"""Sets pages with typst: no Qt, no network, equal bytes for equal input.

Values reach typst as JSON and never as markup, so that a name stays a name whatever it holds.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

FONTS = Path(str(files("solver.export").joinpath("fonts")))

POINTS_PER_PIXEL = 0.75
"""CSS: 96 pixels and 72 points make an inch. [pt/px]"""

PIXELS_PER_INCH = 96.0

UNKNOWN = "\ufffd"
"""Stands for a letter that no font has."""

ATTEMPTS = 6
"""A complaint may name only some of the missing letters. [1]"""

MISSING = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)

CODE_POINT = re.compile(r"\\u\{([0-9a-f]+)\}")
"""How the compiler writes a letter that is not printable."""

PICTURE = b"""
#let picture = json(bytes(sys.inputs.data))
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#image(bytes(picture.svg), format: "svg", width: picture.width * 1pt)
"""


def png_of(svg: str, width: float, scale: float = 2.0) -> bytes:
    """A picture of an SVG file.

    Args:
        svg: the file's text.
        width: of the SVG. [px]
        scale: pixels of the picture for each pixel of the SVG. [1]
    """
    data = json.dumps({"svg": svg, "width": width * POINTS_PER_PIXEL})
    return bytes(
        typst.compile(
            PICTURE,
            format="png",
            ppi=PIXELS_PER_INCH * scale,
            sys_inputs={"data": data},
            font_paths=_fonts(system=False),
        )
    )


def pdf_of(template: str, data: dict[str, Any], made_at: str) -> bytes:
    """A document from a template beside this module and its data.

    PDF/A-2b (everything embedded) and PDF/UA-1 (tagged for screen readers): the bundled font first,
    then those of the machine. Letters that no font has become `UNKNOWN`, and the document names
    them: as `missing` of its data it gets their code points.

    Args:
        template: file name of the template.
        data: what the template shows; anything that JSON can hold.
        made_at: ISO 8601 time that the file states as its own; a bad one becomes 1970.
    """
    source = files("solver.export").joinpath(template).read_bytes()
    moment, missing = _moment(made_at), ""
    for system_fonts in (False, True, *[True] * ATTEMPTS):
        shown = {**_replaced(data, missing), "missing": _named(missing)}
        document = json.dumps(shown, ensure_ascii=False, sort_keys=True)
        try:
            return bytes(
                typst.compile(
                    source,
                    format="pdf",
                    sys_inputs={"data": document},
                    font_paths=_fonts(system=system_fonts),
                    pdf_standards=["a-2b", "ua-1"],
                    timestamp=moment,
                )
            )
        except typst.TypstError as fault:
            lacking = _undrawable(fault)
            if not lacking:
                raise
            # The first attempt did not ask the machine's fonts yet.
            missing += lacking if system_fonts else ""
    raise AssertionError("letters were replaced and are still missing")


def _undrawable(fault: typst.TypstError) -> str:
    """The letters that a compiler's complaint says no font has; empty where it says another."""
    complaint = str(getattr(fault, "diagnostic", None) or fault)
    runs = MISSING.findall(complaint)
    letters = "".join(CODE_POINT.sub(lambda code: chr(int(code.group(1), 16)), run) for run in runs)
    return "".join(dict.fromkeys(c for c in letters if not (c.isascii() and c.isprintable())))


def _replaced(value: Any, missing: str) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value with `UNKNOWN` for every missing letter of its strings."""
    if isinstance(value, str):
        return value.translate(dict.fromkeys(map(ord, missing), UNKNOWN))
    if isinstance(value, dict):
        return {key: _replaced(inner, missing) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(inner, missing) for inner in value]
    return value


def _named(letters: str) -> list[str]:
    """Letters by their code points: U+4E2D."""
    return [f"U+{ord(letter):04X}" for letter in letters]


@cache
def _fonts(*, system: bool) -> typst.Fonts:
    """The bundled font and typst's own, perhaps with those of the machine: 20 ms once."""
    return typst.Fonts(include_system_fonts=system, font_paths=[FONTS])


def pages_of(template: str, data: dict[str, Any]) -> int:
    """How many pages a document takes; the template ends with its count, labelled `<pages>`."""
    source = files("solver.export").joinpath(template).read_bytes()
    found = typst.query(
        source,
        "<pages>",
        field="value",
        one=True,
        sys_inputs={"data": json.dumps(data)},
        font_paths=_fonts(system=False),
    )
    return int(found)


def _moment(iso: str) -> datetime:
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
