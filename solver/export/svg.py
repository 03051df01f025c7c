"""SVG elements as text: numbers short, every user's word escaped."""

from __future__ import annotations

from html import escape

FONT = "Inter, 'Source Sans 3', 'Helvetica Neue', Arial, sans-serif"
"""Inter is bundled beside this module; the others are for viewers that do not have it."""

MEAN_LETTER = 0.52
"""Mean width of a letter of Inter Regular in text like ours, over its size. [em]"""

XML_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
"""Characters that XML 1.0 forbids even as references."""


def element(tag: str, content: str = "", **attributes: float | str | None) -> str:
    """One element; `content` is markup already, attribute values are escaped here.

    Underscores in attribute names become hyphens, a trailing one is dropped (`class_`); an
    attribute that is None is left out.
    """
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}={_attribute(value)}"
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def text(words: str, x: float, y: float, size: float, **attributes: float | str | None) -> str:
    """A line of text with its baseline at y; `words` may hold anything."""
    return element("text", safe(words), x=x, y=y, font_size=size, **attributes)


def picture(width: float, height: float, title: str, description: str, body: str) -> str:
    """A whole SVG file with a title and a description for those who do not see it."""
    return element(
        "svg",
        element("title", safe(title)) + element("desc", safe(description)) + body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        font_family=FONT,
    )


def safe(words: str) -> str:
    """Words as the content of an element."""
    return escape(words.translate(XML_CONTROLS), quote=False)


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short in {"-0", ""} else short


def text_width(words: str, size: float) -> float:
    """About how wide a line of text will be, in the unit of `size`."""
    return len(words) * size * MEAN_LETTER


def _attribute(value: float | str) -> str:
    if isinstance(value, str):
        return f'"{escape(value.translate(XML_CONTROLS))}"'
    return f'"{number(value)}"'
