"""Where shared memory cannot be written."""

import multiprocessing
import os
import sys
import threading

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
