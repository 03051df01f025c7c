"""Lays out what the .deb and the .tar.xz have in common: bin, lib and share."""

from __future__ import annotations

import gzip
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from environment import PROJECT, ROOT, Environment

HERE = Path(__file__).parent
LINUX = HERE / "linux"
PROGRAMS = ("trilemma", "trilemma-worker")
APP_ID = "org.trilemma.trilemma"
"""In the form that AppStream wants; no web domain belongs to the project."""


def staged(made: Environment, bundle: Path, work: Path) -> Path:
    """The folder with bin, lib and share.

    Args:
        made: environment that was bundled.
        bundle: folder with the two programs.
        work: where the build works.
    """
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "bin").mkdir(parents=True)
    shutil.copytree(bundle, tree / "lib" / "trilemma", symlinks=True)
    for program in PROGRAMS:
        (tree / "bin" / program).symlink_to(f"../lib/trilemma/{program}")
    share = tree / "share"
    made.run(str(HERE / "manual.py"), str(share))
    for page in (share / "man").rglob("*.1"):
        compress(page)
    copied_pictures(work / "icons", share / "icons" / "hicolor")
    for source, place in {
        "trilemma.desktop": "applications/trilemma.desktop",
        "trilemma.mime.xml": "mime/packages/trilemma.xml",
        "trilemma.metainfo.xml": f"metainfo/{APP_ID}.metainfo.xml",
    }.items():
        write(share / place, filled(LINUX / source))
    doc = share / "doc" / "trilemma"
    doc.mkdir(parents=True)
    made.run(str(HERE / "inside.py"), str(work / "inside.json"), str(doc))
    shutil.copytree(ROOT / "examples", doc / "examples")
    settle_modes(tree)
    return tree


def copied_pictures(icons: Path, theme: Path) -> None:
    """Put the icon into the theme that every desktop falls back to, in every size."""
    for picture in icons.glob("*.png"):
        edge = picture.stem
        place = theme / f"{edge}x{edge}" / "apps" / "trilemma.png"
        place.parent.mkdir(parents=True)
        shutil.copyfile(picture, place)
    write(
        theme / "scalable" / "apps" / "trilemma.svg",
        (HERE / "icons" / "trilemma.svg").read_text(encoding="utf-8"),
    )


def filled(template: Path, **values: str) -> str:
    """A file with what stands between @ signs filled in."""
    moment = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    known = {"VERSION": PROJECT["version"], "DATE": f"{moment:%Y-%m-%d}", **values}
    text = template.read_text(encoding="utf-8")
    for name, value in known.items():
        text = text.replace(f"@{name}@", value)
    return text


def write(path: Path, text: str) -> None:
    """Write a text file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def compress(path: Path) -> None:
    """Put a gzip file without name and time in the place of a file."""
    with path.open("rb") as source, Path(f"{path}.gz").open("wb") as target:
        target.write(gzip.compress(source.read(), compresslevel=9, mtime=0))
    path.unlink()


def settle_modes(tree: Path) -> None:
    """Let everybody read and only programs run; nothing tells who built it, and when."""
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    # Folders last: what changes in them changes their times.
    for path in sorted([tree, *tree.rglob("*")], reverse=True):
        if not path.is_symlink():
            is_program = path.is_dir() or path.name in PROGRAMS or path.suffix == ".sh"
            path.chmod(0o755 if is_program else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)
