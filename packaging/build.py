"""Builds everything that people install, from a clean clone, by one command.

    python packaging/build.py                    wheel, bundle, .deb, .tar.xz, lists and sums
    python packaging/build.py --only bundle      the wheel and the folder with the two programs

On Linux the folder becomes a .deb and a .tar.xz, on Windows an installer, on macOS a .dmg. Built
twice from the same commit by the same Python on the same system, every file is the same to the last
byte.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from archive import packed  # noqa: E402 - lies beside this file
from debian import needed_packages, oldest_glibc, package  # noqa: E402 - likewise
from elf import forget_places, missing, strip  # noqa: E402 - likewise
from environment import PROJECT, ROOT, BuildError, Environment, prepared, wheel  # noqa: E402 - likewise
from native import disk_image, installer  # noqa: E402 - likewise
from staging import staged  # noqa: E402 - likewise

FAST, SMALL = 0, 6
"""Levels of xz: 0 is several times as fast and makes files a fifth larger. [1]"""

SUMS = "SHA256SUMS"

PARTS = ("wheel", "bundle", "all")

BEGUN = time.monotonic()

STRIPPED = ("libpython*.so*", "_typst*.so")
"""Libraries that come with their tables for debuggers, 33 MB of them; others are harmed by it."""


def main(arguments: list[str] | None = None) -> int:
    """Build what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where results go")
    parser.add_argument("--work", type=Path, default=ROOT / "build", help="where work is done")
    parser.add_argument("--only", choices=PARTS, default="all", help="how far to go")
    parser.add_argument("--fast", action="store_true", help="compress little, for trials")
    asked = parser.parse_args(arguments)
    out, work = asked.out.resolve(), asked.work.resolve()
    try:
        build(out, work, asked.only, is_fast=asked.fast)
    except BuildError as error:
        sys.stderr.write(f"The build failed: {error}\n")
        return 1
    return 0


def build(out: Path, work: Path, far: str, *, is_fast: bool) -> None:
    """Build into `out`, working in `work`."""
    settle(source_date())
    out.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    say("environment")
    made = prepared(work / "venv")
    say("wheel")
    wheel(made, out)
    if far == "wheel":
        return
    say("bundle")
    folder = bundle(made, work)
    say(f"bundle of {megabytes(folder):.0f} MB in {folder}")
    if far == "bundle":
        return
    if sys.platform == "linux":
        say("tree")
        tree = staged(made, folder, work)
        say("package")
        level, needs = FAST if is_fast else SMALL, needed_packages(tree, work)
        package(tree, work, out, level, needs)
        say("archive")
        words = {"ARCHITECTURE": platform.machine(), "GLIBC": oldest_glibc(needs)}
        packed(tree, work, out, level, words)
        copied_lists(tree / "share" / "doc" / "trilemma", out)
    else:
        lists = work / "lists"
        shutil.rmtree(lists, ignore_errors=True)
        lists.mkdir()
        made.run(str(HERE / "inside.py"), str(work / "inside.json"), str(lists))
        if sys.platform == "win32":
            installer(folder, lists, work, out)
        else:
            disk_image(lists, work, out)
        copied_lists(lists, out)
    write_sums(out)
    for path in sorted(out.iterdir()):
        say(f"{path.stat().st_size / 1e6:7.1f} MB  {path.name}")


def source_date() -> int:
    """When the source was last changed: SOURCE_DATE_EPOCH, else the time of the commit. [s]

    Raises:
        BuildError: neither is known.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError("there is no commit to take the date from: set SOURCE_DATE_EPOCH")
    return int(done.stdout)


def settle(epoch: int) -> None:
    """Let nothing of this machine's habits into what is built."""
    os.environ.update(
        SOURCE_DATE_EPOCH=str(epoch),
        PYTHONHASHSEED="0",
        LC_ALL="C.UTF-8",
        TZ="UTC",
        QT_QPA_PLATFORM="offscreen",
    )
    for name in ("PYTHONPATH", "PYTHONSTARTUP", "PYTHONOPTIMIZE"):
        os.environ.pop(name, None)
    os.umask(0o022)


def bundle(made: Environment, work: Path) -> Path:
    """The folder with the two programs."""
    made.run(str(HERE / "icons.py"), str(work / "icons"))
    # What the programs keep of earlier runs would hide modules from the list of loaded ones.
    home = work / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    loaded = made.run(
        str(HERE / "loaded.py"), HOME=str(home), XDG_CACHE_HOME=str(home), XDG_CONFIG_HOME=str(home)
    )
    (work / "loaded.json").write_text(loaded, encoding="utf-8")
    made.run(
        *("-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR"),
        *("--workpath", str(work / "pyinstaller"), "--distpath", str(work)),
        str(HERE / "trilemma.spec"),
        TRILEMMA_WORK=str(work),
        TRILEMMA_VERSION=PROJECT["version"],
    )
    folder = work / "trilemma"
    if sys.platform == "linux":
        files = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
        lacking = missing(files)
        if lacking:
            raise BuildError(f"install these first, the window needs them: {', '.join(lacking)}")
        strip_all(folder)
        forget_places(files)
    return folder


def strip_all(folder: Path) -> None:
    """Take away what only debuggers read."""
    for pattern in STRIPPED:
        for path in folder.rglob(pattern):
            if not path.is_symlink():
                strip(str(path))


def copied_lists(lists: Path, out: Path) -> None:
    """Put the lists of what is inside beside what was built."""
    for name in ("LICENSES.md", "sbom.cdx.json"):
        shutil.copyfile(lists / name, out / name)


def write_sums(out: Path) -> None:
    """Write the SHA-256 of everything that was built, as `sha256sum --check` reads it."""
    files = [p for p in sorted(out.iterdir()) if p.is_file() and p.name != SUMS]
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files]
    (out / SUMS).write_text("".join(lines), encoding="utf-8")


def megabytes(folder: Path) -> float:
    """What the files of a folder hold. [MB]"""
    return sum(p.stat().st_size for p in folder.rglob("*") if not p.is_symlink()) / 1e6


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"[{time.monotonic() - BEGUN:5.0f} s] {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
