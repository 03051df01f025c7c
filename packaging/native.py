"""The installer for Windows and the disk image for macOS. *Not run here*: see docs/packaging.md."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from typing import TYPE_CHECKING

from elf import tool
from environment import PROJECT, ROOT
from staging import HERE

if TYPE_CHECKING:
    from pathlib import Path

SIGNER = "CODESIGN_IDENTITY"
"""Environment variable with the identity to sign with; without it the signature is ad hoc."""


def installer(bundle: Path, lists: Path, work: Path, out: Path) -> Path:
    """The installer for Windows, made by NSIS.

    Args:
        bundle: folder with the two programs.
        lists: folder with the lists of what is inside.
        work: where the build works.
        out: where it goes.
    """
    shutil.copytree(lists, bundle, dirs_exist_ok=True)
    built = out / f"trilemma-{PROJECT['version']}-windows-{platform.machine()}-setup.exe"
    told = {
        "VERSION": PROJECT["version"],
        "BUNDLE": bundle,
        "ICON": work / "icons" / "trilemma.ico",
        "LICENCE": ROOT / "LICENSE",
        "OUT": built,
    }
    options = [f"-D{name}={value}" for name, value in told.items()]
    script = str(HERE / "windows" / "trilemma.nsi")
    subprocess.run([tool("makensis", "NSIS"), "-WX", *options, script], check=True)
    return built


def disk_image(lists: Path, work: Path, out: Path) -> Path:
    """The disk image for macOS: the application, and a link to where applications go.

    Args:
        lists: folder with the lists of what is inside.
        work: where the build works; the application lies there.
        out: where it goes.
    """
    app = work / "Trilemma.app"
    shutil.copytree(lists, app / "Contents" / "Resources", dirs_exist_ok=True)
    identity = os.environ.get(SIGNER, "-")
    hardened = [] if identity == "-" else ["--options", "runtime", "--timestamp"]
    sign = [tool("codesign", "Xcode's command line tools"), "--force", "--deep", "--sign"]
    subprocess.run([*sign, identity, *hardened, str(app)], check=True)
    folder = work / "dmg"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copytree(app, folder / app.name, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    built = out / f"trilemma-{PROJECT['version']}-macos-{platform.machine()}.dmg"
    create = [tool("hdiutil", "macOS"), "create", "-volname", "Trilemma", "-srcfolder", str(folder)]
    subprocess.run([*create, "-ov", "-format", "UDZO", str(built)], check=True)
    return built
