"""Physics that was estimated before, slot by slot: kept in memory and in the user's cache folder.

What runs on a slot does not depend on the other slots, so an entry grows by the slots that are new
to it, and a question with other machines is answered from what is known. The name of an entry is a
digest over all facts, constants and work that it depends on, so it is never out of date; a cache
that cannot be read or written is no cache, never an error.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import zipfile
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from platformdirs import user_cache_path

from solver.files import FileError, write_atomically
from solver.outcome.asked import app_version
from solver.space.physics import Exclusion, Physics, physics, workbench

if TYPE_CHECKING:
    from solver.estimate.configurations import IntArray
    from solver.space.physics import Workbench
    from solver.space.rents import Slot

logger = logging.getLogger(__name__)

MOST_BYTES = 400_000_000
"""Of the entries that stay on disk, the latest used first. [byte]"""

MOST_ROWS = 4_000_000
"""Of the entries that stay in a process: some 200 MB. [1]"""

SMALL = 500
"""Combinations that are estimated faster than they are looked up. [1]"""

SWITCH = "TRILEMMA_NO_CACHE"
"""Environment variable that switches the cache off."""

FORMULAS = (
    "space/physics.py",
    "space/layouts.py",
    "space/configure.py",
    "space/variants.py",
    "calibration/calibration.py",
    "calibration/levels.py",
    "calibration/settings.py",
    "calibration/estimates.py",
)
"""Modules besides `estimate` whose change changes the physics."""

COUNTED: tuple[Exclusion, ...] = tuple(code for code in Exclusion if code is not Exclusion.NONE)


@dataclass(frozen=True, slots=True)
class Entry:
    """The physics of one job on some slots."""

    slots: tuple[str, ...]
    """Name of each slot, as `_slot_name` makes it."""
    rows: Physics
    counts: dict[Exclusion, IntArray]
    """By exclusion and slot."""


_memory: dict[str, Entry] = {}


def remembered_physics(bench: Workbench) -> tuple[Physics, dict[Exclusion, IntArray]]:
    """What `physics(bench)` returns; slots that were estimated before are not estimated again."""
    size = len(bench.models) * len(bench.variants) * len(bench.slots)
    if size < SMALL or os.environ.get(SWITCH):
        return physics(bench)
    digest = digest_of(bench)
    names = [_slot_name(slot) for slot in bench.slots]
    path = folder() / f"{digest}.npz"
    entry = _memory.pop(digest, None) or _read(path)
    whole = _with_slots(entry, bench, names)
    if whole is not entry:
        _write(path, whole)
    _memory[digest] = whole
    while len(_memory) > 1 and sum(len(kept.rows) for kept in _memory.values()) > MOST_ROWS:
        _memory.pop(next(iter(_memory)))
    return _selected(whole, names)


def folder() -> Path:
    """Where entries lie."""
    return user_cache_path("trilemma", appauthor=False) / "physics"


def digest_of(bench: Workbench) -> str:
    """SHA-256 over everything but the slots that the physics of a job depends on."""
    told: dict[str, Any] = {
        "program": _program_digest(),
        "constants": bench.constants.model_dump(
            mode="json", include={"assumptions", "memory", "throughput", "calibration"}
        ),
        "phases": [asdict(phase) for phase in bench.phases],
        "trials": bench.job.trials,
        "classes": bench.job.classes,
        "software": bench.job.software,
        "teacher": None if bench.teacher is None else bench.teacher.model_dump(mode="json"),
        "precisions": bench.job.precisions,
        "models": [model.model_dump(mode="json") for model in bench.models],
        "variants": [[v.label, v.storage] for v in bench.variants],
    }
    return _digest(told)


def _slot_name(slot: Slot) -> str:
    shape = slot.shape
    told = [
        _part_digest(shape.accelerator.model_dump_json()),
        shape.gpus_per_instance,
        shape.link_bytes_per_s,
        shape.node_network_bytes_per_s,
        slot.instances,
    ]
    return " ".join(str(word) for word in told)


@cache
def _part_digest(facts: str) -> str:
    return hashlib.sha256(facts.encode()).hexdigest()[:12]


def _digest(told: object) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def _program_digest() -> str:
    """Version and source of the formulas: another formula is another digest."""
    here = Path(__file__).parents[1]
    digest = hashlib.sha256(app_version().encode())
    for path in sorted([*here.glob("estimate/*.py"), *(here / name for name in FORMULAS)]):
        if path.is_file():  # a bundle has no source: there the version tells
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _with_slots(entry: Entry | None, bench: Workbench, names: list[str]) -> Entry:
    """The entry with every slot of the bench; those it lacks are estimated."""
    known = set(entry.slots) if entry else set()
    new = [position for position, name in enumerate(names) if name not in known]
    if entry is not None and not new:
        return entry
    some = _on_slots(bench, tuple(bench.slots[position] for position in new))
    made = Entry(tuple(names[position] for position in new), *physics(some))
    return _joined(entry, made) if entry else made


def _on_slots(bench: Workbench, slots: tuple[Slot, ...]) -> Workbench:
    """The same job on other slots."""
    return workbench(
        bench.job,
        bench.phases,
        bench.models,
        bench.variants,
        slots,
        bench.teacher,
        bench.constants,
    )


def _joined(one: Entry, other: Entry) -> Entry:
    moved = replace(other.rows, slot=other.rows.slot + len(one.slots))
    rows = Physics(
        **{
            f.name: np.concatenate([getattr(one.rows, f.name), getattr(moved, f.name)])
            for f in fields(Physics)
        }
    )
    counts: dict[Exclusion, IntArray] = {
        code: np.concatenate([one.counts[code], other.counts[code]]) for code in COUNTED
    }
    return Entry((*one.slots, *other.slots), rows, counts)


def _selected(entry: Entry, names: list[str]) -> tuple[Physics, dict[Exclusion, IntArray]]:
    """The rows of some slots, numbered as asked and ordered by model, variant and slot."""
    place = {name: position for position, name in enumerate(entry.slots)}
    wanted = np.array([place[name] for name in names], dtype=np.int64)
    asked = np.full(len(entry.slots), -1, dtype=np.int64)
    asked[wanted] = np.arange(len(wanted))
    slot = asked[entry.rows.slot]
    inside = np.flatnonzero(slot >= 0)
    rows = replace(entry.rows.take(inside), slot=slot[inside])
    pair = rows.model * (int(rows.variant.max(initial=0)) + 1) + rows.variant
    order = np.argsort(pair * len(names) + rows.slot, kind="stable")
    return rows.take(order), {code: entry.counts[code][wanted] for code in COUNTED}


def _read(path: Path) -> Entry | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            rows = Physics(**{f.name: stored[f.name] for f in fields(Physics)})
            counts: dict[Exclusion, IntArray] = {code: stored[code.name] for code in COUNTED}
            slots = tuple(stored["slots"].tolist())
        path.touch()
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return Entry(slots, rows, counts)


def _write(path: Path, entry: Entry) -> None:
    arrays: dict[str, Any] = {f.name: getattr(entry.rows, f.name) for f in fields(Physics)}
    arrays |= {code.name: entry.counts[code] for code in COUNTED}
    arrays["slots"] = np.array(entry.slots)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    try:
        write_atomically(path, buffer.getvalue())
        entries = sorted(path.parent.glob("*.npz"), key=lambda file: -file.stat().st_mtime)
        sizes = accumulate(file.stat().st_size for file in entries)
        for old, size in zip(entries, sizes, strict=True):
            if size > MOST_BYTES and old != path:
                old.unlink(missing_ok=True)
    except (FileError, OSError) as error:
        logger.debug("the estimate is not kept: %s", error)
