"""Pictures of the window for the documentation, made without a display.

    python -m benchmarks.window_pictures --out docs/images

Every picture is taken by a process of its own, since Qt's scale is fixed at its start.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solver.export.themes import DARK, LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication, QWidget

    from gui.window import Window

PLAIN = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is taken."""

    example: str
    colours: str = "light"
    size: tuple[int, int] = (1360, 820)
    scene: str = PLAIN
    """What is done before: a name of `SCENES`."""
    scales: tuple[int, ...] = (1, 2)


PICTURES = {
    "window-light": Picture("1-tickets.toml"),
    "window-dark": Picture("1-tickets.toml", "dark"),
    "window-impossible": Picture("4-too-little.toml"),
    "window-unknown": Picture("5-new-task.toml"),
    "window-jobs": Picture("6-lab.toml", scales=(1,)),
    "window-compare": Picture("1-tickets.toml", scene="compare", scales=(1,)),
    "window-accuracy": Picture("1-tickets.toml", "dark", scene="accuracy", scales=(1,)),
    "window-catalogue": Picture("1-tickets.toml", scene="catalogue", scales=(1,)),
}
"""Those of the documentation."""

OTHERS = {
    "window-small": Picture("1-tickets.toml", size=(1000, 640)),
    "window-large": Picture("2-chat-8b.toml", "dark", (1920, 1080)),
    "window-chain": Picture("7-chain.toml", "dark"),
    "window-measure": Picture("5-new-task.toml", scene="accuracy"),
    "window-launch": Picture("1-tickets.toml", scene="launch"),
}
"""Taken only by name, to look at."""

PATIENCE_S = 120.0
SETTLING_S = 1.0


def main() -> int:
    """Take the pictures that are asked for; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--only", choices={**PICTURES, **OTHERS}, help="one picture instead of all")
    parser.add_argument("--scale", type=int, choices=(1, 2), help="one scale instead of both")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.here:
        return take(options.only, options.out / file_name(options.only, options.scale))
    for name in [options.only] if options.only else PICTURES:
        scales = {**PICTURES, **OTHERS}[name].scales
        for scale in [options.scale] if options.scale else scales:
            command = [sys.executable, "-m", "benchmarks.window_pictures", "--here"]
            command += ["--out", str(options.out), "--only", name, "--scale", str(scale)]
            environment = {
                **os.environ,
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": str(scale),
            }
            subprocess.run(command, check=True, env=environment)
            print(file_name(name, scale))
    return 0


def file_name(name: str, scale: int) -> str:
    """The file of a picture."""
    return f"{name}.png" if scale == 1 else f"{name}@{scale}x.png"


def take(name: str, path: Path) -> int:
    """Open the window, wait for the answer, keep what is seen."""
    # Only the process that shows a window needs Qt.
    from gui.application import make_application, open_window  # noqa: PLC0415
    from gui.settings import Settings, profile_of, write_settings  # noqa: PLC0415
    from solver.examples import example  # noqa: PLC0415
    from solver.question_file import read_question  # noqa: PLC0415

    picture = {**PICTURES, **OTHERS}[name]
    application = make_application()
    with tempfile.TemporaryDirectory() as folder:
        profile = profile_of(Path(folder))
        write_settings(profile, Settings.model_validate({"theme": picture.colours}))
        window = open_window(read_question(example(picture.example)), profile=profile)
        window.resize(*picture.size)
        window.show()
        waiting = Waiting(application)
        store = window.session.store
        is_answered = waiting.until(lambda: store.shown.is_current)
        waiting.settle()
        target = SCENES[picture.scene](window, waiting) if picture.scene else window
        few_colours(target.grab().toImage()).save(str(path))
        window.session.close()
        window.files.close()
    return 0 if is_answered else 1


class Waiting:
    """Lets the window live until something holds."""

    def __init__(self, application: QApplication) -> None:
        self._application = application

    def until(self, holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
        """Wait; False where it never held."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            self._application.processEvents()
            if holds():
                return True
            time.sleep(0.005)
        return False

    def settle(self) -> None:
        """Let everything be drawn that was shown."""
        self.until(lambda: False, SETTLING_S)


def compare(window: Window, waiting: Waiting) -> QWidget:
    """Pin the plan, ask for less accuracy in less time, and compare."""
    # Only the process that shows a window needs Qt.
    from gui.changes import DEADLINE, Change  # noqa: PLC0415
    from gui.middle import COMPARE  # noqa: PLC0415

    store = window.session.store
    window.pin()
    store.wish(Change("less", ((("jobs", 0, "min_accuracy"), 0.8), (DEADLINE, 0.5))))
    waiting.until(lambda: store.shown.is_current)
    window.middle.pages.show_page(COMPARE)
    waiting.settle()
    return window


def accuracy(window: Window, waiting: Waiting) -> QWidget:
    """Look at the accuracies."""
    from gui.middle import ACCURACY  # noqa: PLC0415

    window.middle.pages.show_page(ACCURACY)
    waiting.until(lambda: window.session.errands.waiting > 0, SETTLING_S)
    waiting.until(lambda: window.session.errands.waiting == 0)
    waiting.settle()
    return window


def catalogue(window: Window, waiting: Waiting) -> QWidget:
    """Search the offers of one accelerator, cheapest first."""
    from PySide6.QtCore import Qt  # noqa: PLC0415
    from PySide6.QtWidgets import QLineEdit, QTableView  # noqa: PLC0415

    dialog = window.tools.show_catalogue("offers")
    waiting.until(lambda: dialog.position is not None)
    dialog.findChild(QLineEdit, "search").setText("h100 spot")
    view = dialog.findChild(QTableView, "rows")
    view.sortByColumn(7, Qt.SortOrder.AscendingOrder)
    view.selectRow(1)
    waiting.settle()
    return dialog


def launch(window: Window, waiting: Waiting) -> QWidget:
    """Look at the launch files."""
    dialog = window.tools.show_launch()
    waiting.until(lambda: window.session.errands.waiting == 0)
    waiting.settle()
    return dialog


SCENES = {"compare": compare, "accuracy": accuracy, "catalogue": catalogue, "launch": launch}


def few_colours(image: QImage) -> QImage:
    """The picture in the looks' and its most frequent colours: a third of the bytes."""
    from PySide6.QtCore import Qt  # noqa: PLC0415
    from PySide6.QtGui import QColor, QImage  # noqa: PLC0415

    from gui import theme  # noqa: PLC0415

    whole = image.convertToFormat(QImage.Format.Format_RGB32)
    colours, counts = np.unique(np.frombuffer(whole.constBits(), np.uint32), return_counts=True)
    named = [colour for look in (LIGHT, DARK) for colour in look.ramp]
    for look in (theme.LIGHT, theme.DARK):
        chart = look.chart
        named += [look.good, look.warning, look.bad, look.accent, *look.places]
        named += [chart.star, chart.near_miss, chart.excluded, chart.deadline, chart.budget]
    ramps = list(dict.fromkeys(QColor(colour).rgb() for colour in named))
    frequent = colours[np.argsort(-counts, kind="stable")[: 256 - len(ramps)]] | 0xFF000000
    table = [*frequent.tolist(), *ramps]
    flags = Qt.ImageConversionFlag.ThresholdDither
    return whole.convertToFormat(QImage.Format.Format_Indexed8, table, flags)


if __name__ == "__main__":
    sys.exit(main())
