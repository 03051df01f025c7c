"""Pictures of the icon in every size, from its drawing.

    python packaging/icons.py FOLDER

Writes PNG files, and the containers that Windows (.ico) and macOS (.icns) read, which hold the same
PNG files. Needs Qt's SVG; no display.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).parent / "icons" / "trilemma.svg"

SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
"""Edges that desktops ask for. [px]"""

ICO_SIZES = (16, 24, 32, 48, 64, 256)

ICNS_TYPES = {b"icp4": 16, b"icp5": 32, b"ic07": 128, b"ic08": 256, b"ic09": 512}
"""Apple's names of sizes."""


def main(arguments: list[str]) -> int:
    """Write every picture below a folder; returns the exit code."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    made = {size: png(size) for size in SIZES}
    for size, content in made.items():
        (folder / f"{size}.png").write_bytes(content)
    (folder / "trilemma.ico").write_bytes(ico({size: made[size] for size in ICO_SIZES}))
    (folder / "trilemma.icns").write_bytes(icns(made))
    return 0


def png(size: int) -> bytes:
    """The drawing as a PNG file of an edge. [px]"""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs lack this one
    return bytes(content.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon: a header, one entry of 16 bytes a picture, the PNG files."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    entries, at = b"", len(head) + 16 * len(pictures)
    for size, content in pictures.items():
        edge = size % 256  # 0 stands for 256
        entries += struct.pack("<BBBBHHII", edge, edge, 0, 0, 1, 32, len(content), at)
        at += len(content)
    return head + entries + b"".join(pictures.values())


def icns(pictures: dict[int, bytes]) -> bytes:
    """A macOS icon: a header with the whole length, then type, length and PNG file of each."""
    parts = b"".join(
        kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size]
        for kind, size in ICNS_TYPES.items()
    )
    return b"icns" + struct.pack(">I", len(parts) + 8) + parts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
