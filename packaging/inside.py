"""What is inside a bundle: every component with version and licence, as a list and as an SBOM.

    python packaging/inside.py INSIDE.json FOLDER

Reads where each file came from, as `trilemma.spec` wrote it, and fails where a file belongs to no
known component. Run in the environment that was bundled: its metadata are the source.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import sysconfig
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DEBIAN_DOC = Path("/usr/share/doc")

OWN = "trilemma"

NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
"""For names that are URLs, as RFC 4122 gives it."""

UNDER = {
    "colorama": "BSD-3-Clause",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
}
"""Licences that metadata state only in prose; their texts lie beside the list."""

OWN_TEXTS = Path(__file__).parent / "licences"

TEXTS = dict.fromkeys(("PySide6_Essentials", "shiboken6"), ("LGPL-3.0.txt", "GPL-3.0.txt"))
"""Texts that a wheel does not bring along though its licence asks for it."""

QT_NOTE = """\
Qt for Python and Qt are used under the GNU Lesser General Public License, version 3. They lie as
shared libraries of their own below `_internal/PySide6` and `_internal/shiboken6` and may be
exchanged for others with the same interface. What Qt itself contains, ICU among it, is listed at
https://doc.qt.io/qt-6/licenses-used-in-qt.html, and its source is at
https://download.qt.io/official_releases/.
"""


@dataclass(frozen=True, slots=True)
class Component:
    """Something inside that has a name, a version and a licence."""

    kind: str
    """"pypi", "deb" or "generic", as package URLs name it."""
    name: str
    version: str
    licence: str
    """An SPDX expression, or words where the source gives none."""
    texts: tuple[Path, ...]
    """Files with the licence's text."""

    @property
    def url(self) -> str:
        """The package URL."""
        place = "debian/" if self.kind == "deb" else ""
        return f"pkg:{self.kind}/{place}{self.name}@{self.version.replace('+', '%2B')}"


class UnknownFileError(Exception):
    """A file inside belongs to no known component, or a component has no licence text."""


def main(arguments: list[str]) -> int:
    """Write list, texts and SBOM below a folder; returns the exit code."""
    sources = {
        Path(source) for source in json.loads(Path(arguments[0]).read_text("utf-8")).values()
    }
    folder = Path(arguments[1])
    found = sorted(always() | components(sources), key=lambda c: (c.kind, c.name.lower()))
    write_texts(found, folder / "licenses")
    (folder / "LICENSES.md").write_text(listing(found), encoding="utf-8")
    sbom = json.dumps(bill(found), indent=1, ensure_ascii=False) + "\n"
    (folder / "sbom.cdx.json").write_text(sbom, encoding="utf-8")
    return 0


def always() -> set[Component]:
    """What is in every bundle: the interpreter, what starts it, the font."""
    return {python(), installed(importlib.metadata.distribution("pyinstaller")), inter()}


def components(sources: set[Path]) -> set[Component]:
    """The components that files came from; the interpreter's own files are left to `always`.

    Raises:
        UnknownFileError: a file came from elsewhere.
    """
    owners = {
        Path(str(file.locate())).resolve(): distribution
        for distribution in importlib.metadata.distributions()
        for file in distribution.files or ()
    }
    found, unknown = set(), set()
    library = Path(sysconfig.get_path("stdlib")).resolve()
    base = Path(sys.base_prefix).resolve()
    for source in sorted(sources):
        path = source.resolve()
        if path in owners:
            found.add(installed(owners[path]))
        elif path.is_relative_to(library) or path.is_relative_to(base) or made_here(source):
            continue
        elif (package := debian_package(source)) is not None:
            found.add(debian(package))
        else:
            unknown.add(str(source))
    if unknown:
        raise UnknownFileError("\n".join(["nobody knows where these came from:", *sorted(unknown)]))
    return found


def made_here(source: Path) -> bool:
    """True for what PyInstaller or this build made, and for links inside the bundle."""
    return (
        not source.is_absolute() or "PyInstaller" in source.parts or "pyinstaller" in source.parts
    )


