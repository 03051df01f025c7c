"""Sets pages with typst: no Qt, no network, equal bytes for equal input.

Values reach typst as JSON and never as markup, so that a name stays a name whatever it holds.
"""

from __future__ import annotations

import json
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

    PDF/A-2b (everything embedded) and PDF/UA-1 (tagged for screen readers) where the fonts hold
    every letter: the bundled font first, then those of the machine. The standards forbid missing
    letters, so the last attempt is a plain tagged PDF that shows letters without a font as boxes.

    Args:
        template: file name of the template.
        data: what the template shows; anything that JSON can hold.
        made_at: ISO 8601 time that the file states as its own; a bad one becomes 1970.
    """
    source = files("solver.export").joinpath(template).read_bytes()
    document = json.dumps(data, ensure_ascii=False, sort_keys=True)
    for system_fonts, archival in ((False, True), (True, True), (True, False)):
        try:
            return bytes(
                typst.compile(
                    source,
                    format="pdf",
                    sys_inputs={"data": document},
                    font_paths=_fonts(system=system_fonts),
                    pdf_standards=["a-2b", "ua-1"] if archival else None,
                    timestamp=_moment(made_at),
                )
            )
        except typst.TypstError as fault:
            if "could not be displayed with font" not in str(fault):
                raise
    raise AssertionError("a plain PDF asks nothing of its fonts")


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
