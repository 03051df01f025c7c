"""Machines that are not like ours: closed streams, no locale, a bundle."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gui import startup

ROOT = Path(__file__).parents[3]

CLOSED = """\
import os, sys
from gui.startup import settle_streams
settle_streams()
print("printed"); print("complained", file=sys.stderr)
first = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
os.write(first, str(first).encode())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams with a POSIX shell")
def test_that_a_file_never_takes_the_number_of_a_closed_stream(tmp_path):
    told = tmp_path / "told"
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", CLOSED, str(told)]

    done = subprocess.run(command, cwd=ROOT, check=False)

    assert done.returncode == 0
    assert int(told.read_text()) > 2


@pytest.mark.parametrize("said", [{}, {"LANG": "C"}, {"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}])
def test_that_a_locale_without_letters_becomes_utf8(monkeypatch, said):
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)

    startup.settle_locale()

    assert os.environ["LC_CTYPE"] == "C.UTF-8"
    assert "LC_ALL" not in os.environ


def test_that_the_users_own_locale_stays(monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.delenv("LC_CTYPE", raising=False)

    startup.settle_locale()

    assert "LC_CTYPE" not in os.environ


@pytest.mark.parametrize("suffix", ["", ".exe"])
def test_that_a_bundle_finds_its_worker_beside_itself(monkeypatch, tmp_path, suffix):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / f"trilemma{suffix}"))

    assert startup.bundled_worker() == tmp_path / f"trilemma-worker{suffix}"


def test_that_the_source_has_no_bundled_worker():
    assert startup.bundled_worker() is None