def installed(distribution: importlib.metadata.Distribution) -> Component:
    """A package from PyPI."""
    told, name = distribution.metadata, distribution.metadata["Name"]
    texts = [
        Path(str(file.locate()))
        for file in distribution.files or ()
        if ".dist-info" in str(file)
        and re.search(r"LICEN[CS]E|COPYING|NOTICE", file.name, flags=re.IGNORECASE)
    ]
    texts += [OWN_TEXTS / text for text in TEXTS.get(name, ())]
    if not texts:
        raise UnknownFileError(f"{name} has no licence text: name it in TEXTS")
    stated = [told[field] for field in ("License-Expression", "License") if field in told]
    licence = UNDER.get(name) or next(iter(stated), "")
    return Component("pypi", name, distribution.version, licence.strip(), tuple(sorted(texts)))


def python() -> Component:
    """The interpreter with its library."""
    text = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    texts = (text,) if text.exists() else (DEBIAN_DOC / "python3.11" / "copyright",)
    return Component("generic", "python", platform.python_version(), "PSF-2.0", texts)


def inter() -> Component:
    """The font, which has a licence of its own."""
    import solver.export  # noqa: PLC0415 - the texts lie in our own package

    folder = Path(str(solver.export.__file__)).parent / "fonts"
    told = re.search(r"[Vv]ersion\s+(\d[\d.]*)", (folder / "README.md").read_text("utf-8"))
    version = told.group(1).rstrip(".") if told else "unknown"
    return Component("generic", "inter", version, "OFL-1.1", (folder / "OFL.txt",))


def debian_package(source: Path) -> str | None:
    """The Debian package that a file of the system belongs to; None where there is none."""
    names = {str(source), str(source.resolve())}
    names |= {name.removeprefix("/usr") for name in names}
    for name in sorted(names):
        command = ["dpkg-query", "--search", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    return None


def debian(package: str) -> Component:
    """A library of the system that the bundle brings along."""
    command = ["dpkg-query", "--show", "--showformat=${source:Package} ${Version}", package]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text = DEBIAN_DOC / package / "copyright"
    stated = re.search(
        r"^Files: \*\n(?:.+\n)*?License: *(\S.*)$", text.read_text("utf-8"), flags=re.MULTILINE
    )
    return Component("deb", package, told.split()[1], stated.group(1) if stated else "", (text,))


def write_texts(found: list[Component], folder: Path) -> None:
    """Put the texts of the licences into a folder, those of a component below its name."""
    for component in found:
        place = folder / component.name
        place.mkdir(parents=True, exist_ok=True)
        for text in component.texts:
            # Licences of parts lie in folders of their own.
            parts = (
                text.parts[text.parts.index("licenses") + 1 :] if "licenses" in text.parts else ()
            )
            name = "-".join(parts or (text.name,))
            (place / name).write_bytes(text.read_bytes())


def listing(found: list[Component]) -> str:
    """The list for people."""
    rows = [f"| {c.name} | {c.version} | {c.licence or 'see its text'} | {c.kind} |" for c in found]
    return "\n".join(
        [
            "# What is inside, and under which licences",
            "",
            "The texts lie in `licenses`, those of each component below its name.",
            "",
            "| component | version | licence | from |",
            "|---|---|---|---|",
            *rows,
            "",
            QT_NOTE,
        ]
    )


def bill(found: list[Component]) -> dict[str, object]:
    """The software bill of materials, CycloneDX 1.6."""
    moment = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    listed = [entry(component) for component in found if component.name != OWN]
    own = next(component for component in found if component.name == OWN)
    told = json.dumps(listed, sort_keys=True) + own.version
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, told)}",
        "version": 1,
        "metadata": {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {**entry(own), "type": "application"},
        },
        "components": listed,
        "dependencies": [
            {
                "ref": own.url,
                "dependsOn": [component.url for component in found if component != own],
            }
        ],
    }


def entry(component: Component) -> dict[str, object]:
    """A component as CycloneDX writes it."""
    made: dict[str, object] = {
        "type": "library",
        "bom-ref": component.url,
        "name": component.name,
        "version": component.version,
        "purl": component.url,
    }
    if component.licence:
        # Debian's words for licences are not those of SPDX.
        is_spdx = component.kind != "deb"
        made["licenses"] = [
            {"expression": component.licence}
            if is_spdx
            else {"license": {"name": component.licence}}
        ]
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
