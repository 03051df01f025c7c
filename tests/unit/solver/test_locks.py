"""Where shared memory cannot be written."""

import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from solver.locks import settle_locks

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="shared memory of Linux"
)


@pytest.fixture(autouse=True)
def lock(monkeypatch):
    """The lock of before, which comes back after the test."""
    monkeypatch.setattr(multiprocessing, "Lock", multiprocessing.Lock)
    return multiprocessing.Lock


def test_that_a_lock_can_be_made_where_shared_memory_cannot_be_written(monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)

    settle_locks()

    assert isinstance(multiprocessing.Lock(), type(threading.Lock()))


def test_that_locks_stay_as_they_are_where_it_can(monkeypatch, lock):
    monkeypatch.setattr(os, "access", lambda *_: True)

    settle_locks()

    assert multiprocessing.Lock == lock


CLOSED = """\
import multiprocessing, os, sys
def lock(): raise PermissionError("no shared memory")
multiprocessing.Lock, os.access = lock, lambda *_: False
from {module} import main
sys.argv[1:] = ["plan", "nowhere.toml"]
code = main()
import pyomo.core
sys.exit(code)
"""


@pytest.mark.parametrize("module", ["solver.worker", "gui.__main__"])
def test_that_every_program_settles_its_locks_before_pyomo_is_read(module):
    done = subprocess.run(
        [sys.executable, "-c", CLOSED.format(module=module)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert "nowhere.toml" in done.stderr
