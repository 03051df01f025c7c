"""The scripts in the archive: install for one user, take away again, leave what is theirs."""

import subprocess
import sys
from pathlib import Path

import pytest

LINUX = Path(__file__).parents[3] / "packaging" / "linux"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="scripts for Linux")


@pytest.fixture
def unpacked(tmp_path):
    """An unpacked archive with a program that only says where it is."""
    folder = tmp_path / "trilemma unpacked"
    library = folder / "lib" / "trilemma"
    library.mkdir(parents=True)
    (library / "trilemma").write_text('#!/bin/sh\necho "runs with: $*"\n')
    (library / "trilemma").chmod(0o755)
    (library / "_internal").mkdir()
    (library / "_internal" / "new.so").write_text("new")
    (folder / "bin").mkdir()
    (folder / "bin" / "trilemma").symlink_to("../lib/trilemma/trilemma")
    (folder / "share" / "applications").mkdir(parents=True)
    for source, place in (
        ("trilemma.desktop", "share/applications/trilemma.desktop"),
        ("trilemma.mime.xml", "share/mime/packages/trilemma.xml"),
        ("install.sh", "install.sh"),
        ("uninstall.sh", "uninstall.sh"),
    ):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text((LINUX / source).read_text(encoding="utf-8"))
    return folder


def sh(*words):
    done = subprocess.run(
        ["/bin/sh", *map(str, words)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("name", ["prefix", "Präfix mit Leerzeichen 場所", "a|b & $c `d` 5%"])
def test_that_the_program_runs_from_any_prefix_and_the_menu_finds_it(unpacked, tmp_path, name):
    prefix = tmp_path / name

    sh(unpacked / "install.sh", prefix)

    done = subprocess.run(
        [prefix / "bin" / "trilemma", "x"], capture_output=True, text=True, check=True
    )
    entry = (prefix / "share" / "applications" / "trilemma.desktop").read_text(encoding="utf-8")
    line = next(line for line in entry.splitlines() if line.startswith("Exec="))
    assert done.stdout == "runs with: x\n"
    assert unquoted(line.removeprefix("Exec=")) == [str(prefix / "bin" / "trilemma"), "%f"]


def unquoted(line):
    """Words of an Exec line, read as the Desktop Entry Specification says."""
    string = line.replace("\\\\", "\\")  # first the rule for all strings, then that of Exec
    assert string.startswith('"')
    word, rest, at = "", "", 1
    while string[at] != '"':
        at += string[at] == "\\"
        word += string[at]
        at += 1
    rest = string[at + 1 :].strip()
    return [word.replace("%%", "%"), rest]


def test_that_an_uninstall_leaves_nothing_but_what_was_there(unpacked, tmp_path):
    prefix = tmp_path / "prefix"
    theirs = prefix / "share" / "trilemma" / "autosave.trilemma"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("unsaved work")
    sh(unpacked / "install.sh", prefix)
    assert len(files_of(prefix)) > 4

    sh(prefix / "lib" / "trilemma" / "uninstall.sh")

    assert files_of(prefix) == {"share/trilemma/autosave.trilemma"}
    assert [path.name for path in prefix.iterdir()] == ["share"]
    assert [path.name for path in (prefix / "share").iterdir()] == ["trilemma"]


def test_that_an_upgrade_takes_away_what_the_new_version_lacks(unpacked, tmp_path):
    prefix = tmp_path / "prefix"
    old = unpacked / "lib" / "trilemma" / "_internal" / "old.so"
    old.write_text("old")
    sh(unpacked / "install.sh", prefix)
    old.unlink()

    sh(unpacked / "install.sh", prefix)

    assert files_of(prefix / "lib" / "trilemma" / "_internal") == {"new.so"}


def test_that_it_never_installs_over_itself(unpacked):
    done = subprocess.run(
        ["/bin/sh", unpacked / "install.sh", unpacked], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "another folder" in done.stderr
