"""The list of what is inside, the archive, the icons, and what a desktop is told."""

import configparser
import os
import shutil
import struct
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import archive
import environment
import icons
import inside
import pytest
import smoke
import staging

LINUX = Path(__file__).parents[3] / "packaging" / "linux"
NAMESPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"


@pytest.fixture(autouse=True)
def date(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795600000")


def test_that_a_file_that_nobody_knows_stops_the_build(tmp_path):
    stranger = tmp_path / "stranger.so"
    stranger.write_text("")

    with pytest.raises(inside.UnknownFileError, match="stranger"):
        inside.components({stranger})


def test_that_the_bill_names_each_component_once_with_its_licence():
    parts = [
        inside.Component("pypi", "trilemma", "0.1.0", "Apache-2.0", ()),
        inside.Component("pypi", "numpy", "2.4.6", "BSD-3-Clause", ()),
        inside.Component("deb", "libbz2-1.0", "1.0.8-5+b1", "BSD-variant", ()),
    ]

    bill = inside.bill(parts)

    assert bill["metadata"]["component"]["name"] == "trilemma"
    assert [c["purl"] for c in bill["components"]] == [
        "pkg:pypi/numpy@2.4.6",
        "pkg:deb/debian/libbz2-1.0@1.0.8-5%2Bb1",
    ]
    assert bill["components"][0]["licenses"] == [{"expression": "BSD-3-Clause"}]
    assert bill["dependencies"][0]["dependsOn"] == [c["purl"] for c in bill["components"]]
    assert bill == inside.bill(parts)


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("xz") is None, reason="needs xz"
)
def test_that_an_archive_does_not_depend_on_when_it_was_made(tmp_path):
    tree = tmp_path / "tree"
    for name in ("lib/trilemma/trilemma", "share/doc/b", "share/doc/a"):
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    made = []
    for moment in (1, 2):
        os.utime(tree / "share/doc/a", (moment, moment))
        out = tmp_path / f"out{moment}"
        out.mkdir()
        words = {"ARCHITECTURE": "x86_64", "GLIBC": "2.36"}
        built = archive.packed(tree, tmp_path / f"work{moment}", out, 0, words)
        made.append(built.read_bytes())

    assert made[0] == made[1]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_that_a_tree_tells_neither_who_built_it_nor_when(tmp_path):
    program, note = tmp_path / "bin" / "trilemma", tmp_path / "note"
    program.parent.mkdir(mode=0o700)
    for path in (program, note):
        path.write_text("")
        path.chmod(0o600)

    staging.settle_modes(tmp_path)

    found = {
        path.name: (path.stat().st_mode & 0o777, path.stat().st_mtime)
        for path in (program.parent, program, note)
    }
    moment = float(os.environ["SOURCE_DATE_EPOCH"])
    assert found == {
        "bin": (0o755, moment),
        "trilemma": (0o755, moment),
        "note": (0o644, moment),
    }


def test_that_the_icon_comes_in_every_size():
    picture = icons.png(48)
    container = icons.ico({16: icons.png(16), 48: picture})

    _, kind, count = struct.unpack_from("<HHH", container)
    edge, _, _, _, _, _, length, at = struct.unpack_from("<BBBBHHII", container, 6 + 16)
    assert (kind, count, edge) == (1, 2, 48)
    assert container[at : at + length] == picture


def test_that_menu_file_type_and_store_tell_the_same():
    entry = configparser.RawConfigParser()
    entry.read(LINUX / "trilemma.desktop", encoding="utf-8")
    desktop = entry["Desktop Entry"]
    mime = ET.parse(LINUX / "trilemma.mime.xml").getroot().find(f"{NAMESPACE}mime-type")
    store = ET.fromstring(staging.filled(LINUX / "trilemma.metainfo.xml"))

    assert desktop["MimeType"] == f"{mime.get('type')};"
    assert store.findtext("provides/mediatype") == mime.get("type")
    assert store.findtext("id") == staging.APP_ID
    assert store.findtext("launchable") == "trilemma.desktop"
    assert store.find("releases/release").get("version") == environment.PROJECT["version"]


def test_that_a_wheel_with_something_else_in_it_is_refused(tmp_path):
    wheel = tmp_path / "x.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tests/test_x.py", "")

    problems = environment.wheel_problems(wheel)

    assert "the wheel holds tests/test_x.py, which is not ours" in problems
    assert "the wheel lacks catalog/data/offers.csv" in problems


def test_that_the_trial_of_a_bundle_fails_at_words_that_nobody_expects():
    known = "This plugin does not support propagateSizeHints()"

    assert smoke.unknown(f"{known}\nQWidget: a warning\n") == ["QWidget: a warning"]


def test_that_answers_are_compared_by_what_was_found():
    one = {"asked_at": "now", "jobs": [{"usd": 1.0, "seconds": 3}]}
    two = {"asked_at": "then", "jobs": [{"usd": 1.0, "seconds": 4}]}

    assert smoke.found(one) == smoke.found(two)
    assert smoke.found(one) != smoke.found({"jobs": [{"usd": 2.0}]})
