"""The .tar.xz: runs from wherever it is unpacked, and installs for one user without root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

from elf import tool
from environment import PROJECT
from staging import LINUX, filled, settle_modes, write

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = ("install.sh", "uninstall.sh")


def packed(tree: Path, work: Path, out: Path, level: int, words: dict[str, str]) -> Path:
    """The archive of a tree with bin, lib and share.

    Args:
        tree: the folder with them.
        work: where the build works.
        out: where the archive goes.
        level: of xz, from 0 (fast) to 9 (small).
        words: what its README says of the machine: ARCHITECTURE, GLIBC.
    """
    name = f"trilemma-{PROJECT['version']}-linux-{words['ARCHITECTURE']}"
    folder = work / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tree, folder, symlinks=True)
    for script in SCRIPTS:
        shutil.copyfile(LINUX / script, folder / script)
    write(folder / "README.txt", filled(LINUX / "README.txt", **words))
    settle_modes(folder)
    built = out / f"{name}.tar.xz"
    plain = work / f"{name}.tar"
    with tarfile.open(plain, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(folder, name, filter=settled, recursive=False)
        for path in sorted(folder.rglob("*")):
            tar.add(path, f"{name}/{path.relative_to(folder)}", filter=settled, recursive=False)
    # Blocks of one size, so that the number of threads changes nothing in the result.
    command = [
        tool("xz", "xz-utils"),
        f"-{level}",
        "--block-size=24MiB",
        "-T2",
        "--stdout",
        str(plain),
    ]
    with built.open("wb") as target:
        subprocess.run(command, stdout=target, check=True)
    plain.unlink()
    return built


def settled(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry without owner, and as old as the source."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = int(os.environ["SOURCE_DATE_EPOCH"])
    return entry
