"""Which of the files that PyInstaller finds a bundle needs.

Its hooks take every plugin and translation of Qt. Most of the plugins serve devices and services
that the window never uses, and each brings libraries of the machine that builds: GTK, Kerberos,
OpenSSL. What no kept file needs any more goes with them.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Entry = tuple[str, str, str]
"""Path in the bundle, path on the machine that builds, kind: how PyInstaller lists a file."""

PLUGINS = {
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"),
    "platforminputcontexts": None,
    "platformthemes": ("qxdgdesktopportal",),
    "styles": ("qmacstyle", "qmodernwindowsstyle"),
    "xcbglintegrations": None,
    "wayland-decoration-client": ("adwaita", "bradient"),
    "wayland-graphics-integration-client": ("qt-plugin-wayland-egl",),
    "wayland-shell-integration": ("xdg-shell",),
}
"""Folders of Qt's plugins with the beginnings of the names in them that are kept; None: all."""

UNUSED = ("qml", "translations", "resources", "tests", "colors", "icons")
"""Folders of Qt, NumPy and pyqtgraph that the programs do not use.

pyqtgraph reads its icons at import only where they are asked for; the colour maps are our own.
"""


LEFT_TO_THE_SYSTEM = (
    # Drivers of the graphics card load these too, often newer ones than ours.
    "libstdc++",
    "libgcc_s",
    # They read files of the system or talk to its servers, in the system's own version.
    "libX11",
    "libXau",
    "libXdmcp",
    "libbsd",
    "libmd.",
    "libdbus-1",
    "libfontconfig",
    "libfreetype",
    "libexpat",
    "libpng",
    "libbrotli",
    "libglib-2.0",
    "libgthread-2.0",
    "libuuid",
    "libz.",
)
"""Libraries that every desktop has and that the security updates of the system shall reach."""

NOTES_OF_PIP = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json")
"""How and from where a package was installed: nobody's business."""


def is_kept(place: str) -> bool:
    """True where a bundle needs a file for what it is.

    Args:
        place: path inside the bundle.
    """
    parts = PurePosixPath(place.replace("\\", "/")).parts
    if "plugins" in parts:
        folder, name = parts[-2], parts[-1].removeprefix("lib")
        kept = PLUGINS.get(folder, ())
        return kept is None or name.startswith(kept)
    if place.endswith(".pyi") or (".dist-info" in place and parts[-1] in NOTES_OF_PIP):
        return False
    if len(parts) == 1 and place.startswith(LEFT_TO_THE_SYSTEM):
        return False
    ours = parts[0] in {"catalog", "solver", "gui"}
    return ours or not any(part in UNUSED for part in parts)


def needed(entries: Iterable[Entry], imports: Callable[[str], Iterable[str]]) -> list[Entry]:
    """The entries that are kept, and of shared libraries only those that a kept one loads.

    Args:
        entries: binaries of one program.
        imports: names of the libraries that a file loads.
    """
    kept = [entry for entry in entries if is_kept(entry[0])]
    by_name: dict[str, list[Entry]] = {}
    for entry in kept:
        by_name.setdefault(PurePosixPath(entry[0]).name, []).append(entry)
    waiting = [entry for entry in kept if not _is_shared_library(entry)]
    reached = set(waiting)
    while waiting:
        _, source, kind = waiting.pop()
        names = [PurePosixPath(source).name] if kind == "SYMLINK" else imports(source)
        for found in (entry for name in names for entry in by_name.get(name, ())):
            if found not in reached:
                reached.add(found)
                waiting.append(found)
    return [entry for entry in kept if entry in reached]


def _is_shared_library(entry: Entry) -> bool:
    """True for what is there only because something else loads it."""
    place, _, kind = entry
    parts = PurePosixPath(place).parts
    if kind == "EXTENSION" or "plugins" in parts or "libpython" in place:
        return False
    return parts[0].startswith("lib") or "lib" in parts or ".libs" in parts[0]
