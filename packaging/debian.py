"""The Debian package: the tree below /usr, and what dpkg and lintian want to know of it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from email.utils import formatdate
from typing import TYPE_CHECKING

from elf import loads, tool
from environment import PROJECT, ROOT, BuildError
from staging import LINUX, compress, settle_modes, write

if TYPE_CHECKING:
    from pathlib import Path

ALSO_NEEDED = ("fontconfig", "fonts-dejavu-core", "libegl1", "libgl1")
"""What no file is linked against and a window needs: letters beyond our own font, a way to draw."""

SECTION, PRIORITY = "science", "optional"

DESCRIPTION = """\
 Training a Transformer pulls in three directions: time, money and accuracy.
 Trilemma looks at every combination of base model, method, precision, machine
 and layout that its dated catalogue of facts allows, and a mixed-integer
 program proves which one is best, or names the limits that conflict.
 .
 This package holds the window and the command line with everything they need.
"""

COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Trilemma
Comment: The package holds a bundle of many components. Each of them is listed with
 its version and licence in /usr/share/doc/trilemma/LICENSES.md, and the texts of
 their licences lie in /usr/share/doc/trilemma/licenses.

Files: *
Copyright: @YEAR@ the authors of Trilemma
License: Apache-2.0
 On Debian systems, the full text of the Apache License, version 2.0, lies in
 /usr/share/common-licenses/Apache-2.0.
"""


def architecture() -> str:
    """What Debian calls this machine's kind."""
    return output(tool("dpkg", "dpkg"), "--print-architecture")


def output(*command: str, folder: Path | None = None) -> str:
    """What a command prints.

    Raises:
        BuildError: it failed.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{command[0]} failed: {done.stderr}")
    return done.stdout.strip()


def maintainer() -> str:
    """Name and address: those that Debian's tools take from the environment, else the commit's."""
    name, mail = os.environ.get("DEBFULLNAME"), os.environ.get("DEBEMAIL")
    if name and mail:
        return f"{name} <{mail}>"
    return output("git", "-C", str(ROOT), "log", "-1", "--format=%an <%ae>")


def needed_packages(tree: Path, work: Path) -> list[str]:
    """Packages with the libraries that programs and libraries inside load from the system."""
    folder = work / "shlibdeps"
    shutil.rmtree(folder, ignore_errors=True)
    write(
        folder / "debian" / "control", "Source: trilemma\n\nPackage: trilemma\nArchitecture: any\n"
    )
    inside = tree / "lib" / "trilemma"
    files = [
        p for p in sorted(inside.rglob("*")) if p.is_file() and not p.is_symlink() and is_elf(p)
    ]
    places = sorted({str(path.parent) for path in files})
    names = {path.name for path in inside.rglob("*.so*")}
    told = output(
        *(tool("dpkg-shlibdeps", "dpkg-dev"), "-O", "--ignore-missing-info"),
        *("--warnings=0", *(f"-l{place}" for place in places), *map(str, files)),
        folder=folder,
    )
    # It also names packages of libraries that lie inside, by what the system says of their names.
    from_system = owners({name for path in files for name in loads(str(path))} - names)
    known = {
        name: one
        for one in told.removeprefix("shlibs:Depends=").split(", ")
        if (name := re.split(r"[ |(]", one)[0]) in from_system
    }
    return sorted([*known.values(), *(one for one in ALSO_NEEDED if one not in known)])


def owners(libraries: set[str]) -> set[str]:
    """The packages that libraries of the system belong to, by the libraries' names."""
    told = output(tool("dpkg-query", "dpkg"), "--search", *(f"*/{name}" for name in libraries))
    return {line.partition(":")[0] for line in told.splitlines()}


def oldest_glibc(needs: list[str]) -> str:
    """The oldest glibc that everything inside runs with."""
    told = re.search(r"libc6 \(>= ([\d.]+)\)", ", ".join(needs))
    return told.group(1) if told else "unknown"


def is_elf(path: Path) -> bool:
    """True for programs and libraries."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def package(tree: Path, work: Path, out: Path, level: int, needs: list[str]) -> Path:
    """The .deb of a tree with bin, lib and share.

    Args:
        tree: the folder with them.
        work: where the build works.
        out: where the package goes.
        level: of xz, from 0 (fast) to 9 (small).
        needs: packages that it depends on.
    """
    root = work / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(tree, root / "usr", symlinks=True)
    version, kind, who = PROJECT["version"], architecture(), maintainer()
    doc = root / "usr" / "share" / "doc" / "trilemma"
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    write(doc / "copyright", COPYRIGHT.replace("@YEAR@", formatdate(epoch).split()[3]))
    entry = f"trilemma ({version}) unstable; urgency=medium\n\n  * Release {version}.\n\n"
    write(doc / "changelog", f"{entry} -- {who}  {formatdate(epoch)}\n")
    compress(doc / "changelog")
    shutil.copyfile(LINUX / "overrides", _made(root / "usr/share/lintian/overrides/trilemma"))
    settle_modes(root)
    files = [p for p in sorted(root.rglob("*")) if p.is_file() and not p.is_symlink()]
    sums = [f"{hashlib.md5(p.read_bytes()).hexdigest()}  {p.relative_to(root)}" for p in files]  # noqa: S324 - dpkg's own form
    size_kib = sum(-(-p.stat().st_size // 1024) for p in files)
    control = (
        f"Package: trilemma\nVersion: {version}\nArchitecture: {kind}\nMaintainer: {who}\n"
        f"Installed-Size: {size_kib}\nDepends: {', '.join(needs)}\n"
        f"Section: {SECTION}\nPriority: {PRIORITY}\n"
        f"Description: plan Transformer training under time, money and accuracy\n{DESCRIPTION}"
    )
    write(root / "DEBIAN" / "control", control)
    write(root / "DEBIAN" / "md5sums", "\n".join(sums) + "\n")
    built = out / f"trilemma_{version}_{kind}.deb"
    command = [tool("dpkg-deb", "dpkg"), "--root-owner-group", "-Zxz", f"-z{level}", "--build"]
    subprocess.run([*command, str(root), str(built)], stdout=subprocess.DEVNULL, check=True)
    return built


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
