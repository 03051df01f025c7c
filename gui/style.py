"""The style sheet: how Fusion's widgets are dressed, from the colours of a look."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.theme import Look

SHEET = Template("""
QMainWindow, QDialog { background: $window; }
QToolTip { background: $card; color: $ink; border: 1px solid $edge_strong; padding: 4px 6px; }
QMenuBar { background: $window; color: $ink; padding: 2px 8px; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $card; color: $ink; border: 1px solid $edge_strong; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 14px; border-radius: 5px; }
QMenu::item:selected { background: $hover; color: $ink; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $edge; margin: 5px 8px; }
QStatusBar { background: $window; color: $quiet; }
QStatusBar::item { border: none; }
QSplitter::handle { background: transparent; }

QFrame[role="card"] { background: $card; border: 1px solid $edge; border-radius: 10px; }
QFrame[role="rule"] { background: $edge; border: none; max-height: 1px; min-height: 1px; }
QWidget[role="plain"], QScrollArea[role="plain"] { background: transparent; border: none; }
QLabel { background: transparent; color: $ink; }
QLabel[role="title"] { font-size: 16px; font-weight: 600; }
QLabel[role="headline"] { font-size: 18px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="value"] { font-size: 19px; font-weight: 600; }
QLabel[role="quiet"] { color: $quiet; font-size: 12px; }
QLabel[role="over"] { color: $quiet; font-size: 11px; font-weight: 600; }
QLabel[role="error"] { color: $bad; font-size: 12px; }
QLabel[role="good"] { color: $good; font-size: 12px; }
QLabel[role="warning"] { color: $warning; font-size: 12px; }
QLabel[role="bad"] { color: $bad; font-size: 12px; }
QLabel[tone="good"] { color: $good; background: $good_ground; border-radius: 8px;
  padding: 2px 8px; font-size: 12px; font-weight: 600; }
QLabel[tone="warning"] { color: $warning; background: $warning_ground; border-radius: 8px;
  padding: 2px 8px; font-size: 12px; font-weight: 600; }
QLabel[tone="bad"] { color: $bad; background: $bad_ground; border-radius: 8px;
  padding: 2px 8px; font-size: 12px; font-weight: 600; }
QFrame[banner="bad"] { background: $bad_ground; border: 1px solid $bad; border-radius: 10px; }
QFrame[banner="warning"] { background: $warning_ground; border: 1px solid $warning;
  border-radius: 10px; }
QLabel[role="hover"] { background: $card; color: $ink; border: 1px solid $edge_strong;
  border-radius: 7px; padding: 6px 9px; font-size: 12px; }

QLineEdit, QComboBox, QAbstractSpinBox { background: $field; color: $ink;
  border: 1px solid $edge_strong; border-radius: 6px; padding: 4px 8px; min-height: 18px;
  selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus { border: 1px solid $accent; }
QLineEdit:disabled, QComboBox:disabled { color: $faint; border-color: $edge; }
QLineEdit[wrong="true"] { border: 1px solid $bad; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox QAbstractItemView { background: $card; color: $ink; border: 1px solid $edge_strong;
  selection-background-color: $hover; selection-color: $ink; outline: none; }
QCheckBox { color: $ink; spacing: 8px; padding: 2px; }
QCheckBox:focus { color: $accent; }
QTableWidget { background: $field; color: $ink; border: 1px solid $edge; border-radius: 6px;
  gridline-color: $edge; selection-background-color: $hover; selection-color: $ink; }
QPlainTextEdit { background: $field; color: $ink; border: 1px solid $edge; border-radius: 7px;
  padding: 4px; selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit:focus { border: 1px solid $accent; }
QTabBar::tab { background: transparent; color: $quiet; border: none; padding: 5px 10px;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $ink; }
QTabBar::tab:selected { color: $ink; font-weight: 600; border-bottom: 2px solid $accent; }
QTabBar:focus::tab:selected { color: $accent; }
QTableWidget::item, QTableView::item { padding: 0px 4px; }
QTableView QLineEdit, QListWidget QLineEdit { border: none; border-radius: 0px; padding: 0px 3px;
  min-height: 0px; }
QTableView { background: $field; color: $ink; border: 1px solid $edge; border-radius: 6px;
  gridline-color: $edge; alternate-background-color: $window; selection-background-color: $hover;
  selection-color: $ink; }
QListWidget { background: $field; color: $ink; border: 1px solid $edge; border-radius: 7px;
  padding: 2px; outline: none; }
QListWidget:focus { border: 1px solid $accent; }
QListWidget::item { padding: 3px 7px; border-radius: 5px; min-height: 18px; }
QListWidget::item:hover { background: $hover; }
QListWidget::item:selected { background: $accent; color: $on_accent; }
QHeaderView::section { background: $card; color: $quiet; border: none;
  border-bottom: 1px solid $edge; padding: 4px 6px; font-size: 12px; }

QPushButton { background: $card; color: $ink; border: 1px solid $edge_strong; border-radius: 7px;
  padding: 6px 12px; }
QPushButton:hover { background: $hover; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $faint; border-color: $edge; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent;
  font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:disabled { background: $track; color: $faint; border-color: $track; }
QPushButton[role="fold"] { background: transparent; border: none; border-radius: 5px;
  padding: 5px 2px; text-align: left; font-weight: 600; }
QPushButton[role="fold"]:hover { color: $accent; }
QPushButton[role="fold"]:focus { color: $accent; }
QPushButton[role="link"] { background: transparent; border: none; padding: 2px 0px;
  color: $accent; text-align: left; }
QPushButton[role="link"]:hover { color: $accent_hover; text-decoration: underline; }
QPushButton[role="link"]:focus { text-decoration: underline; }
QPushButton[role="row"] { background: transparent; border: 1px solid transparent;
  border-radius: 7px; padding: 0px; text-align: left; }
QPushButton[role="row"]:hover { background: $hover; }
QPushButton[role="row"]:focus { border: 1px solid $accent; }
QPushButton[role="segment"] { border-radius: 7px; padding: 5px 4px; border-color: $edge;
  font-size: 12px; }
QPushButton[role="segment"]:checked { background: $accent; color: $on_accent;
  border-color: $accent; font-weight: 600; }

QSlider::groove:horizontal { height: 4px; background: $track; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::add-page:horizontal { background: $track; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
  background: $card; border: 2px solid $accent; }
QSlider::handle:horizontal:hover { background: $hover; }
QSlider::handle:horizontal:focus { background: $accent; }
QSlider[silent="true"]::sub-page:horizontal { background: $track; }
QSlider[silent="true"]::handle:horizontal { border-color: $edge_strong; }

QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar::handle:vertical { background: $edge_strong; border-radius: 3px; min-height: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle:horizontal { background: $edge_strong; border-radius: 3px; min-width: 32px; }
QProgressBar { background: $track; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
""")


PLAIN = ("chart", "places")
"""Parts of a look that the sheet does not use."""


def style_sheet(look: Look) -> str:
    """The style sheet of a look."""
    colours = {name: getattr(look, name) for name in look.__slots__ if name not in PLAIN}
    return SHEET.substitute(colours)
