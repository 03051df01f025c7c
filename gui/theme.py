"""Colours, fonts and spacings of the window: own palettes on Qt's Fusion style.

The colours of the charts are those of the report (`solver/export/themes.py`), so that a plan looks
the same on screen and on paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from gui.style import style_sheet
from solver.export.themes import DARK as DARK_CHART
from solver.export.themes import LIGHT as LIGHT_CHART

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from solver.export.themes import Theme as ChartTheme

FONTS = ("Inter-Regular.otf", "Inter-SemiBold.otf")
FONT_PIXELS = 13
"""Size of ordinary text. [px]"""


class Choice(StrEnum):
    """What the user wants; the system's word counts where it says one."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Look:
    """Every colour of the window by what it is for."""

    chart: ChartTheme
    window: str
    card: str
    field: str
    edge: str
    edge_strong: str
    ink: str
    quiet: str
    faint: str
    accent: str
    accent_hover: str
    on_accent: str
    hover: str
    track: str
    good: str
    good_ground: str
    warning: str
    warning_ground: str
    bad: str
    bad_ground: str
    kept_ground: str
    """Ground of the plot where deadline and budget are kept."""
    places: tuple[str, ...]
    """One for each pool or offer on the timeline, readable under letters of `on_accent`."""

    @property
    def is_dark(self) -> bool:
        """True for light letters on a dark ground."""
        return self.chart is DARK_CHART


LIGHT = Look(
    chart=LIGHT_CHART,
    window="#f2f4f7",
    card="#ffffff",
    field="#ffffff",
    edge="#e0e4ea",
    edge_strong="#c3cad4",
    ink="#1c2430",
    quiet="#5b6675",
    faint="#8a94a3",
    accent="#1f5fbf",
    accent_hover="#194f9f",
    on_accent="#ffffff",
    hover="#eef2f8",
    track="#dfe4eb",
    good="#1b7f4b",
    good_ground="#e6f4ec",
    warning="#9a5b00",
    warning_ground="#fdf3e1",
    bad="#b42b23",
    bad_ground="#fcebe9",
    kept_ground="#f1f7f3",
    places=(
        "#1f5fbf",
        "#a85a00",
        "#1b7f4b",
        "#7d48b3",
        "#b32d62",
        "#1f7f8c",
        "#6f6020",
        "#586273",
    ),
)

DARK = Look(
    chart=DARK_CHART,
    window="#0e1116",
    card="#161a21",
    field="#0f1319",
    edge="#262d38",
    edge_strong="#3a4453",
    ink="#e8ebf0",
    quiet="#9aa5b4",
    faint="#6d7888",
    accent="#7aa7f7",
    accent_hover="#97bbfa",
    on_accent="#0c1320",
    hover="#1e242e",
    track="#2b333f",
    good="#5ccf8f",
    good_ground="#13291f",
    warning="#f0b45e",
    warning_ground="#2d2414",
    bad="#ff8f87",
    bad_ground="#331b1c",
    kept_ground="#161f1f",
    places=(
        "#7aa7f7",
        "#f0b45e",
        "#5ccf8f",
        "#c39bf0",
        "#f48fb1",
        "#6fd0dd",
        "#d4c26a",
        "#a9b4c4",
    ),
)


def look_of(choice: Choice) -> Look:
    """The colours of a choice; a system that says nothing is light."""
    if choice is Choice.SYSTEM:
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return DARK if dark else LIGHT
    return DARK if choice is Choice.DARK else LIGHT


def dress(application: QApplication, look: Look) -> None:
    """Give every widget of the program a look.

    Qt's own colour schemes do nothing without a desktop, so palette and style sheet are ours.
    """
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, look.window),
        (role.WindowText, look.ink),
        (role.Base, look.field),
        (role.AlternateBase, look.hover),
        (role.Text, look.ink),
        (role.PlaceholderText, look.faint),
        (role.Button, look.card),
        (role.ButtonText, look.ink),
        (role.BrightText, look.bad),
        (role.Highlight, look.accent),
        (role.HighlightedText, look.on_accent),
        (role.ToolTipBase, look.card),
        (role.ToolTipText, look.ink),
        (role.Link, look.accent),
        (role.Mid, look.edge),
        (role.Dark, look.edge_strong),
        (role.Light, look.card),
        (role.Shadow, look.edge),
    ):
        palette.setColor(target, QColor(colour))
    for target in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(look.faint))
    application.setPalette(palette)
    application.setStyleSheet(style_sheet(look))


def load_fonts(application: QApplication) -> None:
    """Make the bundled font the program's own: bare machines have no other than DejaVu."""
    families: list[str] = []
    for name in FONTS:
        with as_file(files("solver.export").joinpath("fonts", name)) as path:
            number = QFontDatabase.addApplicationFont(str(path))
        families.extend(QFontDatabase.applicationFontFamilies(number) if number >= 0 else [])
    font = QFont(families[0] if families else application.font().family())
    font.setPixelSize(FONT_PIXELS)
    application.setFont(font)
