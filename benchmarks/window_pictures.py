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
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solver.export.themes import DARK, LIGHT

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

PICTURES = {
    "window-light": ("1-tickets.toml", "light", (1360, 820)),
    "window-dark": ("1-tickets.toml", "dark", (1360, 820)),
    "window-impossible": ("4-too-little.toml", "light", (1360, 820)),
    "window-unknown": ("5-new-task.toml", "light", (1360, 820)),
}
"""Those of the documentation. Name: example, colours, size. [px]"""

OTHERS = {
    "window-small": ("1-tickets.toml", "light", (1024, 700)),
    "window-large": ("2-chat-8b.toml", "dark", (1920, 1080)),
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
        for scale in [options.scale] if options.scale else (1, 2):
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

    file, colours, size = {**PICTURES, **OTHERS}[name]
    application = make_application()
    with tempfile.TemporaryDirectory() as folder:
        profile = profile_of(Path(folder))
        write_settings(profile, Settings.model_validate({"theme": colours}))
        window = open_window(read_question(example(file)), profile=profile)
        window.resize(*size)
        window.show()
        store = window.session.store
        end = time.monotonic() + PATIENCE_S
        settled = None
        while time.monotonic() < (settled or end):
            application.processEvents()
            time.sleep(0.005)
            if settled is None and store.shown.is_current:
                settled = time.monotonic() + SETTLING_S
        few_colours(window.grab().toImage()).save(str(path))
        window.session.close()
        window.files.close()
    return 0 if store.shown.is_current else 1


def few_colours(image: QImage) -> QImage:
    """The picture in the ramps' and its most frequent colours: a third of the bytes."""
    from PySide6.QtCore import Qt  # noqa: PLC0415
    from PySide6.QtGui import QColor, QImage  # noqa: PLC0415

    whole = image.convertToFormat(QImage.Format.Format_RGB32)
    colours, counts = np.unique(np.frombuffer(whole.constBits(), np.uint32), return_counts=True)
    ramps = [QColor(colour).rgb() for look in (LIGHT, DARK) for colour in look.ramp]
    frequent = colours[np.argsort(-counts, kind="stable")[: 256 - len(ramps)]] | 0xFF000000
    table = [*frequent.tolist(), *ramps]
    flags = Qt.ImageConversionFlag.ThresholdDither
    return whole.convertToFormat(QImage.Format.Format_Indexed8, table, flags)


if __name__ == "__main__":
    sys.exit(main())
