"""Estimates that are kept on disk and in a process: the same as new ones, within their room."""

from dataclasses import fields

import numpy as np
import pytest

from catalog.load import load_catalog
from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.space import physics_cache
from solver.space.physics import physics
from solver.space.physics_cache import folder, remembered_physics
from tests.support.questions import NOW, question


@pytest.fixture
def benches(tmp_path, monkeypatch):
    """Two jobs, in an empty cache that takes even small ones."""
    monkeypatch.delenv(physics_cache.SWITCH, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(physics_cache, "SMALL", 0)
    monkeypatch.setattr(physics_cache, "_memory", {})
    asked = question(), question(jobs=({"examples": 50_000},))
    facts, constants = load_catalog(), shipped_constants()
    made = [candidates(q.jobs[0], q, facts, constants, NOW.date()).bench for q in asked]
    for file in folder().glob("*"):
        file.unlink()
    physics_cache._memory.clear()
    return made


def same(one, other):
    rows, counts = one
    again, counted = other
    for field in fields(rows):
        np.testing.assert_array_equal(getattr(rows, field.name), getattr(again, field.name))
    assert {c: n.tolist() for c, n in counts.items()} == {c: n.tolist() for c, n in counted.items()}


def test_that_what_is_remembered_is_what_is_estimated(benches):
    first = remembered_physics(benches[0])
    in_memory = remembered_physics(benches[0])
    physics_cache._memory.clear()
    on_disk = remembered_physics(benches[0])

    for found in (first, in_memory, on_disk):
        same(found, physics(benches[0]))


def test_that_the_latest_estimate_stays_on_disk_whatever_its_size(benches, monkeypatch):
    monkeypatch.setattr(physics_cache, "MOST_BYTES", 1)

    for bench in benches:
        remembered_physics(bench)

    assert [file.stem for file in folder().glob("*.npz")] == [physics_cache.digest_of(benches[1])]


def test_that_a_process_remembers_so_many_rows_and_always_the_last(benches, monkeypatch):
    for bench in benches:
        remembered_physics(bench)
    both = len(physics_cache._memory)
    monkeypatch.setattr(physics_cache, "MOST_ROWS", 1)
    remembered_physics(benches[0])

    assert both == 2
    assert list(physics_cache._memory) == [physics_cache.digest_of(benches[0])]
